"""PersistentVolumeClaim, and the templates that claims are made from.

Upstream: ``ValidatePersistentVolumeClaim`` and its updates in ``pkg/apis/core/validation/validation.go``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from k8scourse.api import internal_form, names, quantities
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import (
    each_invalid,
    forbidden,
    immutable,
    invalid,
    not_supported,
    required,
)
from k8scourse.api.validating import scheduling

Object = dict[str, Any]
ACCESS_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
VOLUME_MODES = ("Block", "Filesystem")
_OLD_CLASS = "volume.beta.kubernetes.io/storage-class"
_IMMUTABLE = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"


def claim(obj: Object) -> Iterator[Cause]:
    """A PersistentVolumeClaim."""
    yield from claim_spec(obj.get("spec") or {}, "spec")


def claim_spec(spec: Object, path: str) -> Iterator[Cause]:
    """The spec of a claim, or of a template for claims."""
    modes = spec.get("accessModes") or ()
    if not modes:
        yield required(f"{path}.accessModes", "at least 1 access mode is required")
    if spec.get("selector") is not None:
        yield from scheduling.label_selector(spec["selector"], f"{path}.selector")
    yield from access_modes(modes, f"{path}.accessModes")
    yield from _storage((spec.get("resources") or {}).get("requests") or {}, f"{path}.resources")
    name = spec.get("storageClassName")
    if name:
        yield from each_invalid(f"{path}.storageClassName", name, names.dns_subdomain_problems(name))
    yield from _volume_mode(spec, path)
    yield from _source(spec, path)
    name = spec.get("volumeAttributesClassName")
    if name:
        yield from each_invalid(f"{path}.volumeAttributesClassName", name, names.dns_subdomain_problems(name))


def access_modes(modes: Sequence[str], path: str) -> Iterator[Cause]:
    """Known modes; the strictest of them stands alone."""
    for mode in modes:
        if mode not in ACCESS_MODES:
            yield not_supported(path, mode, ACCESS_MODES)
    if "ReadWriteOncePod" in modes and any(
        mode in ACCESS_MODES and mode != "ReadWriteOncePod" for mode in modes
    ):
        yield forbidden(path, "may not use ReadWriteOncePod with other access modes")


def _storage(amounts: Object, path: str) -> Iterator[Cause]:
    """The one amount that counts, which must be there and above zero."""
    if "storage" not in amounts:
        yield required(f"{path}[storage]")
    elif quantities.parse(amounts["storage"]) <= 0:
        yield invalid(f"{path}[storage]", str(amounts["storage"]), "must be greater than zero")


def _volume_mode(spec: Object, path: str) -> Iterator[Cause]:
    mode = spec.get("volumeMode")
    if mode is not None and mode not in VOLUME_MODES:
        yield not_supported(f"{path}.volumeMode", mode, VOLUME_MODES)


def _source(spec: Object, path: str) -> Iterator[Cause]:
    old, new = spec.get("dataSource"), spec.get("dataSourceRef")
    for field, source in (("dataSource", old), ("dataSourceRef", new)):
        if source is not None:
            yield from _one_source(source, f"{path}.{field}")
    # Upstream shows a path where the value should be, and so nothing.
    if new is not None and new.get("namespace"):
        if old is not None:
            yield invalid(path, {}, "may not be specified when dataSourceRef.namespace is specified")
    elif (
        old is not None
        and new is not None
        and any(old.get(field) != new.get(field) for field in ("apiGroup", "kind", "name"))
    ):
        yield invalid(path, {}, "must match dataSourceRef")


def _one_source(source: Object, path: str) -> Iterator[Cause]:
    group, kind, namespace = source.get("apiGroup") or "", source.get("kind", ""), source.get("namespace")
    for needed in ("name", "kind"):
        if not source.get(needed):
            yield required(f"{path}.{needed}")
    if not group and kind != "PersistentVolumeClaim":
        yield invalid(path, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup")
    if group:
        yield from each_invalid(f"{path}.apiGroup", group, names.dns_subdomain_problems(group))
    if namespace:
        yield from each_invalid(f"{path}.namespace", namespace, names.dns_label_problems(namespace))


def claim_update(new: Object, old: Object) -> Iterator[Cause]:
    """Of a claim only the request may grow, once it is bound."""
    after, before = new.get("spec") or {}, dict(old.get("spec") or {})
    bound = (new.get("status") or {}).get("phase") == "Bound"
    compared = dict(after)
    if not before.get("volumeName") and after.get("volumeName"):
        before["volumeName"] = after["volumeName"]
    annotations = [(obj["metadata"].get("annotations") or {}).get(_OLD_CLASS, "") for obj in (new, old)]
    yield from immutable(f"metadata.annotations.{_OLD_CLASS}", *annotations)
    if before.get("storageClassName") is None and after.get("storageClassName") is not None:
        compared.pop("storageClassName")
    if bound:
        compared = _with_bound_fields_of(compared, before)
    if compared != before:
        diff = internal_form.claim_diff(before, compared)
        yield forbidden("spec", f"{_IMMUTABLE}\n{diff}")
    yield from _shrinking(after, before, old)
    yield from immutable("volumeMode", after.get("volumeMode"), before.get("volumeMode"))
    yield from _attributes_class(
        after.get("volumeAttributesClassName"), before.get("volumeAttributesClassName")
    )


def _with_bound_fields_of(after: Object, before: Object) -> Object:
    """What may change once a claim is bound, set back: the request for storage and the class of its attributes."""
    resources, kept = after.get("resources") or {}, before.get("resources") or {}
    storage = (kept.get("requests") or {}).get("storage")
    if resources.get("requests") is not None and storage is not None:
        after = {
            **after,
            "resources": {**resources, "requests": {**resources["requests"], "storage": storage}},
        }
    if after.get("volumeAttributesClassName") is None:
        return after
    rest = {key: value for key, value in after.items() if key != "volumeAttributesClassName"}
    name = before.get("volumeAttributesClassName")
    return rest if name is None else {**rest, "volumeAttributesClassName": name}


def _storage_of(spec: Object) -> Any:
    return quantities.parse(((spec.get("resources") or {}).get("requests") or {}).get("storage", "0"))


def _shrinking(after: Object, before: Object, old: Object) -> Iterator[Cause]:
    has = ((old.get("status") or {}).get("capacity") or {}).get("storage", "0")
    if _storage_of(after) < _storage_of(before) and _storage_of(after) <= quantities.parse(has):
        yield forbidden("spec.resources.requests.storage", "field can not be less than status.capacity")


def _attributes_class(new: str | None, old: str | None) -> Iterator[Cause]:
    if old is None or new == old:
        return
    if new is None:
        yield forbidden("spec.volumeAttributesClassName", "update from non-nil value to nil is forbidden")
    elif not new:
        yield forbidden(
            "spec.volumeAttributesClassName", "update from non-nil value to an empty string is forbidden"
        )


def claim_status(new: Object, old: Object) -> Iterator[Cause]:
    """What a claim has got."""
    if not (new.get("spec") or {}).get("accessModes"):
        yield required("Spec.accessModes")
    for name, amount in ((new.get("status") or {}).get("capacity") or {}).items():
        if quantities.parse(amount) < 0:
            value = quantities.integer(amount)
            yield invalid(f"status.capacity[{name}]", value, "must be a valid resource quantity")

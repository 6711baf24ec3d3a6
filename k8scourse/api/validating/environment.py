"""The environment of a container: variables, and where their values come from.

Upstream: ``ValidateEnv``, ``ValidateEnvFrom`` and ``validateObjectFieldSelector`` in
``pkg/apis/core/validation/validation.go``, ``pkg/apis/core/pods/helpers.go`` (which fields a Pod can read of itself).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from k8scourse.api import names, quantities
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import each_invalid, invalid, not_supported, required
from k8scourse.api.validating import paths

Object = dict[str, Any]
_SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")
#: What a variable may read of its Pod.
VARIABLE_FIELDS = (
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
)
#: What a file of a downward volume may read.
FILE_FIELDS = (
    "metadata.annotations",
    "metadata.labels",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
)
_KNOWN_FIELDS = (
    *VARIABLE_FIELDS,
    "metadata.annotations",
    "metadata.labels",
    "spec.restartPolicy",
    "spec.schedulerName",
    "status.phase",
    "status.hostIPs",
)
_RESOURCES = (
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
)
_HUGE_PAGES = ("limits.hugepages-", "requests.hugepages-")
_SUBSCRIPT = re.compile(r"(.+)\['([^']*)'\]").fullmatch
_MEMORY_DIVISORS = ("1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei")
_MEMORY_LIKE = {"memory": "memory", "ephemeral-storage": "local ephemeral storage"}


def variables(listed: Sequence[Object], path: str) -> Iterator[Cause]:
    """The variables of one container."""
    for index, variable in enumerate(listed):
        where, name = f"{path}[{index}]", variable.get("name", "")
        if not name:
            yield required(f"{where}.name")
        else:
            yield from each_invalid(f"{where}.name", name, names.environment_name_problems(name))
        if variable.get("valueFrom") is not None:
            yield from _value_from(variable, f"{where}.valueFrom")


def _value_from(variable: Object, path: str) -> Iterator[Cause]:
    source = variable["valueFrom"]
    given = [field for field in _SOURCES if source.get(field) is not None]
    if source.get("fieldRef") is not None:
        yield from field_reference(source["fieldRef"], f"{path}.fieldRef", VARIABLE_FIELDS)
    if source.get("resourceFieldRef") is not None:
        yield from resource_reference(source["resourceFieldRef"], f"{path}.resourceFieldRef", volume=False)
    for field in ("configMapKeyRef", "secretKeyRef"):
        if source.get(field) is not None:
            yield from _key_reference(source[field], f"{path}.{field}")
    if source.get("fileKeyRef") is not None:
        yield from _file_reference(source["fileKeyRef"], f"{path}.fileKeyRef")
    if not given:
        yield invalid(
            path,
            "",
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, "
            "`secretKeyRef` or `fileKeyRef`",
        )
    elif variable.get("value"):
        yield invalid(path, "", "may not be specified when `value` is not empty")
    elif len(given) > 1:
        yield invalid(path, "", "may not have more than one field specified at a time")


def field_reference(reference: Object, path: str, supported: Sequence[str]) -> Iterator[Cause]:
    """A field of the Pod, or one label or annotation of it."""
    field = reference.get("fieldPath", "")
    if not reference.get("apiVersion"):
        yield required(f"{path}.apiVersion")
        return
    if not field:
        yield required(f"{path}.fieldPath")
        return
    if reference["apiVersion"] != "v1":
        yield invalid(
            f"{path}.fieldPath",
            field,
            f"error converting fieldPath: unsupported pod version: {reference['apiVersion']}",
        )
        return
    subscripted = _SUBSCRIPT(field)
    if subscripted:
        yield from _subscripted(field, subscripted.group(1), subscripted.group(2), path)
    elif field not in _KNOWN_FIELDS:
        yield invalid(
            f"{path}.fieldPath", field, f"error converting fieldPath: field label not supported: {field}"
        )
    elif field not in supported:
        yield not_supported(f"{path}.fieldPath", field, sorted(supported))


def _subscripted(field: str, owner: str, key: str, path: str) -> Iterator[Cause]:
    if owner == "metadata.annotations":
        yield from each_invalid(path, key.lower(), names.qualified_name_problems(key.lower()))
    elif owner == "metadata.labels":
        yield from each_invalid(path, key, names.qualified_name_problems(key))
    else:
        yield invalid(
            f"{path}.fieldPath",
            field,
            f"error converting fieldPath: field label does not support subscript: {field}",
        )


def resource_reference(reference: Object, path: str, volume: bool) -> Iterator[Cause]:
    """An amount that a container asks for or is limited to."""
    name, divisor = reference.get("resource", ""), reference.get("divisor")
    if volume and not reference.get("containerName"):
        yield required(f"{path}.containerName")
    elif not name:
        yield required(f"{path}.resource")
    elif name not in _RESOURCES and not name.startswith(_HUGE_PAGES):
        yield not_supported(f"{path}.resource", name, _RESOURCES)
    if divisor is not None and quantities.parse(divisor) != 0:
        yield from _divisor(name, str(divisor), f"{path}.divisor")


def _divisor(name: str, divisor: str, path: str) -> Iterator[Cause]:
    kind = "hugepages" if name.startswith(_HUGE_PAGES) else name.partition(".")[2]
    if kind == "cpu" and divisor not in ("1m", "1"):
        yield invalid(path, name, "only divisor's values 1m and 1 are supported with the cpu resource")
    elif kind in ("hugepages", *_MEMORY_LIKE) and divisor not in _MEMORY_DIVISORS:
        yield invalid(
            path,
            name,
            f"only divisor's values {', '.join(_MEMORY_DIVISORS)} are supported with the "
            f"{_MEMORY_LIKE.get(kind, kind)} resource",
        )


def _key_reference(reference: Object, path: str) -> Iterator[Cause]:
    name, key = reference.get("name", ""), reference.get("key", "")
    yield from each_invalid(f"{path}.name", name, names.dns_subdomain_problems(name))
    if not key:
        yield required(f"{path}.key")
    else:
        yield from each_invalid(f"{path}.key", key, names.config_key_problems(key))


def _file_reference(reference: Object, path: str) -> Iterator[Cause]:
    key, volume, file = (reference.get(field, "") for field in ("key", "volumeName", "path"))
    if not key:
        yield required(f"{path}.key")
    else:
        yield from each_invalid(f"{path}.key", key, names.environment_name_problems(key))
    if not volume:
        yield required(f"{path}.volumeName")
    else:
        yield from each_invalid(f"{path}.volumeName", volume, names.dns_label_problems(volume))
    if not file:
        yield required(f"{path}.path")
    else:
        yield from paths.not_reserved(file, f"{path}.path")


def sources(listed: Sequence[Object], path: str) -> Iterator[Cause]:
    """Whole ConfigMaps and Secrets as variables; upstream names the list, not the item, when one is empty."""
    for index, source in enumerate(listed):
        where = f"{path}[{index}]"
        prefix = source.get("prefix", "")
        if prefix:
            yield from each_invalid(f"{where}.prefix", prefix, names.environment_name_problems(prefix))
        given = [field for field in ("configMapRef", "secretRef") if source.get(field) is not None]
        for field in given:
            name = source[field].get("name", "")
            if not name:
                yield required(f"{where}.{field}.name")
            else:
                checked = f"{name[:-2]}a" if len(name) > 1 and name.endswith("-") else name
                yield from each_invalid(f"{where}.{field}.name", name, names.dns_subdomain_problems(checked))
        if not given:
            yield invalid(path, "", "must specify one of: `configMapRef` or `secretRef`")
        elif len(given) > 1:
            yield invalid(path, "", "may not have more than one field specified at a time")

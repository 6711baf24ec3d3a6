"""The parts of objects that have a URL of their own: binding, scale, finalize. Eviction: evictions.py.

Upstream: ``pkg/registry/core/pod/storage/storage.go`` (BindingREST),
``pkg/registry/apps/deployment/storage/storage.go`` (ScaleREST), ``pkg/registry/core/namespace/storage``.
"""

from __future__ import annotations

from typing import Any

from k8scourse.api import (
    conditions,
    custom_kinds,
    defaulting,
    fielderrors,
    kinds,
    patches,
    schema,
    selectors,
    validation,
)
from k8scourse.api.custom_kinds import CustomKind
from k8scourse.api.errors import BadRequest, InternalError, conflict
from k8scourse.api.kinds import Kind
from k8scourse.api.times import format_time
from k8scourse.api.values import evolve, get_in
from k8scourse.apiserver import admission, patching
from k8scourse.apiserver.apply import scaling
from k8scourse.apiserver.body import patch_of, yaml_of
from k8scourse.apiserver.call import Call, check_patch_options, check_write_options
from k8scourse.apiserver.identity import wrong_name
from k8scourse.apiserver.registry import Registry, check
from k8scourse.apiserver.request import success
from k8scourse.apiserver.routes import truth
from k8scourse.apiserver.storage import Object

CREATED = success(code=201)


# -- pods/binding -------------------------------------------------------------------------------------


def bind(registry: Registry, call: Call, body: Any) -> Object:
    """POST …/binding: give a Pod its node, once and for good."""
    check_write_options(call, "CreateOptions")
    call.stage = "validate"
    binding, _ = schema.decode(kinds.BINDING, body, call.field_validation)
    if get_in(binding, "metadata.name", "") not in ("", call.route.name):
        raise BadRequest("name in URL does not match name in Binding object")
    binding = defaulting.apply_defaults(kinds.BINDING, _named(call, binding))
    node = get_in(binding, "target.name", "")
    if get_in(binding, "target.kind", "Node") not in ("", "Node"):
        detail = fielderrors.not_supported(
            "target.kind", binding["target"]["kind"], ("Node", "<empty>")
        ).message
        raise InternalError(f"target.kind: {detail}", reason="")
    if not node:
        raise InternalError("target.name: Required value", reason="")
    call.stage = "admit"
    binding = admission.admit_part(registry.plugins, call, kinds.BINDING, binding)
    registry.store_plainly(call, lambda pod: _bound(registry, call, pod, binding, node))
    return CREATED


def _named(call: Call, body: Object) -> Object:
    metadata = body.get("metadata") or {}
    name = metadata.get("name", "") or call.route.name
    if name != call.route.name:
        raise wrong_name(name, call.route.name)
    return {**body, "metadata": {**metadata, "name": name, "namespace": call.route.namespace}}


def _bound(registry: Registry, call: Call, pod: Object, binding: Object, node: str) -> Object:
    metadata = pod["metadata"]
    why = ""
    uid = get_in(binding, "metadata.uid")
    if uid and uid != metadata["uid"]:
        why = f"Precondition failed: UID in precondition: {uid}, UID in object meta: {metadata['uid']}"
    elif "deletionTimestamp" in metadata:
        why = f"pod {metadata['name']} is being deleted, cannot be assigned to a host"
    elif get_in(pod, "spec.nodeName"):
        why = f'pod {metadata["name"]} is already assigned to node "{pod["spec"]["nodeName"]}"'
    elif get_in(pod, "spec.schedulingGates"):
        why = f"pod {metadata['name']} has non-empty .spec.schedulingGates"
    if why:
        raise conflict("", "pods/binding", metadata["name"], why)
    pod = evolve(pod, "spec.nodeName", node)
    for field in ("annotations", "labels"):
        if get_in(binding, ("metadata", field)):
            pod = evolve(pod, ("metadata", field), {**metadata.get(field, {}), **binding["metadata"][field]})
    scheduled = {"type": "PodScheduled", "status": "True", "lastProbeTime": None}
    return conditions.with_condition(pod, scheduled, registry.process.now)


# -- deployments/scale --------------------------------------------------------------------------------


def get_scale(registry: Registry, call: Call) -> Object:
    """GET …/scale: the number of replicas as every kind shows it alike."""
    return scale_of(call.kind, registry.must_get(call.kind, call.route.namespace, call.route.name))


def scale_of(kind: Kind, owner: Object) -> Object:
    """The Scale of a workload. Zero replicas are left out of the spec, as Go's omitempty does."""
    metadata = owner["metadata"]
    fields = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    if isinstance(kind, CustomKind):
        spec, status = _custom_scale(kind, owner)
        return {
            "kind": "Scale",
            "apiVersion": "autoscaling/v1",
            "metadata": {field: metadata[field] for field in fields if field in metadata},
            "spec": spec,
            "status": status,
        }
    chosen = get_in(owner, "spec.selector")
    # A ReplicationController's selector is a plain map, older than the other form.
    chosen = {"matchLabels": chosen or {}} if kind.kind == "ReplicationController" else chosen
    selector = selectors.from_label_selector(chosen)
    replicas = get_in(owner, "spec.replicas", 0)
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {field: metadata[field] for field in fields if field in metadata},
        "spec": {"replicas": replicas} if replicas else {},
        "status": {"replicas": get_in(owner, "status.replicas", 0), "selector": str(selector)},
    }


def _custom_scale(kind: CustomKind, owner: Object) -> tuple[Object, Object]:
    """Spec and status of the Scale of a custom object, from where its definition says they are."""
    replicas = custom_kinds.at_path(owner, kind.scale["specReplicasPath"])
    status = {"replicas": custom_kinds.at_path(owner, kind.scale["statusReplicasPath"]) or 0}
    selector = custom_kinds.at_path(owner, kind.scale.get("labelSelectorPath", ""))
    if isinstance(selector, str) and selector:
        status["selector"] = selector
    return ({"replicas": replicas} if replicas else {}), status


def _replicas_path(kind: Kind) -> str:
    return kind.scale["specReplicasPath"].lstrip(".") if isinstance(kind, CustomKind) else "spec.replicas"


def put_scale(registry: Registry, call: Call, body: Any) -> Object:
    """PUT …/scale."""
    check_write_options(call, "UpdateOptions")
    call.stage = "validate"
    scale, warnings = schema.decode(kinds.SCALE, body, call.field_validation)
    call.warnings += warnings
    scale = _named(call, scale)
    return _scaled(registry, call, lambda owner: scale)


def patch_scale(registry: Registry, call: Call) -> Object:
    """PATCH …/scale: the patch is applied to the Scale, not to the workload."""
    call.stage = "validate"
    media_type = patching.checked_media_type(call)
    check_patch_options(call, media_type == patching.APPLY_PATCH)
    if media_type == patching.APPLY_PATCH:
        return _apply_scale(registry, call)
    change = patch_of(call.request)

    def patched(owner: Object) -> Object:
        old = scale_of(call.kind, owner)
        if media_type == patching.STRATEGIC_PATCH:
            applied = patches.merge_patch(old, change) if isinstance(change, dict) else change
        else:
            applied = patching.apply(kinds.SCALE, media_type, old, change)
        scale, _ = patching.read_patched(kinds.SCALE, applied, call.field_validation)
        return _named(call, scale)

    return _scaled(registry, call, patched)


def _apply_scale(registry: Registry, call: Call) -> Object:
    """PATCH …/scale with a Scale that is applied: the replicas may be another manager's."""
    config, kind = yaml_of(call.request), call.kind
    force, now = truth(call.query, "force"), format_time(registry.process.now)

    def changed(owner: Object) -> Object:
        call.stage = "validate"
        live = scale_of(kind, owner)
        scale, new = scaling.applied(kind, owner, live, config, call.manager, force, now)
        scale = _named(call, scale)
        check(kinds.SCALE, scale, validation.validate_update(kinds.SCALE, *_comparable(scale, kind, owner)))
        registry.check_version(call, scale, owner)
        scale = admission.admit_part(registry.plugins, call, kinds.SCALE, scale, live)
        path, replicas = scaling.replicas_path(kind), get_in(scale, "spec.replicas", 0)
        if get_in(owner, path, 0) == replicas:
            return new
        generation = owner["metadata"].get("generation", 0) + 1
        return evolve(evolve(new, path, replicas), "metadata.generation", generation)

    return scale_of(kind, registry.store_plainly(call, changed))


def _scaled(registry: Registry, call: Call, scale_for: Any) -> Object:
    def change(owner: Object) -> Object:
        call.stage = "validate"
        scale = scale_for(owner)
        check(
            kinds.SCALE, scale, validation.validate_update(kinds.SCALE, *_comparable(scale, call.kind, owner))
        )
        registry.check_version(call, scale, owner)
        scale = admission.admit_part(registry.plugins, call, kinds.SCALE, scale, scale_of(call.kind, owner))
        return evolve(owner, _replicas_path(call.kind), get_in(scale, "spec.replicas", 0))

    return scale_of(call.kind, _counting(registry, call, change))


def _comparable(scale: Object, kind: Kind, owner: Object) -> tuple[Object, Object]:
    """The new and the old Scale; what the writer left out of the metadata is as it was."""
    old = scale_of(kind, owner)
    return {**scale, "metadata": {**old["metadata"], **scale["metadata"]}}, old


def _counting(registry: Registry, call: Call, change: Any) -> Object:
    """Store a change of the owner's spec: it counts as a generation, unlike other subresources' writes."""

    def counted(old: Object) -> Object:
        new: Object = change(old)
        if new["spec"] == old["spec"]:
            return scaling.touched(call.kind, old)
        new = scaling.scaled(call.kind, new, call.manager)
        return evolve(new, "metadata.generation", old["metadata"].get("generation", 0) + 1)

    return registry.store_plainly(call, counted)


# -- namespaces/finalize ------------------------------------------------------------------------------


def finalize(registry: Registry, call: Call, body: Any) -> Object:
    """PUT /namespaces/x/finalize: the namespace controller lets go."""
    return registry.update(call, body)[0]

"""May this object be stored? The checks of every kind, behind three functions.

All take decoded and defaulted objects and answer the causes in the order in which the real API server lists
them; an empty list means yes.  The checks themselves are in :mod:`k8scourse.api.validating`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from k8scourse.api import custom_kinds, definitions, names
from k8scourse.api.custom_kinds import CustomKind
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import required
from k8scourse.api.kinds import Kind
from k8scourse.api.validating import (
    autoscaling,
    batch,
    classes,
    cronjobs,
    csi,
    endpoints,
    events,
    flowcontrol,
    jobstatus,
    limits,
    metadata,
    networking,
    nodes,
    persistentvolumes,
    podchanges,
    podparts,
    pods,
    policies,
    rbac,
    services,
    simple,
    stateful,
    volumeclaims,
    webhooks,
    workloads,
)

Object = dict[str, Any]
Check = Callable[[Any], Iterator[Cause]]
UpdateCheck = Callable[[Any, Any], Iterator[Cause]]

_OBJECTS: dict[str, Check] = {
    "MutatingWebhookConfiguration": webhooks.mutating,
    "ValidatingAdmissionPolicy": policies.policy,
    "ValidatingAdmissionPolicyBinding": policies.binding,
    "ValidatingWebhookConfiguration": webhooks.validating,
    "ConfigMap": simple.config_map,
    "DaemonSet": workloads.daemon_set,
    "Deployment": workloads.deployment,
    "EndpointSlice": endpoints.endpoint_slice,
    "Event": events.event,
    "Lease": simple.lease,
    "Namespace": simple.namespace,
    "Node": nodes.node,
    "Pod": pods.pod,
    "ReplicaSet": workloads.replica_set,
    "Scale": simple.scale,
    "Secret": simple.secret,
    "Service": services.service,
    "CSIDriver": csi.csi_driver,
    "CSINode": csi.csi_node,
    "ClusterRole": rbac.cluster_role,
    "ClusterRoleBinding": rbac.cluster_role_binding,
    "ControllerRevision": stateful.controller_revision,
    "CustomResourceDefinition": definitions.problems,
    "CronJob": cronjobs.cron_job,
    "Endpoints": endpoints.endpoints,
    "FlowSchema": flowcontrol.flow_schema,
    "HorizontalPodAutoscaler": autoscaling.autoscaler,
    "Ingress": networking.ingress,
    "IngressClass": networking.ingress_class,
    "Job": batch.job,
    "LimitRange": limits.limit_range,
    "NetworkPolicy": networking.network_policy,
    "PersistentVolume": persistentvolumes.volume,
    "PersistentVolumeClaim": volumeclaims.claim,
    "PodDisruptionBudget": autoscaling.disruption_budget,
    "PodTemplate": stateful.pod_template,
    "PriorityClass": classes.priority_class,
    "PriorityLevelConfiguration": flowcontrol.priority_level,
    "ReplicationController": stateful.replication_controller,
    "ResourceQuota": limits.resource_quota,
    "Role": rbac.role,
    "RoleBinding": rbac.role_binding,
    "RuntimeClass": classes.runtime_class,
    "StatefulSet": stateful.stateful_set,
    "StorageClass": classes.storage_class,
    "VolumeAttachment": csi.volume_attachment,
}
_UPDATES: dict[str, UpdateCheck] = {
    "ConfigMap": simple.config_map_update,
    "CronJob": cronjobs.update,
    "DaemonSet": workloads.selector_update,
    "Deployment": workloads.selector_update,
    "EndpointSlice": endpoints.endpoint_slice_update,
    "Node": nodes.update,
    "Pod": podchanges.update,
    "ReplicaSet": workloads.selector_update,
    "Secret": simple.secret_update,
    "Service": services.update,
    "CustomResourceDefinition": definitions.update_problems,
    "CSIDriver": csi.csi_driver_update,
    "CSINode": csi.csi_node_update,
    "ClusterRoleBinding": rbac.binding_update,
    "ControllerRevision": stateful.controller_revision_update,
    "IngressClass": networking.ingress_class_update,
    "Job": batch.job_update,
    "PersistentVolume": persistentvolumes.volume_update,
    "PersistentVolumeClaim": volumeclaims.claim_update,
    "PriorityClass": classes.priority_class_update,
    "ResourceQuota": limits.resource_quota_update,
    "RoleBinding": rbac.binding_update,
    "RuntimeClass": classes.runtime_class_update,
    "StatefulSet": stateful.stateful_set_update,
    "StorageClass": classes.storage_class_update,
    "VolumeAttachment": csi.volume_attachment_update,
}
#: Kinds whose update does not repeat the checks of a new object (a Pod may have become stricter meanwhile).
_UPDATE_ONLY = ("CronJob", "Namespace", "Node", "Pod")
#: Kinds whose update is judged for what must not change before it is judged as a whole.
_UPDATE_FIRST = ("ConfigMap", "IngressClass", "Secret", "Service")
_STATUSES: dict[str, UpdateCheck] = {
    "DaemonSet": workloads.status,
    "Deployment": workloads.status,
    "Ingress": networking.ingress_status,
    "Namespace": simple.namespace_status,
    "Node": nodes.update,
    "Pod": podchanges.status,
    "ReplicaSet": workloads.status,
    "HorizontalPodAutoscaler": autoscaling.autoscaler_status,
    "Job": jobstatus.job_status,
    "PersistentVolumeClaim": volumeclaims.claim_status,
    "PodDisruptionBudget": autoscaling.disruption_budget_status,
    "ReplicationController": stateful.replication_controller_status,
    "ResourceQuota": limits.resource_quota_status,
    "Service": services.status,
    "StatefulSet": stateful.status,
}
#: The parts of objects that change by a path of their own, and by rules of their own.
_PARTS: dict[str, UpdateCheck] = {
    "ephemeralcontainers": podparts.ephemeral_containers,
    "resize": podparts.resize,
}
#: Kinds whose name must be a DNS label; everything else is a DNS subdomain.
_LABEL_NAMES = ("Namespace", "Service", "StatefulSet")


def name_problems(kind: Kind, name: str) -> list[str]:
    """What is wrong with a name for this kind."""
    if kind.group == rbac.GROUP or kind.kind == "Event":
        return rbac.path_segment_problems(name)
    if kind.kind in _LABEL_NAMES:
        return names.dns_label_problems(name)
    return names.dns_subdomain_problems(name)


def _is_strict(kind: Kind) -> bool:
    """Whether finalizers must have a domain: the kinds that extend the server do not ask for one."""
    extensions = ("apiextensions.k8s.io", "admissionregistration.k8s.io")
    return not isinstance(kind, CustomKind) and kind.group not in extensions


def validate_create(kind: Kind, obj: Object) -> list[Cause]:
    """The causes against storing a new object."""
    causes = list(
        metadata.create(
            obj.get("metadata") or {}, lambda name: name_problems(kind, name), strict=_is_strict(kind)
        )
    )
    if kind.namespaced and not (obj.get("metadata") or {}).get("namespace"):
        causes.append(required("metadata.namespace"))
    if isinstance(kind, CustomKind):
        return causes + custom_kinds.problems(kind, obj)
    check = _OBJECTS.get(kind.kind)
    if check is not None:
        causes.extend(check(obj))
    if kind.kind == "Ingress":
        causes.extend(networking.ingress_create(obj))
    return causes


def validate_update(kind: Kind, new: Object, old: Object) -> list[Cause]:
    """The causes against replacing ``old`` by ``new``."""
    causes = list(metadata.update(new["metadata"], old["metadata"], _is_strict(kind)))
    if isinstance(kind, CustomKind):
        return causes + custom_kinds.problems(kind, new)
    update = _UPDATES.get(kind.kind)
    check = _OBJECTS.get(kind.kind)
    if kind.kind in _UPDATE_FIRST and update is not None:
        causes.extend(update(new, old))
        update = None
    if check is not None and kind.kind not in _UPDATE_ONLY and _worth_checking(new, old):
        causes.extend(check(new))
    if update is not None:
        causes.extend(update(new, old))
    return causes


def validate_finalize(kind: Kind, new: Object, old: Object) -> list[Cause]:
    """The causes against letting go of a namespace, as far as these finalizers do."""
    return [*validate_update(kind, new, old), *simple.namespace_finalizers(new)]


def _worth_checking(new: Object, old: Object) -> bool:
    """Whether anything but metadata and status differs; parts that are shared are equal at once.

    Some kinds ask for annotations too: a token's Secret names its ServiceAccount in one.
    """
    if new["metadata"].get("annotations") != old["metadata"].get("annotations"):
        return True
    return any(new.get(key) != old.get(key) for key in {**new, **old} if key not in ("metadata", "status"))


def validate_status(kind: Kind, new: Object, old: Object) -> list[Cause]:
    """The causes against replacing the status of ``old`` by that of ``new``."""
    causes = list(metadata.update(new["metadata"], old["metadata"], _is_strict(kind)))
    if isinstance(kind, CustomKind):
        return causes + custom_kinds.problems(kind, new)
    check = _STATUSES.get(kind.kind)
    if check is not None:
        causes.extend(check(new, old))
    return causes


def validate_part(kind: Kind, subresource: str, new: Object, old: Object) -> list[Cause]:
    """What is wrong with a change of the status, of another part of the object, or ("") of the object itself."""
    if subresource == "status":
        return validate_status(kind, new, old)
    if subresource == "finalize":
        return validate_finalize(kind, new, old)
    if subresource in _PARTS:
        return list(_PARTS[subresource](new, old))
    return validate_update(kind, new, old)

"""Tables: the columns ``kubectl get`` prints, made by the server.

A cell is text or a number; a column of priority 1 shows with ``-o wide`` only.  Ages are relative to the time
given, so a table is a value of one instant.
Upstream: ``pkg/printers/internalversion/printers.go``, ``apimachinery/pkg/util/duration/duration.go``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from k8scourse.api import (
    admission_tables,
    core_tables,
    custom_kinds,
    event_tables,
    flow_tables,
    more_tables,
    pod_tables,
    selectors,
)
from k8scourse.api.custom_kinds import CustomKind
from k8scourse.api.kinds import Kind
from k8scourse.api.pod_tables import Cell, age, age_of, duration
from k8scourse.api.values import get_in

__all__ = ["Cell", "Column", "columns", "duration", "row"]

Object = Mapping[str, Any]
Row = Callable[[Object, int], list[Cell]]
_NONE = "<none>"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, its JSON type, ``name`` as format for names, and 1 for wide output only."""

    name: str
    type: str = "string"
    priority: int = 0
    format: str = ""

    def to_wire(self) -> dict[str, Any]:
        """The column as it stands in ``columnDefinitions``."""
        return {
            "name": self.name,
            "type": self.type,
            "format": self.format,
            "description": "",
            "priority": self.priority,
        }


def columns(kind: Kind) -> list[Column]:
    """The columns of a kind; Name and Age for a kind without its own."""
    if isinstance(kind, CustomKind):
        return _custom_columns(kind)
    return list(_TABLES.get(kind.kind, _DEFAULT)[0])


def _custom_columns(kind: CustomKind) -> list[Column]:
    """Name, and what the definition adds; Age when it adds nothing."""
    added = [
        Column(column["name"], column["type"], min(column.get("priority", 0), 1), column.get("format", ""))
        for column in kind.columns
    ]
    return [Column("Name", format="name"), *(added or [Column("Age", "date")])]


def _custom_row(kind: CustomKind, obj: Object, now_ns: int) -> list[Cell]:
    if not kind.columns:
        return [obj["metadata"]["name"], age_of(obj, now_ns)]
    cells = [obj["metadata"]["name"]]
    for column in kind.columns:
        value = custom_kinds.at_path(obj, column["jsonPath"])
        is_date = column["type"] == "date" and isinstance(value, str)
        cells.append(age(value, now_ns) if is_date else custom_kinds.cell(value, column["type"]))
    return cells


def row(kind: Kind, obj: Object, now_ns: int) -> list[Cell]:
    """The cells of one object, in the order of :func:`columns`."""
    if isinstance(kind, CustomKind):
        return _custom_row(kind, obj, now_ns)
    return _TABLES.get(kind.kind, _DEFAULT)[1](obj, now_ns)


def _columns(text: str) -> tuple[Column, ...]:
    """``Name|Ready|Age|IP*|Desired#`` to columns: ``*`` wide only, ``#`` a number, ``?`` true or false."""
    found = []
    for word in text.split("|"):
        name = word.rstrip("*#?")
        kind = "integer" if "#" in word else "boolean" if "?" in word else "string"
        found.append(Column(name, kind, int("*" in word), "name" if name == "Name" else ""))
    return tuple(found)


def _name(obj: Object) -> str:
    return str(obj["metadata"].get("name", ""))


def _label_selector(selector: Object | None) -> str:
    """A selector as text, with Exists as the bare key, as ``metav1.FormatLabelSelector`` prints it."""
    if not selector:
        return _NONE
    try:
        return str(selectors.from_label_selector(selector)) or _NONE
    except ValueError:
        return "<error>"


def _containers(obj: Object) -> tuple[str, str]:
    listed = get_in(obj, "spec.template.spec.containers", ())
    return ",".join(c.get("name", "") for c in listed), ",".join(c.get("image", "") for c in listed)


def _plain(obj: Object, now_ns: int) -> list[Cell]:
    return [_name(obj), age_of(obj, now_ns)]


def _namespace(obj: Object, now_ns: int) -> list[Cell]:
    return [_name(obj), get_in(obj, "status.phase", ""), age_of(obj, now_ns)]


def _config_map(obj: Object, now_ns: int) -> list[Cell]:
    return [_name(obj), len(obj.get("data") or {}) + len(obj.get("binaryData") or {}), age_of(obj, now_ns)]


def _secret(obj: Object, now_ns: int) -> list[Cell]:
    return [_name(obj), obj.get("type", ""), len(obj.get("data") or {}), age_of(obj, now_ns)]


def _deployment(obj: Object, now_ns: int) -> list[Cell]:
    status = obj.get("status") or {}
    ready = f"{status.get('readyReplicas', 0)}/{get_in(obj, 'spec.replicas', 0)}"
    return [
        _name(obj),
        ready,
        status.get("updatedReplicas", 0),
        status.get("availableReplicas", 0),
        age_of(obj, now_ns),
        *_containers(obj),
        _label_selector(get_in(obj, "spec.selector")),
    ]


def _replica_set(obj: Object, now_ns: int) -> list[Cell]:
    status = obj.get("status") or {}
    return [
        _name(obj),
        get_in(obj, "spec.replicas", 0),
        status.get("replicas", 0),
        status.get("readyReplicas", 0),
        age_of(obj, now_ns),
        *_containers(obj),
        _label_selector(get_in(obj, "spec.selector")),
    ]


def _replication_controller(obj: Object, now_ns: int) -> list[Cell]:
    plain = {**obj, "spec": {**(obj.get("spec") or {}), "selector": None}}
    return [*_replica_set(plain, now_ns)[:-1], core_tables.label_text(get_in(obj, "spec.selector"))]


def _network_policy(obj: Object, now_ns: int) -> list[Cell]:
    return [_name(obj), _label_selector(get_in(obj, "spec.podSelector")), age_of(obj, now_ns)]


def _daemon_set(obj: Object, now_ns: int) -> list[Cell]:
    status = obj.get("status") or {}
    counts = [
        status.get(name, 0)
        for name in (
            "desiredNumberScheduled",
            "currentNumberScheduled",
            "numberReady",
            "updatedNumberScheduled",
            "numberAvailable",
        )
    ]
    return [
        _name(obj),
        *counts,
        core_tables.label_text(get_in(obj, "spec.template.spec.nodeSelector")),
        age_of(obj, now_ns),
        *_containers(obj),
        _label_selector(get_in(obj, "spec.selector")),
    ]


_DEFAULT: tuple[tuple[Column, ...], Row] = (_columns("Name|Age"), _plain)
_WORKLOAD = "Containers*|Images*|Selector*"
_BINDING = "Name|Role|Age|Users*|Groups*|ServiceAccounts*"
_TABLES: dict[str, tuple[tuple[Column, ...], Row]] = {
    "MutatingWebhookConfiguration": (_columns("Name|Webhooks#|Age"), admission_tables.webhooks),
    "ValidatingAdmissionPolicy": (_columns("Name|Validations#|ParamKind|Age"), admission_tables.policy),
    "ValidatingAdmissionPolicyBinding": (_columns("Name|PolicyName|ParamRef|Age"), admission_tables.binding),
    "ValidatingWebhookConfiguration": (_columns("Name|Webhooks#|Age"), admission_tables.webhooks),
    "ConfigMap": (_columns("Name|Data|Age"), _config_map),
    "DaemonSet": (
        _columns(f"Name|Desired#|Current#|Ready#|Up-to-date#|Available#|Node Selector|Age|{_WORKLOAD}"),
        _daemon_set,
    ),
    "Deployment": (_columns(f"Name|Ready|Up-to-date|Available|Age|{_WORKLOAD}"), _deployment),
    "EndpointSlice": (_columns("Name|AddressType|Ports|Endpoints|Age"), core_tables.endpoint_slice),
    "Event": (
        _columns("Last Seen|Type|Reason|Object|Subobject*|Source*|Message|First Seen*|Count*|Name*"),
        event_tables.event,
    ),
    "Lease": (_columns("Name|Holder|Age"), event_tables.lease),
    "Namespace": (_columns("Name|Status|Age"), _namespace),
    "Node": (
        _columns(
            "Name|Status|Roles|Age|Version|Internal-IP*|External-IP*|OS-Image*|Kernel-Version*|"
            "Container-Runtime*"
        ),
        core_tables.node,
    ),
    "Pod": (
        _columns("Name|Ready|Status|Restarts|Age|IP*|Node*|Nominated Node*|Readiness Gates*"),
        pod_tables.row,
    ),
    "ReplicaSet": (_columns(f"Name|Desired#|Current#|Ready#|Age|{_WORKLOAD}"), _replica_set),
    "Secret": (_columns("Name|Type|Data|Age"), _secret),
    "Service": (_columns("Name|Type|Cluster-IP|External-IP|Port(s)|Age|Selector*"), core_tables.service),
    "CSIDriver": (
        _columns(
            "Name|AttachRequired?|PodInfoOnMount?|StorageCapacity?|TokenRequests|RequiresRepublish?|Modes|Age"
        ),
        more_tables.csi_driver,
    ),
    "CSINode": (_columns("Name|Drivers#|Age"), more_tables.csi_node),
    "ClusterRole": (_columns("Name|Created At"), more_tables.created_at),
    "ClusterRoleBinding": (_columns(_BINDING), more_tables.role_binding),
    "ComponentStatus": (_columns("Name|Status|Message|Error"), more_tables.component_status),
    "ControllerRevision": (_columns("Name|Controller|Revision#|Age"), more_tables.controller_revision),
    "CronJob": (
        _columns(f"Name|Schedule|Timezone|Suspend|Active#|Last Schedule|Age|{_WORKLOAD}"),
        lambda obj, now_ns: more_tables.cron_job(obj, now_ns, _label_selector),
    ),
    "Endpoints": (_columns("Name|Endpoints|Age"), more_tables.endpoints),
    "HorizontalPodAutoscaler": (
        _columns("Name|Reference|Targets|MinPods|MaxPods#|Replicas#|Age"),
        more_tables.autoscaler,
    ),
    "Ingress": (_columns("Name|Class|Hosts|Address|Ports|Age"), more_tables.ingress),
    "IngressClass": (_columns("Name|Controller|Parameters|Age"), more_tables.ingress_class),
    "Job": (
        _columns(f"Name|Status|Completions|Duration|Age|{_WORKLOAD}"),
        lambda obj, now_ns: more_tables.job(obj, now_ns, _label_selector),
    ),
    "LimitRange": (_columns("Name|Created At"), more_tables.created_at),
    "NetworkPolicy": (_columns("Name|Pod-Selector|Age"), _network_policy),
    "PersistentVolume": (
        _columns(
            "Name|Capacity|Access Modes|Reclaim Policy|Status|Claim|StorageClass|"
            "VolumeAttributesClass|Reason|Age|VolumeMode*"
        ),
        more_tables.volume,
    ),
    "PersistentVolumeClaim": (
        _columns(
            "Name|Status|Volume|Capacity|Access Modes|StorageClass|VolumeAttributesClass|Age|VolumeMode*"
        ),
        more_tables.claim,
    ),
    "PodDisruptionBudget": (
        _columns("Name|Min Available|Max Unavailable|Allowed Disruptions#|Age"),
        more_tables.disruption_budget,
    ),
    "FlowSchema": (
        _columns("Name|PriorityLevel|MatchingPrecedence#|DistinguisherMethod|Age|MissingPL"),
        flow_tables.flow_schema,
    ),
    "PodTemplate": (_columns("Name|Containers|Images|Pod Labels"), more_tables.pod_template),
    "PriorityClass": (
        _columns("Name|Value#|Global-Default?|Age|PreemptionPolicy"),
        more_tables.priority_class,
    ),
    "PriorityLevelConfiguration": (
        _columns("Name|Type|NominalConcurrencyShares|Queues|HandSize|QueueLengthLimit|Age"),
        flow_tables.priority_level,
    ),
    "ReplicationController": (
        _columns(f"Name|Desired#|Current#|Ready#|Age|{_WORKLOAD}"),
        _replication_controller,
    ),
    "ResourceQuota": (_columns("Name|Request|Limit|Age"), more_tables.resource_quota),
    "Role": (_columns("Name|Created At"), more_tables.created_at),
    "RoleBinding": (_columns(_BINDING), more_tables.role_binding),
    "RuntimeClass": (_columns("Name|Handler|Age"), more_tables.runtime_class),
    "StatefulSet": (_columns("Name|Ready|Age|Containers*|Images*"), more_tables.stateful_set),
    "StorageClass": (
        _columns("Name|Provisioner|ReclaimPolicy|VolumeBindingMode|AllowVolumeExpansion?|Age"),
        more_tables.storage_class,
    ),
    "VolumeAttachment": (_columns("Name|Attacher|PV|Node|Attached?|Age"), more_tables.volume_attachment),
}

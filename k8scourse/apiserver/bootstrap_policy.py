"""The post-start hooks: roles, bindings and priority classes that a server finds missing, it makes.

What is there already keeps what was added to it and gets back what was taken away, each time an API server starts
and at no other time: a binding of the system that somebody deletes stays deleted until then. The annotation
`rbac.authorization.kubernetes.io/autoupdate: "false"` keeps an object as it is.

Ours stores `admin`, `edit` and `view` with the rules that the aggregation controller gives them a moment later in
a real cluster. The objects are made once in a process; a cluster gets copies with its own times and uids.

Upstream: ``pkg/registry/rbac/rest/storage_rbac.go``, ``pkg/registry/rbac/reconciliation``,
``pkg/registry/scheduling/rest/storage_scheduling.go``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from k8scourse.api import defaulting, kind_table, schema
from k8scourse.api.errors import StatusError
from k8scourse.api.kinds import Kind
from k8scourse.api.times import format_time
from k8scourse.api.values import freeze
from k8scourse.apiserver import bootstrap_flow, cluster_roles, controller_roles, rbac
from k8scourse.apiserver.apply import fieldmanager
from k8scourse.apiserver.apply.fieldset import EMPTY

if TYPE_CHECKING:
    from k8scourse.apiserver.server import ApiServer

Object = dict[str, Any]
LABEL = "kubernetes.io/bootstrapping"
AUTO_UPDATE = "rbac.authorization.kubernetes.io/autoupdate"
AGGREGATE = "rbac.authorization.k8s.io/aggregate-to-"
AGGREGATOR = "clusterrole-aggregation-controller"
_GROUP = "rbac.authorization.k8s.io"
_MANAGER = "kube-apiserver"
_NODE_CRITICAL = "Used for system critical pods that must not be moved from their current node."
_CLUSTER_CRITICAL = (
    "Used for system critical pods that must run in the cluster, "
    "but can be moved to another node if necessary."
)


def reconcile(server: ApiServer) -> None:
    """Make what is missing, and complete what is there. Raises `EtcdError` while etcd is away."""
    for kind, objects in templates():
        stored = {
            (one["metadata"].get("namespace", ""), one["metadata"]["name"]): one
            for one in server.storage.list(kind).items
        }
        for wanted in objects:
            metadata = wanted["metadata"]
            found = stored.get((metadata.get("namespace", ""), metadata["name"]))
            if found is None:
                server.storage.create(kind, _stamped(server, wanted))
            elif kind.group == _GROUP:
                _complete(server, kind, found, wanted)


def _stamped(server: ApiServer, wanted: Object) -> Object:
    now = format_time(server.process.now)
    owners = [{**entry, "time": now} for entry in wanted["metadata"]["managedFields"]]
    times = {"uid": server.registry.bootstrap_uid(), "creationTimestamp": now, "managedFields": owners}
    status = wanted.get("status") or {}
    if status.get("conditions"):
        rows = [{**row, "lastTransitionTime": now} for row in status["conditions"]]
        wanted = {**wanted, "status": {**status, "conditions": rows}}
    return {**wanted, "metadata": {**wanted["metadata"], **times}}


def _complete(server: ApiServer, kind: Kind, found: Object, wanted: Object) -> None:
    """Add what an object lacks; what somebody added to it stays."""
    if (found["metadata"].get("annotations") or {}).get(AUTO_UPDATE) != "true":
        return
    path = _path(kind, found)
    if "roleRef" in wanted and found.get("roleRef") != wanted["roleRef"]:
        # What a binding refers to cannot be changed: the wrong one goes, the right one comes.
        server.loopback("DELETE", path)
        server.storage.create(kind, _stamped(server, wanted))
        return
    more = _missing_subjects(found, wanted) if "roleRef" in wanted else _missing_rules(found, wanted)
    if more:
        try:
            server.loopback("PUT", path, {**found, **more})
        except StatusError as error:
            if error.code != 409:  # another API server does the same just now
                raise


def _missing_subjects(found: Object, wanted: Object) -> Object:
    there = list(found.get("subjects") or ())
    lacking = [subject for subject in wanted.get("subjects") or () if subject not in there]
    return {"subjects": [*there, *lacking]} if lacking else {}


def _missing_rules(found: Object, wanted: Object) -> Object:
    if "aggregationRule" in wanted:
        same = found.get("aggregationRule") == wanted["aggregationRule"]
        return {} if same else {"aggregationRule": wanted["aggregationRule"]}
    there = list(found.get("rules") or ())
    if there == wanted["rules"]:
        return {}
    lacking = rbac.missing(there, wanted["rules"])
    return {"rules": [*there, *lacking]} if lacking else {}


def _path(kind: Kind, obj: Object) -> str:
    namespace, name = obj["metadata"].get("namespace", ""), obj["metadata"]["name"]
    place = f"namespaces/{namespace}/" if namespace else ""
    return f"/apis/{kind.api_version}/{place}{kind.plural}/{name}"


# -- the objects --------------------------------------------------------------------------------------


@cache
def templates() -> list[tuple[Kind, list[Object]]]:
    """Each kind with the objects that every cluster has of it, complete but for times and uids."""
    made = (
        (kind_table.CLUSTER_ROLE, _cluster_roles()),
        (kind_table.CLUSTER_ROLE_BINDING, _cluster_role_bindings()),
        (kind_table.ROLE, _roles()),
        (kind_table.ROLE_BINDING, _role_bindings()),
        (kind_table.PRIORITY_CLASS, _priority_classes()),
        (kind_table.PRIORITY_LEVEL, bootstrap_flow.priority_levels()),
        (kind_table.FLOW_SCHEMA, bootstrap_flow.flow_schemas()),
    )
    return [(kind, [_owned(kind, one) for one in objects]) for kind, objects in made]


def _owned(kind: Kind, obj: Object) -> Object:
    obj, _ = schema.decode(kind, {"apiVersion": kind.api_version, "kind": kind.kind, **obj})
    obj = defaulting.apply_defaults(kind, obj)
    obj = fieldmanager.written(kind, "", None, obj, _MANAGER, "", EMPTY)
    if "aggregationRule" in obj:
        obj = _as_aggregated(obj)
    if kind.generation:
        obj = {**obj, "metadata": {**obj["metadata"], "generation": 1}}
    frozen: Object = freeze(obj)
    return frozen


def _as_aggregated(obj: Object) -> Object:
    """With the rules that the aggregation controller applies, in its name."""
    entry = {
        "manager": AGGREGATOR,
        "operation": "Apply",
        "apiVersion": kind_table.CLUSTER_ROLE.api_version,
        "time": "",
        "fieldsType": "FieldsV1",
        "fieldsV1": {"f:rules": {}},
    }
    metadata = {**obj["metadata"], "managedFields": [entry, *obj["metadata"]["managedFields"]]}
    return {**obj, "metadata": metadata, "rules": cluster_roles.AGGREGATED[metadata["name"]]}


def _metadata(name: str, namespace: str = "", **labels: str) -> Object:
    place = {"namespace": namespace} if namespace else {}
    return {
        "name": name,
        **place,
        "labels": {LABEL: "rbac-defaults", **labels},
        "annotations": {AUTO_UPDATE: "true"},
    }


def _cluster_roles() -> Iterator[Object]:
    into = cluster_roles.AGGREGATED_INTO
    for name, rules in cluster_roles.CLUSTER_ROLES.items():
        labels = {f"{AGGREGATE}{into[name]}": "true"} if name in into else {}
        yield {"metadata": _metadata(name, **labels), "rules": rules}
    for name in cluster_roles.AGGREGATED:
        labels = {f"{AGGREGATE}{into[name]}": "true"} if name in into else {}
        selectors = [{"matchLabels": {f"{AGGREGATE}{name}": "true"}}]
        yield {
            "metadata": _metadata(name, **labels),
            "aggregationRule": {"clusterRoleSelectors": selectors},
            "rules": None,
        }
    for name, rules in controller_roles.CONTROLLER_ROLES.items():
        yield {"metadata": _metadata(f"{controller_roles.PREFIX}{name}"), "rules": rules}


def _cluster_role_bindings() -> Iterator[Object]:
    for name, subjects in cluster_roles.BINDINGS.items():
        yield _binding(_metadata(name), "ClusterRole", name, subjects)
    for controller in controller_roles.CONTROLLER_ROLES:
        name = f"{controller_roles.PREFIX}{controller}"
        subjects = (f"ServiceAccount kube-system/{controller}", "User system:kube-controller-manager")
        yield _binding(_metadata(name), "ClusterRole", name, subjects)


def _roles() -> Iterator[Object]:
    for (namespace, name), rules in controller_roles.NAMESPACED_ROLES.items():
        yield {"metadata": _metadata(name, namespace), "rules": rules}


def _role_bindings() -> Iterator[Object]:
    for (namespace, name), (role, subjects) in controller_roles.NAMESPACED_BINDINGS.items():
        yield _binding(_metadata(name, namespace), "Role", role, subjects)


def _binding(metadata: Object, kind: str, role: str, subjects: tuple[str, ...]) -> Object:
    binding = {"metadata": metadata, "roleRef": {"apiGroup": _GROUP, "kind": kind, "name": role}}
    return {**binding, "subjects": [_subject(text) for text in subjects]} if subjects else binding


def _subject(text: str) -> Object:
    kind, name = text.split()
    if kind != "ServiceAccount":
        return {"apiGroup": _GROUP, "kind": kind, "name": name}
    namespace, name = name.split("/")
    return {"kind": kind, "name": name, "namespace": namespace}


def _priority_classes() -> Iterator[Object]:
    for name, value, description in (
        ("system-cluster-critical", 2_000_000_000, _CLUSTER_CRITICAL),
        ("system-node-critical", 2_000_001_000, _NODE_CRITICAL),
    ):
        yield {"metadata": {"name": name}, "value": value, "description": description}

"""What a kubelet may say about itself, and what it may not."""

from __future__ import annotations

from typing import Any

import pytest
from apiserver.support import (
    JSON_PATCH,
    MERGE_PATCH,
    NODES,
    PODS,
    SERVICE_ACCOUNTS,
    Api,
    mirror_pod,
    node,
    pod,
)

from k8scourse.api import kinds
from k8scourse.api.errors import Forbidden
from k8scourse.apiserver.admission import AdmissionRequest
from k8scourse.apiserver.admission.node_restriction import NodeRestriction
from k8scourse.apiserver.users import UserInfo

LEASES = "/apis/coordination.k8s.io/v1/namespaces/{}/leases"
CSI_NODES = "/apis/storage.k8s.io/v1/csinodes"


@pytest.fixture
def registered(api: Api) -> Api:
    """A server that knows node-1 and node-2, each with a Pod of its own."""
    for name in ("node-1", "node-2"):
        api.post(NODES, node(name))
        api.post(PODS, pod(f"on-{name}", nodeName=name))
    return api


def refused(api: Api, method: str, path: str, body: Any = None, kind: str = "") -> str:
    return api.refused(403, method, path, body, user="node-1", content_type=kind)


# -- Nodes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "label",
    [
        "kubernetes.io/hostname",
        "topology.kubernetes.io/zone",
        "node.kubernetes.io/instance-type",
        "kubelet.kubernetes.io/whatever",
        "mine.node.kubernetes.io/x",
        "example.com/x",
        "plain",
    ],
)
def test_a_kubelet_may_register_with_labels_that_are_its_own(api: Api, label: str) -> None:
    api.post(NODES, node("node-1", {label: "a"}), user="node-1")


@pytest.mark.parametrize(
    "label",
    [
        "node-role.kubernetes.io/control-plane",
        "node-restriction.kubernetes.io/secure",
        "x.node-restriction.kubernetes.io/secure",
        "kubernetes.io/trusted",
        "other.k8s.io/x",
    ],
)
def test_a_kubelet_may_not_make_itself_attractive_by_labels(api: Api, label: str) -> None:
    message = refused(api, "POST", NODES, node("node-1", {label: "a", "plain": "b"}))
    assert f'node "node-1" is not allowed to set the following labels: {label}' in message
    api.post(NODES, node("node-1", {"plain": "b"}), user="node-1")
    change = {"metadata": {"labels": {label: "a", "plain": "c"}}}
    message = refused(api, "PATCH", f"{NODES}/node-1", change, MERGE_PATCH)
    assert f"is not allowed to modify labels: {label}" in message


def test_a_kubelet_may_register_with_taints_but_not_change_them(api: Api) -> None:
    taint = {"key": "new", "effect": "NoSchedule"}
    made = api.post(NODES, {**node("node-1"), "spec": {"taints": [taint]}}, user="node-1")
    assert taint in made["spec"]["taints"]
    message = refused(api, "PATCH", f"{NODES}/node-1", {"spec": {"taints": None}}, MERGE_PATCH)
    assert 'node "node-1" is not allowed to modify taints' in message


def test_a_kubelet_may_not_touch_another_node(registered: Api) -> None:
    message = refused(registered, "POST", NODES, node("node-3"))
    assert 'node "node-1" is not allowed to modify node "node-3"' in message


def test_a_member_of_the_nodes_without_a_node_is_refused(registered: Api) -> None:
    user = UserInfo("system:node:", groups=("system:nodes",))
    request = AdmissionRequest("create", kinds.NODE, "", "n", "", user, node("n"))
    with pytest.raises(Forbidden, match="could not determine node from user"):
        NodeRestriction(registered.server.registry).admit(request)


# -- Pods ---------------------------------------------------------------------------------------------


def owned(change: dict[str, Any]) -> Any:
    def changed(body: dict[str, Any]) -> None:
        body["metadata"]["ownerReferences"][0] |= change

    return changed


def set_spec(**spec: Any) -> Any:
    return lambda body: body["spec"].update(spec)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda body: body["metadata"].pop("annotations"), 'node "node-1" can only create mirror pods'),
        (set_spec(nodeName="node-2"), "can only create pods with spec.nodeName set to itself"),
        (lambda body: body["metadata"].pop("ownerReferences"), "with an owner reference set to itself"),
        (lambda body: body["metadata"]["ownerReferences"].append({"apiVersion": "v1", "kind": "Node", "name": "node-2",
         "uid": "x"}), "with a single owner reference set to itself"),
        (owned({"name": "node-2"}), "with an owner reference set to itself"),
        (owned({"controller": False}), "with a controller owner reference set to itself"),
        (owned({"blockOwnerDeletion": True}), "must not set blockOwnerDeletion on an owner reference"),
        (owned({"uid": "other"}), "node node-1 UID mismatch: expected other got "),
        (set_spec(volumes=[{"name": "v", "secret": {"secretName": "s"}}]), "pods that reference secrets"),
        (set_spec(imagePullSecrets=[{"name": "s"}]), "pods that reference secrets"),
        (set_spec(volumes=[{"name": "v", "configMap": {"name": "c"}}]), "pods that reference configmaps"),
        (set_spec(volumes=[{"name": "v", "persistentVolumeClaim": {"claimName": "c"}}]),
         "pods that reference persistentvolumeclaims"),
    ],
)  # fmt: skip
def test_a_kubelet_creates_nothing_but_mirror_pods_of_its_own(
    registered: Api, change: Any, message: str
) -> None:
    body = mirror_pod(registered, "etcd", "node-1")
    change(body)
    assert message in refused(registered, "POST", PODS, body)


def test_a_kubelet_creates_mirror_pods(registered: Api) -> None:
    registered.post(PODS, mirror_pod(registered, "etcd", "node-1"), user="node-1")


def test_a_mirror_pod_of_a_kubelet_has_no_account(registered: Api) -> None:
    body = mirror_pod(registered, "etcd", "node-1", serviceAccountName="default")
    assert "may not reference service accounts" in refused(registered, "POST", PODS, body)


def test_a_kubelet_reports_on_its_pods_and_leaves_their_labels_alone(registered: Api) -> None:
    path = f"{PODS}/on-node-1/status"
    registered.patch(path, {"status": {"phase": "Running"}}, user="node-1")
    change = {"metadata": {"labels": {"a": "b"}}}
    assert 'node "node-1" cannot update labels through pod status' in refused(
        registered, "PATCH", path, change, MERGE_PATCH
    )
    change = {"status": {"phase": "Running"}}
    message = refused(registered, "PATCH", f"{PODS}/on-node-2/status", change, MERGE_PATCH)
    assert "can only update pod status for pods with spec.nodeName set to itself" in message


def test_a_kubelet_removes_and_evicts_its_own_pods_only(registered: Api) -> None:
    assert "can only delete pods with spec.nodeName set to itself" in refused(
        registered, "DELETE", f"{PODS}/on-node-2"
    )
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "on-node-2"}}
    assert "node node-1 can only evict pods with spec.nodeName set to itself" in refused(
        registered, "POST", f"{PODS}/on-node-2/eviction", eviction
    )
    registered.post(
        f"{PODS}/on-node-1/eviction", {**eviction, "metadata": {"name": "on-node-1"}}, user="node-1"
    )


# -- Leases and CSINodes ------------------------------------------------------------------------------


def test_a_kubelet_keeps_one_lease_and_one_csi_node(registered: Api) -> None:
    leases = LEASES.format("kube-node-lease")
    registered.post(leases, {"metadata": {"name": "node-1"}}, user="node-1")
    assert "can only access node lease with the same name as the requesting node" in refused(
        registered, "POST", leases, {"metadata": {"name": "node-2"}}
    )
    registered.post(CSI_NODES, {"metadata": {"name": "node-1"}, "spec": {"drivers": []}}, user="node-1")
    assert "can only access CSINode with the same name as the requesting node" in refused(
        registered, "POST", CSI_NODES, {"metadata": {"name": "node-2"}, "spec": {"drivers": []}}
    )


TOKEN = f"{SERVICE_ACCOUNTS}/default/token"


def test_a_kubelet_gets_tokens_for_pods_that_run_on_its_node(registered: Api) -> None:
    def bound(name: str, **more: str) -> dict[str, Any]:
        uid = registered.get(f"{PODS}/{name}")["metadata"]["uid"]
        reference = {"apiVersion": "v1", "kind": "Pod", "name": name, "uid": uid, **more}
        return {"spec": {"audiences": [], "boundObjectRef": reference}}

    registered.post(TOKEN, bound("on-node-1"), user="node-1")
    message = refused(registered, "POST", TOKEN, bound("on-node-1", uid=""))
    assert "node requested token with a pod binding without a uid" in message
    message = refused(registered, "POST", TOKEN, bound("on-node-1", uid="other"))
    assert "the UID in the bound object reference (other) does not match the UID in record" in message
    message = refused(registered, "POST", TOKEN, {"spec": {"audiences": []}})
    assert "node requested token not bound to a pod" in message


def test_everybody_else_may_write_what_they_may(registered: Api) -> None:
    change = [{"op": "add", "path": "/metadata/labels", "value": {"node-role.kubernetes.io/x": ""}}]
    registered.patch(f"{NODES}/node-1", change, JSON_PATCH)

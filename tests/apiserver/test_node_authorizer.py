"""A kubelet reads what the Pods of its node name, and nothing else: a stolen kubelet is not a stolen cluster."""

from __future__ import annotations

from typing import Any

import pytest
from apiserver.support import CONFIG_MAPS, NODES, PODS, Api, config_map, node, pod

SECRETS = "/api/v1/namespaces/default/secrets"
CLAIMS = "/api/v1/namespaces/default/persistentvolumeclaims"
VOLUMES = "/api/v1/persistentvolumes"
ACCOUNTS = "/api/v1/namespaces/default/serviceaccounts"
ATTACHMENTS = "/apis/storage.k8s.io/v1/volumeattachments"
CSI_NODES = "/apis/storage.k8s.io/v1/csinodes"
NO_RELATION = "no relationship found between node 'node-1' and this object"


def secret(api: Api, name: str) -> str:
    api.post(SECRETS, {"metadata": {"name": name}, "data": {}})
    return f"{SECRETS}/{name}"


def run_pod(api: Api, name: str, node_name: str, **spec: Any) -> None:
    api.post(PODS, pod(name, nodeName=node_name, **spec))


def volume(name: str) -> dict[str, Any]:
    return {"name": name, "secret": {"secretName": name}}


def test_a_secret_is_read_by_the_node_of_a_pod_that_names_it(api: Api) -> None:
    path = secret(api, "door-code")
    message = api.refused(403, "GET", path, user="node-1")
    assert message == (
        'secrets "door-code" is forbidden: User "system:node:node-1" cannot get resource "secrets" in API group "" '
        f'in the namespace "default": {NO_RELATION}'
    )
    run_pod(api, "p", "node-1", volumes=[volume("door-code")])
    api.get(path, user="node-1")
    api.refused(403, "GET", path, user="node-2")
    api.delete(f"{PODS}/p", {"gracePeriodSeconds": 0})
    assert api.refused(403, "GET", path, user="node-1").endswith(NO_RELATION)


def test_a_pod_without_a_node_gives_nobody_a_right(api: Api) -> None:
    path = secret(api, "a")
    api.post(PODS, pod("p", volumes=[volume("a")]))
    api.refused(403, "GET", path, user="node-1")
    binding = {"metadata": {"name": "p"}, "target": {"kind": "Node", "name": "node-1"}}
    api.post(f"{PODS}/p/binding", binding)
    api.get(path, user="node-1")


def test_two_pods_hold_a_secret_until_both_are_gone(api: Api) -> None:
    path = secret(api, "a")
    for name in ("one", "two"):
        run_pod(api, name, "node-1", volumes=[volume("a")])
    api.delete(f"{PODS}/one", {"gracePeriodSeconds": 0})
    api.get(path, user="node-1")
    api.delete(f"{PODS}/two", {"gracePeriodSeconds": 0})
    api.refused(403, "GET", path, user="node-1")


@pytest.mark.parametrize(
    "spec",
    [
        {"imagePullSecrets": [{"name": "a"}]},
        {"volumes": [{"name": "v", "projected": {"sources": [{"secret": {"name": "a"}}]}}]},
        {"containers": [{"name": "c", "image": "i", "envFrom": [{"secretRef": {"name": "a"}}]}]},
        {
            "initContainers": [
                {
                    "name": "i",
                    "image": "i",
                    "env": [{"name": "X", "valueFrom": {"secretKeyRef": {"name": "a", "key": "k"}}}],
                }
            ]
        },
    ],
)
def test_every_way_of_naming_a_secret_counts(api: Api, spec: dict[str, Any]) -> None:
    path = secret(api, "a")
    run_pod(api, "p", "node-1", **spec)
    api.get(path, user="node-1")


def test_secrets_are_read_one_by_one_and_never_written(api: Api) -> None:
    path = secret(api, "a")
    run_pod(api, "p", "node-1", volumes=[volume("a")])
    assert api.refused(403, "GET", SECRETS, user="node-1").endswith(": No Object name found")
    assert api.refused(403, "GET", "/api/v1/secrets", user="node-1").endswith(
        "can only read namespaced object of this type"
    )
    assert api.refused(403, "DELETE", path, user="node-1").endswith("can only read resources of this type")
    api.get(f"{SECRETS}?fieldSelector=metadata.name%3Da", user="node-1")
    api.refused(403, "GET", f"{SECRETS}?fieldSelector=metadata.name%3Db", user="node-1")


def test_config_maps_and_accounts_follow_the_same_way(api: Api) -> None:
    api.post(CONFIG_MAPS, config_map("menu"))
    api.post(CONFIG_MAPS, config_map("other"))
    run_pod(api, "p", "node-1", volumes=[{"name": "v", "configMap": {"name": "menu"}}])
    api.get(f"{CONFIG_MAPS}/menu", user="node-1")
    api.refused(403, "GET", f"{CONFIG_MAPS}/other", user="node-1")
    message = api.refused(403, "POST", f"{ACCOUNTS}/other/token", {}, user="node-1")
    assert message.endswith(NO_RELATION)
    assert api.refused(403, "GET", f"{ACCOUNTS}/default", user="node-1").endswith(
        "can only create tokens for individual service accounts"
    )


def test_a_claim_leads_to_its_volume_and_to_the_secret_behind_it(api: Api) -> None:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    api.post(CLAIMS, {"metadata": {"name": "disk"}, "spec": spec})
    csi = {
        "driver": "d.example.com",
        "volumeHandle": "h",
        "nodeStageSecretRef": {"name": "key", "namespace": "default"},
    }
    bound = {"namespace": "default", "name": "disk"}
    body = {"accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}, "csi": csi, "claimRef": bound}
    api.post(VOLUMES, {"metadata": {"name": "pv-1"}, "spec": body})
    key = secret(api, "key")
    for path in (f"{CLAIMS}/disk", f"{VOLUMES}/pv-1", key):
        api.refused(403, "GET", path, user="node-1")
    run_pod(api, "p", "node-1", volumes=[{"name": "v", "persistentVolumeClaim": {"claimName": "disk"}}])
    for path in (f"{CLAIMS}/disk", f"{VOLUMES}/pv-1", key):
        api.get(path, user="node-1")
        api.refused(403, "GET", path, user="node-2")
    assert api.refused(403, "GET", VOLUMES, user="node-1").endswith(
        "can only get individual resources of this type"
    )
    api.patch(f"{VOLUMES}/pv-1", {"metadata": {"finalizers": None}})
    api.delete(f"{VOLUMES}/pv-1")
    api.refused(403, "GET", key, user="node-1")


def test_an_attachment_belongs_to_its_node(api: Api) -> None:
    source = {"persistentVolumeName": "pv-1"}
    spec = {"attacher": "d.example.com", "nodeName": "node-1", "source": source}
    api.post(ATTACHMENTS, {"metadata": {"name": "va"}, "spec": spec})
    api.get(f"{ATTACHMENTS}/va", user="node-1")
    api.refused(403, "GET", f"{ATTACHMENTS}/va", user="node-2")


def test_a_mirror_pod_gives_its_kubelet_no_right(api: Api) -> None:
    path = secret(api, "a")
    body = pod("mirror", nodeName="node-1", volumes=[volume("a")])
    body["metadata"]["annotations"] = {"kubernetes.io/config.mirror": "x"}
    api.post(PODS, body)
    assert api.refused(403, "GET", path, user="node-1").endswith(NO_RELATION)
    api.get(f"{PODS}/mirror", user="node-1")


def test_a_kubelet_sees_its_own_node_and_its_own_pods(api: Api) -> None:
    for name in ("node-1", "node-2"):
        api.post(NODES, node(name))
    run_pod(api, "mine", "node-1")
    run_pod(api, "theirs", "node-2")
    api.get(f"{NODES}/node-1", user="node-1")
    assert api.refused(403, "GET", f"{NODES}/node-2", user="node-1").endswith(
        "node 'node-1' cannot read 'node-2', only its own Node object"
    )
    assert api.refused(403, "GET", NODES, user="node-1").endswith(
        "node 'node-1' cannot read all nodes, only its own Node object"
    )
    api.get(f"{NODES}?fieldSelector=metadata.name%3Dnode-1", user="node-1")
    api.get(f"{PODS}/mine", user="node-1")
    assert api.refused(403, "GET", f"{PODS}/theirs", user="node-1").endswith(NO_RELATION)
    api.get("/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1", user="node-1")
    for selector in ("", "?fieldSelector=spec.nodeName%3Dnode-2", "?fieldSelector=spec.nodeName!%3Dnode-1"):
        message = api.refused(403, "GET", f"/api/v1/pods{selector}", user="node-1")
        assert message.endswith("can only list/watch pods with spec.nodeName field selector")


def test_csi_nodes_and_leases_are_a_nodes_own(api: Api) -> None:
    assert api.refused(403, "GET", CSI_NODES, user="node-1").endswith(
        "can only get, create, update, patch, or delete a CSINode"
    )
    assert api.refused(403, "GET", f"{CSI_NODES}/node-2", user="node-1").endswith(
        "can only access CSINode with the same name as the requesting node"
    )
    leases = "/apis/coordination.k8s.io/v1/namespaces"
    assert api.refused(403, "GET", f"{leases}/default/leases/node-1", user="node-1").endswith(
        'can only access leases in the "kube-node-lease" system namespace'
    )


def test_what_the_graph_knows_is_right_again_after_a_restart(api: Api) -> None:
    path = secret(api, "a")
    run_pod(api, "p", "node-1", volumes=[volume("a")])
    api.restart_server()
    api.get(path, user="node-1")
    api.refused(403, "GET", path, user="node-2")


def test_what_was_known_counts_while_etcd_is_away_and_no_longer(api: Api) -> None:
    path = secret(api, "a")
    run_pod(api, "p", "node-1", volumes=[volume("a")])
    api.get(path, user="node-1")
    api.stop_etcd()
    assert [api.send("GET", path, user=user).code for user in ("node-1", "node-2")] == [500, 403]
    api.start_etcd()
    api.delete(f"{PODS}/p", {"gracePeriodSeconds": 0})
    api.refused(403, "GET", path, user="node-1")

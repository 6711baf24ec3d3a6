"""Parts of objects that have a URL of their own."""

from __future__ import annotations

from apiserver.support import (
    DEPLOYMENTS,
    MERGE_PATCH,
    NODES,
    PODS,
    SERVICES,
    Api,
    deployment,
    node,
    pod,
    service,
)
from apiserver.test_rbac import ROLES, let_viewer, rule


def binding(node_name: str) -> dict[str, object]:
    return {"metadata": {"name": "p"}, "target": {"kind": "Node", "name": node_name}}


def test_a_pod_is_bound_once(api: Api) -> None:
    api.post(NODES, node("node-1", {"topology.kubernetes.io/zone": "zone-a", "other": "x"}))
    api.post(PODS, pod("p"))
    api.post(f"{PODS}/p/binding", binding("node-1"), user="scheduler")
    body = api.get(f"{PODS}/p")
    assert body["spec"]["nodeName"] == "node-1"
    assert body["status"]["conditions"][0]["type"] == "PodScheduled"
    assert body["metadata"]["labels"] == {"topology.kubernetes.io/zone": "zone-a"}
    message = api.refused(409, "POST", f"{PODS}/p/binding", binding("node-2"))
    assert message.endswith('pod p is already assigned to node "node-1"')


def test_a_pod_on_its_way_out_is_not_bound(api: Api) -> None:
    body = pod("p")
    body["metadata"]["finalizers"] = ["example.com/x"]
    api.post(PODS, body)
    api.delete(f"{PODS}/p")
    assert "is being deleted, cannot be assigned" in api.refused(
        409, "POST", f"{PODS}/p/binding", binding("n")
    )


def test_a_binding_names_a_node_and_an_existing_pod(api: Api) -> None:
    api.post(PODS, pod("p"))
    assert api.refused(500, "POST", f"{PODS}/p/binding", binding("")) == "target.name: Required value"
    assert api.refused(404, "POST", f"{PODS}/ghost/binding", {**binding("n"), "metadata": {}})


def test_the_old_way_to_bind_still_works(api: Api) -> None:
    api.post(PODS, pod("p"))
    api.post("/api/v1/namespaces/default/bindings", binding("node-1"))
    assert api.get(f"{PODS}/p")["spec"]["nodeName"] == "node-1"


def test_an_eviction_is_a_polite_deletion(api: Api) -> None:
    api.post(PODS, pod("p", nodeName="node-1"))
    body = api.post(
        f"{PODS}/p/eviction", {"metadata": {"name": "p"}, "deleteOptions": {"gracePeriodSeconds": 7}}
    )
    assert body["status"] == "Success"
    assert api.get(f"{PODS}/p")["metadata"]["deletionGracePeriodSeconds"] == 7
    api.refused(400, "POST", f"{PODS}/p/eviction", {"metadata": {"name": "q"}})
    api.refused(404, "POST", f"{PODS}/ghost/eviction", {"metadata": {"name": "ghost"}})


def test_a_scale_shows_and_sets_the_replicas(api: Api) -> None:
    path = f"{DEPLOYMENTS}/web/scale"
    api.post(DEPLOYMENTS, deployment("web"))
    assert api.get(path)["spec"] == {}
    scale = api.patch(path, {"spec": {"replicas": 3}})
    assert (scale["kind"], scale["spec"], scale["status"]["selector"]) == (
        "Scale",
        {"replicas": 3},
        "app=web",
    )
    assert api.put(path, {**scale, "spec": {"replicas": 1}})["spec"] == {"replicas": 1}
    assert api.get(f"{DEPLOYMENTS}/web")["metadata"]["generation"] == 3
    api.refused(409, "PUT", path, {**scale, "spec": {"replicas": 2}})
    message = api.refused(422, "PATCH", path, {"spec": {"replicas": -1}}, content_type=MERGE_PATCH)
    assert "must be greater than or equal to 0" in message


def test_a_log_comes_from_the_kubelet_of_the_node(api: Api) -> None:
    api.post(PODS, pod("p", nodeName="node-1"))
    assert api.get(f"{PODS}/p/log?tailLines=5") == "node-1 default p c 5\n"
    assert "container x is not valid for pod p" in api.refused(400, "GET", f"{PODS}/p/log?container=x")


def test_a_log_needs_a_choice_and_is_nothing_without_a_node(api: Api) -> None:
    containers = [{"name": name, "image": "i"} for name in ("one", "two")]
    api.post(PODS, pod("p", containers=containers))
    message = api.refused(400, "GET", f"{PODS}/p/log")
    assert message == "a container name must be specified for pod p, choose one of: [one two]"
    assert api.get(f"{PODS}/p/log?container=one") == ""


def test_the_way_into_a_container_needs_a_node_a_container_and_something_to_do(api: Api) -> None:
    api.post(PODS, pod("p", containers=[{"name": name, "image": "i"} for name in ("one", "two")]))
    path = f"{PODS}/p/exec?command=ls"
    assert api.refused(400, "POST", path).endswith("choose one of: [one two]")
    path += "&container=one"
    assert api.refused(400, "POST", path) == "pod p does not have a host assigned"
    api.post(f"{PODS}/p/binding", {"target": {"name": "n"}})
    assert api.refused(400, "POST", path) == "you must specify at least 1 of stdin, stdout, stderr"
    both = f"{path}&stdout=true&stderr=true&tty=true"
    assert api.refused(400, "POST", both) == "tty and stderr cannot both be true"
    nothing = path.replace("command=ls&", "") + "&stdout=true"
    assert api.refused(400, "POST", nothing) == "you must specify at least one command for the container"
    assert api.refused(404, "GET", f"{PODS}/nobody/exec?command=ls&stdout=true") == 'pods "nobody" not found'


def test_who_may_only_get_a_connection_may_not_run_commands(api: Api) -> None:
    api.post(PODS, pod("p", nodeName="n"))
    connections = [f"pods/{name}" for name in ("exec", "attach", "portforward")]
    let_viewer(api, rule("get", resources=("pods", *connections)))
    for name in ("exec?command=ls&stdout=true", "attach?stdout=true", "portforward"):
        assert api.refused(403, "GET", f"{PODS}/p/{name}", user="viewer") == 'pods "p" is forbidden: '
    api.patch(f"{ROLES}/r", {"rules": [rule("get", "create", resources=("pods", *connections))]})
    api.refused(404, "GET", f"{PODS}/p/exec?command=ls&stdout=true", user="viewer")


def test_what_is_not_served_is_refused_and_not_ignored(api: Api) -> None:
    api.post(PODS, pod("p"))
    message = api.refused(501, "GET", "/api/v1/nodes/n/proxy/metrics")
    assert message == "nodes/proxy is not built into this API server"
    assert "GET only" in api.refused(501, "POST", f"{PODS}/p/proxy/")
    for subresource in ("portforward", "proxy", "proxy/some/path"):
        assert api.refused(400, "GET", f"{PODS}/p/{subresource}") == "pod p does not have a host assigned"
        api.refused(403, "GET", f"{PODS}/p/{subresource}", user="viewer")
    api.refused(404, "GET", "/api/v1/namespaces/default/services/s:80/proxy/")
    api.refused(404, "GET", f"{PODS}/p/bogus")


def test_finalize_changes_the_namespace_but_not_its_status_and_is_owned_apart(api: Api) -> None:
    api.post("/api/v1/namespaces", {"metadata": {"name": "x", "annotations": {"a": "b"}}})
    body = {"metadata": {"name": "x"}, "spec": {"finalizers": ["kubernetes", "example.com/x"]}, "status": {}}
    held = api.put("/api/v1/namespaces/x/finalize?fieldManager=m", body)
    assert (held["status"], "annotations" in held["metadata"]) == ({"phase": "Active"}, False)
    entry = next(one for one in held["metadata"]["managedFields"] if one["manager"] == "m")
    assert (entry["subresource"], entry["fieldsV1"]) == ("finalize", {"f:spec": {"f:finalizers": {}}})
    body["spec"] = {"finalizers": ["bogus"]}
    message = api.refused(422, "PUT", "/api/v1/namespaces/x/finalize", body)
    assert 'spec.finalizers[0]: Invalid value: "bogus": name is neither a standard finalizer' in message


def test_what_endpoint_slices_leave_out_does_not_trip_the_proxy(api: Api) -> None:
    api.post(PODS, pod("p", nodeName="n"))
    for name in ("p:²", "p:99999999999999999999", f"p:{'9' * 5000}"):
        api.refused(503, "GET", f"{PODS}/{name}/proxy/")
    api.post(SERVICES, service("s"))
    ready = {"addresses": ["1.2.3.4"], "conditions": {"ready": True}}
    nameless, named = {"kind": "Pod"}, {"kind": "Pod", "name": "p"}
    for number, (ports, target) in enumerate([([{}], named), ([{"port": 80}], nameless)]):
        labels = {"kubernetes.io/service-name": "s"}
        parts = {"ports": ports, "endpoints": [{**ready, "targetRef": target}]}
        metadata = {"name": f"s-{number}", "labels": labels}
        slices = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"
        api.post(slices, {"metadata": metadata, "addressType": "IPv4", **parts})
    message = api.refused(503, "GET", "/api/v1/namespaces/default/services/s:80/proxy/")
    assert message == 'no endpoints available for service "s"'

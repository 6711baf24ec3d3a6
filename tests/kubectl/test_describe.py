"""kubectl describe: upstream's layout, line by line where it does not depend on chance."""

from __future__ import annotations

from .conftest import Lab


def headings(lines: list[str]) -> list[str]:
    """The words at the left margin."""
    return [line.split(":")[0] for line in lines if line and line[0] != " "]


def test_a_deployment_with_its_replica_sets_and_events(web: Lab) -> None:
    lines = web.said("describe deployment web")
    assert "Replicas:               2 desired | 2 updated | 2 total | 2 available | 0 unavailable" in lines
    assert "RollingUpdateStrategy:  25% max unavailable, 25% max surge" in lines
    assert [
        "Pod Template:",
        "  Labels:  app=web",
        "  Containers:",
        "   nginx:",
        "    Image:         nginx:1.27",
    ] == (lines[lines.index("Pod Template:") :][:5])
    assert ["OldReplicaSets", "NewReplicaSet", "Events"] == headings(lines)[-3:]
    assert any("Scaled up replica set web-" in line for line in lines)


def test_a_pod_from_its_name_to_its_events(web: Lab) -> None:
    lines = web.said(f"describe pod {web.pods()[0]}")
    assert headings(lines) == [
        "Name", "Namespace", "Priority", "Service Account", "Node", "Start Time", "Labels", "Annotations", "Status",
        "IP", "IPs", "Controlled By", "Containers", "Conditions", "Volumes", "QoS Class", "Node-Selectors",
        "Tolerations", "Events",
    ]  # fmt: skip
    assert "Tolerations:                 node.kubernetes.io/not-ready:NoExecute op=Exists for 300s" in lines
    assert lines[-1].split()[1] == "Started"


def test_a_name_that_is_only_a_beginning_describes_all_that_begin_so(web: Lab) -> None:
    assert 2 == sum(line.startswith("Name:") for line in web.said("describe pod web"))


def test_a_node_with_what_runs_on_it(web: Lab) -> None:
    lines = web.said("describe node worker-1")
    assert headings(lines) == [
        "Name", "Roles", "Labels", "Annotations", "CreationTimestamp", "Taints", "Unschedulable", "Lease",
        "Conditions", "Addresses", "Capacity", "Allocatable", "System Info", "PodCIDR", "PodCIDRs",
        "Non-terminated Pods", "Allocated resources", "Events",
    ]  # fmt: skip
    assert any(line.split()[1:2] and line.split()[1].startswith("kube-proxy-") for line in lines)


def test_a_service_with_the_addresses_behind_it(web: Lab) -> None:
    web.said("expose deployment web --port=80")
    web.cluster.run(seconds=5)
    lines = web.said("describe service web")
    found = next(line for line in lines if line.startswith("Endpoints:")).split()[1].split(",")
    assert 2 == len(found)
    assert all(address.endswith(":80") for address in found)
    assert "Port:                     <unset>  80/TCP" in lines


def test_a_namespace_and_a_replica_set(web: Lab) -> None:
    assert web.said("describe ns default") == [
        "Name:         default", "Labels:       kubernetes.io/metadata.name=default", "Annotations:  <none>",
        "Status:       Active", "", "No resource quota.", "", "No LimitRange resource.",
    ]  # fmt: skip
    lines = web.said("describe rs -l app=web")
    assert "Controlled By:  Deployment/web" in lines
    assert "Pods Status:    2 Running / 0 Waiting / 0 Succeeded / 0 Failed" in lines


def test_every_kind_can_be_described(web: Lab) -> None:
    web.said("create secret generic quiet --from-literal=password=hidden")
    kinds = "configmaps secrets serviceaccounts endpointslices leases events daemonsets"
    for kind in kinds.split():
        assert "" == web(f"describe {kind} -A").stderr
    assert "password:  6 bytes" in web.said("describe secret quiet")


def test_what_is_not_there_is_said(lab: Lab) -> None:
    assert 'Error from server (NotFound): pods "ghost" not found' == lab.refused("describe pod ghost")
    assert "No resources found in default namespace.\n" == lab("describe pod -l app=none").stderr
    assert lab.refused("describe") == (
        'error: You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of '
        "supported resources."
    )


def test_a_pods_description_names_ports_and_the_container_that_an_event_is_about(lab: Lab) -> None:
    container = {
        "name": "main",
        "image": "nginx",
        "ports": [{"name": "http", "containerPort": 80}, {"containerPort": 81}],
    }
    metadata = {"name": "two", "namespace": "default"}
    lab.cluster.apply(
        {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [container]}}
    )
    lab.cluster.run(seconds=10)
    text = lab("describe pod two").stdout
    assert "Ports:          80/TCP (http), 81/TCP\n    Host Ports:     0/TCP (http), 0/TCP\n" in text
    assert "spec.containers{main}: Started container main" in text
    assert "    Optional:                false\n" in text


def test_a_cluster_wide_kind_is_not_deleted_from_a_namespace(lab: Lab) -> None:
    lab.said("create namespace gone")
    assert ['namespace "gone" deleted'] == lab.said("delete namespace gone")

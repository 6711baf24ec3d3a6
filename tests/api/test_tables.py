"""What ``kubectl get`` prints: ages, and the STATUS column of a Pod in its many moods."""

from __future__ import annotations

from typing import Any

import pytest

from k8scourse.api import kind_table, kinds, tables
from k8scourse.api.times import SECOND, format_time

MINUTE, HOUR, DAY = 60, 3600, 86_400
CREATED = format_time(0)
NOW = 60 * SECOND


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (-1, "0s"),
        (-5, "<invalid>"),
        (119, "119s"),
        (120, "2m"),
        (303, "5m3s"),
        (599, "9m59s"),
        (600, "10m"),
        (179 * MINUTE, "179m"),
        (3 * HOUR, "3h"),
        (3 * HOUR + 20 * MINUTE, "3h20m"),
        (8 * HOUR, "8h"),
        (47 * HOUR, "47h"),
        (2 * DAY, "2d"),
        (2 * DAY + 5 * HOUR, "2d5h"),
        (8 * DAY, "8d"),
        (729 * DAY, "729d"),
        (730 * DAY, "2y"),
        (800 * DAY, "2y70d"),
        (3000 * DAY, "8y"),
    ],
)
def test_durations_read_as_kubectl_prints_them(seconds: int, text: str) -> None:
    expected = "<invalid>" if seconds < -1 else text
    assert expected == tables.duration(seconds * SECOND)


def pod(phase: str = "Running", containers: int = 1, **status: Any) -> dict[str, Any]:
    listed = [{"name": f"c{index}"} for index in range(containers)]
    return {
        "metadata": {"name": "p", "creationTimestamp": CREATED},
        "spec": {"containers": listed},
        "status": {"phase": phase, **status},
    }


def state(
    name: str = "c0", ready: bool = False, restarts: int = 0, last: Any = None, **kind: Any
) -> dict[str, Any]:
    return {
        "name": name,
        "ready": ready,
        "restartCount": restarts,
        "state": kind,
        "lastState": {"terminated": last} if last else {},
    }


def cells(obj: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(tables.row(kinds.POD, obj, NOW)[1:5])


def test_a_pod_without_statuses_shows_its_phase() -> None:
    assert ("0/1", "Pending", "0", "60s") == cells(pod("Pending"))


@pytest.mark.parametrize(
    "reason", ["ContainerCreating", "ErrImagePull", "ImagePullBackOff", "CrashLoopBackOff"]
)
def test_a_waiting_container_gives_the_status(reason: str) -> None:
    assert reason == cells(pod("Pending", containerStatuses=[state(waiting={"reason": reason})]))[1]


def test_restarts_tell_when_the_last_one_was() -> None:
    last = {"exitCode": 1, "finishedAt": format_time(55 * SECOND)}
    running = state(ready=True, restarts=2, last=last, running={"startedAt": CREATED})
    assert ("1/1", "Running", "2 (5s ago)", "60s") == cells(pod(containerStatuses=[running]))


@pytest.mark.parametrize(
    ("terminated", "word"),
    [
        ({"exitCode": 0, "reason": "Completed"}, "Completed"),
        ({"exitCode": 1, "reason": "Error"}, "Error"),
        ({"exitCode": 137, "reason": "OOMKilled"}, "OOMKilled"),
        ({"exitCode": 3}, "ExitCode:3"),
        ({"exitCode": 137, "signal": 9}, "Signal:9"),
    ],
)
def test_an_ended_container_says_how(terminated: dict[str, Any], word: str) -> None:
    assert word == cells(pod("Succeeded", containerStatuses=[state(terminated=terminated)]))[1]


def test_one_completed_container_beside_a_running_one_is_not_ready() -> None:
    statuses = [
        state("c0", terminated={"exitCode": 0, "reason": "Completed"}),
        state("c1", ready=True, running={}),
    ]
    assert ("1/2", "NotReady") == cells(pod(containers=2, containerStatuses=statuses))[:2]
    ready = [{"type": "Ready", "status": "True"}]
    assert cells(pod(containers=2, containerStatuses=statuses, conditions=ready))[1] == "Running"


def test_init_containers_count_up() -> None:
    obj = pod(
        "Pending",
        initContainerStatuses=[
            state("i0", terminated={"exitCode": 0}),
            state("i1", waiting={"reason": "PodInitializing"}),
        ],
    )
    obj["spec"]["initContainers"] = [{"name": "i0"}, {"name": "i1"}]
    assert cells(obj)[1] == "Init:1/2"
    obj["status"]["initContainerStatuses"][1] = state(
        "i1", restarts=1, waiting={"reason": "CrashLoopBackOff"}
    )
    assert cells(obj)[1:3] == ("Init:CrashLoopBackOff", "1")
    obj["status"]["initContainerStatuses"][1] = state("i1", terminated={"exitCode": 2})
    assert cells(obj)[1] == "Init:ExitCode:2"


def test_a_sidecar_counts_among_the_ready_containers() -> None:
    started = {**state("s", ready=True, running={}), "started": True}
    obj = pod(initContainerStatuses=[started], containerStatuses=[state(ready=True, running={})])
    obj["spec"]["initContainers"] = [{"name": "s", "restartPolicy": "Always"}]
    assert cells(obj)[:2] == ("2/2", "Running")


def test_a_pod_being_deleted_is_terminating_until_it_has_ended() -> None:
    obj = pod(containerStatuses=[state(ready=True, running={})])
    obj["metadata"]["deletionTimestamp"] = CREATED
    assert cells(obj)[1] == "Terminating"
    obj["status"]["phase"] = "Succeeded"
    assert cells(obj)[1] == "Succeeded"


def test_a_gated_pod_says_so() -> None:
    gated = [{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}]
    assert cells(pod("Pending", conditions=gated))[1] == "SchedulingGated"


def named(**more: Any) -> dict[str, Any]:
    return {"metadata": {"name": "x", "creationTimestamp": CREATED}, **more}


def test_nodes_show_roles_and_cordons() -> None:
    node = named(spec={"unschedulable": True}, status={"conditions": [{"type": "Ready", "status": "True"}]})
    node["metadata"]["labels"] = {"node-role.kubernetes.io/control-plane": "", "kubernetes.io/role": "edge"}
    assert ["x", "Ready,SchedulingDisabled", "control-plane,edge", "60s"] == tables.row(
        kinds.NODE, node, NOW
    )[:4]
    assert tables.row(kinds.NODE, named(), NOW)[1:3] == ["Unknown", "<none>"]


def test_services_show_ports_and_where_they_are_reached() -> None:
    spec = {
        "type": "NodePort",
        "clusterIPs": ["10.96.0.9"],
        "selector": {"b": "2", "a": "1"},
        "ports": [{"port": 80, "nodePort": 30001, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}],
    }
    expected = ["x", "NodePort", "10.96.0.9", "<none>", "80:30001/TCP,53/UDP", "60s", "a=1,b=2"]
    assert expected == tables.row(kinds.SERVICE, named(spec=spec), NOW)
    assert tables.row(kinds.SERVICE, named(spec={"type": "LoadBalancer"}), NOW)[3] == "<pending>"


def test_endpoint_slices_show_three_and_count_the_rest() -> None:
    endpoints = [{"addresses": [f"10.0.0.{index}"]} for index in range(5)]
    obj = named(addressType="IPv4", ports=[{"port": 80}], endpoints=endpoints)
    assert ["80", "10.0.0.0,10.0.0.1,10.0.0.2 + 2 more..."] == tables.row(kinds.ENDPOINT_SLICE, obj, NOW)[2:4]
    assert ["<unset>", "<unset>"] == tables.row(kinds.ENDPOINT_SLICE, named(ports=None, endpoints=None), NOW)[
        2:4
    ]


def test_events_show_who_said_what_about_whom() -> None:
    event = named(
        type="Normal",
        reason="Pulled",
        message="done \n",
        count=3,
        firstTimestamp=CREATED,
        lastTimestamp=format_time(50 * SECOND),
        source={"component": "kubelet", "host": "n1"},
        involvedObject={"kind": "Pod", "name": "p", "fieldPath": "spec.containers{c}"},
    )
    expected = [
        "10s",
        "Normal",
        "Pulled",
        "pod/p",
        "spec.containers{c}",
        "kubelet, n1",
        "done",
        "60s",
        3,
        "x",
    ]
    assert expected == tables.row(kinds.EVENT, event, NOW)


@pytest.mark.parametrize("kind", kinds.ALL)
def test_every_kind_has_as_many_cells_as_columns_even_for_an_empty_object(kind: kinds.Kind) -> None:
    row = tables.row(kind, {"metadata": {"name": "x"}}, NOW)
    assert len(tables.columns(kind)) == len(row)
    assert all(isinstance(cell, str | int) for cell in row)


def under_headings(kind: kinds.Kind, obj: dict[str, Any]) -> dict[str, Any]:
    """The cells of an object under their headings."""
    made = {"metadata": {"name": "x", "creationTimestamp": CREATED}} | obj
    return {
        column.name: cell
        for column, cell in zip(tables.columns(kind), tables.row(kind, made, NOW), strict=True)
    }


def kind_named(name: str) -> kinds.Kind:
    return next(kind for kind in kind_table.ALL if kind.kind == name)


BALANCED = {"loadBalancer": {"ingress": [{"hostname": "b.c"}, {"ip": "192.0.2.2"}, {"ip": "192.0.2.2"}]}}
HOSTS = [{"host": "a"}, {}, {"host": "b"}, {"host": "c"}]


@pytest.mark.parametrize(
    ("kind", "obj", "column", "text"),
    [
        ("Service", {"spec": {"type": "LoadBalancer"}, "status": BALANCED}, "External-IP", "192.0.2.2,b.c"),
        ("Service", {"spec": {"type": "ClusterIP"}}, "Cluster-IP", "<none>"),
        ("Ingress", {"spec": {}, "status": BALANCED}, "Address", "192.0.2.2,b.c"),
        ("Ingress", {"spec": {"rules": HOSTS}}, "Hosts", "a,b,c"),
        ("Ingress", {"spec": {"rules": [*HOSTS, {}]}}, "Hosts", "a,b,c + 2 more..."),
        ("Ingress", {"spec": {"rules": [{}]}}, "Hosts", "*"),
        ("Endpoints", {"subsets": [{"notReadyAddresses": [{"ip": "192.0.2.1"}]}]}, "Endpoints", ""),
        (
            "Endpoints",
            {
                "subsets": [
                    {"addresses": [{"ip": "192.0.2.1"}, {"ip": "::1"}], "ports": [{"port": 80}, {"port": 81}]}
                ]
            },
            "Endpoints",
            "192.0.2.1:80,[::1]:80,192.0.2.1:81 + 1 more...",
        ),
        ("Endpoints", {}, "Endpoints", "<none>"),
        ("PersistentVolume", {"spec": {}}, "Capacity", "0"),
        ("PersistentVolumeClaim", {"spec": {"volumeName": "v"}}, "Capacity", "0"),
        ("PersistentVolumeClaim", {"spec": {}}, "Capacity", ""),
    ],
)
def test_a_cell_reads_as_kubectl_prints_it(kind: str, obj: dict[str, Any], column: str, text: str) -> None:
    assert text == under_headings(kind_named(kind), obj)[column]


def test_an_old_annotation_still_names_the_class_of_a_claim() -> None:
    annotations = {"volume.beta.kubernetes.io/storage-class": "old"}
    claim = {"metadata": {"name": "c", "annotations": annotations}, "spec": {"storageClassName": "new"}}
    assert under_headings(kind_named("PersistentVolumeClaim"), claim)["StorageClass"] == "old"

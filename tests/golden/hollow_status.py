"""What a hollow kubelet reports of a Pod and of its Node: pure functions from the Pod to its next status."""

from __future__ import annotations

import hashlib
from typing import Any

from k8scourse.api import metadata
from k8scourse.api.times import format_time
from k8scourse.api.values import get_in

Object = dict[str, Any]


def creating(pod: Object, host: str, now_ns: int) -> Object:
    """The first word about a bound Pod."""
    has_init = bool(pod["spec"].get("initContainers"))
    waiting = {"waiting": {"reason": "PodInitializing" if has_init else "ContainerCreating"}}
    values = {"PodReadyToStartContainers": False, "Initialized": not has_init, "Ready": False}
    return {
        "observedGeneration": _generation(pod),
        "phase": "Pending",
        "hostIP": host,
        "hostIPs": [{"ip": host}],
        "startTime": format_time(now_ns),
        "conditions": _conditions(pod, values, now_ns, unready="ContainersNotReady"),
        **_container_statuses(pod, waiting, init={"waiting": {"reason": "PodInitializing"}}, ready=False),
    }


def image_error(pod: Object, now_ns: int) -> Object:
    """The image cannot be pulled."""
    waiting = {"waiting": {"reason": "ErrImagePull", "message": "no such image"}}
    values = {"PodReadyToStartContainers": True, "Initialized": True, "Ready": False}
    return {
        "observedGeneration": _generation(pod),
        "conditions": _conditions(pod, values, now_ns, unready="ContainersNotReady"),
        **_container_statuses(pod, waiting, init=waiting, ready=False),
    }


def running(pod: Object, *, ready: bool, now_ns: int) -> Object:
    """All containers run; init containers have done their part."""
    now = format_time(now_ns)
    started = _started(pod) or now
    done = {"terminated": {"exitCode": 0, "reason": "Completed", "startedAt": started, "finishedAt": started}}
    address = pod_address(pod)
    values = {"PodReadyToStartContainers": True, "Initialized": True, "Ready": ready}
    return {
        "observedGeneration": _generation(pod),
        "phase": "Running",
        "podIP": address,
        "podIPs": [{"ip": address}],
        "conditions": _conditions(pod, values, now_ns, unready="ContainersNotReady"),
        **_container_statuses(pod, {"running": {"startedAt": started}}, init=done, ready=ready),
    }


def ended(pod: Object, code: int, now_ns: int) -> Object:
    """All containers have ended with that code."""
    times = {"startedAt": _started(pod) or format_time(now_ns), "finishedAt": format_time(now_ns)}
    state = {"terminated": {"exitCode": code, "reason": "Error" if code else "Completed", **times}}
    done = {"terminated": {"exitCode": 0, "reason": "Completed", **times}}
    values = {"PodReadyToStartContainers": False, "Initialized": True, "Ready": False}
    unready = "PodFailed" if code else "PodCompleted"
    return {
        "observedGeneration": _generation(pod),
        "phase": "Failed" if code else "Succeeded",
        "conditions": _conditions(pod, values, now_ns, unready=unready),
        **_container_statuses(pod, state, init=done, ready=False),
    }


def restarted(pod: Object, now_ns: int) -> Object:
    """All containers have failed, and run again in the same Pod."""
    again = running(pod, ready=ready_delay(pod) == 0, now_ns=now_ns)
    rows = [{**row, "restartCount": row["restartCount"] + 1} for row in again["containerStatuses"]]
    return {**again, "containerStatuses": rows}


def merge(before: Object, changes: Object) -> Object:
    """A status with changes; of the conditions those of the kubelet come first, the others stay."""
    rows = changes["conditions"]
    ours = [row["type"] for row in rows]
    others = [row for row in before.get("conditions") or () if row["type"] not in ours]
    return {**before, **changes, "conditions": [*rows, *others]}


def ready_delay(pod: Object) -> float | None:
    """Seconds from running to ready: 0 at once, None never."""
    notes = metadata.annotations(pod)
    if notes.get("fake/ready") == "false":
        return None
    if "fake/ready-after" in notes:
        return float(notes["fake/ready-after"])
    probes = [each["readinessProbe"] for each in pod["spec"]["containers"] if each.get("readinessProbe")]
    return max((float(probe.get("initialDelaySeconds", 0)) + 0.5 for probe in probes), default=0)


def was_ready(pod: Object) -> bool:
    """Whether all containers were ready when their kubelet last spoke."""
    return all(row.get("ready") for row in get_in(pod, "status.containerStatuses", ()))


def pod_address(pod: Object) -> str:
    """An address that follows from the Pod's uid, or the node's own on its network."""
    if pod["spec"].get("hostNetwork"):
        return str(get_in(pod, "status.hostIP", ""))
    digest = hashlib.sha256(metadata.uid(pod).encode()).digest()
    return f"10.{128 + digest[0] % 128}.{digest[1]}.{1 + digest[2] % 254}"


def node_address(node: Object) -> str:
    """The address at which a hollow kubelet would listen."""
    rows = node["status"]["addresses"]
    return next(str(row["address"]) for row in rows if row["type"] == "InternalIP")


def node_status(name: str, number: int, now: str) -> Object:
    """Four processors, eight gibibytes, 110 Pods."""
    room = {"cpu": "4", "memory": "8Gi", "pods": "110", "ephemeral-storage": "100Gi"}
    return {
        "capacity": room,
        "allocatable": room,
        "addresses": [
            {"type": "InternalIP", "address": f"10.0.1.{number}"},
            {"type": "Hostname", "address": name},
        ],
        "conditions": _node_rows(now),
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        "nodeInfo": {
            "architecture": "amd64",
            "bootID": "",
            "containerRuntimeVersion": "fake://1.0.0",
            "kernelVersion": "6.1.0-fake",
            "kubeProxyVersion": "",
            "kubeletVersion": "v1.36.2",
            "machineID": "",
            "operatingSystem": "linux",
            "osImage": "Fake Linux",
            "systemUUID": "",
        },
    }


def node_conditions(now_ns: int) -> list[Object]:
    """What a kubelet says of its node when all is well."""
    return _node_rows(format_time(now_ns))


def _node_rows(now: str) -> list[Object]:
    rows = [
        ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    ]
    times = {"lastHeartbeatTime": now, "lastTransitionTime": now}
    return [{"type": t, "status": s, "reason": r, "message": m, **times} for t, s, r, m in rows]


def _generation(pod: Object) -> int:
    return int(pod["metadata"].get("generation", 1))


def _started(pod: Object) -> str | None:
    for row in get_in(pod, "status.containerStatuses", ()):
        if get_in(row, "state.running.startedAt"):
            return str(row["state"]["running"]["startedAt"])
    return None


def _conditions(pod: Object, values: dict[str, bool], now_ns: int, *, unready: str) -> list[Object]:
    """The kubelet's conditions; a time of transition moves only with the status."""
    names = ", ".join(each["name"] for each in pod["spec"]["containers"])
    before = {row["type"]: row for row in get_in(pod, "status.conditions", ())}
    rows = []
    for kind, value in {**values, "ContainersReady": values["Ready"]}.items():
        old = before.get(kind, {})
        same = old.get("status") == str(value)
        row: Object = {
            "type": kind,
            "observedGeneration": _generation(pod),
            "status": str(value),
            "lastProbeTime": None,
            "lastTransitionTime": old["lastTransitionTime"] if same else format_time(now_ns),
        }
        if kind in ("Ready", "ContainersReady") and not value:
            row["reason"] = unready
            if unready == "ContainersNotReady":
                row["message"] = f"containers with unready status: [{names}]"
        if kind == "Initialized" and unready == "PodCompleted":
            row["reason"] = unready
        rows.append(row)
    return rows


def _restarts(pod: Object, container: str) -> int:
    rows = get_in(pod, "status.containerStatuses", ())
    return next((int(row["restartCount"]) for row in rows if row["name"] == container), 0)


def _container_statuses(pod: Object, state: Object, *, init: Object, ready: bool) -> Object:
    spec = pod["spec"]
    made: Object = {"containerStatuses": [_status(each, state, pod, ready) for each in spec["containers"]]}
    if spec.get("initContainers"):
        made["initContainerStatuses"] = [
            _status(each, state, pod, ready)
            if each.get("restartPolicy") == "Always"
            else _status(each, init, pod, "terminated" in init)
            for each in spec["initContainers"]
        ]
    return made


def _status(container: Object, state: Object, pod: Object, ready: bool) -> Object:
    waiting = "waiting" in state
    image = hashlib.sha256(container["image"].encode()).hexdigest()
    seed = f"{metadata.uid(pod)}/{container['name']}".encode()
    return {
        "name": container["name"],
        "image": container["image"],
        "imageID": "" if waiting else f"fake.io/image@sha256:{image}",
        "containerID": "" if waiting else f"fake://{hashlib.sha256(seed).hexdigest()}",
        "ready": ready,
        "started": "running" in state,
        "restartCount": _restarts(pod, container["name"]),
        "state": state,
        "lastState": {},
    }

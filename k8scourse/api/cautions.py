"""What is allowed and probably not meant: the texts that the server sends back as ``Warning`` headers.

Upstream: ``pkg/api/pod/warnings.go``, ``pkg/api/service/warnings.go``, ``pkg/api/node/util.go`` and the
``WarningsOnCreate`` of each kind's strategy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from k8scourse.api.kinds import Kind

Object = dict[str, Any]


def about(kind: Kind, obj: Object, old: Object | None = None) -> list[str]:
    """The warnings about an object that is being stored; about an update only those that are new."""
    check = _CHECKS.get(kind.kind)
    if check is None:
        return []
    known = list(check(old)) if old is not None else []
    return [text for text in check(obj) if text not in known]


def _secret(obj: Object) -> Iterator[str]:
    data = obj.get("data") or {}
    if obj.get("type") == "kubernetes.io/tls" and not (data.get("tls.crt") or "").startswith(
        "LS0tLS1CRUdJTi"
    ):
        yield "tls: failed to find any PEM data in certificate input"


def _service(obj: Object) -> Iterator[str]:
    spec = obj.get("spec") or {}
    if spec.get("externalIPs"):
        yield "spec.externalIPs is deprecated and may no longer be implemented in some clusters"
    if spec.get("clusterIP") == "None":
        if spec.get("loadBalancerIP"):
            yield "spec.loadBalancerIP is ignored for headless services"
        if spec.get("sessionAffinity") not in (None, "None"):
            yield "spec.SessionAffinity is ignored for headless services"
    if spec.get("externalName") and spec.get("type") != "ExternalName":
        yield 'spec.externalName is ignored when spec.type is not "ExternalName"'


def _pod(obj: Object) -> Iterator[str]:
    yield from _pod_spec(obj.get("spec") or {}, "spec")


def _workload(obj: Object) -> Iterator[str]:
    template = (obj.get("spec") or {}).get("template") or {}
    yield from _pod_spec(template.get("spec") or {}, "spec.template.spec")


def _cron_job(obj: Object) -> Iterator[str]:
    made = ((obj.get("spec") or {}).get("jobTemplate") or {}).get("spec") or {}
    template = made.get("template") or {}
    yield from _pod_spec(template.get("spec") or {}, "spec.jobTemplate.spec.template.spec")


def _volume(obj: Object) -> Iterator[str]:
    if (obj.get("spec") or {}).get("persistentVolumeReclaimPolicy") == "Recycle":
        yield (
            "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended "
            "approach is to use dynamic provisioning."
        )


def _ingress(obj: Object) -> Iterator[str]:
    if "kubernetes.io/ingress.class" in ((obj.get("metadata") or {}).get("annotations") or {}):
        yield "annotation \"kubernetes.io/ingress.class\" is deprecated, please use 'spec.ingressClassName' instead"


def _pod_spec(spec: Object, path: str) -> Iterator[str]:
    for index, constraint in enumerate(spec.get("topologySpreadConstraints") or ()):
        if constraint.get("labelSelector") is None:
            yield (
                f"{path}.topologySpreadConstraints[{index}].labelSelector: a null labelSelector results in "
                "matching no pod"
            )
    for field in ("initContainers", "containers"):
        for index, container in enumerate(spec.get(field) or ()):
            yield from _container(container, f"{path}.{field}[{index}]")


def _container(container: Object, path: str) -> Iterator[str]:
    seen: dict[tuple[Any, ...], int] = {}
    for index, port in enumerate(container.get("ports") or ()):
        key = (port.get("containerPort"), port.get("protocol"), port.get("hostIP"), port.get("hostPort"))
        if key in seen:
            yield f"{path}.ports[{index}]: duplicate port definition with {path}.ports[{seen[key]}]"
        seen.setdefault(key, index)
    names: dict[str, int] = {}
    for index, variable in enumerate(container.get("env") or ()):
        name = variable.get("name", "")
        if name in names:
            yield (
                f'{path}.env[{index}]: hides previous definition of "{name}", which may be dropped when using '
                "apply"
            )
        names[name] = index


_CHECKS: dict[str, Callable[[Object], Iterator[str]]] = {
    "DaemonSet": _workload,
    "Deployment": _workload,
    "Pod": _pod,
    "ReplicaSet": _workload,
    "Secret": _secret,
    "Service": _service,
    "CronJob": _cron_job,
    "Ingress": _ingress,
    "Job": _workload,
    "PersistentVolume": _volume,
    "ReplicationController": _workload,
    "StatefulSet": _workload,
}

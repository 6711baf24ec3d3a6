"""What is allowed and probably not meant: the texts that the server sends back as ``Warning`` headers.

Upstream: ``pkg/api/service/warnings.go``, ``pkg/api/persistentvolume/util.go`` and the

``WarningsOnCreate`` of each kind's strategy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from k8scourse.api import cautions_pods, quantities
from k8scourse.api.cautions_pods import deprecated_labels, fractional
from k8scourse.api.kinds import Kind

Object = dict[str, Any]
_OLD_CLASS = "volume.beta.kubernetes.io/storage-class"
_CLASS_FIELD = 'deprecated since v1.8; use "storageClassName" attribute instead'
_HEADLESS = "is ignored for headless services"
_HINTS = "service.kubernetes.io/topology-aware-hints"
_MOUNTABLE = "kubernetes.io/enforce-mountable-secrets"


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
    spec, annotations = obj.get("spec") or {}, _annotations(obj)
    named = spec.get("type") == "ExternalName"
    if _HINTS in annotations:
        yield f"annotation {_HINTS} is deprecated, please use service.kubernetes.io/topology-mode instead"
    if spec.get("clusterIP") == "None":
        if spec.get("loadBalancerIP"):
            yield f"spec.loadBalancerIP {_HEADLESS}"
        if spec.get("externalIPs"):
            yield f"spec.externalIPs {_HEADLESS}"
        if spec.get("sessionAffinity") not in (None, "None"):
            yield f"spec.SessionAffinity {_HEADLESS}"
    elif spec.get("externalIPs"):
        if named:
            yield 'spec.externalIPs is ignored when spec.type is "ExternalName"'
        else:
            yield "spec.externalIPs is deprecated and may no longer be implemented in some clusters"
    if spec.get("externalName") and not named:
        yield 'spec.externalName is ignored when spec.type is not "ExternalName"'
    if spec.get("trafficDistribution") == "PreferClose":
        yield 'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"'


def _annotations(obj: Object) -> Object:
    return (obj.get("metadata") or {}).get("annotations") or {}


def _service_account(obj: Object) -> Iterator[str]:
    if _MOUNTABLE in _annotations(obj):
        yield (
            f"metadata.annotations[{_MOUNTABLE}]: deprecated in v1.32+; prefer separate namespaces to isolate "
            "access to mounted secrets"
        )


def _volume(obj: Object) -> Iterator[str]:
    spec = obj.get("spec") or {}
    if _OLD_CLASS in _annotations(obj):
        yield f"metadata.annotations[{_OLD_CLASS}]: {_CLASS_FIELD}"
    if spec.get("persistentVolumeReclaimPolicy") == "Recycle":
        yield (
            "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended "
            "approach is to use dynamic provisioning."
        )
    terms = ((spec.get("nodeAffinity") or {}).get("required") or {}).get("nodeSelectorTerms") or ()
    for index, term in enumerate(terms):
        yield from deprecated_labels(term, f"spec.nodeAffinity.required.nodeSelectorTerms[{index}]")
    for field, text in cautions_pods.OLD_VOLUMES.items():
        if field in spec and field != "gitRepo":
            yield f"spec.{field}: {text}"
    size = (spec.get("capacity") or {}).get("storage")
    if size is not None and quantities.milli(size) % 1000:
        yield fractional("spec.capacity[storage]", size)


def _claim(obj: Object) -> Iterator[str]:
    if _OLD_CLASS in _annotations(obj):
        yield f"metadata.annotations[{_OLD_CLASS}]: {_CLASS_FIELD}"
    yield from cautions_pods.claim(obj.get("spec") or {}, "spec")


def _stateful_set(obj: Object) -> Iterator[str]:
    spec = obj.get("spec") or {}
    yield from cautions_pods.template(spec.get("template") or {}, "spec.template")
    for index, claim in enumerate(spec.get("volumeClaimTemplates") or ()):
        yield from cautions_pods.claim(claim.get("spec") or {}, f"spec.volumeClaimTemplates[{index}]")
    if (spec.get("revisionHistoryLimit") or 0) < 0:
        yield (
            "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is "
            "recommended"
        )


def _ingress(obj: Object) -> Iterator[str]:
    if "kubernetes.io/ingress.class" in _annotations(obj):
        yield "annotation \"kubernetes.io/ingress.class\" is deprecated, please use 'spec.ingressClassName' instead"


def _storage_class(obj: Object) -> Iterator[str]:
    for index, term in enumerate(obj.get("allowedTopologies") or ()):
        for number, expression in enumerate(term.get("matchLabelExpressions") or ()):
            key = expression.get("key", "")
            if key in cautions_pods.OLD_LABELS:
                path = f"allowedTopologies[{index}].matchLabelExpressions[{number}].key"
                yield f"{path}: {key} is {cautions_pods.OLD_LABELS[key]}"


_CHECKS: dict[str, Callable[[Object], Iterator[str]]] = {
    "CronJob": cautions_pods.cron_job,
    "DaemonSet": cautions_pods.workload,
    "Deployment": cautions_pods.named_workload,
    "Ingress": _ingress,
    "Job": cautions_pods.named_workload,
    "PersistentVolume": _volume,
    "PersistentVolumeClaim": _claim,
    "Pod": cautions_pods.pod,
    "PodTemplate": cautions_pods.pod_template,
    "ReplicaSet": cautions_pods.named_workload,
    "ReplicationController": cautions_pods.named_workload,
    "Secret": _secret,
    "Service": _service,
    "ServiceAccount": _service_account,
    "StatefulSet": _stateful_set,
    "StorageClass": _storage_class,
}

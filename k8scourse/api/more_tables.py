"""Tables of the kinds beyond the first ones: workloads with an end, autoscalers, policies, roles and classes.

Upstream: ``pkg/printers/internalversion/printers.go``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from k8scourse.api import conditions, metadata, times
from k8scourse.api.core_tables import balanced
from k8scourse.api.pod_tables import Cell, age, age_of, duration
from k8scourse.api.values import get_in

Object = Mapping[str, Any]
_NONE = "<none>"
_MOST = 3


def name_of(obj: Object) -> str:
    """The Name column."""
    return str(obj["metadata"].get("name", ""))


def first_few(items: list[str], nothing: str) -> str:
    """The first three, and how many more."""
    if not items:
        return nothing
    more = f" + {len(items) - _MOST} more..." if len(items) > _MOST else ""
    return ",".join(items[:_MOST]) + more


def images_of(containers: Iterable[Object]) -> tuple[str, str]:
    """The names of containers and their images."""
    listed = list(containers)
    return ",".join(one.get("name", "") for one in listed), ",".join(one.get("image", "") for one in listed)


def created_at(obj: Object, now_ns: int) -> list[Cell]:
    """Kinds without columns of their own show when they were made."""
    return [name_of(obj), obj["metadata"].get("creationTimestamp") or ""]


# ------------------------------------------------------------------------------------------ workloads


def stateful_set(obj: Object, now_ns: int) -> list[Cell]:
    """A StatefulSet."""
    ready = f"{get_in(obj, 'status.readyReplicas', 0)}/{get_in(obj, 'spec.replicas', 0)}"
    return [
        name_of(obj),
        ready,
        age_of(obj, now_ns),
        *images_of(get_in(obj, "spec.template.spec.containers", ())),
    ]


_JOB_STATES = (
    ("Complete", "Complete"),
    ("Failed", "Failed"),
    ("", "Terminating"),
    ("Suspended", "Suspended"),
    ("FailureTarget", "FailureTarget"),
    ("SuccessCriteriaMet", "SuccessCriteriaMet"),
)


def job_state(obj: Object) -> str:
    """The Status column of a Job: the first of these conditions that holds."""
    for condition, word in _JOB_STATES:
        if conditions.is_true(obj, condition) if condition else "deletionTimestamp" in obj["metadata"]:
            return word
    return "Running"


def job(obj: Object, now_ns: int, selector: Callable[[Any], str]) -> list[Cell]:
    """A Job: how much of it is done, and how long it took."""
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    done = status.get("succeeded", 0)
    parallel = spec.get("parallelism") or 0
    if spec.get("completions") is not None:
        completions = f"{done}/{spec['completions']}"
    else:
        completions = f"{done}/1 of {parallel}" if parallel > 1 else f"{done}/1"
    return [
        name_of(obj),
        job_state(obj),
        completions,
        _took(status, now_ns),
        age_of(obj, now_ns),
        *images_of(get_in(spec, "template.spec.containers", ())),
        selector(spec.get("selector")),
    ]


def _took(status: Object, now_ns: int) -> str:
    start, end = status.get("startTime"), status.get("completionTime")
    if not start:
        return ""
    return duration((times.parse_time(end) if end else now_ns) - times.parse_time(start))


def cron_job(obj: Object, now_ns: int, selector: Callable[[Any], str]) -> list[Cell]:
    """A CronJob: when, and when last."""
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    last = status.get("lastScheduleTime")
    made = get_in(spec, "jobTemplate.spec", {})
    return [
        name_of(obj),
        spec.get("schedule", ""),
        spec.get("timeZone") or _NONE,
        str(bool(spec.get("suspend"))),
        len(status.get("active") or ()),
        age(last, now_ns) if last else _NONE,
        age_of(obj, now_ns),
        *images_of(get_in(made, "template.spec.containers", ())),
        selector(made.get("selector")),
    ]


def pod_template(obj: Object, now_ns: int) -> list[Cell]:
    """A PodTemplate."""
    labels = get_in(obj, "template.metadata.labels", {})
    shown = ",".join(f"{key}={value}" for key, value in sorted(labels.items())) or _NONE
    return [name_of(obj), *images_of(get_in(obj, "template.spec.containers", ())), shown]


def controller_revision(obj: Object, now_ns: int) -> list[Cell]:
    """A ControllerRevision and who keeps it."""
    owner, controller = metadata.controller_of(obj), _NONE
    if owner is not None:
        group = owner.get("apiVersion", "").rpartition("/")[0]
        controller = f"{owner.get('kind', '').lower()}{'.' + group if group else ''}/{owner.get('name', '')}"
    return [name_of(obj), controller, obj.get("revision", 0), age_of(obj, now_ns)]


def autoscaler(obj: Object, now_ns: int) -> list[Cell]:
    """A HorizontalPodAutoscaler: measured against wanted."""
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    reference = spec.get("scaleTargetRef") or {}
    least = spec.get("minReplicas")
    return [
        name_of(obj),
        f"{reference.get('kind', '')}/{reference.get('name', '')}",
        _targets(spec, status),
        "<unset>" if least is None else str(least),
        spec.get("maxReplicas", 0),
        status.get("currentReplicas", 0),
        age_of(obj, now_ns),
    ]


def _targets(spec: Object, status: Object) -> str:
    metrics, measured = spec.get("metrics") or (), status.get("currentMetrics") or ()
    shown = [
        _target(metric, measured[index] if index < len(measured) else {})
        for index, metric in enumerate(metrics)
    ]
    if not shown:
        return _NONE
    return ", ".join(shown[:2]) + (f" + {len(shown) - 2} more..." if len(shown) > 2 else "")


def _target(metric: Object, measured: Object) -> str:
    """``cpu: 10%/80%``: what is measured, what is wanted."""
    kind = metric.get("type", "")
    field = kind[:1].lower() + kind[1:]
    source, current = metric.get(field) or {}, get_in(measured, (field, "current"), {})
    target = source.get("target") or {}
    name = f"{source['name']}: " if source.get("name") and kind in ("Resource", "ContainerResource") else ""
    if target.get("averageUtilization") is not None:
        now = current.get("averageUtilization")
        return f"{name}{'<unknown>' if now is None else f'{now}%'}/{target['averageUtilization']}%"
    if target.get("averageValue") is not None:
        average = " (avg)" if kind in ("Object", "External") else ""
        return f"{name}{current.get('averageValue', '<unknown>')}/{target['averageValue']}{average}"
    return f"{name}{current.get('value', '<unknown>')}/{target.get('value', '<unknown>')}"


def disruption_budget(obj: Object, now_ns: int) -> list[Cell]:
    """A PodDisruptionBudget."""
    spec = obj.get("spec") or {}
    least, most = (str(spec.get(field, "N/A")) for field in ("minAvailable", "maxUnavailable"))
    return [name_of(obj), least, most, get_in(obj, "status.disruptionsAllowed", 0), age_of(obj, now_ns)]


# ------------------------------------------------------------------------------------------ networking


def endpoints(obj: Object, now_ns: int) -> list[Cell]:
    """An Endpoints object."""
    subsets = obj.get("subsets") or ()
    found: list[str] = []
    for subset in subsets:
        ips = [address.get("ip", "") for address in subset.get("addresses") or ()]
        bare = [f"[{ip}]" if ":" in ip else ip for ip in ips]
        ports = subset.get("ports") or ()
        found += [f"{ip}:{port.get('port', 0)}" for port in ports for ip in bare] if ports else ips
    shown = first_few(found, "") if subsets else _NONE
    return [name_of(obj), shown, age_of(obj, now_ns)]


def ingress(obj: Object, now_ns: int) -> list[Cell]:
    """An Ingress."""
    spec = obj.get("spec") or {}
    return [
        name_of(obj),
        spec.get("ingressClassName") or _NONE,
        _hosts(spec.get("rules") or ()),
        ",".join(balanced(obj)),
        "80, 443" if spec.get("tls") else "80",
        age_of(obj, now_ns),
    ]


def _hosts(rules: Sequence[Object]) -> str:
    """The first three hosts; what follows them is counted by rules, with a host or without."""
    named = [(index, rule["host"]) for index, rule in enumerate(rules) if rule.get("host")]
    shown = ",".join(host for _, host in named[:_MOST]) or "*"
    full = len(named) >= _MOST and named[_MOST - 1][0] < len(rules) - 1
    return f"{shown} + {len(rules) - _MOST} more..." if full else shown


def ingress_class(obj: Object, now_ns: int) -> list[Cell]:
    """An IngressClass."""
    parameters, shown = get_in(obj, "spec.parameters"), _NONE
    if parameters:
        group = f".{parameters['apiGroup']}" if parameters.get("apiGroup") is not None else ""
        shown = f"{parameters.get('kind', '')}{group}/{parameters.get('name', '')}"
    return [name_of(obj), get_in(obj, "spec.controller", ""), shown, age_of(obj, now_ns)]


# ------------------------------------------------------------------------------------- roles, priorities


def role_binding(obj: Object, now_ns: int) -> list[Cell]:
    """A RoleBinding or ClusterRoleBinding."""
    reference, subjects = obj.get("roleRef") or {}, obj.get("subjects") or ()
    users, groups = (
        ", ".join(one["name"] for one in subjects if one.get("kind") == kind) for kind in ("User", "Group")
    )
    accounts = ", ".join(
        f"{one.get('namespace', '')}/{one['name']}" for one in subjects if one.get("kind") == "ServiceAccount"
    )
    return [
        name_of(obj),
        f"{reference.get('kind', '')}/{reference.get('name', '')}",
        age_of(obj, now_ns),
        users,
        groups,
        accounts,
    ]


def priority_class(obj: Object, now_ns: int) -> list[Cell]:
    """A PriorityClass."""
    return [
        name_of(obj),
        obj.get("value", 0),
        bool(obj.get("globalDefault")),
        age_of(obj, now_ns),
        obj.get("preemptionPolicy", ""),
    ]


def resource_quota(obj: Object, now_ns: int) -> list[Cell]:
    """A ResourceQuota: used of allowed, requests and limits apart."""
    hard, used = get_in(obj, "status.hard", {}), get_in(obj, "status.used", {})
    rows = [(name, f"{name}: {used.get(name, '0')}/{hard[name]}") for name in sorted(hard)]
    requests = ", ".join(text for name, text in rows if not name.startswith("limits."))
    limits = ", ".join(text for name, text in rows if name.startswith("limits."))
    return [name_of(obj), requests, limits, age_of(obj, now_ns)]


def component_status(obj: Object, now_ns: int) -> list[Cell]:
    """A ComponentStatus: healthy or not, and what was answered."""
    for condition in obj.get("conditions") or ():
        if condition.get("type") == "Healthy":
            word = {"True": "Healthy", "False": "Unhealthy"}.get(condition.get("status", ""), "Unknown")
            return [name_of(obj), word, condition.get("message", ""), condition.get("error", "")]
    return [name_of(obj), "Unknown", "", ""]


def runtime_class(obj: Object, now_ns: int) -> list[Cell]:
    """A RuntimeClass."""
    return [name_of(obj), obj.get("handler", ""), age_of(obj, now_ns)]


# --------------------------------------------------------------------------------------------- storage

_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}


def _modes(listed: Iterable[str]) -> str:
    given = list(listed)
    return ",".join(short for mode, short in _MODES.items() if mode in given)


def _phase(obj: Object) -> str:
    return "Terminating" if "deletionTimestamp" in obj["metadata"] else str(get_in(obj, "status.phase", ""))


def _class_of(obj: Object) -> str:
    """The class that a volume or a claim names, in the old annotation or in the field."""
    old = metadata.annotations(obj).get("volume.beta.kubernetes.io/storage-class")
    return str(get_in(obj, "spec.storageClassName", "") if old is None else old)


def volume(obj: Object, now_ns: int) -> list[Cell]:
    """A PersistentVolume."""
    spec, claim = obj.get("spec") or {}, get_in(obj, "spec.claimRef")
    return [
        name_of(obj),
        str(get_in(spec, "capacity.storage", "0")),
        _modes(spec.get("accessModes") or ()),
        spec.get("persistentVolumeReclaimPolicy", ""),
        _phase(obj),
        f"{claim.get('namespace', '')}/{claim.get('name', '')}" if claim else "",
        _class_of(obj),
        spec.get("volumeAttributesClassName") or "<unset>",
        get_in(obj, "status.reason", ""),
        age_of(obj, now_ns),
        spec.get("volumeMode") or "<unset>",
    ]


def claim(obj: Object, now_ns: int) -> list[Cell]:
    """A PersistentVolumeClaim; before it is bound it has neither size nor modes."""
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    bound = bool(spec.get("volumeName"))
    return [
        name_of(obj),
        _phase(obj),
        spec.get("volumeName", ""),
        str(get_in(status, "capacity.storage", "0")) if bound else "",
        _modes(status.get("accessModes") or ()) if bound else "",
        _class_of(obj),
        spec.get("volumeAttributesClassName") or "<unset>",
        age_of(obj, now_ns),
        spec.get("volumeMode") or "<unset>",
    ]


DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
_OLD_DEFAULT_CLASS = "storageclass.beta.kubernetes.io/is-default-class"


def storage_class(obj: Object, now_ns: int) -> list[Cell]:
    """A StorageClass; the default one says so."""
    marks = [metadata.annotations(obj).get(mark) for mark in (DEFAULT_CLASS, _OLD_DEFAULT_CLASS)]
    default = " (default)" if "true" in marks else ""
    return [
        name_of(obj) + default,
        obj.get("provisioner", ""),
        obj.get("reclaimPolicy", ""),
        obj.get("volumeBindingMode", ""),
        bool(obj.get("allowVolumeExpansion")),
        age_of(obj, now_ns),
    ]


def volume_attachment(obj: Object, now_ns: int) -> list[Cell]:
    """A VolumeAttachment."""
    return [
        name_of(obj),
        get_in(obj, "spec.attacher", ""),
        get_in(obj, "spec.source.persistentVolumeName", ""),
        get_in(obj, "spec.nodeName", ""),
        bool(get_in(obj, "status.attached", False)),
        age_of(obj, now_ns),
    ]


def csi_node(obj: Object, now_ns: int) -> list[Cell]:
    """A CSINode."""
    return [name_of(obj), len(get_in(obj, "spec.drivers", ()) or ()), age_of(obj, now_ns)]


def csi_driver(obj: Object, now_ns: int) -> list[Cell]:
    """A CSIDriver."""
    spec = obj.get("spec") or {}
    flags = [bool(spec.get(field)) for field in ("attachRequired", "podInfoOnMount", "storageCapacity")]
    audiences = ",".join(one.get("audience", "") for one in spec.get("tokenRequests") or ()) or "<unset>"
    return [
        name_of(obj),
        *flags,
        audiences,
        bool(spec.get("requiresRepublish")),
        ",".join(spec.get("volumeLifecycleModes") or ()),
        age_of(obj, now_ns),
    ]

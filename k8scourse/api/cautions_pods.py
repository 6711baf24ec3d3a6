"""What is allowed in a Pod or a template of Pods and probably not meant.

Upstream: ``pkg/api/pod/warnings.go``, ``pkg/api/node/util.go``, ``pkg/api/persistentvolumeclaim/util.go`` and the
``WarningsOnCreate`` of the strategies, which speak of names that make bad hostnames.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api import names, quantities

Object = dict[str, Any]
#: Labels of nodes that have moved, and since when.
OLD_LABELS = {
    "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
    "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
    "failure-domain.beta.kubernetes.io/region": 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
    "failure-domain.beta.kubernetes.io/zone": 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
    "beta.kubernetes.io/instance-type": 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
}
#: Kinds of volumes that no longer work.
OLD_VOLUMES = {
    "photonPersistentDisk": "deprecated in v1.11, non-functional in v1.16+",
    "gitRepo": "deprecated in v1.11",
    "scaleIO": "deprecated in v1.16, non-functional in v1.22+",
    "flocker": "deprecated in v1.22, non-functional in v1.25+",
    "storageOS": "deprecated in v1.22, non-functional in v1.25+",
    "quobyte": "deprecated in v1.22, non-functional in v1.25+",
    "glusterfs": "deprecated in v1.25, non-functional in v1.26+",
    "cephfs": "deprecated in v1.28, non-functional in v1.31+",
    "rbd": "deprecated in v1.28, non-functional in v1.31+",
}
_OLD_ANNOTATIONS = {
    "scheduler.alpha.kubernetes.io/critical-pod": 'non-functional in v1.16+; use the "priorityClassName" field instead',
    "security.alpha.kubernetes.io/sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
    "security.alpha.kubernetes.io/unsafe-sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
}
_SECCOMP = "seccomp.security.alpha.kubernetes.io/pod"
_CONTAINER_SECCOMP = "container.seccomp.security.alpha.kubernetes.io/"
_NO_SECCOMP = 'non-functional in v1.27+; use the "seccompProfile" field instead'
_CONTAINER_APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/"
_NULL_SELECTOR = "a null labelSelector results in matching no pod"
_RECOMMENDED = "which can result in surprising behavior; a DNS label is recommended"
_BYTES = ("memory", "ephemeral-storage")


def pod(obj: Object) -> Iterator[str]:
    """A Pod, whose name is its hostname."""
    yield from _name(obj, "the Pod's hostname")
    yield from template(obj, "")


def workload(obj: Object) -> Iterator[str]:
    """What makes Pods."""
    yield from template((obj.get("spec") or {}).get("template") or {}, "spec.template")


def named_workload(obj: Object) -> Iterator[str]:
    """What makes Pods that are named after it."""
    yield from _name(obj, "Pod names and hostnames")
    yield from workload(obj)


def pod_template(obj: Object) -> Iterator[str]:
    """A PodTemplate."""
    yield from template(obj.get("template") or {}, "template")


def cron_job(obj: Object) -> Iterator[str]:
    """A CronJob, and the Pods of the Jobs that it makes."""
    spec = obj.get("spec") or {}
    yield from _name(obj, "Pod names and hostnames")
    made = (spec.get("jobTemplate") or {}).get("spec") or {}
    yield from template(made.get("template") or {}, "spec.jobTemplate.spec.template")
    if "TZ" in spec.get("schedule", ""):
        yield (
            "CRON_TZ or TZ used in schedule is not officially supported, see "
            "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details"
        )


def _name(obj: Object, use: str) -> Iterator[str]:
    problems = names.dns_label_problems((obj.get("metadata") or {}).get("name", ""))
    if problems:
        yield f"metadata.name: this is used in {use}, {_RECOMMENDED}: [{' '.join(problems)}]"


def template(made: Object, path: str) -> Iterator[str]:
    """A Pod (with an empty path) or a template of Pods."""
    spec, annotations = made.get("spec") or {}, (made.get("metadata") or {}).get("annotations") or {}
    prefix = f"{path}." if path else ""
    inner, notes = f"{prefix}spec", f"{prefix}metadata.annotations"
    yield from _placement(spec, inner)
    for key, text in _OLD_ANNOTATIONS.items():
        if key in annotations:
            yield f"{notes}[{key}]: {text}"
    yield from _volumes(spec, inner)
    yield from _repeated(spec, inner)
    yield from _fractions(spec.get("overhead") or {}, f"{inner}.overhead")
    if _SECCOMP in annotations and not _profile(spec, "seccompProfile"):
        yield f"{notes}[{_SECCOMP}]: {_NO_SECCOMP}"
    containers = list(_containers(spec, inner))
    for container, where in containers:
        yield from _container(container, where)
        yield from _profiles(container, annotations, notes, template_of=spec if path else None)
    yield from _ports(containers)
    if (spec.get("terminationGracePeriodSeconds") or 0) < 0:
        text = "must be >= 0; negative values are invalid and will be treated as 1"
        yield f"{inner}.terminationGracePeriodSeconds: {text}"
    yield from _pod_affinity(spec.get("affinity") or {}, f"{inner}.affinity")


def _containers(spec: Object, path: str) -> Iterator[tuple[Object, str]]:
    for field in ("initContainers", "containers", "ephemeralContainers"):
        for index, container in enumerate(spec.get(field) or ()):
            yield container, f"{path}.{field}[{index}]"


def _placement(spec: Object, path: str) -> Iterator[str]:
    for key in sorted(spec.get("nodeSelector") or ()):
        if key in OLD_LABELS:
            yield f"{path}.nodeSelector[{key}]: {OLD_LABELS[key]}"
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    field = "requiredDuringSchedulingIgnoredDuringExecution"
    for index, term in enumerate((affinity.get(field) or {}).get("nodeSelectorTerms") or ()):
        where = f"{path}.affinity.nodeAffinity.{field}.nodeSelectorTerms[{index}]"
        yield from deprecated_labels(term, where)
    field = "preferredDuringSchedulingIgnoredDuringExecution"
    for index, term in enumerate(affinity.get(field) or ()):
        where = f"{path}.affinity.nodeAffinity.{field}[{index}].preference"
        yield from deprecated_labels(term.get("preference") or {}, where)
    for index, constraint in enumerate(spec.get("topologySpreadConstraints") or ()):
        where, key = f"{path}.topologySpreadConstraints[{index}]", constraint.get("topologyKey", "")
        if key in OLD_LABELS:
            yield f"{where}.topologyKey: {key} is {OLD_LABELS[key]}"
        if constraint.get("labelSelector") is None:
            yield f"{where}.labelSelector: {_NULL_SELECTOR}"


def deprecated_labels(term: Object, path: str) -> Iterator[str]:
    """A term that asks for labels that have moved."""
    for index, expression in enumerate(term.get("matchExpressions") or ()):
        key = expression.get("key", "")
        if key in OLD_LABELS:
            yield f"{path}.matchExpressions[{index}].key: {key} is {OLD_LABELS[key]}"


def _volumes(spec: Object, path: str) -> Iterator[str]:
    for index, volume in enumerate(spec.get("volumes") or ()):
        where = f"{path}.volumes[{index}]"
        for field, text in OLD_VOLUMES.items():
            if field in volume:
                yield f"{where}.{field}: {text}"
        made = (volume.get("ephemeral") or {}).get("volumeClaimTemplate")
        if made:
            yield from claim(made.get("spec") or {}, f"{where}.ephemeral.volumeClaimTemplate.spec")


def claim(spec: Object, path: str) -> Iterator[str]:
    """A claim of a part of a byte."""
    resources = spec.get("resources") or {}
    for field in ("requests", "limits"):
        size = (resources.get(field) or {}).get("storage")
        if size is not None and quantities.milli(size) % 1000:
            yield fractional(f"{path}.resources.{field}[storage]", size)


def fractional(path: str, quantity: Any) -> str:
    """The text about a part of a byte."""
    return f'{path}: fractional byte value "{quantities.canonical(quantity)}" is invalid, must be an integer'


def _fractions(amounts: Object, path: str, kinds: tuple[str, ...] = _BYTES) -> Iterator[str]:
    for name in kinds:
        if name in amounts and quantities.milli(amounts[name]) % 1000:
            yield fractional(f"{path}[{name}]", amounts[name])


def _repeated(spec: Object, path: str) -> Iterator[str]:
    for field, key in (("hostAliases", "ip"), ("imagePullSecrets", "name")):
        seen: list[str] = []
        for index, item in enumerate(spec.get(field) or ()):
            value = item.get(key, "")
            if value in seen:
                yield f'{path}.{field}[{index}].{key}: duplicate {key} "{value}"'
            seen.append(value)
    for index, secret in enumerate(spec.get("imagePullSecrets") or ()):
        if not secret.get("name"):
            yield f'{path}.imagePullSecrets[{index}].name: invalid empty name ""'


def _profile(owner: Object, field: str) -> bool:
    return (owner.get("securityContext") or {}).get(field) is not None


def _profiles(
    container: Object, annotations: Object, notes: str, template_of: Object | None
) -> Iterator[str]:
    """Annotations where a field stands now; a Pod's own annotation about AppArmor is still taken over."""
    name = container.get("name", "")
    if _CONTAINER_SECCOMP + name in annotations and not _profile(container, "seccompProfile"):
        yield f"{notes}[{_CONTAINER_SECCOMP}{name}]: {_NO_SECCOMP}"
    if (
        template_of is None
        or _profile(template_of, "appArmorProfile")
        or _profile(container, "appArmorProfile")
    ):
        return
    if _CONTAINER_APP_ARMOR + name in annotations:
        text = 'deprecated since v1.30; use the "appArmorProfile" field instead'
        yield f"{notes}[{_CONTAINER_APP_ARMOR}{name}]: {text}"


def _container(container: Object, path: str) -> Iterator[str]:
    resources = container.get("resources") or {}
    for kind in _BYTES:
        for field in ("limits", "requests"):
            yield from _fractions(resources.get(field) or {}, f"{path}.resources.{field}", (kind,))
    seen: list[str] = []
    for index, variable in enumerate(container.get("env") or ()):
        name, value = variable.get("name", ""), variable.get("value", "")
        own = f"$({name})"
        hidden = variable.get("valueFrom") is not None or value == own or own not in value
        if name in seen and hidden:
            yield f'{path}.env[{index}]: hides previous definition of "{name}", which may be dropped when using apply'
        seen.append(name)


def _ports(containers: list[tuple[Object, str]]) -> Iterator[str]:
    """Ports that stand twice, in any of the containers."""
    seen: dict[tuple[int, str], list[tuple[str, Object]]] = {}
    for container, path in containers:
        for index, port in enumerate(container.get("ports") or ()):
            where = f"{path}.ports[{index}]"
            others = seen.setdefault((port.get("containerPort", 0), port.get("protocol", "")), [])
            for place, other in others:
                relation = _relation(port, other)
                if relation:
                    yield f"{where}: {relation} port definition with {place}"
            others.append((where, port))


def _relation(port: Object, other: Object) -> str:
    addresses = [one.get("hostIP") or "" for one in (port, other)]
    numbers = [one.get("hostPort") or 0 for one in (port, other)]
    if addresses[0] == addresses[1] and numbers[0] == numbers[1]:
        return "duplicate"
    if 0 in numbers:
        return "overlapping"
    return "dangerously ambiguous" if numbers[0] == numbers[1] and "" in addresses else ""


def _pod_affinity(affinity: Object, path: str) -> Iterator[str]:
    for kind in ("podAffinity", "podAntiAffinity"):
        rules = affinity.get(kind) or {}
        field = "requiredDuringSchedulingIgnoredDuringExecution"
        for index, term in enumerate(rules.get(field) or ()):
            if term.get("labelSelector") is None:
                yield f"{path}.{kind}.{field}[{index}].labelSelector: {_NULL_SELECTOR}"
        field = "preferredDuringSchedulingIgnoredDuringExecution"
        for index, term in enumerate(rules.get(field) or ()):
            if (term.get("podAffinityTerm") or {}).get("labelSelector") is None:
                yield f"{path}.{kind}.{field}[{index}].podAffinityTerm.labelSelector: {_NULL_SELECTOR}"

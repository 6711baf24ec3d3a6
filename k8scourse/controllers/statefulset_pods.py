"""What a StatefulSet's Pods and claims are called and look like: a Pod is its ordinal, and keeps it.

    db-0, db-1, …                 the Pods of the StatefulSet "db"
    data-db-0, data-db-1, …       the claims of its template "data"

Upstream: `pkg/controller/statefulset/stateful_set_utils.go`.
"""

from __future__ import annotations

from k8scourse.api import metadata, pods
from k8scourse.api.values import Object, evolve, get_in

from .deployment_rolling import scaled_value
from .pod_control import pod_from_template

NAME_LABEL = "statefulset.kubernetes.io/pod-name"
INDEX_LABEL = "apps.kubernetes.io/pod-index"
REVISION_LABEL = "controller-revision-hash"


def first_ordinal(stateful_set: Object) -> int:
    """Where counting begins: `spec.ordinals.start`, or 0."""
    return int(get_in(stateful_set, "spec.ordinals.start", 0))


def replicas_of(stateful_set: Object) -> int:
    """How many Pods there shall be."""
    return int(get_in(stateful_set, "spec.replicas", 1))


def ordinals(stateful_set: Object) -> range:
    """The ordinals that shall exist."""
    first = first_ordinal(stateful_set)
    return range(first, first + replicas_of(stateful_set))


def ordinal_of(pod: Object, stateful_set: Object) -> int | None:
    """A Pod's ordinal; None when its name is not one of this StatefulSet's."""
    parent, _, number = metadata.name(pod).rpartition("-")
    proper = number.isascii() and number.isdecimal() and number == str(int(number))
    return int(number) if parent == metadata.name(stateful_set) and proper else None


def revision_of(pod: Object) -> str:
    """The name of the ControllerRevision that a Pod was made from."""
    return metadata.labels(pod).get(REVISION_LABEL, "")


def is_parallel(stateful_set: Object) -> bool:
    """Whether Pods need not wait for each other."""
    return bool(get_in(stateful_set, "spec.podManagementPolicy") == "Parallel")


def is_ready(pod: Object) -> bool:
    """Running and Ready."""
    return pods.phase(pod) == "Running" and pods.is_ready(pod)


def is_healthy(pod: Object | None) -> bool:
    """Running, Ready and not on its way out."""
    return pod is not None and is_ready(pod) and not metadata.is_terminating(pod)


def is_available(pod: Object | None, stateful_set: Object, now_ns: int) -> bool:
    """Healthy for at least `minReadySeconds`."""
    least = get_in(stateful_set, "spec.minReadySeconds", 0)
    return pod is not None and is_ready(pod) and pods.is_available(pod, least, now_ns)


def partition_of(stateful_set: Object) -> int:
    """Ordinals below the first one plus this keep the old revision."""
    return int(get_in(stateful_set, "spec.updateStrategy.rollingUpdate.partition", 0))


def max_unavailable(stateful_set: Object) -> int | None:
    """How many Pods an update may take at once; None when nothing is said, which means one by one."""
    value = get_in(stateful_set, "spec.updateStrategy.rollingUpdate.maxUnavailable")
    if value is None:
        return None
    return max(1, scaled_value(value, replicas_of(stateful_set), round_up=True))


# -- what is made ----------------------------------------------------------------------------------


def new_pod(stateful_set: Object, template: Object, revision: str, ordinal: int) -> Object:
    """The Pod of an ordinal as a revision's template wants it."""
    name = f"{metadata.name(stateful_set)}-{ordinal}"
    pod = pod_from_template(template, stateful_set)
    marks = {NAME_LABEL: name, INDEX_LABEL: str(ordinal), REVISION_LABEL: revision}
    about = {**pod["metadata"], "name": name, "labels": {**metadata.labels(pod), **marks}}
    spec = {**pod["spec"], "hostname": name, "subdomain": stateful_set["spec"].get("serviceName", "")}
    claims = claims_of(stateful_set, ordinal)
    if claims:
        own = [_volume(name, metadata.name(claim)) for name, claim in claims.items()]
        rest = [each for each in spec.get("volumes") or () if each["name"] not in claims]
        spec["volumes"] = own + rest
    return {**pod, "metadata": about, "spec": spec}


def _volume(name: str, claim: str) -> Object:
    return {"name": name, "persistentVolumeClaim": {"claimName": claim}}


def claims_of(stateful_set: Object, ordinal: int) -> dict[str, Object]:
    """The claims of an ordinal, by the name of their template."""
    found: dict[str, Object] = {}
    for template in get_in(stateful_set, "spec.volumeClaimTemplates", []):
        about = {**template["metadata"]}
        about["name"] = f"{template['metadata']['name']}-{metadata.name(stateful_set)}-{ordinal}"
        about["namespace"] = metadata.namespace(stateful_set)
        selected = get_in(stateful_set, "spec.selector.matchLabels", {})
        about["labels"] = {**metadata.labels(template), **selected}
        claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": about}
        found[template["metadata"]["name"]] = {**claim, "spec": template["spec"]}
    return found


def claim_owners(claim: Object, stateful_set: Object, pod: Object) -> list[Object]:
    """Who owns a claim by the retention policy: the set, for a Pod too many that Pod, or nobody.

    Owners that have nothing to do with the set stay; when another controller owns the claim nothing changes.
    """
    before = metadata.owner_references(claim)
    ours = [metadata.uid(stateful_set), metadata.uid(pod)]
    others = [each for each in before if each["uid"] not in ours and not _is_stale(each, stateful_set, pod)]
    if any(each.get("controller") for each in others):
        return list(before)
    owner = _owner(stateful_set, pod)
    return [*others, metadata.owner_reference(owner)] if owner is not None else others


def _owner(stateful_set: Object, pod: Object) -> Object | None:
    policy = get_in(stateful_set, "spec.persistentVolumeClaimRetentionPolicy", {})
    condemned = ordinal_of(pod, stateful_set) not in ordinals(stateful_set)
    if policy.get("whenScaled") == "Delete" and condemned:
        return pod
    return stateful_set if policy.get("whenDeleted") == "Delete" else None


def _is_stale(reference: Object, stateful_set: Object, pod: Object) -> bool:
    """A reference to an earlier set or Pod of the same name."""
    named = (reference["kind"], reference["name"])
    return named in (("StatefulSet", metadata.name(stateful_set)), ("Pod", metadata.name(pod)))


def is_stale_claim(claim: Object, pod: Object) -> bool:
    """Whether a claim belongs to an earlier Pod of that name, and goes with it."""
    return any(
        each["kind"] == "Pod" and each["name"] == metadata.name(pod) and each["uid"] != metadata.uid(pod)
        for each in metadata.owner_references(claim)
    )


def with_identity(pod: Object, ordinal: int) -> Object:
    """The Pod with the labels that name it."""
    labels = {NAME_LABEL: metadata.name(pod), INDEX_LABEL: str(ordinal)}
    return evolve(pod, "metadata.labels", {**metadata.labels(pod), **labels})


# -- the status ------------------------------------------------------------------------------------


def count(stateful_set: Object, found: list[Object], current: str, update: str, now_ns: int) -> Object:
    """The counts of the status; those of zero are left out where the wire leaves them out."""
    staying = [revision_of(pod) for pod in found if not metadata.is_terminating(pod)]
    counts = {
        "readyReplicas": sum(is_ready(pod) for pod in found),
        "currentReplicas": staying.count(current),
        "updatedReplicas": staying.count(update),
    }
    available = sum(is_available(pod, stateful_set, now_ns) for pod in found)
    return {"replicas": len(found), "availableReplicas": available, **counts}


def completed(stateful_set: Object, status: Object) -> Object:
    """When all Pods are updated and ready, the update is the present; zeros are left out."""
    wanted = replicas_of(stateful_set)
    counts = {status[field] for field in ("replicas", "readyReplicas", "updatedReplicas")}
    if get_in(stateful_set, "spec.updateStrategy.type") == "RollingUpdate" and counts == {wanted}:
        status = {**status, "currentReplicas": wanted, "currentRevision": status["updateRevision"]}
    optional = ("readyReplicas", "currentReplicas", "updatedReplicas")
    return {field: value for field, value in status.items() if value or field not in optional}

"""Which ReplicaSet is the new one, and what its annotations remember: pure functions.

A revision is a ReplicaSet; its number stands in the annotation `deployment.kubernetes.io/revision`. A rollback
is a template that an old ReplicaSet has already: that one gets the next number and remembers the earlier ones.
Upstream: `pkg/controller/deployment/util/deployment_util.go`.
"""

from __future__ import annotations

from collections.abc import Iterable

from k8scourse.api import metadata
from k8scourse.api.values import Object, evolve, get_in, without

from .deployment_rolling import desired_replicas, max_surge

PREFIX = "deployment.kubernetes.io/"
REVISION = PREFIX + "revision"
REVISION_HISTORY = PREFIX + "revision-history"
DESIRED_REPLICAS = PREFIX + "desired-replicas"
MAX_REPLICAS = PREFIX + "max-replicas"
HASH_LABEL = "pod-template-hash"
NOT_COPIED = (
    "kubectl.kubernetes.io/last-applied-configuration",
    REVISION,
    REVISION_HISTORY,
    DESIRED_REPLICAS,
    MAX_REPLICAS,
    "deprecated.deployment.rollback.to",
)
HISTORY_LENGTH_MAX = 2000


def revision(obj: Object) -> int:
    """The revision number in an object's annotations; 0 when there is none that can be read."""
    text = metadata.annotations(obj).get(REVISION, "")
    return int(text) if text.isdecimal() else 0


def by_age(replica_sets: Iterable[Object]) -> list[Object]:
    """Oldest first; those of the same second by name, as upstream."""
    return sorted(replica_sets, key=lambda each: (each["metadata"]["creationTimestamp"], metadata.name(each)))


def same_template(one: Object, two: Object) -> bool:
    """Whether two Pod templates are equal but for the hash label that the controller adds."""
    path = ("metadata", "labels", HASH_LABEL)
    return bool(without(one, path) == without(two, path))


def find_new(deployment: Object, replica_sets: Iterable[Object]) -> Object | None:
    """The ReplicaSet with the Deployment's template (the oldest, should there be two), or None."""
    template = deployment["spec"]["template"]
    found = (each for each in by_age(replica_sets) if same_template(each["spec"]["template"], template))
    return next(found, None)


def next_revision(old: Iterable[Object]) -> int:
    """One more than the highest revision among the old ReplicaSets."""
    return max((revision(each) for each in old), default=0) + 1


def build(deployment: Object, template_hash: str) -> Object:
    """The ReplicaSet for the Deployment's present template, with no replicas yet."""
    spec = deployment["spec"]
    template = evolve(spec["template"], ("metadata", "labels", HASH_LABEL), template_hash)
    made: Object = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"{metadata.name(deployment)}-{template_hash}",
            "namespace": metadata.namespace(deployment),
            "labels": metadata.labels(template),
            "ownerReferences": [metadata.owner_reference(deployment)],
        },
        "spec": {
            "replicas": 0,
            "selector": evolve(spec["selector"], ("matchLabels", HASH_LABEL), template_hash),
            "template": template,
        },
    }
    least = spec.get("minReadySeconds", 0)
    return evolve(made, "spec.minReadySeconds", least) if least else made


def annotated(replica_set: Object, deployment: Object, number: int, *, exists: bool) -> Object:
    """The new ReplicaSet with the annotations it should have: copied ones, its revision, and (when it is
    being created) the sizes it was made for. The same object when nothing changes."""
    notes = dict(metadata.annotations(replica_set))
    copied = metadata.annotations(deployment).items()
    notes |= {key: text for key, text in copied if key not in NOT_COPIED}
    before = notes.get(REVISION, "")
    if (int(before) if before.isdecimal() else 0) < number:
        notes[REVISION] = str(number)
        if before:
            notes[REVISION_HISTORY] = _longer_history(notes.get(REVISION_HISTORY, ""), before)
    if not exists:
        notes |= size_annotations(deployment)
    if notes == metadata.annotations(replica_set):
        return replica_set
    changed: Object = evolve(replica_set, "metadata.annotations", notes)
    return changed


def _longer_history(history: str, number: str) -> str:
    numbers = [*filter(None, history.split(",")), number]
    while len(",".join(numbers)) > HISTORY_LENGTH_MAX:
        del numbers[0]
    return ",".join(numbers)


def size_annotations(deployment: Object) -> dict[str, str]:
    """What a ReplicaSet remembers of the Deployment's size, so that a later scaling can be told from it."""
    desired = desired_replicas(deployment)
    return {DESIRED_REPLICAS: str(desired), MAX_REPLICAS: str(desired + max_surge(deployment))}


def number_in(replica_set: Object, annotation: str) -> int | None:
    """A number kept in an annotation; None when it is missing or no number."""
    text = metadata.annotations(replica_set).get(annotation, "")
    return int(text) if text.isdecimal() else None


def resized(replica_set: Object, deployment: Object, replicas: int) -> Object:
    """The ReplicaSet with so many replicas and up-to-date size annotations; itself when nothing changes."""
    notes = {**metadata.annotations(replica_set), **size_annotations(deployment)}
    if replicas_of(replica_set) == replicas and notes == metadata.annotations(replica_set):
        return replica_set
    changed: Object = evolve(evolve(replica_set, "spec.replicas", replicas), "metadata.annotations", notes)
    return changed


def replicas_of(replica_set: Object) -> int:
    """`spec.replicas` of a ReplicaSet, 1 when unset."""
    return int(get_in(replica_set, "spec.replicas", 1))


def total_replicas(replica_sets: Iterable[Object]) -> int:
    """How many Pods all these ReplicaSets ask for together."""
    return sum(replicas_of(each) for each in replica_sets)


def active(replica_sets: Iterable[Object]) -> list[Object]:
    """Those that ask for at least one Pod."""
    return [each for each in replica_sets if replicas_of(each) > 0]


def to_clean_up(old: Iterable[Object], limit: int | None) -> list[Object]:
    """Old ReplicaSets beyond `revisionHistoryLimit` that may go: lowest revisions first, empty ones only."""
    kept = [each for each in old if not metadata.is_terminating(each)]
    surplus = 0 if limit is None else max(len(kept) - limit, 0)
    oldest = sorted(by_age(kept), key=revision)[:surplus]
    return [each for each in oldest if _is_empty(each)]


def _is_empty(replica_set: Object) -> bool:
    status = replica_set.get("status", {})
    seen = status.get("observedGeneration", 0) >= get_in(replica_set, "metadata.generation", 0)
    return seen and replicas_of(replica_set) == 0 and not status.get("replicas", 0)

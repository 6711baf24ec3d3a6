"""The namespace controller: empties a namespace that is being deleted, then lets it go.

Pods first: nothing that a Pod needs (its network policy, its secret) may vanish under it. Then every other kind.
What cannot go yet, because a finalizer holds it, is said in the namespace's conditions, and tried again.
Upstream: `pkg/controller/namespace/deletion/namespaced_resources_deleter.go`, `status_condition_utils.go`.
"""

from __future__ import annotations

from typing import NamedTuple

from k8scourse.api import conditions, kinds, metadata
from k8scourse.api.custom_kinds import CustomKind
from k8scourse.api.errors import Conflict, MethodNotAllowed, NotFound, StatusError
from k8scourse.api.kinds import Kind
from k8scourse.api.values import Object, evolve, get_in
from k8scourse.client.client import path_of
from k8scourse.sim import SECOND

from .base import Controller
from .mapper import DEFINITIONS, served

GRACE_NS = 5 * SECOND
"""Between the deletion and its execution: other caches shall learn of it before objects begin to vanish."""
FINALIZER_ESTIMATE_SECONDS = 15
FINALIZER = "kubernetes"


class _Left(NamedTuple):
    """What is left of one kind: how many, who holds them, and how many seconds it may take."""

    kind: Kind
    number: int
    finalizers: dict[str, int]
    seconds: int


class NamespaceController(Controller):
    """Works on namespaces in phase Terminating only."""

    NAME = "namespace-controller"
    KIND = "namespaces"

    def on_added(self, resource: str, obj: Object) -> None:
        """Look at a namespace only when it is being deleted, and then after the grace period."""
        if metadata.is_terminating(obj):
            self.queue.add_after(metadata.key(obj), GRACE_NS)

    def on_updated(self, resource: str, old: Object, new: Object) -> None:
        """As for a new one: a controller that starts late sees it as new."""
        self.on_added(resource, new)

    def on_deleted(self, resource: str, obj: Object) -> None:
        """It is gone; there is nothing more to do."""

    def reconcile(self, key: str) -> int | None:
        """Delete what is in the namespace; when nothing is left, take the finalizer away."""
        try:
            namespace = self.client.get(self.KIND, key)
        except NotFound:
            return None
        if not metadata.is_terminating(namespace) or FINALIZER not in _finalizers(namespace):
            return None
        left, failures = self._empty(key)
        self._report(namespace, left, failures)
        if failures:
            raise failures[0]
        if left:
            return (max(each.seconds for each in left) // 2 + 1) * SECOND
        self._finalize(key)
        return None

    def _empty(self, namespace: str) -> tuple[list[_Left], list[StatusError]]:
        """One pass: Pods alone as long as there are any that go, else everything."""
        left: list[_Left] = []
        failures: list[StatusError] = []
        self._try(kinds.POD, namespace, left, failures)
        if left:
            return left, failures
        for kind in self._namespaced_kinds():
            if kind is not kinds.POD:
                self._try(kind, namespace, left, failures)
        return left, failures

    def _try(self, kind: Kind, namespace: str, left: list[_Left], failures: list[StatusError]) -> None:
        """Delete all objects of a kind and note what stays, or who refused it."""
        try:
            row = self._delete_all(kind, namespace)
        except MethodNotAllowed:
            return
        except StatusError as error:
            failures.append(error)
            return
        if row.number:
            left.append(row)

    def _namespaced_kinds(self) -> list[Kind]:
        """Everything that can be in a namespace, users' kinds included, in one of their versions."""
        custom = [kind for each in self.client.list(DEFINITIONS) for kind in served(each)[:1]]
        stored = [kind for kind in (*kinds.ALL, *custom) if kind.namespaced and kind.stored]
        found = [kind for kind in stored if "delete" in kind.verbs]
        return sorted(found, key=lambda kind: (kind.group, kind.plural))

    def _delete_all(self, kind: Kind, namespace: str) -> _Left:
        """Delete all objects of one kind and look what stays."""
        found = self.client.list(_addressed(kind), namespace)
        seconds = max(map(_grace_seconds, found), default=0) if kind is kinds.POD else 0
        if not found:
            return _Left(kind, 0, {}, 0)
        self.client.send("DELETE", path_of(kind, namespace), None, {"propagationPolicy": "Background"})
        remaining = self.client.list(_addressed(kind), namespace)
        held: dict[str, int] = {}
        for obj in remaining:
            for finalizer in get_in(obj, "metadata.finalizers", []):
                held[finalizer] = held.get(finalizer, 0) + 1
        return _Left(kind, len(remaining), held, seconds or FINALIZER_ESTIMATE_SECONDS)

    def _report(self, namespace: Object, left: list[_Left], failures: list[StatusError]) -> None:
        """Say in the conditions how far it is."""
        changed = namespace
        for row in _conditions(left, failures):
            changed = conditions.with_condition(changed, row, self.process.now)
        # A namespace that was emptied at the first attempt has nothing to tell.
        quiet = not left and not failures and not get_in(namespace, "status.conditions")
        if changed is not namespace and not quiet:
            self.client.update_status(changed)

    def _finalize(self, name: str) -> None:
        fresh = self.client.get(self.KIND, name)
        rest = [each for each in _finalizers(fresh) if each != FINALIZER]
        path = path_of(kinds.NAMESPACE, "", name, "finalize")
        try:
            self.client.send("PUT", path, None, evolve(fresh, "spec.finalizers", rest))
        except Conflict:
            self.queue.add(name)
        except NotFound:
            return


def _addressed(kind: Kind) -> str | Kind:
    return kind if isinstance(kind, CustomKind) else kind.plural


def _finalizers(namespace: Object) -> list[str]:
    found: list[str] = get_in(namespace, "spec.finalizers", [])
    return found


def _grace_seconds(pod: Object) -> int:
    if get_in(pod, "status.phase") in ("Succeeded", "Failed"):
        return 0
    asked = get_in(pod, "spec.terminationGracePeriodSeconds", 0)
    return int(get_in(pod, "metadata.deletionGracePeriodSeconds", asked))


def _conditions(left: list[_Left], failures: list[StatusError]) -> list[Object]:
    """The five conditions of a terminating namespace, in upstream's words."""
    held: dict[str, int] = {}
    for each in left:
        for finalizer, number in each.finalizers.items():
            held[finalizer] = held.get(finalizer, 0) + number
    failed = (
        f"Failed to delete all resource types, {len(failures)} remaining: {'; '.join(map(str, failures))}"
    )
    numbers = (f"{each.kind.plural}.{each.kind.group} has {each.number} resource instances" for each in left)
    names = (f"{finalizer} in {held[finalizer]} resource instances" for finalizer in sorted(held))
    remaining = f"Some resources are remaining: {', '.join(sorted(numbers))}"
    holding = f"Some content in the namespace has finalizers remaining: {', '.join(names)}"
    return [
        _row(
            "NamespaceDeletionDiscoveryFailure",
            "ResourcesDiscovered",
            "All resources successfully discovered",
        ),
        _row(
            "NamespaceDeletionGroupVersionParsingFailure",
            "ParsedGroupVersions",
            "All legacy kube types successfully parsed",
        ),
        _row("NamespaceDeletionContentFailure", "ContentDeletionFailed", failed, "True")
        if failures
        else _row(
            "NamespaceDeletionContentFailure",
            "ContentDeleted",
            "All content successfully deleted, may be waiting on finalization",
        ),
        _row("NamespaceContentRemaining", "SomeResourcesRemain", remaining, "True")
        if left
        else _row("NamespaceContentRemaining", "ContentRemoved", "All content successfully removed"),
        _row("NamespaceFinalizersRemaining", "SomeFinalizersRemain", holding, "True")
        if held
        else _row(
            "NamespaceFinalizersRemaining",
            "ContentHasNoFinalizers",
            "All content-preserving finalizers finished",
        ),
    ]


def _row(condition_type: str, reason: str, message: str, status: str = "False") -> Object:
    return {"type": condition_type, "status": status, "reason": reason, "message": message}

"""Deletion, which is seldom one step.

    a Pod on a node        marked with a deletionTimestamp 30 s ahead; its kubelet stops it and deletes it for good
    anything with finalizers   marked, and kept until the last finalizer is gone
    an owner, Foreground   marked with the finalizer foregroundDeletion until its dependents are gone
    an owner, Orphan       marked with the finalizer orphan until its dependents have been let go
    a Namespace            marked, and kept until its controller has emptied it
    a CustomResourceDefinition   marked, and kept until its objects are gone (cleanup.py)
    everything else        gone at once

Upstream: ``apiserver/pkg/registry/rest/delete.go``, ``registry/generic/registry/store.go`` (Delete),
``pkg/registry/core/pod/strategy.go``, ``pkg/registry/core/namespace/storage/storage.go``,
``pkg/registry/batch/job/{strategy,storage/storage}.go``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from k8scourse.api.errors import conflict, not_found
from k8scourse.api.kinds import Kind
from k8scourse.api.times import format_time, parse_time
from k8scourse.api.values import evolve, get_in
from k8scourse.apiserver import admission, cleanup
from k8scourse.apiserver.call import Call
from k8scourse.apiserver.deleteoptions import Options
from k8scourse.apiserver.request import success
from k8scourse.apiserver.storage import Object, Storage
from k8scourse.sim import SECOND, Process

ORPHAN, FOREGROUND = "orphan", "foregroundDeletion"
# Kinds that are older than garbage collection let their dependents go when nobody says otherwise.
_ORPHANS_BY_DEFAULT = ("Job", "ReplicationController")
# Kinds that have no dependents and never wait for the garbage collector.
_UNCOLLECTED = ("Event",)
_JOB_WARNING = (
    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them "
    "or set propagationPolicy=Orphan to suppress this warning"
)


class Step(NamedTuple):
    """What a deletion does now: the object as it is to be stored (None: leave it), and whether it goes."""

    marked: Object | None
    goes: bool


class Deletion(NamedTuple):
    """What a deletion did: the answer, and whether the object is gone."""

    answer: Object
    gone: bool


class Deleter:
    """Carries deletions out."""

    def __init__(self, process: Process, storage: Storage, plugins: Sequence[admission.Plugin]) -> None:
        self._process = process
        self._storage = storage
        self._plugins = plugins

    def delete(self, call: Call, options: Options) -> Deletion:
        """Delete the object of the route: the answer is the object while it stays, else a Status."""
        kind, route = call.kind, call.route
        while True:
            old = self._storage.get(kind, route.namespace, route.name)
            if old is None:
                raise not_found(kind.group, kind.plural, route.name)
            check_preconditions(call, old, options)
            self._admit(call, old)
            done = self._take(call, old, self.step(kind, old, options))
            if done is not None:
                return done

    def _admit(self, call: Call, old: Object) -> None:
        route = call.route
        call.begin_again()
        asked = admission.AdmissionRequest(
            "delete", call.kind, route.namespace, route.name, "", call.user, None, old, call.dry_run, call
        )
        admission.admit(self._plugins, asked)
        admission.validate(self._plugins, asked)
        call.passed("admit", "store")

    def _take(self, call: Call, old: Object, step: Step) -> Deletion | None:
        """Store what the step says; None when somebody else was faster."""
        kind = call.kind
        if call.dry_run:
            return self._done(kind, step.marked or old, step.goes)
        current = old
        if step.marked is not None:
            stored = self._storage.replace(kind, step.marked, old)
            if stored is None:
                return None
            current = stored
        if not step.goes:
            call.stored(old, current, changed=step.marked is not None)
            _tell_why_it_stays(call, current["metadata"])
            return Deletion(current, False)
        gone = self._storage.delete(kind, current)
        if gone is None:
            return None
        call.stored(old, None)
        return self._done(kind, gone, True)

    def _done(self, kind: Kind, obj: Object, gone: bool) -> Deletion:
        if not gone or kind.returns_deleted:
            return Deletion(obj, gone)
        details = {"name": obj["metadata"]["name"], "group": kind.group, "kind": kind.plural}
        details["uid"] = obj["metadata"]["uid"]
        return Deletion(success(details={key: item for key, item in details.items() if item}), True)

    def sweep(self, kind: Kind, old: Object) -> None:
        """Delete an object because its kind goes: nobody is asked, but whoever holds it may hold it."""
        step = self.step(kind, old, Options())
        current = old if step.marked is None else self._storage.replace(kind, step.marked, old)
        if step.goes and current is not None:
            self._storage.delete(kind, current)

    # -- what a deletion does --------------------------------------------------------------------

    def step(self, kind: Kind, old: Object, options: Options) -> Step:
        """What to do with an object that somebody wants gone."""
        metadata = old["metadata"]
        if kind.kind == "Namespace":
            if "deletionTimestamp" not in metadata:
                return self._namespace_step(old, options)
            if get_in(old, "spec.finalizers", []):
                return Step(None, False)
        if kind.kind == "CustomResourceDefinition" and "deletionTimestamp" not in metadata:
            return Step(cleanup.marked(old, self._process.now), False)
        if kind.kind == "Pod":
            if "deletionTimestamp" not in metadata:
                return self._graceful_step(kind, old, options)
            if metadata.get("deletionGracePeriodSeconds"):
                return self._shortened(kind, old, options)
        finalizers = finalizers_for(kind, old, options)
        if not finalizers:
            return Step(None, True)
        return Step(_unless_same(self._marked(old, finalizers), old), False)

    def _marked(self, old: Object, finalizers: list[str]) -> Object:
        """The object on its way out for as long as it has finalizers (store.go, markAsDeleting)."""
        metadata = {**old["metadata"], "finalizers": finalizers, "deletionGracePeriodSeconds": 0}
        now = self._process.now
        if "deletionTimestamp" not in metadata:
            metadata = _counted(metadata)
        if "deletionTimestamp" not in metadata or parse_time(metadata["deletionTimestamp"]) > now:
            metadata["deletionTimestamp"] = format_time(now)
        return {**old, "metadata": metadata}

    def _graceful_step(self, kind: Kind, pod: Object, options: Options) -> Step:
        grace = grace_of(pod, options)
        finalizers = finalizers_for(kind, pod, options)
        marked = _counted({**pod["metadata"], **self._deadline(self._process.now, grace)})
        marked = _with_finalizers(marked, finalizers)
        return Step({**pod, "metadata": marked}, grace == 0 and not finalizers)

    def _shortened(self, kind: Kind, pod: Object, options: Options) -> Step:
        """A second deletion may shorten the time, never lengthen it; only then do its other options count."""
        metadata, grace = pod["metadata"], options.grace_seconds
        old = metadata["deletionGracePeriodSeconds"]
        if grace is None or (grace := grace if grace >= 0 else 1) >= old:
            return Step(None, False)
        began = parse_time(metadata["deletionTimestamp"]) - old * SECOND
        finalizers = finalizers_for(kind, pod, options)
        marked = _with_finalizers({**metadata, **self._deadline(began, grace)}, finalizers)
        return Step({**pod, "metadata": marked}, grace == 0 and not finalizers)

    def _deadline(self, start_ns: int, grace: int) -> dict[str, Any]:
        return {
            "deletionTimestamp": format_time(start_ns + grace * SECOND),
            "deletionGracePeriodSeconds": grace,
        }

    def _namespace_step(self, namespace: Object, options: Options) -> Step:
        metadata = {**namespace["metadata"], "deletionTimestamp": format_time(self._process.now)}
        policy = "Foreground" if options.orphan is False else _policy(options)
        metadata = _with_finalizers(metadata, _replaced(metadata.get("finalizers") or [], policy))
        return Step(evolve({**namespace, "metadata": metadata}, "status.phase", "Terminating"), False)

    # -- the end that comes with an update -------------------------------------------------------

    def ends_here(self, kind: Kind, new: Object, old: Object) -> bool:
        """Whether this update takes away the last thing that kept a dying object (ShouldDeleteDuringUpdate)."""
        metadata = old["metadata"]
        if "deletionTimestamp" not in metadata or new["metadata"].get("finalizers"):
            return False
        if kind.kind == "Namespace" and get_in(new, "spec.finalizers", []):
            return False
        # With seconds left it waits for its kubelet, and not for a finalizer.
        return not metadata.get("deletionGracePeriodSeconds")

    def remove(self, kind: Kind, new: Object, old: Object) -> Object:
        """Delete what an update has released; the answer is its last state."""
        gone = self._storage.delete(kind, old)
        version = gone["metadata"]["resourceVersion"] if gone else old["metadata"]["resourceVersion"]
        return evolve(new, "metadata.resourceVersion", version)


def _tell_why_it_stays(call: Call, metadata: Object) -> None:
    seconds, finalizers = metadata.get("deletionGracePeriodSeconds"), metadata.get("finalizers")
    if finalizers:
        call.reason("store", "held", finalizers=", ".join(finalizers))
    elif seconds:
        call.reason("store", "graceful", seconds=seconds)
    else:
        call.reason("store", "held", finalizers="kubernetes")


def grace_of(pod: Object, options: Options) -> int:
    """Seconds that a Pod has to stop: none when there is nobody to stop it, or nothing left to stop."""
    if not get_in(pod, "spec.nodeName") or get_in(pod, "status.phase") in ("Failed", "Succeeded"):
        return 0
    grace = options.grace_seconds
    if grace is None:
        grace = int(get_in(pod, "spec.terminationGracePeriodSeconds", 0))
    return grace if grace >= 0 else 1


def finalizers_for(kind: Kind, obj: Object, options: Options) -> list[str]:
    """The finalizers that a deletion leaves: the policy decides about the garbage collector's two."""
    present = list(obj["metadata"].get("finalizers") or [])
    if kind.kind in _UNCOLLECTED:
        return [name for name in present if name not in (ORPHAN, FOREGROUND)]
    policy = _policy(options)
    undecided = policy is None and not {ORPHAN, FOREGROUND} & set(present)
    if undecided and kind.kind in _ORPHANS_BY_DEFAULT and kind.group in ("", "batch"):
        policy = "Orphan"
    found = _replaced(present, policy)
    return present if set(found) == set(present) else found


def _policy(options: Options) -> str | None:
    """The propagation policy, whichever word the client used."""
    if options.orphan is not None:
        return "Orphan" if options.orphan else "Background"
    return options.policy


def _replaced(present: list[str], policy: str | None) -> list[str]:
    if policy is None:
        return present
    added = {"Orphan": [ORPHAN], "Foreground": [FOREGROUND]}.get(policy, [])
    return [*(name for name in present if name not in (ORPHAN, FOREGROUND)), *added]


def caution(kind: Kind, options: Options) -> list[str]:
    """What a client is told that deletes and leaves the dependents' fate to the kind."""
    return [_JOB_WARNING] if kind.kind == "Job" and kind.group == "batch" and options.silent else []


def check_preconditions(call: Call, obj: Object, options: Options) -> None:
    """Raises `Conflict` when the object is not the one the client means."""
    kind, metadata = call.kind, obj["metadata"]
    for what, wish, stored in (
        ("UID", options.uid, metadata["uid"]),
        ("ResourceVersion", options.resource_version, metadata["resourceVersion"]),
    ):
        if wish is None or wish == stored:
            continue
        call.reason("store", "another", given=wish, stored=stored)
        if kind.kind in ("Namespace", "CustomResourceDefinition"):
            why = f"Precondition failed: {what} in precondition: {wish}, {what} in object meta: {stored}"
            raise conflict(kind.group, kind.plural, metadata["name"], why)
        hint = "deleted and then recreated" if what == "UID" else "modified"
        why = (
            f"the {what} in the precondition ({wish}) does not match the {what} in record ({stored}). "
            f"The object might have been {hint}"
        )
        raise conflict(kind.group, kind.kind, metadata["name"], why)


def _counted(metadata: dict[str, Any]) -> dict[str, Any]:
    """The end of an object counts as a change of what is wanted, where such changes are counted."""
    generation = metadata.get("generation")
    return {**metadata, "generation": generation + 1} if generation else metadata


def _with_finalizers(metadata: dict[str, Any], finalizers: list[str]) -> dict[str, Any]:
    if finalizers:
        return {**metadata, "finalizers": finalizers}
    return {key: item for key, item in metadata.items() if key != "finalizers"}


def _unless_same(new: Object, old: Object) -> Object | None:
    return None if new == old else new

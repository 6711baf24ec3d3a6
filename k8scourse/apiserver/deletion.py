"""Deletion, which is seldom one step.

    a Pod on a node        marked with a deletionTimestamp 30 s ahead; its kubelet stops it and deletes it for good
    anything with finalizers   marked, and kept until the last finalizer is gone
    an owner, Foreground   marked with the finalizer foregroundDeletion until its dependents are gone
    an owner, Orphan       marked with the finalizer orphan until its dependents have been let go
    a Namespace            marked, and kept until its controller has emptied it
    everything else        gone at once

Upstream: ``apiserver/pkg/registry/rest/delete.go``, ``registry/generic/registry/store.go`` (Delete),
``pkg/registry/core/pod/strategy.go``, ``pkg/registry/core/namespace/storage/storage.go``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from k8scourse.api.errors import BadRequest, Cause, conflict, invalid, not_found
from k8scourse.api.kinds import Kind
from k8scourse.api.times import format_time, parse_time
from k8scourse.api.values import evolve, get_in
from k8scourse.apiserver import admission
from k8scourse.apiserver.call import Call
from k8scourse.apiserver.request import success
from k8scourse.apiserver.routes import number
from k8scourse.apiserver.storage import Object, Storage
from k8scourse.sim import SECOND, Process

ORPHAN, FOREGROUND = "orphan", "foregroundDeletion"
_POLICIES = ("Foreground", "Background", "Orphan")


class Options(NamedTuple):
    """A DeleteOptions: None where the client did not say."""

    grace_seconds: int | None = None
    policy: str | None = None
    uid: str | None = None
    resource_version: str | None = None


class Step(NamedTuple):
    """What a deletion does now: the object as it is to be stored (None: leave it), and whether it goes."""

    marked: Object | None
    goes: bool


class Deleter:
    """Carries deletions out."""

    def __init__(self, process: Process, storage: Storage, plugins: Sequence[admission.Plugin]) -> None:
        self._process = process
        self._storage = storage
        self._plugins = plugins

    def delete(self, call: Call, body: Any) -> Object:
        """DELETE of one object: the answer is the object while it stays, else a Status."""
        options = options_of(call, body)
        return self.delete_with(call, options)

    def delete_with(self, call: Call, options: Options) -> Object:
        """Delete the object of the route, with options that have been read."""
        kind, route = call.kind, call.route
        while True:
            old = self._storage.get(kind, route.namespace, route.name)
            if old is None:
                raise not_found(kind.group, kind.plural, route.name)
            self._admit(call, old)
            check_preconditions(kind, old, options)
            answer = self._take(call, old, self.step(kind, old, options))
            if answer is not None:
                return answer

    def _admit(self, call: Call, old: Object) -> None:
        route = call.route
        call.begin_again()
        asked = admission.AdmissionRequest(
            "delete", call.kind, route.namespace, route.name, "", call.user, None, old, call.dry_run, call
        )
        admission.admit(self._plugins, asked)
        admission.validate(self._plugins, asked)
        call.passed("admit", "store")

    def _take(self, call: Call, old: Object, step: Step) -> Object | None:
        """Store what the step says; None when somebody else was faster."""
        kind = call.kind
        if call.dry_run:
            return self._answer(kind, step.marked or old, step.goes)
        current = old
        if step.marked is not None:
            stored = self._storage.replace(kind, step.marked, old)
            if stored is None:
                return None
            call.stored(old, stored)
            current = stored
        if not step.goes:
            if step.marked is None:
                call.stored(old, old, changed=False)
            return current
        gone = self._storage.delete(kind, current)
        if gone is None:
            return None
        call.stored(old, None)
        return self._answer(kind, gone, True)

    def _answer(self, kind: Kind, obj: Object, gone: bool) -> Object:
        if not gone or kind.returns_deleted:
            return obj
        details = {"name": obj["metadata"]["name"], "group": kind.group, "kind": kind.plural}
        details["uid"] = obj["metadata"]["uid"]
        return success(details={key: item for key, item in details.items() if item})

    # -- what a deletion does --------------------------------------------------------------------

    def step(self, kind: Kind, old: Object, options: Options) -> Step:
        """What to do with an object that somebody wants gone."""
        if kind.kind == "Namespace":
            return self._namespace_step(old)
        if kind.kind == "Pod":
            return self._graceful_step(old, options)
        finalizers = finalizers_for(old, options)
        if not finalizers:
            return Step(None, True)
        return Step(_unless_same(self._marked(old, finalizers), old), False)

    def _marked(self, old: Object, finalizers: list[str]) -> Object:
        """The object on its way out for as long as it has finalizers (store.go, markAsDeleting)."""
        metadata = {**old["metadata"], "finalizers": finalizers, "deletionGracePeriodSeconds": 0}
        if "deletionTimestamp" not in metadata:
            metadata["deletionTimestamp"] = format_time(self._process.now)
            metadata = _counted(metadata)
        return {**old, "metadata": metadata}

    def _graceful_step(self, pod: Object, options: Options) -> Step:
        metadata = pod["metadata"]
        if "deletionTimestamp" in metadata:
            return self._shortened(pod, options)
        grace = grace_of(pod, options)
        finalizers = finalizers_for(pod, options)
        marked = _counted({**metadata, **self._deadline(self._process.now, grace)})
        marked = _with_finalizers(marked, finalizers)
        return Step({**pod, "metadata": marked}, grace == 0 and not finalizers)

    def _shortened(self, pod: Object, options: Options) -> Step:
        """A second deletion may shorten the time, never lengthen it; the options' finalizers no longer count."""
        metadata = pod["metadata"]
        old = metadata.get("deletionGracePeriodSeconds", 0)
        grace = old if options.grace_seconds is None else grace_of(pod, options)
        gone = grace == 0 and not metadata.get("finalizers")
        if grace >= old:
            return Step(None, gone)
        began = parse_time(metadata["deletionTimestamp"]) - old * SECOND
        return Step({**pod, "metadata": {**metadata, **self._deadline(began, grace)}}, gone)

    def _deadline(self, start_ns: int, grace: int) -> dict[str, Any]:
        return {
            "deletionTimestamp": format_time(start_ns + grace * SECOND),
            "deletionGracePeriodSeconds": grace,
        }

    def _namespace_step(self, namespace: Object) -> Step:
        metadata = namespace["metadata"]
        held = get_in(namespace, "spec.finalizers", []) or metadata.get("finalizers", [])
        if "deletionTimestamp" in metadata:
            return Step(None, not held)
        marked = evolve(namespace, "metadata.deletionTimestamp", format_time(self._process.now))
        return Step(evolve(marked, "status.phase", "Terminating"), False)

    # -- the end that comes with an update -------------------------------------------------------

    def ends_here(self, kind: Kind, new: Object, old: Object) -> bool:
        """Whether this update takes away the last thing that kept a dying object (ShouldDeleteDuringUpdate)."""
        metadata = new["metadata"]
        if "deletionTimestamp" not in metadata or metadata.get("finalizers"):
            return False
        if kind.kind == "Namespace":
            return not get_in(new, "spec.finalizers", [])
        # Without a finalizer before, it is waiting for its kubelet and not for a finalizer.
        return bool(old["metadata"].get("finalizers")) and not metadata.get("deletionGracePeriodSeconds")

    def remove(self, kind: Kind, new: Object, old: Object) -> Object:
        """Delete what an update has released; the answer is its last state."""
        gone = self._storage.delete(kind, old)
        version = gone["metadata"]["resourceVersion"] if gone else old["metadata"]["resourceVersion"]
        return evolve(new, "metadata.resourceVersion", version)


def grace_of(pod: Object, options: Options) -> int:
    """Seconds that a Pod has to stop: none when there is nobody to stop it, or nothing left to stop."""
    if not get_in(pod, "spec.nodeName") or get_in(pod, "status.phase") in ("Failed", "Succeeded"):
        return 0
    grace = options.grace_seconds
    if grace is None:
        grace = int(get_in(pod, "spec.terminationGracePeriodSeconds", 0))
    return grace if grace >= 0 else 1


def finalizers_for(obj: Object, options: Options) -> list[str]:
    """The finalizers that a deletion leaves: the policy decides about the garbage collector's two."""
    present = obj["metadata"].get("finalizers") or []
    if options.policy is None:
        return list(present)
    kept = [name for name in present if name not in (ORPHAN, FOREGROUND)]
    added = {"Orphan": [ORPHAN], "Foreground": [FOREGROUND]}.get(options.policy, [])
    return [*kept, *added]


def check_preconditions(kind: Kind, obj: Object, options: Options) -> None:
    """Raises `Conflict` when the object is not the one the client means."""
    metadata = obj["metadata"]
    if options.uid is not None and options.uid != metadata["uid"]:
        why = (
            f"the UID in the precondition ({options.uid}) does not match the UID in record ({metadata['uid']}). "
            "The object might have been deleted and then recreated"
        )
        raise conflict(kind.group, kind.plural, metadata["name"], why)
    version = options.resource_version
    if version is not None and version != metadata["resourceVersion"]:
        why = (
            f"the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in record "
            f"({metadata['resourceVersion']}). The object might have been modified"
        )
        raise conflict(kind.group, kind.plural, metadata["name"], why)


def options_of(call: Call, body: Any) -> Options:
    """The DeleteOptions of a request: its body, or its query when there is none."""
    if body is None:
        given: dict[str, Any] = {"propagationPolicy": call.query.get("propagationPolicy") or None}
        given["gracePeriodSeconds"] = number(call.query, "gracePeriodSeconds")
        if "orphanDependents" in call.query:
            given["orphanDependents"] = call.query["orphanDependents"] in (
                "1",
                "true",
                "True",
                "t",
                "T",
                "TRUE",
            )
    else:
        given = body
    return read_options(given)


def read_options(given: Any) -> Options:
    """Options from their JSON form. Raises `BadRequest` for wrong types, `Invalid` for wrong values."""
    if not isinstance(given, dict):
        raise BadRequest(_NOT_OPTIONS)
    preconditions = _typed(given, "preconditions", dict) or {}
    policy = _typed(given, "propagationPolicy", str)
    orphan = _typed(given, "orphanDependents", bool)
    if orphan is not None:
        _check_one_policy(policy)
        policy = "Orphan" if orphan else "Background"
    if policy is not None and policy not in _POLICIES:
        known = ", ".join(f'"{name}"' for name in (*_POLICIES, "nil"))
        detail = f'Unsupported value: "{policy}": supported values: {known}'
        raise _invalid_options(Cause("propagationPolicy", "FieldValueNotSupported", detail))
    grace = _typed(given, "gracePeriodSeconds", int)
    uid, version = _typed(preconditions, "uid", str), _typed(preconditions, "resourceVersion", str)
    return Options(grace, policy, uid, version)


_NOT_OPTIONS = (
    'DeleteOptions in version "v1" cannot be handled as a DeleteOptions: json: cannot unmarshal value'
)


def _typed(given: dict[str, Any], field: str, wanted: type) -> Any:
    value = given.get(field)
    if value is not None and (not isinstance(value, wanted) or (wanted is int and isinstance(value, bool))):
        raise BadRequest(f"{_NOT_OPTIONS} into Go struct field DeleteOptions.{field}")
    return value


def _check_one_policy(policy: str | None) -> None:
    if policy is not None:
        detail = 'Invalid value: "orphanDependents and deletionPropagation cannot be both set": '
        raise _invalid_options(Cause("propagationPolicy", "FieldValueInvalid", detail.rstrip(": ")))


def _invalid_options(cause: Cause) -> Exception:
    return invalid("meta.k8s.io", "DeleteOptions", "", [cause])


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

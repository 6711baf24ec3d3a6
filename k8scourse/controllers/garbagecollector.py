"""The garbage collector: what nobody owns any more is deleted.

An object whose owners are all gone goes. Deleting an owner says what becomes of its dependents:

    Background   the owner goes at once, they follow
    Foreground   they go first; those with `blockOwnerDeletion: true` hold the owner until they are gone
    Orphan       they stay, without the reference

The graph only says where to look. Before anything is deleted, the API server itself is asked, for the object and
for each owner. Upstream: `pkg/controller/garbagecollector/garbagecollector.go`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from k8scourse.api import kinds, metadata
from k8scourse.api.custom_kinds import CustomKind
from k8scourse.api.errors import Conflict, NotFound, StatusError
from k8scourse.api.kinds import Kind
from k8scourse.api.values import Object, get_in
from k8scourse.sim import SECOND

from .base import Context, Controller
from .mapper import DEFINITIONS, KindMapper, served
from .ownership_graph import FOREGROUND, ORPHAN, Node, OwnershipGraph

# The kinds of every cluster from its first second; all others follow a little later.
_WATCHED = (
    "configmaps", "namespaces", "nodes", "pods", "secrets", "serviceaccounts", "services", "daemonsets",
    "deployments", "replicasets", "leases", "endpointslices",
)  # fmt: skip
_IGNORED = ("events", "events.events.k8s.io")
RESYNC_NS = 30 * SECOND
"""How often upstream asks for the list of kinds; here everything else is followed after this time."""
ABSENT_MAX = 500


class _Owners(NamedTuple):
    """Owner references by what became of the owner: there, gone, or waiting for this very dependent."""

    solid: list[Object]
    dangling: list[Object]
    waiting: list[Object]


class GarbageCollector(Controller):
    """Watches every kind that can be deleted, users' kinds included. Its graph is a cache; a restart builds it anew."""

    NAME = "garbage-collector-controller"
    KIND = _WATCHED[0]
    WATCHES = _WATCHED[1:]

    def __init__(self, context: Context) -> None:
        self._mapper = KindMapper()
        self.graph = OwnershipGraph(self._mapper.by_kind)
        self._absent: dict[str, None] = {}
        super().__init__(context)

    def begin(self) -> None:
        """Work on what there is; soon the kinds that few clusters use are looked at too."""
        super().begin()
        self.process.after(RESYNC_NS, self._follow_rest)

    def _follow_rest(self) -> None:
        for kind in kinds.ALL:
            if (
                {"delete", "list", "watch"} <= set(kind.verbs)
                and kind.resource_name not in _IGNORED
                and kind.stored
            ):
                self.follow(kind.plural)

    def on_added(self, resource: str, obj: Object) -> None:
        """The graph learns of an object."""
        if resource == DEFINITIONS:
            self._define(obj)
        self._watch_owners(obj)
        self._queue_all(self.graph.put(obj))

    def _define(self, definition: Object, old: Object | None = None) -> None:
        """Follow a kind that a user has defined, in one of its versions."""
        before = served(old)[:1] if old else []
        now = self._mapper.learn(definition)[:1]
        if before != now:
            for kind in before:
                self.unfollow(kind)
            for kind in now:
                self.follow(kind)

    def _watch_owners(self, obj: Object) -> None:
        """From now on follow the kinds of its owners too: their end must be noticed."""
        for owner in metadata.owner_references(obj):
            kind = self._mapper.by_kind(owner["apiVersion"], owner["kind"])
            if kind is not None and "watch" in kind.verbs and not isinstance(kind, CustomKind):
                self.follow(kind.plural)

    def on_updated(self, resource: str, old: Object, new: Object) -> None:
        """Only owners, finalizers and deletion matter to the graph."""
        if resource == DEFINITIONS:
            self._define(new, old)
        self._watch_owners(new)
        if metadata.uid(old) != metadata.uid(new):
            self._queue_all(self.graph.remove(metadata.uid(old)))
            self._queue_all(self.graph.put(new))
        elif _shape(old) != _shape(new):
            self._queue_all(self.graph.put(new))

    def on_deleted(self, resource: str, obj: Object) -> None:
        """The graph forgets an object; its dependents are looked at."""
        if resource == DEFINITIONS:
            for kind in served(obj)[:1]:
                self.unfollow(kind)
            self._mapper.forget(obj)
        self._note_absent(metadata.uid(obj))
        self._queue_all(self.graph.remove(metadata.uid(obj)))

    def _queue_all(self, work: Iterable[str]) -> None:
        for key in work:
            self.queue.add(key)

    def reconcile(self, key: str) -> int | None:
        """`delete <uid>` or `orphan <uid>`."""
        task, _, uid = key.partition(" ")
        node = self.graph.nodes.get(uid)
        if node is None:
            return None
        if task == "orphan":
            self._orphan_dependents(node)
        elif node.virtual:
            self._verify(node)
        else:
            self._attempt_to_delete(node)
        return None

    def _verify(self, node: Node) -> None:
        """An owner that no watch has shown: does it exist?"""
        if self._mapper.by_kind(node.api_version, node.kind) is None:
            return  # a kind that nobody serves: nothing can be said about it
        if self._live(node) is None:
            self._gone(node)

    def _gone(self, node: Node) -> None:
        self._note_absent(node.uid)
        self._queue_all(self.graph.remove(node.uid))

    def _note_absent(self, uid: str) -> None:
        self._absent[uid] = None
        while len(self._absent) > ABSENT_MAX:
            del self._absent[next(iter(self._absent))]

    def _live(self, node: Node) -> Object | None:
        """The object as the API server has it; None when it is gone or its name belongs to another one."""
        return self._get(node.api_version, node.kind, node.name, node.namespace, node.uid)

    def _get(self, api_version: str, kind_name: str, name: str, namespace: str, uid: str) -> Object | None:
        kind = self._mapper.by_kind(api_version, kind_name)
        if kind is None:
            return None
        try:
            found = self.client.get(_addressed(kind), name, namespace if kind.namespaced else "")
        except NotFound:
            return None
        return found if metadata.uid(found) == uid else None

    def _attempt_to_delete(self, node: Node) -> None:
        if node.being_deleted and not node.deleting_dependents:
            return
        latest = self._live(node)
        if latest is None:
            self._gone(node)
        elif node.deleting_dependents:
            self._finish_foreground(node, latest)
        elif metadata.owner_references(latest):
            self._judge(node, latest)

    def _finish_foreground(self, node: Node, latest: Object) -> None:
        """Nobody blocks any more: let it go. Else see to those who do."""
        blocking = node.blocking()
        if not blocking:
            self._remove_finalizer(latest, FOREGROUND)
        self._queue_all(f"delete {each.uid}" for each in blocking if not each.deleting_dependents)

    def _judge(self, node: Node, latest: Object) -> None:
        owners = self._classify(latest)
        lost = owners.dangling + owners.waiting
        if owners.solid:
            if lost:
                self._drop_references(latest, [owner["uid"] for owner in lost])
            return
        if owners.waiting and node.dependents:
            if any(each.deleting_dependents for each in node.dependents.values()):
                self._unblock(node, latest)
            self._delete(latest, "Foreground")
            return
        finalizers = get_in(latest, "metadata.finalizers", [])
        policy = (
            "Orphan" if ORPHAN in finalizers else "Foreground" if FOREGROUND in finalizers else "Background"
        )
        self._delete(latest, policy)

    def _classify(self, latest: Object) -> _Owners:
        found = _Owners([], [], [])
        namespace = metadata.namespace(latest)
        for owner in metadata.owner_references(latest):
            if owner["uid"] in self._absent:
                found.dangling.append(owner)
                continue
            if self._mapper.by_kind(owner["apiVersion"], owner["kind"]) is None:
                found.solid.append(owner)
                continue
            above = self._get(owner["apiVersion"], owner["kind"], owner["name"], namespace, owner["uid"])
            if above is None:
                self._report_elsewhere(latest, owner)
                found.dangling.append(owner)
            elif metadata.is_terminating(above) and FOREGROUND in get_in(above, "metadata.finalizers", []):
                found.waiting.append(owner)
            else:
                found.solid.append(owner)
        return found

    def _report_elsewhere(self, obj: Object, owner: Object) -> None:
        """An owner in another namespace is no owner. Else it is remembered that this one is gone."""
        known = self.graph.nodes.get(owner["uid"])
        if known is None or known.virtual or known.namespace in ("", metadata.namespace(obj)):
            self._note_absent(owner["uid"])
            return
        parts = f"{owner['apiVersion']}/{owner['kind']}, namespace: {metadata.namespace(obj)}"
        reference = f"[{parts}, name: {owner['name']}, uid: {owner['uid']}]"
        message = f'ownerRef {reference} does not exist in namespace "{metadata.namespace(obj)}"'
        self.recorder.event(obj, "Warning", "OwnerRefInvalidNamespace", message)

    def _orphan_dependents(self, node: Node) -> None:
        """Take the reference out of every dependent, then the finalizer out of the owner."""
        latest = self._live(node)
        if latest is None:
            return
        for dependent in list(node.dependents.values()):
            current = self._live(dependent)
            if current is not None:
                self._drop_references(current, [node.uid])
        self._remove_finalizer(latest, ORPHAN)

    def _drop_references(self, obj: Object, uids: list[str]) -> None:
        gone = [{"$patch": "delete", "uid": uid} for uid in uids]
        left = [owner for owner in metadata.owner_references(obj) if owner["uid"] not in uids]
        self._patch_references(obj, gone, left)

    def _unblock(self, node: Node, latest: Object) -> None:
        """Break a circle of foreground deletions: this object shall not hold its owners."""
        references = [{**owner, "blockOwnerDeletion": False} for owner in metadata.owner_references(latest)]
        self._patch_references(latest, references, references)

    def _patch_references(self, obj: Object, change: list[Object], whole: list[Object]) -> None:
        """By the change alone; kinds that users defined take only the whole list, of exactly this version."""
        if not isinstance(self._mapper.of(obj), CustomKind):
            self._patch(obj, {"metadata": {"uid": metadata.uid(obj), "ownerReferences": change}}, "strategic")
            return
        version = obj["metadata"]["resourceVersion"]
        self._patch(
            obj, {"metadata": {"resourceVersion": version, "ownerReferences": whole or None}}, "merge"
        )

    def _remove_finalizer(self, obj: Object, finalizer: str) -> None:
        rest = [each for each in get_in(obj, "metadata.finalizers", []) if each != finalizer]
        version = obj["metadata"]["resourceVersion"]
        self._patch(obj, {"metadata": {"resourceVersion": version, "finalizers": rest or None}}, "merge")

    def _patch(self, obj: Object, change: Object, patch_type: str) -> None:
        name, namespace = metadata.name(obj), metadata.namespace(obj)
        try:
            resource = _addressed(self._mapper.of(obj))
            self.client.patch(resource, name, change, namespace, patch_type=patch_type)
        except NotFound:
            return
        except StatusError as error:
            if error.code != 422:  # the reference, or the object, is another one by now
                raise

    def _delete(self, obj: Object, policy: str) -> None:
        """Delete exactly this object, with its dependents' fate."""
        name, namespace, uid = metadata.name(obj), metadata.namespace(obj), metadata.uid(obj)
        try:
            resource = _addressed(self._mapper.of(obj))
            self.client.delete(resource, name, namespace, propagation_policy=policy, uid=uid)
        except NotFound:
            return
        except Conflict:
            self.queue.add_rate_limited(f"delete {uid}")


def _addressed(kind: Kind) -> str | Kind:
    """A kind as the client wants it named."""
    return kind if isinstance(kind, CustomKind) else kind.plural


def _shape(obj: Object) -> tuple[object, ...]:
    fields = ("ownerReferences", "finalizers", "deletionTimestamp")
    return tuple(get_in(obj, ("metadata", each)) for each in fields)

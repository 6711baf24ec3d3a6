"""Who owns whom: the garbage collector's picture of all objects, kept by UID.

    dependents of an owner      every object with an owner reference to its UID
    virtual                     an owner that objects name, and that no watch has shown yet
    deleting dependents         an owner that is deleted in the foreground: it waits for those who block it

Every change answers with the work that it makes: keys `delete <uid>` and `orphan <uid>`.
Upstream: `pkg/controller/garbagecollector/{graph,graph_builder}.go`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from k8scourse.api import kinds, metadata
from k8scourse.api.kinds import Kind
from k8scourse.api.values import Object, get_in

FOREGROUND, ORPHAN = "foregroundDeletion", "orphan"

Work = list[str]


@dataclass(slots=True)
class Node:
    """One object as the graph knows it. `owners` are its owner references."""

    uid: str
    api_version: str
    kind: str
    namespace: str
    name: str
    owners: list[Object] = field(default_factory=list)
    dependents: dict[str, Node] = field(default_factory=dict)
    virtual: bool = False
    being_deleted: bool = False
    deleting_dependents: bool = False
    orphaning: bool = False

    def blocking(self) -> list[Node]:
        """The dependents that must be gone before a foreground deletion ends."""
        return [each for each in self.dependents.values() if each._blocks(self.uid)]

    def _blocks(self, uid: str) -> bool:
        return any(owner["uid"] == uid and owner.get("blockOwnerDeletion") for owner in self.owners)


class OwnershipGraph:
    """All nodes by UID. `put` and `remove` follow the watches; nothing here talks to the API server."""

    def __init__(self, by_kind: Callable[[str, str], Kind | None] = kinds.by_kind) -> None:
        self._by_kind = by_kind
        self.nodes: dict[str, Node] = {}

    def put(self, obj: Object) -> Work:
        """An object appeared or changed."""
        uid = metadata.uid(obj)
        node = self.nodes.get(uid)
        if node is None:
            node = self.nodes[uid] = _node_of(obj)
        node.virtual = False
        node.namespace = metadata.namespace(obj)
        work = list(self._follow_owners(node, metadata.owner_references(obj)))
        return work + list(self._follow_deletion(node, obj))

    def remove(self, uid: str) -> Work:
        """An object is gone: its dependents may have lost their last owner, its owners what they waited for."""
        node = self.nodes.pop(uid, None)
        if node is None:
            return []
        work = [_delete(each) for each in node.dependents.values()]
        for owner in node.owners:
            above = self.nodes.get(owner["uid"])
            if above is not None:
                above.dependents.pop(uid, None)
                work += [_delete(above)] if above.deleting_dependents else []
        return work

    def _follow_owners(self, node: Node, owners: list[Object]) -> Iterator[str]:
        before, node.owners = {owner["uid"]: owner for owner in node.owners}, owners
        now = {owner["uid"]: owner for owner in owners}
        for uid, owner in before.items():
            above = self.nodes.get(uid)
            if above is None or now.get(uid) == owner:
                continue
            if uid not in now:
                above.dependents.pop(node.uid, None)
            if above.deleting_dependents:
                yield _delete(above)
        for uid, owner in now.items():
            if uid not in before:
                yield from self._add_owner(node, owner)

    def _add_owner(self, node: Node, owner: Object) -> Iterator[str]:
        above = self.nodes.get(owner["uid"])
        if above is None:
            above = self.nodes[owner["uid"]] = self._virtual(owner, node.namespace)
            yield _delete(above)
        above.dependents[node.uid] = node
        if above.deleting_dependents or _is_elsewhere(above, node):
            yield _delete(node)

    def _virtual(self, owner: Object, namespace: str) -> Node:
        kind = self._by_kind(owner["apiVersion"], owner["kind"])
        where = namespace if kind is None or kind.namespaced else ""
        return Node(owner["uid"], owner["apiVersion"], owner["kind"], where, owner["name"], virtual=True)

    def _follow_deletion(self, node: Node, obj: Object) -> Iterator[str]:
        finalizers = get_in(obj, "metadata.finalizers", [])
        node.being_deleted = metadata.is_terminating(obj)
        was_orphaning, was_deleting = node.orphaning, node.deleting_dependents
        node.orphaning = node.being_deleted and ORPHAN in finalizers
        node.deleting_dependents = node.being_deleted and FOREGROUND in finalizers
        if node.orphaning and not was_orphaning:
            yield f"orphan {node.uid}"
        if node.deleting_dependents and not was_deleting:
            yield from (_delete(each) for each in node.dependents.values())
            yield _delete(node)


def _delete(node: Node) -> str:
    return f"delete {node.uid}"


def _node_of(obj: Object) -> Node:
    return Node(
        metadata.uid(obj), obj["apiVersion"], obj["kind"], metadata.namespace(obj), metadata.name(obj)
    )


def _is_elsewhere(owner: Node, dependent: Node) -> bool:
    """Owners live in the same namespace as what they own, or in none."""
    return bool(owner.namespace) and owner.namespace != dependent.namespace

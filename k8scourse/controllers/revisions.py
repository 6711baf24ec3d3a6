"""The history of a workload: ControllerRevisions, each a template as it was once wanted.

Going back makes no new revision: the old one gets the next number.
Upstream: `pkg/controller/history/controller_history.go`.
"""

from __future__ import annotations

from collections.abc import Iterable

from k8scourse.api import metadata
from k8scourse.api.errors import AlreadyExists, Conflict, NotFound
from k8scourse.api.hashing import object_hash
from k8scourse.api.values import Object, get_in
from k8scourse.client import Client, Informer

from .claims import Claim, owned_or_orphans
from .pod_owner import selector_of

HASH_LABEL = "controller.kubernetes.io/hash"
RESOURCE = "controllerrevisions"
DEFAULT_LIMIT = 10


class Revisions:
    """The history of one kind of workload."""

    def __init__(self, client: Client, informer: Informer) -> None:
        self._client, self._informer = client, informer

    def known_of(self, owner: Object) -> list[Object]:
        """The owner's revisions, oldest first; orphans that it selects are adopted."""
        claim = Claim(self._client, owner, selector_of(owner))
        found = claim.take(owned_or_orphans(self._informer, owner))
        return sorted(found, key=lambda each: (each["revision"], metadata.name(each)))

    def of_now(self, owner: Object, known: list[Object], collisions: int) -> tuple[Object, int]:
        """The revision that is equal to the owner's template: found, raised to the newest, or made.

        The number is the count of names that were taken by something else.
        """
        data = data_of(owner)
        number = known[-1]["revision"] + 1 if known else 1
        equal = [each for each in known if each["data"] == data]
        if not equal:
            return self._create(owner, data, number, collisions)
        if equal[-1] is known[-1]:
            return equal[-1], collisions
        return self._raise(equal[-1], number), collisions

    def _create(self, owner: Object, data: Object, number: int, collisions: int) -> tuple[Object, int]:
        while True:
            made = _new(owner, data, number, collisions)
            try:
                return self._client.create(made), collisions
            except AlreadyExists:
                name, namespace = metadata.name(made), metadata.namespace(made)
                there = self._client.get(RESOURCE, name, namespace)
                if there["data"] == data:
                    return there, collisions
                collisions += 1

    def _raise(self, revision: Object, number: int) -> Object:
        if revision["revision"] == number:
            return revision
        try:
            return self._client.update({**revision, "revision": number})
        except Conflict:
            name, namespace = metadata.name(revision), metadata.namespace(revision)
            fresh = self._client.get(RESOURCE, name, namespace)
            return self._client.update({**fresh, "revision": number})

    def truncate(self, owner: Object, known: list[Object], live: Iterable[str]) -> None:
        """Delete the oldest of those that nobody uses, so that at most `revisionHistoryLimit` of them stay."""
        used = list(live)
        unused = [each for each in known if metadata.name(each) not in used]
        limit = int(get_in(owner, "spec.revisionHistoryLimit", DEFAULT_LIMIT))
        for revision in unused[: max(0, len(unused) - limit)]:
            try:
                self._client.delete(RESOURCE, metadata.name(revision), metadata.namespace(revision))
            except NotFound:
                continue


def data_of(owner: Object) -> Object:
    """What a revision keeps of a workload: a patch that puts the template in place."""
    return {"spec": {"template": {**owner["spec"]["template"], "$patch": "replace"}}}


def template_of(revision: Object) -> Object:
    """The template that a revision keeps."""
    template: Object = revision["data"]["spec"]["template"]
    return {key: value for key, value in template.items() if key != "$patch"}


def _new(owner: Object, data: Object, number: int, collisions: int) -> Object:
    digest = object_hash(data, collisions or None)
    labels = get_in(owner, "spec.template.metadata.labels", {})
    about: Object = {
        "name": f"{metadata.name(owner)}-{digest}",
        "namespace": metadata.namespace(owner),
        "labels": {**labels, HASH_LABEL: digest},
        "ownerReferences": [metadata.owner_reference(owner)],
    }
    if metadata.annotations(owner):
        about["annotations"] = metadata.annotations(owner)
    kind = {"apiVersion": "apps/v1", "kind": "ControllerRevision"}
    return {**kind, "metadata": about, "data": data, "revision": number}

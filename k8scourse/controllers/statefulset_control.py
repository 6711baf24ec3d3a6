"""Pods and claims in the name of a StatefulSet, with the Events that tell of it.

Upstream: `pkg/controller/statefulset/stateful_pod_control.go`.
"""

from __future__ import annotations

from k8scourse.api import metadata
from k8scourse.api.errors import AlreadyExists, Conflict, NotFound, StatusError
from k8scourse.api.values import Object
from k8scourse.client import Client, EventRecorder, Lister, Unreachable

from .base import join
from .statefulset_pods import claim_owners, claims_of, is_stale_claim


class StatefulPodControl:
    """Makes and deletes Pods with their claims; `claims` is the cache of PersistentVolumeClaims."""

    def __init__(self, client: Client, recorder: EventRecorder, claims: Lister) -> None:
        self._client, self._recorder, self._claims = client, recorder, claims

    def create(self, stateful_set: Object, pod: Object, ordinal: int) -> None:
        """First the claims, then the Pod. A refusal is said and raised."""
        self.ensure_claims(stateful_set, pod, ordinal)
        try:
            self._client.create(pod)
        except AlreadyExists:
            raise
        except (StatusError, Unreachable) as error:
            self._say(stateful_set, "create", self._pod_in_set(stateful_set, pod), error)
            raise
        self._say(stateful_set, "create", self._pod_in_set(stateful_set, pod), None)

    def delete(self, stateful_set: Object, pod: Object) -> None:
        """Ask for a Pod's deletion; one that is gone already is fine."""
        name, namespace = metadata.name(pod), metadata.namespace(pod)
        try:
            self._client.delete("pods", name, namespace, uid=metadata.uid(pod))
        except NotFound:
            return
        except (StatusError, Unreachable) as error:
            self._say(stateful_set, "delete", self._pod_in_set(stateful_set, pod), error)
            raise
        self._say(stateful_set, "delete", self._pod_in_set(stateful_set, pod), None)

    def update(self, stateful_set: Object, pod: Object) -> None:
        """Write a Pod whose labels were lost."""
        try:
            self._client.update(pod)
        except (StatusError, Unreachable) as error:
            self._say(stateful_set, "update", self._pod_in_set(stateful_set, pod), error)
            raise
        self._say(stateful_set, "update", self._pod_in_set(stateful_set, pod), None)

    def has_stale_claim(self, stateful_set: Object, pod: Object, ordinal: int) -> bool:
        """Whether a claim of this ordinal is about to go with an earlier Pod: then the new one waits."""
        found = [self._claims.get(_key(claim)) for claim in claims_of(stateful_set, ordinal).values()]
        return any(claim is not None and is_stale_claim(claim, pod) for claim in found)

    def ensure_claims(self, stateful_set: Object, pod: Object, ordinal: int) -> None:
        """Create the claims that are missing; raises `Conflict` while an old one is being deleted."""
        for claim in claims_of(stateful_set, ordinal).values():
            there = self._claims.get(_key(claim))
            if there is None:
                self._create_claim(stateful_set, pod, claim)
            elif metadata.is_terminating(there):
                raise Conflict(f"pvc {metadata.name(there)} is being deleted")

    def _create_claim(self, stateful_set: Object, pod: Object, claim: Object) -> None:
        owners = claim_owners(claim, stateful_set, pod)
        if owners:
            claim = {**claim, "metadata": {**claim["metadata"], "ownerReferences": owners}}
        try:
            self._client.create(claim)
        except AlreadyExists:
            return
        except (StatusError, Unreachable) as error:
            self._say(stateful_set, "create", self._claim_in_set(stateful_set, pod, claim), error, "success")
            raise
        self._say(stateful_set, "create", self._claim_in_set(stateful_set, pod, claim), None, "success")

    def fix_claims(self, stateful_set: Object, pod: Object, ordinal: int) -> None:
        """Give the claims the owners that the retention policy asks for."""
        for claim in claims_of(stateful_set, ordinal).values():
            there = self._claims.get(_key(claim))
            if there is None:
                continue
            owners = claim_owners(there, stateful_set, pod)
            if owners != metadata.owner_references(there):
                self._client.update({**there, "metadata": {**there["metadata"], "ownerReferences": owners}})

    def _pod_in_set(self, stateful_set: Object, pod: Object) -> str:
        return f"Pod {metadata.name(pod)} in StatefulSet {metadata.name(stateful_set)}"

    def _claim_in_set(self, stateful_set: Object, pod: Object, claim: Object) -> str:
        return f"Claim {metadata.name(claim)} {self._pod_in_set(stateful_set, pod)}"

    def _say(
        self, stateful_set: Object, verb: str, what: str, error: Exception | None, well: str = "successful"
    ) -> None:
        title = verb.capitalize()
        if error is None:
            self._recorder.event(stateful_set, "Normal", f"Successful{title}", f"{title} {what} {well}")
        else:
            message = f"{title} {what} failed error: {error}"
            self._recorder.event(stateful_set, "Warning", f"Failed{title}", message)


def _key(claim: Object) -> str:
    return join(metadata.namespace(claim), metadata.name(claim))

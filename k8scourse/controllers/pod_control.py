"""Creating and deleting Pods for a controller, with the Events that tell of it.

Upstream: `pkg/controller/controller_utils.go` (RealPodControl, GetPodFromTemplate) and `slowStartBatch` of
`pkg/controller/replicaset/replica_set.go`.
"""

from __future__ import annotations

from collections.abc import Callable

from k8scourse.api import metadata
from k8scourse.api.errors import NotFound, StatusError
from k8scourse.api.values import Object, get_in
from k8scourse.client import Client, EventRecorder, Unreachable

TERMINATING_NAMESPACE = "NamespaceTerminating"


def pod_from_template(template: Object, owner: Object) -> Object:
    """A Pod as `owner` wants it. Its spec *is* the template's, shared and not copied; its name is generated."""
    made = {"generateName": f"{metadata.name(owner)}-", "namespace": metadata.namespace(owner)}
    inherited = {
        field: get_in(template, ("metadata", field))
        for field in ("labels", "annotations", "finalizers")
        if get_in(template, ("metadata", field))
    }
    references = {"ownerReferences": [metadata.owner_reference(owner)]}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {**made, **inherited, **references},
        "spec": template["spec"],
    }


class PodControl:
    """Pods in the name of one controller; `recorder` speaks for it."""

    def __init__(self, client: Client, recorder: EventRecorder) -> None:
        self._client, self._recorder = client, recorder

    def create(self, pod: Object, owner: Object) -> Object:
        """Create a Pod and say so on its owner; a refusal is said too, and raised."""
        try:
            created = self._client.create(pod)
        except (StatusError, Unreachable) as error:
            if not is_namespace_terminating(error):
                self._recorder.event(owner, "Warning", "FailedCreate", f"Error creating: {error}")
            raise
        self._recorder.event(owner, "Normal", "SuccessfulCreate", f"Created pod: {metadata.name(created)}")
        return created

    def delete(self, pod: Object, owner: Object) -> None:
        """Ask for a Pod's deletion and say so on its owner. Raises `NotFound` like any other refusal."""
        name, namespace = metadata.name(pod), metadata.namespace(pod)
        try:
            self._client.delete("pods", name, namespace, uid=metadata.uid(pod))
        except NotFound:
            raise
        except (StatusError, Unreachable) as error:
            self._recorder.event(owner, "Warning", "FailedDelete", f"Error deleting: {error}")
            raise
        self._recorder.event(owner, "Normal", "SuccessfulDelete", f"Deleted pod: {name}")


def is_namespace_terminating(error: Exception) -> bool:
    """Whether a creation was refused because its namespace is on its way out: nothing to complain about."""
    causes = (getattr(error, "details", None) or {}).get("causes") or ()
    return any(cause.get("reason") == TERMINATING_NAMESPACE for cause in causes)


def slow_start(count: int, act: Callable[[], object]) -> tuple[int, Exception | None]:
    """Do something `count` times, in batches of 1, 2, 4, 8 …; a batch with a failure is the last one.

    A quota that refuses the first Pod would refuse the other 499 too: so it is asked once, not 500 times.
    Returns how many succeeded, and the first error.
    """
    done, batch, failure = 0, 1, None
    while done < count and failure is None:
        for _ in range(min(batch, count - done)):
            try:
                act()
                done += 1
            except (StatusError, Unreachable) as error:
                failure = failure or error
        batch *= 2
    return done, failure

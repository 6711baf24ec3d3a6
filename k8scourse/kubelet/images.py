"""Making sure that a container's image is there: policy, one pull at a time, back-off.

Upstream: `pkg/kubelet/images/image_manager.go`, with its events and messages.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from ..client import EventRecorder
from ..runtime import CRIError, PodSandboxConfig, RuntimeService, Unavailable
from ..runtime.images import parse_reference
from ..sim import Process
from .backoff import Backoff
from .config import BACKOFF_NS, RELIST_NS, SYNC_RETRY_NS, Pod
from .durations import go_duration
from .steps import Steps, wait

Container = Mapping[str, Any]


class StartFailure(Exception):
    """A container cannot start now: the waiting reason and message of its status, and when to look again.

    `again_ns` None means the worker's usual retry.
    """

    def __init__(self, reason: str, message: str, again_ns: int | None = None) -> None:
        super().__init__(message)
        self.reason, self.message, self.again_ns = reason, message, again_ns


def field_path(pod: Pod, container: Container) -> str:
    """Which part of a Pod an Event about a container names: `spec.containers{web}`."""
    for field in ("initContainers", "ephemeralContainers"):
        if any(one["name"] == container["name"] for one in pod["spec"].get(field) or ()):
            return f"spec.{field}{{{container['name']}}}"
    return f"spec.containers{{{container['name']}}}"


class ImagePuller:
    """Pulls images for all Pods of a node, one after another."""

    def __init__(self, process: Process, runtime: RuntimeService, recorder: EventRecorder) -> None:
        self._process, self._runtime, self._recorder = process, runtime, recorder
        self._backoff = Backoff()
        self._errors: dict[str, str] = {}
        self._queue: deque[tuple[str, PodSandboxConfig, Callable[[Any], None]]] = deque()
        self._busy = False

    def ensure(self, pod: Pod, container: Container, sandbox: PodSandboxConfig) -> Steps[str]:
        """Give the image's reference on this node, pulling it when policy or absence ask for it.

        Raises `StartFailure` with InvalidImageName, ErrImageNeverPull, ErrImagePull or ImagePullBackOff.
        """
        image = container["image"]
        try:
            parse_reference(image)
        except ValueError as error:
            message = (
                f'Failed to apply default image tag "{image}": couldn\'t parse image name "{image}": {error}'
            )
            self._event(pod, container, "Warning", "InspectFailed", message)
            raise StartFailure("InvalidImageName", message) from None
        policy = container.get("imagePullPolicy", "IfNotPresent")
        present = self._runtime.image_status(image)
        if present is not None and policy != "Always":
            message = f'Container image "{image}" already present on machine and can be accessed by the pod'
            self._event(pod, container, "Normal", "Pulled", message)
            return present.ref
        if policy == "Never":
            message = f'Container image "{image}" is not present with pull policy of Never'
            self._event(pod, container, "Warning", "ErrImageNeverPull", message)
            raise StartFailure("ErrImageNeverPull", message)
        return (yield from self._pull(pod, container, sandbox))

    def _pull(self, pod: Pod, container: Container, sandbox: PodSandboxConfig) -> Steps[str]:
        image = container["image"]
        key = f"{pod['metadata']['uid']}_{image}"
        if (left := self._backoff.remaining_since_update(key, self._process.now)) > 0:
            self._event(pod, container, "Normal", "BackOff", f'Back-off pulling image "{image}"')
            message = f'Back-off pulling image "{image}": ErrImagePull: {self._errors.get(key, "")}'
            raise StartFailure("ImagePullBackOff", message, left)
        self._event(pod, container, "Normal", "Pulling", f'Pulling image "{image}"')
        asked = self._process.now
        answer: tuple[str | CRIError, int] = yield from wait(lambda done: self._enqueue(image, sandbox, done))
        result, begun = answer
        if isinstance(result, CRIError):
            message = f'Failed to pull image "{image}": {result.message}'
            self._event(pod, container, "Warning", "Failed", message)
            self._backoff.next(key, self._process.now, self._process.now)
            self._errors[key] = result.message
            # The first failure is looked at again soon: the new sandbox is news that the next relist brings.
            first = self._backoff.delay(key) == BACKOFF_NS
            raise StartFailure("ErrImagePull", result.message, RELIST_NS if first else SYNC_RETRY_NS)
        self._errors.pop(key, None)
        took, waited = self._process.now - begun, self._process.now - asked
        status = self._runtime.image_status(image)
        size = f" Image size: {status.size} bytes." if status is not None else ""
        message = (
            f'Successfully pulled image "{image}" in {go_duration(took)} '
            f"({go_duration(waited)} including waiting).{size}"
        )
        self._event(pod, container, "Normal", "Pulled", message)
        return str(result)

    def _enqueue(self, image: str, sandbox: PodSandboxConfig, done: Callable[[Any], None]) -> None:
        self._queue.append((image, sandbox, done))
        if not self._busy:
            self._next()

    def _next(self) -> None:
        self._busy = bool(self._queue)
        if not self._busy:
            return
        image, sandbox, done = self._queue.popleft()
        begun = self._process.now

        def finished(result: str | CRIError) -> None:
            self._next()
            done((result, begun))

        try:
            self._runtime.pull_image(image, sandbox, finished)
        except Unavailable as error:
            finished(error)

    def forget(self, uid: str) -> None:
        """A Pod is gone."""
        self._backoff.forget(f"{uid}_")

    def _event(self, pod: Pod, container: Container, kind: str, reason: str, message: str) -> None:
        self._recorder.event(pod, kind, reason, message, field_path=field_path(pod, container))

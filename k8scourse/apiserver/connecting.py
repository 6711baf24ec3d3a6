"""What the API server does not answer itself: logs, and connections into containers. It asks the Pod's kubelet.

Upstream: ``pkg/registry/core/pod/strategy.go`` (LogLocation, streamLocation), ``pkg/registry/core/pod/rest``.
"""

from __future__ import annotations

from typing import Any, Protocol

from k8scourse.api.errors import BadRequest, ServiceUnavailable
from k8scourse.api.sessions import Command, Opener
from k8scourse.api.values import get_in
from k8scourse.apiserver import logoptions
from k8scourse.apiserver.call import Call
from k8scourse.apiserver.registry import Registry
from k8scourse.apiserver.request import Response
from k8scourse.apiserver.routes import query_pairs, truth


class KubeletConnector(Protocol):
    """The calls that go from the API server to a kubelet. Each raises a `StatusError` when the kubelet refuses or
    cannot be reached."""

    def logs(self, node: str, namespace: str, pod: str, container: str, **options: Any) -> str:
        """What a container wrote. `options`: previous, timestamps, tail_lines, since_seconds, limit_bytes."""

    def ended(self, node: str, namespace: str, pod: str, container: str) -> bool:
        """Whether a container's log will not grow any more."""

    def exec(self, node: str, namespace: str, pod: str, container: str, command: Command) -> Opener:
        """The way to run a command in a container, or to its own program's output when there are no words."""

    def http(self, node: str, namespace: str, pod: str, port: int, path: str) -> tuple[int, str] | None:
        """What a Pod's program answers on a port; None when nobody listens there."""


def log(registry: Registry, call: Call, kubelets: KubeletConnector | None) -> Response:
    """The log of a container. A Pod that has no node yet has written nothing."""
    route = call.route
    pod = registry.must_get(call.kind, route.namespace, route.name)
    container = logoptions.container_of(pod, call.query.get("container", ""))
    options = logoptions.read(call)
    node = get_in(pod, "spec.nodeName", "")
    media = {"Content-Type": "text/plain"}
    if not node:
        return Response(200, "", media)
    reachable = _reachable(kubelets)
    place = (node, route.namespace, route.name, container)
    text = reachable.logs(*place, **options)
    answer = Response(200, text, media)
    if truth(call.query, "follow"):
        answer.more = _Growth(reachable, place, options)
    return answer


class _Growth:
    """What a log has grown by since the last look."""

    def __init__(
        self, kubelets: KubeletConnector, place: tuple[str, str, str, str], options: dict[str, Any]
    ) -> None:
        self._kubelets, self._place = kubelets, place
        self._options = {"timestamps": options["timestamps"]}
        self._seen = len(kubelets.logs(*place, **self._options))

    def __call__(self) -> tuple[str, bool]:
        ended = self._kubelets.ended(*self._place)
        text = self._kubelets.logs(*self._place, **self._options)
        new, self._seen = text[self._seen :], len(text)
        return new, not ended


def connect(registry: Registry, call: Call, kubelets: KubeletConnector | None) -> Response:
    """Open the way into a container: the answer says 101, and `opens` begins what was asked for."""
    route = call.route
    pod = registry.must_get(call.kind, route.namespace, route.name)
    container = logoptions.container_of(pod, call.query.get("container", ""))
    node = get_in(pod, "spec.nodeName", "")
    if not node:
        raise BadRequest(f"pod {route.name} does not have a host assigned")
    reachable = _reachable(kubelets)
    command = _command(call)
    opener = reachable.exec(node, route.namespace, route.name, container, command)
    return Response(101, opens=opener)


def _command(call: Call) -> Command:
    words = tuple(value for name, value in query_pairs(call.hanging) if name == "command")
    if not words and "command" in call.query:
        words = (call.query["command"],)
    wanted = {name: truth(call.query, name) for name in ("stdin", "stdout", "stderr", "tty")}
    if not (wanted["stdin"] or wanted["stdout"] or wanted["stderr"]):
        raise BadRequest("you must specify at least 1 of stdin, stdout, stderr")
    if wanted["tty"] and wanted["stderr"]:
        raise BadRequest("tty and stderr cannot both be true")
    if call.route.subresource == "exec" and not words:
        raise BadRequest("you must specify at least one command for the container")
    return Command(words if call.route.subresource == "exec" else (), **wanted)


def _reachable(kubelets: KubeletConnector | None) -> KubeletConnector:
    if kubelets is None:
        raise ServiceUnavailable("there is no way to the kubelets")
    return kubelets

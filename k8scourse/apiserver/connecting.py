"""What the API server does not answer itself: logs, and connections into containers. It asks the Pod's kubelet.

Upstream: ``pkg/registry/core/pod/strategy.go`` (LogLocation, streamLocation), ``pkg/registry/core/pod/rest``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from k8scourse.api.errors import BadRequest, ServiceUnavailable
from k8scourse.api.kinds import Kind
from k8scourse.api.sessions import Command, Opener
from k8scourse.api.values import get_in
from k8scourse.apiserver import admission, logoptions
from k8scourse.apiserver.admission import AdmissionRequest
from k8scourse.apiserver.call import Call
from k8scourse.apiserver.registry import Registry
from k8scourse.apiserver.request import Reaches, Response
from k8scourse.apiserver.routes import query_pairs, truth
from k8scourse.apiserver.storage import Object

_STREAMS = ("stdin", "stdout", "stderr", "tty")
_OPTIONS = {
    "exec": Kind("", "v1", "PodExecOptions", "", verbs=()),
    "attach": Kind("", "v1", "PodAttachOptions", "", verbs=()),
    "portforward": Kind("", "v1", "PodPortForwardOptions", "", verbs=()),
}


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
    reachable = reachable_ones(kubelets)
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
        if len(text) < self._seen:  # the container has been started again: that is another log
            return "", False
        new, self._seen = text[self._seen :], len(text)
        return new, not ended


def connect(registry: Registry, call: Call, kubelets: KubeletConnector | None) -> Response:
    """Open the way into a container: the answer says 101, and `opens` begins what was asked for.

    Admission sees the options, as operation CONNECT, and may refuse them; the Pod is looked for afterwards.
    """
    route = call.route
    options = _admitted(registry, call)
    pod = registry.must_get(call.kind, route.namespace, route.name)
    if route.subresource == "portforward":
        return Response(101, reaches=way_to(pod, kubelets))
    container = logoptions.container_of(pod, options.get("container", ""))
    node = node_of(pod)
    command = _command(options, route.subresource)
    reachable = reachable_ones(kubelets)
    opener = reachable.exec(node, route.namespace, route.name, container, command)
    return Response(101, opens=opener)


def _admitted(registry: Registry, call: Call) -> dict[str, Any]:
    """The options of a connection (PodExecOptions and the like) as admission leaves them."""
    route = call.route
    body = _OPTIONS[route.subresource]
    call.stage = "admit"
    asked = AdmissionRequest(
        "connect",
        call.kind,
        route.namespace,
        route.name,
        route.subresource,
        call.user,
        _asked(call, body),
        call=call,
        body=body,
    )
    options: dict[str, Any] = admission.admit(registry.plugins, asked)
    admission.validate(registry.plugins, replace(asked, object=options))
    call.passed("admit", "store")
    return options


def _asked(call: Call, body: Kind) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": body.kind, "apiVersion": body.api_version}
    if call.route.subresource == "portforward":
        ports = [
            int(value) for name, value in query_pairs(call.hanging) if name == "ports" and is_port(value)
        ]
        return {**found, "ports": ports} if ports else found
    found |= {name: True for name in _STREAMS if truth(call.query, name)}
    if call.query.get("container"):
        found["container"] = call.query["container"]
    words = [value for name, value in query_pairs(call.hanging) if name == "command"]
    if not words and "command" in call.query:
        words = [call.query["command"]]
    if words and call.route.subresource == "exec":
        found["command"] = words
    return found


def is_port(text: str) -> bool:
    """Whether a text is a port number, in digits."""
    return text.isascii() and text.isdigit() and len(text) < 6 and int(text) < 65536


def _command(options: Mapping[str, Any], subresource: str) -> Command:
    words = tuple(options.get("command") or ())
    wanted = {name: bool(options.get(name)) for name in _STREAMS}
    if not (wanted["stdin"] or wanted["stdout"] or wanted["stderr"]):
        raise BadRequest("you must specify at least 1 of stdin, stdout, stderr")
    if wanted["tty"] and wanted["stderr"]:
        raise BadRequest("tty and stderr cannot both be true")
    if subresource == "exec" and not words:
        raise BadRequest("you must specify at least one command for the container")
    return Command(words, **wanted)


def way_to(pod: Object, kubelets: KubeletConnector | None) -> Reaches:
    """The way to a Pod's ports: port and path in, what its program answers out (None: nobody listens)."""
    node, reachable = node_of(pod), reachable_ones(kubelets)
    namespace, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
    return lambda port, path: reachable.http(node, namespace, name, port, path)


def node_of(pod: Object) -> str:
    """Where a Pod is. Raises `BadRequest` when it has no node yet."""
    node: str = get_in(pod, "spec.nodeName", "")
    if not node:
        raise BadRequest(f"pod {pod['metadata']['name']} does not have a host assigned")
    return node


def reachable_ones(kubelets: KubeletConnector | None) -> KubeletConnector:
    """The way to the kubelets. Raises `ServiceUnavailable` when this server has none."""
    if kubelets is None:
        raise ServiceUnavailable("there is no way to the kubelets")
    return kubelets

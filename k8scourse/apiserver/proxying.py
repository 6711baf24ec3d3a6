"""The API server as a proxy: `…/pods/web:80/proxy/path` and `…/services/web:http/proxy/path`.

A name may carry a scheme and a port: `name`, `name:port` or `scheme:name:port`. A Service's request goes to one of
its ready endpoints, the first of the list here. Nodes are not proxied to.

Upstream: ``pkg/registry/core/{pod,service}/strategy.go|storage`` (ResourceLocation), ``rest/subresources.go``.
"""

from __future__ import annotations

from collections.abc import Iterator

from k8scourse.api import kinds
from k8scourse.api.errors import BadRequest, ServiceUnavailable
from k8scourse.apiserver.call import Call
from k8scourse.apiserver.connecting import KubeletConnector, is_port, way_to
from k8scourse.apiserver.registry import Registry
from k8scourse.apiserver.request import Response
from k8scourse.apiserver.routes import NotBuilt
from k8scourse.apiserver.storage import Object


def proxy(registry: Registry, call: Call, kubelets: KubeletConnector | None) -> Response:
    """Hand a request on to a Pod's program, and its answer back."""
    if call.verb != "get":
        raise NotBuilt("the proxy of this API server knows GET only", details={})
    name, port = _target(call.route.name)
    if call.kind is kinds.POD:
        pod = registry.must_get(kinds.POD, call.route.namespace, name)
        number = int(port) if is_port(port) else _first_port(pod)
    elif call.kind is kinds.SERVICE:
        pod, number = _endpoint(registry, call.route.namespace, name, port)
    else:
        raise NotBuilt(f"{call.kind.plural}/proxy is not built into this API server", details={})
    path = "/" + call.request.path.partition("/proxy")[2].lstrip("/")
    if call.hanging:
        path += f"?{call.hanging}"
    found = way_to(pod, kubelets)(number, path)
    if found is None:
        address = f"{(pod.get('status') or {}).get('podIP', '')}:{number}"
        why = f"dial tcp {address}: connect: connection refused"
        raise ServiceUnavailable(f"error trying to reach service: {why}")
    code, text = found
    return Response(code, text, {"Content-Type": "text/html" if text.lstrip()[:1] == "<" else "text/plain"})


def _target(name: str) -> tuple[str, str]:
    """Name and port of `name`, `name:port` or `scheme:name:port`. Raises `BadRequest`."""
    parts = name.split(":")
    if len(parts) == 3 and parts[0] in ("http", "https", ""):
        return parts[1], parts[2]
    if len(parts) > 2:
        raise BadRequest(f'invalid service request "{name}"')
    return parts[0], parts[1] if len(parts) == 2 else ""


def _first_port(pod: Object) -> int:
    for container in pod["spec"]["containers"]:
        for port in container.get("ports") or ():
            return int(port["containerPort"])
    return 80


def _endpoint(registry: Registry, namespace: str, name: str, port: str) -> tuple[Object, int]:
    """A ready Pod behind a Service, and the port there. Raises what upstream raises when there is none."""
    service = registry.must_get(kinds.SERVICE, namespace, name)
    ports = service["spec"].get("ports") or ()
    known = [one for one in ports if port in ("", one.get("name"), str(one["port"]))]
    if not known:
        raise ServiceUnavailable(f'no service port "{port}" found for service "{name}"')
    for pod_name, numbers in _ready(registry, namespace, name):
        number = numbers.get(known[0].get("name", ""))
        if number is not None:
            return registry.must_get(kinds.POD, namespace, pod_name), number
    raise ServiceUnavailable(f'no endpoints available for service "{name}"')


def _ready(registry: Registry, namespace: str, service: str) -> Iterator[tuple[str, dict[str, int]]]:
    for piece in registry.list("endpointslices", namespace):
        if (piece["metadata"].get("labels") or {}).get("kubernetes.io/service-name") != service:
            continue
        numbers = {one.get("name", ""): one["port"] for one in piece.get("ports") or () if one.get("port")}
        for endpoint in piece.get("endpoints") or ():
            target = endpoint.get("targetRef") or {}
            is_ready = (endpoint.get("conditions") or {}).get("ready")
            if is_ready and target.get("kind") == "Pod" and target.get("name"):
                yield target["name"], numbers

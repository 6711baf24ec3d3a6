"""What a container finds in its environment.

Upstream: `pkg/kubelet/kubelet_pods.go` makeEnvironmentVariables, `pkg/kubelet/envvars`, `third_party/forked/
golang/expansion`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..api import pods, quantities
from ..api.values import get_in
from .config import Object, Pod
from .object_cache import Missing, Unfetchable

Fetch = Callable[[str, str, str], Object]
"""resource, name, namespace -> object; raises `Missing`, `Unfetchable`."""
_REFERENCE = re.compile(r"\$(\$|\(([^)]*)\))")
_SUBSCRIPT = re.compile(r"metadata\.(labels|annotations)\['(.*)'\]")


class ConfigError(Exception):
    """A container refers to something that is not there: CreateContainerConfigError."""


def expand(text: str, values: Mapping[str, str]) -> str:
    """Replace `$(NAME)`; `$$` is one dollar, unknown names stay as they are."""

    def one(match: re.Match[str]) -> str:
        if match[1] == "$":
            return "$"
        return values.get(match[2], match[0])

    return _REFERENCE.sub(one, text)


def decode_data(obj: Object) -> dict[str, str]:
    """A ConfigMap's or Secret's data as text."""
    if obj.get("kind") != "Secret":
        return dict(obj.get("data") or {})
    return {
        key: base64.b64decode(text).decode(errors="replace") for key, text in (obj.get("data") or {}).items()
    }


def field_value(pod: Pod, path: str, ip: str, host_ip: str) -> str:
    """What `fieldRef` gives."""
    subscript = _SUBSCRIPT.fullmatch(path)
    if subscript is not None:
        return str((pod["metadata"].get(subscript[1]) or {}).get(subscript[2], ""))
    if path in ("status.podIP", "status.podIPs"):
        return ip
    if path in ("status.hostIP", "status.hostIPs"):
        return host_ip
    if path in ("metadata.labels", "metadata.annotations"):
        values = pod["metadata"].get(path.split(".")[1]) or {}
        return "\n".join(f'{key}="{text}"' for key, text in sorted(values.items()))
    return str(get_in(pod, path, ""))


def resource_value(pod: Pod, container: Mapping[str, Any], reference: Mapping[str, Any], node: Object) -> str:
    """What `resourceFieldRef` gives: limits fall back to the node's allocatable."""
    name = reference.get("containerName") or container["name"]
    everyone = [*(pod["spec"].get("initContainers") or ()), *pod["spec"]["containers"]]
    meant = next((one for one in everyone if one["name"] == name), container)
    what, _, resource = reference["resource"].partition(".")
    amounts = pods.container_limits(meant) if what == "limits" else pods.container_requests(meant)
    if resource not in amounts and what == "limits":
        text = (node.get("status", {}).get("allocatable") or {}).get(resource, "0")
        amounts = {resource: pods.amount(resource, text)}
    milli = amounts.get(resource, 0) * (1 if resource == "cpu" else 1000)
    divisor = quantities.milli(reference.get("divisor") or "1") or 1000
    return str(-(-milli // divisor))


def service_links(services: Iterable[Object], namespace: str, *, all_links: bool) -> dict[str, str]:
    """The Docker-style variables of Services: `WEB_SERVICE_HOST`, `WEB_PORT` and so on.

    `kubernetes` of the default namespace always, the Pod's own namespace with `enableServiceLinks`.
    """
    found: dict[str, str] = {}
    for service in services:
        metadata, spec = service["metadata"], service["spec"]
        address = spec.get("clusterIP") or ""
        master = (metadata["namespace"], metadata["name"]) == ("default", "kubernetes")
        if address in ("", "None") or not (master or (all_links and metadata["namespace"] == namespace)):
            continue
        found |= _links_of(metadata["name"], address, spec.get("ports") or [])
    return found


def _links_of(name: str, address: str, ports: list[Object]) -> dict[str, str]:
    prefix = name.upper().replace("-", "_")
    if not ports:
        return {f"{prefix}_SERVICE_HOST": address}
    first = ports[0]
    protocol = first.get("protocol", "TCP").lower()
    found = {
        f"{prefix}_SERVICE_HOST": address,
        f"{prefix}_SERVICE_PORT": str(first["port"]),
        **{
            f"{prefix}_SERVICE_PORT_{port['name'].upper().replace('-', '_')}": str(port["port"])
            for port in ports
            if port.get("name")
        },
        f"{prefix}_PORT": f"{protocol}://{address}:{first['port']}",
    }
    for port in ports:
        protocol = port.get("protocol", "TCP")
        base = f"{prefix}_PORT_{port['port']}_{protocol}"
        found[base] = f"{protocol.lower()}://{address}:{port['port']}"
        found |= {
            f"{base}_PROTO": protocol.lower(),
            f"{base}_PORT": str(port["port"]),
            f"{base}_ADDR": address,
        }
    return found


class EnvironmentMaker:
    """Makes one container's variables. `fetch` reads ConfigMaps and Secrets."""

    def __init__(self, pod: Pod, fetch: Fetch, node: Object, ip: str, host_ip: str) -> None:
        self._pod, self._fetch, self._node, self._ip, self._host_ip = pod, fetch, node, ip, host_ip

    def make(self, container: Mapping[str, Any], links: Mapping[str, str]) -> dict[str, str]:
        """All variables; raises `ConfigError` when a reference that is not optional is missing."""
        values = dict(links)
        for source in container.get("envFrom") or ():
            values |= self._all_of(source)
        for entry in container.get("env") or ():
            if (text := self._value(entry, container, values)) is not None:
                values[entry["name"]] = text
        return values

    def _all_of(self, source: Mapping[str, Any]) -> dict[str, str]:
        for key, resource in (("configMapRef", "configmaps"), ("secretRef", "secrets")):
            if (reference := source.get(key)) is not None:
                data = self._data(resource, reference)
                return {f"{source.get('prefix', '')}{name}": text for name, text in (data or {}).items()}
        return {}

    def _value(
        self, entry: Mapping[str, Any], container: Mapping[str, Any], values: Mapping[str, str]
    ) -> str | None:
        source = entry.get("valueFrom")
        if not source:
            return expand(entry.get("value", ""), values)
        if (reference := source.get("fieldRef")) is not None:
            return field_value(self._pod, reference["fieldPath"], self._ip, self._host_ip)
        if (reference := source.get("resourceFieldRef")) is not None:
            return resource_value(self._pod, container, reference, self._node)
        for key, resource, kind in (
            ("configMapKeyRef", "configmaps", "ConfigMap"),
            ("secretKeyRef", "secrets", "Secret"),
        ):
            if (reference := source.get(key)) is not None:
                return self._one_of(resource, kind, reference)
        return ""

    def _one_of(self, resource: str, kind: str, reference: Mapping[str, Any]) -> str | None:
        data = self._data(resource, reference)
        if data is None or (reference["key"] not in data and reference.get("optional")):
            return None
        if reference["key"] not in data:
            where = f"{self._pod['metadata']['namespace']}/{reference['name']}"
            raise ConfigError(f"couldn't find key {reference['key']} in {kind} {where}")
        return data[reference["key"]]

    def _data(self, resource: str, reference: Mapping[str, Any]) -> dict[str, str] | None:
        try:
            return decode_data(self._fetch(resource, reference["name"], self._pod["metadata"]["namespace"]))
        except Missing as error:
            if reference.get("optional"):
                return None
            raise ConfigError(str(error)) from None
        except Unfetchable as error:
            raise ConfigError(str(error)) from None

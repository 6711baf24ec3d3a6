"""Endpoints and EndpointSlices: addresses and ports of the Pods behind a Service.

Upstream: ``ValidateEndpoints`` in ``pkg/apis/core/validation``, ``pkg/apis/discovery/validation/validation.go``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api import names
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import (
    duplicate,
    each_invalid,
    immutable,
    invalid,
    not_supported,
    required,
    too_many,
)

Object = dict[str, Any]
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_ADDRESS_TYPES = ("FQDN", "IPv4", "IPv6")
_MOST_ENDPOINTS, _MOST_ADDRESSES, _MOST_PORTS = 1000, 100, 100


def endpoints(obj: Object) -> Iterator[Cause]:
    """An Endpoints object: addresses with ports, in subsets."""
    for index, subset in enumerate(obj.get("subsets") or ()):
        path = f"subsets[{index}]"
        if not subset.get("addresses") and not subset.get("notReadyAddresses"):
            yield required(path, "must specify `addresses` or `notReadyAddresses`")
        for field in ("addresses", "notReadyAddresses"):
            for position, address in enumerate(subset.get(field) or ()):
                yield from _address(address, f"{path}.{field}[{position}]")
        ports = subset.get("ports") or ()
        for position, port in enumerate(ports):
            yield from _port(port, f"{path}.ports[{position}]", len(ports) > 1)


def _address(address: Object, path: str) -> Iterator[Cause]:
    ip, host, node = (address.get(field, "") for field in ("ip", "hostname", "nodeName"))
    problems = names.ip_problems(ip)
    yield from each_invalid(f"{path}.ip", ip, problems)
    if host:
        yield from each_invalid(f"{path}.hostname", host, names.dns_label_problems(host))
    if node:
        yield from each_invalid(f"{path}.nodeName", node, names.dns_subdomain_problems(node))
    if problems:  # upstream looks for special addresses all the same, and finds no address
        yield invalid(f"{path}.ip", ip, "must be a valid IP address")
    else:
        yield from each_invalid(f"{path}.ip", ip, names.special_ip_problems(ip))


def _port(port: Object, path: str, needs_name: bool) -> Iterator[Cause]:
    name, protocol, number = port.get("name", ""), port.get("protocol", ""), port.get("port", 0)
    if needs_name and not name:
        yield required(f"{path}.name")
    elif name:
        yield from each_invalid(f"{path}.name", name, names.dns_label_problems(name))
    yield from each_invalid(f"{path}.port", number, names.port_number_problems(number))
    if not protocol:
        yield required(f"{path}.protocol")
    elif protocol not in _PROTOCOLS:
        yield not_supported(f"{path}.protocol", protocol, _PROTOCOLS)
    yield from _application(port, path)


def _application(port: Object, path: str) -> Iterator[Cause]:
    protocol = port.get("appProtocol")
    if protocol is not None:
        yield from each_invalid(f"{path}.appProtocol", protocol, names.qualified_name_problems(protocol))


# --------------------------------------------------------------------------------------------- slices


def endpoint_slice(obj: Object) -> Iterator[Cause]:
    """Addresses of the slice's type, and ports with names of their own."""
    kind = obj.get("addressType", "")
    if not kind:
        yield required("addressType")
    elif kind not in _ADDRESS_TYPES:
        yield not_supported("addressType", kind, _ADDRESS_TYPES)
    listed, ports = obj.get("endpoints") or (), obj.get("ports") or ()
    if len(listed) > _MOST_ENDPOINTS:
        yield too_many("endpoints", len(listed), _MOST_ENDPOINTS)
    else:
        for index, endpoint in enumerate(listed):
            yield from _endpoint(endpoint, kind, f"endpoints[{index}]")
    if len(ports) > _MOST_PORTS:
        yield too_many("ports", len(ports), _MOST_PORTS)
        return
    seen: list[str] = []
    for index, port in enumerate(ports):
        yield from _slice_port(port, f"ports[{index}]", seen)


def endpoint_slice_update(new: Object, old: Object) -> Iterator[Cause]:
    """The type of addresses never changes."""
    yield from immutable("addressType", new.get("addressType", ""), old.get("addressType", ""))


def _endpoint(endpoint: Object, kind: str, path: str) -> Iterator[Cause]:
    addresses, node, host = (endpoint.get(field) for field in ("addresses", "nodeName", "hostname"))
    if not addresses:
        yield required(f"{path}.addresses", "must contain at least 1 address")
    elif len(addresses) > _MOST_ADDRESSES:
        yield too_many(f"{path}.addresses", len(addresses), _MOST_ADDRESSES)
    for index, address in enumerate(addresses or ()):
        where = f"{path}.addresses[{index}]"
        if kind == "FQDN":
            yield from _full_name(address, where)
        elif kind in _ADDRESS_TYPES:
            problems = names.ip_problems(address)
            if not problems and names.is_ipv4(address) != (kind == "IPv4"):
                problems = [f"must be an {kind} address"]
            yield from each_invalid(where, address, problems or names.special_ip_problems(address))
    if node is not None:
        yield from each_invalid(f"{path}.nodeName", node, names.dns_subdomain_problems(node))
    if host is not None:
        yield from each_invalid(f"{path}.hostname", host, names.dns_label_problems(host))


def _full_name(name: str, path: str) -> Iterator[Cause]:
    """A name of a host with its domain; the dot at the end may stand."""
    if not name:
        yield required(path)
        return
    bare = name.removesuffix(".")
    problems = names.dns_subdomain_problems(bare)
    yield from each_invalid(path, bare, problems)
    if not problems and "." not in bare:
        yield invalid(path, bare, "should be a domain with at least two segments separated by dots")


def _slice_port(port: Object, path: str, seen: list[str]) -> Iterator[Cause]:
    name, protocol = port.get("name") or "", port.get("protocol")
    if name:
        yield from each_invalid(f"{path}.name", name, names.dns_label_problems(name))
    if name in seen:
        yield duplicate(f"{path}.name", name)
    seen.append(name)
    if protocol is None:
        yield required(f"{path}.protocol")
    elif protocol not in _PROTOCOLS:
        yield not_supported(f"{path}.protocol", protocol, _PROTOCOLS)
    yield from _application(port, path)

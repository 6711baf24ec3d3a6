"""Cluster IPs and node ports: numbers out of two ranges, each given to one Service.

What is taken is read from the Services themselves, so a restart loses nothing. Free addresses are drawn from the
upper part of the range, and the lower one is left to Services that ask for a certain address.

Upstream: ``pkg/registry/core/service/storage/alloc.go``, ``ipallocator/allocator.go``, ``portallocator``.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import Any

from k8scourse.api import kinds
from k8scourse.api.errors import Cause, InternalError, invalid
from k8scourse.api.values import evolve, get_in
from k8scourse.apiserver.storage import Object, Storage

NETWORK = IPv4Network("10.96.0.0/12")
PORTS = range(30000, 32768)
_NODE_PORT_TYPES = ("NodePort", "LoadBalancer")
# The first addresses are for those who ask by number: min(max(16, size/16), 256) of them, and 86 node ports.
_RESERVED_ADDRESSES = 256
_RESERVED_PORTS = 86


class ServiceAllocator:
    """Gives Services their addresses."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def allocate(self, new: Object, old: Object | None) -> Object:
        """The Service with a cluster IP and node ports, as far as its type has them.

        Raises `Invalid` when an address that it asks for is taken or out of range.
        """
        if get_in(new, "spec.type") == "ExternalName":
            return _without_addresses(new)
        new = self._with_cluster_ip(new, old)
        if get_in(new, "spec.type") in _NODE_PORT_TYPES and get_in(
            new, "spec.allocateLoadBalancerNodePorts", True
        ):
            return self._with_node_ports(new, old)
        if old is not None and get_in(old, "spec.type") in _NODE_PORT_TYPES:
            return _without_inherited_ports(new, old)
        return new

    # -- cluster IPs -----------------------------------------------------------------------------

    def _with_cluster_ip(self, new: Object, old: Object | None) -> Object:
        wanted = get_in(new, "spec.clusterIP", "")
        kept = get_in(old, "spec.clusterIP", "") if old else ""
        if wanted == "None":
            return evolve(new, "spec.clusterIPs", ["None"])
        if not wanted and kept and kept != "None":
            wanted = kept
        if wanted and wanted == kept:
            return _with_address(new, kept)
        taken = self._addresses(new)
        if wanted:
            self._check_address(new, wanted, taken)
        return _with_address(new, wanted or _free_address(taken))

    def _addresses(self, new: Object) -> dict[str, None]:
        others = self._others(new)
        return dict.fromkeys(address for other in others if (address := get_in(other, "spec.clusterIP", "")))

    def _check_address(self, new: Object, wanted: str, taken: dict[str, None]) -> None:
        try:
            inside = IPv4Address(wanted) in NETWORK
        except ValueError:
            inside = False
        why = "" if inside else "the provided network does not match the current range"
        if wanted in taken:
            why = "provided IP is already allocated"
        if why:
            detail = f'Invalid value: ["{wanted}"]: failed to allocate IP {wanted}: {why}'
            raise _refused(new, Cause("spec.clusterIPs", "FieldValueInvalid", detail))

    def _others(self, new: Object) -> list[Object]:
        metadata = new["metadata"]
        mine = (metadata.get("namespace"), metadata.get("name"))
        services = self._storage.list(kinds.SERVICE).items
        return [one for one in services if (one["metadata"]["namespace"], one["metadata"]["name"]) != mine]

    # -- node ports ------------------------------------------------------------------------------

    def _with_node_ports(self, new: Object, old: Object | None) -> Object:
        ports = get_in(new, "spec.ports", [])
        kept = (
            {_identity(port): port.get("nodePort", 0) for port in get_in(old, "spec.ports", [])}
            if old
            else {}
        )
        taken = self._ports(new)
        filled = []
        for index, port in enumerate(ports):
            number = port.get("nodePort", 0) or kept.get(_identity(port), 0)
            if number:
                self._check_port(new, index, number, port, taken)
            else:
                number = _free_port(taken)
            taken[(port.get("protocol", "TCP"), number)] = None
            filled.append(port if port.get("nodePort") == number else {**port, "nodePort": number})
        return evolve(new, "spec.ports", filled) if ports else new

    def _ports(self, new: Object) -> dict[tuple[str, int], None]:
        taken: dict[tuple[str, int], None] = {}
        for other in self._others(new):
            for port in get_in(other, "spec.ports", []):
                if port.get("nodePort"):
                    taken[(port.get("protocol", "TCP"), port["nodePort"])] = None
        return taken

    def _check_port(
        self, new: Object, index: int, number: int, port: Object, taken: dict[tuple[str, int], None]
    ) -> None:
        field = f"spec.ports[{index}].nodePort"
        if number not in PORTS:
            detail = f"Invalid value: {number}: provided port is not in the valid range. The range of valid ports is "
            raise _refused(new, Cause(field, "FieldValueInvalid", f"{detail}{PORTS.start}-{PORTS.stop - 1}"))
        if (port.get("protocol", "TCP"), number) in taken:
            detail = f"Invalid value: {number}: provided port is already allocated"
            raise _refused(new, Cause(field, "FieldValueInvalid", detail))


def _free_address(taken: dict[str, None]) -> str:
    """The first free address above the reserved band; upstream draws one at random, ours can be foretold."""
    base = int(NETWORK.network_address)
    size = NETWORK.num_addresses
    for offset in (*range(_RESERVED_ADDRESSES + 1, size - 1), *range(1, _RESERVED_ADDRESSES + 1)):
        address = str(IPv4Address(base + offset))
        if address not in taken:
            return address
    raise InternalError("failed to allocate a serviceIP: range is full")


def _free_port(taken: dict[tuple[str, int], None]) -> int:
    numbers = {number: None for _, number in taken}
    for number in (*PORTS[_RESERVED_PORTS:], *PORTS[:_RESERVED_PORTS]):
        if number not in numbers:
            return number
    raise InternalError("failed to allocate a nodePort: range is full")


def _with_address(service: Object, address: str) -> Object:
    spec = {**service["spec"], "clusterIP": address, "clusterIPs": [address]}
    return service if spec == service["spec"] else {**service, "spec": spec}


def _without_addresses(service: Object) -> Object:
    dropped = ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy")
    return {**service, "spec": {key: item for key, item in service["spec"].items() if key not in dropped}}


def _without_inherited_ports(new: Object, old: Object) -> Object:
    """A Service that is no NodePort any more gives its ports back, unless the writer insists on them."""
    ports = get_in(new, "spec.ports", [])
    if not any("nodePort" in port for port in ports):
        return new
    before = [port.get("nodePort") for port in get_in(old, "spec.ports", [])]
    return evolve(new, "spec.ports", [_released(port, before) for port in ports])


def _released(port: Object, before: list[Any]) -> Object:
    if port.get("nodePort") not in before:
        return port
    return {key: item for key, item in port.items() if key != "nodePort"}


def _identity(port: Object) -> tuple[Any, Any]:
    return port.get("protocol", "TCP"), port.get("port")


def _refused(service: Object, cause: Cause) -> Exception:
    return invalid("", "Service", service["metadata"].get("name", ""), [cause])

"""Cluster IPs and node ports: numbers out of two ranges, each given to one Service.

What is taken is learnt from the Services themselves and from their changes, so a restart loses nothing. Free
addresses come from the upper part of the range; the lower one is left to Services that ask for a certain address.
Upstream draws a free address at random, ours takes the first, so that it can be foretold.

Upstream: ``pkg/registry/core/service/storage/alloc.go``, ``ipallocator/allocator.go``, ``portallocator``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from k8scourse.api import kinds
from k8scourse.api.errors import Cause, InternalError, invalid
from k8scourse.api.metadata import key
from k8scourse.api.validating.services import needs_health_check
from k8scourse.api.values import evolve, get_in
from k8scourse.apiserver.pools import Pool
from k8scourse.apiserver.storage import Object, Storage
from k8scourse.apiserver.watchcache import Change, WatchCache

NETWORK = IPv4Network("10.96.0.0/12")
PORTS = range(30000, 32768)
# Left to those who ask by number: min(max(16, size / 16), 256) addresses, and 86 node ports.
_BASE = int(NETWORK.network_address)
_RESERVED_ADDRESSES = _BASE + 256
_RESERVED_PORTS = PORTS.start + 86
_ADDRESS_FIELDS = ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy")
_BALANCER_FIELDS = ("allocateLoadBalancerNodePorts", "loadBalancerClass")
_CHOSEN = "the Service that is being stored"
_HEALTH = "health TCP"
_ALLOCATED = "provided port is already allocated"
_OUT_OF_RANGE = "the provided network does not match the current range"


class ServiceAllocator:
    """Gives Services their addresses. `cache` tells it of every change of a Service."""

    def __init__(self, storage: Storage, cache: WatchCache) -> None:
        self._storage = storage
        self._cache = cache
        self._synced = False
        top = int(NETWORK.broadcast_address)
        self._addresses = Pool(range(_RESERVED_ADDRESSES + 1, top), range(_BASE + 1, _RESERVED_ADDRESSES + 1))
        self._ports = Pool(range(_RESERVED_PORTS, PORTS.stop), range(PORTS.start, _RESERVED_PORTS))

    def allocate(self, new: Object) -> Object:
        """The Service with a cluster IP and node ports, as far as its type has them.

        Raises `Invalid` when an address that it asks for is taken or out of range.
        """
        if not _needs_cluster_ip(new):
            return _without(new, "clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy")
        self._sync()
        new = self._with_cluster_ip(new)
        wants_ports = get_in(new, "spec.allocateLoadBalancerNodePorts", True)
        if _needs_node_port(new) and wants_ports:
            new = self._with_node_ports(new)
        return self._with_health_check(new) if needs_health_check(new["spec"]) else new

    # -- what is taken ---------------------------------------------------------------------------

    def _sync(self) -> None:
        """Learn what is taken, once, and follow the changes from then on."""
        if self._synced:
            return
        self._addresses.clear()
        self._ports.clear()
        self._cache.listen(self._on_change, self._on_lost)
        for service in self._storage.list(kinds.SERVICE).items:
            self._note(service)
        self._synced = True

    def _on_lost(self) -> None:
        self._synced = False

    def _on_change(self, change: Change) -> None:
        if change.old is not None:
            for pool, number, holder in self._held(change.old):
                pool.release(number, holder)
        if change.new is not None:
            self._note(change.new)

    def _note(self, service: Object) -> None:
        for pool, number, holder in self._held(service):
            pool.take(number, holder)

    def _held(self, service: Object) -> Iterator[tuple[Pool, int, str]]:
        owner = key(service)
        address = _number(get_in(service, "spec.clusterIP", ""))
        if address is not None:
            yield self._addresses, address, owner
        for port in get_in(service, "spec.ports", []):
            if port.get("nodePort"):
                yield self._ports, port["nodePort"], _port_holder(port, owner)
        if get_in(service, "spec.healthCheckNodePort", 0):
            yield self._ports, service["spec"]["healthCheckNodePort"], f"{owner} {_HEALTH}"

    # -- cluster IPs -----------------------------------------------------------------------------

    def _with_cluster_ip(self, new: Object) -> Object:
        wanted = get_in(new, "spec.clusterIP", "")
        if not wanted:
            wanted = self._free_address()
        elif wanted != "None":
            self._check_address(new, wanted)
        spec = {**new["spec"], "clusterIP": wanted, "clusterIPs": [wanted]}
        return new if spec == new["spec"] else {**new, "spec": spec}

    def _free_address(self) -> str:
        number = self._addresses.free()
        if number is None:
            raise InternalError("failed to allocate a serviceIP: range is full")
        return str(IPv4Address(number))

    def _check_address(self, new: Object, wanted: str) -> None:
        number = _number(wanted)
        why = _OUT_OF_RANGE if number is None or number not in self._addresses else ""
        if number is not None and any(holder != key(new) for holder in self._addresses.holders(number)):
            why = "provided IP is already allocated"
        if why:
            detail = f'Invalid value: ["{wanted}"]: failed to allocate IP {wanted}: {why}'
            raise _refused(new, Cause("spec.clusterIPs", "FieldValueInvalid", detail))

    # -- node ports ------------------------------------------------------------------------------

    def _with_node_ports(self, new: Object) -> Object:
        ports = get_in(new, "spec.ports", [])
        owner, taken, filled = key(new), [], []
        for index, port in enumerate(ports):
            number = port.get("nodePort", 0)
            if number:
                self._check_port(new, index, number, port)
            else:
                number = self._free_port()
            holder = _port_holder(port, owner)
            # Held at once, so that the next port of this Service gets another number; given back below.
            if holder not in self._ports.holders(number):
                self._ports.take(number, holder)
                taken.append((number, holder))
            filled.append(port if port.get("nodePort") == number else {**port, "nodePort": number})
        for number, holder in taken:
            self._ports.release(number, holder)
        return evolve(new, "spec.ports", filled) if ports else new

    def _with_health_check(self, new: Object) -> Object:
        """A port that only the nodes with a Pod of the Service answer on."""
        wanted = get_in(new, "spec.healthCheckNodePort", 0)
        if not wanted:
            mine = [port["nodePort"] for port in get_in(new, "spec.ports", []) if port.get("nodePort")]
            for port in mine:
                self._ports.take(port, _CHOSEN)
            wanted = self._free_port()
            for port in mine:
                self._ports.release(port, _CHOSEN)
            return evolve(new, "spec.healthCheckNodePort", wanted)
        if any(holder.split(" ")[0] != key(new) for holder in self._ports.holders(wanted)):
            raise InternalError(f"failed to allocate requested HealthCheck NodePort {wanted}: {_ALLOCATED}")
        return new

    def _free_port(self) -> int:
        number = self._ports.free()
        if number is None:
            raise InternalError("failed to allocate a nodePort: range is full")
        return number

    def _check_port(self, new: Object, index: int, number: int, port: Object) -> None:
        mine, suffix = _port_holder(port, key(new)), _port_holder(port, "")
        why = ""
        if number not in PORTS:
            valid = f"{PORTS.start}-{PORTS.stop - 1}"
            why = f"provided port is not in the valid range. The range of valid ports is {valid}"
        elif any(holder != mine and holder.endswith(suffix) for holder in self._ports.holders(number)):
            why = _ALLOCATED
        if why:
            cause = Cause(
                f"spec.ports[{index}].nodePort", "FieldValueInvalid", f"Invalid value: {number}: {why}"
            )
            raise _refused(new, cause)


def _number(address: Any) -> int | None:
    """An IPv4 address as a number, None when it is none."""
    try:
        return int(IPv4Address(address)) if isinstance(address, str) else None
    except ValueError:
        return None


def _port_holder(port: Object, owner: str) -> str:
    return f"{owner} {port.get('protocol', 'TCP')}"


# -- what an update leaves unsaid -----------------------------------------------------------------


def inherit(new: Object, old: Object) -> Object:
    """A changed Service keeps the addresses that it does not name, and gives back those its type has no use for.

    Upstream: ``pkg/registry/core/service/strategy.go`` (patchAllocatedValues, dropTypeDependentFields).
    """
    if not isinstance(new.get("spec"), dict):
        return new
    if _needs_cluster_ip(new) and _needs_cluster_ip(old):
        new = _with_inherited_address(new, old)
    else:
        new = _dropped(new, old, _ADDRESS_FIELDS, _needs_cluster_ip)
    new = _dropped(new, old, ("healthCheckNodePort",), lambda one: needs_health_check(one["spec"]))
    new = _dropped(new, old, _BALANCER_FIELDS, _is_balanced)
    new = _dropped(new, old, ("externalTrafficPolicy",), _is_reachable)
    if not _needs_node_port(old):
        return new
    change = _inherited_port if _needs_node_port(new) else _returned_port
    before = {_identity(port): port.get("nodePort", 0) for port in get_in(old, "spec.ports", [])}
    ports = get_in(new, "spec.ports", [])
    return (
        evolve(new, "spec.ports", [change(port, before.get(_identity(port), 0)) for port in ports])
        if ports
        else new
    )


def _dropped(new: Object, old: Object, fields: tuple[str, ...], needs: Callable[[Object], bool]) -> Object:
    """Without what only the old type needed, unless the request says something of its own there."""
    if not needs(old):
        return new
    if needs(new):
        if fields == ("healthCheckNodePort",) and not get_in(new, "spec.healthCheckNodePort", 0):
            return evolve(new, "spec.healthCheckNodePort", get_in(old, "spec.healthCheckNodePort", 0))
        return new
    kept = [field for field in fields if new["spec"].get(field) == old["spec"].get(field)]
    return _without(new, *kept) if any(field in new["spec"] for field in kept) else new


def _is_balanced(service: Object) -> bool:
    return bool(get_in(service, "spec.type", "ClusterIP") == "LoadBalancer")


def _is_reachable(service: Object) -> bool:
    plain = get_in(service, "spec.type", "ClusterIP") == "ClusterIP"
    return _needs_node_port(service) or (plain and bool(get_in(service, "spec.externalIPs", [])))


def _with_inherited_address(new: Object, old: Object) -> Object:
    address = get_in(old, "spec.clusterIP", "")
    if not get_in(new, "spec.clusterIP", ""):
        new = evolve(new, "spec.clusterIP", address)
    kept = get_in(old, "spec.clusterIPs", [address])
    if get_in(new, "spec.clusterIP") == address:
        return new if get_in(new, "spec.clusterIPs", []) else evolve(new, "spec.clusterIPs", kept)
    return evolve(new, "spec.clusterIPs", [new["spec"]["clusterIP"]]) if _keeps(new, kept) else new


def _keeps(new: Object, addresses: Any) -> bool:
    return bool(get_in(new, "spec.clusterIPs", []) == addresses)


def _inherited_port(port: Object, number: int) -> Object:
    return {**port, "nodePort": number} if number and not port.get("nodePort") else port


def _returned_port(port: Object, number: int) -> Object:
    if port.get("nodePort", 0) != number:
        return port
    return {name: item for name, item in port.items() if name != "nodePort"}


def _needs_cluster_ip(service: Object) -> bool:
    return bool(get_in(service, "spec.type", "ClusterIP") != "ExternalName")


def _needs_node_port(service: Object) -> bool:
    return get_in(service, "spec.type", "ClusterIP") in ("NodePort", "LoadBalancer")


def _without(service: Object, *fields: str) -> Object:
    return {**service, "spec": {name: item for name, item in service["spec"].items() if name not in fields}}


def _identity(port: Object) -> tuple[Any, Any]:
    return port.get("protocol", "TCP"), port.get("port")


def _refused(service: Object, cause: Cause) -> Exception:
    return invalid("", "Service", service["metadata"].get("name", ""), [cause])

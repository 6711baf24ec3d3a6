"""Kinds with little to check: ConfigMap, Secret, ServiceAccount, Namespace, Event, Lease, Scale.

Upstream: ``pkg/apis/core/validation/validation.go`` and ``events.go``, ``pkg/apis/coordination/validation``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api import names
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import (
    duplicate,
    each_invalid,
    forbidden,
    immutable,
    invalid,
    non_negative,
    not_supported,
    required,
    too_long,
)
from k8scourse.api.validating import metadata

Object = dict[str, Any]
_LARGEST = 1024 * 1024
_IMMUTABLE = "field is immutable when `immutable` is set"


def config_map(obj: Object) -> Iterator[Cause]:
    """Keys of data and binaryData, their overlap and their size."""
    data, binary = obj.get("data") or {}, obj.get("binaryData") or {}
    for key in data:
        yield from each_invalid(f"data[{key}]", key, names.config_key_problems(key))
        if key in binary:
            yield invalid(f"data[{key}]", key, "duplicate of key present in binaryData")
    for key in binary:
        yield from each_invalid(f"binaryData[{key}]", key, names.config_key_problems(key))
    if sum(len(value.encode()) for value in data.values()) + _decoded_size(binary) > _LARGEST:
        yield too_long("[]", _LARGEST)


def _decoded_size(encoded: dict[str, str]) -> int:
    return sum(len(value) // 4 * 3 - value[-2:].count("=") for value in encoded.values())


def config_map_update(new: Object, old: Object) -> Iterator[Cause]:
    """An immutable ConfigMap keeps its data."""
    yield from _immutable_data(new, old, ("data", "binaryData"))


def _immutable_data(new: Object, old: Object, fields: tuple[str, ...]) -> Iterator[Cause]:
    if not old.get("immutable"):
        return
    if not new.get("immutable"):
        yield forbidden("immutable", _IMMUTABLE)
    for field in fields:
        if (new.get(field) or {}) != (old.get(field) or {}):
            yield forbidden(field, _IMMUTABLE)


_SECRET_KEYS = {
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
}


def secret(obj: Object) -> Iterator[Cause]:
    """Keys of data, and what the Secret's type promises."""
    data = obj.get("data") or {}
    for key in data:
        yield from each_invalid(f"data[{key}]", key, names.config_key_problems(key))
    if _decoded_size(data) > _LARGEST:
        yield too_long("data", _LARGEST)
    kind = obj.get("type", "")
    for key in _SECRET_KEYS.get(kind, ()):
        if key not in data:
            yield required(f"data[{key}]")
    if kind == "kubernetes.io/basic-auth" and "username" not in data and "password" not in data:
        yield required("data[username]")
        yield required("data[password]")
    if kind == "kubernetes.io/service-account-token":
        account = (obj["metadata"].get("annotations") or {}).get("kubernetes.io/service-account.name")
        if not account:
            yield required("metadata.annotations[kubernetes.io/service-account.name]")


def secret_update(new: Object, old: Object) -> Iterator[Cause]:
    """The type never changes; an immutable Secret keeps its data."""
    yield from immutable("type", new.get("type", ""), old.get("type", ""))
    yield from _immutable_data(new, old, ("data",))


def namespace(obj: Object) -> Iterator[Cause]:
    """Finalizers of the spec."""
    for index, finalizer in enumerate((obj.get("spec") or {}).get("finalizers") or ()):
        yield from metadata.finalizer_name(finalizer, f"spec.finalizers[{index}]")


def event(obj: Object) -> Iterator[Cause]:
    """An Event stands in the namespace of its object; one with an eventTime must say who reports what."""
    involved = (obj.get("involvedObject") or {}).get("namespace", "")
    own = obj["metadata"].get("namespace", "")
    if own != involved and not (involved == "" and own == "default"):
        yield invalid("involvedObject.namespace", involved, "does not match event.namespace")
    if not obj.get("eventTime"):
        return
    reporter = obj.get("reportingComponent", "")
    if not reporter:
        yield required("reportingComponent")
    yield from each_invalid("reportingComponent", reporter, names.qualified_name_problems(reporter))
    for field in ("reportingInstance", "action", "reason"):
        if not obj.get(field):
            yield required(field)
    if obj.get("type") not in (None, "", "Normal", "Warning"):
        yield invalid("type", obj["type"], "")


def lease(obj: Object) -> Iterator[Cause]:
    """A lease's duration and its count of transitions."""
    spec = obj.get("spec") or {}
    duration = spec.get("leaseDurationSeconds")
    if duration is not None and duration <= 0:
        yield invalid("spec.leaseDurationSeconds", duration, "must be greater than 0")
    yield from non_negative("spec.leaseTransitions", spec.get("leaseTransitions"))


def scale(obj: Object) -> Iterator[Cause]:
    """The number of replicas asked for."""
    yield from non_negative("spec.replicas", (obj.get("spec") or {}).get("replicas", 0))


_ADDRESS_TYPES = ("FQDN", "IPv4", "IPv6")
_PROTOCOLS = ("SCTP", "TCP", "UDP")


def endpoint_slice(obj: Object) -> Iterator[Cause]:
    """Addresses of the slice's type, and ports with names of their own."""
    address_type = obj.get("addressType", "")
    if not address_type:
        yield required("addressType")
        return
    if address_type not in _ADDRESS_TYPES:
        yield not_supported("addressType", address_type, _ADDRESS_TYPES)
        return
    for index, endpoint in enumerate(obj.get("endpoints") or ()):
        yield from _endpoint(endpoint, address_type, f"endpoints[{index}]")
    seen: list[str] = []
    for index, port in enumerate(obj.get("ports") or ()):
        yield from _endpoint_port(port, f"ports[{index}]", seen)


def endpoint_slice_update(new: Object, old: Object) -> Iterator[Cause]:
    """The type of addresses never changes."""
    yield from immutable("addressType", new.get("addressType", ""), old.get("addressType", ""))


def _endpoint(endpoint: Object, address_type: str, path: str) -> Iterator[Cause]:
    addresses = endpoint.get("addresses") or ()
    if not addresses:
        yield required(f"{path}.addresses", "must contain at least 1 address")
    for index, address in enumerate(addresses):
        where = f"{path}.addresses[{index}]"
        if address_type == "FQDN":
            yield from each_invalid(where, address, names.dns_subdomain_problems(address))
            continue
        problems = names.ip_problems(address)
        if not problems and names.is_ipv4(address) != (address_type == "IPv4"):
            problems = [f"must be an {address_type} address"]
        yield from each_invalid(where, address, problems or names.special_ip_problems(address))
    for field, problems_of in (
        ("hostname", names.dns_label_problems),
        ("nodeName", names.dns_subdomain_problems),
    ):
        if endpoint.get(field):
            yield from each_invalid(f"{path}.{field}", endpoint[field], problems_of(endpoint[field]))


def _endpoint_port(port: Object, path: str, seen: list[str]) -> Iterator[Cause]:
    name = port.get("name") or ""
    if name:
        yield from each_invalid(f"{path}.name", name, names.dns_label_problems(name))
    if name in seen:
        yield duplicate(f"{path}.name", name)
    seen.append(name)
    protocol = port.get("protocol")
    if not protocol:
        yield required(f"{path}.protocol")
    elif protocol not in _PROTOCOLS:
        yield not_supported(f"{path}.protocol", protocol, _PROTOCOLS)

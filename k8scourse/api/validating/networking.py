"""Ingress, IngressClass and NetworkPolicy.

Upstream: ``pkg/apis/networking/validation/validation.go``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api import names
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import each_invalid, immutable, invalid, not_supported, required, too_long
from k8scourse.api.fielderrors import forbidden as forbids
from k8scourse.api.validating.rbac import path_segment_problems
from k8scourse.api.validating.scheduling import label_selector

Object = dict[str, Any]
_PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_BAD_SEQUENCES = ("//", "/./", "/../", "%2f", "%2F")
_BAD_ENDS = ("/..", "/.")


def ingress(obj: Object) -> Iterator[Cause]:
    """An Ingress: a default backend, rules, or both."""
    yield from ingress_spec(obj.get("spec") or {})


def ingress_create(obj: Object) -> Iterator[Cause]:
    """The old annotation and the field, when both are there, name one class."""
    name = (obj.get("spec") or {}).get("ingressClassName")
    annotation = (obj["metadata"].get("annotations") or {}).get("kubernetes.io/ingress.class")
    if annotation is not None and name is not None and annotation != name:
        detail = "must match `ingressClassName` when both are specified"
        yield invalid("annotations.kubernetes.io/ingress.class", annotation, detail)


def ingress_spec(spec: Object) -> Iterator[Cause]:
    """The spec of an Ingress."""
    rules, backend = spec.get("rules") or (), spec.get("defaultBackend")
    if not rules and backend is None:
        yield invalid("spec", None, "either `defaultBackend` or `rules` must be specified")
    if backend is not None:
        yield from _backend(backend, "spec.defaultBackend")
    for index, rule in enumerate(rules):
        yield from _rule(rule, f"spec.rules[{index}]")
    for index, entry in enumerate(spec.get("tls") or ()):
        yield from _tls(entry, f"spec.tls[{index}]")
    name = spec.get("ingressClassName")
    if name is not None:
        yield from each_invalid("spec.ingressClassName", name, names.dns_subdomain_problems(name))


def _tls(entry: Object, path: str) -> Iterator[Cause]:
    for index, host in enumerate(entry.get("hosts") or ()):
        problems = names.wildcard_problems(host) if "*" in host else names.dns_subdomain_problems(host)
        yield from each_invalid(f"{path}.hosts[{index}]", host, problems)
    name = entry.get("secretName")
    if name:
        yield from each_invalid(f"{path}.secretName", name, names.dns_subdomain_problems(name))


def _rule(rule: Object, path: str) -> Iterator[Cause]:
    host = rule.get("host", "")
    if host:
        if not names.ip_problems(host):
            yield invalid(f"{path}.host", host, "must be a DNS name, not an IP address")
        if "*" in host:
            yield from each_invalid(f"{path}.host", host, names.wildcard_problems(host))
        else:
            yield from each_invalid(f"{path}.host", host, names.dns_subdomain_problems(host))
    http = rule.get("http")
    if http is None:
        return
    if not http.get("paths"):
        yield required(f"{path}.http.paths")
    for index, one in enumerate(http.get("paths") or ()):
        yield from _path(one, f"{path}.http.paths[{index}]")


def _path(one: Object, path: str) -> Iterator[Cause]:
    kind, text = one.get("pathType"), one.get("path", "")
    if kind is None:
        yield required(f"{path}.pathType", "pathType must be specified")
        return
    if kind in ("Exact", "Prefix"):
        if not text.startswith("/"):
            yield invalid(f"{path}.path", text, "must be an absolute path")
        if text:
            for sequence in _BAD_SEQUENCES:
                if sequence in text:
                    yield invalid(f"{path}.path", text, f"must not contain '{sequence}'")
            for end in _BAD_ENDS:
                if text.endswith(end):
                    yield invalid(f"{path}.path", text, f"cannot end with '{end}'")
    elif kind == "ImplementationSpecific":
        if text and not text.startswith("/"):
            yield invalid(f"{path}.path", text, "must be an absolute path")
    else:
        yield not_supported(f"{path}.pathType", kind, _PATH_TYPES)
    yield from _backend(one.get("backend") or {}, f"{path}.backend")


def _backend(backend: Object, path: str) -> Iterator[Cause]:
    service, resource = backend.get("service"), backend.get("resource")
    if resource is not None and service is not None:
        yield invalid(path, "", "cannot set both resource and service backends")
    elif resource is not None:
        yield from _resource(resource, f"{path}.resource")
    elif service is not None:
        yield from _service_backend(service, f"{path}.service")
    else:
        yield invalid(path, "", "resource or service backend is required")


def _resource(resource: Object, path: str) -> Iterator[Cause]:
    """A reference to an object in the same namespace."""
    group = resource.get("apiGroup")
    if group is not None:
        yield from each_invalid(f"{path}.apiGroup", group, names.dns_subdomain_problems(group))
    for field in ("kind", "name"):
        value = resource.get(field, "")
        if not value:
            yield required(f"{path}.{field}", f"{field} is required")
        else:
            yield from each_invalid(f"{path}.{field}", value, path_segment_problems(value))


def _service_backend(service: Object, path: str) -> Iterator[Cause]:
    name, port = service.get("name", ""), service.get("port") or {}
    if not name:
        yield required(f"{path}.name")
    else:
        yield from each_invalid(f"{path}.name", name, names.dns_label_problems(name))
    if port.get("name") and port.get("number"):
        yield invalid(path, "", "cannot set both port name & port number")
    elif port.get("name"):
        yield from each_invalid(f"{path}.port.name", port["name"], names.port_name_problems(port["name"]))
    elif port.get("number"):
        yield from each_invalid(
            f"{path}.port.number", port["number"], names.port_number_problems(port["number"])
        )
    else:
        yield required(path, "port name or number is required")


def ingress_status(new: Object, old: Object) -> Iterator[Cause]:
    """Where an Ingress can be reached."""
    balancer = (new.get("status") or {}).get("loadBalancer") or {}
    for index, ingress in enumerate(balancer.get("ingress") or ()):
        path = f"status.loadBalancer.ingress[{index}]"
        address, host = ingress.get("ip", ""), ingress.get("hostname", "")
        if address:
            yield from each_invalid(f"{path}.ip", address, names.ip_problems(address))
        if host:
            yield from each_invalid(f"{path}.hostname", host, names.dns_subdomain_problems(host))
            if not names.ip_problems(host):
                yield invalid(f"{path}.hostname", host, "must be a DNS name, not an IP address")


def ingress_class(obj: Object) -> Iterator[Cause]:
    """An IngressClass: who implements it, and with which parameters."""
    spec = obj.get("spec") or {}
    controller = spec.get("controller", "")
    if len(controller) > 250:
        yield too_long("spec.controller", 250)
    if not controller:
        yield required("spec.controller")
    for part, problem in names.domain_path_problems(controller) if controller else ():
        yield invalid("spec.controller", part, problem)
    parameters = spec.get("parameters")
    if parameters is not None:
        yield from _parameters(parameters, "spec.parameters")


def _parameters(parameters: Object, path: str) -> Iterator[Cause]:
    scope: str | None = parameters.get("scope")
    namespace: str | None = parameters.get("namespace")
    yield from _resource(parameters, path)
    if scope is None:
        yield required(f"{path}.scope")
        return
    if scope not in ("Cluster", "Namespace"):
        yield not_supported(f"{path}.scope", scope, ("Cluster", "Namespace"))
        return
    if scope == "Cluster" and namespace is not None:
        yield forbids(f"{path}.namespace", "`parameters.scope` is set to 'Cluster'")
    elif scope == "Namespace" and namespace is None:
        yield required(f"{path}.namespace", "`parameters.scope` is set to 'Namespace'")
    elif scope == "Namespace" and namespace is not None:
        yield from each_invalid(f"{path}.namespace", namespace, names.dns_label_problems(namespace))


def ingress_class_update(new: Object, old: Object) -> Iterator[Cause]:
    """Who implements a class never changes."""
    yield from immutable(
        "spec.controller",
        (new.get("spec") or {}).get("controller"),
        (old.get("spec") or {}).get("controller"),
    )


# ------------------------------------------------------------------------------------------- policies


def network_policy(obj: Object) -> Iterator[Cause]:
    """A NetworkPolicy."""
    spec = obj.get("spec") or {}
    yield from label_selector(spec.get("podSelector") or {}, "spec.podSelector")
    for field, peers in (("ingress", "from"), ("egress", "to")):
        for index, rule in enumerate(spec.get(field) or ()):
            yield from _policy_rule(rule, f"spec.{field}[{index}]", peers)
    types = spec.get("policyTypes") or ()
    if len(types) > 2:
        yield invalid("spec.policyTypes", list(types), "may not specify more than two policyTypes")
        return
    for index, kind in enumerate(types):
        if kind not in ("Ingress", "Egress"):
            yield not_supported(f"spec.policyTypes[{index}]", kind, ("Ingress", "Egress"))


def _policy_rule(rule: Object, path: str, peers: str) -> Iterator[Cause]:
    for index, port in enumerate(rule.get("ports") or ()):
        yield from _policy_port(port, f"{path}.ports[{index}]")
    for index, peer in enumerate(rule.get(peers) or ()):
        yield from _peer(peer, f"{path}.{peers}[{index}]")


def _policy_port(port: Object, path: str) -> Iterator[Cause]:
    protocol, number, end = port.get("protocol"), port.get("port"), port.get("endPort")
    if protocol is not None and protocol not in _PROTOCOLS:
        yield not_supported(f"{path}.protocol", protocol, _PROTOCOLS)
    if number is None:
        if end is not None:
            yield invalid(f"{path}.endPort", end, "may not be specified when `port` is not specified")
        return
    if isinstance(number, str):
        if end is not None:
            yield invalid(f"{path}.endPort", end, "may not be specified when `port` is non-numeric")
        yield from each_invalid(f"{path}.port", number, names.port_name_problems(number))
        return
    yield from each_invalid(f"{path}.port", number, names.port_number_problems(number))
    if end is not None:
        if end < number:
            # Upstream shows the port here, not its end.
            yield invalid(f"{path}.endPort", number, "must be greater than or equal to `port`")
        yield from each_invalid(f"{path}.endPort", end, names.port_number_problems(end))


def _peer(peer: Object, path: str) -> Iterator[Cause]:
    block, given = peer.get("ipBlock"), 0
    for field in ("podSelector", "namespaceSelector"):
        if peer.get(field) is not None:
            given += 1
            yield from label_selector(peer[field], f"{path}.{field}")
    if block is not None:
        yield from _ip_block(block, f"{path}.ipBlock")
    if not given and block is None:
        yield required(path, "must specify a peer")
    elif given and block is not None:
        yield forbids(path, "may not specify both ipBlock and another peer")


def _ip_block(block: Object, path: str) -> Iterator[Cause]:
    cidr = block.get("cidr", "")
    if not cidr:
        yield required(f"{path}.cidr")
        return
    problems = names.cidr_problems(cidr)
    yield from each_invalid(f"{path}.cidr", cidr, problems)
    for index, inner in enumerate(block.get("except") or ()):
        where = f"{path}.except[{index}]"
        wrong = names.cidr_problems(inner)
        yield from each_invalid(where, inner, wrong)
        if not problems and not wrong and not names.within(inner, cidr):
            yield invalid(where, inner, f"must be a strict subset of `cidr`: {cidr}")

"""The spec of a Pod, in a Pod and in a template.

Upstream: ``ValidatePodSpec``, ``ValidatePodCreate``, ``ValidatePodTemplateSpec`` in
``pkg/apis/core/validation/validation.go``.
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
    invalid,
    not_supported,
    required,
    too_long,
)
from k8scourse.api.validating import containers, metadata, resources, scheduling, security, volumes

Object = dict[str, Any]
RESTART_POLICIES = ("Always", "OnFailure", "Never")
_DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_LARGEST = 2**31 - 1
_MOST_NAME_SERVERS, _MOST_SEARCH_PATHS, _LONGEST_SEARCH = 3, 32, 2048
_MIRROR = "kubernetes.io/config.mirror"
_DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"


def pod(obj: Object) -> Iterator[Cause]:
    """A new Pod."""
    inner = obj.get("spec") or {}
    yield from whole(obj)
    if inner.get("ephemeralContainers"):
        yield forbidden("spec.ephemeralContainers", "cannot be set on create")
    if inner.get("nodeName") and inner.get("schedulingGates"):
        yield forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared")


def whole(obj: Object) -> Iterator[Cause]:
    """What must be true of a Pod at all times."""
    own, inner = obj.get("metadata") or {}, obj.get("spec") or {}
    yield from known_annotations(own.get("annotations") or {}, inner, "metadata.annotations")
    yield from spec(inner, "spec", own.get("name", ""), is_pod=True)
    yield from containers.image_only_for_pods(inner, "spec")


def template(obj: Object, path: str) -> Iterator[Cause]:
    """A template of Pods: of its metadata only labels and annotations count."""
    own, inner = obj.get("metadata") or {}, obj.get("spec") or {}
    yield from metadata.labels(own.get("labels") or {}, f"{path}.labels")
    yield from metadata.annotations(own.get("annotations") or {}, f"{path}.annotations")
    yield from known_annotations(own.get("annotations") or {}, inner, f"{path}.annotations")
    yield from spec(inner, f"{path}.spec")
    if inner.get("ephemeralContainers"):
        yield forbidden(
            f"{path}.spec.ephemeralContainers", "ephemeral containers not allowed in pod template"
        )


def known_annotations(annotated: dict[str, str], inner: Object, path: str) -> Iterator[Cause]:
    """Annotations that components read."""
    if _MIRROR in annotated and not inner.get("nodeName"):
        yield invalid(
            f"{path}[{_MIRROR}]", annotated[_MIRROR], "must set spec.nodeName if mirror pod annotation is set"
        )
    cost = annotated.get(_DELETION_COST)
    if cost is not None and not _is_cost(cost):
        yield invalid(f"{path}[{_DELETION_COST}]", cost, "must be a 32bit integer")


def _is_cost(text: str) -> bool:
    digits = text[1:] if text.startswith("-") else text
    well_formed = digits.isascii() and digits.isdigit() and (digits == "0" or not digits.startswith("0"))
    return well_formed and text != "-0" and -_LARGEST - 1 <= int(text) <= _LARGEST


def spec(obj: Object, path: str, pod_name: str = "", is_pod: bool = False) -> Iterator[Cause]:
    """The spec of a Pod or of a template; a Pod's own name is part of the names of its ephemeral claims."""
    good, causes = volumes.all_volumes(obj.get("volumes") or [], f"{path}.volumes", pod_name)
    yield from causes
    if obj.get("resourceClaims"):
        yield from _resource_claims(obj["resourceClaims"], f"{path}.resourceClaims")
    yield from containers.all_containers(containers.Surroundings(obj, good), path)
    yield from resources.of_pod(obj, f"{path}.resources")
    yield from containers.host_network_ports(obj, path, is_pod)
    yield from _choice(f"{path}.restartPolicy", obj.get("restartPolicy"), RESTART_POLICIES)
    yield from _choice(f"{path}.dnsPolicy", obj.get("dnsPolicy"), _DNS_POLICIES)
    if obj.get("nodeSelector"):
        yield from metadata.labels(obj["nodeSelector"], f"{path}.nodeSelector")
    yield from security.of_pod(obj, path)
    yield from _placement(obj, path)
    yield from security.host_users(obj, path)
    yield from _names(obj, path)
    yield from _last_fields(obj, path)


def _choice(path: str, value: Any, supported: tuple[str, ...]) -> Iterator[Cause]:
    if value not in supported:
        yield not_supported(path, value, supported) if value else required(path)


def _resource_claims(claims: list[Object], path: str) -> Iterator[Cause]:
    seen: list[str] = []
    for index, claim in enumerate(claims):
        where, name = f"{path}[{index}]", claim.get("name", "")
        if not name:
            yield required(f"{where}.name")
        elif name in seen:
            yield duplicate(f"{where}.name", name)
        else:
            yield from each_invalid(f"{where}.name", name, names.dns_label_problems(name))
        seen.append(name)
        made, ready = claim.get("resourceClaimTemplateName"), claim.get("resourceClaimName")
        shown = {"Name": name, "ResourceClaimName": ready, "ResourceClaimTemplateName": made}
        if made is not None and ready is not None:
            yield invalid(
                where,
                shown,
                "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified",
            )
        if made is None and ready is None:
            yield invalid(
                where, shown, "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"
            )
        for field in ("resourceClaimName", "resourceClaimTemplateName"):
            if claim.get(field) is not None:
                yield from each_invalid(
                    f"{where}.{field}", claim[field], names.dns_subdomain_problems(claim[field])
                )


def _placement(obj: Object, path: str) -> Iterator[Cause]:
    if obj.get("affinity"):
        yield from scheduling.affinity(obj["affinity"], f"{path}.affinity")
    yield from _dns_config(obj, f"{path}.dnsConfig")
    for index, gate in enumerate(obj.get("readinessGates") or ()):
        condition = gate.get("conditionType", "")
        yield from each_invalid(
            f"{path}.readinessGates[{index}].conditionType",
            condition,
            names.qualified_name_problems(condition),
        )
    yield from _scheduling_gates(obj.get("schedulingGates") or (), f"{path}.schedulingGates")
    if obj.get("topologySpreadConstraints"):
        yield from scheduling.topology_spread(
            obj["topologySpreadConstraints"], f"{path}.topologySpreadConstraints"
        )


def _scheduling_gates(gates: Any, path: str) -> Iterator[Cause]:
    seen: list[str] = []
    for index, gate in enumerate(gates):
        name = gate.get("name", "")
        yield from each_invalid(f"{path}[{index}]", name, names.qualified_name_problems(name))
        if name in seen:
            yield duplicate(f"{path}[{index}]", name)
        seen.append(name)


def _dns_config(obj: Object, path: str) -> Iterator[Cause]:
    config = obj.get("dnsConfig")
    if obj.get("dnsPolicy") == "None":
        if config is None:
            yield required(path, "must provide `dnsConfig` when `dnsPolicy` is None")
            return
        if not config.get("nameservers"):
            yield required(
                f"{path}.nameservers", "must provide at least one DNS nameserver when `dnsPolicy` is None"
            )
            return
    if config is None:
        return
    servers = config.get("nameservers") or []
    if len(servers) > _MOST_NAME_SERVERS:
        yield invalid(
            f"{path}.nameservers", servers, f"must not have more than {_MOST_NAME_SERVERS} nameservers"
        )
    for index, server in enumerate(servers):
        yield from each_invalid(f"{path}.nameservers[{index}]", server, names.ip_problems(server))
    yield from _search_paths(config.get("searches") or [], f"{path}.searches")
    for index, option in enumerate(config.get("options") or ()):
        if not option.get("name"):
            yield required(f"{path}.options[{index}]", "must not be empty")


def _search_paths(searches: list[str], path: str) -> Iterator[Cause]:
    if len(searches) > _MOST_SEARCH_PATHS:
        yield invalid(path, searches, f"must not have more than {_MOST_SEARCH_PATHS} search paths")
    if len(" ".join(searches)) > _LONGEST_SEARCH:
        yield invalid(
            path,
            searches,
            f"must not have more than {_LONGEST_SEARCH} characters (including spaces) in the search list",
        )
    for index, search in enumerate(searches):
        if search != ".":
            text = search.removesuffix(".")
            yield from each_invalid(f"{path}[{index}]", text, names.underscore_subdomain_problems(text))


def _names(obj: Object, path: str) -> Iterator[Cause]:
    for field in ("serviceAccountName", "nodeName"):
        if obj.get(field):
            yield from each_invalid(f"{path}.{field}", obj[field], names.dns_subdomain_problems(obj[field]))
    deadline = obj.get("activeDeadlineSeconds")
    if deadline is not None and not 1 <= deadline <= _LARGEST:
        yield invalid(
            f"{path}.activeDeadlineSeconds", deadline, f"must be between 1 and {_LARGEST}, inclusive"
        )
    for field in ("hostname", "subdomain"):
        if obj.get(field):
            yield from each_invalid(f"{path}.{field}", obj[field], names.dns_label_problems(obj[field]))
    override = obj.get("hostnameOverride")
    if override is not None:
        yield from each_invalid(f"{path}.hostnameOverride", override, names.dns_subdomain_problems(override))
        if len(override) > 64:
            yield too_long(f"{path}.hostnameOverride", 64)
    if obj.get("tolerations"):
        yield from scheduling.tolerations(obj["tolerations"], f"{path}.tolerations")
    for index, alias in enumerate(obj.get("hostAliases") or ()):
        where, address = f"{path}.hostAliases[{index}]", alias.get("ip", "")
        yield from each_invalid(f"{where}.ip", address, names.ip_problems(address))
        for position, host in enumerate(alias.get("hostnames") or ()):
            yield from each_invalid(
                f"{where}.hostnames[{position}]", host, names.dns_subdomain_problems(host)
            )


def _last_fields(obj: Object, path: str) -> Iterator[Cause]:
    if obj.get("priorityClassName"):
        name = obj["priorityClassName"]
        yield from each_invalid(f"{path}.priorityClassName", name, names.dns_subdomain_problems(name))
    runtime = obj.get("runtimeClassName")
    if runtime is not None:
        yield from each_invalid(f"{path}.runtimeClassName", runtime, names.dns_subdomain_problems(runtime))
    if obj.get("preemptionPolicy") is not None:
        yield from _choice(
            f"{path}.preemptionPolicy", obj["preemptionPolicy"], ("PreemptLowerPriority", "Never")
        )
    if obj.get("overhead"):
        yield from resources.overhead(obj["overhead"], f"{path}.overhead")
    if obj.get("os") is not None:
        yield from security.operating_system(obj, path)

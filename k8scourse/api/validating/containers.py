"""The containers of a Pod: names, images, ports, environment, mounts, resources.

Upstream: ``validateContainers``, ``validateInitContainers`` in ``pkg/apis/core/validation/validation.go``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from k8scourse.api import names, pods, quantities
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import (
    duplicate,
    each_invalid,
    forbidden,
    invalid,
    not_supported,
    required,
)
from k8scourse.api.validating import probes, volumes

Object = dict[str, Any]
PULL_POLICIES = ("Always", "IfNotPresent", "Never")
PROTOCOLS = ("SCTP", "TCP", "UDP")
RESTART_POLICIES = ("Always", "Never", "OnFailure")
_MESSAGE_POLICIES = ("File", "FallbackToLogsOnError")
_STANDARD = ("cpu", "memory", "ephemeral-storage")
_ALWAYS_ONLY = "may not be set for init containers without restartPolicy=Always"


def all_containers(spec: Object, path: str, mountable: list[str]) -> Iterator[Cause]:
    """Containers, then init containers; ``mountable`` are the names of the Pod's volumes."""
    seen: list[str] = []
    grace = spec.get("terminationGracePeriodSeconds") or 0
    if not spec.get("containers"):
        yield required(f"{path}.containers")
    for index, container in enumerate(spec.get("containers") or ()):
        where = f"{path}.containers[{index}]"
        yield from _common(container, where, mountable, bool(spec.get("hostNetwork")))
        yield from _unique_name(container, where, seen)
        yield from probes.of_container(container, where, grace)
    yield from _host_ports(spec.get("containers") or (), f"{path}.containers")
    for index, container in enumerate(spec.get("initContainers") or ()):
        where = f"{path}.initContainers[{index}]"
        yield from _common(container, where, mountable, bool(spec.get("hostNetwork")))
        yield from _unique_name(container, where, seen)
        yield from _init_rules(container, where, grace)


def _unique_name(container: Object, path: str, seen: list[str]) -> Iterator[Cause]:
    name = container.get("name", "")
    if name and name in seen:
        yield duplicate(f"{path}.name", name)
    seen.append(name)


def _init_rules(container: Object, path: str, grace: int) -> Iterator[Cause]:
    if pods.is_sidecar(container):
        yield from probes.of_container(container, path, grace)
        return
    if container.get("restartPolicy") not in (None, *RESTART_POLICIES):
        yield not_supported(f"{path}.restartPolicy", container["restartPolicy"], RESTART_POLICIES)
    for field in ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe"):
        if container.get(field) is not None:
            yield forbidden(f"{path}.{field}", _ALWAYS_ONLY)


def _common(container: Object, path: str, mountable: list[str], host_network: bool) -> Iterator[Cause]:
    name, image = container.get("name", ""), container.get("image", "")
    if not name:
        yield required(f"{path}.name")
    else:
        yield from each_invalid(f"{path}.name", name, names.dns_label_problems(name))
    if not image:
        yield required(f"{path}.image")
    elif image != image.strip():
        yield invalid(f"{path}.image", image, "must not have leading or trailing whitespace")
    if container.get("terminationMessagePolicy") not in _MESSAGE_POLICIES:
        yield not_supported(
            f"{path}.terminationMessagePolicy",
            container.get("terminationMessagePolicy", ""),
            _MESSAGE_POLICIES,
        )
    if container.get("ports"):
        yield from _ports(container["ports"], f"{path}.ports", host_network)
    for index, variable in enumerate(container.get("env") or ()):
        yield from _environment(variable, f"{path}.env[{index}]")
    for index, source in enumerate(container.get("envFrom") or ()):
        yield from _environment_source(source, f"{path}.envFrom[{index}]")
    if container.get("volumeMounts"):
        yield from volumes.mounts(container["volumeMounts"], f"{path}.volumeMounts", mountable)
    if container.get("imagePullPolicy") not in PULL_POLICIES:
        yield not_supported(f"{path}.imagePullPolicy", container.get("imagePullPolicy", ""), PULL_POLICIES)
    if container.get("resources"):
        yield from resources(container["resources"], f"{path}.resources")
    if container.get("securityContext"):
        yield from _security(container["securityContext"], f"{path}.securityContext")


def _ports(ports: list[Object], path: str, host_network: bool) -> Iterator[Cause]:
    seen: list[str] = []
    for index, port in enumerate(ports):
        where = f"{path}[{index}]"
        name = port.get("name")
        if name:
            problems = names.port_name_problems(name)
            yield from each_invalid(f"{where}.name", name, problems)
            if not problems and name in seen:
                yield duplicate(f"{where}.name", name)
            seen.append(name)
        number, host = port.get("containerPort", 0), port.get("hostPort", 0)
        if number == 0:
            yield required(f"{where}.containerPort")
        else:
            yield from each_invalid(f"{where}.containerPort", number, names.port_number_problems(number))
        if host:
            yield from each_invalid(f"{where}.hostPort", host, names.port_number_problems(host))
            if host_network and host != number:
                yield invalid(
                    f"{where}.hostPort", host, "must match `containerPort` when `hostNetwork` is true"
                )
        if port.get("protocol") not in PROTOCOLS:
            yield (
                not_supported(f"{where}.protocol", port["protocol"], PROTOCOLS)
                if port.get("protocol")
                else required(f"{where}.protocol")
            )


def _host_ports(listed: Any, path: str) -> Iterator[Cause]:
    """Two containers of one Pod cannot have the same port of the host."""
    seen: list[str] = []
    for index, container in enumerate(listed):
        for position, port in enumerate(container.get("ports") or ()):
            if not port.get("hostPort"):
                continue
            used = f"{port.get('protocol', '')}/{port.get('hostIP', '')}/{port['hostPort']}"
            if used in seen:
                yield duplicate(f"{path}[{index}].ports[{position}].hostPort", used)
            seen.append(used)


_SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")
_ENVIRONMENT_FIELDS = (
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
)
_KNOWN_FIELDS = (
    *_ENVIRONMENT_FIELDS,
    "metadata.annotations",
    "metadata.labels",
    "spec.hostNetwork",
    "spec.restartPolicy",
    "spec.schedulerName",
    "status.phase",
    "status.nominatedNodeName",
)
_RESOURCE_FIELDS = (
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
)
_SUBSCRIPTED = re.compile(r"metadata\.(labels|annotations)\['[^']*'\]").fullmatch


def _environment(variable: Object, path: str) -> Iterator[Cause]:
    name, source = variable.get("name", ""), variable.get("valueFrom")
    if not name:
        yield required(f"{path}.name")
    else:
        yield from each_invalid(f"{path}.name", name, names.environment_name_problems(name))
    if source is None:
        return
    given = [field for field in _SOURCES if source.get(field) is not None]
    if source.get("fieldRef") is not None:
        yield from _field_reference(source["fieldRef"], f"{path}.valueFrom.fieldRef")
    if source.get("resourceFieldRef") is not None:
        wanted = source["resourceFieldRef"].get("resource", "")
        if wanted not in _RESOURCE_FIELDS:
            yield not_supported(f"{path}.valueFrom.resourceFieldRef.resource", wanted, _RESOURCE_FIELDS)
    for field in ("configMapKeyRef", "secretKeyRef"):
        if source.get(field) is not None:
            yield from _key_reference(source[field], f"{path}.valueFrom.{field}")
    if not given:
        yield invalid(
            f"{path}.valueFrom",
            "",
            "must specify one of: `fieldRef`, `resourceFieldRef`, "
            "`configMapKeyRef`, `secretKeyRef` or `fileKeyRef`",
        )
    elif variable.get("value"):
        yield invalid(f"{path}.valueFrom", "", "may not be specified when `value` is not empty")
    elif len(given) > 1:
        yield invalid(f"{path}.valueFrom", "", "may not have more than one field specified at a time")


def _field_reference(reference: Object, path: str) -> Iterator[Cause]:
    field = reference.get("fieldPath", "")
    if not field:
        yield required(f"{path}.fieldPath")
    elif field in _ENVIRONMENT_FIELDS or _SUBSCRIPTED(field):
        return
    elif field in _KNOWN_FIELDS:
        yield not_supported(f"{path}.fieldPath", field, _ENVIRONMENT_FIELDS)
    else:
        yield invalid(
            f"{path}.fieldPath", field, f"error converting fieldPath: field label not supported: {field}"
        )


def _key_reference(reference: Object, path: str) -> Iterator[Cause]:
    key = reference.get("key", "")
    if not key:
        yield required(f"{path}.key")
    else:
        yield from each_invalid(f"{path}.key", key, names.config_key_problems(key))


def _environment_source(source: Object, path: str) -> Iterator[Cause]:
    given = [field for field in ("configMapRef", "secretRef") if source.get(field) is not None]
    for field in given:
        if not source[field].get("name"):
            yield required(f"{path}.{field}.name")
    if not given:
        yield invalid(path, "", "must specify one of: `configMapRef` or `secretRef`")
    elif len(given) > 1:
        yield invalid(path, "", "may not have more than one field specified at a time")


def resources(asked: Object, path: str) -> Iterator[Cause]:
    """Limits and requests: known names, amounts of zero or more, requests within limits."""
    limits, requests = asked.get("limits") or {}, asked.get("requests") or {}
    for name, quantity in limits.items():
        yield from _resource(name, quantity, f"{path}.limits[{name}]")
    for name, quantity in requests.items():
        yield from _resource(name, quantity, f"{path}.requests[{name}]")
        if name in limits:
            yield from _within_limit(name, quantity, limits[name], f"{path}.requests")
        elif _is_extended(name):
            yield required(f"{path}.limits", "Limit must be set for non overcommitable resources")


def _is_extended(name: str) -> bool:
    if "/" in name:
        return not name.partition("/")[0].endswith("kubernetes.io")
    return name.startswith("hugepages-")


def _resource(name: str, quantity: Any, path: str) -> Iterator[Cause]:
    problems = names.qualified_name_problems(name)
    yield from each_invalid(path, name, problems)
    if not problems and "/" not in name and name not in _STANDARD and not name.startswith("hugepages-"):
        yield invalid(path, name, "must be a standard resource type or fully qualified")
        yield invalid(path, name, "must be a standard resource for containers")
    value = quantities.parse(quantity)
    if value < 0:
        yield invalid(path, str(quantity), "must be greater than or equal to 0")
    if _is_extended(name) and value.denominator != 1:
        yield invalid(path, str(quantity), "must be an integer")


def _within_limit(name: str, request: Any, limit: Any, path: str) -> Iterator[Cause]:
    asked, allowed = quantities.parse(request), quantities.parse(limit)
    if _is_extended(name) and asked != allowed:
        yield invalid(path, str(request), f"must be equal to {name} limit of {limit}")
    elif asked > allowed:
        yield invalid(path, str(request), f"must be less than or equal to {name} limit of {limit}")


def _security(context: Object, path: str) -> Iterator[Cause]:
    for field in ("runAsUser", "runAsGroup"):
        value = context.get(field)
        if value is not None and not 0 <= value < 2**31:
            yield invalid(f"{path}.{field}", value, "must be between 0 and 2147483647, inclusive")
    if context.get("allowPrivilegeEscalation") is False:
        if context.get("privileged"):
            yield invalid(
                path, context, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"
            )
        if "CAP_SYS_ADMIN" in ((context.get("capabilities") or {}).get("add") or ()):
            yield invalid(
                path,
                context,
                "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN",
            )

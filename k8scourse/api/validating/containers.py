"""The containers of a Pod: names, images, ports, restart rules, and what other modules know of each.

Upstream: ``validateContainers``, ``validateInitContainers``, ``validateEphemeralContainers`` in
``pkg/apis/core/validation/validation.go``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from k8scourse.api import names, pods
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import (
    duplicate,
    each_invalid,
    forbidden,
    invalid,
    not_found,
    not_supported,
    required,
)
from k8scourse.api.validating import environment, mounts, probes, resources, security

Object = dict[str, Any]
PULL_POLICIES = ("Always", "IfNotPresent", "Never")
PROTOCOLS = ("SCTP", "TCP", "UDP")
RESTART_POLICIES = ("Always", "Never", "OnFailure")
_ACTIONS = ("Restart", "RestartAllContainers")
_MESSAGE_POLICIES = ("File", "FallbackToLogsOnError")
_RESIZE_POLICIES = ("NotRequired", "RestartContainer")
_ALWAYS_ONLY = "may not be set for init containers without restartPolicy=Always"
_MOST_RULES = 20


class Surroundings(NamedTuple):
    """What a container's checks must know of its Pod: its spec and its good volumes by name."""

    spec: Object
    volumes: dict[str, Object]

    @property
    def claims(self) -> list[str]:
        """The names of the Pod's resource claims."""
        return [claim["name"] for claim in self.spec.get("resourceClaims") or () if claim.get("name")]

    @property
    def host_users(self) -> bool:
        """Whether users inside are users outside."""
        return self.spec.get("hostUsers") is not False

    @property
    def grace(self) -> int:
        """How long the Pod has to end."""
        return self.spec.get("terminationGracePeriodSeconds") or 0


def all_containers(around: Surroundings, path: str) -> Iterator[Cause]:
    """Containers, init containers, ephemeral containers."""
    spec = around.spec
    if not spec.get("containers"):
        yield required(f"{path}.containers")
    seen: list[str] = []
    for index, container in enumerate(spec.get("containers") or ()):
        where = f"{path}.containers[{index}]"
        yield from _common(container, where, around)
        yield from _restart_policy(container, where)
        yield from _unique_name(container, where, seen)
        yield from probes.of_container(container, where, around.grace)
    yield from _host_ports(spec.get("containers") or (), f"{path}.containers")
    for index, container in enumerate(spec.get("initContainers") or ()):
        where = f"{path}.initContainers[{index}]"
        yield from _common(container, where, around)
        yield from _restart_policy(container, where)
        yield from _unique_name(container, where, seen)
        yield from _host_ports([container], f"{path}.initContainers")
        yield from _init_rules(container, where, around.grace)
    if spec.get("ephemeralContainers"):
        yield from _ephemeral_containers(around, f"{path}.ephemeralContainers", seen)


def _unique_name(container: Object, path: str, seen: list[str]) -> Iterator[Cause]:
    name = container.get("name", "")
    if name and name in seen:
        yield duplicate(f"{path}.name", name)
    seen.append(name)


def _init_rules(container: Object, path: str, grace: int) -> Iterator[Cause]:
    if pods.is_sidecar(container):
        yield from probes.of_container(container, path, grace)
        return
    for field in ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe"):
        if container.get(field) is not None:
            yield forbidden(f"{path}.{field}", _ALWAYS_ONLY)


def _restart_policy(container: Object, path: str) -> Iterator[Cause]:
    """A policy of the container's own, and rules that say more than it."""
    policy, rules = container.get("restartPolicy"), container.get("restartPolicyRules") or ()
    if policy is None:
        if rules:
            yield required(f"{path}.restartPolicy", "must specify restartPolicy when restart rules are used")
    elif policy not in RESTART_POLICIES:
        yield not_supported(f"{path}.restartPolicy", policy, RESTART_POLICIES)
    if len(rules) > _MOST_RULES:
        yield Cause(
            f"{path}.restartPolicyRules",
            "FieldValueTooMany",
            f"Too many: {len(rules)}: must have at most {_MOST_RULES} items",
        )
    for index, rule in enumerate(rules):
        where, codes = f"{path}.restartPolicyRules[{index}]", rule.get("exitCodes")
        if rule.get("action", "") not in _ACTIONS:
            yield not_supported(f"{where}.action", rule.get("action", ""), _ACTIONS)
        if codes is None:
            yield required(f"{where}.exitCodes", "must be specified")
        elif codes.get("operator", "") not in ("In", "NotIn"):
            yield not_supported(f"{where}.exitCodes.operator", codes.get("operator", ""), ("In", "NotIn"))


def _common(container: Object, path: str, around: Surroundings) -> Iterator[Cause]:
    name = container.get("name", "")
    if not name:
        yield required(f"{path}.name")
    else:
        yield from each_invalid(f"{path}.name", name, names.dns_label_problems(name))
    if not container.get("image"):
        yield required(f"{path}.image")
    yield from _choice(container, path, "terminationMessagePolicy", _MESSAGE_POLICIES)
    if container.get("ports"):
        yield from _ports(container["ports"], f"{path}.ports")
    if container.get("env"):
        yield from environment.variables(container["env"], f"{path}.env")
    if container.get("envFrom"):
        yield from environment.sources(container["envFrom"], f"{path}.envFrom")
    yield from mounts.of_container(container, path, around.volumes)
    yield from _choice(container, path, "imagePullPolicy", PULL_POLICIES)
    if container.get("resources"):
        yield from resources.of_container(container["resources"], f"{path}.resources", around.claims)
    if container.get("resizePolicy"):
        yield from _resize_policies(container["resizePolicy"], f"{path}.resizePolicy", around.spec)
    if container.get("securityContext"):
        yield from security.of_container(
            container["securityContext"], f"{path}.securityContext", around.host_users
        )


def _choice(container: Object, path: str, field: str, supported: tuple[str, ...]) -> Iterator[Cause]:
    value = container.get(field)
    if value not in supported:
        yield not_supported(f"{path}.{field}", value, supported) if value else required(f"{path}.{field}")


def image_only_for_pods(spec: Object, path: str) -> Iterator[Cause]:
    """A Pod's images have no blanks around them; a template's may, for the sake of old ones."""
    for field in ("containers", "initContainers"):
        for index, container in enumerate(spec.get(field) or ()):
            image = container.get("image", "")
            if image != image.strip():
                yield invalid(
                    f"{path}.{field}[{index}].image", image, "must not have leading or trailing whitespace"
                )


def _ports(ports: list[Object], path: str) -> Iterator[Cause]:
    seen: list[str] = []
    for index, port in enumerate(ports):
        where, name = f"{path}[{index}]", port.get("name")
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
        yield from _choice(port, where, "protocol", PROTOCOLS)


def host_network_ports(spec: Object, path: str, is_pod: bool) -> Iterator[Cause]:
    """On the host's network a container's port is the host's; a template may leave the latter open."""
    if not spec.get("hostNetwork"):
        return
    for index, container in enumerate(spec.get("containers") or ()):
        for position, port in enumerate(container.get("ports") or ()):
            host = port.get("hostPort", 0)
            if (is_pod or host) and host != port.get("containerPort", 0):
                yield invalid(
                    f"{path}.containers[{index}].ports[{position}].hostPort",
                    host,
                    "must match `containerPort` when `hostNetwork` is true",
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


def _resize_policies(listed: list[Object], path: str, spec: Object) -> Iterator[Cause]:
    seen: list[str] = []
    for index, policy in enumerate(listed):
        name, restart = policy.get("resourceName", ""), policy.get("restartPolicy", "")
        if name in seen:
            yield duplicate(f"{path}[{index}]", name)
        seen.append(name)
        for value, supported in ((name, ("cpu", "memory")), (restart, _RESIZE_POLICIES)):
            if value not in supported:
                yield not_supported(path, value, supported) if value else required(path)
        if spec.get("restartPolicy") == "Never" and restart != "NotRequired":
            yield invalid(path, restart, "must be 'NotRequired' when `restartPolicy` is 'Never'")


_NOT_EPHEMERAL = (
    "ports",
    "resources",
    "livenessProbe",
    "readinessProbe",
    "startupProbe",
    "lifecycle",
    "resizePolicy",
    "restartPolicy",
    "restartPolicyRules",
)


def _ephemeral_containers(around: Surroundings, path: str, seen: list[str]) -> Iterator[Cause]:
    """Containers that are added to look inside a running Pod: no part of what it does."""
    others = list(seen)
    for index, container in enumerate(around.spec["ephemeralContainers"]):
        where, image = f"{path}[{index}]", container.get("image", "")
        yield from _common(container, where, around)
        if image != image.strip():
            yield invalid(f"{where}.image", image, "must not have leading or trailing whitespace")
        yield from _unique_name(container, where, seen)
        target = container.get("targetContainerName", "")
        if target and target not in others:
            yield not_found(f"{where}.targetContainerName", target)
        for field in _NOT_EPHEMERAL:
            if container.get(field):
                yield forbidden(f"{where}.{field}", "cannot be set for an Ephemeral Container")
        for position, mount in enumerate(container.get("volumeMounts") or ()):
            for field in ("subPath", "subPathExpr"):
                if mount.get(field):
                    yield forbidden(
                        f"{where}.volumeMounts[{position}].{field}",
                        "cannot be set for an Ephemeral Container",
                    )

"""Probes and lifecycle hooks of a container.

Upstream: ``validateProbe``, ``validateHandler`` in ``pkg/apis/core/validation/validation.go``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api import names
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import each_invalid, forbidden, invalid, non_negative, not_supported, required

Object = dict[str, Any]
_NUMBERS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")


def of_container(container: Object, path: str, grace_seconds: int) -> Iterator[Cause]:
    """The hooks and the three probes of one container."""
    if container.get("lifecycle"):
        yield from _lifecycle(container["lifecycle"], f"{path}.lifecycle", grace_seconds)
    for name in ("livenessProbe", "readinessProbe", "startupProbe"):
        probe = container.get(name)
        if probe is not None:
            yield from _probe(probe, f"{path}.{name}", grace_seconds, once=name != "readinessProbe")


def _probe(probe: Object, path: str, grace_seconds: int, once: bool) -> Iterator[Cause]:
    yield from _handler(probe, path, grace_seconds, ("exec", "httpGet", "tcpSocket", "grpc"))
    for field in _NUMBERS:
        yield from non_negative(f"{path}.{field}", probe.get(field))
    grace = probe.get("terminationGracePeriodSeconds")
    if grace is not None and grace <= 0:
        yield invalid(f"{path}.terminationGracePeriodSeconds", grace, "must be greater than 0")
    if once and probe.get("successThreshold", 1) != 1:
        yield invalid(f"{path}.successThreshold", probe["successThreshold"], "must be 1")
    if not once and grace is not None:
        yield invalid(f"{path}.terminationGracePeriodSeconds", grace, "must not be set for readinessProbes")


def _lifecycle(lifecycle: Object, path: str, grace_seconds: int) -> Iterator[Cause]:
    for hook in ("postStart", "preStop"):
        if lifecycle.get(hook) is not None:
            yield from _handler(
                lifecycle[hook], f"{path}.{hook}", grace_seconds, ("exec", "httpGet", "tcpSocket", "sleep")
            )


def _handler(handler: Object, path: str, grace_seconds: int, kinds: tuple[str, ...]) -> Iterator[Cause]:
    """Exactly one way of asking."""
    given = [kind for kind in kinds if handler.get(kind) is not None]
    for position, kind in enumerate(given):
        if position:
            yield forbidden(f"{path}.{kind}", "may not specify more than 1 handler type")
        elif kind == "sleep":
            yield from _sleep(handler[kind], f"{path}.sleep", grace_seconds)
        else:
            yield from _CHECKS[kind](handler[kind], f"{path}.{kind}")
    if not given:
        yield required(path, "must specify a handler type")


def _exec(action: Object, path: str) -> Iterator[Cause]:
    if not action.get("command"):
        yield required(f"{path}.command")


def _http_get(action: Object, path: str) -> Iterator[Cause]:
    if not action.get("path"):
        yield required(f"{path}.path")
    yield from port(action.get("port", 0), f"{path}.port")
    if action.get("scheme") not in ("HTTP", "HTTPS"):
        yield not_supported(f"{path}.scheme", action.get("scheme", ""), ("HTTP", "HTTPS"))
    for header in action.get("httpHeaders") or ():
        name = header.get("name", "")
        yield from each_invalid(f"{path}.httpHeaders", name, names.header_name_problems(name))


def _tcp_socket(action: Object, path: str) -> Iterator[Cause]:
    yield from port(action.get("port", 0), f"{path}.port")


def _grpc(action: Object, path: str) -> Iterator[Cause]:
    yield from port(action.get("port", 0), f"{path}.port")


def _sleep(action: Object, path: str, grace_seconds: int) -> Iterator[Cause]:
    seconds = action.get("seconds", 0)
    if not 0 <= seconds <= grace_seconds:
        yield invalid(
            path,
            seconds,
            f"must be non-negative and less than terminationGracePeriodSeconds ({grace_seconds})",
        )


def port(value: int | str, path: str) -> Iterator[Cause]:
    """A port by number or by name."""
    problems = (
        names.port_name_problems(value) if isinstance(value, str) else names.port_number_problems(value)
    )
    yield from each_invalid(path, value, problems)


_CHECKS = {"exec": _exec, "httpGet": _http_get, "tcpSocket": _tcp_socket, "grpc": _grpc}

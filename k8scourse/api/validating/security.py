"""Security contexts: who the processes run as, and which of the kernel's fences stand around them.

Upstream: ``validatePodSpecSecurityContext`` and ``ValidateSecurityContext`` in
``pkg/apis/core/validation/validation.go``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from k8scourse.api import internal_form
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import duplicate, forbidden, invalid, not_supported, required, too_long
from k8scourse.api.validating import paths

Object = dict[str, Any]
_LARGEST_ID = 2**31 - 1
_PROFILES = ("Localhost", "RuntimeDefault", "Unconfined")
_SYSCTL = r"([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_IS_SYSCTL = re.compile(_SYSCTL).fullmatch
_LONGEST_SYSCTL = 253
_LONGEST_PATH = 4095
#: Which namespace of the kernel a sysctl belongs to.
_NAMESPACES = {"hostIPC": ("kernel.shm", "kernel.msg", "fs.mqueue.", "kernel.sem"), "hostNetwork": ("net.",)}


def _identity(context: Object, path: str, fields: tuple[str, ...]) -> Iterator[Cause]:
    for field in fields:
        value = context.get(field)
        if value is not None:
            yield from _id(value, f"{path}.{field}")


def _id(value: int, path: str) -> Iterator[Cause]:
    if not 0 <= value <= _LARGEST_ID:
        yield invalid(path, value, f"must be between 0 and {_LARGEST_ID}, inclusive")


def of_pod(spec: Object, path: str) -> Iterator[Cause]:
    """The security context of a Pod's spec, which lies at ``path``."""
    context, where = spec.get("securityContext") or {}, f"{path}.securityContext"
    yield from _identity(context, where, ("fsGroup", "runAsUser", "runAsGroup"))
    for index, group in enumerate(context.get("supplementalGroups") or ()):
        yield from _id(group, f"{where}.supplementalGroups[{index}]")
    if spec.get("shareProcessNamespace") and spec.get("hostPID"):
        yield invalid(
            f"{where}.shareProcessNamespace", True, "ShareProcessNamespace and HostPID cannot both be enabled"
        )
    yield from _sysctls(spec, context.get("sysctls") or (), f"{where}.sysctls")
    yield from _choice(context, where, "fsGroupChangePolicy", ("Always", "OnRootMismatch"))
    yield from _seccomp(context.get("seccompProfile"), f"{where}.seccompProfile")
    yield from _app_armor(context.get("appArmorProfile"), f"{where}.appArmorProfile")
    yield from _choice(context, where, "supplementalGroupsPolicy", ("Merge", "Strict"))
    yield from _choice(context, where, "seLinuxChangePolicy", ("MountOption", "Recursive"))


def _choice(context: Object, path: str, field: str, supported: tuple[str, ...]) -> Iterator[Cause]:
    if context.get(field) is not None and context[field] not in supported:
        yield not_supported(f"{path}.{field}", context[field], supported)


def _sysctls(spec: Object, listed: Any, path: str) -> Iterator[Cause]:
    seen: list[str] = []
    for index, sysctl in enumerate(listed):
        where, name = f"{path}[{index}].name", sysctl.get("name", "")
        if not name:
            yield required(where)
        elif len(name) > _LONGEST_SYSCTL or not _IS_SYSCTL(name):
            yield invalid(
                where, name, f"must have at most {_LONGEST_SYSCTL} characters and match regex ^{_SYSCTL}$"
            )
        elif name in seen:
            yield duplicate(where, name)
        for host, prefixes in _NAMESPACES.items():
            if spec.get(host) and name.replace("/", ".").startswith(prefixes):
                yield invalid(where, name, f"may not be specified when '{host}' is true")
        seen.append(name)


def _seccomp(profile: Object | None, path: str) -> Iterator[Cause]:
    if profile is None:
        return
    kind, local = profile.get("type", ""), profile.get("localhostProfile")
    if not kind:
        yield required(f"{path}.type", "type is required when seccompProfile is set")
    elif kind not in _PROFILES:
        yield not_supported(f"{path}.type", kind, _PROFILES)
    if kind == "Localhost":
        if local is None:
            yield required(f"{path}.localhostProfile", "must be set when seccomp type is Localhost")
        else:
            yield from paths.descending(local, f"{path}.localhostProfile")
    elif local is not None:
        yield invalid(
            f"{path}.localhostProfile",
            {"Type": kind, "LocalhostProfile": local},
            "can only be set when seccomp type is Localhost",
        )


def _app_armor(profile: Object | None, path: str) -> Iterator[Cause]:
    if profile is None:
        return
    kind, local = profile.get("type", ""), profile.get("localhostProfile")
    if kind == "Localhost":
        yield from _local_profile(local, f"{path}.localhostProfile")
    elif kind in _PROFILES:
        if local is not None:
            yield invalid(
                f"{path}.localhostProfile", local, "can only be set when AppArmor type is Localhost"
            )
    elif not kind:
        yield required(f"{path}.type", "type is required when appArmorProfile is set")
    else:
        yield not_supported(f"{path}.type", kind, _PROFILES)


def _local_profile(name: str | None, path: str) -> Iterator[Cause]:
    if name is not None and name != name.strip():
        yield invalid(path, name, "must not be padded with whitespace")
    elif not name:
        yield required(path, "must be set when AppArmor type is Localhost")
    if name is not None and len(name.encode()) > _LONGEST_PATH:
        yield too_long(path, _LONGEST_PATH)


def of_container(context: Object, path: str, host_users: bool) -> Iterator[Cause]:
    """The security context of one container."""
    yield from _identity(context, path, ("runAsUser", "runAsGroup"))
    mount = context.get("procMount")
    if mount is not None:
        if mount not in ("Default", "Unmasked"):
            yield not_supported(f"{path}.procMount", mount, ("Default", "Unmasked"))
        if host_users and mount == "Unmasked":
            yield invalid(f"{path}.procMount", mount, "`hostUsers` must be false to use `Unmasked`")
    yield from _seccomp(context.get("seccompProfile"), f"{path}.seccompProfile")
    if context.get("allowPrivilegeEscalation") is False:
        yield from _escalation(context, path)
    yield from _app_armor(context.get("appArmorProfile"), f"{path}.appArmorProfile")


def _escalation(context: Object, path: str) -> Iterator[Cause]:
    shown = internal_form.security_context(context)
    if context.get("privileged"):
        yield invalid(path, shown, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true")
    if "CAP_SYS_ADMIN" in ((context.get("capabilities") or {}).get("add") or ()):
        yield invalid(
            path, shown, "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"
        )


def host_users(spec: Object, path: str) -> Iterator[Cause]:
    """A Pod with users of its own shares no other namespace with the host."""
    if spec.get("hostUsers") is not False:
        return
    for field, shown in (("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC")):
        if spec.get(field):
            yield forbidden(f"{path}.{shown}", "when `pod.Spec.HostUsers` is false")


_POD_FIELDS = (
    "appArmorProfile",
    "seLinuxOptions",
    "hostUsers",
    "hostPID",
    "hostIPC",
    "seccompProfile",
    "fsGroup",
    "fsGroupChangePolicy",
    "sysctls",
    "shareProcessNamespace",
    "runAsUser",
    "runAsGroup",
    "supplementalGroups",
    "supplementalGroupsPolicy",
    "seLinuxChangePolicy",
)
_SPEC_FIELDS = ("hostUsers", "hostPID", "hostIPC", "shareProcessNamespace")
_CONTAINER_FIELDS = (
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "capabilities",
    "readOnlyRootFilesystem",
    "privileged",
    "allowPrivilegeEscalation",
    "procMount",
    "runAsUser",
    "runAsGroup",
)


def operating_system(spec: Object, path: str) -> Iterator[Cause]:
    """A Pod that says which system it is for has no options of the other."""
    name = spec["os"].get("name", "")
    if not name:
        yield required(f"{path}.os.name", "cannot be empty")
    elif name not in ("linux", "windows"):
        yield not_supported(f"{path}.os", name, ("linux", "windows"))
    else:
        yield from _foreign(spec, path, name == "windows")


def _foreign(spec: Object, path: str, windows: bool) -> Iterator[Cause]:
    text = "cannot be set for a windows pod" if windows else "windows options cannot be set for a linux pod"
    context = spec.get("securityContext") or {}
    for field in _POD_FIELDS if windows else ("windowsOptions",):
        owner, prefix = (spec, path) if field in _SPEC_FIELDS else (context, f"{path}.securityContext")
        if owner.get(field) not in (None, [], *((False,) if field in ("hostPID", "hostIPC") else ())):
            yield forbidden(f"{prefix}.{field}", text)
    for listed in ("initContainers", "containers", "ephemeralContainers"):
        for index, container in enumerate(spec.get(listed) or ()):
            own = container.get("securityContext") or {}
            for field in _CONTAINER_FIELDS if windows else ("windowsOptions",):
                if own.get(field) is not None:
                    yield forbidden(f"{path}.{listed}[{index}].securityContext.{field}", text)

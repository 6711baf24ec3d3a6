"""The Pod Security Standards, level baseline: what gives a Pod power over its node.

Upstream: ``staging/src/k8s.io/pod-security-admission/policy/check_*.go``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

Object = Mapping[str, Any]


class Violation(NamedTuple):
    """Why a Pod is refused: "hostPort", and in detail "container "a" uses hostPort 80"."""

    reason: str
    detail: str


class Pod(NamedTuple):
    """A Pod under a check, and the version of the rules."""

    metadata: Object
    spec: Object
    minor: int

    @property
    def annotations(self) -> Mapping[str, str]:
        """The Pod's annotations."""
        return self.metadata.get("annotations") or {}

    @property
    def security(self) -> Object:
        """The securityContext of the whole Pod."""
        return self.spec.get("securityContext") or {}

    @property
    def containers(self) -> Iterator[Object]:
        """All containers, those that start first at the front."""
        for field in ("initContainers", "containers", "ephemeralContainers"):
            yield from self.spec.get(field) or ()

    @property
    def is_windows(self) -> bool:
        """Whether the rules that only make sense on Linux do not count."""
        return bool((self.spec.get("os") or {}).get("name") == "windows" and self.minor >= 25)

    @property
    def has_own_users(self) -> bool:
        """Whether root in the Pod is nobody outside of it."""
        return self.spec.get("hostUsers") is False and self.minor >= 35


def security_of(container: Object) -> Object:
    """The securityContext of a container."""
    return container.get("securityContext") or {}


def several(one: str, many: str, count: int) -> str:
    """The singular or the plural."""
    return one if count == 1 else many


def quoted(items: Sequence[str]) -> str:
    """`"a", "b"`."""
    return ", ".join(f'"{item}"' for item in items)


def named(containers: Sequence[str]) -> str:
    """`container "a"`, `containers "a", "b"`."""
    return f"{several('container', 'containers', len(containers))} {quoted(containers)}"


def setters(pod_too: bool, containers: Sequence[str]) -> str:
    """`pod and containers "a", "b"`."""
    return " and ".join([*(["pod"] if pod_too else []), *([named(containers)] if containers else [])])


# -- baseline -----------------------------------------------------------------------------------------

_APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/"


def _app_armor(pod: Pod) -> Violation | None:
    def wrong(security: Object) -> str:
        kind = (security.get("appArmorProfile") or {}).get("type", "")
        return kind if security.get("appArmorProfile") and kind not in ("RuntimeDefault", "Localhost") else ""

    bad = {each["name"]: wrong(security_of(each)) for each in pod.containers if wrong(security_of(each))}
    noted = sorted(
        f'{key}="{value}"'
        for key, value in pod.annotations.items()
        if key.startswith(_APP_ARMOR)
        and value not in ("", "runtime/default")
        and not value.startswith("localhost/")
    )
    values = sorted({*bad.values(), *([wrong(pod.security)] if wrong(pod.security) else [])}) + noted
    if not values:
        return None
    who = [part for part in (setters(bool(wrong(pod.security)), list(bad)),) if part]
    who += [several("annotation", "annotations", len(noted))] if noted else []
    reason = several("forbidden AppArmor profile", "forbidden AppArmor profiles", len(values))
    return Violation(reason, f"{' and '.join(who)} must not set AppArmor profile type to {quoted(values)}")


_DEFAULT_CAPABILITIES = (
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
    "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
)  # fmt: skip


def _added(container: Object, allowed: Sequence[str]) -> list[str]:
    added = (security_of(container).get("capabilities") or {}).get("add") or ()
    return [each for each in added if each not in allowed]


def too_many(pod: Pod, allowed: Sequence[str]) -> str:
    """Which containers add which capabilities beyond the allowed ones, "" for none."""
    bad = {each["name"]: _added(each, allowed) for each in pod.containers if _added(each, allowed)}
    if not bad:
        return ""
    capabilities = sorted({each for added in bad.values() for each in added})
    return f"{named(list(bad))} must not include {quoted(capabilities)} in securityContext.capabilities.add"


def _capabilities(pod: Pod) -> Violation | None:
    detail = too_many(pod, _DEFAULT_CAPABILITIES)
    return Violation("non-default capabilities", detail) if detail else None


def _host_namespaces(pod: Pod) -> Violation | None:
    used = [f"{field}=true" for field in ("hostNetwork", "hostPID", "hostIPC") if pod.spec.get(field)]
    return Violation("host namespaces", ", ".join(used)) if used else None


def _host_paths(pod: Pod) -> Violation | None:
    bad = [each["name"] for each in pod.spec.get("volumes") or () if each.get("hostPath") is not None]
    detail = f"{several('volume', 'volumes', len(bad))} {quoted(bad)}"
    return Violation("hostPath volumes", detail) if bad else None


def _host_ports(pod: Pod) -> Violation | None:
    used = {
        each["name"]: [str(port["hostPort"]) for port in each.get("ports") or () if port.get("hostPort")]
        for each in pod.containers
    }
    bad = [name for name, ports in used.items() if ports]
    ports = sorted({port for ports in used.values() for port in ports})
    if not bad:
        return None
    verb, noun = several("uses", "use", len(bad)), several("hostPort", "hostPorts", len(ports))
    return Violation("hostPort", f"{named(bad)} {verb} {noun} {', '.join(ports)}")


def _hosts_of(container: Object) -> list[str]:
    lifecycle = container.get("lifecycle") or {}
    handlers = [container.get(field) for field in ("livenessProbe", "readinessProbe", "startupProbe")]
    handlers += [lifecycle.get(field) for field in ("postStart", "preStop")]
    asked = [(handler or {}).get(field) or {} for handler in handlers for field in ("httpGet", "tcpSocket")]
    return [each["host"] for each in asked if each.get("host")]


def _probe_hosts(pod: Pod) -> Violation | None:
    bad = {each["name"]: _hosts_of(each) for each in pod.containers if _hosts_of(each)}
    if not bad:
        return None
    hosts = sorted({host for listed in bad.values() for host in listed})
    names, verb = sorted(bad), several("uses", "use", len(bad))
    noun = several("probe or lifecycle host", "probe or lifecycle hosts", len(hosts))
    return Violation("probe or lifecycle host", f"{named(names)} {verb} {noun} {quoted(hosts)}")


def _privileged(pod: Pod) -> Violation | None:
    bad = [each["name"] for each in pod.containers if security_of(each).get("privileged")]
    return (
        Violation("privileged", f"{named(bad)} must not set securityContext.privileged=true") if bad else None
    )


def _proc_mount(pod: Pod) -> Violation | None:
    if pod.has_own_users:
        return None
    asked = {each["name"]: security_of(each).get("procMount") for each in pod.containers}
    bad = {name: mount for name, mount in asked.items() if mount not in (None, "Default")}
    detail = (
        f"{named(list(bad))} must not set securityContext.procMount to {quoted(sorted(set(bad.values())))}"
    )
    return Violation("procMount", detail) if bad else None


def _se_linux(pod: Pod) -> Violation | None:
    allowed: tuple[str, ...] = ("", "container_t", "container_init_t", "container_kvm_t")
    allowed += ("container_engine_t",) if pod.minor >= 31 else ()

    def is_wrong(options: Object) -> bool:
        return options.get("type", "") not in allowed or bool(options.get("user") or options.get("role"))

    own = pod.security.get("seLinuxOptions") or {}
    given = {each["name"]: security_of(each).get("seLinuxOptions") or {} for each in pod.containers}
    bad = [name for name, options in given.items() if is_wrong(options)]
    if not bad and not is_wrong(own):
        return None
    every = [own, *given.values()]
    kinds = sorted({each["type"] for each in every if each.get("type", "") not in allowed})
    data = [f"{several('type', 'types', len(kinds))} {quoted(kinds)}"] if kinds else []
    data += [
        f"{field} may not be set" for field in ("user", "role") if any(each.get(field) for each in every)
    ]
    who = setters(is_wrong(own), bad)
    return Violation(
        "seLinuxOptions", f"{who} set forbidden securityContext.seLinuxOptions: {'; '.join(data)}"
    )


_SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod"
_SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"


def _seccomp_annotations(pod: Pod) -> Violation | None:
    keys = [_SECCOMP_POD, *(f"{_SECCOMP_CONTAINER}{each['name']}" for each in pod.containers)]
    given = {key: pod.annotations[key] for key in keys if key in pod.annotations}
    bad = sorted(
        f'{key}="{value}"'
        for key, value in given.items()
        if value not in ("runtime/default", "docker/default") and not value.startswith("localhost/")
    )
    noun = several("annotation", "annotations", len(bad))
    return Violation("seccompProfile", f"forbidden {noun} {', '.join(bad)}") if bad else None


def seccomp_kind(security: Object) -> str | None:
    """The type of a seccompProfile, None when there is none."""
    profile = security.get("seccompProfile")
    return None if profile is None else str(profile.get("type", ""))


SECCOMP = ("Localhost", "RuntimeDefault")


def _seccomp(pod: Pod) -> Violation | None:
    if pod.minor < 19:
        return _seccomp_annotations(pod)
    own = seccomp_kind(pod.security)
    given = {each["name"]: seccomp_kind(security_of(each)) for each in pod.containers}
    bad = {name: kind for name, kind in given.items() if kind is not None and kind not in SECCOMP}
    pod_too = own is not None and own not in SECCOMP
    if not bad and not pod_too:
        return None
    kinds = sorted({*bad.values(), *([own or ""] if pod_too else [])})
    who = setters(pod_too, list(bad))
    return Violation(
        "seccompProfile", f"{who} must not set securityContext.seccompProfile.type to {quoted(kinds)}"
    )


_SYSCTLS = (
    (0, ("kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies",
         "net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start")),
    (27, ("net.ipv4.ip_local_reserved_ports",)),
    (29, ("net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
          "net.ipv4.tcp_keepalive_probes")),
)  # fmt: skip


def _sysctls(pod: Pod) -> Violation | None:
    allowed = [name for since, names in _SYSCTLS if since <= pod.minor for name in names]
    bad = [each["name"] for each in pod.security.get("sysctls") or () if each["name"] not in allowed]
    return Violation("forbidden sysctls", ", ".join(bad)) if bad else None


def _host_process(pod: Pod) -> Violation | None:
    def is_wrong(security: Object) -> bool:
        return bool((security.get("windowsOptions") or {}).get("hostProcess"))

    bad = [each["name"] for each in pod.containers if is_wrong(security_of(each))]
    who = setters(is_wrong(pod.security), bad)
    detail = f"{who} must not set securityContext.windowsOptions.hostProcess=true"
    return Violation("hostProcess", detail) if who else None


class Check(NamedTuple):
    """One matter: from which minor version on it is looked at, and which baseline check it takes the place of."""

    name: str
    run: Callable[[Pod], Violation | None]
    since: int = 0
    replaces: str = ""


CHECKS = (
    Check("appArmorProfile", _app_armor),
    Check("capabilities_baseline", _capabilities),
    Check("hostNamespaces", _host_namespaces),
    Check("hostPathVolumes", _host_paths),
    Check("hostPorts", _host_ports),
    Check("hostProbesAndHostLifecycle", _probe_hosts, since=34),
    Check("privileged", _privileged),
    Check("procMount", _proc_mount),
    Check("seLinuxOptions", _se_linux),
    Check("seccompProfile_baseline", _seccomp),
    Check("sysctls", _sysctls),
    Check("windowsHostProcess", _host_process),
)

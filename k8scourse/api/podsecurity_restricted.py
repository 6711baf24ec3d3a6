"""The Pod Security Standards, level restricted: what a Pod must give up by itself.

Upstream: ``staging/src/k8s.io/pod-security-admission/policy/check_*.go``.
"""

from __future__ import annotations

from k8scourse.api.podsecurity_baseline import (
    SECCOMP,
    Check,
    Pod,
    Violation,
    named,
    quoted,
    seccomp_kind,
    security_of,
    setters,
    several,
    too_many,
)


def _escalation(pod: Pod) -> Violation | None:
    if pod.is_windows:
        return None
    bad = [
        each["name"]
        for each in pod.containers
        if security_of(each).get("allowPrivilegeEscalation") is not False
    ]
    detail = f"{named(bad)} must set securityContext.allowPrivilegeEscalation=false"
    return Violation("allowPrivilegeEscalation != false", detail) if bad else None


def _capabilities(pod: Pod) -> Violation | None:
    if pod.is_windows:
        return None
    keeping = [
        each["name"]
        for each in pod.containers
        if "ALL" not in ((security_of(each).get("capabilities") or {}).get("drop") or ())
    ]
    details = [f'{named(keeping)} must set securityContext.capabilities.drop=["ALL"]'] if keeping else []
    added = too_many(pod, ("NET_BIND_SERVICE",))
    details += [added] if added else []
    return Violation("unrestricted capabilities", "; ".join(details)) if details else None


_ALLOWED_VOLUMES = (
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret",
)  # fmt: skip
_KNOWN_VOLUMES = (
    "hostPath", "gcePersistentDisk", "awsElasticBlockStore", "gitRepo", "nfs", "iscsi", "glusterfs", "rbd",
    "flexVolume", "cinder", "cephfs", "flocker", "fc", "azureFile", "vsphereVolume", "quobyte", "azureDisk",
    "photonPersistentDisk", "portworxVolume", "scaleIO", "storageos",
)  # fmt: skip


def _volumes(pod: Pod) -> Violation | None:
    bad: dict[str, str] = {}
    for volume in pod.spec.get("volumes") or ():
        if not any(volume.get(kind) is not None for kind in _ALLOWED_VOLUMES):
            known = (kind for kind in _KNOWN_VOLUMES if volume.get(kind) is not None)
            bad[volume["name"]] = next(known, "unknown")
    if not bad:
        return None
    kinds = sorted(set(bad.values()))
    who = f"{several('volume', 'volumes', len(bad))} {quoted(list(bad))} {several('uses', 'use', len(bad))}"
    noun = several("restricted volume type", "restricted volume types", len(kinds))
    return Violation("restricted volume types", f"{who} {noun} {quoted(kinds)}")


def _non_root(pod: Pod) -> Violation | None:
    if pod.has_own_users:
        return None
    own = pod.security.get("runAsNonRoot")
    given = {each["name"]: security_of(each).get("runAsNonRoot") for each in pod.containers}
    who = setters(own is False, [name for name, wish in given.items() if wish is False])
    if who:
        return Violation("runAsNonRoot != true", f"{who} must not set securityContext.runAsNonRoot=false")
    silent = [name for name, wish in given.items() if wish is None and own is not True]
    detail = f"pod or {named(silent)} must set securityContext.runAsNonRoot=true"
    return Violation("runAsNonRoot != true", detail) if silent else None


def _user(pod: Pod) -> Violation | None:
    if pod.has_own_users:
        return None
    root = [each["name"] for each in pod.containers if security_of(each).get("runAsUser") == 0]
    who = setters(pod.security.get("runAsUser") == 0, root)
    return Violation("runAsUser=0", f"{who} must not set runAsUser=0") if who else None


def _seccomp(pod: Pod) -> Violation | None:
    if pod.is_windows:
        return None
    own = seccomp_kind(pod.security)
    given = {each["name"]: seccomp_kind(security_of(each)) for each in pod.containers}
    bad = {name: kind for name, kind in given.items() if kind is not None and kind not in SECCOMP}
    pod_too = own is not None and own not in SECCOMP
    if bad or pod_too:
        shown = quoted(sorted({*bad.values(), *([own or ""] if pod_too else [])}))
        who = setters(pod_too, list(bad))
        return Violation(
            "seccompProfile", f"{who} must not set securityContext.seccompProfile.type to {shown}"
        )
    silent = [name for name, kind in given.items() if kind is None and own is None]
    field = "securityContext.seccompProfile.type"
    detail = f'pod or {named(silent)} must set {field} to "RuntimeDefault" or "Localhost"'
    return Violation("seccompProfile", detail) if silent else None


CHECKS = (
    Check("allowPrivilegeEscalation", _escalation, since=8),
    Check("capabilities_restricted", _capabilities, since=22, replaces="capabilities_baseline"),
    Check("restrictedVolumes", _volumes, replaces="hostPathVolumes"),
    Check("runAsNonRoot", _non_root),
    Check("runAsUser", _user, since=23),
    Check("seccompProfile_restricted", _seccomp, since=19, replaces="seccompProfile_baseline"),
)

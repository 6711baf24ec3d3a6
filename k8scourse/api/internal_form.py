"""Objects as the real server's internal types print them, which a few messages show.

Inside upstream's API server an object has another form than on the wire: Go's own field names, in the order of
the Go structs, nothing left out.  Only what messages quote is here; a struct without a row of its own keeps just
the fields it has.
Upstream: ``pkg/apis/core/types.go``.
"""

from __future__ import annotations

import difflib
import json
from functools import cache
from typing import Any, NamedTuple

Object = dict[str, Any]

#: Struct to its fields.  A field is its Go name, ``:Type`` of its value or items, and what an absent one shows:
#: ``'`` no text, ``0``, ``-`` false, ``+`` the struct with nothing in it; without a mark null.
_STRUCTS = {
    "PodSpec": "Volumes:Volume InitContainers:Container Containers:Container EphemeralContainers RestartPolicy' "
    "TerminationGracePeriodSeconds ActiveDeadlineSeconds DNSPolicy' NodeSelector:map ServiceAccountName' "
    "AutomountServiceAccountToken NodeName' SecurityContext:PodSecurityContext+ ImagePullSecrets:Reference "
    "Hostname' Subdomain' SetHostnameAsFQDN Affinity SchedulerName' Tolerations:Toleration HostAliases "
    "PriorityClassName' Priority PreemptionPolicy DNSConfig ReadinessGates RuntimeClassName Overhead:map "
    "EnableServiceLinks TopologySpreadConstraints OS SchedulingGates ResourceClaims Resources:Resources "
    "HostnameOverride SchedulingGroup",
    "Container": "Name' Image' Command Args WorkingDir' Ports:Port EnvFrom Env:Variable Resources:Resources+ "
    "ResizePolicy RestartPolicy RestartPolicyRules VolumeMounts:Mount VolumeDevices LivenessProbe:Probe "
    "ReadinessProbe:Probe StartupProbe:Probe Lifecycle TerminationMessagePath' "
    "TerminationMessagePolicy' ImagePullPolicy' SecurityContext:SecurityContext Stdin- StdinOnce- TTY-",
    "PodSecurityContext": "HostNetwork- HostPID- HostIPC- ShareProcessNamespace HostUsers SELinuxOptions "
    "WindowsOptions RunAsUser RunAsGroup RunAsNonRoot SupplementalGroups "
    "SupplementalGroupsPolicy FSGroup FSGroupChangePolicy Sysctls SeccompProfile "
    "AppArmorProfile SELinuxChangePolicy",
    "SecurityContext": "Capabilities Privileged SELinuxOptions WindowsOptions RunAsUser RunAsGroup RunAsNonRoot "
    "ReadOnlyRootFilesystem AllowPrivilegeEscalation ProcMount SeccompProfile AppArmorProfile",
    "Resources": "Limits:map Requests:map Claims",
    "VolumeResources": "Limits:map Requests:map",
    "Reference": "Name'",
    "Port": "Name' HostPort0 ContainerPort0 Protocol' HostIP'",
    "Variable": "Name' Value' ValueFrom:Source",
    "Source": "FieldRef:FieldRef ResourceFieldRef ConfigMapKeyRef:KeyRef SecretKeyRef:KeyRef FileKeyRef",
    "FieldRef": "APIVersion' FieldPath'",
    "KeyRef": "Name' Key' Optional",
    "Mount": "Name' ReadOnly- RecursiveReadOnly MountPath' SubPath' MountPropagation SubPathExpr'",
    "Toleration": "Key' Operator' Value' Effect' TolerationSeconds",
    "Probe": "Exec HTTPGet:HTTPGet TCPSocket:Socket GRPC InitialDelaySeconds0 TimeoutSeconds0 PeriodSeconds0 "
    "SuccessThreshold0 FailureThreshold0 TerminationGracePeriodSeconds",
    "HTTPGet": "Path' Port Host' Scheme' HTTPHeaders",
    "Socket": "Port Host'",
    "Volume": "Name' HostPath:HostPath EmptyDir:EmptyDir GCEPersistentDisk AWSElasticBlockStore GitRepo "
    "Secret:SecretVolume NFS:NFS ISCSI Glusterfs PersistentVolumeClaim:ClaimVolume RBD Quobyte FlexVolume "
    "Cinder CephFS Flocker DownwardAPI:Downward FC AzureFile ConfigMap:ConfigMapVolume VsphereVolume "
    "AzureDisk PhotonPersistentDisk Projected:Projected PortworxVolume ScaleIO StorageOS CSI Ephemeral Image",
    "HostPath": "Path' Type",
    "EmptyDir": "Medium' SizeLimit",
    "SecretVolume": "SecretName' Items:KeyToPath DefaultMode Optional",
    "ConfigMapVolume": "Name' Items:KeyToPath DefaultMode Optional",
    "ClaimVolume": "ClaimName' ReadOnly-",
    "NFS": "Server' Path' ReadOnly-",
    "KeyToPath": "Key' Path' Mode",
    "Downward": "Items:DownwardFile DefaultMode",
    "DownwardFile": "Path' FieldRef:FieldRef ResourceFieldRef Mode",
    "Projected": "Sources:Projection DefaultMode",
    "Projection": "Secret:NamedProjection DownwardAPI:DownwardProjection ConfigMap:NamedProjection "
    "ServiceAccountToken:Token ClusterTrustBundle PodCertificate",
    "NamedProjection": "Name' Items:KeyToPath Optional",
    "DownwardProjection": "Items:DownwardFile",
    "Token": "Audience' ExpirationSeconds0 Path'",
    "VolumeSources": "GCEPersistentDisk AWSElasticBlockStore HostPath:HostPath Glusterfs NFS:NFS RBD Quobyte ISCSI "
    "FlexVolume Cinder CephFS FC Flocker AzureFile VsphereVolume AzureDisk PhotonPersistentDisk "
    "PortworxVolume ScaleIO Local:Local StorageOS CSI:CSI",
    "Local": "Path' FSType",
    "CSI": "Driver' VolumeHandle' ReadOnly- FSType' VolumeAttributes:map ControllerPublishSecretRef "
    "NodeStageSecretRef NodePublishSecretRef ControllerExpandSecretRef NodeExpandSecretRef",
    "ClaimSpec": "AccessModes Selector:map Resources:VolumeResources+ VolumeName' StorageClassName VolumeMode "
    "DataSource DataSourceRef VolumeAttributesClassName",
}
_ABSENT: dict[str, Any] = {"'": "", "0": 0, "-": False}
_HOST_FIELDS = ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers")
_ABBREVIATIONS = {
    "tty": "TTY",
    "os": "OS",
    "dns": "DNS",
    "se": "SE",
    "fs": "FS",
    "gce": "GCE",
    "aws": "AWS",
    "nfs": "NFS",
    "iscsi": "ISCSI",
    "rbd": "RBD",
    "cephfs": "CephFS",
    "fc": "FC",
    "csi": "CSI",
    "scaleIO": "ScaleIO",
    "storageos": "StorageOS",
    "http": "HTTP",
    "grpc": "GRPC",
    "tcp": "TCP",
    "api": "API",
    "ip": "IP",
}


class _Field(NamedTuple):
    """One field of a struct: its Go name, the struct of its value if it has one, and the mark of an absent one."""

    name: str
    struct: str
    mark: str


@cache
def _fields(struct: str) -> tuple[_Field, ...]:
    found = []
    for word in _STRUCTS[struct].split():
        mark = word[-1] if word[-1] in "'0-+" else ""
        name, _, inner = word.removesuffix(mark).partition(":")
        found.append(_Field(name, inner, mark))
    return tuple(found)


def go_name(field: str) -> str:
    """``dnsPolicy`` is DNSPolicy in Go, ``fsGroup`` FSGroup, ``image`` Image."""
    if field in _ABBREVIATIONS:
        return _ABBREVIATIONS[field]
    for length in (4, 3, 2):
        head = field[:length]
        if head in _ABBREVIATIONS and field[length : length + 1].isupper():
            return _ABBREVIATIONS[head] + field[length:]
    return field[:1].upper() + field[1:]


def _shown(value: Any, struct: str = "") -> Any:
    if isinstance(value, list):
        return [_shown(item, struct) for item in value]
    if not isinstance(value, dict):
        return value
    if struct == "map":
        return dict(sorted(value.items()))
    given = {go_name(key): item for key, item in value.items()}
    if not struct:
        return {name: _shown(item) for name, item in given.items()}
    return {field.name: _value(given.get(field.name), field) for field in _fields(struct)}


def _value(value: Any, field: _Field) -> Any:
    if value is None and field.mark == "+":
        value = {}
    return _ABSENT.get(field.mark) if value is None else _shown(value, field.struct)


def pod_spec(spec: Object) -> Object:
    """A Pod's spec; the host's fields are part of its security context there."""
    security = {
        **(spec.get("securityContext") or {}),
        **{key: spec[key] for key in _HOST_FIELDS if key in spec},
    }
    shown: Object = _shown({**spec, "securityContext": security}, "PodSpec")
    return shown


def pod_template(template: Object) -> Object:
    """A Pod template: its metadata as on the wire, its spec inside out."""
    return {**(template.get("metadata") or {}), "Spec": pod_spec(template.get("spec") or {})}


def security_context(context: Object) -> Object:
    """A container's security context."""
    shown: Object = _shown(context, "SecurityContext")
    return shown


def source_diff(before: Object, after: Object) -> str:
    """How the sources of two volumes differ; upstream lists every kind of source there is."""
    return _diff(
        *(
            {field.name: _value(given.get(field.name), field) for field in _fields("VolumeSources")}
            for given in ({go_name(key): value for key, value in obj.items()} for obj in (before, after))
        )
    )


def plain(value: Any) -> Any:
    """Anything, its fields under Go's names; those that are absent stay so."""
    return _shown(value)


def claim_diff(before: Object, after: Object) -> str:
    """How two specs of a claim differ, as a unified diff."""
    return _diff(_shown(before, "ClaimSpec"), _shown(after, "ClaimSpec"))


def pod_diff(before: Object, after: Object) -> str:
    """How two specs of a Pod differ."""
    return _diff(pod_spec(before), pod_spec(after))


def _diff(before: Object, after: Object) -> str:
    old, new = (json.dumps(shown, indent=1, ensure_ascii=False).splitlines() for shown in (before, after))
    return "\n".join(list(difflib.unified_diff(old, new, lineterm="", n=3))[2:]) + "\n"

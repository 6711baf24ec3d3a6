"""Objects as the real server's internal types print them, which a few messages show.

Inside upstream's API server an object has another form than on the wire: Go's own field names, in the order of
the Go structs, nothing left out.  Only what messages quote is here; parts that are seldom used keep just the
fields they have.
Upstream: ``pkg/apis/core/types.go``.
"""
from __future__ import annotations

import difflib
import json
from typing import Any

Object = dict[str, Any]

# A field is its Go name, with what an absent one shows: "" text, 0 number, - false, nothing for null.
_CONTAINER = ("Name'' Image'' Command Args WorkingDir'' Ports EnvFrom Env Resources ResizePolicy RestartPolicy "
              "RestartPolicyRules VolumeMounts VolumeDevices LivenessProbe ReadinessProbe StartupProbe Lifecycle "
              "TerminationMessagePath'' TerminationMessagePolicy'' ImagePullPolicy'' SecurityContext Stdin- StdinOnce- "
              "TTY-")
_POD = ("Volumes InitContainers Containers EphemeralContainers RestartPolicy'' TerminationGracePeriodSeconds "
        "ActiveDeadlineSeconds DNSPolicy'' NodeSelector ServiceAccountName'' AutomountServiceAccountToken NodeName'' "
        "SecurityContext ImagePullSecrets Hostname'' Subdomain'' SetHostnameAsFQDN Affinity SchedulerName'' "
        "Tolerations HostAliases PriorityClassName'' Priority PreemptionPolicy DNSConfig ReadinessGates "
        "RuntimeClassName Overhead EnableServiceLinks TopologySpreadConstraints OS SchedulingGates ResourceClaims "
        "Resources HostnameOverride SchedulingGroup")
_SECURITY = ("HostNetwork- HostPID- HostIPC- ShareProcessNamespace HostUsers SELinuxOptions WindowsOptions RunAsUser "
             "RunAsGroup RunAsNonRoot SupplementalGroups SupplementalGroupsPolicy FSGroup FSGroupChangePolicy Sysctls "
             "SeccompProfile AppArmorProfile SELinuxChangePolicy")
_VOLUME = ("Name'' HostPath EmptyDir GCEPersistentDisk AWSElasticBlockStore GitRepo Secret NFS ISCSI Glusterfs "
           "PersistentVolumeClaim RBD Quobyte FlexVolume Cinder CephFS Flocker DownwardAPI FC AzureFile ConfigMap "
           "VsphereVolume AzureDisk PhotonPersistentDisk Projected PortworxVolume ScaleIO StorageOS CSI Ephemeral "
           "Image")
_CLAIM = ("AccessModes Selector Resources VolumeName'' StorageClassName VolumeMode DataSource DataSourceRef "
          "VolumeAttributesClassName")
_HOST_FIELDS = ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers")
_ABBREVIATIONS = {
    "tty": "TTY", "os": "OS", "dns": "DNS", "se": "SE", "fs": "FS", "gce": "GCE", "aws": "AWS", "nfs": "NFS",
    "iscsi": "ISCSI", "rbd": "RBD", "cephfs": "CephFS", "fc": "FC", "csi": "CSI", "scaleIO": "ScaleIO",
    "storageos": "StorageOS", "ip": "IP", "http": "HTTP", "grpc": "GRPC", "tcp": "TCP", "uid": "UID",
}


def go_name(field: str) -> str:
    """``dnsPolicy`` is DNSPolicy in Go, ``fsGroup`` FSGroup, ``image`` Image."""
    if field in _ABBREVIATIONS:
        return _ABBREVIATIONS[field]
    for length in (4, 3, 2):
        head = field[:length]
        if head in _ABBREVIATIONS and field[length:length + 1].isupper():
            return _ABBREVIATIONS[head] + field[length:]
    return field[:1].upper() + field[1:]


def _loose(value: Any) -> Any:
    """A part that is seldom used: Go's names for the fields it has."""
    if isinstance(value, list):
        return [_loose(item) for item in value]
    if isinstance(value, dict):
        return {go_name(key): _loose(item) for key, item in value.items()}
    return value


def _struct(fields: str, values: Object) -> Object:
    shown: Object = {}
    for word in fields.split():
        name = word.rstrip("'-")
        absent = "" if word.endswith("''") else False if word.endswith("-") else None
        shown[name] = values.get(name, absent)
    return shown


def _named(obj: Object, **built: Any) -> Object:
    """The fields of a wire object under Go's names; maps and lists of text stay as they are."""
    plain = ("nodeSelector", "command", "args", "accessModes", "overhead", "selector")
    named = {go_name(key): value if key in plain else _loose(value) for key, value in obj.items()}
    return {**named, **built}


def _resources(resources: Object, claims: bool) -> Object:
    shown = {"Limits": resources.get("limits"), "Requests": resources.get("requests")}
    return {**shown, "Claims": _loose(resources.get("claims"))} if claims else shown


def _containers(listed: list[Object] | None) -> list[Object] | None:
    if not listed:
        return None
    return [_struct(_CONTAINER, _named(one, Resources=_resources(one.get("resources") or {}, claims=True)))
            for one in listed]


def pod_spec(spec: Object) -> Object:
    """A Pod's spec; the host's fields are part of its security context there."""
    security = {**(spec.get("securityContext") or {}), **{key: spec[key] for key in _HOST_FIELDS if key in spec}}
    volumes = [_struct(_VOLUME, _named(volume)) for volume in spec.get("volumes") or ()]
    built = {field: _containers(spec.get(wire)) for field, wire in (
        ("Containers", "containers"), ("InitContainers", "initContainers"))}
    return _struct(_POD, _named(spec, Volumes=volumes or None, SecurityContext=_struct(_SECURITY, _named(security)),
                                **built))


def pod_template(template: Object) -> Object:
    """A Pod template: its metadata as on the wire, its spec inside out."""
    return {**(template.get("metadata") or {}), "Spec": pod_spec(template.get("spec") or {})}


def claim_spec(spec: Object) -> Object:
    """The spec of a PersistentVolumeClaim."""
    return _struct(_CLAIM, _named(spec, Resources=_resources(spec.get("resources") or {}, claims=False)))


def claim_diff(before: Object, after: Object) -> str:
    """How two specs of a claim differ, as a unified diff."""
    old, new = (json.dumps(claim_spec(spec), indent=1).splitlines() for spec in (before, after))
    return "\n".join(list(difflib.unified_diff(old, new, lineterm="", n=3))[2:]) + "\n"

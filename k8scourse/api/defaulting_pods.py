"""Defaults of Pods and of the Pod templates in workloads.

Upstream: ``pkg/apis/core/v1/defaults.go``.
"""

from __future__ import annotations

from typing import Any

from k8scourse.api import pods, quantities
from k8scourse.api.filling import Object, change, each, fill
from k8scourse.api.values import FrozenDict

_EMPTY = FrozenDict()
_TERMINATION_LOG = "/dev/termination-log"
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_MODE = 0o644


def pod(obj: Object) -> Object:
    """A Pod: the defaults of its spec, and those that a template does not get."""
    return change(obj, "spec", _own_spec)


def _own_spec(spec: Object) -> Object:
    spec = fill(_whole_requests(_requests_from_limits(pod_spec(spec))), enableServiceLinks=True)
    if spec["terminationGracePeriodSeconds"] < 0:
        spec = {**spec, "terminationGracePeriodSeconds": 1}
    if spec.get("hostNetwork"):
        spec = each(each(spec, "containers", _host_ports), "initContainers", _host_ports)
    return spec


def pod_spec(spec: Object) -> Object:
    """What Pods and templates share."""
    spec = fill(
        spec,
        restartPolicy="Always",
        terminationGracePeriodSeconds=30,
        dnsPolicy="ClusterFirst",
        securityContext=_EMPTY,
        schedulerName="default-scheduler",
    )
    if "serviceAccountName" in spec or "serviceAccount" in spec:
        # serviceAccount is the field's old name; the server keeps both equal.
        account = spec.get("serviceAccountName") or spec.get("serviceAccount")
        spec = fill(spec, serviceAccountName=account, serviceAccount=account)
    spec = each(spec, "containers", _container)
    spec = each(spec, "initContainers", _container)
    spec = each(spec, "ephemeralContainers", _container)
    spec = each(spec, "volumes", _volume)
    return change(spec, "overhead", round_resources)


def _host_ports(container: Object) -> Object:
    """On the host's network a container port is a host port."""
    return each(container, "ports", lambda port: fill(port, hostPort=port["containerPort"]))


def _container(container: Object) -> Object:
    image = container.get("image", "")
    container = fill(container, terminationMessagePath=_TERMINATION_LOG, terminationMessagePolicy="File")
    if "imagePullPolicy" not in container:
        container = {**container, "imagePullPolicy": "Always" if is_latest(image) else "IfNotPresent"}
    container = each(container, "ports", lambda port: fill(port, protocol="TCP"))
    for name in _PROBES:
        container = change(container, name, _probe)
    container = change(container, "lifecycle", _lifecycle)
    container = change(container, "resources", _resources)
    return each(container, "env", lambda variable: change(variable, "valueFrom", _reference))


def is_latest(image: str) -> bool:
    """Whether an image reference has no tag (or ``latest``) and no digest: it is pulled every time."""
    if "@" in image:
        return False
    tag = image.rpartition("/")[2].partition(":")[2]
    return tag in ("", "latest")


def _probe(probe: Object) -> Object:
    probe = fill(probe, timeoutSeconds=1, periodSeconds=10, successThreshold=1, failureThreshold=3)
    return _handler(probe)


def _handler(handler: Object) -> Object:
    handler = change(handler, "httpGet", lambda get: fill(get, path="/", scheme="HTTP"))
    return change(handler, "grpc", lambda grpc: fill(grpc, service=""))


def _lifecycle(lifecycle: Object) -> Object:
    return change(change(lifecycle, "postStart", _handler), "preStop", _handler)


def _resources(resources: Object) -> Object:
    return change(change(resources, "limits", round_resources), "requests", round_resources)


def round_resources(listed: Object) -> Object:
    """Quantities finer than a thousandth are rounded up to one: nothing measures less than a milli-CPU."""
    rounded = {name: _round(quantity) for name, quantity in listed.items()}
    return listed if rounded == listed else rounded


def _round(quantity: Any) -> Any:
    if not isinstance(quantity, str) or quantity[-1:] not in ("u", "n"):
        return quantity
    return quantities.canonical(f"{quantities.milli(quantity)}m")


def _requests_from_limits(spec: Object) -> Object:
    """In a Pod (not in a template) a limit without a request is also the request."""

    def container(obj: Object) -> Object:
        return change(
            obj,
            "resources",
            lambda resources: (
                change(resources, "requests", lambda requests: fill(requests, **resources["limits"]), _EMPTY)
                if resources.get("limits")
                else resources
            ),
        )

    return each(each(spec, "containers", container), "initContainers", container)


def _whole_requests(spec: Object) -> Object:
    """A Pod with limits as a whole asks as a whole: for what its containers ask for, else for what it is limited to."""
    asked = spec.get("resources") or {}
    if not asked.get("limits"):
        return spec
    total = pods.as_quantities(pods.container_total({"spec": spec}))
    wanted = {name: text for name, text in total.items() if name in ("cpu", "memory")}
    wanted |= {
        name: limit for name, limit in asked["limits"].items() if name not in wanted and is_whole(name)
    }
    return change(
        spec, "resources", lambda one: change(one, "requests", lambda got: fill(got, **wanted), _EMPTY)
    )


def is_whole(name: str) -> bool:
    """Whether a Pod may ask for this as a whole."""
    return name in ("cpu", "memory") or name.startswith("hugepages-")


def _volume(volume: Object) -> Object:
    if len(volume) == 1:
        return {**volume, "emptyDir": _EMPTY}
    for source in volume:
        default = VOLUME_SOURCES.get(source)
        if default:
            return change(volume, source, default)
    return volume


def _reference(source: Object) -> Object:
    return change(source, "fieldRef", lambda field: fill(field, apiVersion="v1"))


def _downward(source: Object) -> Object:
    return each(source, "items", _reference)


def _projection(source: Object) -> Object:
    source = change(source, "downwardAPI", _downward)
    return change(source, "serviceAccountToken", lambda token: fill(token, expirationSeconds=3600))


def _image_volume(source: Object) -> Object:
    return fill(source, pullPolicy="Always" if is_latest(source.get("reference", "")) else "IfNotPresent")


#: What the sources of volumes get; a PersistentVolume has some of the same.
VOLUME_SOURCES = {
    "configMap": lambda source: fill(source, defaultMode=_MODE),
    "secret": lambda source: fill(source, defaultMode=_MODE),
    "hostPath": lambda source: fill(source, type=""),
    "downwardAPI": lambda source: fill(_downward(source), defaultMode=_MODE),
    "projected": lambda source: fill(each(source, "sources", _projection), defaultMode=_MODE),
    "iscsi": lambda source: fill(source, iscsiInterface="default"),
    "ephemeral": lambda source: change(
        source,
        "volumeClaimTemplate",
        lambda claim: change(
            fill(claim, metadata=_EMPTY), "spec", lambda spec: fill(spec, volumeMode="Filesystem")
        ),
    ),
    "image": _image_volume,
    "rbd": lambda source: fill(source, pool="rbd", user="admin", keyring="/etc/ceph/keyring"),
    "azureDisk": lambda source: fill(
        source, cachingMode="ReadWrite", kind="Shared", fsType="ext4", readOnly=False
    ),
    "scaleIO": lambda source: fill(source, storageMode="ThinProvisioned", fsType="xfs"),
}

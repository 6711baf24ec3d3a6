"""The values that the API server fills in for fields a user left out, as in Kubernetes 1.36.

`apply_defaults` takes a decoded object and answers a new one; parts that need nothing stay shared, and an
object that has all its defaults comes back itself.  Values that need the rest of the cluster (cluster IPs,
service accounts, priorities) are filled in by admission and storage, not here.
Upstream: ``pkg/apis/<group>/v1/defaults.go``.  Pods, the other workloads, storage and policies have modules of
their own beside this one.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from k8scourse.api import (
    custom_kinds,
    defaulting_admission,
    defaulting_flow,
    defaulting_pods,
    defaulting_policies,
    defaulting_storage,
    defaulting_workloads,
    definitions,
)
from k8scourse.api.custom_kinds import CustomKind
from k8scourse.api.filling import Object, change, each, fill
from k8scourse.api.kinds import Kind
from k8scourse.api.values import FrozenDict, FrozenList, without


def apply_defaults(kind: Kind, obj: Object) -> Object:
    """The object with every default of its kind."""
    if isinstance(kind, CustomKind):
        return custom_kinds.with_defaults(kind, obj)
    default = _DEFAULTS.get((kind.group, kind.kind))
    return default(obj) if default else obj


def _namespace(namespace: Object) -> Object:
    """Every namespace carries its name as a label, so that selectors can name it."""
    namespace = change(namespace, "status", lambda status: fill(status, phase="Active"), FrozenDict())
    name = (namespace.get("metadata") or {}).get("name")
    if not name:
        return namespace
    return change(
        namespace,
        "metadata",
        lambda metadata: change(
            metadata,
            "labels",
            lambda labels: fill(labels, **{"kubernetes.io/metadata.name": name}),
            FrozenDict(),
        ),
    )


def _node(node: Object) -> Object:
    return change(change(node, "status", _node_status), "spec", _node_spec)


def _node_status(status: Object) -> Object:
    status = change(status, "capacity", defaulting_pods.round_resources)
    status = change(status, "allocatable", defaulting_pods.round_resources)
    return fill(status, allocatable=status["capacity"]) if status.get("capacity") else status


def _node_spec(spec: Object) -> Object:
    """``podCIDR`` is the first of ``podCIDRs``; whichever is given makes the other."""
    if spec.get("podCIDRs"):
        return fill(spec, podCIDR=spec["podCIDRs"][0])
    return fill(spec, podCIDRs=FrozenList([spec["podCIDR"]])) if spec.get("podCIDR") else spec


def _secret(secret: Object) -> Object:
    """``stringData`` is written into ``data``; it is a convenience of the wire and not stored."""
    written = secret.get("stringData")
    if written:
        encoded = {key: base64.b64encode(value.encode()).decode() for key, value in written.items()}
        secret = {**secret, "data": {**(secret.get("data") or {}), **encoded}}
    if "stringData" in secret:
        secret = {key: value for key, value in secret.items() if key != "stringData"}
    return fill(secret, type="Opaque")


_EXTERNAL = ("NodePort", "LoadBalancer")


def _service(service: Object) -> Object:
    if "loadBalancer" in (service.get("status") or {}):
        service = change(service, "status", lambda status: change(status, "loadBalancer", _balancer))
    return change(service, "spec", _service_spec, FrozenDict())


def _balancer(status: Object) -> Object:
    return each(status, "ingress", lambda one: fill(one, ipMode="VIP") if one.get("ip") else one)


def _service_spec(spec: Object) -> Object:
    spec = fill(spec, sessionAffinity="None", type="ClusterIP")
    if spec["sessionAffinity"] == "None":
        spec = without(spec, "sessionAffinityConfig")
    elif spec["sessionAffinity"] == "ClientIP":
        spec = change(
            spec,
            "sessionAffinityConfig",
            lambda config: change(
                config, "clientIP", lambda client: fill(client, timeoutSeconds=10800), FrozenDict()
            ),
            FrozenDict(),
        )
    spec = each(spec, "ports", _service_port)
    if spec["type"] in _EXTERNAL or (spec["type"] == "ClusterIP" and spec.get("externalIPs")):
        spec = fill(spec, externalTrafficPolicy="Cluster")
    if spec["type"] == "LoadBalancer":
        spec = fill(spec, allocateLoadBalancerNodePorts=True)
    if spec["type"] in ("ClusterIP", *_EXTERNAL):
        return _ip_families(fill(spec, internalTrafficPolicy="Cluster"))
    return spec


def _ip_families(spec: Object) -> Object:
    """Addresses and families in a cluster that has IPv4 only; a headless Service without selector has both."""
    address = spec.get("clusterIP") or ""
    if address and not spec.get("clusterIPs"):
        spec = {**spec, "clusterIPs": FrozenList([address])}
    free = address == "None" and not spec.get("selector")
    spec = fill(spec, ipFamilyPolicy="RequireDualStack" if free else "SingleStack")
    if not spec.get("ipFamilies") and ":" not in address:
        spec = {**spec, "ipFamilies": FrozenList(["IPv4"])}
    families = list(spec.get("ipFamilies") or [])
    if free and spec["ipFamilyPolicy"] != "SingleStack" and len(families) == 1:
        other = "IPv4" if families[0] == "IPv6" else "IPv6"
        return {**spec, "ipFamilies": FrozenList([*families, other])}
    return spec


def _service_port(port: Object) -> Object:
    port = fill(port, protocol="TCP")
    if port.get("targetPort") in (None, 0, ""):
        return {**port, "targetPort": port.get("port", 0)}
    return port


def _endpoint_slice(endpoint_slice: Object) -> Object:
    return each(endpoint_slice, "ports", lambda port: fill(port, name="", protocol="TCP"))


def _replica_set(replica_set: Object) -> Object:
    return change(replica_set, "spec", lambda spec: fill(_template(spec), replicas=1))


def _template(spec: Object) -> Object:
    return change(spec, "template", lambda template: change(template, "spec", defaulting_pods.pod_spec))


_QUARTER = "25%"


def _deployment(deployment: Object) -> Object:
    return change(deployment, "spec", _deployment_spec)


def _deployment_spec(spec: Object) -> Object:
    spec = fill(_template(spec), replicas=1, revisionHistoryLimit=10, progressDeadlineSeconds=600)
    return change(spec, "strategy", _deployment_strategy, FrozenDict())


def _deployment_strategy(strategy: Object) -> Object:
    strategy = fill(strategy, type="RollingUpdate")
    if strategy["type"] != "RollingUpdate":
        return strategy
    return change(
        strategy,
        "rollingUpdate",
        lambda update: fill(update, maxUnavailable=_QUARTER, maxSurge=_QUARTER),
        FrozenDict(),
    )


def _daemon_set(daemon_set: Object) -> Object:
    return change(
        daemon_set,
        "spec",
        lambda spec: change(
            fill(_template(spec), revisionHistoryLimit=10),
            "updateStrategy",
            _daemon_set_strategy,
            FrozenDict(),
        ),
    )


def _daemon_set_strategy(strategy: Object) -> Object:
    strategy = fill(strategy, type="RollingUpdate")
    if strategy["type"] != "RollingUpdate":
        return strategy
    return change(
        strategy, "rollingUpdate", lambda update: fill(update, maxUnavailable=1, maxSurge=0), FrozenDict()
    )


_DEFAULTS: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("", "Namespace"): _namespace,
    ("", "Node"): _node,
    ("", "Pod"): defaulting_pods.pod,
    ("", "Secret"): _secret,
    ("", "Service"): _service,
    ("discovery.k8s.io", "EndpointSlice"): _endpoint_slice,
    ("apps", "ReplicaSet"): _replica_set,
    ("apps", "Deployment"): _deployment,
    ("apps", "DaemonSet"): _daemon_set,
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"): defaulting_admission.mutating_webhooks,
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"): defaulting_admission.policy,
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"): defaulting_admission.policy_binding,
    (
        "admissionregistration.k8s.io",
        "ValidatingWebhookConfiguration",
    ): defaulting_admission.validating_webhooks,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): definitions.with_defaults,
    ("", "Endpoints"): defaulting_policies.endpoints,
    ("", "LimitRange"): defaulting_storage.limit_range,
    ("", "PersistentVolume"): defaulting_storage.volume,
    ("", "PersistentVolumeClaim"): defaulting_storage.claim,
    ("", "PodTemplate"): defaulting_workloads.pod_template,
    ("", "ReplicationController"): defaulting_workloads.replication_controller,
    ("", "ResourceQuota"): defaulting_storage.resource_quota,
    ("apps", "StatefulSet"): defaulting_workloads.stateful_set,
    ("autoscaling", "HorizontalPodAutoscaler"): defaulting_workloads.autoscaler,
    ("batch", "CronJob"): defaulting_workloads.cron_job,
    ("batch", "Job"): defaulting_workloads.job,
    ("flowcontrol.apiserver.k8s.io", "FlowSchema"): defaulting_flow.flow_schema,
    ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"): defaulting_flow.priority_level,
    ("networking.k8s.io", "IngressClass"): defaulting_policies.ingress_class,
    ("networking.k8s.io", "NetworkPolicy"): defaulting_policies.network_policy,
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): defaulting_policies.binding,
    ("rbac.authorization.k8s.io", "RoleBinding"): defaulting_policies.binding,
    ("scheduling.k8s.io", "PriorityClass"): defaulting_policies.priority_class,
    ("storage.k8s.io", "CSIDriver"): defaulting_storage.csi_driver,
    ("storage.k8s.io", "StorageClass"): defaulting_storage.storage_class,
}

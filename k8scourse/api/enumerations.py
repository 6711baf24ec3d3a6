"""Fields of which Kubernetes declares that they are one of a few words; the published schemas list them.

Not every field with few values is declared so: where upstream leaves a plain string, so does this table.
Upstream: the ``+enum`` marks in ``staging/src/k8s.io/api/*/v1/types.go``.
"""

from __future__ import annotations

from functools import cache

_EMPTY = '""'
_PROTOCOL = "SCTP TCP UDP"
_OPERATOR = "DoesNotExist Exists Gt In Lt NotIn"
_POLICY = "Honor Ignore"
_EFFECT = "NoExecute NoSchedule PreferNoSchedule"
_EXTERNAL = "Cluster Local"
_PREEMPTION = "Never PreemptLowerPriority"
_RECLAIM = "Delete Recycle Retain"
_RETENTION = "Delete Retain"
_VOLUME_MODE = "Block Filesystem"

_TABLE: dict[str, str] = {
    # containers
    "core.v1.Container.imagePullPolicy": "Always IfNotPresent Never",
    "core.v1.Container.terminationMessagePolicy": "FallbackToLogsOnError File",
    "core.v1.EphemeralContainer.imagePullPolicy": "Always IfNotPresent Never",
    "core.v1.EphemeralContainer.terminationMessagePolicy": "FallbackToLogsOnError File",
    "core.v1.ContainerPort.protocol": _PROTOCOL,
    "core.v1.HTTPGetAction.scheme": "HTTP HTTPS",
    "core.v1.VolumeMount.mountPropagation": "Bidirectional HostToContainer None",
    "core.v1.SecurityContext.procMount": "Default Unmasked",
    "core.v1.SeccompProfile.type": "Localhost RuntimeDefault Unconfined",
    "core.v1.AppArmorProfile.type": "Localhost RuntimeDefault Unconfined",
    # Pods
    "core.v1.PodSpec.dnsPolicy": "ClusterFirst ClusterFirstWithHostNet Default None",
    "core.v1.PodSpec.preemptionPolicy": _PREEMPTION,
    "core.v1.PodSpec.restartPolicy": "Always Never OnFailure",
    "core.v1.PodStatus.phase": "Failed Pending Running Succeeded Unknown",
    "core.v1.PodStatus.qosClass": "BestEffort Burstable Guaranteed",
    "core.v1.PodSecurityContext.fsGroupChangePolicy": "Always OnRootMismatch",
    "core.v1.PodSecurityContext.supplementalGroupsPolicy": "Merge Strict",
    "core.v1.NodeSelectorRequirement.operator": _OPERATOR,
    "core.v1.Toleration.effect": _EFFECT,
    "core.v1.TopologySpreadConstraint.nodeAffinityPolicy": _POLICY,
    "core.v1.TopologySpreadConstraint.nodeTaintsPolicy": _POLICY,
    "core.v1.TopologySpreadConstraint.whenUnsatisfiable": "DoNotSchedule ScheduleAnyway",
    "core.v1.Toleration.operator": "Equal Exists Gt Lt",
    # nodes, namespaces, quotas, volumes
    "core.v1.AzureDiskVolumeSource.cachingMode": "None ReadOnly ReadWrite",
    "core.v1.AzureDiskVolumeSource.kind": "Dedicated Managed Shared",
    "core.v1.HostPathVolumeSource.type": f"{_EMPTY} BlockDevice CharDevice Directory DirectoryOrCreate File"
    " FileOrCreate Socket",
    "core.v1.Taint.effect": _EFFECT,
    "core.v1.NodeStatus.phase": "Pending Running Terminated",
    "core.v1.NamespaceStatus.phase": "Active Terminating",
    "core.v1.ScopedResourceSelectorRequirement.operator": "DoesNotExist Exists In NotIn",
    "core.v1.PersistentVolumeSpec.persistentVolumeReclaimPolicy": _RECLAIM,
    "core.v1.PersistentVolumeSpec.volumeMode": _VOLUME_MODE,
    "core.v1.PersistentVolumeStatus.phase": "Available Bound Failed Pending Released",
    "core.v1.PersistentVolumeClaimSpec.volumeMode": _VOLUME_MODE,
    "core.v1.PersistentVolumeClaimStatus.phase": "Bound Lost Pending",
    # Services
    "core.v1.EndpointPort.protocol": _PROTOCOL,
    "core.v1.ServicePort.protocol": _PROTOCOL,
    "core.v1.ServiceSpec.externalTrafficPolicy": _EXTERNAL,
    "core.v1.ServiceSpec.internalTrafficPolicy": _EXTERNAL,
    "core.v1.ServiceSpec.ipFamilyPolicy": "PreferDualStack RequireDualStack SingleStack",
    "core.v1.ServiceSpec.sessionAffinity": "ClientIP None",
    "core.v1.ServiceSpec.type": "ClusterIP ExternalName LoadBalancer NodePort",
    "discovery.v1.EndpointPort.protocol": _PROTOCOL,
    "discovery.v1.EndpointSlice.addressType": "FQDN IPv4 IPv6",
    "networking.v1.HTTPIngressPath.pathType": "Exact ImplementationSpecific Prefix",
    "networking.v1.NetworkPolicyPort.protocol": _PROTOCOL,
    # workloads
    "apps.v1.DaemonSetUpdateStrategy.type": "OnDelete RollingUpdate",
    "apps.v1.DeploymentStrategy.type": "Recreate RollingUpdate",
    "apps.v1.StatefulSetSpec.podManagementPolicy": "OrderedReady Parallel",
    "apps.v1.StatefulSetUpdateStrategy.type": "OnDelete RollingUpdate",
    "apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy.whenDeleted": _RETENTION,
    "apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy.whenScaled": _RETENTION,
    "batch.v1.CronJobSpec.concurrencyPolicy": "Allow Forbid Replace",
    "batch.v1.JobSpec.completionMode": "Indexed NonIndexed",
    "batch.v1.JobSpec.podReplacementPolicy": "Failed TerminatingOrFailed",
    "batch.v1.PodFailurePolicyRule.action": "Count FailIndex FailJob Ignore",
    "batch.v1.PodFailurePolicyOnExitCodesRequirement.operator": "In NotIn",
    # admission
    **{
        f"admissionregistration.v1.{owner}": values
        for values, owners in (
            (
                "Fail Ignore",
                "MutatingWebhook.failurePolicy ValidatingWebhook.failurePolicy"
                " ValidatingAdmissionPolicySpec.failurePolicy",
            ),
            (
                "Equivalent Exact",
                "MutatingWebhook.matchPolicy ValidatingWebhook.matchPolicy MatchResources.matchPolicy",
            ),
            ("None NoneOnDryRun Some Unknown", "MutatingWebhook.sideEffects ValidatingWebhook.sideEffects"),
            ("IfNeeded Never", "MutatingWebhook.reinvocationPolicy"),
            ("* Cluster Namespaced", "RuleWithOperations.scope NamedRuleWithOperations.scope"),
        )
        for owner in owners.split()
    },
    # classes
    "scheduling.v1.PriorityClass.preemptionPolicy": _PREEMPTION,
    "storage.v1.StorageClass.reclaimPolicy": _RECLAIM,
    "storage.v1.StorageClass.volumeBindingMode": "Immediate WaitForFirstConsumer",
}


@cache
def of(type_name: str) -> dict[str, list[str]]:
    """The declared values per field of a type (``core.v1.Container``), in the order in which they are published."""
    found = {}
    for place, values in _TABLE.items():
        owner, _, field = place.rpartition(".")
        if owner == type_name:
            found[field] = ["" if value == _EMPTY else value for value in values.split()]
    return found


def places() -> list[tuple[str, str]]:
    """(type, field) of every row."""
    return [(place.rpartition(".")[0], place.rpartition(".")[2]) for place in _TABLE]

"""Make ``k8scourse/api/data/schema.json``: the fields of every type the course knows, as the wire has them.

Run ``python tools/make_schema.py`` (needs the package kubernetes-validate, a test dependency).  Names, types,
merge keys and list types come from the JSON schemas of Kubernetes 1.36 in that package.  Three things are not
in them and stand below as tables of our own: which scalars are Go pointers (their zero value is kept on the
wire), which fields are always written, and which strings have a named Go type (it shows in error messages).

A field's code: ``!`` always written, ``*`` pointer, ``[]`` list of, ``{}`` map of, then one of
s string, b bool, i int32, l int64, f double, q Quantity, x IntOrString, t Time, u MicroTime, y bytes,
a anything, or ``@type``.  ``required`` are the fields that the schema demands, ``opaque`` says how the type of a
field without known contents is called.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

VERSION = "1.36.0"
TARGET = Path(__file__).parents[1] / "k8scourse/api/data/schema.json"
#: Group version and kinds; a line that begins with blanks goes on with the one before.
_KINDS = """
v1: Binding ComponentStatus ConfigMap Endpoints Event LimitRange Namespace Node PersistentVolume
    PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount
admissionregistration.k8s.io/v1: MutatingWebhookConfiguration ValidatingAdmissionPolicy
    ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration
apiextensions.k8s.io/v1: CustomResourceDefinition
apps/v1: ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet
authentication.k8s.io/v1: SelfSubjectReview TokenRequest TokenReview
authorization.k8s.io/v1: LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview
    SubjectAccessReview
autoscaling/v1: Scale
autoscaling/v2: HorizontalPodAutoscaler
batch/v1: CronJob Job
coordination.k8s.io/v1: Lease
discovery.k8s.io/v1: EndpointSlice
flowcontrol.apiserver.k8s.io/v1: FlowSchema PriorityLevelConfiguration
events.k8s.io/v1: Event
meta/v1: APIGroup APIGroupList APIResourceList APIVersions DeleteOptions Status WatchEvent
networking.k8s.io/v1: Ingress IngressClass NetworkPolicy
node.k8s.io/v1: RuntimeClass
policy/v1: Eviction PodDisruptionBudget
rbac.authorization.k8s.io/v1: ClusterRole ClusterRoleBinding Role RoleBinding
scheduling.k8s.io/v1: PriorityClass
storage.k8s.io/v1: CSIDriver CSINode StorageClass VolumeAttachment
"""
KINDS = {
    line.partition(": ")[0]: tuple(line.partition(": ")[2].split())
    for line in _KINDS.replace("\n    ", " ").strip().splitlines()
}
SPECIAL = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "q",
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "x",
    "io.k8s.apimachinery.pkg.apis.meta.v1.Time": "t",
    "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": "u",
    "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1": "a",
    "io.k8s.apimachinery.pkg.runtime.RawExtension": "a",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON": "a",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray": "a",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool": "a",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray": "a",
}
#: Scalars that are pointers in Go: absent and zero are two things.
POINTERS = """
AppArmorProfile.localhostProfile AzureDiskVolumeSource.cachingMode,fsType,kind,readOnly
CSIVolumeSource.fsType,readOnly ClientIPConfig.timeoutSeconds ClusterTrustBundleProjection.name,optional,signerName
ConfigMap.immutable ConfigMapEnvSource.optional ConfigMapKeySelector.optional ConfigMapProjection.optional
ConfigMapVolumeSource.defaultMode,optional Container.restartPolicy ContainerStatus.started,stopSignal
DaemonSetSpec.revisionHistoryLimit DaemonSetStatus.collisionCount
DeleteOptions.gracePeriodSeconds,ignoreStoreReadErrorWithClusterBreakingPotential,orphanDependents,propagationPolicy
DeploymentSpec.progressDeadlineSeconds,replicas,revisionHistoryLimit
DeploymentStatus.collisionCount,terminatingReplicas DownwardAPIVolumeFile.mode DownwardAPIVolumeSource.defaultMode
Endpoint.hostname,nodeName,zone EndpointConditions.ready,serving,terminating
EndpointPort.appProtocol discovery.v1.EndpointPort.name,port,protocol EphemeralContainer.restartPolicy
FCVolumeSource.lun FileKeySelector.optional GRPCAction.service HostPathVolumeSource.type ISCSIVolumeSource.initiatorName
KeyToPath.mode
LeaseSpec.holderIdentity,leaseDurationSeconds,leaseTransitions,preferredHolder,strategy Lifecycle.stopSignal
LoadBalancerIngress.ipMode NodeFeatures.supplementalGroupsPolicy
NodeRuntimeHandlerFeatures.recursiveReadOnlyMounts,userNamespaces NodeSwapStatus.capacity
ObjectMeta.deletionGracePeriodSeconds OwnerReference.blockOwnerDeletion,controller
PersistentVolumeClaimSpec.storageClassName,volumeAttributesClassName,volumeMode
PodCertificateProjection.maxExpirationSeconds PodDNSConfigOption.value
PodResourceClaim.resourceClaimName,resourceClaimTemplateName PodResourceClaimStatus.resourceClaimName
PodSchedulingGroup.podGroupName
PodSecurityContext.fsGroup,fsGroupChangePolicy,runAsGroup,runAsNonRoot,runAsUser,seLinuxChangePolicy,supplementalGroupsPolicy
PodSpec.activeDeadlineSeconds,automountServiceAccountToken,enableServiceLinks,hostUsers,hostnameOverride,preemptionPolicy
PodSpec.priority,runtimeClassName,setHostnameAsFQDN,shareProcessNamespace,terminationGracePeriodSeconds
PortStatus.error Preconditions.resourceVersion,uid Probe.terminationGracePeriodSeconds
ProjectedVolumeSource.defaultMode ReplicaSetSpec.replicas ReplicaSetStatus.terminatingReplicas
RollingUpdateDaemonSet.maxSurge,maxUnavailable RollingUpdateDeployment.maxSurge,maxUnavailable
SeccompProfile.localhostProfile Secret.immutable SecretEnvSource.optional SecretKeySelector.optional
SecretProjection.optional SecretVolumeSource.defaultMode,optional
SecurityContext.allowPrivilegeEscalation,privileged,procMount,readOnlyRootFilesystem,runAsGroup,runAsNonRoot,runAsUser
ServiceAccount.automountServiceAccountToken ServiceAccountTokenProjection.expirationSeconds ServicePort.appProtocol
ServiceSpec.allocateLoadBalancerNodePorts,internalTrafficPolicy,ipFamilyPolicy,loadBalancerClass,trafficDistribution
Toleration.tolerationSeconds TopologySpreadConstraint.minDomains,nodeAffinityPolicy,nodeTaintsPolicy
TypedLocalObjectReference.apiGroup TypedObjectReference.apiGroup,namespace
VolumeMount.mountPropagation,recursiveReadOnly VolumeMountStatus.recursiveReadOnly
WindowsSecurityContextOptions.gmsaCredentialSpec,gmsaCredentialSpecName,hostProcess,runAsUserName
AzureFilePersistentVolumeSource.secretNamespace
CSIDriverSpec.attachRequired,fsGroupPolicy,nodeAllocatableUpdatePeriodSeconds,podInfoOnMount,requiresRepublish
CSIDriverSpec.preventPodSchedulingIfMissing,seLinuxMount,serviceAccountTokenInSecrets,storageCapacity
CronJobSpec.failedJobsHistoryLimit,startingDeadlineSeconds,successfulJobsHistoryLimit,suspend,timeZone
EndpointAddress.nodeName GlusterfsPersistentVolumeSource.endpointsNamespace
HPAScalingRules.selectPolicy,stabilizationWindowSeconds,tolerance HTTPIngressPath.pathType
HorizontalPodAutoscalerSpec.minReplicas HorizontalPodAutoscalerStatus.lastScaleTime,observedGeneration
ISCSIPersistentVolumeSource.initiatorName IngressClassParametersReference.apiGroup,namespace,scope
IngressPortStatus.error IngressSpec.ingressClassName
JobSpec.activeDeadlineSeconds,backoffLimit,backoffLimitPerIndex,completionMode,completions,managedBy
JobSpec.manualSelector,maxFailedIndexes,parallelism,podReplacementPolicy,suspend,ttlSecondsAfterFinished
JobStatus.failedIndexes,ready,terminating LocalVolumeSource.fsType
MetricTarget.averageUtilization,averageValue,value MetricValueStatus.averageUtilization,averageValue,value
NetworkPolicyPort.endPort,port,protocol PersistentVolumeClaimStatus.currentVolumeAttributesClassName
PersistentVolumeSpec.volumeAttributesClassName,volumeMode
PodDisruptionBudgetSpec.maxUnavailable,minAvailable,unhealthyPodEvictionPolicy
PodFailurePolicyOnExitCodesRequirement.containerName PriorityClass.preemptionPolicy
ReplicationControllerSpec.replicas RollingUpdateStatefulSetStrategy.maxUnavailable,partition
StatefulSetSpec.replicas,revisionHistoryLimit StatefulSetStatus.collisionCount
StorageClass.allowVolumeExpansion,reclaimPolicy,volumeBindingMode SuccessPolicyRule.succeededCount,succeededIndexes
storage.v1.TokenRequest.expirationSeconds VolumeAttachmentSource.persistentVolumeName VolumeError.errorCode
VolumeNodeResources.count ExemptPriorityLevelConfiguration.lendablePercent,nominalConcurrencyShares
LimitedPriorityLevelConfiguration.borrowingLimitPercent,lendablePercent,nominalConcurrencyShares
CustomResourceDefinitionVersion.deprecationWarning
JSONSchemaProps.maxItems,maxLength,maxProperties,maximum,minItems,minLength,minProperties,minimum,multipleOf
JSONSchemaProps.x-kubernetes-list-type,x-kubernetes-map-type,x-kubernetes-preserve-unknown-fields
CustomResourceSubresourceScale.labelSelectorPath WebhookClientConfig.url ServiceReference.path,port
TokenRequestSpec.expirationSeconds ValidationRule.optionalOldSelf,reason
MutatingWebhook.failurePolicy,matchPolicy,reinvocationPolicy,sideEffects,timeoutSeconds
ValidatingWebhook.failurePolicy,matchPolicy,sideEffects,timeoutSeconds RuleWithOperations.scope
MatchResources.matchPolicy NamedRuleWithOperations.scope ParamRef.parameterNotFoundAction
ValidatingAdmissionPolicySpec.failurePolicy Validation.reason
"""
#: Fields written even when empty although the schema does not call them required: structs that are not
#: pointers, and the few without "omitempty".
ALWAYS = """
Binding.metadata,target ConfigMap.metadata Container.resources ContainerStateRunning.startedAt
ContainerStateTerminated.finishedAt,startedAt ContainerStatus.lastState,state DaemonSet.metadata,spec,status
DaemonSetCondition.lastTransitionTime DaemonSetSpec.template,updateStrategy Deployment.metadata,spec,status
DeploymentCondition.lastTransitionTime,lastUpdateTime DeploymentSpec.strategy,template Endpoint.conditions
EndpointSlice.endpoints,metadata,ports EphemeralContainer.resources
Event.eventTime,firstTimestamp,involvedObject,lastTimestamp,metadata,reportingComponent,reportingInstance,source
Eviction.metadata Lease.metadata,spec Namespace.metadata,spec,status NamespaceCondition.lastTransitionTime
Node.metadata,spec,status NodeCondition.lastHeartbeatTime,lastTransitionTime NodeDaemonEndpoints.kubeletEndpoint
NodeStatus.daemonEndpoints,nodeInfo PersistentVolumeClaimSpec.resources PersistentVolumeClaimTemplate.spec
Pod.metadata,spec,status PodCondition.lastProbeTime,lastTransitionTime PodTemplateSpec.metadata,spec
ReplicaSet.metadata,spec,status ReplicaSetCondition.lastTransitionTime ReplicaSetSpec.template
ResourceFieldSelector.divisor Scale.metadata,spec,status Secret.metadata Service.metadata,spec,status
ServiceAccount.metadata ServiceStatus.loadBalancer
CSIDriver.metadata CSINode.metadata ComponentStatus.metadata
CSINodeDriver.topologyKeys ClusterRole.metadata,rules ClusterRoleBinding.metadata
ControllerRevision.data,metadata CronJob.metadata,status Endpoints.metadata
events.v1.Event.deprecatedFirstTimestamp,deprecatedLastTimestamp,deprecatedSource,regarding
HorizontalPodAutoscaler.metadata,status HorizontalPodAutoscalerCondition.lastTransitionTime
HorizontalPodAutoscalerStatus.currentMetrics Ingress.metadata,spec,status IngressClass.metadata,spec
IngressServiceBackend.port IngressStatus.loadBalancer Job.metadata,spec,status
JobCondition.lastProbeTime,lastTransitionTime JobTemplateSpec.metadata,spec LimitRange.metadata,spec
NetworkPolicy.metadata,spec NetworkPolicySpec.podSelector PersistentVolume.metadata,spec,status
PersistentVolumeClaim.metadata,spec,status PersistentVolumeClaimCondition.lastProbeTime,lastTransitionTime
PodDisruptionBudget.metadata,spec,status
PodDisruptionBudgetStatus.currentHealthy,desiredHealthy,disruptionsAllowed,expectedPods PodTemplate.metadata,template
PriorityClass.metadata,value ReplicationController.metadata,spec,status
ReplicationControllerCondition.lastTransitionTime ResourceQuota.metadata,spec,status Role.metadata,rules
RoleBinding.metadata RoleRef.apiGroup RuntimeClass.metadata StatefulSet.metadata,spec,status
StatefulSetCondition.lastTransitionTime StatefulSetOrdinals.start StatefulSetSpec.serviceName,updateStrategy
StatefulSetStatus.availableReplicas StorageClass.metadata VolumeAttachment.metadata,status VolumeError.time
CustomResourceDefinition.metadata,spec,status CustomResourceDefinitionStatus.acceptedNames,conditions,storedVersions
CustomResourceDefinitionCondition.lastTransitionTime
SelfSubjectReview.metadata,status TokenRequest.metadata,spec,status TokenReview.metadata,spec,status
TokenReviewStatus.user SelfSubjectReviewStatus.userInfo LocalSubjectAccessReview.metadata,spec,status
SelfSubjectAccessReview.metadata,spec,status SelfSubjectRulesReview.metadata,spec,status
SubjectAccessReview.metadata,spec,status
MutatingWebhookConfiguration.metadata ValidatingWebhookConfiguration.metadata
ValidatingAdmissionPolicy.metadata,spec,status ValidatingAdmissionPolicyBinding.metadata,spec
FlowSchema.metadata,spec,status FlowSchemaSpec.matchingPrecedence FlowSchemaCondition.lastTransitionTime
PriorityLevelConfiguration.metadata,spec,status PriorityLevelConfigurationCondition.lastTransitionTime
QueuingConfiguration.handSize,queueLengthLimit,queues
"""
#: Pointers and the like: the schema says "required", yet an absent one is not written.
NEVER = (
    "DeploymentSpec.selector DaemonSetSpec.selector ReplicaSetSpec.selector StatefulSetSpec.selector "
    "HTTPIngressPath.pathType events.v1.Event.reportingInstance "
    "MutatingWebhook.sideEffects ValidatingWebhook.sideEffects"
)
#: Strings with a type of their own in Go.
NAMED = """
Container.imagePullPolicy=v1.PullPolicy Container.terminationMessagePolicy=v1.TerminationMessagePolicy
Container.restartPolicy=v1.ContainerRestartPolicy ContainerPort.protocol=v1.Protocol
DaemonSetUpdateStrategy.type=v1.DaemonSetUpdateStrategyType DeploymentStrategy.type=v1.DeploymentStrategyType
EmptyDirVolumeSource.medium=v1.StorageMedium EndpointSlice.addressType=v1.AddressType
EndpointPort.protocol=v1.Protocol HTTPGetAction.scheme=v1.URIScheme HostPathVolumeSource.type=v1.HostPathType
LabelSelectorRequirement.operator=v1.LabelSelectorOperator NamespaceStatus.phase=v1.NamespacePhase
NodeSelectorRequirement.operator=v1.NodeSelectorOperator ObjectMeta.uid=types.UID OwnerReference.uid=types.UID
ObjectReference.uid=types.UID PodSpec.dnsPolicy=v1.DNSPolicy PodSpec.preemptionPolicy=v1.PreemptionPolicy
PodSpec.restartPolicy=v1.RestartPolicy PodStatus.phase=v1.PodPhase PodStatus.qosClass=v1.PodQOSClass
PodCondition.type=v1.PodConditionType PodCondition.status=v1.ConditionStatus NodeCondition.status=v1.ConditionStatus
NodeCondition.type=v1.NodeConditionType Secret.type=v1.SecretType ServicePort.protocol=v1.Protocol
ServiceSpec.externalTrafficPolicy=v1.ServiceExternalTrafficPolicy ServiceSpec.ipFamilyPolicy=v1.IPFamilyPolicy
ServiceSpec.internalTrafficPolicy=v1.ServiceInternalTrafficPolicy ServiceSpec.sessionAffinity=v1.ServiceAffinity
ServiceSpec.type=v1.ServiceType Taint.effect=v1.TaintEffect Toleration.effect=v1.TaintEffect
Toleration.operator=v1.TolerationOperator
TopologySpreadConstraint.whenUnsatisfiable=v1.UnsatisfiableConstraintAction
VolumeMount.mountPropagation=v1.MountPropagationMode
CSIDriverSpec.fsGroupPolicy=v1.FSGroupPolicy CronJobSpec.concurrencyPolicy=v1.ConcurrencyPolicy
HPAScalingPolicy.type=v2.HPAScalingPolicyType HPAScalingRules.selectPolicy=v2.ScalingPolicySelect
HTTPIngressPath.pathType=v1.PathType JobSpec.completionMode=v1.CompletionMode
JobSpec.podReplacementPolicy=v1.PodReplacementPolicy LimitRangeItem.type=v1.LimitType
MetricSpec.type=v2.MetricSourceType MetricTarget.type=v2.MetricTargetType NetworkPolicyPort.protocol=v1.Protocol
NetworkPolicySpec.policyTypes=[]v1.PolicyType PersistentVolumeClaimSpec.accessModes=[]v1.PersistentVolumeAccessMode
PersistentVolumeClaimSpec.volumeMode=v1.PersistentVolumeMode
PersistentVolumeClaimStatus.phase=v1.PersistentVolumeClaimPhase
PersistentVolumeSpec.accessModes=[]v1.PersistentVolumeAccessMode
PersistentVolumeSpec.persistentVolumeReclaimPolicy=v1.PersistentVolumeReclaimPolicy
PersistentVolumeSpec.volumeMode=v1.PersistentVolumeMode PersistentVolumeStatus.phase=v1.PersistentVolumePhase
PodDisruptionBudgetSpec.unhealthyPodEvictionPolicy=v1.UnhealthyPodEvictionPolicyType
PodFailurePolicyRule.action=v1.PodFailurePolicyAction PriorityClass.preemptionPolicy=v1.PreemptionPolicy
ResourceMetricSource.name=v1.ResourceName ResourceQuotaSpec.scopes=[]v1.ResourceQuotaScope
StatefulSetSpec.podManagementPolicy=v1.PodManagementPolicyType
StatefulSetUpdateStrategy.type=v1.StatefulSetUpdateStrategyType
StorageClass.reclaimPolicy=v1.PersistentVolumeReclaimPolicy StorageClass.volumeBindingMode=v1.VolumeBindingMode
MutatingWebhook.failurePolicy=v1.FailurePolicyType MutatingWebhook.matchPolicy=v1.MatchPolicyType
MutatingWebhook.reinvocationPolicy=v1.ReinvocationPolicyType MutatingWebhook.sideEffects=v1.SideEffectClass
ValidatingWebhook.failurePolicy=v1.FailurePolicyType ValidatingWebhook.matchPolicy=v1.MatchPolicyType
ValidatingWebhook.sideEffects=v1.SideEffectClass RuleWithOperations.scope=v1.ScopeType
RuleWithOperations.operations=[]v1.OperationType NamedRuleWithOperations.operations=[]v1.OperationType
NamedRuleWithOperations.scope=v1.ScopeType MatchResources.matchPolicy=v1.MatchPolicyType
ParamRef.parameterNotFoundAction=v1.ParameterNotFoundActionType Validation.reason=v1.StatusReason
ValidatingAdmissionPolicySpec.failurePolicy=v1.FailurePolicyType
ValidatingAdmissionPolicyBindingSpec.validationActions=[]v1.ValidationAction
"""


#: Which field's documentation stands with a column of a Table; Name and Age are the same everywhere.
COLUMNS = """
*.Name=ObjectMeta.name *.Age=ObjectMeta.creationTimestamp ConfigMap.Data=ConfigMap.data
Deployment.Up-to-date=DeploymentStatus.updatedReplicas Deployment.Available=DeploymentStatus.availableReplicas
Event.Type=Event.type PriorityClass.Value=PriorityClass.value PriorityClass.Global-Default=PriorityClass.globalDefault
ReplicaSet.Desired=ReplicaSetSpec.replicas ReplicaSet.Current=ReplicaSetStatus.replicas
ReplicaSet.Ready=ReplicaSetStatus.readyReplicas Secret.Type=Secret.type Secret.Data=Secret.data
Service.Type=ServiceSpec.type Service.Cluster-IP=ServiceSpec.clusterIP Service.External-IP=ServiceSpec.externalIPs
Service.Port(s)=ServiceSpec.ports Service.Selector=ServiceSpec.selector ServiceAccount.Secrets=ServiceAccount.secrets
StorageClass.Provisioner=StorageClass.provisioner StorageClass.ReclaimPolicy=StorageClass.reclaimPolicy
"""


def pairs(text: str) -> set[tuple[str, str]]:
    """``A.x,y g.v1.B.z`` to the set of (type, field); a type of which there are two is named with its group."""
    found = set()
    for entry in text.split():
        type_name, _, fields = entry.rpartition(".")
        found |= {(type_name, field) for field in fields.split(",") if field}
    return found


def short(name: str) -> str:
    """``io.k8s.api.core.v1.PodSpec`` -> ``core.v1.PodSpec``."""
    return ".".join(name.split(".")[-3:])


def bare(name: str) -> str:
    """``io.k8s.api.core.v1.PodSpec`` -> ``PodSpec``."""
    return name.rsplit(".", 1)[-1]


class Table:
    """The growing table; `add` brings in a type and everything it refers to."""

    def __init__(self, definitions: dict[str, Any]) -> None:
        self.definitions = definitions
        self.types: dict[str, dict[str, Any]] = {}
        self.pointers, self.always, self.never = pairs(POINTERS), pairs(ALWAYS), pairs(NEVER)
        self.named = dict(entry.split("=") for entry in NAMED.split())

    def add(self, name: str) -> None:
        """Add the type with this full name."""
        if short(name) in self.types:
            return
        definition = self.definitions[name]
        entry: dict[str, Any] = {"fields": {}}
        self.types[short(name)] = entry
        if definition.get("x-kubernetes-map-type") == "atomic":
            entry["atomic"] = True
        required = definition.get("required", [])
        if required:
            entry["required"] = required
        for field, schema in definition.get("properties", {}).items():
            entry["fields"][field] = self.code(name, field, schema, field in required)
            self.merging(entry, field, schema)
            self.opaque(entry, field, schema)
            if f"{bare(name)}.{field}" in self.named:
                entry.setdefault("named", {})[field] = self.named[f"{bare(name)}.{field}"]

    def code(self, type_name: str, field: str, schema: dict[str, Any], required: bool) -> str:
        """The code of one field; see the module's docstring."""
        pairs_of = {(bare(type_name), field), (short(type_name), field)}
        base = self.base(schema)
        prefix = "*" if pairs_of & self.pointers else ""
        if (required or pairs_of & self.always) and not pairs_of & self.never:
            prefix = "!" + prefix
        return prefix + base

    def base(self, schema: dict[str, Any]) -> str:
        """The code of a schema, without prefixes."""
        if "$ref" in schema:
            target = schema["$ref"].rsplit("/", 1)[-1]
            if target in SPECIAL:
                return SPECIAL[target]
            self.add(target)
            return f"@{short(target)}"
        kinds = schema.get("type", "object")
        kind = kinds[0] if isinstance(kinds, list) else kinds
        if kind == "array":
            return f"[]{self.base(schema['items'])}"
        if kind == "object":
            extra = schema.get("additionalProperties")
            return f"{{}}{self.base(extra)}" if extra else "a"
        if kind == "string":
            return "y" if schema.get("format") == "byte" else "s"
        if kind == "integer":
            return "i" if schema.get("format") == "int32" else "l"
        return {"boolean": "b", "number": "f"}[kind]

    def opaque(self, entry: dict[str, Any], field: str, schema: dict[str, Any]) -> None:
        """Keep the name of a type whose contents nobody declares."""
        inner = schema.get("items") or schema.get("additionalProperties") or schema
        target = inner.get("$ref", "").rsplit("/", 1)[-1]
        if SPECIAL.get(target) == "a":
            entry.setdefault("opaque", {})[field] = target

    def merging(self, entry: dict[str, Any], field: str, schema: dict[str, Any]) -> None:
        """Keep what strategic merge and server-side apply need to know about a field."""
        strategy = schema.get("x-kubernetes-patch-strategy")
        if strategy:
            entry.setdefault("merge", {})[field] = [strategy, schema.get("x-kubernetes-patch-merge-key", "")]
        list_type = schema.get("x-kubernetes-list-type") or schema.get("x-kubernetes-map-type")
        if list_type:
            entry.setdefault("lists", {})[field] = [list_type, *schema.get("x-kubernetes-list-map-keys", [])]


def documentation(definitions: dict[str, Any]) -> dict[str, dict[str, str]]:
    """The documentation of columns: kind to column to text, ``*`` for those that every kind has."""
    known = {short(name): definition for name, definition in definitions.items()}
    found: dict[str, dict[str, str]] = {}
    for entry in COLUMNS.split():
        place, _, field = entry.partition("=")
        kind, _, column = place.partition(".")
        owner, _, key = field.partition(".")
        packages = ("core.v1", "apps.v1", "meta.v1", "scheduling.v1", "storage.v1")
        definition = next(
            known[f"{package}.{owner}"] for package in packages if f"{package}.{owner}" in known
        )
        found.setdefault(kind, {})[column] = definition["properties"][key]["description"]
    return found


def full_name(definitions: dict[str, Any], api_version: str, kind: str) -> str:
    """The definition of a kind."""
    group, _, version = api_version.rpartition("/")
    for name, definition in definitions.items():
        if group == "meta" and name.endswith(f"meta.{version}.{kind}"):
            return name
        wanted = {"group": group, "version": version, "kind": kind}
        rows = definition.get("x-kubernetes-group-version-kind", ())
        if any(row == wanted for row in rows) and len(rows) == 1:
            return name
    raise SystemExit(f"no definition of {kind} in {api_version}")


def main() -> None:
    """Write the table."""
    import kubernetes_validate

    source = (
        Path(kubernetes_validate.__file__).parent
        / f"kubernetes-json-schema/v{VERSION}-local/_definitions.json"
    )
    table = Table(json.loads(source.read_text())["$defs"])
    kinds = {}
    for api_version, names in KINDS.items():
        for kind in names:
            name = full_name(table.definitions, api_version, kind)
            table.add(name)
            kinds[f"{api_version}/{kind}"] = short(name)
    columns = documentation(table.definitions)
    document = {
        "version": VERSION,
        "columns": columns,
        "kinds": kinds,
        "types": dict(sorted(table.types.items())),
    }
    TARGET.write_text(json.dumps(document, indent=0, separators=(",", ":"), sort_keys=True) + "\n")
    print(f"{len(table.types)} types, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()

"""The kinds of the course, group by group, in the order in which the real server serves their groups.

Upstream: ``pkg/registry/<group>/<kind>/storage/storage.go`` (names, short names, categories, what DELETE answers),
``pkg/registry/<group>/rest`` (subresources), ``pkg/kubeapiserver/default_storage_factory_builder.go`` (prefixes).
"""

from __future__ import annotations

from k8scourse.api.kind import Kind
from k8scourse.api.kind_table_api import API_KINDS, TOKEN_REQUEST
from k8scourse.api.kind_table_core import CORE_KINDS

_ALL = ("all",)
_STATUS = ("status",)
_SCALED = ("scale", "status")

# --------------------------------------------------------------------------------- apps, autoscaling, batch
CONTROLLER_REVISION = Kind(
    "apps", "v1", "ControllerRevision", "controllerrevisions", storage_prefix="/registry/controllerrevisions"
)
DAEMON_SET = Kind(
    "apps",
    "v1",
    "DaemonSet",
    "daemonsets",
    short_names=("ds",),
    categories=_ALL,
    subresources=_STATUS,
    storage_prefix="/registry/daemonsets",
    generation=True,
)
DEPLOYMENT = Kind(
    "apps",
    "v1",
    "Deployment",
    "deployments",
    short_names=("deploy",),
    categories=_ALL,
    subresources=_SCALED,
    storage_prefix="/registry/deployments",
    generation=True,
)
REPLICA_SET = Kind(
    "apps",
    "v1",
    "ReplicaSet",
    "replicasets",
    short_names=("rs",),
    categories=_ALL,
    subresources=_SCALED,
    storage_prefix="/registry/replicasets",
    generation=True,
)
STATEFUL_SET = Kind(
    "apps",
    "v1",
    "StatefulSet",
    "statefulsets",
    short_names=("sts",),
    categories=_ALL,
    subresources=_SCALED,
    storage_prefix="/registry/statefulsets",
    generation=True,
)
HORIZONTAL_POD_AUTOSCALER = Kind(
    "autoscaling",
    "v2",
    "HorizontalPodAutoscaler",
    "horizontalpodautoscalers",
    short_names=("hpa",),
    categories=_ALL,
    subresources=_STATUS,
    storage_prefix="/registry/horizontalpodautoscalers",
)
CRON_JOB = Kind(
    "batch",
    "v1",
    "CronJob",
    "cronjobs",
    short_names=("cj",),
    categories=_ALL,
    subresources=_STATUS,
    storage_prefix="/registry/cronjobs",
    generation=True,
)
JOB = Kind(
    "batch",
    "v1",
    "Job",
    "jobs",
    categories=_ALL,
    subresources=_STATUS,
    storage_prefix="/registry/jobs",
    generation=True,
)

#: The same Events under newer names; they are stored as the core group's.
EVENT_VIEW = Kind("events.k8s.io", "v1", "Event", "events", short_names=("ev",), create_on_update=True)

# --------------------------------------------------------------------- networking, policy, rbac, storage
INGRESS = Kind(
    "networking.k8s.io",
    "v1",
    "Ingress",
    "ingresses",
    short_names=("ing",),
    subresources=_STATUS,
    storage_prefix="/registry/ingress",
    generation=True,
)
INGRESS_CLASS = Kind(
    "networking.k8s.io",
    "v1",
    "IngressClass",
    "ingressclasses",
    namespaced=False,
    storage_prefix="/registry/ingressclasses",
    generation=True,
)
NETWORK_POLICY = Kind(
    "networking.k8s.io",
    "v1",
    "NetworkPolicy",
    "networkpolicies",
    short_names=("netpol",),
    storage_prefix="/registry/networkpolicies",
    generation=True,
)
POD_DISRUPTION_BUDGET = Kind(
    "policy",
    "v1",
    "PodDisruptionBudget",
    "poddisruptionbudgets",
    short_names=("pdb",),
    subresources=_STATUS,
    storage_prefix="/registry/poddisruptionbudgets",
    generation=True,
    unconditional_update=False,
)
_RBAC = "rbac.authorization.k8s.io"
CLUSTER_ROLE_BINDING = Kind(
    _RBAC,
    "v1",
    "ClusterRoleBinding",
    "clusterrolebindings",
    namespaced=False,
    storage_prefix="/registry/clusterrolebindings",
    create_on_update=True,
)
CLUSTER_ROLE = Kind(
    _RBAC,
    "v1",
    "ClusterRole",
    "clusterroles",
    namespaced=False,
    storage_prefix="/registry/clusterroles",
    create_on_update=True,
)
ROLE_BINDING = Kind(
    _RBAC, "v1", "RoleBinding", "rolebindings", storage_prefix="/registry/rolebindings", create_on_update=True
)
ROLE = Kind(_RBAC, "v1", "Role", "roles", storage_prefix="/registry/roles", create_on_update=True)
_STORAGE = "storage.k8s.io"
CSI_DRIVER = Kind(
    _STORAGE,
    "v1",
    "CSIDriver",
    "csidrivers",
    namespaced=False,
    returns_deleted=True,
    storage_prefix="/registry/csidrivers",
    unconditional_update=False,
)
CSI_NODE = Kind(
    _STORAGE,
    "v1",
    "CSINode",
    "csinodes",
    namespaced=False,
    returns_deleted=True,
    storage_prefix="/registry/csinodes",
    unconditional_update=False,
)
STORAGE_CLASS = Kind(
    _STORAGE,
    "v1",
    "StorageClass",
    "storageclasses",
    namespaced=False,
    short_names=("sc",),
    storage_prefix="/registry/storageclasses",
    returns_deleted=True,
)
VOLUME_ATTACHMENT = Kind(
    _STORAGE,
    "v1",
    "VolumeAttachment",
    "volumeattachments",
    namespaced=False,
    subresources=_STATUS,
    storage_prefix="/registry/volumeattachments",
    unconditional_update=False,
    returns_deleted=True,
)

# --------------------------------------------------------- scheduling, coordination, node, discovery
PRIORITY_CLASS = Kind(
    "scheduling.k8s.io",
    "v1",
    "PriorityClass",
    "priorityclasses",
    namespaced=False,
    short_names=("pc",),
    storage_prefix="/registry/priorityclasses",
    generation=True,
)
LEASE = Kind(
    "coordination.k8s.io",
    "v1",
    "Lease",
    "leases",
    storage_prefix="/registry/leases",
    create_on_update=True,
    unconditional_update=False,
)
RUNTIME_CLASS = Kind(
    "node.k8s.io",
    "v1",
    "RuntimeClass",
    "runtimeclasses",
    namespaced=False,
    storage_prefix="/registry/runtimeclasses",
    create_on_update=True,
    unconditional_update=False,
)
_FLOW = "flowcontrol.apiserver.k8s.io"
FLOW_SCHEMA = Kind(
    _FLOW,
    "v1",
    "FlowSchema",
    "flowschemas",
    namespaced=False,
    subresources=_STATUS,
    storage_prefix="/registry/flowschemas",
    generation=True,
    unconditional_update=False,
)
PRIORITY_LEVEL = Kind(
    _FLOW,
    "v1",
    "PriorityLevelConfiguration",
    "prioritylevelconfigurations",
    namespaced=False,
    subresources=_STATUS,
    storage_prefix="/registry/prioritylevelconfigurations",
    generation=True,
    unconditional_update=False,
)
ENDPOINT_SLICE = Kind(
    "discovery.k8s.io",
    "v1",
    "EndpointSlice",
    "endpointslices",
    storage_prefix="/registry/endpointslices",
    generation=True,
)

# ----------------------------------------------------------------------------- bodies of subresources
SCALE = Kind("autoscaling", "v1", "Scale", "", verbs=())
EVICTION = Kind("policy", "v1", "Eviction", "", verbs=())

#: Every kind that has a URL of its own.
ALL: tuple[Kind, ...] = (
    *CORE_KINDS,
    CONTROLLER_REVISION,
    DAEMON_SET,
    DEPLOYMENT,
    REPLICA_SET,
    STATEFUL_SET,
    EVENT_VIEW,
    HORIZONTAL_POD_AUTOSCALER,
    CRON_JOB,
    JOB,
    INGRESS_CLASS,
    INGRESS,
    NETWORK_POLICY,
    POD_DISRUPTION_BUDGET,
    CLUSTER_ROLE_BINDING,
    CLUSTER_ROLE,
    ROLE_BINDING,
    ROLE,
    CSI_DRIVER,
    CSI_NODE,
    STORAGE_CLASS,
    VOLUME_ATTACHMENT,
    PRIORITY_CLASS,
    LEASE,
    RUNTIME_CLASS,
    ENDPOINT_SLICE,
    FLOW_SCHEMA,
    PRIORITY_LEVEL,
    *API_KINDS,
)
#: Kinds that are bodies of subresources only.
BODIES: tuple[Kind, ...] = (SCALE, EVICTION, TOKEN_REQUEST)

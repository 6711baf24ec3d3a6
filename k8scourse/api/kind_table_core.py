"""The kinds of the core group, those that were there first.

Some prefixes in etcd are older than the names: nodes are "minions", replication controllers "controllers".
Upstream: ``pkg/registry/core/<kind>/storage/storage.go``.
"""

from __future__ import annotations

from k8scourse.api.kind import Kind

_ALL = ("all",)
_STATUS = ("status",)
_SCALED = ("scale", "status")

_POD_SUBRESOURCES = (
    "attach",
    "binding",
    "ephemeralcontainers",
    "eviction",
    "exec",
    "log",
    "portforward",
    "proxy",
    "resize",
    "status",
)
BINDING = Kind("", "v1", "Binding", "bindings", verbs=("create",))
COMPONENT_STATUS = Kind(
    "",
    "v1",
    "ComponentStatus",
    "componentstatuses",
    namespaced=False,
    short_names=("cs",),
    verbs=("get", "list"),
    deprecation="v1 ComponentStatus is deprecated in v1.19+",
)
CONFIG_MAP = Kind(
    "", "v1", "ConfigMap", "configmaps", short_names=("cm",), storage_prefix="/registry/configmaps"
)
ENDPOINTS = Kind(
    "",
    "v1",
    "Endpoints",
    "endpoints",
    short_names=("ep",),
    storage_prefix="/registry/services/endpoints",
    create_on_update=True,
    deprecation="v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
)
EVENT = Kind(
    "", "v1", "Event", "events", short_names=("ev",), storage_prefix="/registry/events", create_on_update=True
)
LIMIT_RANGE = Kind(
    "",
    "v1",
    "LimitRange",
    "limitranges",
    short_names=("limits",),
    storage_prefix="/registry/limitranges",
    create_on_update=True,
)
NAMESPACE = Kind(
    "",
    "v1",
    "Namespace",
    "namespaces",
    namespaced=False,
    short_names=("ns",),
    subresources=("finalize", "status"),
    storage_prefix="/registry/namespaces",
    verbs=("create", "delete", "get", "list", "patch", "update", "watch"),
)
NODE = Kind(
    "",
    "v1",
    "Node",
    "nodes",
    namespaced=False,
    short_names=("no",),
    subresources=("proxy", "status"),
    storage_prefix="/registry/minions",
)
PERSISTENT_VOLUME_CLAIM = Kind(
    "",
    "v1",
    "PersistentVolumeClaim",
    "persistentvolumeclaims",
    short_names=("pvc",),
    subresources=_STATUS,
    storage_prefix="/registry/persistentvolumeclaims",
    returns_deleted=True,
)
PERSISTENT_VOLUME = Kind(
    "",
    "v1",
    "PersistentVolume",
    "persistentvolumes",
    namespaced=False,
    short_names=("pv",),
    subresources=_STATUS,
    storage_prefix="/registry/persistentvolumes",
    returns_deleted=True,
)
POD = Kind(
    "",
    "v1",
    "Pod",
    "pods",
    short_names=("po",),
    categories=_ALL,
    subresources=_POD_SUBRESOURCES,
    storage_prefix="/registry/pods",
    generation=True,
    returns_deleted=True,
)
POD_TEMPLATE = Kind(
    "",
    "v1",
    "PodTemplate",
    "podtemplates",
    storage_prefix="/registry/podtemplates",
    generation=True,
    returns_deleted=True,
)
REPLICATION_CONTROLLER = Kind(
    "",
    "v1",
    "ReplicationController",
    "replicationcontrollers",
    short_names=("rc",),
    categories=_ALL,
    subresources=_SCALED,
    storage_prefix="/registry/controllers",
    generation=True,
)
RESOURCE_QUOTA = Kind(
    "",
    "v1",
    "ResourceQuota",
    "resourcequotas",
    short_names=("quota",),
    subresources=_STATUS,
    storage_prefix="/registry/resourcequotas",
    returns_deleted=True,
)
SECRET = Kind("", "v1", "Secret", "secrets", storage_prefix="/registry/secrets")
SERVICE_ACCOUNT = Kind(
    "",
    "v1",
    "ServiceAccount",
    "serviceaccounts",
    short_names=("sa",),
    subresources=("token",),
    storage_prefix="/registry/serviceaccounts",
    returns_deleted=True,
)
SERVICE = Kind(
    "",
    "v1",
    "Service",
    "services",
    short_names=("svc",),
    categories=_ALL,
    subresources=("proxy", "status"),
    storage_prefix="/registry/services/specs",
    create_on_update=True,
    returns_deleted=True,
)

#: In the order in which ``kubectl get all`` shows them.
CORE_KINDS: tuple[Kind, ...] = (
    BINDING,
    COMPONENT_STATUS,
    CONFIG_MAP,
    ENDPOINTS,
    EVENT,
    LIMIT_RANGE,
    NAMESPACE,
    NODE,
    PERSISTENT_VOLUME_CLAIM,
    PERSISTENT_VOLUME,
    POD,
    POD_TEMPLATE,
    REPLICATION_CONTROLLER,
    RESOURCE_QUOTA,
    SECRET,
    SERVICE_ACCOUNT,
    SERVICE,
)

"""The registry of kinds: what the API server serves and how each kind is spelled.

Everything that differs per kind and is not behaviour stands here as data: names, scope, short
names, subresources, verbs, the key under which etcd keeps it.  Discovery, routing, ``kubectl``
words and storage keys are all read from this table.
Upstream: ``pkg/registry/<group>/<kind>/storage`` and ``pkg/controlplane/instance.go``.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

STANDARD_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of object.

    ``plural`` is empty for kinds that exist as bodies of subresources only (Scale, Eviction).
    ``storage_prefix`` is the etcd prefix without a final slash: ``/registry/deployments``.
    ``generation`` says whether the server counts spec changes in ``metadata.generation``;
    ``create_on_update`` whether a PUT may create; ``unconditional_update`` whether a PUT without
    a resourceVersion is taken; ``returns_deleted`` whether DELETE answers with the object.
    """

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool = True
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    subresources: tuple[str, ...] = ()
    verbs: tuple[str, ...] = STANDARD_VERBS
    storage_prefix: str = ""
    generation: bool = False
    create_on_update: bool = False
    unconditional_update: bool = True
    returns_deleted: bool = False

    @property
    def singular(self) -> str:
        """The singular name of discovery: the kind in lower case."""
        return self.kind.lower()

    @property
    def api_version(self) -> str:
        """``v1`` for the core group, else ``group/version``."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def resource_name(self) -> str:
        """``pods`` or ``deployments.apps``: the name in NotFound and Forbidden messages."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def qualified_kind(self) -> str:
        """``Pod`` or ``Deployment.apps``: the name in Invalid messages."""
        return f"{self.kind}.{self.group}" if self.group else self.kind

    @property
    def stored(self) -> bool:
        """Whether objects of this kind are kept in etcd."""
        return bool(self.storage_prefix)

    @property
    def list_kind(self) -> str:
        """The kind of a list: ``PodList``."""
        return f"{self.kind}List"

    def has_subresource(self, name: str) -> bool:
        """Whether ``/<name>/<subresource>`` is served."""
        return name in self.subresources

    def storage_key(self, name: str, namespace: str = "") -> str:
        """The etcd key of one object: ``/registry/pods/default/web``."""
        parts = [self.storage_prefix]
        if self.namespaced:
            parts.append(namespace)
        parts.append(name)
        return "/".join(parts)


_POD_SUBRESOURCES = (
    "attach", "binding", "ephemeralcontainers", "eviction", "exec", "log", "portforward", "proxy", "resize",
    "status",
)
_WORKLOAD_SUBRESOURCES = ("scale", "status")

NAMESPACE = Kind("", "v1", "Namespace", "namespaces", namespaced=False, short_names=("ns",),
                 subresources=("finalize", "status"), storage_prefix="/registry/namespaces",
                 verbs=("create", "delete", "get", "list", "patch", "update", "watch"))
# etcd still calls nodes "minions", their name of 2014, and keeps Services apart from their endpoints.
NODE = Kind("", "v1", "Node", "nodes", namespaced=False, short_names=("no",),
            subresources=("proxy", "status"), storage_prefix="/registry/minions")
POD = Kind("", "v1", "Pod", "pods", short_names=("po",), categories=("all",),
           subresources=_POD_SUBRESOURCES, storage_prefix="/registry/pods", generation=True,
           returns_deleted=True)
SERVICE = Kind("", "v1", "Service", "services", short_names=("svc",), categories=("all",),
               subresources=("proxy", "status"), storage_prefix="/registry/services/specs",
               create_on_update=True, returns_deleted=True)
CONFIG_MAP = Kind("", "v1", "ConfigMap", "configmaps", short_names=("cm",),
                  storage_prefix="/registry/configmaps")
SECRET = Kind("", "v1", "Secret", "secrets", storage_prefix="/registry/secrets")
SERVICE_ACCOUNT = Kind("", "v1", "ServiceAccount", "serviceaccounts", short_names=("sa",),
                       subresources=("token",), storage_prefix="/registry/serviceaccounts",
                       returns_deleted=True)
EVENT = Kind("", "v1", "Event", "events", short_names=("ev",), storage_prefix="/registry/events",
             create_on_update=True)
BINDING = Kind("", "v1", "Binding", "bindings", verbs=("create",))
ENDPOINT_SLICE = Kind("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices",
                      storage_prefix="/registry/endpointslices", generation=True)
LEASE = Kind("coordination.k8s.io", "v1", "Lease", "leases", storage_prefix="/registry/leases",
             create_on_update=True, unconditional_update=False)
REPLICA_SET = Kind("apps", "v1", "ReplicaSet", "replicasets", short_names=("rs",), categories=("all",),
                   subresources=_WORKLOAD_SUBRESOURCES, storage_prefix="/registry/replicasets",
                   generation=True)
DEPLOYMENT = Kind("apps", "v1", "Deployment", "deployments", short_names=("deploy",), categories=("all",),
                  subresources=_WORKLOAD_SUBRESOURCES, storage_prefix="/registry/deployments",
                  generation=True)
DAEMON_SET = Kind("apps", "v1", "DaemonSet", "daemonsets", short_names=("ds",), categories=("all",),
                  subresources=("status",), storage_prefix="/registry/daemonsets", generation=True)
SCALE = Kind("autoscaling", "v1", "Scale", "", verbs=())
EVICTION = Kind("policy", "v1", "Eviction", "", verbs=())

#: Every kind that has a URL of its own.
ALL: tuple[Kind, ...] = (
    BINDING, CONFIG_MAP, EVENT, NAMESPACE, NODE, POD, SECRET, SERVICE_ACCOUNT, SERVICE,
    DAEMON_SET, DEPLOYMENT, REPLICA_SET, LEASE, ENDPOINT_SLICE,
)
#: Kinds that are bodies of subresources only.
BODIES: tuple[Kind, ...] = (SCALE, EVICTION)

_BY_PLURAL = {(kind.group, kind.version, kind.plural): kind for kind in ALL}
_BY_KIND = {(kind.api_version, kind.kind): kind for kind in ALL + BODIES}


def _words(kinds: Iterable[Kind]) -> dict[str, Kind]:
    """Map every word a user may type for a kind to the kind; the first kind that claims a word keeps it."""
    words: dict[str, Kind] = {}
    for kind in kinds:
        names = (kind.plural, kind.singular)
        forms = [*names, *kind.short_names]
        if kind.group:
            forms += [f"{name}.{kind.group}" for name in names]
            forms += [f"{name}.{kind.version}.{kind.group}" for name in names]
        for form in forms:
            words.setdefault(form, kind)
    return words


_WORDS = _words(ALL)


def by_plural(group: str, version: str, plural: str) -> Kind | None:
    """The kind behind ``/apis/<group>/<version>/<plural>``, or None."""
    return _BY_PLURAL.get((group, version, plural))


def by_kind(api_version: str, kind: str) -> Kind | None:
    """The kind of an object with these ``apiVersion`` and ``kind``, or None."""
    return _BY_KIND.get((api_version, kind))


def of(obj: Mapping[str, object]) -> Kind:
    """The kind of ``obj``.  KeyError when the registry does not know it."""
    kind = by_kind(str(obj.get("apiVersion", "")), str(obj.get("kind", "")))
    if kind is None:
        raise KeyError(f"no kind {obj.get('kind')!r} is registered for version {obj.get('apiVersion')!r}")
    return kind


def resolve(word: str) -> Kind | None:
    """The kind a ``kubectl`` word means: ``po``, ``Pods``, ``deployment.apps``; None when unknown."""
    return _WORDS.get(word.lower())


def in_category(category: str) -> tuple[Kind, ...]:
    """The kinds of a category such as ``all``, in the order ``kubectl get all`` prints them."""
    return tuple(kind for kind in ALL if category in kind.categories)


def resource(plural: str) -> Kind:
    """The kind with this plural, or with ``plural.group``.  KeyError when unknown."""
    kind = _WORDS.get(plural)
    if kind is None or not plural.startswith(kind.plural):
        raise KeyError(f"the server does not have a resource type {plural!r}")
    return kind

"""One row of the registry of kinds: everything that differs per kind and is not behaviour.

Upstream: ``pkg/registry/<group>/<kind>/storage`` and ``strategy.go``.
"""

from __future__ import annotations

from dataclasses import dataclass

STANDARD_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of object.

    ``plural`` is empty for kinds that exist as bodies of subresources only (Scale, Eviction).
    ``storage_prefix`` is the etcd prefix without a final slash: ``/registry/deployments``.
    ``generation`` says whether the server counts spec changes in ``metadata.generation``;
    ``create_on_update`` whether a PUT may create; ``unconditional_update`` whether a PUT without
    a resourceVersion is taken; ``returns_deleted`` whether DELETE answers with the object; ``deprecation``
    what every answer about a kind of yesterday warns of.
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
    deprecation: str = ""

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

"""The registry of kinds: what the API server serves and how each kind is spelled.

Everything that differs per kind and is not behaviour stands in a table, :mod:`k8scourse.api.kind_table`: names,
scope, short names, subresources, verbs, the key under which etcd keeps it.  Discovery, routing, ``kubectl``
words and storage keys are all read from there; here a kind is found by its names.
Upstream: ``pkg/registry/<group>/<kind>/storage`` and ``pkg/controlplane/instance.go``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from k8scourse.api.kind import STANDARD_VERBS, Kind
from k8scourse.api.kind_table import (
    ALL,
    BODIES,
    DAEMON_SET,
    DEPLOYMENT,
    ENDPOINT_SLICE,
    EVENT_VIEW,
    EVICTION,
    LEASE,
    REPLICA_SET,
    SCALE,
)
from k8scourse.api.kind_table_core import (
    BINDING,
    COMPONENT_STATUS,
    CONFIG_MAP,
    EVENT,
    NAMESPACE,
    NODE,
    POD,
    SECRET,
    SERVICE,
    SERVICE_ACCOUNT,
)

__all__ = [
    "ALL",
    "BINDING",
    "BODIES",
    "COMPONENT_STATUS",
    "CONFIG_MAP",
    "DAEMON_SET",
    "DEPLOYMENT",
    "ENDPOINT_SLICE",
    "EVENT",
    "EVENT_VIEW",
    "EVICTION",
    "LEASE",
    "NAMESPACE",
    "NODE",
    "POD",
    "REPLICA_SET",
    "SCALE",
    "SECRET",
    "SERVICE",
    "SERVICE_ACCOUNT",
    "STANDARD_VERBS",
    "Kind",
    "by_kind",
    "by_plural",
    "in_category",
    "of",
    "resolve",
    "resource",
]

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

"""Which kind is meant by an apiVersion and a kind's name, those included that users have defined.

Upstream: `staging/src/k8s.io/client-go/restmapper`, which asks discovery; here the definitions themselves are read.
"""

from __future__ import annotations

from k8scourse.api import custom_kinds, kinds, metadata
from k8scourse.api.custom_kinds import CustomKind
from k8scourse.api.kinds import Kind
from k8scourse.api.values import Object

DEFINITIONS = "customresourcedefinitions"


def served(definition: Object) -> list[CustomKind]:
    """The kinds of a definition, one per version, none before it is established."""
    return list(custom_kinds.kinds_of(definition)) if custom_kinds.is_established(definition) else []


class KindMapper:
    """Built-in kinds, and those of the definitions that it was told of."""

    def __init__(self) -> None:
        self._custom: dict[str, list[CustomKind]] = {}

    def learn(self, definition: Object) -> list[CustomKind]:
        """A definition is there, or has changed; the answer is what it serves now."""
        found = self._custom[metadata.name(definition)] = served(definition)
        return found

    def forget(self, definition: Object) -> None:
        """A definition is gone."""
        self._custom.pop(metadata.name(definition), None)

    def by_kind(self, api_version: str, name: str) -> Kind | None:
        """A kind by what objects say of themselves, None when nobody serves it."""
        built_in = kinds.by_kind(api_version, name)
        if built_in is not None:
            return built_in
        for versions in self._custom.values():
            for kind in versions:
                if (kind.api_version, kind.kind) == (api_version, name):
                    return kind
        return None

    def of(self, obj: Object) -> Kind:
        """The kind of an object that was read from the API server."""
        found = self.by_kind(obj["apiVersion"], obj["kind"])
        if found is None:
            raise LookupError(f"nobody serves {obj['apiVersion']} {obj['kind']}")
        return found

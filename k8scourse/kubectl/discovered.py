"""Which resource a word means, when it is none of the built-in ones: the server is asked what it serves.

Upstream: `staging/src/k8s.io/client-go/restmapper`, `.../discovery/aggregated_discovery.go`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .session import Session

_ACCEPT = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"


class Resource(NamedTuple):
    """A resource by its names; `words` stand for it: `widgets`, `widget`, `wd`."""

    group: str
    version: str
    plural: str
    words: tuple[str, ...]


def resources(session: Session) -> Iterator[Resource]:
    """Everything that is served below /apis, best versions first."""
    document = session.send("GET", "/apis", headers={"Accept": _ACCEPT})
    for item in document["items"]:
        group = item["metadata"].get("name", "")
        for version in item["versions"]:
            for row in version["resources"]:
                kind = row["responseKind"]["kind"].lower()
                names = dict.fromkeys(
                    [row["resource"], row["singularResource"] or kind, *row.get("shortNames", ())]
                )
                yield Resource(group, version["version"], row["resource"], tuple(names))

"""What the server serves, kinds of users too: whoever asks this way knows what the server knows, and no more.

Upstream: `staging/src/k8s.io/client-go/discovery/aggregated_discovery.go`, `.../restmapper`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api import kinds as builtin
from k8scourse.api.custom_kinds import CustomKind
from k8scourse.api.kinds import Kind

from .errors import CommandError
from .session import Session

_ACCEPT = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
_ROOTS = ("/api", "/apis")


def kinds(session: Session) -> list[CustomKind]:
    """Every kind that is served, each in the best version of its group."""
    found: dict[tuple[str, str], CustomKind] = {}
    for kind in _all(session, _ROOTS):
        found.setdefault((kind.group, kind.plural), kind)
    return list(found.values())


def versions(session: Session) -> list[str]:
    """Every group version that is served."""
    return list(dict.fromkeys(kind.api_version for kind in _all(session, _ROOTS)))


def called(session: Session, word: str) -> list[CustomKind]:
    """The kinds of groups that a word means: `widgets`, `widget`, `wd`; best versions first."""
    return [
        kind for kind in _all(session, _ROOTS[1:]) if word in (kind.plural, kind.singular, *kind.short_names)
    ]


def kind_named(session: Session, word: str) -> Kind:
    """The kind that a word means, `pods`, `deploy.apps` or `widgets.v1.example.com`; refuses as kubectl does."""
    known = builtin.resolve(word)
    if known is not None and known.plural:
        return known
    name, _, rest = word.lower().partition(".")
    meant = [kind for kind in called(session, name) if rest in _spelled(kind)]
    if not meant:
        raise CommandError(f'the server doesn\'t have a resource type "{word}"')
    return _noted(session, meant[0])


def kind_described(session: Session, api_version: str, name: str) -> Kind | None:
    """The kind of an object in a file; None when the server has none such."""
    known = builtin.by_kind(api_version, name)
    if known is not None:
        return known if known.plural else None
    found = (
        kind for kind in _all(session, _ROOTS[1:]) if (kind.api_version, kind.kind) == (api_version, name)
    )
    first = next(found, None)
    return _noted(session, first) if first else None


def _spelled(kind: Kind) -> tuple[str, ...]:
    """What may stand behind the name of a kind, after a dot."""
    return ("", kind.group, f"{kind.version}.{kind.group}")


def _noted(session: Session, kind: CustomKind) -> CustomKind:
    session.custom[kind.api_version, kind.kind] = kind
    return kind


def _all(session: Session, roots: tuple[str, ...]) -> Iterator[CustomKind]:
    for root in roots:
        document = session.send("GET", root, headers={"Accept": _ACCEPT})
        for item in document["items"]:
            group = item["metadata"].get("name", "")
            for version in item["versions"]:
                for row in version["resources"]:
                    yield _kind(group, version["version"], row)


def _kind(group: str, version: str, row: dict[str, Any]) -> CustomKind:
    return CustomKind(
        group=group,
        version=version,
        kind=row["responseKind"]["kind"],
        plural=row["resource"],
        namespaced=row["scope"] == "Namespaced",
        short_names=tuple(row.get("shortNames", ())),
        categories=tuple(row.get("categories", ())),
        subresources=tuple(part["subresource"] for part in row.get("subresources", ())),
        verbs=tuple(row["verbs"]),
        singular_name=row["singularResource"],
    )

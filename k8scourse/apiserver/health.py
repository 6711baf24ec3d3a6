"""/healthz, /livez and /readyz: small checks with names, all together or one by one.

    /livez?verbose            every check on a line of its own
    /readyz?exclude=etcd      without that one
    /livez/etcd               only that one, with the reason when it fails

Alive is a server whose parts have started and that reaches etcd; ready is one that has also filled its caches. The
names are upstream's; of its hooks after the start, those are there whose work is done here, too.
Upstream: ``apiserver/pkg/server/healthz/healthz.go``, ``apiserver/pkg/server/healthz.go``, ``hooks.go``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from k8scourse.apiserver.request import Response
from k8scourse.apiserver.storage import Storage
from k8scourse.etcd import EtcdError

_TEXT = {"Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff"}
_HOOKS = (
    "generic-apiserver-start-informers",
    "start-apiextensions-controllers",
    "crd-informer-synced",
    "start-system-namespaces-controller",
    "rbac/bootstrap-roles",
    "scheduling/bootstrap-system-priority-classes",
    "bootstrap-controller",
)


class Check(NamedTuple):
    """A check; `problem` answers "" when all is well."""

    name: str
    problem: Callable[[], str]


class Health:
    """The health pages of one server. `started` tells whether what is done after the start is done."""

    def __init__(self, storage: Storage, started: Callable[[], bool]) -> None:
        self._storage = storage
        self._started = started
        etcd, hooks = (
            Check("etcd", self._etcd),
            [Check(f"poststarthook/{name}", self._hook) for name in _HOOKS],
        )
        live = [Check("ping", _fine), Check("log", _fine), etcd]
        ready = [*live, Check("etcd-readiness", self._etcd), Check("informer-sync", self._informers)]
        self._pages = {
            "healthz": [*live, *hooks],
            "livez": [*live, *hooks],
            "readyz": [*ready, *hooks, Check("shutdown", _fine)],
        }

    def paths(self) -> list[str]:
        """Every path that is answered here."""
        singles = [f"/{page}/{check.name}" for page, checks in self._pages.items() for check in checks]
        return [*(f"/{page}" for page in self._pages), *singles]

    def answer(self, path: str, query: Mapping[str, Any]) -> Response | None:
        """The answer to a path, None when it is not about health."""
        page, _, name = path.lstrip("/").partition("/")
        if page not in self._pages:
            return None
        if not name:
            return _together(page, self._pages[page], query)
        for check in self._pages[page]:
            if check.name == name:
                return _alone(check)
        return None

    # -- the checks ------------------------------------------------------------------------------

    def _etcd(self) -> str:
        try:
            self._storage.revision()
        except EtcdError as error:
            return f"error getting data from etcd: {error}"
        return ""

    def _hook(self) -> str:
        return "" if self._started() else "not finished"

    def _informers(self) -> str:
        return "" if self._started() else "informers not started yet"


def _fine() -> str:
    return ""


def _alone(check: Check) -> Response:
    problem = check.problem()
    if problem:
        return Response(500, f"internal server error: {problem}\n", dict(_TEXT))
    return Response(200, "ok", {"Content-Type": _TEXT["Content-Type"]})


def _together(page: str, checks: Sequence[Check], query: Mapping[str, Any]) -> Response:
    excluded = [query["exclude"]] if "exclude" in query else []
    lines, failed = [], False
    for check in checks:
        if check.name in excluded:
            excluded.remove(check.name)
            lines.append(f"[+]{check.name} excluded: ok")
        elif check.problem():
            failed = True
            lines.append(f"[-]{check.name} failed: reason withheld")
        else:
            lines.append(f"[+]{check.name} ok")
    if excluded:
        unknown = ",".join(f'"{name}"' for name in excluded)
        lines.append(f"warn: some health checks cannot be excluded: no matches for {unknown}")
    if failed:
        return Response(500, "\n".join([*lines, f"{page} check failed"]) + "\n", dict(_TEXT))
    if "verbose" not in query:
        return Response(200, "ok", dict(_TEXT))
    return Response(200, "\n".join([*lines, f"{page} check passed"]) + "\n", dict(_TEXT))

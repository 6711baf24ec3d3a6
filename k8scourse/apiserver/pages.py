"""The pages that are not about a resource: what is served, how it is described, how the server feels.

    /  /version  /api  /apis/…  /openapi/…  /healthz  /livez/…  /readyz/…  /metrics  /openid/…

Upstream: ``apiserver/pkg/server/routes``, ``apiserver/pkg/server/config.go`` (installAPI).
"""

from __future__ import annotations

from collections.abc import Callable

from k8scourse.api import kinds
from k8scourse.apiserver import discovery, openid
from k8scourse.apiserver.call import Call
from k8scourse.apiserver.definitions import Definitions
from k8scourse.apiserver.health import Health
from k8scourse.apiserver.metrics import CONTENT_TYPE, Metrics
from k8scourse.apiserver.openapi import Publisher
from k8scourse.apiserver.request import Response
from k8scourse.apiserver.routes import PageNotFound
from k8scourse.apiserver.storage import Storage

_OWN = (
    "/", "/metrics", openid.CONFIGURATION, "/openapi/v2", "/openapi/v3", "/openapi/v3/", openid.KEYS, "/version",
)  # fmt: skip


class Pages:
    """The pages of one server. `started` tells whether what is done after the start is done."""

    def __init__(
        self, storage: Storage, definitions: Definitions, metrics: Metrics, started: Callable[[], bool]
    ) -> None:
        self._storage = storage
        self._definitions = definitions
        self._metrics = metrics
        self._health = Health(storage, started)
        self._openapi = Publisher(lambda: definitions.kinds)

    def answer(self, call: Call) -> Response:
        """The page of a path. Raises `PageNotFound`."""
        path = call.route.path.rstrip("/")
        found = self._find(path, call) if call.verb == "get" else None
        if found is None:
            raise PageNotFound("404 page not found\n")
        return found

    def _find(self, path: str, call: Call) -> Response | None:
        headers = call.request.headers
        if path in ("", "/index.html"):
            return Response(200, {"paths": self._paths()})
        if path == "/version":
            return Response(200, discovery.VERSION)
        if path == "/metrics":
            return Response(200, self._counted(), {"Content-Type": CONTENT_TYPE})
        if path.startswith("/openapi/"):
            return self._openapi.answer(path, headers, call.query)
        found = self._health.answer(path, call.query) or openid.answer(path)
        return found or discovery.answer(path, headers, self._definitions.kinds)

    def _paths(self) -> list[str]:
        served = discovery.Served([*kinds.ALL, *self._definitions.kinds])
        groups = [f"/apis/{group}" for group in served.groups]
        versions = [f"/apis/{group}/{version}" for group, version in served.versions if group]
        found = {*_OWN, "/api", "/api/v1", "/apis", "/apis/", *groups, *versions, *self._health.paths()}
        return sorted(found - {"/"})

    def _counted(self) -> str:
        stored = [kind for kind in (*kinds.ALL, *self._definitions.kinds) if kind.stored]
        return self._metrics.text(self._storage, stored, discovery.VERSION)

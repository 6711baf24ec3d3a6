"""The tokens that Pods find in their volumes: asked for when a Pod starts, and anew before they end.

Upstream: `pkg/kubelet/token/token_manager.go`, `pkg/volume/projected/projected.go`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..api.errors import StatusError
from ..api.times import parse_time
from ..client import Client, Unreachable
from ..sim import SECOND, Process
from .config import Pod
from .object_cache import Unfetchable

HOUR = 3600
OLDEST_NS = 24 * HOUR * SECOND


class _Token(NamedTuple):
    """A token, when it came and when it ends."""

    text: str
    since: int
    until: int


class TokenManager:
    """Asks the API server for tokens that are bound to Pods of this node, and keeps them while they are young."""

    def __init__(self, process: Process, client: Client) -> None:
        self._process, self._client = process, client
        self._tokens: dict[tuple[str, str, str, int], _Token] = {}

    def token(self, pod: Pod, source: Mapping[str, Any]) -> str:
        """The token for one `serviceAccountToken` of a Pod. Raises `Unfetchable`."""
        account = pod["spec"].get("serviceAccountName", "default")
        audience, seconds = source.get("audience", ""), source.get("expirationSeconds", HOUR)
        key = (pod["metadata"]["uid"], account, audience, seconds)
        known, now = self._tokens.get(key), self._process.now
        if known is not None and not _is_old(known, now):
            return known.text
        try:
            fresh = self._tokens[key] = self._ask(pod, account, audience, seconds)
        except (StatusError, Unreachable) as error:
            if known is not None and now < known.until:
                return known.text
            raise Unfetchable(f"failed to fetch token: {error}") from None
        return fresh.text

    def forget(self, uid: str) -> None:
        """A Pod is gone."""
        for key in [key for key in self._tokens if key[0] == uid]:
            del self._tokens[key]

    def _ask(self, pod: Pod, account: str, audience: str, seconds: int) -> _Token:
        metadata = pod["metadata"]
        name, uid = metadata["name"], metadata["uid"]
        bound = {"apiVersion": "v1", "kind": "Pod", "name": name, "uid": uid}
        spec = {"expirationSeconds": seconds, "boundObjectRef": bound}
        answer = self._client.create_token(
            account, metadata["namespace"], {**spec, **({"audiences": [audience]} if audience else {})}
        )
        status = answer["status"]
        return _Token(status["token"], self._process.now, parse_time(status["expirationTimestamp"]))


def _is_old(token: _Token, now: int) -> bool:
    """Whether four fifths of its time, or a day, are over."""
    return now > token.since + OLDEST_NS or now > token.until - (token.until - token.since) // 5

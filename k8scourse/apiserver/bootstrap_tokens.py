"""Bootstrap tokens, with which a machine joins: `abcdef.0123456789abcdef`, each a Secret in kube-system.

Upstream: ``plugin/pkg/auth/authenticator/token/bootstrap/bootstrap.go``, ``cluster-bootstrap/token``.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from typing import Any

from k8scourse.api.times import parse_time
from k8scourse.apiserver.account_tokens import Reader
from k8scourse.apiserver.authentication import API_AUDIENCES
from k8scourse.apiserver.users import Authenticated, UserInfo, with_everybody

_TOKEN = re.compile(r"([a-z0-9]{6})\.([a-z0-9]{16})", re.ASCII)
_GROUP = re.compile(r"system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]", re.ASCII)
_TYPE = "bootstrap.kubernetes.io/token"


class BootstrapTokens:
    """Knows joining machines by the Secrets `bootstrap-token-<id>`."""

    def __init__(self, reader: Reader, now: Callable[[], int]) -> None:
        self._reader, self._now = reader, now

    def authenticate_token(self, token: str, audiences: tuple[str, ...]) -> Authenticated | None:
        """The user `system:bootstrap:<id>`; None for anything that is not quite right, which stays unexplained."""
        match = _TOKEN.fullmatch(token)
        if match is None or not any(each in API_AUDIENCES for each in audiences):
            return None
        identity, secret = match.groups()
        stored = self._reader.get("secrets", "kube-system", f"bootstrap-token-{identity}")
        if stored is None or stored.get("type") != _TYPE or "deletionTimestamp" in stored["metadata"]:
            return None
        data = _decoded(stored.get("data") or {})
        if data.get("token-id") != identity or data.get("token-secret") != secret:
            return None
        if data.get("usage-bootstrap-authentication") != "true" or self._is_over(data.get("expiration", "")):
            return None
        groups = [group.strip() for group in data.get("auth-extra-groups", "").split(",") if group.strip()]
        if not all(_GROUP.fullmatch(group) for group in groups):
            return None
        extra = sorted(dict.fromkeys(("system:bootstrappers", *groups)))
        user = with_everybody(UserInfo(f"system:bootstrap:{identity}", tuple(extra)))
        return Authenticated(user, "bootstrap_token", {"name": user.name}, API_AUDIENCES)

    def _is_over(self, text: str) -> bool:
        if not text:
            return False
        try:
            return parse_time(text) <= self._now()
        except ValueError:
            return True


def _decoded(data: dict[str, Any]) -> dict[str, str]:
    found = {}
    for key, value in data.items():
        try:
            found[key] = base64.b64decode(value).decode()
        except (binascii.Error, UnicodeDecodeError, TypeError, ValueError):
            continue
    return found

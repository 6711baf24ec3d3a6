"""First stage: who is asking? A bearer token names a user; no token is the user everybody is.

Upstream: ``staging/src/k8s.io/apiserver/pkg/authentication``; names and groups as kubeadm gives them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from k8scourse.api.errors import Unauthorized


class UserInfo(NamedTuple):
    """A user and their groups."""

    name: str
    groups: tuple[str, ...] = ()


ANONYMOUS = UserInfo("system:anonymous", ("system:unauthenticated",))
_ADMINISTRATORS = ("kubernetes-admin", "admin")


def user_info(name: str) -> UserInfo:
    """The user of that name with the groups that the name brings.

    "system:node:worker-1" is in system:nodes, "system:serviceaccount:ns:x" in its two groups of service accounts,
    "kubernetes-admin" in system:masters; everybody is in system:authenticated.
    """
    groups: tuple[str, ...] = ()
    if name.startswith("system:node:"):
        groups = ("system:nodes",)
    elif name.startswith("system:serviceaccount:"):
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{name.split(':')[2]}")
    elif name in _ADMINISTRATORS:
        groups = ("system:masters",)
    return UserInfo(name, (*groups, "system:authenticated"))


class Authenticator:
    """Knows users by their bearer tokens.

    `tokens` maps a token to a `UserInfo` or to a user's name; it is read at each request, so that a node that
    joins later is known at once.
    """

    def __init__(self, tokens: Mapping[str, UserInfo | str]) -> None:
        self._tokens = tokens
        self._users: dict[str, UserInfo] = {}

    def authenticate(self, headers: Mapping[str, str]) -> UserInfo:
        """The user behind a request. Raises `Unauthorized` for a token nobody has."""
        authorization = headers.get("Authorization") or headers.get("authorization")
        if not authorization:
            return ANONYMOUS
        scheme, _, token = authorization.partition(" ")
        known = self._tokens.get(token.strip()) if scheme.lower() == "bearer" else None
        if known is None:
            raise Unauthorized("Unauthorized")
        return known if isinstance(known, UserInfo) else self._named(known)

    def _named(self, name: str) -> UserInfo:
        if name not in self._users:
            self._users[name] = user_info(name)
        return self._users[name]

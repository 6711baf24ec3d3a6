"""Who somebody is: a name, groups, and what else is known; and how it became known.

Upstream: ``apiserver/pkg/authentication/user/user.go``, ``authenticator/interfaces.go``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

ALL_AUTHENTICATED, ALL_UNAUTHENTICATED = "system:authenticated", "system:unauthenticated"
MASTERS, NODES = "system:masters", "system:nodes"
NODE_PREFIX, ACCOUNT_PREFIX = "system:node:", "system:serviceaccount:"
Extra = tuple[tuple[str, tuple[str, ...]], ...]


class UserInfo(NamedTuple):
    """A user: name, groups, and where they are known a uid and further values ("extra")."""

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: Extra = ()

    def to_wire(self) -> dict[str, Any]:
        """The UserInfo of the wire; empty parts are left out."""
        shown: dict[str, Any] = {"username": self.name, "uid": self.uid, "groups": list(self.groups)}
        shown["extra"] = {key: list(values) for key, values in self.extra}
        return {key: value for key, value in shown.items() if value}

    def values(self, key: str) -> tuple[str, ...]:
        """The extra values of a key."""
        return next((values for name, values in self.extra if name == key), ())


ANONYMOUS = UserInfo("system:anonymous", (ALL_UNAUTHENTICATED,))
_ADMINISTRATORS = ("kubernetes-admin", "admin")


def user_info(name: str) -> UserInfo:
    """The user of that name with the groups that the name brings.

    "system:node:worker-1" is in system:nodes, "system:serviceaccount:ns:x" in its two groups of service accounts,
    "kubernetes-admin" in system:masters; everybody is in system:authenticated.
    """
    groups: tuple[str, ...] = ()
    account = split_account(name)
    if name.startswith(NODE_PREFIX):
        groups = (NODES,)
    elif account is not None:
        groups = account_groups(account[0])
    elif name in _ADMINISTRATORS:
        groups = (MASTERS,)
    return with_everybody(UserInfo(name, groups))


def account_groups(namespace: str) -> tuple[str, ...]:
    """The two groups of the service accounts of a namespace."""
    return ("system:serviceaccounts", f"system:serviceaccounts:{namespace}")


def split_account(name: str) -> tuple[str, str] | None:
    """Namespace and name of the service account that a user name means; None when it means none."""
    if not name.startswith(ACCOUNT_PREFIX):
        return None
    parts = name.removeprefix(ACCOUNT_PREFIX).split(":")
    return (parts[0], parts[1]) if len(parts) == 2 and all(parts) else None


def node_of(user: UserInfo) -> str | None:
    """The node whose kubelet a user is; "" when it is one of no node, None when it is no kubelet."""
    if not user.name.startswith(NODE_PREFIX):
        return None
    return user.name.removeprefix(NODE_PREFIX) if NODES in user.groups else None


def with_everybody(user: UserInfo) -> UserInfo:
    """The user in the group of all who are known, unless it is in that of those who are not."""
    if ALL_AUTHENTICATED in user.groups or ALL_UNAUTHENTICATED in user.groups:
        return user
    return user._replace(groups=(*user.groups, ALL_AUTHENTICATED))


class Credentials(NamedTuple):
    """What a caller shows: headers, and what TLS knows of it."""

    headers: Mapping[str, str]
    certificate: Any = None


class Authenticated(NamedTuple):
    """A user, and how they were known: a key of the words [reasons.authenticate] and its values.

    `audiences` are those of the ones asked for that a token is good for.
    """

    user: UserInfo
    how: str
    details: Mapping[str, Any]
    audiences: tuple[str, ...] = ()


class Rejected(Exception):
    """Credentials that somebody knows how to read, and that are no good. `key`, `details`: as in `Authenticated`."""

    def __init__(self, message: str, key: str, **details: Any) -> None:
        super().__init__(message)
        self.message, self.key, self.details = message, key, details


class TokenReader(Protocol):
    """One way to know somebody by a bearer token."""

    def authenticate_token(self, token: str, audiences: tuple[str, ...]) -> Authenticated | None:
        """The user; None when this is none of its tokens. Raises `Rejected` for one that is no good."""

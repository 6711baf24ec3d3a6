"""Tokens of ServiceAccounts: asked for at `serviceaccounts/x/token`, and looked through when somebody shows one.

A token says whose it is, for whom it is meant (its audiences), until when it holds, and what it is bound to: a
Pod, a Secret or a Node. It counts as long as all of these exist, under the same uid. Nothing about it is stored.

Upstream: ``pkg/registry/core/serviceaccount/storage/token.go``, ``pkg/serviceaccount/{claims,jwt}.go``,
``pkg/apis/authentication/validation/validation.go``. Ours looks at the live objects at each request; upstream
remembers a good token for ten seconds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from k8scourse.api.errors import BadRequest
from k8scourse.api.times import SECOND, format_time, parse_time, unix_seconds
from k8scourse.apiserver import jwt
from k8scourse.apiserver.authentication import API_AUDIENCE
from k8scourse.apiserver.certificates import CREDENTIAL_ID
from k8scourse.apiserver.users import (
    ACCOUNT_PREFIX,
    Authenticated,
    Rejected,
    UserInfo,
    account_groups,
    with_everybody,
)

if TYPE_CHECKING:
    from collections.abc import Callable

Object = dict[str, Any]
ISSUER = API_AUDIENCE
LEEWAY_SECONDS = 60
_KEYS = "authentication.kubernetes.io"
_MEMORY = 1000
_DELETED_NS = LEEWAY_SECONDS * SECOND


class Reader(Protocol):
    """Where the objects are found that a token speaks of."""

    def get(self, plural: str, namespace: str, name: str) -> Object | None:
        """A stored object, None when there is none."""


class _Reference(NamedTuple):
    """An object that a token names."""

    name: str
    uid: str


class _Claims(NamedTuple):
    """What a token with a good signature says."""

    subject: str
    audiences: tuple[str, ...]
    expires: int
    begins: int
    id: str
    namespace: str
    account: _Reference
    pod: _Reference | None
    secret: _Reference | None
    node: _Reference | None


class AccountTokens:
    """Knows ServiceAccounts by their tokens."""

    def __init__(self, reader: Reader, now: Callable[[], int]) -> None:
        self._reader, self._now = reader, now
        self._read: dict[str, _Claims | Rejected] = {}

    def authenticate_token(self, token: str, audiences: tuple[str, ...]) -> Authenticated | None:
        """The ServiceAccount of a token; None when it is not of our making. Raises `Rejected`."""
        claims = self._read.get(token)
        if claims is None:
            parts = jwt.take_apart(token)
            if parts is None or parts.claims.get("iss") != ISSUER:
                return None
            if len(self._read) > _MEMORY:
                self._read.clear()
            claims = self._read[token] = _read(parts)
        if isinstance(claims, Rejected):
            raise Rejected(claims.message, claims.key, **claims.details)
        meant = tuple(each for each in audiences if each in claims.audiences)
        if not meant:
            why = (
                f"token audiences {_quoted(claims.audiences)} is invalid "
                f"for the target audiences {_quoted(audiences)}"
            )
            raise Rejected(why, "other_audience", audiences=", ".join(claims.audiences))
        self._check_time(claims)
        self._check_objects(claims)
        return Authenticated(_user(claims), "account", _told(claims), meant)

    def _check_time(self, claims: _Claims) -> None:
        now = unix_seconds(self._now())
        if now - LEEWAY_SECONDS > claims.expires:
            ended = format_time((claims.expires - unix_seconds(0)) * SECOND)
            raise Rejected(
                "service account token has expired", "token_expired", name=claims.subject, when=ended
            )
        if now + LEEWAY_SECONDS < claims.begins:
            raise Rejected("service account token is not valid yet", "token_too_new", name=claims.subject)

    def _check_objects(self, claims: _Claims) -> None:
        namespace, name = claims.namespace, claims.account.name
        account = self._find("serviceaccounts", namespace, name)
        if account is None:
            raise _gone(f'serviceaccounts "{name}" not found', "ServiceAccount", claims.account)
        if self._is_deleted(account):
            why = f"service account {namespace}/{name} has been deleted"
            raise _gone(why, "ServiceAccount", claims.account)
        if account["metadata"]["uid"] != claims.account.uid:
            why = f"service account UID ({account['metadata']['uid']}) does not match claim ({claims.account.uid})"
            raise _gone(why, "ServiceAccount", claims.account)
        for plural, kind, reference in _bound(claims):
            self._check_bound(plural, kind, reference, namespace)

    def _check_bound(self, plural: str, kind: str, reference: _Reference, namespace: str) -> None:
        bound = self._find(plural, "" if plural == "nodes" else namespace, reference.name)
        if bound is None or self._is_deleted(bound):
            raise _gone("service account token has been invalidated", kind, reference)
        uid, word = bound["metadata"]["uid"], kind.lower()
        if uid != reference.uid:
            why = f"{word} UID ({uid}) does not match service account {word} ref claim ({reference.uid})"
            raise _gone(why, kind, reference)

    def _find(self, plural: str, namespace: str, name: str) -> Object | None:
        try:
            return self._reader.get(plural, namespace, name)
        except BadRequest:  # no name that an object can have
            return None

    def _is_deleted(self, obj: Object) -> bool:
        when = obj["metadata"].get("deletionTimestamp")
        return bool(when) and parse_time(when) < self._now() - _DELETED_NS


def _read(parts: jwt.Token) -> _Claims | Rejected:
    """What a token says, once its signature is proved."""
    if parts.header.get("alg") != "RS256" or parts.header.get("kid") not in (None, "", jwt.COURSE_KEY.id):
        return Rejected("invalid signature, no keys found", "bad_signature")
    if not jwt.COURSE_KEY.verifies(parts.signed, parts.signature):
        return Rejected("go-jose/go-jose: error in cryptographic primitive", "bad_signature")
    try:
        return _claims(parts.claims)
    except (KeyError, TypeError, ValueError, AttributeError):
        why = "service account token claims could not be validated due to unexpected validation error"
        return Rejected(why, "bad_signature")


def _claims(claims: Mapping[str, Any]) -> _Claims:
    """Raises `TypeError`, `KeyError` or `AttributeError` for claims of another shape."""
    ours, audiences = claims["kubernetes.io"], claims["aud"]
    texts = (audiences,) if isinstance(audiences, str) else tuple(audiences)
    times = claims["exp"], claims.get("nbf", 0)
    names = *texts, claims["sub"], claims.get("jti", ""), ours["namespace"]
    if not all(isinstance(each, str) for each in names) or not all(type(each) is int for each in times):
        raise TypeError("claims of another shape")
    bound = (_reference(ours[kind]) if ours.get(kind) else None for kind in ("pod", "secret", "node"))
    account = _reference(ours["serviceaccount"])
    return _Claims(claims["sub"], texts, *times, claims.get("jti", ""), ours["namespace"], account, *bound)


def _reference(value: Mapping[str, Any]) -> _Reference:
    name, uid = value["name"], value.get("uid", "")
    if not (isinstance(name, str) and isinstance(uid, str)):
        raise TypeError("a reference of another shape")
    return _Reference(name, uid)


def _bound(claims: _Claims) -> Iterator[tuple[str, str, _Reference]]:
    if claims.secret is not None:
        yield "secrets", "Secret", claims.secret
    if claims.pod is not None:
        yield "pods", "Pod", claims.pod
    elif claims.node is not None:
        yield "nodes", "Node", claims.node


def _gone(message: str, kind: str, reference: _Reference) -> Rejected:
    return Rejected(message, "bound_object_gone", kind=kind, name=reference.name)


def _user(claims: _Claims) -> UserInfo:
    extra = {}
    if claims.id:
        extra[CREDENTIAL_ID] = (f"JTI={claims.id}",)
    for word, reference in (("node", claims.node), ("pod", claims.pod)):
        if reference is not None:
            extra[f"{_KEYS}/{word}-name"] = (reference.name,)
            if reference.uid:
                extra[f"{_KEYS}/{word}-uid"] = (reference.uid,)
    name = f"{ACCOUNT_PREFIX}{claims.namespace}:{claims.account.name}"
    groups = account_groups(claims.namespace)
    return with_everybody(UserInfo(name, groups, claims.account.uid, tuple(sorted(extra.items()))))


def _told(claims: _Claims) -> Object:
    bound = next(_bound(claims), None)
    return {
        "name": f"{claims.namespace}/{claims.account.name}",
        "bound": f"{bound[1]} {bound[2].name}" if bound else "–",
        "when": format_time((claims.expires - unix_seconds(0)) * SECOND),
    }


def _quoted(texts: tuple[str, ...]) -> str:
    return f"[{' '.join(json.dumps(text) for text in texts)}]"

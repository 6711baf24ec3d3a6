"""First stage: who is asking? Certificate, then bearer token; without either, the user everybody is.

    client certificate → token file → service-account token → bootstrap token → anonymous

Whoever knows the caller first decides. Credentials that nobody takes end in 401: only who shows none at all is
anonymous. Upstream: ``pkg/kubeapiserver/authenticator/config.go`` (order),
``apiserver/pkg/authentication/request/{bearertoken,union,anonymous}``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from k8scourse.api.errors import Unauthorized
from k8scourse.apiserver.certificates import ClientCertificates
from k8scourse.apiserver.users import (
    ANONYMOUS,
    Authenticated,
    Credentials,
    Rejected,
    TokenReader,
    UserInfo,
    user_info,
)

__all__ = ["ANONYMOUS", "Authenticator", "NotAuthenticated", "TokenFile", "UserInfo", "user_info"]

#: The audience of the API server itself: whom a token must be meant for unless somebody asks otherwise.
API_AUDIENCE = "https://kubernetes.default.svc.cluster.local"
API_AUDIENCES = (API_AUDIENCE,)
_NOBODY = Authenticated(ANONYMOUS, "anonymous", {})
_INVALID = "invalid bearer token"


class NotAuthenticated(Unauthorized):
    """401. `errors` are what the ways to know somebody say of the credentials, `key` and `details` our words."""

    def __init__(self, errors: Sequence[str], key: str, details: Mapping[str, Any]) -> None:
        super().__init__("Unauthorized")
        self.errors, self.key, self.why = list(errors), key, details


class TokenFile:
    """Tokens that never end, from a list (`--token-auth-file`).

    `tokens` maps a token to a `UserInfo` or to a user's name; it is read at each request, so that what is added
    later is known at once.
    """

    def __init__(self, tokens: Mapping[str, UserInfo | str]) -> None:
        self._tokens = tokens
        self._known: dict[UserInfo | str, Authenticated] = {}

    def authenticate_token(self, token: str, audiences: tuple[str, ...]) -> Authenticated | None:
        """The user of a token of the list; such a token is good for the API server only."""
        listed = self._tokens.get(token)
        good_for = tuple(each for each in audiences if each in API_AUDIENCES)
        if listed is None or not good_for:
            return None
        known = self._known.get(listed)
        if known is None:
            user = listed if isinstance(listed, UserInfo) else user_info(listed)
            known = self._known[listed] = Authenticated(
                user, "token_file", {"name": user.name}, API_AUDIENCES
            )
        return known


class Authenticator:
    """The chain."""

    def __init__(self, certificates: ClientCertificates, tokens: Sequence[TokenReader]) -> None:
        self._certificates, self._tokens = certificates, tuple(tokens)

    def authenticate(self, credentials: Credentials) -> Authenticated:
        """The user behind a request. Raises `NotAuthenticated` for credentials that nobody takes."""
        rejected: list[Rejected] = []
        if credentials.certificate is not None:
            try:
                found = self._certificates.authenticate(credentials)
            except Rejected as error:
                rejected.append(error)
            else:
                if found is not None:
                    return found
        token = bearer_token(credentials.headers)
        if token:
            try:
                return self.authenticate_token(token)
            except NotAuthenticated as error:
                if not rejected:
                    raise
                raise NotAuthenticated([rejected[0].message, *error.errors], error.key, error.why) from None
        if rejected:
            raise NotAuthenticated([rejected[0].message], rejected[0].key, rejected[0].details)
        return _NOBODY

    def authenticate_token(self, token: str, audiences: tuple[str, ...] = API_AUDIENCES) -> Authenticated:
        """The user behind a token that is to be good for one of the audiences. Raises `NotAuthenticated`."""
        rejected: list[Rejected] = []
        for reader in self._tokens:
            try:
                found = reader.authenticate_token(token, audiences)
            except Rejected as error:
                rejected.append(error)
                continue
            if found is not None:
                return found
        if rejected:
            first = rejected[0]
            raise NotAuthenticated([_INVALID, *(each.message for each in rejected)], first.key, first.details)
        raise NotAuthenticated([_INVALID], "unknown_token", {})


def header(headers: Mapping[str, str], name: str) -> str:
    """The value of a header, however its name is written; "" when there is none."""
    value = headers.get(name)
    if value is not None:
        return value
    wanted = name.lower()
    return next(
        (text for key, text in headers.items() if len(key) == len(wanted) and key.lower() == wanted), ""
    )


def bearer_token(headers: Mapping[str, str]) -> str:
    """The bearer token of a request; "" when it has none, which any other scheme counts as."""
    scheme, _, rest = header(headers, "Authorization").strip().partition(" ")
    return rest.partition(" ")[0] if scheme.lower() == "bearer" else ""

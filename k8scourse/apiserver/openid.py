"""How others check the tokens of service accounts: the issuer's metadata and its public keys.

    /.well-known/openid-configuration     who issues, and where the keys are
    /openid/v1/jwks                       the keys (JSON Web Key Set)

Upstream: ``apiserver/pkg/server/routes/openidmetadata.go``, ``pkg/serviceaccount/openidmetadata.go``.
"""

from __future__ import annotations

from k8scourse.apiserver import jwt
from k8scourse.apiserver.account_tokens import ISSUER
from k8scourse.apiserver.discovery import SERVER_ADDRESS
from k8scourse.apiserver.request import Response

CONFIGURATION = "/.well-known/openid-configuration"
KEYS = "/openid/v1/jwks"
_KEPT = {"Cache-Control": "public, max-age=3600"}


def answer(path: str) -> Response | None:
    """The answer to a path, None when it is none of these two."""
    if path == CONFIGURATION:
        metadata = {
            "issuer": ISSUER,
            "jwks_uri": f"https://{SERVER_ADDRESS}{KEYS}",
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }
        return Response(200, metadata, {**_KEPT, "Content-Type": "application/json"})
    if path == KEYS:
        keys = {"keys": [jwt.COURSE_KEY.public]}
        return Response(200, keys, {**_KEPT, "Content-Type": "application/jwk-set+json"})
    return None

"""Tokens of ServiceAccounts: real JWTs, good for whom they are meant, as long as what they are bound to exists."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from apiserver.support import NODES, PODS, Api, node, pod

from k8scourse.apiserver import jwt
from k8scourse.sim import seconds

ACCOUNT = "/api/v1/namespaces/default/serviceaccounts/default"
TOKENS = f"{ACCOUNT}/token"
REVIEWS = "/apis/authentication.k8s.io/v1/tokenreviews"
ME = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
SECRETS = "/api/v1/namespaces/default/secrets"
US = "https://kubernetes.default.svc.cluster.local"
NAME = "system:serviceaccount:default:default"


def request(api: Api, **spec: Any) -> dict[str, Any]:
    answer: dict[str, Any] = api.post(TOKENS, {"spec": spec})
    return answer


def token(api: Api, **spec: Any) -> str:
    return str(request(api, **spec)["status"]["token"])


def claims(text: str) -> dict[str, Any]:
    part = text.split(".")[1]
    parsed: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return parsed


def review(api: Api, text: str, *audiences: str) -> dict[str, Any]:
    spec = {"token": text, "audiences": list(audiences)} if audiences else {"token": text}
    status: dict[str, Any] = api.post(REVIEWS, {"spec": spec})["status"]
    return status


def error(api: Api, text: str, *audiences: str) -> str:
    status = review(api, text, *audiences)
    assert "authenticated" not in status
    assert api.send("POST", ME, {}, user=text).code == 401 or audiences
    return str(status["error"])


def forged(text: str, header: dict[str, Any] | None = None, signature: bytes = b"", **changed: Any) -> str:
    """The token with another header or other claims, under the old signature unless another is given."""
    old = jwt.take_apart(text)
    assert old is not None
    new_header = jwt.encode(json.dumps(header or dict(old.header)).encode())
    new_claims = jwt.encode(json.dumps({**old.claims, **changed}).encode())
    return f"{new_header}.{new_claims}.{jwt.encode(signature or old.signature)}"


def test_a_token_names_its_account_and_says_what_it_is_for(api: Api) -> None:
    answer = request(api, expirationSeconds=700)
    assert answer["kind"] == "TokenRequest"
    assert answer["spec"] == {"audiences": [US], "expirationSeconds": 700, "boundObjectRef": None}
    assert answer["metadata"]["name"] == "default"
    assert answer["status"]["expirationTimestamp"] == "2026-01-01T00:11:40Z"
    said = claims(answer["status"]["token"])
    assert (said["iss"], said["sub"], said["aud"]) == (US, NAME, [US])
    assert said["exp"] - said["iat"] == 700
    uid = api.get(ACCOUNT)["metadata"]["uid"]
    assert said["kubernetes.io"] == {
        "namespace": "default",
        "serviceaccount": {"name": "default", "uid": uid},
    }
    user = api.post(ME, {}, user=answer["status"]["token"])["status"]["userInfo"]
    assert (user["username"], user["uid"]) == (NAME, uid)
    assert user["groups"] == [
        "system:serviceaccounts",
        "system:serviceaccounts:default",
        "system:authenticated",
    ]
    assert user["extra"] == {"authentication.kubernetes.io/credential-id": [f"JTI={said['jti']}"]}


def test_the_signature_is_one_that_plain_rsa_checks(api: Api) -> None:
    parts = jwt.take_apart(token(api))
    assert parts is not None
    key = jwt.COURSE_KEY.public
    modulus = int.from_bytes(jwt.decode(key["n"]) or b"", "big")
    assert modulus.bit_length() == 2048
    raised = pow(int.from_bytes(parts.signature, "big"), 65537, modulus).to_bytes(256, "big")
    assert raised.startswith(b"\0\1" + b"\xff" * 202 + b"\0" + bytes.fromhex("3031300d0609608648016503"))
    assert parts.header == {"alg": "RS256", "kid": key["kid"]}
    assert jwt.COURSE_KEY.verifies(parts.signed, parts.signature)


def test_a_token_bound_to_a_pod_ends_with_it(api: Api) -> None:
    api.post(NODES, node("node-1"))
    api.post(PODS, pod("p", nodeName="node-1"))
    bound = token(api, boundObjectRef={"apiVersion": "v1", "kind": "Pod", "name": "p"})
    extra = review(api, bound)["user"]["extra"]
    assert extra["authentication.kubernetes.io/pod-name"] == ["p"]
    assert extra["authentication.kubernetes.io/node-name"] == ["node-1"]
    api.delete(f"{PODS}/p")
    api.run(59)
    assert review(api, bound)["authenticated"]  # it is on its way out, and may need its rights for that
    api.run(40)
    gone = "[invalid bearer token, service account token has been invalidated]"
    assert error(api, bound) == gone
    api.delete(f"{PODS}/p", {"gracePeriodSeconds": 0})
    assert error(api, bound) == gone
    api.post(PODS, pod("p"))
    assert "pod UID" in error(api, bound)
    assert "does not match service account pod ref claim" in error(api, bound)


def test_a_token_ends_with_its_account(api: Api) -> None:
    text = token(api)
    api.delete(ACCOUNT)
    assert error(api, text) == '[invalid bearer token, serviceaccounts "default" not found]'
    api.post(ACCOUNT.rpartition("/")[0], {"metadata": {"name": "default"}})
    assert "service account UID" in error(api, text)


@pytest.mark.parametrize(("kind", "path"), [("Secret", SECRETS), ("Node", NODES)])
def test_secrets_and_nodes_can_hold_a_token_too(api: Api, kind: str, path: str) -> None:
    api.post(path, {"metadata": {"name": "thing"}})
    bound = token(api, boundObjectRef={"apiVersion": "v1", "kind": kind, "name": "thing"})
    assert review(api, bound)["authenticated"]
    api.delete(f"{path}/thing")
    assert error(api, bound).endswith("service account token has been invalidated]")


def test_a_token_holds_for_its_time_and_a_minute_more(api: Api) -> None:
    text = token(api, expirationSeconds=600)
    api.run(660)
    assert review(api, text)["authenticated"]
    api.run(2)
    assert error(api, text) == "[invalid bearer token, service account token has expired]"
    answer = api.send("GET", PODS, user=text)
    assert answer.code == 401
    assert answer.reasons[0][1] == "token_expired"


def test_a_token_of_an_hour_for_a_pod_lasts_a_year_and_says_so(api: Api) -> None:
    api.post(PODS, pod("p"))
    answer = request(
        api, expirationSeconds=3607, boundObjectRef={"apiVersion": "v1", "kind": "Pod", "name": "p"}
    )
    said = claims(answer["status"]["token"])
    assert said["exp"] - said["iat"] == 365 * 24 * 3600
    assert said["kubernetes.io"]["warnafter"] - said["iat"] == 3607
    assert answer["status"]["expirationTimestamp"] == "2026-01-01T01:00:07Z"


def test_a_token_for_others_does_not_open_this_door(api: Api) -> None:
    text = token(api, audiences=["vault"])
    assert error(api, text) == (
        f'[invalid bearer token, token audiences ["vault"] is invalid for the target audiences ["{US}"]]'
    )
    status = review(api, text, "bank", "vault")
    assert status["authenticated"]
    assert status["audiences"] == ["vault"]
    assert error(api, text, "bank").startswith("[invalid bearer token, token audiences")


def test_a_forged_token_is_refused(api: Api) -> None:
    text = token(api)
    bad = "[invalid bearer token, go-jose/go-jose: error in cryptographic primitive]"
    unknown = "[invalid bearer token, invalid signature, no keys found]"
    assert error(api, forged(text, sub="system:serviceaccount:kube-system:admin")) == bad
    assert error(api, forged(text, signature=b"\0" * 256)) == bad
    assert error(api, forged(text, signature=b"\xff" * 256)) == bad
    assert error(api, text[:-8]) == bad
    assert error(api, forged(text, {"alg": "none"})) == unknown
    assert error(api, forged(text, {"alg": "none"}).rpartition(".")[0] + ".") == unknown
    assert error(api, forged(text, {"alg": "HS256"})) == unknown
    assert error(api, forged(text, {"alg": "RS256", "kid": "other"})) == unknown
    stranger = jwt.Key(
        [0xE3DEEAB36FEC84890CEB840F75B5282AEE5646EBCC86A2BCE60D14C463A59ADF, jwt.COURSE_KEY._primes[0]]
    )
    assert error(api, jwt.issue(claims(text), stranger)) == unknown
    other = jwt.issue({**claims(text), "iss": "https://elsewhere.example"})
    assert error(api, other) == "invalid bearer token"


@pytest.mark.parametrize(
    "changed",
    [
        {"kubernetes.io": None},
        {"kubernetes.io": {"namespace": "default"}},
        {"kubernetes.io": {"namespace": "default", "serviceaccount": "default"}},
        {"kubernetes.io": {"namespace": "default", "serviceaccount": {"name": "default", "uid": 7}}},
        {"kubernetes.io": {"namespace": "a/b", "serviceaccount": {"name": "..", "uid": "x"}}},
        {"exp": "soon"},
        {"exp": None},
        {"exp": 1e400},
        {"aud": 7},
        {"aud": None},
        {"sub": ["a"], "aud": [["a"]]},
    ],
)
def test_claims_of_a_wrong_shape_are_refused_even_when_they_are_signed(
    api: Api, changed: dict[str, Any]
) -> None:
    text = jwt.issue({**claims(token(api)), **changed})
    assert error(api, text).startswith("[invalid bearer token, ")


@pytest.mark.parametrize(
    "text",
    ["a.b.c", "..", ".", "e30.e30.", "e30.W10.AA", "{}", "e30=.e30=.AA==", "e30.ew.AA", "é.é.é", "a" * 9000],
)
def test_what_is_no_token_is_nobody(api: Api, text: str) -> None:
    assert error(api, text) == "invalid bearer token"


@pytest.mark.parametrize(
    ("spec", "code", "message"),
    [
        (
            {"expirationSeconds": 599},
            422,
            'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 599: '
            "may not specify a duration less than 10 minutes",
        ),
        ({"expirationSeconds": 2**32 + 1}, 422, "may not specify a duration larger than 2^32 seconds"),
        (
            {"boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": "ghost"}},
            404,
            'pods "ghost" not found',
        ),
        (
            {"boundObjectRef": {"apiVersion": "v1", "kind": "ConfigMap", "name": "c"}},
            400,
            "cannot bind token to object of type /v1, Kind=ConfigMap",
        ),
        (
            {"boundObjectRef": {"apiVersion": "apps/v1", "kind": "Pod", "name": "c"}},
            400,
            "cannot bind token to object of type apps/v1, Kind=Pod",
        ),
        (
            {"boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "other"}},
            409,
            'Operation cannot be fulfilled on Pod "p": the UID in the bound object reference (other) does not match '
            "the UID in record. The object might have been deleted and then recreated",
        ),
        (
            {"boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": "q"}},
            400,
            'cannot bind token for serviceaccount "default" to pod running with different serviceaccount name.',
        ),
        ({"expirationSeconds": "long"}, 400, "cannot be handled as a TokenRequest"),
    ],
)
def test_what_a_token_may_not_be_asked_for(api: Api, spec: dict[str, Any], code: int, message: str) -> None:
    api.post(ACCOUNT.rpartition("/")[0], {"metadata": {"name": "other"}})
    api.post(PODS, pod("p"))
    api.post(PODS, pod("q", serviceAccountName="other"))
    assert message in api.refused(code, "POST", TOKENS, {"spec": spec})


def test_a_token_needs_its_account_and_the_right_name(api: Api) -> None:
    ghost = "/api/v1/namespaces/default/serviceaccounts/ghost/token"
    assert api.refused(404, "POST", ghost, {}) == 'serviceaccounts "ghost" not found'
    assert "must match the service account name if specified" in api.refused(
        422, "POST", TOKENS, {"metadata": {"name": "x"}}
    )
    api.refused(403, "POST", TOKENS, {}, user="viewer")
    api.refused(405, "GET", TOKENS)


def test_a_kubelet_asks_for_the_tokens_of_its_pods_only(api: Api) -> None:
    uid = api.post(PODS, pod("p", nodeName="node-1"))["metadata"]["uid"]
    bound = {"boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": uid}}
    api.post(TOKENS, {"spec": bound}, user="node-1")
    api.refused(403, "POST", TOKENS, {"spec": bound}, user="node-2")


def test_the_same_token_is_made_again_by_the_same_history() -> None:
    texts = []
    for _ in range(2):
        api = Api()
        api.post(ACCOUNT.rpartition("/")[0], {"metadata": {"name": "default"}})
        texts.append(token(api))
    assert texts[0] == texts[1]


def test_a_bootstrap_token_is_a_secret_in_kube_system(api: Api) -> None:
    fields = {
        "token-id": "abcdef",
        "token-secret": "0123456789abcdef",
        "usage-bootstrap-authentication": "true",
        "auth-extra-groups": "system:bootstrappers:kubeadm:default-node-token",
        "expiration": "2026-01-01T01:00:00Z",
    }
    path = "/api/v1/namespaces/kube-system/secrets"
    metadata = {"name": "bootstrap-token-abcdef"}
    api.post(path, {"metadata": metadata, "type": "bootstrap.kubernetes.io/token", "stringData": fields})
    user = review(api, "abcdef.0123456789abcdef")["user"]
    assert user["username"] == "system:bootstrap:abcdef"
    assert user["groups"] == [
        "system:bootstrappers",
        "system:bootstrappers:kubeadm:default-node-token",
        "system:authenticated",
    ]
    assert error(api, "abcdef.0123456789abcdee") == "invalid bearer token"
    api.sim.run(seconds(3600))
    assert error(api, "abcdef.0123456789abcdef") == "invalid bearer token"

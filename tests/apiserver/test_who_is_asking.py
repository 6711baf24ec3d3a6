"""The first stage: certificate, token, nobody."""

from __future__ import annotations

import pytest
from apiserver.support import Api

from k8scourse.apiserver import Certificate, Request, Response
from k8scourse.sim import SECOND

ME = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
JANE = Certificate("jane", ("developers",))


def ask(api: Api, *, certificate: Certificate | None = None, **headers: str) -> Response:
    answer = api.server.handle(Request("POST", ME, {}, headers, {}, certificate=certificate))
    api.check_no_panic()
    assert isinstance(answer, Response)
    return answer


def who(api: Api, *, certificate: Certificate | None = None, **headers: str) -> str:
    answer = ask(api, certificate=certificate, **headers)
    if answer.code == 401:
        return "401"
    if answer.code == 403:
        return str(answer.body["message"].split('"')[1])
    return str(answer.body["status"]["userInfo"]["username"])


def test_a_certificate_names_a_user_and_its_groups(api: Api) -> None:
    user = ask(api, certificate=JANE).body["status"]["userInfo"]
    assert user["username"] == "jane"
    assert user["groups"] == ["developers", "system:authenticated"]
    assert user["extra"]["authentication.kubernetes.io/credential-id"] == [f"X509SHA256={JANE.fingerprint}"]


def test_a_certificate_comes_before_a_token(api: Api) -> None:
    assert who(api, certificate=JANE, Authorization="Bearer viewer") == "jane"
    assert who(api, certificate=JANE, Authorization="Bearer nobody-knows-this") == "jane"


@pytest.mark.parametrize(
    ("certificate", "reason"),
    [
        (JANE._replace(issuer="somebody-else"), "unknown_authority"),
        (JANE._replace(not_after=SECOND), "certificate_expired"),
        (JANE._replace(not_before=10**18), "certificate_too_new"),
    ],
)
def test_a_certificate_that_is_no_good_is_401(api: Api, certificate: Certificate, reason: str) -> None:
    api.run(5)
    answer = ask(api, certificate=certificate)
    assert answer.code == 401
    assert answer.body["message"] == "Unauthorized"
    assert answer.reasons[0][:2] == ("authenticate", reason)
    assert answer.stages == [["authenticate", "refused"]]


def test_a_good_token_saves_a_caller_with_a_bad_certificate(api: Api) -> None:
    stranger = JANE._replace(issuer="somebody-else")
    assert who(api, certificate=stranger, Authorization="Bearer viewer") == "viewer"
    assert who(api, certificate=stranger, Authorization="Bearer wrong") == "401"


def test_a_certificate_without_a_name_is_nobody(api: Api) -> None:
    assert who(api, certificate=Certificate("")) == "system:anonymous"


def test_no_header_stands_for_a_certificate(api: Api) -> None:
    forged = {"certificate": "CN=jane", "X-Remote-User": "jane", "X-Remote-Group": "system:masters"}
    assert who(api, **forged) == "system:anonymous"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bearer viewer", "viewer"),
        ("bearer viewer", "viewer"),
        ("  Bearer viewer  ", "viewer"),
        ("Bearer viewer and-more", "viewer"),
        ("Bearer wrong", "401"),
        ("Bearer \u00e9\x7f", "401"),
        ("Bearer a.b.c", "401"),
        ("Bearer ", "system:anonymous"),
        ("Bearer  viewer", "system:anonymous"),
        ("Basic dmlld2VyOg==", "system:anonymous"),
        ("viewer", "system:anonymous"),
        ("", "system:anonymous"),
    ],
)
def test_what_counts_as_a_bearer_token(api: Api, text: str, expected: str) -> None:
    assert who(api, Authorization=text) == expected
    assert who(api, AUTHORIZATION=text) == expected


def test_a_request_with_a_wrong_certificate_type_is_nobody(api: Api) -> None:
    answer = api.server.handle(Request("POST", ME, {}, {}, {}, certificate={"cn": "jane"}))  # type: ignore[arg-type]
    assert isinstance(answer, Response)
    assert answer.code == 403
    api.check_no_panic()


def test_who_may_not_ask_is_not_told_that_there_is_nothing(api: Api) -> None:
    assert api.refused(403, "GET", "/api/v1/gizmos", user="viewer") == (
        'gizmos is forbidden: User "viewer" cannot list resource "gizmos" in API group "" at the cluster scope'
    )
    path = "/apis/stable.example.com/v1/namespaces/default/crontabs/a/status"
    assert api.refused(403, "PATCH", path, {}, user="viewer") == (
        'crontabs.stable.example.com "a" is forbidden: User "viewer" cannot patch resource "crontabs/status" '
        'in API group "stable.example.com" in the namespace "default"'
    )
    assert api.refused(403, "POST", "/healthz", user="viewer").endswith('cannot post path "/healthz"')
    api.refused(404, "GET", "/api/v1/gizmos")
    assert api.send("GET", "/apis/stable.example.com/v1/crontabs").body == "404 page not found\n"
    api.refused(405, "PUT", "/api/v1/namespaces/default/pods")

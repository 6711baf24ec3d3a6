"""Acting as somebody else, for those who may."""

from __future__ import annotations

from typing import Any

import pytest
from apiserver.support import PODS, Api

from k8scourse.apiserver import Request, Response

RBAC = "/apis/rbac.authorization.k8s.io/v1"
ME = "/apis/authentication.k8s.io/v1/selfsubjectreviews"


def send(
    api: Api, path: str, user: str = "admin", method: str = "GET", body: Any = None, **wish: str
) -> Response:
    headers = {f"Impersonate-{name.replace('_', '-')}": text for name, text in wish.items()}
    answer = api.server.handle(
        Request(method, path, {}, {"Authorization": f"Bearer {user}", **headers}, body)
    )
    api.check_no_panic()
    assert isinstance(answer, Response)
    return answer


def me(api: Api, **wish: str) -> Any:
    return send(api, ME, method="POST", body={}, **wish).body["status"]["userInfo"]


def let_viewer(api: Api, *rules: dict[str, Any]) -> None:
    reference = {"kind": "ClusterRole", "name": "r", "apiGroup": "rbac.authorization.k8s.io"}
    subject = {"kind": "User", "name": "viewer", "apiGroup": "rbac.authorization.k8s.io"}
    api.post(f"{RBAC}/clusterroles", {"metadata": {"name": "r"}, "rules": list(rules)})
    binding = {"metadata": {"name": "b"}, "roleRef": reference, "subjects": [subject]}
    api.post(f"{RBAC}/clusterrolebindings", binding)


def rule(verb: str, group: str, resource: str, *names: str) -> dict[str, Any]:
    rest = {"resourceNames": list(names)} if names else {}
    return {"verbs": [verb], "apiGroups": [group], "resources": [resource], **rest}


def test_an_administrator_acts_as_anybody(api: Api) -> None:
    assert me(api, User="jane") == {"username": "jane", "groups": ["system:authenticated"]}
    assert me(api, User="jane", Group="a\nb", Uid="7")["groups"] == ["a", "b", "system:authenticated"]
    extra = me(api, User="jane", **{"Extra-example.com%2fscope": "x\ny"})["extra"]
    assert extra == {"example.com/scope": ["x", "y"]}
    assert me(api, User="system:serviceaccount:default:robot")["groups"][:2] == [
        "system:serviceaccounts",
        "system:serviceaccounts:default",
    ]
    assert me(api, User="system:node:n1")["groups"] == ["system:nodes", "system:authenticated"]
    assert send(api, PODS, User="jane").code == 403
    assert send(api, PODS, User="jane", Group="system:masters").code == 200


def test_acting_as_nobody_is_being_nobody(api: Api) -> None:
    answer = send(api, PODS, User="system:anonymous")
    assert 'User "system:anonymous"' in answer.body["message"]
    assert send(api, "/version", User="system:anonymous").code == 200


def test_the_road_shows_both_names(api: Api) -> None:
    answer = send(api, PODS, User="jane")
    assert answer.stages == [["authenticate", "ok"], ["impersonate", "ok"], ["authorize", "refused"]]
    assert ("impersonate", "as", {"actor": "kubernetes-admin", "name": "jane"}) in answer.reasons
    assert answer.info.user == "jane"


def test_who_may_not_is_told_about_the_narrower_right(api: Api) -> None:
    answer = send(api, PODS, "viewer", User="jane")
    assert answer.body["message"] == (
        'pods is forbidden: User "viewer" cannot impersonate-on:user-info:list resource "pods" in API group "" '
        'in the namespace "default"'
    )
    assert answer.stages == [["authenticate", "ok"], ["impersonate", "refused"]]


def test_the_older_right_opens_everything_that_the_other_may(api: Api) -> None:
    let_viewer(api, rule("impersonate", "", "users", "jane"))
    assert 'User "jane"' in send(api, PODS, "viewer", User="jane").body["message"]
    assert 'User "viewer"' in send(api, PODS, "viewer", User="joe").body["message"]
    assert 'User "viewer"' in send(api, PODS, "viewer", User="jane", Group="cooks").body["message"]


def test_the_newer_right_is_for_one_thing_only(api: Api) -> None:
    let_viewer(
        api,
        rule("impersonate:user-info", "authentication.k8s.io", "users", "jane"),
        rule("impersonate:user-info", "authentication.k8s.io", "groups"),
        rule("impersonate-on:user-info:list", "", "pods"),
    )
    assert 'User "jane"' in send(api, PODS, "viewer", User="jane").body["message"]
    assert 'User "jane"' in send(api, PODS, "viewer", User="jane", Group="cooks").body["message"]
    assert (
        "cannot impersonate-on:user-info:get" in send(api, f"{PODS}/p", "viewer", User="jane").body["message"]
    )
    assert (
        send(api, PODS, "viewer", User="jane", Group="system:masters")
        .body["message"]
        .endswith("impersonating the system:masters group is not allowed")
    )


@pytest.mark.parametrize(
    "wish", [{"Group": "a"}, {"Uid": "1"}, {"Extra-Scope": "x"}, {"Group": "a\nb", "Uid": "u", "User": ""}]
)
def test_groups_without_a_user_make_no_sense(api: Api, wish: dict[str, str]) -> None:
    answer = send(api, PODS, **wish)
    assert answer.code == 400
    assert answer.body["message"].startswith('requested &user.DefaultInfo{Name:"", UID:')
    assert answer.body["message"].endswith("} without impersonating a user name")


def test_headers_are_read_however_they_are_written(api: Api) -> None:
    headers = {"authorization": "Bearer admin", "IMPERSONATE-USER": "jane"}
    answer = api.server.handle(Request("GET", PODS, {}, headers))
    assert isinstance(answer, Response)
    assert 'User "jane"' in answer.body["message"]

"""Rights out of objects: roles, bindings, and the questions about them."""

from __future__ import annotations

from typing import Any

from apiserver.support import CONFIG_MAPS, PODS, Api

RBAC = "/apis/rbac.authorization.k8s.io/v1"
ROLES = f"{RBAC}/namespaces/default/roles"
BINDINGS = f"{RBAC}/namespaces/default/rolebindings"
CAN_I = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
VIEWER = {"kind": "User", "name": "viewer", "apiGroup": "rbac.authorization.k8s.io"}


def rule(*verbs: str, resources: tuple[str, ...] = ("pods",), **more: Any) -> dict[str, Any]:
    return {"apiGroups": [""], "resources": list(resources), "verbs": list(verbs), **more}


def role_ref(kind: str, name: str) -> dict[str, str]:
    return {"kind": kind, "name": name, "apiGroup": "rbac.authorization.k8s.io"}


def let_viewer(api: Api, *rules: dict[str, Any]) -> None:
    api.post(ROLES, {"metadata": {"name": "r"}, "rules": list(rules)})
    api.post(BINDINGS, {"metadata": {"name": "b"}, "roleRef": role_ref("Role", "r"), "subjects": [VIEWER]})


def test_a_role_allows_what_it_says_where_it_is_bound(api: Api) -> None:
    api.refused(403, "GET", PODS, user="viewer")
    let_viewer(api, rule("get", "list"))
    api.get(PODS, user="viewer")
    api.refused(403, "GET", "/api/v1/namespaces/kube-system/pods", user="viewer")
    api.refused(403, "GET", f"{PODS}?watch=1", user="viewer")
    api.delete(f"{BINDINGS}/b")
    api.refused(403, "GET", PODS, user="viewer")


def test_names_narrow_a_rule_and_subresources_are_resources_of_their_own(api: Api) -> None:
    let_viewer(
        api,
        rule("get", resources=("configmaps",), resourceNames=["one"]),
        rule("patch", resources=("*/scale",), apiGroups=["apps"]),
    )
    api.refused(404, "GET", f"{CONFIG_MAPS}/one", user="viewer")
    api.refused(403, "GET", f"{CONFIG_MAPS}/two", user="viewer")
    api.refused(403, "GET", CONFIG_MAPS, user="viewer")
    deployment = "/apis/apps/v1/namespaces/default/deployments/web"
    merge = "application/merge-patch+json"
    api.refused(404, "PATCH", f"{deployment}/scale", {}, user="viewer", content_type=merge)
    api.refused(403, "PATCH", deployment, {}, user="viewer", content_type=merge)


def test_a_cluster_role_binding_reaches_every_namespace(api: Api) -> None:
    binding = {"metadata": {"name": "b"}, "roleRef": role_ref("ClusterRole", "view"), "subjects": [VIEWER]}
    api.post(f"{RBAC}/clusterrolebindings", binding)
    api.get("/api/v1/namespaces/kube-system/pods", user="viewer")
    api.refused(403, "GET", "/api/v1/namespaces/kube-system/secrets", user="viewer")


def test_nobody_gives_away_more_than_they_have(api: Api) -> None:
    let_viewer(
        api,
        {
            "apiGroups": ["rbac.authorization.k8s.io"],
            "resources": ["roles", "rolebindings"],
            "verbs": ["create"],
        },
        rule("get"),
    )
    api.post(ROLES, {"metadata": {"name": "same"}, "rules": [rule("get")]}, user="viewer")
    message = api.refused(
        403, "POST", ROLES, {"metadata": {"name": "more"}, "rules": [rule("get", "delete")]}, user="viewer"
    )
    assert message.endswith('not currently held:\n{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}')
    binding = {"metadata": {"name": "x"}, "roleRef": role_ref("ClusterRole", "cluster-admin")}
    assert 'Resources:["*"]' in api.refused(403, "POST", BINDINGS, binding, user="viewer")


def test_a_user_may_ask_what_they_may(api: Api) -> None:
    let_viewer(api, rule("list"))
    asked = {"namespace": "default", "verb": "list", "resource": "pods"}
    status = api.post(CAN_I, {"spec": {"resourceAttributes": asked}}, user="viewer")["status"]
    assert status["allowed"]
    assert status["reason"] == 'RBAC: allowed by RoleBinding "b/default" of Role "r" to User "viewer"'
    asked["verb"] = "delete"
    assert api.post(CAN_I, {"spec": {"resourceAttributes": asked}}, user="viewer")["status"] == {
        "allowed": False
    }
    api.refused(422, "POST", CAN_I, {"spec": {}}, user="viewer")
    me = api.post("/apis/authentication.k8s.io/v1/selfsubjectreviews", {}, user="viewer")["status"][
        "userInfo"
    ]
    assert me == {"username": "viewer", "groups": ["viewers", "system:authenticated"]}


def test_others_are_asked_about_by_those_who_may(api: Api) -> None:
    path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
    spec = {"user": "system:kube-scheduler", "resourceAttributes": {"verb": "list", "resource": "nodes"}}
    assert api.post(path, {"spec": spec})["status"]["allowed"]
    api.refused(403, "POST", path, {"spec": spec}, user="viewer")


def test_a_write_that_leaves_the_rules_alone_is_a_write_of_them_all_the_same(api: Api) -> None:
    api.post(ROLES, {"metadata": {"name": "more"}, "rules": [rule("delete")]})
    let_viewer(
        api,
        {"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles"], "verbs": ["patch"]},
        rule("get"),
    )
    labelled = {"metadata": {"labels": {"a": "b"}}}
    merge = "application/merge-patch+json"
    assert "not currently held" in api.refused(
        403, "PATCH", f"{ROLES}/more", labelled, user="viewer", content_type=merge
    )
    api.patch(f"{ROLES}/more", {"metadata": {"finalizers": ["example.com/f"]}}, user="viewer")


def test_only_who_may_everything_puts_roles_together(api: Api) -> None:
    verbs = ["create", "update", "patch"]
    roles = {"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["clusterroles"], "verbs": verbs}
    api.post(f"{RBAC}/clusterroles", {"metadata": {"name": "r"}, "rules": [roles, rule("get")]})
    binding = {"metadata": {"name": "b"}, "roleRef": role_ref("ClusterRole", "r"), "subjects": [VIEWER]}
    api.post(f"{RBAC}/clusterrolebindings", binding)
    aggregated = {"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]}
    body = {"metadata": {"name": "whole"}, "aggregationRule": aggregated}
    message = api.refused(403, "POST", f"{RBAC}/clusterroles", body, user="viewer")
    assert message.endswith("must have cluster-admin privileges to use an aggregationRule")
    api.post(f"{RBAC}/clusterroles", {"metadata": {"name": "plain"}, "rules": [rule("get")]}, user="viewer")
    api.post(f"{RBAC}/clusterroles", body)


def test_the_right_to_escalate_or_to_bind_is_a_right_of_its_own(api: Api) -> None:
    let_viewer(
        api,
        {"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles"], "verbs": ["create", "escalate"]},
        {"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["rolebindings"], "verbs": ["create"]},
        {
            "apiGroups": ["rbac.authorization.k8s.io"],
            "resources": ["clusterroles"],
            "verbs": ["bind"],
            "resourceNames": ["view"],
        },
    )
    api.post(ROLES, {"metadata": {"name": "all"}, "rules": [rule("*")]}, user="viewer")
    binding = {"metadata": {"name": "v"}, "roleRef": role_ref("ClusterRole", "view"), "subjects": [VIEWER]}
    api.post(BINDINGS, binding, user="viewer")
    more = {"metadata": {"name": "e"}, "roleRef": role_ref("ClusterRole", "edit"), "subjects": [VIEWER]}
    api.refused(403, "POST", BINDINGS, more, user="viewer")


def test_what_a_kubelet_may_is_not_all_written_in_rules(api: Api) -> None:
    path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
    status = api.post(path, {"spec": {"namespace": "default"}}, user="node-1")["status"]
    assert status["incomplete"]
    assert status["evaluationError"] == "node authorizer does not support user rule resolution"
    assert not api.post(path, {"spec": {"namespace": "default"}}, user="viewer")["status"]["incomplete"]


def test_a_right_taken_while_the_server_lost_sight_of_etcd_is_gone(api: Api) -> None:
    let_viewer(api, rule("get", "list"))
    api.get(PODS, user="viewer")
    api.stop_etcd()
    assert api.send("GET", PODS, user="viewer").code == 500
    api.start_etcd()
    api.delete(f"{BINDINGS}/b")
    api.refused(403, "GET", PODS, user="viewer")
    api.refused(403, "GET", CONFIG_MAPS, user="viewer")
    api.refused(403, "GET", PODS, user="viewer")


def test_who_may_bind_a_role_may_bind_it_before_it_exists(api: Api) -> None:
    group = "rbac.authorization.k8s.io"
    rules = [
        {"apiGroups": [group], "resources": ["rolebindings"], "verbs": ["create"]},
        {"apiGroups": [group], "resources": ["clusterroles"], "verbs": ["bind"], "resourceNames": ["later"]},
    ]
    let_viewer(api, *rules)
    later = {"roleRef": role_ref("ClusterRole", "later"), "subjects": [VIEWER]}
    api.post(BINDINGS, {"metadata": {"name": "later"}, **later}, user="viewer")
    other = {"roleRef": role_ref("ClusterRole", "other"), "subjects": [VIEWER]}
    api.refused(404, "POST", BINDINGS, {"metadata": {"name": "other"}, **other}, user="viewer")
    for broken in ({}, {"roleRef": {}}, {"roleRef": {"kind": "User"}}):
        api.refused(422, "POST", BINDINGS, {"metadata": {"name": "x"}, **broken}, user="viewer")

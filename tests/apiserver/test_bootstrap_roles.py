"""The roles of the system are objects: they can be read, bound, broken, and come back with the next start."""

from __future__ import annotations

from apiserver.support import PODS, Api

RBAC = "/apis/rbac.authorization.k8s.io/v1"
ROLES, BINDINGS = f"{RBAC}/clusterroles", f"{RBAC}/clusterrolebindings"
VIEWER = {"kind": "User", "name": "viewer", "apiGroup": "rbac.authorization.k8s.io"}


def test_a_new_cluster_has_the_roles_of_the_system(api: Api) -> None:
    names = [role["metadata"]["name"] for role in api.get(ROLES)["items"]]
    assert {"cluster-admin", "admin", "edit", "view", "system:node", "system:kube-scheduler"} <= {*names}
    assert len([name for name in names if name.startswith("system:controller:")]) == 37
    view = api.get(f"{ROLES}/view")
    assert view["metadata"]["labels"] == {
        "kubernetes.io/bootstrapping": "rbac-defaults",
        "rbac.authorization.k8s.io/aggregate-to-edit": "true",
    }
    assert view["metadata"]["annotations"] == {"rbac.authorization.kubernetes.io/autoupdate": "true"}
    assert view["rules"] == api.get(f"{ROLES}/system:aggregate-to-view")["rules"]
    node = api.get(f"{BINDINGS}/system:node")
    assert "subjects" not in node
    reader = api.get(
        f"{RBAC}/namespaces/kube-system/rolebindings/system::extension-apiserver-authentication-reader"
    )
    assert reader["roleRef"]["kind"] == "Role"


def test_the_priority_classes_of_the_system_are_stored(api: Api) -> None:
    items = api.get("/apis/scheduling.k8s.io/v1/priorityclasses")["items"]
    assert {item["metadata"]["name"]: item["value"] for item in items} == {
        "system-cluster-critical": 2_000_000_000,
        "system-node-critical": 2_000_001_000,
    }


def test_without_its_binding_the_scheduler_may_nothing_until_the_server_starts_again(api: Api) -> None:
    api.get("/api/v1/pods", user="scheduler")
    api.delete(f"{BINDINGS}/system:kube-scheduler")
    api.refused(403, "GET", "/api/v1/pods", user="scheduler")
    api.run(60)
    api.refused(403, "GET", "/api/v1/pods", user="scheduler")
    api.restart_server()
    api.get("/api/v1/pods", user="scheduler")


def test_a_missing_role_is_named_in_the_refusal(api: Api) -> None:
    api.delete(f"{ROLES}/system:kube-scheduler")
    assert api.refused(403, "GET", PODS, user="scheduler").endswith(
        'in the namespace "default": RBAC: clusterrole.rbac.authorization.k8s.io "system:kube-scheduler" not found'
    )


def test_a_start_completes_what_is_there_and_leaves_what_was_added(api: Api) -> None:
    role = api.get(f"{ROLES}/system:kube-scheduler")
    extra = {"apiGroups": ["example.com"], "resources": ["gizmos"], "verbs": ["get"]}
    api.put(f"{ROLES}/system:kube-scheduler", {**role, "rules": [extra, role["rules"][0]]})
    binding = api.get(f"{BINDINGS}/system:kube-scheduler")
    api.put(f"{BINDINGS}/system:kube-scheduler", {**binding, "subjects": [VIEWER]})
    api.restart_server()
    rules = api.get(f"{ROLES}/system:kube-scheduler")["rules"]
    assert rules[0] == extra
    api.get("/api/v1/pods", user="scheduler")
    subjects = api.get(f"{BINDINGS}/system:kube-scheduler")["subjects"]
    assert [subject["name"] for subject in subjects] == ["viewer", "system:kube-scheduler"]


def test_what_is_marked_so_is_left_alone(api: Api) -> None:
    off = {"metadata": {"annotations": {"rbac.authorization.kubernetes.io/autoupdate": "false"}}}
    api.patch(f"{ROLES}/system:discovery", {**off, "rules": []})
    api.restart_server()
    assert not api.get(f"{ROLES}/system:discovery").get("rules")


def test_masters_may_everything_whatever_the_roles_say(api: Api) -> None:
    api.delete(f"{BINDINGS}/cluster-admin")
    api.delete(f"{ROLES}/cluster-admin")
    api.get(PODS)


def test_each_start_of_the_server_stores_nothing_new(api: Api) -> None:
    before = api.store.revision
    api.restart_server()
    assert api.store.revision == before


def test_a_refused_request_says_why_and_an_allowed_one_by_what(api: Api) -> None:
    allowed = api.send("GET", "/api/v1/pods", user="controllers").reasons
    assert allowed[1] == (
        "authorize",
        "rbac",
        {
            "binding": "ClusterRoleBinding system:controller:attachdetach-controller",
            "role": "ClusterRole system:controller:attachdetach-controller",
            "subject": "User system:kube-controller-manager",
        },
    )
    assert api.send("GET", PODS, user="viewer").reasons[1][1] == "denied"
    assert api.send("GET", PODS).reasons[1][1] == "masters"

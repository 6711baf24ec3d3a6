"""What the plug-ins of admission do to Pods and Nodes."""

from __future__ import annotations

from apiserver.support import NODES, PODS, SERVICE_ACCOUNTS, Api, mirror_pod, node, pod

MOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"


def test_a_pod_finds_its_token(api: Api) -> None:
    spec = api.post(PODS, pod("p", volumes=[{"name": "v", "emptyDir": {}}]))["spec"]
    assert (spec["serviceAccountName"], spec["serviceAccount"]) == ("default", "default")
    volume = spec["volumes"][-1]
    assert volume["name"].startswith("kube-api-access-")
    assert volume["projected"]["sources"][0] == {
        "serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}
    }
    assert spec["containers"][0]["volumeMounts"] == [
        {"name": volume["name"], "readOnly": True, "mountPath": MOUNT}
    ]


def test_a_pod_or_its_account_may_decline_the_token(api: Api) -> None:
    assert "volumes" not in api.post(PODS, pod("p", automountServiceAccountToken=False))["spec"]
    api.post(SERVICE_ACCOUNTS, {"metadata": {"name": "shy"}, "automountServiceAccountToken": False})
    assert "volumes" not in api.post(PODS, pod("q", serviceAccountName="shy"))["spec"]


def test_pull_secrets_come_with_the_account(api: Api) -> None:
    api.post(SERVICE_ACCOUNTS, {"metadata": {"name": "robot"}, "imagePullSecrets": [{"name": "key"}]})
    assert api.post(PODS, pod("p", serviceAccountName="robot"))["spec"]["imagePullSecrets"] == [
        {"name": "key"}
    ]


def test_an_unknown_account_is_refused(api: Api) -> None:
    message = api.refused(403, "POST", PODS, pod("p", serviceAccountName="ghost"))
    assert message.endswith(
        'error looking up service account default/ghost: serviceaccount "ghost" not found'
    )


def test_a_pod_tolerates_a_silent_node_for_five_minutes(api: Api) -> None:
    tolerations = api.post(PODS, pod("p"))["spec"]["tolerations"]
    assert [(one["key"], one["tolerationSeconds"]) for one in tolerations] == [
        ("node.kubernetes.io/not-ready", 300),
        ("node.kubernetes.io/unreachable", 300),
    ]
    everything = [{"operator": "Exists"}]
    assert api.post(PODS, pod("q", tolerations=everything))["spec"]["tolerations"] == everything


def test_a_priority_class_becomes_a_number(api: Api) -> None:
    assert api.post(PODS, pod("p"))["spec"]["priority"] == 0
    spec = api.post(PODS, pod("q", priorityClassName="system-node-critical"))["spec"]
    assert (spec["priority"], spec["preemptionPolicy"]) == (2_000_001_000, "PreemptLowerPriority")
    assert "must not be provided in pod spec" in api.refused(403, "POST", PODS, pod("r", priority=5))


def test_a_new_node_is_tainted_until_it_is_ready(api: Api) -> None:
    taint = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
    assert api.post(NODES, node("node-1"))["spec"]["taints"] == [taint]


def test_a_runtime_class_that_does_not_exist_is_refused(api: Api) -> None:
    assert 'RuntimeClass "fast" not found' in api.refused(
        403, "POST", PODS, pod("p", runtimeClassName="fast")
    )


def test_a_mirror_pod_has_no_account(api: Api) -> None:
    api.post(NODES, node("node-1"))
    spec = api.post(PODS, mirror_pod(api, "etcd-node-1", "node-1"), user="node-1")["spec"]
    assert "serviceAccountName" not in spec

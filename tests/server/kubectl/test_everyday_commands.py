"""What people type every day, typed into the real kubectl."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from .conftest import Kubectl

Here = Callable[..., str]

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: nginx, image: "nginx:1.27"}]
"""


def test_a_deployment_is_created_rolled_out_scaled_and_deleted(namespace: Here) -> None:
    assert (
        namespace("create deployment web --image=nginx:1.27 --replicas=2") == "deployment.apps/web created\n"
    )
    assert 'deployment "web" successfully rolled out' in namespace(
        "rollout status deployment web --timeout=60s"
    )
    assert namespace("scale deployment web --replicas=3") == "deployment.apps/web scaled\n"
    assert namespace("wait deployment web --for=jsonpath={.status.readyReplicas}=3 --timeout=60s")
    assert namespace("get deployment web --no-headers").split()[:2] == ["web", "3/3"]
    assert namespace("delete deployment web") == 'deployment.apps "web" deleted\n'


def test_what_create_sends_in_protobuf_arrives_whole(namespace: Here) -> None:
    lines = {
        "configmap c --from-literal=a=b": ("configmap c", {"data": {"a": "b"}}),
        "secret generic s --from-literal=a=b": ("secret s", {"data": {"a": "Yg=="}, "type": "Opaque"}),
        "serviceaccount robot": ("serviceaccount robot", {}),
        "quota q --hard=pods=3": ("quota q", {"spec": {"hard": {"pods": "3"}}}),
        "service clusterip front --tcp=80:8080": ("service front", {}),
        "job j --image=busybox -- true": ("job j", {}),
        "cronjob cj --image=busybox --schedule='@hourly' -- true": ("cronjob cj", {}),
        "ingress i --rule=a.example.com/*=front:80": ("ingress i", {}),
        "pdb p --selector=app=web --min-available=50%": ("pdb p", {}),
        "role r --verb=get,list --resource=pods": (
            "role r",
            {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}]},
        ),
        "rolebinding b --role=r --user=joe": ("rolebinding b", {}),
    }
    for line, (wanted, parts) in lines.items():
        assert namespace(f"create {line}").endswith(" created\n"), line
        stored = json.loads(namespace(f"get {wanted} -o json"))
        assert {name: stored[name] for name in parts} == parts
    job = json.loads(namespace("get job j -o json"))
    container = job["spec"]["template"]["spec"]["containers"][0]
    assert (container["image"], container["command"]) == ("busybox", ["true"])
    budget = json.loads(namespace("get pdb p -o json"))
    assert budget["spec"]["minAvailable"] == "50%"


def test_apply_says_created_unchanged_and_configured(namespace: Here) -> None:
    assert namespace("apply -f -", stdin=WEB) == "deployment.apps/web created\n"
    assert namespace("apply -f -", stdin=WEB) == "deployment.apps/web unchanged\n"
    more = WEB.replace("replicas: 2", "replicas: 3")
    assert namespace("apply -f -", stdin=more) == "deployment.apps/web configured\n"
    assert (
        namespace("apply --server-side --force-conflicts -f -", stdin=more)
        == "deployment.apps/web serverside-applied\n"
    )


def test_a_file_of_fifty_documents_is_applied(namespace: Here) -> None:
    documents = "---".join(
        f"\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{number}}}\ndata: {{a: b}}\n"
        for number in range(50)
    )
    assert namespace("apply -f -", stdin=documents).count(" created") == 50
    assert len(namespace("get configmaps -o name").splitlines()) == 51


def test_diff_shows_what_apply_would_change(kubectl: Kubectl, namespace: Here) -> None:
    namespace("apply -f -", stdin=WEB)
    name = kubectl("get namespaces -o name").splitlines()
    here = next(each for each in name if each.endswith("test-diff-shows-what-apply-would-change"))
    done = kubectl.run(
        f"-n {here.partition('/')[2]} diff -f -", stdin=WEB.replace("replicas: 2", "replicas: 5")
    )
    assert (done.returncode, "-  replicas: 2" in done.stdout, "+  replicas: 5" in done.stdout) == (
        1,
        True,
        True,
    )


def test_edit_runs_an_editor(namespace: Here) -> None:
    namespace("create configmap c --from-literal=a=before")
    said = namespace("edit configmap c", KUBE_EDITOR="sed -i s/before/after/")
    assert said == "configmap/c edited\n"
    assert namespace("get configmap c -o jsonpath={.data.a}") == "after"


def test_patches_of_every_type(namespace: Here) -> None:
    namespace("create deployment web --image=nginx:1.27")
    assert (
        namespace("""patch deployment web -p '{"spec":{"replicas":2}}'""") == "deployment.apps/web patched\n"
    )
    namespace("""patch deployment web --type=merge -p '{"metadata":{"labels":{"a":"b"}}}'""")
    patch = '[{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"nginx:1.28"}]'
    namespace(f"patch deployment web --type=json -p '{patch}'")
    shown = namespace("get deployment web -o jsonpath='{.spec.replicas} {.metadata.labels.a} {..image}'")
    assert shown == "2 b nginx:1.28"


def test_a_rollout_has_a_history_and_a_way_back(namespace: Here) -> None:
    namespace("create deployment web --image=nginx:1.27")
    namespace("set image deployment/web nginx=nginx:1.28")
    namespace("rollout status deployment web --timeout=60s")
    assert len(namespace("rollout history deployment web").splitlines()) >= 4
    assert namespace("rollout undo deployment web") == "deployment.apps/web rolled back\n"
    assert namespace("get deployment web -o jsonpath={..image}") == "nginx:1.27"


def test_a_watch_prints_what_changes(kubectl: Kubectl, namespace: Here) -> None:
    namespace("create configmap before --from-literal=a=b")
    watching = kubectl.popen("get configmaps --all-namespaces --watch -o name")
    try:
        assert watching.stdout is not None
        lines = iter(watching.stdout.readline, "")
        assert any("before" in line for line in lines)
        namespace("create configmap after --from-literal=a=b")
        assert any("after" in line for line in lines)
    finally:
        watching.terminate()
        watching.wait()
        watching.communicate()


def test_drain_evicts_and_uncordon_opens_again(kubectl: Kubectl, namespace: Here) -> None:
    namespace("create deployment web --image=nginx:1.27 --replicas=4")
    namespace("rollout status deployment web --timeout=60s")
    said = kubectl("drain worker-1 --ignore-daemonsets --force --delete-emptydir-data")
    assert said.endswith("node/worker-1 drained\n")
    nodes = namespace("get pods -o jsonpath={..nodeName}")
    assert "worker-1" not in nodes.split()
    assert kubectl("uncordon worker-1") == "node/worker-1 uncordoned\n"


def test_logs_and_events_tell_of_a_pod(namespace: Here) -> None:
    namespace("run hello --image=busybox:1.36 --restart=Never -- echo hello there")
    namespace("wait pod hello --for=jsonpath={.status.phase}=Succeeded --timeout=60s")
    assert namespace("logs hello") == "hello there\n"
    told = namespace("events --for pod/hello")
    assert all(reason in told for reason in ("Scheduled", "Pulled", "Created", "Started"))


def test_describe_tells_of_a_pod_and_a_node(kubectl: Kubectl, namespace: Here) -> None:
    namespace("run web --image=nginx:1.27")
    namespace("wait pod web --for=condition=Ready --timeout=60s")
    told = namespace("describe pod web")
    assert "Successfully assigned" in told
    assert "Ready:          True" in told
    assert "Allocated resources" in kubectl("describe node worker-1")


def test_explain_knows_every_field(kubectl: Kubectl) -> None:
    said = kubectl("explain deployment --recursive")
    assert said.startswith("GROUP:      apps\nKIND:       Deployment\nVERSION:    v1\n")
    assert "maxSurge" in said
    assert "FIELD: image <string>" in kubectl("explain pod.spec.containers.image")


def test_who_am_i_and_what_may_i(kubectl: Kubectl) -> None:
    assert "kubernetes-admin" in kubectl("auth whoami")
    assert kubectl("auth can-i delete nodes") == "yes\n"
    assert "*.*" in kubectl("auth can-i --list")


def test_a_user_without_rights_is_refused(kubectl: Kubectl) -> None:
    theirs = kubectl.served.kubeconfig_for("joe", ["guests"])
    done = kubectl.run(f"--kubeconfig={theirs} get secrets")
    wanted = 'Error from server (Forbidden): secrets is forbidden: User "joe" cannot list resource "secrets"'
    assert (done.returncode, done.stderr.startswith(wanted)) == (1, True)


@pytest.mark.parametrize(
    "line", ["api-resources", "api-versions", "cluster-info", "version", "get componentstatuses"]
)
def test_what_the_server_offers_can_be_asked_twice(kubectl: Kubectl, line: str) -> None:
    assert kubectl(line) == kubectl(line)


def test_the_same_words_in_yaml_json_and_columns(namespace: Here) -> None:
    namespace("create configmap c --from-literal=a=b")
    assert json.loads(namespace("get configmap c -o json"))["data"] == {"a": "b"}
    assert "data:\n  a: b\n" in namespace("get configmap c -o yaml")
    assert namespace("get configmap c -o custom-columns=N:.metadata.name").splitlines() == ["N", "c"]

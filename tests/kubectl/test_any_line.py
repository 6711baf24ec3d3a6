"""Whatever is typed, kubectl answers with text and a code: never a traceback, and no time passes for nothing."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from k8scourse.kubectl.verbs import COMMANDS, GROUPS, LEFT_OUT

from .conftest import WEB, Lab

SOME_WORDS = """
pods pod deploy deployment/web web svc all nodes node/worker-1 a=b a- k=v:NoSchedule -o yaml json name wide image
jsonpath={.items[*].metadata.name} jsonpath={ custom-columns=a:.b custom-columns=x -f - x.yaml -l app=web -n default
-A --all --replicas=2 --replicas=x --image=nginx nginx=nginx:2 status history undo --revision=1 --for=delete
--for=condition=Ready --timeout=1s --timeout=x --grace-period=0 --wait=false --sort-by={ --field-selector=x
--show-labels --tail=1 -c nginx -p {} [1] --type=json --dry-run=client configmap generic --tcp=80:80 pod.spec -- -x
--from-literal=a=b --port=x --overwrite --ignore-daemonsets --foo --help pods/a/b /x ,, ghost '' -n=
"""
WORDS = SOME_WORDS.split()
DOCUMENTS = (
    WEB,
    "",
    "a: [b",
    "- 1",
    "just text",
    "\x00",
    "{",
    "a: &x [*x]\n",
    "kind: [a]\napiVersion: v1\n",
    "kind: Pod\napiVersion: v1\n",
    "kind: Pod\napiVersion: v1\nmetadata: x\n",
    "kind: List\napiVersion: v1\nitems: [1, {kind: Pod}]\n",
    "kind: Deployment\napiVersion: apps/v1\nmetadata: {name: web}\nspec: 7\n",
    "kind: Deployment\napiVersion: apps/v1\nmetadata: {name: web, annotations: 3, labels: [1]}\nspec: {a: [1]}\n",
)
VERBS = sorted(
    {command.path for command in COMMANDS} | set(GROUPS) | set(LEFT_OUT) | {"help", "nonsense", ""}
)


@given(st.sampled_from(VERBS), st.lists(st.sampled_from(WORDS), max_size=5), st.sampled_from(DOCUMENTS))
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_line_of_known_words_gets_an_answer(lab: Lab, verb: str, words: list[str], stdin: str) -> None:
    result = lab(" ".join([verb, *words]), stdin)
    assert result.code in (0, 1)
    assert result.code == 0 or result.stderr or result.stdout.endswith("about a given command.\n")


@given(st.text(max_size=40), st.text(max_size=60))
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_at_all_gets_an_answer(lab: Lab, line: str, stdin: str) -> None:
    assert lab(line, stdin).code in (0, 1)
    assert lab("apply -f -", stdin).code in (0, 1)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("get pods --foo", "error: unknown flag: --foo\nSee 'kubectl get --help' for usage."),
        ("get pods -Z", "error: unknown shorthand flag: 'Z' in -Z\nSee 'kubectl get --help' for usage."),
        ("geet pods", 'error: unknown command "geet" for "kubectl"\n\nDid you mean this?\n\tset\n\tget'),
        ("rollout foo", "error: unknown command \"foo\"\nSee 'kubectl rollout -h' for help and examples"),
        ("create foo", "error: Unexpected args: [foo]\nSee 'kubectl create -h' for help and examples"),
        ("exec web -- sh", "error: kubectl exec is left out of this kubectl"),
        ("top pods", "error: Metrics API not available"),
        ("config view", "error: kubectl config is left out of this kubectl"),
        ("get pods --kubeconfig=x", "error: --kubeconfig is left out of this kubectl"),
        ("get 'pods", "error: no closing quotation"),
    ],
)
def test_unknown_words_are_refused_and_helped(lab: Lab, line: str, message: str) -> None:
    assert message == lab.refused(line)


def test_the_word_kubectl_in_front_does_no_harm(lab: Lab) -> None:
    assert lab("kubectl get ns") == lab("get ns")


def test_help_is_there_for_every_command(lab: Lab) -> None:
    for command in COMMANDS:
        assert command.path in lab(f"{command.path} --help").stdout
    assert "rollout status" in lab("").stdout


def test_about_the_cluster(lab: Lab) -> None:
    assert "Server Version: v1.36.2" in lab.said("version")
    assert "Kubernetes control plane is running at https://10.0.0.10:6443" == lab.said("cluster-info")[0]
    assert "deployments.apps" in lab.said("api-resources -o name")

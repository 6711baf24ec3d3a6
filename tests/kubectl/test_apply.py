"""kubectl apply: created, unchanged, configured; three-way; and every way a file can be wrong."""

from __future__ import annotations

import json

import pytest

from .conftest import WEB, Lab

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: conf\ndata:\n  {data}\n"


def test_the_same_file_twice_changes_nothing_and_another_one_only_what_differs(lab: Lab) -> None:
    lab.files["conf.yaml"] = CONFIG.format(data="k: v")
    assert ["configmap/conf created"] == lab.said("apply -f conf.yaml")
    assert ["configmap/conf unchanged"] == lab.said("apply -f conf.yaml")
    lab.files["conf.yaml"] = CONFIG.format(data="other: x")
    assert ["configmap/conf configured"] == lab.said("apply -f conf.yaml")
    assert ['{"other":"x"}'] == lab.said("get cm conf -o jsonpath='{.data}'")


def test_the_annotation_remembers_the_file(lab: Lab) -> None:
    lab.said("apply -f -", CONFIG.format(data="k: z"))
    obj = lab.cluster.find("configmaps", "conf")
    assert obj is not None
    kept = obj["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"]
    assert kept == (
        '{"apiVersion":"v1","data":{"k":"z"},"kind":"ConfigMap","metadata":{"annotations":{},"name":"conf",'
        '"namespace":"default"}}\n'
    )


def test_what_others_set_stays_unless_the_file_spoke_of_it(lab: Lab) -> None:
    lab.said("apply -f -", WEB.replace("  replicas: 2\n", ""))
    lab.said("scale deployment web --replicas=3")
    lab.said("apply -f -", WEB.replace("  replicas: 2\n", "").replace("1.27", "1.28"))
    assert ["3"] == lab.said("get deploy web -o jsonpath={.spec.replicas}")


def test_each_document_is_told_on_its_own_and_one_bad_one_does_not_stop_the_others(lab: Lab) -> None:
    bad = WEB.replace("replicas: 2", "replicas: -1").replace("name: web", "name: bad")
    result = lab("apply -f -", f"{CONFIG.format(data='k: q')}---\n{bad}---\n{CONFIG.format(data='k: r')}")
    assert ["configmap/conf configured"] * 2 == result.stdout.splitlines()
    assert result.stderr == (
        'The Deployment "bad" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0\n'
    )
    assert 1 == result.code


def test_two_errors_are_two_lines_in_the_servers_words(lab: Lab) -> None:
    bad = WEB.replace("replicas: 2", "replcas: 2")
    text = bad.replace("name: web", "name: one") + "---\n" + bad.replace("name: web", "name: two")
    lines = lab.refused("apply -f -", text).splitlines()
    assert 2 == len(lines)
    assert lines[0] == (
        'Error from server (BadRequest): error when creating "STDIN": Deployment in version "v1" cannot be handled as '
        'a Deployment: strict decoding error: unknown field "spec.replcas"'
    )


def test_dry_runs_change_nothing(lab: Lab) -> None:
    fresh = CONFIG.replace("conf", "fresh").format(data="k: v")
    assert ["configmap/fresh created (dry run)"] == lab.said("apply -f - --dry-run=client", fresh)
    assert ["configmap/fresh created (server dry run)"] == lab.said("apply -f - --dry-run=server", fresh)
    assert lab.cluster.find("configmaps", "fresh") is None


def test_an_object_made_without_apply_is_adopted_with_a_warning(lab: Lab) -> None:
    lab.said("create configmap made --from-literal=k=v")
    result = lab("apply -f -", CONFIG.replace("conf", "made").format(data="k: w"))
    assert "configmap/made configured\n" == result.stdout
    assert result.stderr.startswith("Warning: resource configmaps/made is missing the kubectl.kubernetes.io/")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "a: [b\n",
            "error: error parsing x.yaml: error converting YAML to JSON: yaml: line 1: did not find "
            "expected ',' or ']'",
        ),
        (
            "kind: Gizmo\napiVersion: nope/v1\nmetadata: {name: x}\n",
            'error: resource mapping not found for name: "x" namespace: "" from "x.yaml": no matches for kind "Gizmo" '
            'in version "nope/v1"\nensure CRDs are installed first',
        ),
        (
            "apiVersion: v1\nmetadata: {name: x}\n",
            'error: error validating "x.yaml": error validating data: kind not set; if you choose to ignore '
            "these errors, turn validation off with --validate=false",
        ),
        (
            "kind: Pod\napiVersion: v1\nmetadata: {name: x}\nspec: {}\n",
            'The Pod "x" is invalid: spec.containers: Required value',
        ),
        (
            "kind: ConfigMap\napiVersion: v1\n",
            'error: error when retrieving current configuration of:\nResource: "/v1, Resource=configmaps", '
            'GroupVersionKind: "/v1, Kind=ConfigMap"\nName: "", Namespace: "default"\nfrom server for: "x.yaml": '
            "resource name may not be empty",
        ),
        (
            "kind: ConfigMap\napiVersion: v1\nmetadata: {name: x, namespace: nowhere}\n",
            'Error from server (NotFound): error when creating "x.yaml": namespaces "nowhere" not found',
        ),
    ],
)
def test_a_file_that_is_wrong_is_refused_as_the_real_one_refuses_it(
    lab: Lab, text: str, message: str
) -> None:
    lab.files["x.yaml"] = text
    assert message == lab.refused("apply -f x.yaml")


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("apply", "error: must specify one of -f and -k"),
        ("apply -f missing.yaml", 'error: the path "missing.yaml" does not exist'),
        ("apply -f web.yaml --force-conflicts", "error: --force-conflicts only works with --server-side"),
        (
            "apply -f web.yaml --server-side --dry-run=client",
            "error: --dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)",
        ),
        (
            "apply -f web.yaml --dry-run=maybe",
            'error: Invalid dry-run value (maybe). Must be "none", "server", or "client".',
        ),
    ],
)
def test_a_command_line_that_is_wrong_changes_nothing(lab: Lab, command: str, message: str) -> None:
    before = json.dumps(lab.cluster.objects("deployments"))
    assert message == lab.refused(command)
    assert before == json.dumps(lab.cluster.objects("deployments"))


def test_everything_fails_cleanly_while_the_api_server_is_down(lab: Lab) -> None:
    lab.cluster.stop("kube-apiserver")
    try:
        assert lab.refused("get pods") == (
            "The connection to the server 10.0.0.10:6443 was refused - did you specify the right host or port?"
        )
        assert lab.refused("apply -f web.yaml") == lab.refused("get pods")
    finally:
        lab.cluster.restart("kube-apiserver")

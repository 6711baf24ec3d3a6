"""kubectl get: tables, formats, selections, and what it says when there is nothing."""

from __future__ import annotations

import json

import pytest
import yaml

from .conftest import Lab


def test_a_table_has_the_columns_of_the_server(web: Lab) -> None:
    head, *rows = web.said("get pods")
    assert ["NAME", "READY", "STATUS", "RESTARTS", "AGE"] == head.split()
    assert [[name, "1/1", "Running", "0"] for name in web.pods()] == [row.split()[:4] for row in rows]


def test_several_kinds_get_a_table_each_with_the_kind_in_front_of_the_names(web: Lab) -> None:
    text = "\n".join(web.said("get deploy,svc"))
    assert "\n\nNAME" in text
    assert "deployment.apps/web" in text
    assert "service/kubernetes" in text


def test_all_means_the_kinds_of_that_category_and_leaves_out_the_empty_ones(web: Lab) -> None:
    names = [line.split()[0] for line in web.said("get all") if line and not line.startswith("NAME")]
    kinds = list(dict.fromkeys(name.split("/")[0] for name in names))
    assert ["pod", "service", "deployment.apps", "replicaset.apps"] == kinds


def test_wide_shows_more_columns_and_all_namespaces_one_in_front(web: Lab) -> None:
    assert "NODE" in web.said("get pods -o wide")[0].split()
    head, *rows = web.said("get pods -A")
    assert "NAMESPACE" == head.split()[0]
    assert {"default", "kube-system"} == {row.split()[0] for row in rows}


def test_labels_are_columns_when_asked_for(web: Lab) -> None:
    assert web.said("get deploy web --show-labels")[1].endswith("<none>")
    head, row, *_ = web.said("get pods -L app,pod-template-hash")
    assert (["APP", "POD-TEMPLATE-HASH"], "web") == (head.split()[-2:], row.split()[-2])
    assert len(web.said("get pods --no-headers")) == 2


def test_selectors_choose_on_the_server(web: Lab) -> None:
    assert 3 == len(web.said("get pods -l app=web"))
    assert 3 == len(web.said("get pods --field-selector status.phase=Running"))
    assert "No resources found in default namespace." == web("get pods -l app=none").stderr.strip()


def test_yaml_and_json_are_the_object_itself_without_managed_fields(web: Lab) -> None:
    from_yaml = yaml.safe_load(web("get deployment web -o yaml").stdout)
    from_json = json.loads(web("get deployment/web -ojson").stdout)
    assert from_yaml == from_json
    assert "managedFields" not in from_json["metadata"]
    assert "List" == yaml.safe_load(web("get deploy -o yaml").stdout)["kind"]


def test_names_columns_and_paths(web: Lab) -> None:
    assert [f"pod/{name}" for name in web.pods()] == web.said("get pods -o name")
    assert ["NAME   IMAGE", "web    nginx:1.27"] == web.said(
        "get deploy -o custom-columns=NAME:.metadata.name,IMAGE:.spec.template.spec.containers[0].image"
    )
    assert [" ".join(web.pods())] == web.said("get pods -o jsonpath='{.items[*].metadata.name}'")
    names = [line.split()[0] for line in web.said("get pods --sort-by=.metadata.name --no-headers")]
    assert sorted(web.pods()) == names


def test_what_is_found_is_printed_before_the_error_about_the_rest(web: Lab) -> None:
    result = web(f"get pods {web.pods()[0]} ghost")
    assert (2, 'Error from server (NotFound): pods "ghost" not found\n', 1) == (
        len(result.stdout.splitlines()),
        result.stderr,
        result.code,
    )
    assert "" == web("get pods ghost --ignore-not-found").stderr


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("get pods ghost", 'Error from server (NotFound): pods "ghost" not found'),
        ("get gizmos", 'error: the server doesn\'t have a resource type "gizmos"'),
        ("get pods web -A", "error: a resource cannot be retrieved by name across all namespaces"),
        ("get pods web -l a=b", "error: name cannot be provided when a selector is specified"),
        ("get pods/a/b", "error: arguments in resource/name form may not have more than one slash"),
        (
            "get pods -o bogus",
            'error: unable to match a printer suitable for the output format "bogus", allowed formats are: '
            "custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,"
            "jsonpath-file,kyaml,name,template,templatefile,wide,yaml",
        ),
        ("get pods -w", "error: --watch is left out of this kubectl"),
        (
            "get",
            'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of '
            "supported resources.\n\nerror: Required resource not specified.\n"
            'Use "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain '
            "pods).\nSee 'kubectl get -h' for help and examples",
        ),
    ],
)
def test_what_cannot_be_got_is_refused_as_the_real_one_refuses_it(
    lab: Lab, command: str, message: str
) -> None:
    assert message == lab.refused(command)


def test_raw_shows_any_page_of_the_server_as_it_is(lab: Lab) -> None:
    assert lab.said("get --raw /livez") == ["ok"]
    assert lab.said("get --raw /readyz?verbose")[-1] == "readyz check passed"
    assert lab.said("get --raw /version")[0].startswith('{"major":"1","minor":"36",')
    assert any(line.startswith("apiserver_request_total{") for line in lab.said("get --raw /metrics"))
    assert '"kind":"NamespaceList"' in lab.said("get --raw /api/v1/namespaces")[0]


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("get pods --raw /x", "error: arguments may not be passed when --raw is specified"),
        ("get --raw /x -o json", "error: --raw and --output are mutually exclusive"),
        ("get --raw version",
         'error: --raw must be a valid URL path: parse "version": invalid URI for request'),
        ("get -l a=b --raw /version",
         "error: --raw may not be specified with other flags that filter the server request or alter the output"),
        ("get --raw /nope",
         "Error from server (NotFound): the server could not find the requested resource"),
        ("get --raw /api/v1/namespaces/default/pods/x",
         'Error from server (NotFound): pods "x" not found'),
    ],
)  # fmt: skip
def test_raw_refuses_as_the_real_one_does(lab: Lab, command: str, message: str) -> None:
    assert message == lab.refused(command)

"""kubectl apply --server-side: who owns which field, conflicts, and the way over from the older apply."""

from __future__ import annotations

import pytest

from .conftest import WEB, Lab

CONF = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: conf\ndata:\n  k: {value}\n"


@pytest.fixture(autouse=True)
def nothing_is_left_of_others(lab: Lab) -> None:
    lab("delete configmap/conf deployment/web --ignore-not-found")


def _managers(lab: Lab, name: str = "conf", kind: str = "configmaps") -> list[tuple[str, str]]:
    obj = lab.cluster.find(kind, name)
    assert obj is not None
    return [(entry["operation"], entry["manager"]) for entry in obj["metadata"]["managedFields"]]


def test_the_server_applies_and_says_so(lab: Lab) -> None:
    apply = "apply --server-side -f -"
    assert lab.said(f"{apply} --dry-run=server", CONF.format(value="a")) == [
        "configmap/conf serverside-applied (server dry run)"
    ]
    assert lab.cluster.find("configmaps", "conf") is None
    assert lab.said(apply, CONF.format(value="a")) == ["configmap/conf serverside-applied"]
    assert lab.said(apply, CONF.format(value="a")) == ["configmap/conf serverside-applied"]
    assert _managers(lab) == [("Apply", "kubectl")]
    shown = lab.said(f"{apply} -o jsonpath={{.data}}", CONF.format(value="b"))
    assert shown == ['{"k":"b"}']


def test_a_conflict_names_the_other_manager_and_the_ways_out(lab: Lab) -> None:
    lab.said("apply --server-side -f -", CONF.format(value="a"))
    lines = lab.refused("apply --server-side --field-manager=other -f -", CONF.format(value="b")).splitlines()
    assert lines[0] == 'error: Apply failed with 1 conflict: conflict with "kubectl": .data.k'
    assert lines[1].startswith("Please review the fields above--they currently have other managers.")
    assert len(lines) == 12
    lab.said("apply --server-side --field-manager=other --force-conflicts -f -", CONF.format(value="b"))
    assert _managers(lab) == [("Apply", "other")]


def test_what_was_applied_the_older_way_changes_hands(lab: Lab) -> None:
    lab.said("apply -f -", CONF.format(value="a"))
    assert _managers(lab) == [("Update", "kubectl-client-side-apply")]
    lab.said("apply --server-side -f -", CONF.format(value="b"))
    assert sorted(_managers(lab)) == [("Apply", "kubectl"), ("Apply", "kubectl-last-applied")]
    lab.said("apply --server-side -f -", CONF.replace("k: {value}", "other: x"))
    assert lab.said("get cm conf -o jsonpath={.data}") == ['{"other":"x"}']


def test_a_deployment_applied_by_the_server_runs(lab: Lab) -> None:
    assert lab.said("apply --server-side -f -", WEB) == ["deployment.apps/web serverside-applied"]
    lab.cluster.run(seconds=20)
    assert len(lab.pods()) == 2


def test_a_file_without_a_name_is_refused(lab: Lab) -> None:
    text = CONF.format(value="a").replace("name: conf", "generateName: conf-")
    assert lab.refused("apply --server-side -f -", text) == (
        "error: from conf-: cannot use generate name with apply"
    )


def test_a_part_of_an_object_may_be_asked_for_patched_and_replaced(lab: Lab) -> None:
    lab.said("apply -f -", WEB)
    assert lab.said("get deployment web --subresource=scale -o jsonpath={.spec.replicas}") == ["2"]
    head, row = lab.said("get deployment web --subresource=scale")
    assert (head.split(), row.split()[:2]) == (["NAME", "DESIRED", "AVAILABLE", "AGE"], ["web", "2"])
    assert lab.said("get deployment web --subresource=status -o name") == ["deployment.apps/web"]
    lab.files["p.yaml"] = "spec: {replicas: 3}"
    patched = lab.said("patch deployment web --subresource=scale --type=MERGE --patch-file=p.yaml")
    assert patched == ["scale.autoscaling/web patched"]
    status = lab.said("get deployment web -o yaml")
    text = "\n".join(status) + "\n"
    assert lab.said("replace --subresource=status -f -", text) == ["deployment.apps/web replaced"]
    assert lab.said("get deployment web -o jsonpath={.spec.replicas}") == ["3"]


def test_what_cannot_be_a_part_is_refused(lab: Lab) -> None:
    lab.said("apply -f -", WEB)
    message = 'error: invalid subresource value: "log". Must be one of [status scale resize]'
    for command in ("get deploy web", "patch deploy web -p {}", "replace -f web.yaml"):
        assert lab.refused(f"{command} --subresource=log") == message
    assert lab.refused("get deploy --subresource=status") == (
        "error: subresource cannot be used when bulk resources are specified"
    )
    both = lab.refused("patch deploy web -p {} --patch-file=p.yaml")
    assert both == "error: cannot specify --patch and --patch-file together"
    assert lab.refused("patch deploy web --patch-file=none.yaml").startswith(
        "error: unable to read patch file"
    )

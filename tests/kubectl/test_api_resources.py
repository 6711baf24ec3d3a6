"""kubectl api-resources and api-versions: what the server serves, kinds of users too."""

from __future__ import annotations

import pytest
from kubectl.conftest import Lab
from kubectl.test_explain import CRD

from k8scourse.api import kinds


@pytest.fixture
def custom(lab: Lab) -> Lab:
    lab.files["crd.yaml"] = CRD
    lab("apply -f crd.yaml")
    lab.cluster.run(1)
    return lab


def test_every_kind_that_is_served_has_a_line_by_group_and_name(lab: Lab) -> None:
    names = lab.said("api-resources -o name")
    assert {kind.resource_name for kind in kinds.ALL} <= set(names)
    listed = [line.split() for line in lab.said("api-resources --no-headers")]
    assert ["deployments", "deploy", "apps/v1", "true", "Deployment"] in listed
    groups = [name.partition(".")[2] for name in names]
    assert groups == sorted(groups)


def test_a_kind_of_a_user_appears_with_its_definition(custom: Lab) -> None:
    assert ["widgets", "wd", "example.com/v1", "true", "Widget"] in [
        line.split() for line in custom.said("api-resources")
    ]
    assert "example.com/v1" in custom.said("api-versions")


def test_resources_are_chosen_by_group_scope_verb_and_category(lab: Lab) -> None:
    assert lab.said("api-resources --api-group=batch -o name") == ["cronjobs.batch", "jobs.batch"]
    assert "pods" not in lab.said("api-resources --namespaced=false -o name")
    assert "bindings" not in lab.said("api-resources --verbs=list -o name")
    assert lab.said("api-resources --categories=all --api-group= -o name") == [
        "pods", "replicationcontrollers", "services",
    ]  # fmt: skip
    wide = lab.said("api-resources --api-group=policy -o wide")
    assert wide[0].split() == [
        "NAME",
        "SHORTNAMES",
        "APIVERSION",
        "NAMESPACED",
        "KIND",
        "VERBS",
        "CATEGORIES",
    ]
    assert wide[1].split()[-1] == "create,delete,deletecollection,get,list,patch,update,watch"


def test_versions_are_sorted(lab: Lab) -> None:
    found = lab.said("api-versions")
    assert found == sorted(found)
    assert {"v1", "apps/v1", "autoscaling/v2"} <= set(found)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("api-resources --sort-by=x", "error: --sort-by accepts only name or kind"),
        ("api-resources -o json", "error: --output json is not available"),
    ],
)
def test_what_cannot_be_listed_is_refused(lab: Lab, command: str, message: str) -> None:
    assert message == lab.refused(command)

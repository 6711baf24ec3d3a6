"""What a patch may not do, and what it changes without saying so."""

from __future__ import annotations

from typing import Any

import pytest
from apiserver.support import JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, Api

WEB = "/apis/apps/v1/namespaces/default/deployments/web"
ORDER = "$setElementOrder/finalizers"


@pytest.fixture
def web(api: Api) -> Any:
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "a", "image": "a:1"}]}}
    spec = {"replicas": 0, "selector": {"matchLabels": labels}, "template": template}
    return api.post(WEB.rpartition("/")[0], {"metadata": {"name": "web"}, "spec": spec})


@pytest.mark.parametrize(
    ("media_type", "patch", "code", "message"),
    [
        (
            JSON_PATCH,
            [{"op": "remove", "path": "/metadata/name"}],
            400,
            "was undeterminable: name must be provided",
        ),
        (
            JSON_PATCH,
            [{"op": "add", "path": "/spec/a/b/c", "value": 9}],
            422,
            "the server rejected our request",
        ),
        (
            JSON_PATCH,
            [{"op": "replace", "path": "/metadata/resourceVersion", "value": "1"}],
            409,
            "has been modified",
        ),
        (
            JSON_PATCH,
            [{"op": "replace", "path": "/metadata/resourceVersion", "value": "x"}],
            500,
            "invalid syntax",
        ),
        (
            JSON_PATCH,
            [1],
            400,
            "error decoding patch: json: cannot unmarshal number into Go value of type handlers.",
        ),
        (
            MERGE_PATCH,
            [1],
            400,
            "error decoding patch: json: cannot unmarshal array into Go value of type map[string]",
        ),
        (MERGE_PATCH, "null", 400, "Invalid JSON Patch"),
        (MERGE_PATCH, {"metadata": None}, 400, "was undeterminable: name must be provided"),
        (
            MERGE_PATCH,
            {"metadata": {"namespace": "other"}},
            400,
            "does not match the namespace sent on the request",
        ),
        (MERGE_PATCH, {"metadata": {"resourceVersion": "1"}}, 409, "the object has been modified"),
        (
            MERGE_PATCH,
            {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}},
            422,
            "metadata.deletionTimestamp",
        ),
        (
            MERGE_PATCH,
            {"spec": {"strategy": {"type": "Recreate"}}},
            422,
            "may not be specified when strategy `type`",
        ),
        (STRATEGIC_PATCH, "{", 400, "unexpected end of JSON input"),
        (
            STRATEGIC_PATCH,
            [1],
            400,
            "json: cannot unmarshal array into Go value of type map[string]interface {}",
        ),
        (
            STRATEGIC_PATCH,
            {"spec": {"$patch": "bogus"}},
            500,
            "unknown patch type: bogus in map: map[$patch:bogus]",
        ),
        (STRATEGIC_PATCH, {"$patch": "replace"}, 400, "was undeterminable: name must be provided"),
        (
            STRATEGIC_PATCH,
            {"metadata": {ORDER: ["x.io/a"], "finalizers": ["x.io/c"]}},
            500,
            "The order in patch list",
        ),
        ("text/plain", {}, 415, "415: Unsupported Media Type"),
    ],
)
def test_a_patch_is_refused_in_upstreams_words(
    api: Api, web: Any, media_type: str, patch: Any, code: int, message: str
) -> None:
    found = api.refused(code, "PATCH", WEB, patch, content_type=media_type)
    assert message in found
    if media_type == STRATEGIC_PATCH:
        assert not found.startswith("error decoding patch")
    assert api.get(WEB) == web


@pytest.mark.parametrize(
    ("media_type", "patch"),
    [
        (JSON_PATCH, []),
        (JSON_PATCH, [{"op": "remove", "path": "/metadata/uid"}]),
        (JSON_PATCH, [{"op": "remove", "path": "/metadata/creationTimestamp"}]),
        (JSON_PATCH, [{"op": "replace", "path": "/metadata/generation", "value": 99}]),
        (MERGE_PATCH, {"status": {"replicas": 9}}),
        (MERGE_PATCH, {"spec": {"replicas": 0}}),
        (MERGE_PATCH, {"spec": {"strategy": None}}),
        (MERGE_PATCH, {"spec": {"bogus": 1}}),
        (STRATEGIC_PATCH, "null"),
        (
            STRATEGIC_PATCH,
            {"spec": {"template": {"spec": {"containers": [{"name": "zz", "$patch": "delete"}]}}}},
        ),
        (STRATEGIC_PATCH, {"metadata": {"$deleteFromPrimitiveList/finalizers": ["x.io/a"]}}),
    ],
)
def test_what_a_patch_cannot_change_stays_and_costs_no_version(
    api: Api, web: Any, media_type: str, patch: Any
) -> None:
    api.run(5)
    assert api.patch(WEB, patch, media_type) == web


def test_null_gives_a_default_back(api: Api, web: Any) -> None:
    assert api.patch(WEB, {"spec": {"replicas": None}})["spec"]["replicas"] == 1


def test_finalizers_merge_as_a_set_in_front(api: Api, web: Any) -> None:
    for patch, expected in (
        ({"finalizers": ["x.io/a"]}, ["x.io/a"]),
        ({"finalizers": ["x.io/b", "x.io/a"]}, ["x.io/b", "x.io/a"]),
        ({ORDER: ["x.io/a", "x.io/b"]}, ["x.io/a", "x.io/b"]),
        ({"$deleteFromPrimitiveList/finalizers": ["x.io/a", "zz"]}, ["x.io/b"]),
    ):
        after = api.patch(WEB, {"metadata": patch}, STRATEGIC_PATCH)
        assert after["metadata"]["finalizers"] == expected


def test_a_strategic_patch_of_a_wrong_type_is_refused_in_the_converters_words(api: Api, web: Any) -> None:
    for patch, why in (
        ({"spec": {"replicas": "many"}}, "unrecognized type: int32"),
        ({"spec": {"replicas": 1.5}}, "cannot convert float64 to int32"),
        ({"spec": {"paused": "yes"}}, "unrecognized type: bool"),
        ({"metadata": {"labels": {"a": 1}}}, "cannot convert int64 to string"),
        ({"metadata": {"labels": "x"}}, "cannot restore map from string"),
        ({"spec": {"selector": []}}, "cannot restore struct from: slice"),
        ({"spec": {"template": {"spec": {"tolerations": {}}}}}, "cannot restore slice from map"),
    ):
        found = api.refused(422, "PATCH", WEB, patch, content_type=STRATEGIC_PATCH)
        assert found.startswith(' "" is invalid: patch: Invalid value: "map[')
        assert found.endswith(f']": {why}')


def test_a_strategic_patch_may_call_the_object_anything(api: Api, web: Any) -> None:
    patched = api.patch(WEB, {"kind": "Pod", "apiVersion": "v9"}, STRATEGIC_PATCH)
    assert patched == web


def test_unknown_fields_of_patches_are_warned_of_or_refused(api: Api, web: Any) -> None:
    path = WEB
    operation = [{"op": "test", "path": "/kind", "value": "Deployment", "why": 1}]
    for patch, kind, warning in (
        ({"spec": {"bogus": 1}}, STRATEGIC_PATCH, 'unknown field "spec.bogus"'),
        ({"spec": {"bogus": 1}}, MERGE_PATCH, 'unknown field "spec.bogus"'),
        (operation, JSON_PATCH, 'json patch unknown field "[0].why"'),
    ):
        answer = api.send("PATCH", path, patch, content_type=kind)
        assert (answer.code, answer.warnings) == (200, [warning])
        message = api.refused(422, "PATCH", f"{path}?fieldValidation=Strict", patch, content_type=kind)
        assert message.endswith(f"strict decoding error: {warning}")
        answer = api.send("PATCH", f"{path}?fieldValidation=Ignore", patch, content_type=kind)
        assert (answer.code, answer.warnings) == (200, [])

"""A kind that a user defines: served, cut to its schema, filled in, judged, listed, and gone with its definition."""

from __future__ import annotations

from typing import Any

import pytest
from apiserver.support import STRATEGIC_PATCH, Api

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
WIDGETS = "/apis/example.com/v1/namespaces/default/widgets"
SCHEMA = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "required": ["size"],
            "properties": {
                "size": {"type": "integer", "minimum": 1},
                "colour": {"type": "string", "default": "red", "enum": ["red", "blue"]},
                "replicas": {"type": "integer"},
            },
        },
        "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
    },
}


def definition(**version: Any) -> dict[str, Any]:
    subresources = {
        "status": {},
        "scale": {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"},
    }
    first = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": SCHEMA}}
    first |= {"subresources": subresources, **version}
    names = {"plural": "widgets", "kind": "Widget", "shortNames": ["wd"]}
    spec = {"group": "example.com", "scope": "Namespaced", "names": names, "versions": [first]}
    return {"metadata": {"name": "widgets.example.com"}, "spec": spec}


def widget(name: str, **spec: Any) -> dict[str, Any]:
    return {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": name}, "spec": spec}


@pytest.fixture
def defined(api: Api) -> Api:
    columns = [{"name": "Size", "type": "integer", "jsonPath": ".spec.size"}]
    assert api.send("GET", WIDGETS).code == 404
    api.post(DEFINITIONS, definition(additionalPrinterColumns=columns))
    api.run(1)
    return api


def test_an_object_is_what_its_schema_leaves_of_it(defined: Api) -> None:
    answer = defined.send("POST", WIDGETS, {**widget("a", size=3, junk=True), "status": {"x": 1}})
    assert answer.code == 201
    assert answer.warnings == ['unknown field "spec.junk"']
    assert answer.body["spec"] == {"size": 3, "colour": "red"}
    assert "status" not in answer.body
    message = defined.refused(
        400, "POST", f"{WIDGETS}?fieldValidation=Strict", widget("b", size=3, junk=True)
    )
    assert message.endswith('strict decoding error: unknown field "spec.junk"')


def test_what_is_outside_the_schema_is_refused_in_its_words(defined: Api) -> None:
    message = defined.refused(422, "POST", WIDGETS, widget("a", size=0, colour="green"))
    assert 'spec.colour: Unsupported value: "green": supported values: "red", "blue"' in message
    assert "spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1" in message
    assert "spec.size: Required value" in defined.refused(422, "POST", WIDGETS, widget("a"))
    message = defined.refused(422, "POST", WIDGETS, widget("a", size="big"))
    assert (
        'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"' in message
    )


def test_status_and_scale_are_parts_of_their_own(defined: Api) -> None:
    defined.post(WIDGETS, widget("a", size=1))
    changed = defined.patch(f"{WIDGETS}/a/status", {"spec": {"size": 9}, "status": {"replicas": 2}})
    assert (changed["spec"]["size"], changed["status"], changed["metadata"]["generation"]) == (
        1,
        {"replicas": 2},
        1,
    )
    scaled = defined.patch(f"{WIDGETS}/a/scale", {"spec": {"replicas": 5}})
    assert (scaled["spec"], scaled["status"]) == ({"replicas": 5}, {"replicas": 2})
    after = defined.get(f"{WIDGETS}/a")
    assert (after["spec"]["replicas"], after["metadata"]["generation"]) == (5, 2)
    defined.refused(415, "PATCH", f"{WIDGETS}/a", {}, content_type=STRATEGIC_PATCH)


def test_it_is_discovered_listed_watched_and_shown_as_a_table(defined: Api) -> None:
    names = [row["name"] for row in defined.get("/apis/example.com/v1")["resources"]]
    assert names == ["widgets", "widgets/status", "widgets/scale"]
    seen = defined.watch(WIDGETS)
    defined.post(WIDGETS, widget("a", size=4))
    assert seen.names == [("ADDED", "a")]
    assert defined.get(WIDGETS)["kind"] == "WidgetList"
    table = defined.get(WIDGETS, accept="application/json;as=Table;v=v1;g=meta.k8s.io")
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Size"]
    assert table["rows"][0]["cells"] == ["a", 4]


def test_with_its_definition_all_of_it_goes(defined: Api) -> None:
    defined.post(WIDGETS, widget("a", size=4))
    seen = defined.watch(WIDGETS)
    defined.delete(f"{DEFINITIONS}/widgets.example.com")
    defined.run(1)
    assert defined.send("GET", WIDGETS).body == "404 page not found\n"
    assert seen.closed == 1
    defined.post(DEFINITIONS, definition())
    defined.run(1)
    assert defined.get(WIDGETS)["items"] == []


def test_a_new_server_serves_what_was_defined_before(defined: Api) -> None:
    defined.post(WIDGETS, widget("a", size=4))
    defined.restart_server()
    assert [item["metadata"]["name"] for item in defined.get(WIDGETS)["items"]] == ["a"]


def test_rules_that_are_not_evaluated_are_not_accepted(api: Api) -> None:
    schema = {**SCHEMA, "x-kubernetes-validations": [{"rule": "self.spec.size > 0"}]}
    message = api.refused(422, "POST", DEFINITIONS, definition(schema={"openAPIV3Schema": schema}))
    assert "x-kubernetes-validations: Forbidden" in message


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"type": "array", "items": [{"type": "string"}]}, "items must be a schema object and not an array"),
        ({"type": "array", "items": "string"}, "must be a schema"),
        ({"type": "array", "items": {"type": "object", "properties": []}}, "must be a schema"),
        ({"type": "array", "items": {"type": "object", "properties": {"a": 1}}}, "must be a schema"),
        ({"type": "string", "pattern": "["}, "must be a valid regular expression"),
        ({"type": "text"}, "Unsupported value"),
        ({"type": "object", "additionalProperties": 3}, "must be a schema"),
        ({}, "must not be empty for specified object fields"),
    ],
)
def test_half_a_schema_is_no_schema(api: Api, schema: dict[str, Any], why: str) -> None:
    whole = {"type": "object", "properties": {"x": schema}}
    assert why in api.refused(422, "POST", DEFINITIONS, definition(schema={"openAPIV3Schema": whole}))


@pytest.mark.parametrize("path", ["", ".status.x", ".spec[0]", "spec.x", ".spec."])
def test_a_scale_has_its_number_in_the_spec(api: Api, path: str) -> None:
    scale = {"scale": {"specReplicasPath": path, "statusReplicasPath": ".status.replicas"}}
    assert "specReplicasPath" in api.refused(422, "POST", DEFINITIONS, definition(subresources=scale))


NAME = f"{DEFINITIONS}/widgets.example.com"


def _terminating(body: Any) -> tuple[str, str]:
    (row,) = (row for row in body["status"]["conditions"] if row["type"] == "Terminating")
    return row["status"], row["reason"]


def test_a_definition_goes_after_its_objects(defined: Api) -> None:
    defined.post(WIDGETS, widget("a", size=1))
    seen = defined.watch(WIDGETS)
    body = defined.delete(NAME)
    assert body["metadata"]["finalizers"] == ["customresourcecleanup.apiextensions.k8s.io"]
    assert _terminating(body) == ("True", "InstanceDeletionPending")
    message = defined.refused(405, "POST", WIDGETS, widget("b", size=1))
    assert message == "create not allowed while custom resource definition is terminating"
    assert len(defined.get(WIDGETS)["items"]) == 1
    defined.run(1)
    assert (seen.names, seen.closed) == ([("ADDED", "a"), ("DELETED", "a")], 1)
    defined.refused(404, "GET", NAME)
    assert defined.send("GET", WIDGETS).code == 404


def test_an_object_that_is_held_holds_its_definition(defined: Api) -> None:
    held = widget("a", size=1)
    held["metadata"]["finalizers"] = ["example.com/one"]
    defined.post(WIDGETS, held)
    defined.delete(NAME)
    defined.run(30)
    assert "deletionTimestamp" in defined.get(f"{WIDGETS}/a")["metadata"]
    assert _terminating(defined.get(NAME)) == ("True", "InstanceDeletionInProgress")
    defined.restart_server()
    defined.run(1)
    defined.patch(f"{WIDGETS}/a", {"metadata": {"finalizers": None}})
    defined.run(10)
    defined.refused(404, "GET", NAME)


def test_a_definition_with_finalizers_of_others_waits_for_them(defined: Api) -> None:
    defined.patch(NAME, {"metadata": {"finalizers": ["example.com/one"]}})
    defined.delete(NAME)
    defined.run(1)
    body = defined.get(NAME)
    assert body["metadata"]["finalizers"] == ["example.com/one"]
    assert _terminating(body) == ("False", "InstanceDeletionCompleted")
    defined.patch(NAME, {"metadata": {"finalizers": None}})
    defined.refused(404, "GET", NAME)


def test_finalizers_of_custom_objects_and_definitions_need_no_domain(api: Api) -> None:
    config = {"metadata": {"name": "c", "finalizers": ["plain"]}}
    path = "/api/v1/namespaces/default/configmaps"
    assert "nor is it fully qualified" in api.refused(422, "POST", path, config)
    api.post(path, {"metadata": {"name": "c"}})
    message = api.refused(422, "PUT", f"{path}/c", config)
    assert message.count("nor is it fully qualified") == 1
    hooks = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
    assert api.post(hooks, config)["metadata"]["finalizers"] == ["plain"]


def test_new_kinds_are_served_after_etcd_was_away_and_others_followed_first(api: Api) -> None:
    api.stop_etcd()
    api.start_etcd()
    api.get(DEFINITIONS)
    api.run(30)
    api.post(DEFINITIONS, definition())
    api.run(5)
    api.get(WIDGETS)


def test_each_version_shows_the_object_under_its_own_name(api: Api) -> None:
    body = definition()
    body["spec"]["versions"].append({**body["spec"]["versions"][0], "name": "v2", "storage": False})
    api.post(DEFINITIONS, body)
    api.run(1)
    newer = WIDGETS.replace("/v1/", "/v2/")
    api.post(WIDGETS, widget("a", size=1))
    seen = api.watch(newer)
    api.post(newer, {**widget("b", size=1), "apiVersion": "example.com/v2"})
    api.patch(f"{WIDGETS}/a", {"spec": {"size": 2}})
    version = api.get(f"{WIDGETS}/a")["metadata"]["resourceVersion"]
    api.patch(f"{newer}/a", {"spec": {"size": 2}})
    for path, wanted in ((WIDGETS, "example.com/v1"), (newer, "example.com/v2")):
        found = api.get(path)
        assert {found["apiVersion"], *(each["apiVersion"] for each in found["items"])} == {wanted}
        assert api.get(f"{path}/a")["apiVersion"] == api.get(f"{path}/b")["apiVersion"] == wanted
    assert api.get(f"{WIDGETS}/a")["metadata"]["resourceVersion"] == version
    api.delete(f"{WIDGETS}/b")
    api.run(1)
    assert {event["object"]["apiVersion"] for event in seen.events} == {"example.com/v2"}


def test_a_conversion_that_nobody_does_is_refused(api: Api) -> None:
    for strategy, why in (("Webhook", "are not called by this API server"), ("Both", "Unsupported value")):
        body = definition()
        body["spec"]["conversion"] = {"strategy": strategy}
        assert why in api.refused(422, "POST", DEFINITIONS, body)

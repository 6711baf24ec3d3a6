"""Fields that nobody knows, and fields that are there twice: refused, warned of, or passed over, for every kind."""

from __future__ import annotations

import json
from typing import Any

import pytest
from apiserver.support import CONFIG_MAPS, DEPLOYMENTS, MERGE_PATCH, STRATEGIC_PATCH, Api, deployment
from apiserver.test_custom_resources import WIDGETS
from apiserver.test_openapi import with_custom_kind
from hypothesis import given
from hypothesis import strategies as st

from k8scourse.api import doubled, kinds, schema, typetable
from k8scourse.api.errors import BadRequest
from k8scourse.api.kind import Kind

EVERY = [*kinds.ALL, *kinds.BODIES]
YAML = "application/yaml"
#: The document of upstream's own test (test/integration/apiserver/field_validation_test.go), in our words.
TEXT = """{
  "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
  "spec": {
    "unknown1": "val1", "unknownDupe": "valDupe", "unknownDupe": "valDupe2",
    "paused": true, "paused": false,
    "selector": {"matchLabels": {"app": "web"}},
    "template": {
      "metadata": {"labels": {"app": "web"}},
      "spec": {"containers": [{
        "name": "c", "image": "x:1", "unknownNested": "val1",
        "imagePullPolicy": "Always", "imagePullPolicy": "Never"}]}}}}"""
FOUND = [
    'unknown field "spec.unknown1"',
    'unknown field "spec.unknownDupe"',
    'duplicate field "spec.paused"',
    'unknown field "spec.template.spec.containers[0].unknownNested"',
    'duplicate field "spec.template.spec.containers[0].imagePullPolicy"',
]


def places(kind: Kind) -> list[tuple[str, dict[str, Any]]]:
    """The path of an unknown field in every structure that a kind reaches directly, with a body that has it."""
    found = [("bogus", {"bogus": 1})]
    for field in typetable.struct(typetable.type_of(kind)).fields.values():
        if not field.type_name:
            continue
        if field.code.startswith("[]"):
            found.append((f"{field.name}[0].bogus", {field.name: [{"bogus": 1}]}))
        elif field.code.startswith("{}"):
            found.append((f"{field.name}.key.bogus", {field.name: {"key": {"bogus": 1}}}))
        else:
            found.append((f"{field.name}.bogus", {field.name: {"bogus": 1}}))
    return found


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: f"{kind.api_version}/{kind.kind}")
def test_an_unknown_field_is_refused_warned_of_or_passed_over_wherever_it_stands(kind: Kind) -> None:
    version = kind.version
    for path, body in places(kind):
        with pytest.raises(BadRequest) as refusal:
            schema.decode(kind, body, "Strict")
        assert refusal.value.message == (
            f'{kind.kind} in version "{version}" cannot be handled as a {kind.kind}: '
            f'strict decoding error: unknown field "{path}"'
        )
        assert schema.decode(kind, body, "Warn")[1] == [f'unknown field "{path}"']
        kept, warnings = schema.decode(kind, body, "Ignore")
        assert warnings == []
        assert "bogus" not in json.dumps(kept)


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: f"{kind.api_version}/{kind.kind}")
def test_a_field_in_another_case_is_an_unknown_field(kind: Kind) -> None:
    for field in typetable.struct(typetable.type_of(kind)).fields:
        other = field[0].upper() + field[1:]
        if other in typetable.struct(typetable.type_of(kind)).fields:
            continue
        kept, warnings = schema.decode(kind, {other: None}, "Warn")
        assert warnings == [f'unknown field "{other}"'], field
        assert other not in kept


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: f"{kind.api_version}/{kind.kind}")
def test_a_field_that_is_there_twice_is_told_and_the_last_one_counts(kind: Kind) -> None:
    body = doubled.parse('{"metadata": {"name": "a", "name": "b", "labels": {"x": "1", "x": "2"}}}')
    told = ['duplicate field "metadata.name"', 'duplicate field "metadata.labels.x"']
    kept, warnings = schema.decode(kind, body, "Warn")
    assert warnings == told
    assert (type(kept), kept["metadata"]["name"]) == (dict, "b")
    with pytest.raises(BadRequest) as refusal:
        schema.decode(kind, body, "Strict")
    assert refusal.value.message.endswith(f"strict decoding error: {', '.join(told)}")
    assert schema.decode(kind, body, "Ignore")[1] == []


# -- through the server -------------------------------------------------------------------------------


def test_json_is_told_of_in_the_order_of_its_text(api: Api) -> None:
    answer = api.send("POST", f"{DEPLOYMENTS}?fieldValidation=Strict", TEXT)
    assert answer.code == 400
    assert answer.body["message"] == (
        'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: '
        + ", ".join(FOUND)
    )
    warned = api.send("POST", f"{DEPLOYMENTS}?fieldValidation=Warn&dryRun=All", TEXT)
    assert (warned.code, warned.warnings) == (201, FOUND)
    assert warned.body["spec"].get("paused") is None
    default = api.send("POST", f"{DEPLOYMENTS}?dryRun=All", TEXT)
    assert default.warnings == FOUND
    silent = api.send("POST", f"{DEPLOYMENTS}?fieldValidation=Ignore", TEXT)
    assert (silent.code, silent.warnings) == (201, [])
    assert silent.body["spec"]["template"]["spec"]["containers"][0]["imagePullPolicy"] == "Never"
    put = api.send("PUT", f"{DEPLOYMENTS}/web?fieldValidation=Strict", TEXT)
    assert (put.code, put.body["message"]) == (400, answer.body["message"])


AS_YAML = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  unknown1: val1
  unknownDupe: valDupe
  unknownDupe: valDupe2
  paused: true
  paused: false
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: c
        image: x:1
        unknownNested: val1
        imagePullPolicy: Always
        imagePullPolicy: Never
"""


def test_yaml_is_told_of_by_its_lines_and_then_by_the_order_of_names(api: Api) -> None:
    lines = [
        'line 8: key "unknownDupe" already set in map',
        'line 10: key "paused" already set in map',
        'line 20: key "imagePullPolicy" already set in map',
    ]
    unknown = [
        'unknown field "spec.template.spec.containers[0].unknownNested"',
        'unknown field "spec.unknown1"',
        'unknown field "spec.unknownDupe"',
    ]
    answer = api.send("POST", f"{DEPLOYMENTS}?fieldValidation=Strict", AS_YAML, content_type=YAML)
    together = "yaml: unmarshal errors:\n  " + "\n  ".join(lines)
    assert answer.body["message"].partition("strict decoding error: ")[2] == ", ".join([together, *unknown])
    warned = api.send("POST", DEPLOYMENTS, AS_YAML, content_type=YAML)
    assert (warned.code, warned.warnings) == (201, [*lines, *unknown])


def test_a_merge_patch_that_says_a_thing_twice_is_invalid_when_strict(api: Api) -> None:
    api.post(DEPLOYMENTS, deployment("web"))
    patch = '{"spec": {"paused": true, "paused": false, "bogus": 1}}'
    told = ['duplicate field "spec.paused"', 'unknown field "spec.bogus"']
    for content_type in (MERGE_PATCH, STRATEGIC_PATCH):
        path = f"{DEPLOYMENTS}/web"
        message = api.refused(
            422, "PATCH", f"{path}?fieldValidation=Strict", patch, content_type=content_type
        )
        assert message.endswith(f"strict decoding error: {', '.join(told)}")
        answer = api.send("PATCH", path, patch, content_type=content_type)
        assert (answer.code, answer.warnings) == (200, told)
        assert (
            api.send("PATCH", f"{path}?fieldValidation=Ignore", patch, content_type=content_type).warnings
            == []
        )


def test_an_apply_that_says_a_thing_twice_is_refused_when_strict(api: Api) -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  x: '1'\n  x: '2'\n"
    path, apply = f"{CONFIG_MAPS}/a?fieldManager=me", "application/apply-patch+yaml"
    message = api.refused(400, "PATCH", f"{path}&fieldValidation=Strict", text, content_type=apply)
    assert message == (
        "error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n"
        '  line 6: key "x" already set in map'
    )
    answer = api.send("PATCH", path, text, content_type=apply)
    assert (answer.code, answer.warnings) == (201, ['line 6: key "x" already set in map'])
    assert answer.body["data"] == {"x": "2"}
    assert api.send("PATCH", f"{path}&fieldValidation=Ignore", text, content_type=apply).warnings == []


def test_a_custom_object_is_told_of_what_is_there_twice_before_what_is_unknown(api: Api) -> None:
    with_custom_kind(api)
    text = '{"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "a"}, "spec": {"bogus": 1, "size": 1, "size": 2}}'  # noqa: E501
    message = api.refused(400, "POST", f"{WIDGETS}?fieldValidation=Strict", text)
    assert message.endswith('strict decoding error: duplicate field "spec.size", unknown field "spec.bogus"')
    answer = api.send("POST", WIDGETS, text)
    assert (answer.code, answer.body["spec"]["size"]) == (201, 2)
    assert answer.warnings == ['duplicate field "spec.size"', 'unknown field "spec.bogus"']


def test_what_was_said_twice_is_stored_once_and_can_be_read_and_changed(api: Api) -> None:
    api.expect(201, "POST", DEPLOYMENTS, TEXT)
    stored = api.get(f"{DEPLOYMENTS}/web")
    api.put(f"{DEPLOYMENTS}/web", stored)
    assert "unknown1" not in json.dumps(stored)


def test_a_hundred_findings_are_enough(api: Api) -> None:
    text = json.dumps({f"x{number}": 1 for number in range(150)}).replace(
        "}", ', "kind": "ConfigMap", "kind": "ConfigMap"}'
    )
    answer = api.send("POST", f"{CONFIG_MAPS}?fieldValidation=Strict", text)
    assert answer.body["message"].count("unknown field") == 100


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_a_text_that_says_nothing_twice_reads_as_ever(value: Any) -> None:
    found = doubled.parse(json.dumps(value))
    assert found == value
    assert not isinstance(found, doubled.Doubled)

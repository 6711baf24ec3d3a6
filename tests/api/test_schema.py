"""Reading bodies: what Go's decoder accepts, drops, spells anew and refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8scourse.api import defaulting, errors, kinds, schema, typetable, validation
from k8scourse.api.values import freeze

REPOSITORY = Path(__file__).parents[2]
POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "default"},
       "spec": {"containers": [{"name": "c", "image": "nginx"}]}}  # fmt: skip


def pod(**spec: Any) -> dict[str, Any]:
    return {**POD, "spec": {**POD["spec"], **spec}}  # type: ignore[dict-item]


def decoded(body: Any, mode: str = "Strict") -> Any:
    return schema.decode(kinds.POD, body, mode)[0]


def test_nulls_and_empty_optional_fields_are_dropped_and_pointers_keep_their_zero() -> None:
    spec = decoded(pod(hostNetwork=False, nodeName="", priority=0, nodeSelector={}, volumes=None))["spec"]
    assert ["containers", "priority"] == list(spec)


def test_quantities_and_times_get_their_stored_spelling() -> None:
    body = pod(containers=[{"name": "c", "resources": {"limits": {"cpu": 0.5, "memory": "1024Mi"}}}])
    body["metadata"] = {"creationTimestamp": "2026-01-01T02:00:00+02:00"}
    obj = decoded(body)
    assert {"cpu": "500m", "memory": "1Gi"} == obj["spec"]["containers"][0]["resources"]["limits"]
    assert obj["metadata"]["creationTimestamp"] == "2026-01-01T00:00:00Z"


def test_a_frozen_object_in_its_stored_form_comes_back_itself() -> None:
    obj = freeze(defaulting.apply_defaults(kinds.POD, decoded(POD)))
    assert decoded(obj) is obj
    assert defaulting.apply_defaults(kinds.POD, obj) is obj


def test_unknown_fields_are_refused_warned_about_or_dropped() -> None:
    body = pod(bogus=1, containers=[{"name": "c", "imagge": "x"}])
    with pytest.raises(errors.BadRequest) as refusal:
        decoded(body)
    assert (
        'Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field '
        '"spec.containers[0].imagge", unknown field "spec.bogus"'
    ) == refusal.value.message
    obj, warnings = schema.decode(kinds.POD, body, "Warn")
    assert ['unknown field "spec.containers[0].imagge"', 'unknown field "spec.bogus"'] == warnings
    assert "bogus" not in obj["spec"]
    assert schema.decode(kinds.POD, body, "Ignore")[1] == []


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (
            {"activeDeadlineSeconds": "ten"},
            "string into Go struct field PodSpec.spec.activeDeadlineSeconds of type int64",
        ),
        ({"nodeName": 5}, "number into Go struct field PodSpec.spec.nodeName of type string"),
        (
            {"restartPolicy": 5},
            "number into Go struct field PodSpec.spec.restartPolicy of type v1.RestartPolicy",
        ),
        (
            {"containers": {"a": 1}},
            "object into Go struct field PodSpec.spec.containers of type []v1.Container",
        ),
        ({"containers": ["a"]}, "string into Go struct field PodSpec.spec.containers of type v1.Container"),
        (
            {"terminationGracePeriodSeconds": 1.5},
            "number 1.5 into Go struct field PodSpec.spec.terminationGracePeriodSeconds of type int64",
        ),
        ({"hostNetwork": "yes"}, "string into Go struct field PodSpec.spec.hostNetwork of type bool"),
        (
            {"containers": [{"image": 1}]},
            "number into Go struct field Container.spec.containers.image of type string",
        ),
        ({"nodeSelector": {"a": True}}, "bool into Go struct field PodSpec.spec.nodeSelector of type string"),
    ],
)
def test_wrong_types_are_refused_in_the_words_of_go(spec: dict[str, Any], message: str) -> None:
    with pytest.raises(errors.BadRequest) as refusal:
        decoded(pod(**spec))
    assert (
        f'Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal {message}'
        == refusal.value.message
    )


def test_after_a_patch_the_same_problem_is_an_invalid_patch() -> None:
    with pytest.raises(errors.Invalid) as refusal:
        schema.decode_patched(kinds.POD, pod(nodeName=5))
    assert refusal.value.message.startswith(
        ' "" is invalid: patch: Invalid value: "<object>": json: cannot unmarshal'
    )


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 2**70), st.floats(allow_nan=False), st.text(max_size=4)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["name", "image", "containers", "spec", "metadata", "labels", "ports", "x",
                                         "resources", "limits", "status", "conditions", "kind", "type"]), inner,
                        max_size=4)),
    max_leaves=12,
)  # fmt: skip


@given(st.sampled_from(kinds.ALL), JSON)
def test_any_value_is_an_object_or_a_status(kind: kinds.Kind, value: Any) -> None:
    body = value if isinstance(value, dict) else {"spec": value, "metadata": value}
    for candidate in (value, body):
        try:
            obj, _ = schema.decode(kind, candidate, "Ignore")
        except errors.StatusError as refusal:
            assert refusal.status["code"] == 400  # noqa: PT017
            continue
        obj = defaulting.apply_defaults(kind, obj)
        assert isinstance(validation.validate_create(kind, obj), list)
        json.dumps(obj)


@given(st.sampled_from(kinds.ALL), JSON)
def test_what_was_decoded_and_defaulted_is_stable(kind: kinds.Kind, value: Any) -> None:
    try:
        obj, _ = schema.decode(kind, {"spec": value}, "Ignore")
    except errors.StatusError:
        return
    obj = defaulting.apply_defaults(kind, obj)
    again = defaulting.apply_defaults(kind, schema.decode(kind, obj)[0])
    assert obj == again


def test_the_table_is_what_the_tool_makes_of_the_package() -> None:
    source = pytest.importorskip("kubernetes_validate")
    import runpy

    tool = runpy.run_path(str(REPOSITORY / "tools/make_schema.py"))
    definitions = (
        Path(source.__file__).parent / f"kubernetes-json-schema/v{tool['VERSION']}-local/_definitions.json"
    )
    table = tool["Table"](json.loads(definitions.read_text())["$defs"])
    for api_version, names in tool["KINDS"].items():
        for name in names:
            table.add(tool["full_name"](table.definitions, api_version, name))
    stored = json.loads((REPOSITORY / "k8scourse/api/data/schema.json").read_text())
    assert stored["types"] == table.types


def test_every_field_that_the_tool_lists_by_hand_exists() -> None:
    import runpy

    tool = runpy.run_path(str(REPOSITORY / "tools/make_schema.py"))
    stored = json.loads((REPOSITORY / "k8scourse/api/data/schema.json").read_text())["types"]
    known = {(called, field) for name, entry in stored.items() for field in entry["fields"]
             for called in (name, name.rsplit(".", 1)[1])}  # fmt: skip
    listed = tool["pairs"](tool["POINTERS"]) | tool["pairs"](tool["ALWAYS"]) | tool["pairs"](tool["NEVER"])
    assert set() == listed - known


def test_the_keys_of_a_map_are_not_taken_for_fields() -> None:
    spec = {"properties": {"anything": {"type": "string", "minLength": None}}}
    versions = [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": spec}}]
    names = {"plural": "widgets", "kind": "Widget"}
    body = {
        "metadata": {"name": "x"},
        "spec": {"group": "g", "scope": "Cluster", "names": names, "versions": versions},
    }
    definition = kinds.resource("customresourcedefinitions")
    found, warnings = schema.decode(definition, body, "Strict")
    assert found["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"] == {
        "anything": {"type": "string"}
    }
    assert warnings == []


def test_every_kind_has_its_type() -> None:
    for kind in (*kinds.ALL, *kinds.BODIES):
        assert typetable.struct(typetable.type_of(kind)).bare == kind.kind


def test_an_endpoint_slice_shows_that_it_has_no_endpoints() -> None:
    made = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": "web-1", "namespace": "default"},
        "addressType": "IPv4",
    }
    found, _ = schema.decode(kinds.ENDPOINT_SLICE, made)
    assert (found["endpoints"], found["ports"]) == (None, None)

"""JSON patch against a second implementation, and where the real server's library differs from it."""

from __future__ import annotations

from typing import Any

import jsonpatch
import jsonpointer
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k8scourse.api import errors
from k8scourse.api.json_patches import json_patch, unknown_fields
from k8scourse.api.values import freeze, thaw

SCALARS = st.sampled_from([None, True, 0, 1, "", "a", "b"])
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.sampled_from("abc"), JSON, max_size=3)
POINTERS = st.lists(st.sampled_from(["a", "b", "c", "0", "1", "-"]), min_size=1, max_size=3).map(
    lambda parts: "".join(f"/{part}" for part in parts)
)
OPERATIONS = st.one_of(
    st.fixed_dictionaries(
        {"op": st.sampled_from(["add", "replace", "test"]), "path": POINTERS, "value": JSON}
    ),
    st.fixed_dictionaries({"op": st.sampled_from(["move", "copy"]), "path": POINTERS, "from": POINTERS}),
    st.fixed_dictionaries({"op": st.just("remove"), "path": POINTERS}),
)
REFUSED = object()


def ours(obj: Any, operations: Any) -> Any:
    try:
        return json_patch(freeze(obj), operations)
    except errors.Invalid:
        return REFUSED


def theirs(obj: Any, operations: Any) -> Any:
    try:
        return jsonpatch.apply_patch(thaw(obj), operations)
    except (
        jsonpatch.JsonPatchException,
        jsonpointer.JsonPointerException,
        LookupError,
        TypeError,
        ValueError,
    ):
        return REFUSED


def is_there(obj: Any, path: str) -> bool:
    """Whether RFC 6902 finds something there; where it does not, upstream may be more generous."""
    try:
        jsonpointer.resolve_pointer(obj, path)
    except (jsonpointer.JsonPointerException, TypeError):
        return False
    return not path.endswith("-")


def is_plain(obj: Any, operation: Any) -> bool:
    """Whether both libraries should agree about an operation."""
    name, path = operation["op"], operation["path"]
    if name in ("replace", "test") and not is_there(obj, path):
        return False
    source = operation.get("from", path)
    if name in ("move", "copy") and not is_there(obj, source):
        return False
    # The other library compares true and 1 as equal, and lets an object be moved into itself.
    return name != "test" and not (name == "move" and (path + "/").startswith(source + "/"))


@settings(max_examples=500)
@given(OBJECTS, st.lists(OPERATIONS, min_size=1, max_size=4))
def test_operations_do_what_a_second_library_does(obj: Any, operations: Any) -> None:
    for operation in operations:
        if not is_plain(obj, operation):
            continue
        expected = theirs(obj, [operation])
        assert ours(obj, [operation]) == expected, operation
        obj = obj if expected is REFUSED else expected


@given(OBJECTS, OBJECTS)
def test_a_patch_of_the_difference_gives_the_target_and_leaves_its_argument(source: Any, target: Any) -> None:
    frozen = freeze(source)
    assert ours(frozen, jsonpatch.make_patch(source, target).patch) == target
    assert frozen == source


@given(OBJECTS, st.sampled_from("abc"), JSON)
def test_a_test_passes_for_what_is_there_and_for_nothing_else(obj: Any, key: str, value: Any) -> None:
    found = obj.get(key)
    same = type(found) is type(value) and found == value
    outcome = ours(obj, [{"op": "test", "path": f"/{key}", "value": value}])
    assert outcome == obj if same else outcome in (obj, REFUSED)
    wrong = ours(obj, [{"op": "test", "path": f"/{key}", "value": {"other": 1}}])
    assert wrong is REFUSED or found == {"other": 1}


@pytest.mark.parametrize(
    ("operation", "after"),
    [
        ({"op": "replace", "path": "/new", "value": 1}, {"a": [1, 2], "new": 1}),
        ({"op": "add", "path": "/a/-1", "value": 3}, {"a": [1, 2, 3]}),
        ({"op": "remove", "path": "/a/-1"}, {"a": [1]}),
        ({"op": "replace", "path": "/a/-2", "value": 0}, {"a": [0, 2]}),
        ({"op": "copy", "from": "/none", "path": "/b"}, {"a": [1, 2], "b": None}),
        ({"op": "test", "path": "/none", "value": None}, {"a": [1, 2]}),
        ({"op": "add", "path": "before/b"}, {"a": [1, 2], "b": None}),
        ({"op": "replace", "path": "", "value": {"z": 1}}, {"z": 1}),
        ({"op": "test", "path": "", "value": {"a": [1, 2]}}, {"a": [1, 2]}),
    ],
)
def test_upstreams_library_is_more_generous_than_the_standard(operation: Any, after: Any) -> None:
    assert ours({"a": [1, 2]}, [operation]) == after


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "add", "path": "", "value": {}},
        {"op": "remove", "path": "/none"},
        {"op": "move", "from": "/none", "path": "/b"},
        {"op": "add", "path": "/a/3", "value": 1},
        {"op": "add", "path": "/a/x", "value": 1},
        {"op": "add", "path": "/a/-4", "value": 1},
        {"op": "replace", "path": "/a/-", "value": 1},
        {"op": "test", "path": "/a/0"},
        {"op": "test", "path": "/a/0", "value": True},
        {"op": "test", "path": "/a/0", "value": 1.0},
        {"op": "replace", "path": "", "value": "text"},
        {"op": "copy", "path": "/b"},
        {"op": "add", "value": 1},
        {"op": "frob", "path": "/a"},
        {},
        None,
    ],
)
def test_what_cannot_be_applied_is_refused_without_a_word(operation: Any) -> None:
    assert ours({"a": [1, 2]}, [operation]) is REFUSED


@pytest.mark.parametrize(
    ("operations", "message"),
    [
        ({"op": "add"}, "cannot unmarshal object into Go value of type []handlers.jsonPatchOp"),
        (["add"], "cannot unmarshal string into Go value of type handlers.jsonPatchOp"),
        ([{"op": 1}], "cannot unmarshal number into Go struct field jsonPatchOp.op of type string"),
        (
            [{"op": "add", "path": []}],
            "cannot unmarshal array into Go struct field jsonPatchOp.path of type string",
        ),
    ],
)
def test_what_is_no_list_of_operations_is_a_bad_request(operations: Any, message: str) -> None:
    with pytest.raises(errors.BadRequest, match=r"^error decoding patch: json: ") as refusal:
        json_patch({}, operations)
    assert message in refusal.value.message


def test_a_patch_has_at_most_ten_thousand_operations_and_copies_no_more_than_a_request_holds() -> None:
    test = {"op": "test", "path": "", "value": {}}
    assert json_patch({}, [test] * 10_000) == {}
    with pytest.raises(errors.TooLarge) as refusal:
        json_patch({}, [test] * 10_001)
    assert (refusal.value.code, refusal.value.message) == (
        413,
        "Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001",
    )
    doubling = [{"op": "copy", "from": "", "path": "/a"}, {"op": "copy", "from": "/a", "path": "/a/a"}]
    assert ours({"b": "x" * 4_000_000, "c": {}}, [{"op": "copy", "from": "/b", "path": "/c/d"}]) is REFUSED
    assert ours({}, doubling) is REFUSED


def test_fields_that_no_operation_has_are_found() -> None:
    operations = [{"op": "add", "path": "/a", "value": 1}, {"op": "remove", "path": "/a", "why": "x"}]
    assert unknown_fields(operations) == ['json patch unknown field "[1].why"']

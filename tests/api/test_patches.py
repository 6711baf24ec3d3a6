"""Laws of patches: what must hold for every object, not only for those we thought of."""

from __future__ import annotations

from typing import Any

import jsonpatch
import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8scourse.api import diffs, errors, kinds, patches
from k8scourse.api.values import freeze

SCALARS = st.one_of(st.booleans(), st.integers(-5, 5), st.sampled_from(["", "a", "b"]))
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.sampled_from("abc"), JSON, max_size=3)
PATCHES = st.recursive(
    st.one_of(SCALARS, st.none()),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
).filter(lambda patch: isinstance(patch, dict))


@given(OBJECTS, PATCHES)
def test_a_merge_patch_twice_is_a_merge_patch_once(obj: Any, patch: Any) -> None:
    once = patches.merge_patch(freeze(obj), patch)
    assert once == patches.merge_patch(once, patch)


def rfc_7386(target: Any, patch: Any) -> Any:
    """The pseudocode of the standard, word by word."""
    if not isinstance(patch, dict):
        return patch
    if not isinstance(target, dict):
        target = {}
    result = dict(target)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = rfc_7386(result.get(name), value)
    return result


@given(OBJECTS, PATCHES)
def test_a_merge_patch_does_what_the_standard_says(obj: Any, patch: Any) -> None:
    assert patches.merge_patch(freeze(obj), patch) == rfc_7386(obj, patch)


def test_objects_in_a_new_list_lose_their_nulls_as_upstream() -> None:
    assert patches.merge_patch({}, {"a": [{"b": None, "c": 1}, None]}) == {"a": [{"c": 1}, None]}


@given(OBJECTS)
def test_the_empty_merge_patch_changes_nothing(obj: Any) -> None:
    assert obj == patches.merge_patch(obj, {})


@given(OBJECTS, OBJECTS)
def test_the_difference_of_two_objects_merges_one_into_the_other(source: Any, target: Any) -> None:
    patch = diffs.three_way_merge(source, target, source)
    assert target == patches.merge_patch(source, patch)


@given(OBJECTS, OBJECTS)
def test_a_json_patch_does_what_the_library_says_and_leaves_its_argument(source: Any, target: Any) -> None:
    operations = jsonpatch.make_patch(source, target).patch
    frozen = freeze(source)
    assert target == patches.json_patch(frozen, operations)
    assert source == frozen


# ---------------------------------------------------------------------- strategic merge

TEXT = st.sampled_from(["1", "2", "3"])
NAMES = st.sampled_from("abcd")


def keyed(key: str, keys: st.SearchStrategy[Any], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Lists of objects, each with a key of its own."""
    item = st.fixed_dictionaries({key: keys}, optional=fields)
    return st.lists(item, max_size=4, unique_by=lambda entry: entry[key])


CONTAINERS = keyed(
    "name", NAMES, image=TEXT, args=st.lists(TEXT, max_size=2), env=keyed("name", NAMES, value=TEXT),
    ports=keyed("containerPort", st.integers(1, 4), name=NAMES),
)  # fmt: skip
VOLUMES = keyed("name", NAMES, emptyDir=st.just({}), hostPath=st.fixed_dictionaries({"path": TEXT}))
STRATEGIES = st.sampled_from(
    [{"type": "Recreate"}, {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}]
)
FINALIZERS = st.lists(NAMES, unique=True, max_size=3)


def deployment(containers: Any, volumes: Any, strategy: Any, labels: Any, finalizers: Any) -> dict[str, Any]:
    return {
        "metadata": {"labels": labels, "finalizers": finalizers},
        "spec": {"strategy": strategy, "template": {"spec": {"containers": containers, "volumes": volumes}}},
    }


DEPLOYMENTS = st.builds(deployment, CONTAINERS, VOLUMES, STRATEGIES, st.dictionaries(NAMES, TEXT), FINALIZERS)


@given(DEPLOYMENTS, DEPLOYMENTS)
def test_the_three_way_patch_of_an_untouched_object_reproduces_the_target(
    original: Any, modified: Any
) -> None:
    patch = patches.three_way_strategic(kinds.DEPLOYMENT, original, modified, original)
    assert modified == patches.strategic_merge(kinds.DEPLOYMENT, freeze(original), patch)


@given(DEPLOYMENTS)
def test_applying_the_same_file_again_sends_nothing(obj: Any) -> None:
    assert patches.three_way_strategic(kinds.DEPLOYMENT, obj, obj, obj) == {}


@given(DEPLOYMENTS, DEPLOYMENTS, DEPLOYMENTS)
def test_a_three_way_patch_twice_is_a_three_way_patch_once(
    original: Any, modified: Any, current: Any
) -> None:
    patch = patches.three_way_strategic(kinds.DEPLOYMENT, original, modified, current)
    once = stored(patches.strategic_merge(kinds.DEPLOYMENT, stored(current), patch))
    assert once == stored(patches.strategic_merge(kinds.DEPLOYMENT, once, patch))


def stored(value: Any) -> Any:
    """What the server keeps of a value: unknown fields, empty lists and objects are left out."""
    if isinstance(value, dict):
        kept = {key: stored(item) for key, item in value.items() if not key.startswith("$")}
        return {key: item for key, item in kept.items() if item not in ([], {}) or key == "emptyDir"}
    return [stored(item) for item in value] if isinstance(value, list) else value


@given(DEPLOYMENTS, DEPLOYMENTS)
def test_what_others_have_set_stays(original: Any, modified: Any) -> None:
    current = {**original, "status": {"replicas": 3}, "metadata": {**original["metadata"], "uid": "u"}}
    patch = patches.three_way_strategic(kinds.DEPLOYMENT, original, modified, current)
    merged = patches.strategic_merge(kinds.DEPLOYMENT, current, patch)
    assert (merged["status"], merged["metadata"]["uid"]) == ({"replicas": 3}, "u")


def pod(*names: str) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": name, "image": "old"} for name in names]}}


def merged_names(patch: list[dict[str, Any]], **more: Any) -> list[str]:
    merged = patches.strategic_merge(kinds.POD, pod("a", "b"), {"spec": {"containers": patch, **more}})
    return [container["name"] for container in merged["spec"]["containers"]]


def test_a_new_container_goes_to_the_front() -> None:
    assert ["c", "a", "b"] == merged_names([{"name": "c"}])


def test_set_element_order_places_it_elsewhere() -> None:
    order = [{"name": "a"}, {"name": "c"}, {"name": "b"}]
    assert ["a", "c", "b"] == merged_names([{"name": "c"}], **{"$setElementOrder/containers": order})


def test_directives_delete_and_replace() -> None:
    assert ["b"] == merged_names([{"name": "a", "$patch": "delete"}])
    assert ["z"] == merged_names([{"name": "z"}, {"$patch": "replace"}])


def test_primitive_lists_delete_by_value() -> None:
    merged = patches.strategic_merge(
        kinds.POD, {"metadata": {"finalizers": ["x", "y"]}},
        {"metadata": {"finalizers": ["z"], "$deleteFromPrimitiveList/finalizers": ["x"]}},
    )  # fmt: skip
    assert ["y", "z"] == sorted(merged["metadata"]["finalizers"])


@pytest.mark.parametrize(
    ("patch", "message"),
    [
        ([{"image": "x"}], "map: map[image:x] does not contain declared merge key: name"),
        (
            [{"name": "a", "$patch": "explode"}],
            "unknown patch type: explode in map: map[$patch:explode name:a]",
        ),
    ],
)
def test_senseless_directives_are_refused_as_upstream_does(patch: Any, message: str) -> None:
    with pytest.raises(errors.InternalError) as refusal:
        merged_names(patch)
    assert message == refusal.value.message


@given(JSON)
def test_any_value_as_a_patch_gives_a_result_or_a_status(value: Any) -> None:
    for apply in (patches.json_patch, patches.merge_patch):
        try:
            apply({"a": [1, {"b": 2}]}, value)
        except errors.StatusError as refusal:
            assert refusal.status["code"] in (400, 422)  # noqa: PT017
    try:
        patches.strategic_merge(kinds.DEPLOYMENT, pod("a"), value)
    except errors.StatusError as refusal:
        assert refusal.status["code"] in (400, 500)  # noqa: PT017


# ---------------------------------------------------------------------- directives, one by one


def pod_spec(spec: dict[str, Any], **patch: Any) -> Any:
    return patches.strategic_merge_type("core.v1.PodSpec", spec, patch)


@pytest.mark.parametrize(
    ("spec", "patch", "after"),
    [
        # Deletions come first, wherever they stand.
        ({"volumes": [{"name": "a", "emptyDir": {}}]},
         {"volumes": [{"name": "a", "hostPath": {"path": "/x"}}, {"name": "a", "$patch": "delete"}]},
         {"volumes": [{"name": "a", "hostPath": {"path": "/x"}}]}),
        # A list of scalars is taken out of by value, whatever its strategy; null takes it away.
        ({"containers": [{"name": "a", "args": ["x", "y"]}]},
         {"containers": [{"name": "a", "$deleteFromPrimitiveList/args": ["x"]}]},
         {"containers": [{"name": "a", "args": ["y"]}]}),
        ({"containers": [{"name": "a", "args": ["x"]}]},
         {"containers": [{"name": "a", "$deleteFromPrimitiveList/args": None}]},
         {"containers": [{"name": "a"}]}),
        ({}, {"$deleteFromPrimitiveList/args": ["x"]}, {}),
        # Where there is nothing to merge with, maps that are directives vanish and nulls with them.
        ({}, {"securityContext": {"$patch": "replace", "runAsUser": 1}}, {}),
        ({}, {"securityContext": {"runAsUser": None, "runAsGroup": 1}}, {"securityContext": {"runAsGroup": 1}}),
        ({"securityContext": {"runAsUser": 1, "runAsGroup": 2}},
         {"securityContext": {"$patch": "replace", "runAsUser": 3}}, {"securityContext": {"runAsUser": 3}}),
        ({"securityContext": {"runAsUser": 1}}, {"securityContext": {"$patch": "delete"}}, {"securityContext": {}}),
        # Atomic lists are replaced, with and without an order.
        ({"tolerations": [{"key": "a"}]}, {"tolerations": [{"key": "b"}]}, {"tolerations": [{"key": "b"}]}),
        # $retainKeys keeps what it lists, of the old and of the new.
        ({"volumes": [{"name": "v", "emptyDir": {}}]},
         {"volumes": [{"name": "v", "hostPath": {"path": "/x"}, "$retainKeys": ["name", "hostPath"]}]},
         {"volumes": [{"name": "v", "hostPath": {"path": "/x"}}]}),
        # The order of the server's own items is kept around those of the patch.
        ({"containers": [{"name": n} for n in "abcd"]},
         {"$setElementOrder/containers": [{"name": "d"}, {"name": "b"}]},
         {"containers": [{"name": n} for n in "acdb"]}),
        ({"containers": [{"name": "a", "env": [{"name": "X", "value": "1"}, {"name": "Y"}]}]},
         {"containers": [{"name": "a", "env": [{"name": "X", "$patch": "delete"}, {"name": "Z"}]}]},
         {"containers": [{"name": "a", "env": [{"name": "Z"}, {"name": "Y"}]}]}),
        ({"containers": [{"name": "a", "ports": [{"containerPort": 80, "name": "x"}]}]},
         {"containers": [{"name": "a", "ports": [{"containerPort": 80, "protocol": "UDP"}, {"containerPort": 81}]}]},
         {"containers": [{"name": "a", "ports": [{"containerPort": 80, "name": "x", "protocol": "UDP"},
                                                 {"containerPort": 81}]}]}),
    ],
)  # fmt: skip
def test_directives_do_what_upstreams_library_does(spec: Any, patch: Any, after: Any) -> None:
    assert pod_spec(freeze(spec), **patch) == after


@pytest.mark.parametrize(
    ("patch", "code", "message"),
    [
        ({"$retainKeys": "x"}, 400, "invalid patch format of retainKeys"),
        ({"$retainKeys": [], "hostname": "x"}, 400, "invalid patch format of retainKeys"),
        ({"$setElementOrder": []}, 400, "invalid patch format of setElementOrder list"),
        ({"$deleteFromPrimitiveList": []}, 400, "invalid patch format of primitive list"),
        ({"$setElementOrder/containers": "x"}, 500, "expected a []interface {}, but received a string"),
        ({"$setElementOrder/containers": [], "containers": None}, 500,
         "expected a []interface {}, but received a %!s(<nil>)"),
        ({"$setElementOrder/bogus": []}, 500, 'unable to find api field in struct PodSpec for the json field "bogus"'),
        ({"$setElementOrder/containers": [{"name": "a"}], "containers": [{"name": "b"}]}, 500,
         "The order in patch list:\n[map[name:b]]\n doesn't match $setElementOrder list:\n[map[name:a]]\n"),
        ({"containers": [{"name": "a", "$patch": "merge"}]}, 500,
         "merging lists cannot yet be specified in the patch"),
        ({"containers": [{"$patch": "delete"}]}, 500,
         "map: map[$patch:delete] does not contain declared merge key: name"),
        ({"containers": ["a"]}, 500, "list element types are not identical: [[map[name:a]] [a]]"),
        ({"containers": [["a"]]}, 500, "list element types are not identical: [[map[name:a]] [[a]]]"),
        ({"$patch": "merge"}, 500, "unknown patch type: merge in map: map[$patch:merge]"),
    ],
)  # fmt: skip
def test_directives_that_make_no_sense_are_refused_in_upstreams_words(
    patch: Any, code: int, message: str
) -> None:
    with pytest.raises(errors.StatusError) as refusal:
        pod_spec({"containers": [{"name": "a"}]}, **patch)
    assert (refusal.value.code, refusal.value.message) == (code, message)

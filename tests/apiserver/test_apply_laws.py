"""Laws of ownership: what must hold whatever is applied, updated and given up."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from k8scourse.api import kinds
from k8scourse.api.errors import Conflict
from k8scourse.api.values import freeze
from k8scourse.apiserver.apply import atoms, comparing, fieldmanager, fieldset, merging

KEYS = st.sampled_from("abcd")
DATA = st.dictionaries(KEYS, st.sampled_from("12"), max_size=4)
ELEMENTS = st.sampled_from(["f:a", "f:b", 'k:{"name":"x"}', 'v:"y"'])
FIELD_SETS = st.recursive(
    st.just({}),
    lambda inner: st.dictionaries(ELEMENTS | st.just("."), inner, min_size=1, max_size=3),
    max_leaves=10,
).map(lambda tree: _tidy(tree) if tree else {})
PORTS = st.lists(st.sampled_from([80, 81, 82]), unique=True, max_size=3).map(
    lambda numbers: [{"containerPort": number} for number in numbers]
)
CONTAINERS = st.lists(
    st.tuples(st.sampled_from("xyz"), st.sampled_from(["i:1", "i:2"]), PORTS),
    unique_by=lambda one: one[0],
    max_size=3,
).map(lambda rows: [{"name": name, "image": image, "ports": ports} for name, image, ports in rows])
STEPS = st.lists(
    st.tuples(st.sampled_from(["one", "two", "three"]), DATA, st.sampled_from(["apply", "force", "update"])),
    min_size=1,
    max_size=8,
)


def _tidy(tree: Any) -> Any:
    """A field set as it is stored: no empty nodes but leaves, no lone "." below the top."""
    return {key: _node(below) for key, below in tree.items() if key != "."}


def _node(tree: Any) -> Any:
    below = _tidy(tree)
    if "." in tree and below:
        return {".": {}, **below}
    return below


def members(fields: Any) -> list[tuple[str, ...]]:
    return sorted(fieldset.paths(fields))


@given(FIELD_SETS, FIELD_SETS)
def test_field_sets_are_sets(one: Any, other: Any) -> None:
    left, right = set(members(one)), set(members(other))
    assert set(members(fieldset.union(one, other))) == left | right
    assert set(members(fieldset.intersection(one, other))) == left & right
    assert set(members(fieldset.difference(one, other))) == left - right


@given(FIELD_SETS, FIELD_SETS)
def test_a_subtree_goes_with_its_root(one: Any, other: Any) -> None:
    gone = set(members(other))
    left = set(members(fieldset.without_subtrees(one, other)))
    assert left == {
        path for path in members(one) if not any(path[:end] in gone for end in range(1, len(path) + 1))
    }


def deployment(containers: list[Any]) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"template": {"spec": {"containers": containers}}},
    }


@given(CONTAINERS, CONTAINERS)
def test_merging_loses_no_item_and_an_object_merged_with_itself_is_itself(live: Any, applied: Any) -> None:
    atom = atoms.of_kind(kinds.resource("deployments"))
    one, other = freeze(deployment(live)), freeze(deployment(applied))
    merged = merging.merge(atom, one, other)
    fields = comparing.field_set(atom, merged)
    for part in (one, other):
        assert fieldset.difference(comparing.field_set(atom, part), fields) == {}
    names = [one["name"] for one in merged["spec"]["template"]["spec"]["containers"]]
    assert len(set(names)) == len(names)
    assert merging.merge(atom, merged, merged) == merged
    assert not any(comparing.compare(atom, merged, merging.merge(atom, merged, other)))


@given(CONTAINERS, CONTAINERS)
def test_a_comparison_names_every_difference_once(old: Any, new: Any) -> None:
    atom = atoms.of_kind(kinds.resource("deployments"))
    found = comparing.compare(atom, freeze(deployment(old)), freeze(deployment(new)))
    back = comparing.compare(atom, freeze(deployment(new)), freeze(deployment(old)))
    assert (found.removed, found.modified, found.added) == (back.added, back.modified, back.removed)


@given(CONTAINERS, CONTAINERS)
def test_removing_the_fields_that_were_added_gives_the_old_items_back(old: Any, new: Any) -> None:
    atom = atoms.of_kind(kinds.resource("deployments"))
    one, other = freeze(deployment(old)), freeze(deployment(new))
    merged = merging.merge(atom, one, other)
    without = merging.remove(atom, merged, comparing.compare(atom, one, merged).added)
    left = ((without or {}).get("spec") or {}).get("template") or {}
    names = [one["name"] for one in (left.get("spec") or {}).get("containers") or ()]
    assert sorted(names) == sorted(one["name"] for one in old)


def config_map(data: dict[str, str]) -> dict[str, Any]:
    body: dict[str, Any] = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}
    return {**body, "data": data} if data else body


class World:
    """One ConfigMap, what each applier last had accepted, and what a writer may expect to find."""

    def __init__(self) -> None:
        self.obj: Any = None
        self.accepted: dict[str, dict[str, str]] = {}

    def step(self, manager: str, data: dict[str, str], how: str) -> None:
        kind = kinds.resource("configmaps")
        if how == "update":
            self._update(kind, manager, data)
            return
        try:
            new = fieldmanager.apply(kind, "", self.obj, config_map(data), manager, how == "force", "now")
        except Conflict:
            assert how != "force"
            taken = {
                key: item
                for other, had in self.accepted.items()
                if other != manager
                for key, item in had.items()
            }
            owned = {**taken, **self._updated()}
            assert any(owned.get(key, item) != item for key, item in data.items())
            return
        again = fieldmanager.apply(kind, "", new, config_map(data), manager, False, "later")
        assert again == new
        for other, had in self.accepted.items():
            if other != manager and how == "force":
                self.accepted[other] = {key: item for key, item in had.items() if data.get(key, item) == item}
        self.accepted[manager], self.obj = data, freeze(new)

    def _update(self, kind: Any, manager: str, data: dict[str, str]) -> None:
        new = config_map(data)
        if self.obj is not None:
            new["metadata"] = self.obj["metadata"]
        self.obj = freeze(fieldmanager.written(kind, "", self.obj, new, manager, "now"))
        for other, had in self.accepted.items():
            self.accepted[other] = {key: item for key, item in had.items() if data.get(key) == item}

    def _updated(self) -> dict[str, str]:
        entries = self.obj["metadata"].get("managedFields", ()) if self.obj else ()
        keys = [
            key[2:]
            for one in entries
            if one["operation"] == "Update"
            for key in one["fieldsV1"].get("f:data", ())
        ]
        data = self.obj.get("data") or {} if self.obj else {}
        return {key: data[key] for key in keys if key in data} if entries else data

    def check(self) -> None:
        if self.obj is None:
            return
        data = self.obj.get("data") or {}
        for manager, had in self.accepted.items():
            assert had.items() <= data.items(), f"{manager} lost a field"
        entries = self.obj["metadata"].get("managedFields", ())
        owned = [key for one in entries for key in one["fieldsV1"].get("f:data", ())]
        # An object whose last owner has gone is followed again from the next apply on.
        keys = sorted({key[2:] for key in owned if key != "."})
        assert not entries or sorted(data) == keys, "a field without an owner"


@settings(max_examples=300, deadline=None)
@given(STEPS)
def test_nobody_loses_a_field_but_to_force_or_an_update(steps: Any) -> None:
    world = World()
    for manager, data, how in steps:
        world.step(manager, data, how)
        world.check()

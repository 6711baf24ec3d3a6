"""Each stage says why it answered as it did; the reasons are data, their words are in the catalogue."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from apiserver.support import CONFIG_MAPS, PODS, Api, config_map, pod

import k8scourse.apiserver
from k8scourse import words
from k8scourse.apiserver.call import Call
from k8scourse.apiserver.request import Request, Response
from k8scourse.apiserver.routes import Route

STAGES = ("authenticate", "impersonate", "flow", "authorize", "admit", "validate", "check", "store")


def reasons_in_the_source() -> Iterator[tuple[str, str, str]]:
    """Every `….reason("stage", "key", …)` of the package, with the place where it stands."""
    for file in sorted(Path(k8scourse.apiserver.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if node.func.attr == "reason" and len(node.args) == 2:
                stage, key = node.args
                assert isinstance(stage, ast.Constant), f"{file}:{node.lineno}: the stage is not a literal"
                keys = [part.value for part in ast.walk(key) if isinstance(part, ast.Constant)]
                for each in keys:
                    yield str(stage.value), str(each), f"{file.name}:{node.lineno}"


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_reason_has_words(language: str) -> None:
    found = list(reasons_in_the_source())
    assert found
    for stage, key, place in found:
        assert stage in STAGES, place
        assert f"reasons.{stage}.{key}" in words.catalogue(language), place


def test_an_admission_plugin_that_changes_the_object_is_named(api: Api) -> None:
    api.run(1)
    answer = api.send("POST", PODS, pod("p"))
    assert answer.code == 201
    changed = [
        values["plugin"] for stage, key, values in answer.reasons if (stage, key) == ("admit", "changed")
    ]
    assert "DefaultTolerationSeconds" in changed
    assert all(values["before"] != values["after"] for _, key, values in answer.reasons if key == "changed")


def test_a_write_that_starts_again_keeps_only_the_settled_reasons() -> None:
    call = Call(Request("GET", "/"), Route("/"), {})
    call.reason("authenticate", "token", user="a")
    call.reason("admit", "changed", plugin="P")
    call.begin_again()
    assert call.reasons == [("authenticate", "token", {"user": "a"})]


def test_a_read_has_no_reasons_of_admission(api: Api) -> None:
    api.post(CONFIG_MAPS, config_map("a"))
    answer = api.send("GET", f"{CONFIG_MAPS}/a")
    assert isinstance(answer, Response)
    assert not [reason for reason in answer.reasons if reason[0] in ("admit", "check")]


def _told(answer: Response) -> list[tuple[str, dict[str, object]]]:
    return [(key, values) for stage, key, values in answer.reasons if stage == "store"]


def test_a_write_says_which_revision_it_replaces(api: Api) -> None:
    created = api.send("POST", CONFIG_MAPS, config_map("a"))
    changed = api.send("PUT", f"{CONFIG_MAPS}/a", config_map("a", k="v"))
    assert _told(created) == []
    assert _told(changed) == [("replaced", {"old": created.body["metadata"]["resourceVersion"]})]
    assert _told(api.send("PUT", f"{CONFIG_MAPS}/a", config_map("a", k="v"))) == []


def test_the_store_says_why_it_does_not_write(api: Api) -> None:
    old = api.post(CONFIG_MAPS, config_map("a"))
    new = api.put(f"{CONFIG_MAPS}/a", config_map("a", k="v"))["metadata"]["resourceVersion"]
    assert _told(api.send("POST", CONFIG_MAPS, config_map("a"))) == [("taken", {"name": "a"})]
    stale = {**old, "data": {"k": "w"}}
    lost = {"given": old["metadata"]["resourceVersion"], "stored": new}
    assert _told(api.send("PUT", f"{CONFIG_MAPS}/a", stale)) == [("newer", lost)]
    another = api.send("DELETE", f"{CONFIG_MAPS}/a", {"preconditions": {"resourceVersion": lost["given"]}})
    assert _told(another) == [("another", lost)]
    future = f"{CONFIG_MAPS}?resourceVersion=999"
    assert _told(api.send("GET", future)) == [("future", {"newest": api.store.revision})]


def test_the_store_says_why_a_deleted_object_stays(api: Api) -> None:
    api.post(PODS, pod("p", nodeName="node-1"))
    assert _told(api.send("DELETE", f"{PODS}/p"))[-1] == ("graceful", {"seconds": 30})
    held = config_map("a")
    held["metadata"]["finalizers"] = ["example.com/one", "example.com/two"]
    api.post(CONFIG_MAPS, held)
    told = _told(api.send("DELETE", f"{CONFIG_MAPS}/a"))[-1]
    assert told == ("held", {"finalizers": "example.com/one, example.com/two"})


def test_a_page_that_comes_too_late_is_told_what_is_still_known(api: Api) -> None:
    for name in "abc":
        api.post(CONFIG_MAPS, config_map(name))
    token = api.get(f"{CONFIG_MAPS}?limit=1")["metadata"]["continue"]
    api.post(CONFIG_MAPS, config_map("d"))
    api.run(700)
    ((key, values),) = _told(api.send("GET", f"{CONFIG_MAPS}?limit=1&continue={token}"))
    assert (key, values) == ("forgotten", {"oldest": api.store.compact_revision})

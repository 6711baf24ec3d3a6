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

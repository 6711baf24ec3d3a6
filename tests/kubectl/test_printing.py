"""Tables, YAML, JSON and JSONPath look as the real kubectl's."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from k8scourse.kubectl import jsonpath
from k8scourse.kubectl.jsonpath import PathError
from k8scourse.kubectl.tabwriter import align, table
from k8scourse.kubectl.yamltext import ParseError, document, documents, to_json, to_yaml


def test_columns_of_a_table_are_three_apart_and_at_least_six_wide() -> None:
    assert "A     NAME\nx     long name\n" == table([["A", "NAME"], ["x", "long name"]])
    assert "A        NAME\nlonger   x\n" == table([["A", "NAME"], ["longer", "x"]])


def test_only_neighbouring_lines_share_a_column() -> None:
    text = align("Name:\tweb\nLong heading:\tx\nno cell\nA:\tb")
    assert "Name:          web\nLong heading:  x\nno cell\nA:  b" == text


def test_an_empty_line_ends_a_column() -> None:
    assert "a:  1\n\nlonger:  2" == align("a:\t1\n\nlonger:\t2")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": [1, {"a": "x"}]}, "b:\n- 1\n- a: x\n"),
        ({"a": "1"}, 'a: "1"\n'),
        ({"a": "yes"}, 'a: "yes"\n'),
        ({"a": "2026-01-01T00:00:00Z"}, 'a: "2026-01-01T00:00:00Z"\n'),
        ({"a": "x: y"}, "a: 'x: y'\n"),
        ({"a": "one\ntwo\n"}, "a: |\n  one\n  two\n"),
        ({"a": None, "b": {}, "c": []}, "a: null\nb: {}\nc: []\n"),
        ({"a": "25%"}, "a: 25%\n"),
    ],
)
def test_yaml_is_written_as_the_go_library_writes_it(value: object, text: str) -> None:
    assert text == to_yaml(value)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.text(st.characters(codec="ascii", exclude_categories=["Cc"])),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc.-", min_size=1), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(json_values)
def test_what_is_written_as_yaml_reads_back_the_same(value: object) -> None:
    assert value == yaml.safe_load(to_yaml(value))


def test_json_has_four_spaces_sorted_keys_and_escaped_html() -> None:
    assert '{\n    "a": "\\u003cb\\u003e",\n    "z": 1\n}\n' == to_json({"z": 1, "a": "<b>"})
    assert json.loads(to_json({"a": "<&>"})) == {"a": "<&>"}


def test_documents_are_parted_by_dashes_and_empty_ones_left_out() -> None:
    assert [{"a": 1}, {"b": 2}] == list(documents("---\na: 1\n---\n# nothing\n---\nb: 2\n---\n"))


def test_times_stay_text_and_doubled_keys_are_refused() -> None:
    assert {"a": "2026-01-01"} == document("a: 2026-01-01")
    with pytest.raises(ParseError, match='key "a" already set in map'):
        document("a: 1\na: 2")


def test_a_yaml_error_is_told_in_the_words_of_the_go_library() -> None:
    with pytest.raises(ParseError) as caught:
        document("a: [b\n")
    assert "error converting YAML to JSON: yaml: line 1: did not find expected ',' or ']'" == str(
        caught.value
    )


PODS = {
    "items": [
        {"metadata": {"name": "a", "labels": {"x.y/z": "1"}}, "status": {"phase": "Running"}, "n": 2},
        {"metadata": {"name": "b"}, "status": {"phase": "Pending"}, "n": 10},
    ]
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{.items[*].metadata.name}", "a b"),
        ('{range .items[*]}{.metadata.name}{"\\t"}{.n}{"\\n"}{end}', "a\t2\nb\t10\n"),
        ('{.items[?(@.status.phase=="Pending")].metadata.name}', "b"),
        ("{.items[?(@.n>5)].metadata.name}", "b"),
        ("{.items[0].metadata.labels.x\\.y/z}", "1"),
        ("{.items[0]['metadata']['name']}", "a"),
        ("{.items[-1].metadata.name}", "b"),
        ("{.items[0:1].metadata.name}", "a"),
        ("{..name}", "a b"),
        ("{.items[0].status}", '{"phase":"Running"}'),
        ("name: {.items[0].metadata.name}!", "name: a!"),
        ("{.none}", ""),
    ],
)
def test_jsonpath_finds_what_kubectl_finds(template: str, text: str) -> None:
    assert text == jsonpath.render(template, PODS)


@pytest.mark.parametrize("template", ["{.a", "{range .items[*]}x", "{.items[x]}", "{.items[9]}", "{end}"])
def test_a_template_that_makes_no_sense_is_refused(template: str) -> None:
    with pytest.raises(PathError):
        jsonpath.render(template, PODS)

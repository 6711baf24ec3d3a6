"""Expressions against a second implementation of the language: both must come to the same, or both to nothing.

The other one (cel-python) does not check types beforehand, writes numbers as Python does and lacks what Kubernetes
adds; so the texts here keep to the standard language, and what both refuse counts as agreement.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from k8scourse.api.cel import CelError, Problems, compile_expression
from k8scourse.api.cel.types import DYN

celpy = pytest.importorskip("celpy")
NOTHING = "nothing"
OBJECT = {
    "a": 1,
    "b": -7,
    "text": "web-1",
    "flag": True,
    "none": None,
    "list": [1, 2, 3],
    "words": ["x", "yy", ""],
    "map": {"k": "v", "n": 2},
    "pods": [{"name": "a", "ready": True}, {"name": "b", "ready": False}],
}


@pytest.fixture(scope="module", autouse=True)
def recursion_limit() -> Iterator[None]:
    """The other implementation raises the limit for everybody when it starts; here it is put back at the end."""
    before = sys.getrecursionlimit()
    celpy.Environment()
    yield
    sys.setrecursionlimit(before)


numbers = st.one_of(
    st.integers(-9, 99).map(str),
    st.sampled_from(
        ["object.a", "object.b", "size(object.list)", "object.list[1]", "object.map.n", "object.list[9]"]
    ),
)
words = st.one_of(
    st.text(st.sampled_from("abwx-1 é"), max_size=4).map(lambda text: f"'{text}'"),
    st.sampled_from(
        ["object.text", "object.words[0]", "object.map.k", "object.map['k']", "string(object.a)"]
    ),
)
ARITHMETIC = ("+", "-", "*", "/", "%")
COMPARED = ("==", "!=", "<", "<=", ">", ">=")


def _binary(parts: Any, operators: tuple[str, ...]) -> Any:
    return st.tuples(parts, st.sampled_from(operators), parts).map(lambda three: f"({' '.join(three)})")


sums = st.recursive(numbers, lambda inner: _binary(inner, ARITHMETIC), max_leaves=5)
texts = st.recursive(words, lambda inner: _binary(inner, ("+",)), max_leaves=3)
truths = st.one_of(
    _binary(sums, COMPARED),
    _binary(texts, COMPARED),
    st.tuples(words, st.sampled_from(["startsWith", "endsWith", "contains"]), words).map(
        lambda three: f"{three[0]}.{three[1]}({three[2]})"
    ),
    sums.map(lambda number: f"({number} in object.list)"),
    texts.map(lambda word: f"({word} in object.words)"),
    texts.map(lambda word: f"({word} in object.map)"),
    st.sampled_from(["object.flag", "true", "false", "has(object.a)", "has(object.zz)", "has(object.map.k)"]),
)
conditions = st.recursive(
    truths,
    lambda inner: st.one_of(
        _binary(inner, ("&&", "||")),
        inner.map(lambda one: f"!({one})"),
        st.tuples(inner, inner, inner).map(lambda three: f"({three[0]} ? {three[1]} : {three[2]})"),
        st.tuples(st.sampled_from(["all", "exists", "exists_one"]), inner).map(
            lambda two: f"object.list.{two[0]}(x, x > 1 && {two[1]})"
        ),
    ),
    max_leaves=6,
)
loops = st.tuples(st.sampled_from(["map", "filter"]), sums, truths).map(
    lambda three: f"object.list.{three[0]}(x, {f'x + {three[1]}' if three[0] == 'map' else three[2]})"
)


def ours(text: str) -> Any:
    try:
        return compile_expression(text, {"object": DYN}).evaluate({"object": OBJECT})
    except (CelError, Problems):
        return NOTHING


def theirs(text: str) -> Any:
    environment = celpy.Environment()
    try:
        program = environment.program(environment.compile(text))
        found = program.evaluate({"object": celpy.json_to_cel(OBJECT)})
    except (celpy.CELEvalError, celpy.CELParseError, ValueError, OverflowError):
        return NOTHING
    return json.loads(json.dumps(found, cls=celpy.CELJSONEncoder))


@settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(sums, texts, conditions, loops))
def test_both_come_to_the_same(text: str) -> None:
    assert ours(text) == theirs(text), text


@pytest.mark.parametrize(
    "text",
    [
        "object.pods.filter(p, p.ready).map(p, p.name)",
        "object.pods.all(p, has(p.name) && p.name != '')",
        "object.pods.exists_one(p, p.ready)",
        "object.map.exists(key, object.map[key] == 'v')",
        "[1, 2] + [3]",
        "{'a': [{'b': 2}]}.a[0].b",
        "'a' + \"b\" + r'\\d'",
        "1 + 2 * 3 - 4 / 2 % 3",
        "-(-3) - -2",
        "5 / -2",
        "-5 % 3",
        "1 < 2 && 2 < 3 || false",
        "!(1 == 2)",
        "1u + 2u == 3u",
        "1.5 * 2.0",
        "int('12') + int(3.9)",
        "double(3) / 2.0",
        "string(12) + string(-1)",
        "b'abc' == b'abc'",
        "size('héllo')",
        "'héllo'.contains('é')",
        "'abc'.matches('^a.c$')",
        "'abc'.matches('[0-9]')",
        "type(1) == int",
        "duration('90s') > duration('1m')",
        "timestamp('2026-01-01T00:00:00Z') < timestamp('2026-01-02T00:00:00Z')",
        "timestamp('2026-03-04T05:06:07Z').getMonth()",
        "timestamp('2026-03-04T05:06:07Z').getDayOfWeek()",
        "true ? 1 : 2",
        "null == null",
        "[[1], [2]].map(l, l[0])",
        "object.none == null",
        "object.zz.yy",
        "object.list[3]",
        "1 / 0",
        "9223372036854775807 + 1",
        "'a' in ['a', 'b']",
        "2 in {1: 'a', 2: 'b'}",
        "has(object.map.zz)",
        "'\\u00e9\\x41\\101\\n'",
        "0x1F + 1",
        "1e3 == 1000.0",
    ],
)
def test_what_the_language_definition_shows(text: str) -> None:
    assert ours(text) == theirs(text)

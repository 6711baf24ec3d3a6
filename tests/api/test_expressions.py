"""The expression language: what expressions come to, what is refused, and that every one of them ends."""

from __future__ import annotations

from typing import Any

import pytest

from k8scourse.api.cel import CelError, OutOfBudget, Problems, compile_expression
from k8scourse.api.cel.types import DYN, INT, STRING, object_type
from k8scourse.api.values import freeze

OBJECT = {
    "metadata": {"name": "web", "namespace": "shop", "labels": {"app": "web", "tier/x": "front"}},
    "spec": {
        "replicas": 3,
        "ratio": 0.5,
        "containers": [{"name": "a", "image": "nginx:1.27"}, {"name": "b", "image": "redis"}],
        "nothing": None,
    },
}
REQUEST = object_type("kubernetes.AdmissionRequest", {"name": STRING})
TYPES = {"object": DYN, "n": INT, "request": REQUEST}
VALUES = {"object": freeze(OBJECT), "n": 4, "request": {"name": "web"}}


def value(text: str) -> Any:
    return compile_expression(text, TYPES).evaluate(VALUES)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1 + 2 * 3 - 4 / 2 % 3", 5),
        ("-7 / 2", -3),
        ("-7 % 3", -1),
        ("1.0 / 0.0 > 1e308", True),
        ("(1 + 2) * 3", 9),
        ("!true || !!true", True),
        ("true ? 'a' : 'b'", "a"),
        ("false ? 1 : true ? 2 : 3", 2),
        ("'a' + 'b' < 'abc'", True),
        ("[1, 2] + [3] == [1, 2, 3]", True),
        ("2 in [1, 2]", True),
        ("'app' in object.metadata.labels", True),
        ("object.metadata.labels['tier/x']", "front"),
        ("object.metadata.namespace", "shop"),
        ("object.spec.containers[1].name", "b"),
        ("has(object.spec.replicas) && !has(object.spec.none)", True),
        ("has(object.spec.nothing)", True),
        ("object.spec.nothing == null", True),
        ("object.spec.replicas == 3.0", True),
        ("object.spec.replicas == '3'", False),
        ("dyn(1) == 1u && dyn(1u) == 1.0", True),
        ("object.spec.containers.all(c, c.image.contains(':'))", False),
        ("object.spec.containers.exists(c, c.name == 'b')", True),
        ("object.spec.containers.exists_one(c, c.name == 'b')", True),
        ("object.spec.containers.map(c, c.name)", ["a", "b"]),
        ("object.spec.containers.map(c, c.name == 'b', c.image)", ["redis"]),
        ("object.spec.containers.filter(c, !c.image.matches(':.+$')).size()", 1),
        ("object.metadata.labels.all(key, key.size() > 2)", True),
        ("object.metadata.labels.exists(key, v, v == 'front')", True),
        ("[5, 6].transformList(i, x, i * x)", [0, 6]),
        ("{'a': 1}.transformMap(k, v, v + 1)", {"a": 2}),
        ("[[1], [2, 3]].map(l, l.map(x, x * 2))", [[2], [4, 6]]),
        ("size('äöü') + size([1]) + size({'a': 1}) + size(b'ä')", 7),
        ("'hello'.substring(1, 3) + 'x'.upperAscii()", "elX"),
        ("'a,b,c'.split(',', 2)", ["a", "b,c"]),
        ("['a', 'b'].join('-')", "a-b"),
        ("'a-b-a'.replace('a', 'x', 1)", "x-b-a"),
        ("'%s has %d of %.1f'.format(['a', 2, 1.25])", "a has 2 of 1.2"),
        ("[3, 1, 2].max() + [3, 1].min() + [1, 2].sum()", 7),
        ("[1, 2, 2].isSorted()", True),
        ("int('42') + int(2.9) + int(true ? 1u : 2u)", 45),
        ("string(1.5) + string(1000000.0) + string(true)", "1.51e+06true"),
        ("duration('1h30m').getMinutes()", 90),
        ("timestamp('2026-01-01T00:00:00Z') + duration('24h')", "2026-01-02T00:00:00Z"),
        ("timestamp('2026-03-01T12:30:00+02:00').getHours()", 10),
        ("timestamp('2026-03-01T12:30:00Z').getDayOfWeek('+00:00')", 0),
        ("type(1) == int && type('a') != int", True),
        ("quantity('1Gi').isGreaterThan(quantity('999Mi'))", True),
        ("quantity('250m').add(quantity('250m')).compareTo(quantity('0.5'))", 0),
        ("sets.contains([1, 2, 3], [2]) && sets.equivalent([1, 2], [2, 1])", True),
        ("n + size(request.name)", 7),
        (r"r'\d' + '\x41é\101'", "\\dAéA"),
        ("b'\\xff' == b'\\377'", True),
        ('"""a\n"b""" // a comment', 'a\n"b'),
    ],
)  # fmt: skip
def test_what_an_expression_comes_to(text: str, wanted: Any) -> None:
    found = value(f"string({text})" if "timestamp" in text and isinstance(wanted, str) else text)
    assert wanted == found
    assert type(wanted) is type(found)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("object.spec.none", "no such key: none"),
        ("object.spec.none.deeper", "no such key: none"),
        ("has(object.spec.none.deeper)", "no such key: none"),
        ("object.spec.containers[2]", "index out of bounds: 2"),
        ("object.spec.replicas > 'a'", "no such overload"),
        ("object.spec.replicas + 'a'", "no such overload"),
        ("object.metadata.name.all(x, true)", "no such overload"),
        ("1 / 0", "division by zero"),
        ("1 % 0", "modulus by zero"),
        ("9223372036854775807 + n", "integer overflow"),
        ("0u - 1u", "unsigned integer overflow"),
        ("int('x')", "type conversion error from 'string' to 'int'"),
        ("'a'.substring(2)", "index out of range: 2"),
        ("object.metadata.name ? 1 : 2", "no such overload"),
        ("quantity('1x')", "quantities must match the regular expression"),
        ("{'a': 1, 'a': 2}", "Failed with repeated key: a"),
        ("'a'.matches(object.metadata.name + '(')", "error parsing regexp: missing closing ): `web(`"),
    ],
)
def test_an_error_says_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(CelError) as caught:
        value(text)
    assert message in str(caught.value)


def test_and_and_or_do_not_care_about_an_error_when_another_term_decides() -> None:
    assert value("object.spec.none == 1 || true") is True
    assert value("true || object.spec.none == 1") is True
    assert value("object.spec.none == 1 && false") is False
    assert value("[1, 0].exists(x, 1 / x == 1)") is True
    assert value("[0, 1].exists(x, 1 / x == 1)") is True
    with pytest.raises(CelError):
        value("object.spec.none == 1 || false")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "objct.x",
            "ERROR: <input>:1:1: undeclared reference to 'objct' (in container '')\n | objct.x\n | ^",
        ),
        ("1 +\n  'a'", "ERROR: <input>:1:3: found no matching overload for '_+_' applied to '(int, string)'"),
        (
            "n\n  == 'a'",
            "ERROR: <input>:2:3: found no matching overload for '_==_' applied to '(int, string)'",
        ),
        ("request.nam", "undefined field 'nam'"),
        ("n.x", "type 'int' does not support field selection"),
        ("[1, 'a']", "expected type 'int' but found 'string'"),
        ("1 ? 2 : 3", "found no matching overload for '_?_:_' applied to '(int, int, int)'"),
        ("'a'.frobnicate()", "undeclared reference to 'frobnicate'"),
        ("size(1)", "found no matching overload for 'size' applied to '(int)'"),
        ("'a'.contains(1)", "found no matching overload for 'contains' applied to 'string.(int)'"),
        ("1 +", "Syntax error: mismatched input '<EOF>' expecting"),
        ("1 2", "Syntax error: mismatched input '2' expecting <EOF>"),
        ("a..b", "Syntax error"),
        ("[1, 2", "Syntax error: mismatched input '<EOF>' expecting ']'"),
        ("'open", "Syntax error: token recognition error"),
        ("§", "token recognition error at: '§'"),
        ("", "Syntax error"),
        ("has(object)", "invalid argument to has() macro"),
        ("[1].all(1, true)", "argument must be a simple name"),
        ("package", "reserved identifier: package"),
        ("99999999999999999999", "invalid int literal"),
        ("'a'.matches('(')", "invalid matches argument"),
        ("duration('x')", "invalid duration argument"),
        ("object.?x", "optional values are not evaluated here"),
        ("Pod{name: 'a'}", "messages are not built here"),
        ("ip('1.2.3.4')", "'ip' is a part of Kubernetes that is not evaluated here"),
        ("n.all(x, true)", "cannot be range of a comprehension (must be list, map, or dynamic)"),
    ],
)
def test_what_is_no_expression_is_refused_at_its_place(text: str, message: str) -> None:
    with pytest.raises(Problems) as caught:
        compile_expression(text, TYPES)
    assert message in str(caught.value)


def test_every_mistake_is_told() -> None:
    with pytest.raises(Problems) as caught:
        compile_expression("a.x + b.y", TYPES)
    assert 2 == str(caught.value).count("undeclared reference")


@pytest.mark.parametrize(
    "text",
    [
        "(" * 500 + "1" + ")" * 500,
        "!" * 100_001,
        "[" * 200,
        " + ".join(["1"] * 500),
        "object" + ".a" * 500,
        "-" * 3 + "(" * 60 + "1",
        "x ? " * 300,
    ],
)
def test_what_is_nested_too_deeply_is_refused_and_does_not_fall_over(text: str) -> None:
    with pytest.raises(Problems):
        compile_expression(text, TYPES)


def test_as_much_nesting_as_the_language_promises_is_taken() -> None:
    assert value("(" * 32 + "1" + ")" * 32) == 1
    assert value(" + ".join(["1"] * 33)) == 33
    assert value(" && ".join(["true"] * 300)) is True


def test_an_evaluation_that_takes_too_long_is_stopped() -> None:
    numbers = f"[{', '.join(str(n) for n in range(40))}]"
    loops = f"{numbers}.all(a, {numbers}.all(b, {numbers}.all(c, a + b + c >= 0)))"
    with pytest.raises(OutOfBudget):
        value(loops)


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|a)*$", "(a*)*b", "a?" * 30 + "a" * 30])
def test_patterns_always_end(pattern: str) -> None:
    wanted = pattern.startswith("a?")
    text = "a" * 30 + ("" if wanted else "c")
    assert wanted is value(f"'{text}'.matches('{pattern}')")

"""Selectors against a brute-force reading of the same terms, and the words of their refusals."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8scourse.api import fields, kinds, selectors

KEYS = st.sampled_from(["app", "tier", "example.com/zone", "a-b_c.d"])
VALUES = st.sampled_from(["", "web", "db", "1", "10", "2", "x.y-z_1"])
LABELS = st.dictionaries(KEYS, VALUES)
TERMS = st.one_of(
    st.tuples(KEYS, st.sampled_from(["in", "notin"]), st.lists(VALUES, min_size=1, max_size=3)),
    st.tuples(KEYS, st.sampled_from(["=", "==", "!="]), VALUES.map(lambda value: [value])),
    st.tuples(KEYS, st.sampled_from(["exists", "!"]), st.just([])),
    st.tuples(KEYS, st.sampled_from([">", "<"]), st.integers(-5, 20).map(lambda value: [str(value)])),
)  # fmt: skip


def written(term: tuple[str, str, list[str]]) -> str:
    key, operator, values = term
    match operator:
        case "exists":
            return key
        case "!":
            return f"!{key}"
        case "in" | "notin":
            return f"{key} {operator} ({','.join(values)})"
        case _:
            return f"{key}{operator}{values[0]}"


def holds(term: tuple[str, str, list[str]], labels: dict[str, str]) -> bool:
    key, operator, values = term
    match operator:
        case "exists":
            return key in labels
        case "!":
            return key not in labels
        case "in" | "=" | "==":
            return key in labels and labels[key] in values
        case "notin" | "!=":
            return not (key in labels and labels[key] in values)
        case _:
            if not labels.get(key, "x").isdigit():
                return False
            return int(labels[key]) > int(values[0]) if operator == ">" else int(labels[key]) < int(values[0])


# A negative bound cannot be written: a value begins with a letter or a digit.
WRITABLE = TERMS.filter(lambda term: not (term[1] in "><" and term[2][0].startswith("-")))


@given(st.lists(WRITABLE, max_size=4), LABELS)
def test_a_selector_matches_exactly_when_all_its_terms_hold(
    terms: list[tuple[str, str, list[str]]], labels: dict[str, str]
) -> None:
    selector = selectors.parse_labels(",".join(written(term) for term in terms))
    assert all(holds(term, labels) for term in terms) == selector.matches(labels)


@given(st.lists(WRITABLE, max_size=4), LABELS)
def test_a_printed_selector_reads_back_as_the_same_selector(
    terms: list[tuple[str, str, list[str]]], labels: dict[str, str]
) -> None:
    selector = selectors.parse_labels(",".join(written(term) for term in terms))
    assert selector.matches(labels) == selectors.parse_labels(str(selector)).matches(labels)


@given(st.text(alphabet=string.ascii_lowercase + "=!<>(), /.-_0", max_size=20))
def test_any_text_is_a_selector_or_a_refusal(text: str) -> None:
    try:
        selectors.parse_labels(text).matches({"a": "b"})
    except ValueError as problem:
        assert str(problem)  # noqa: PT017


WIRE = {"in": "In", "notin": "NotIn", "exists": "Exists", "!": "DoesNotExist"}


@given(LABELS, st.lists(TERMS.filter(lambda term: term[1] in WIRE), max_size=3), LABELS)
def test_the_object_notation_means_the_same(
    match_labels: dict[str, str], terms: list[tuple[str, str, list[str]]], labels: dict[str, str]
) -> None:
    selector = selectors.from_label_selector(
        {
            "matchLabels": match_labels,
            "matchExpressions": [
                {"key": key, "operator": WIRE[operator], "values": values} for key, operator, values in terms
            ],
        }
    )
    expected = all(labels.get(key) == value for key, value in match_labels.items())
    assert (expected and all(holds(term, labels) for term in terms)) == selector.matches(labels)


def test_no_selector_selects_nothing_and_an_empty_one_everything() -> None:
    assert not selectors.from_label_selector(None).matches({"a": "b"})
    assert selectors.from_label_selector({}).matches({"a": "b"})
    assert selectors.parse_labels("").matches(None)
    assert not selectors.from_node_selector_term({}).matches({})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("a=bad!", "found '!', expected: ',' or 'end of string'"),
        ("=x", "found '=', expected: !, identifier, or 'end of string'"),
        ("a,", "found '', expected: identifier after ','"),
        ("a in b", "unable to parse requirement: found 'b' expected: '('"),
    ],
)
def test_a_malformed_selector_is_refused_in_the_servers_words(text: str, message: str) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011
        selectors.parse_labels(text)
    assert message == str(refusal.value)


def test_field_selectors_compare_text_and_know_what_a_kind_has() -> None:
    selector = selectors.parse_fields("spec.nodeName=n1,status.phase!=Running")
    pod = {"spec": {"nodeName": "n1"}, "status": {"phase": "Pending"}}
    assert fields.matches(kinds.POD, selector, pod)
    assert selector.matches(fields.values(kinds.POD, pod))
    assert selector.exact("spec.nodeName") == "n1"
    with pytest.raises(ValueError, match=r"field label not supported: spec\.bogus"):
        fields.check(kinds.POD, selectors.parse_fields("spec.bogus=x"))
    with pytest.raises(ValueError, match=r"can.t understand .metadata\.name."):
        selectors.parse_fields("metadata.name")

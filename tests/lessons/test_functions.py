"""The functions of a lesson: they run to the end whatever they are given, and record only what was meant."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8scourse import words
from k8scourse.lessons import (
    Card,
    check,
    hint,
    load_progress,
    misconceptions,
    outcome,
    predict,
    progress,
    quiz,
    save_progress,
)
from k8scourse.lessons.progress import current, forget


@pytest.fixture(autouse=True)
def _nothing_done_yet() -> None:
    forget()


class _Trap:
    """Looks like a cluster from afar, and breaks at every touch."""

    trace = property(lambda self: SimpleNamespace(records=[SimpleNamespace(kind="request")]))

    def objects(self, resource: str) -> list[Any]:
        raise RuntimeError(resource)

    def find(self, *names: str) -> Any:
        return {"metadata": None, "spec": 3}


NONSENSE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.binary(max_size=5),
    st.lists(st.one_of(st.integers(), st.text(max_size=3)), max_size=14),
    st.dictionaries(st.text(max_size=5), st.one_of(st.none(), st.text(max_size=5)), max_size=4),
    st.builds(_Trap),
    st.just(print),
    st.just(object),
    st.sampled_from(
        ["00", "00-created", "00-order", "00-writers", "00-fix-service", "00-explain", "00-who-wrote"]
    ),
)


@given(
    function=st.sampled_from([predict, outcome, check, hint, quiz]),
    values=st.lists(NONSENSE, min_size=1, max_size=2),
)
def test_no_argument_makes_any_function_raise(function: Any, values: list[object]) -> None:
    card = function(*values)
    assert isinstance(card, Card)
    assert str(card)
    assert card.html


@given(
    values=st.lists(NONSENSE, max_size=4), name=st.sampled_from(["00-order", "00-writers", "00-who-wrote"])
)
def test_no_answer_makes_a_check_raise_and_none_of_them_passes(values: list[object], name: str) -> None:
    assert check(name, *values).passed is False


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_running_all_cells_records_no_bet(language: str) -> None:
    words.use(language)
    for bet in ("00-created", "00-who-tells", "00-delete-pod", "00-cut-node", "00-traffic"):
        card = predict(bet)
        assert 4 == sum(line.style == "option" for line in card.lines)
        assert f'predict("{bet}", "a")' in str(card)
    quiz("00")
    assert {"version": 1} == {name: value for name, value in json.loads(save_progress()).items() if value}


@pytest.mark.parametrize("answer", ["b", "B", " b ", "b)", "(b)", "b."])
def test_a_bet_is_a_letter_however_it_is_written(answer: str) -> None:
    predict("00-created", answer)
    assert {"00-created": "b"} == current().bets


@pytest.mark.parametrize("answer", ["", "e", "ab", 1, True, ["b"], {"b": 1}])
def test_what_is_no_letter_is_no_bet(answer: object) -> None:
    assert "letter" == predict("00-created", answer).mistake
    assert {} == current().bets


def test_a_bet_can_be_changed_until_the_outcome_is_shown_and_not_after() -> None:
    predict("00-created", "a")
    predict("00-created", "c")
    assert "Your bet, c:" in str(outcome("00-created"))
    predict("00-created", "b")
    assert {"00-created": "c"} == current().bets


def test_an_outcome_without_a_bet_is_told_all_the_same() -> None:
    card = outcome("00-created")
    assert "What happened, b:" in str(card)
    assert "" == card.misconception


def test_a_bet_reveals_nothing() -> None:
    for letter in "abcd":
        card = predict("00-created", letter)
        assert card.passed is None
        assert words.text("lesson00.created.because_b") not in str(card)


def test_hints_climb_and_stay_on_the_last_step() -> None:
    shown = [str(hint("00-order")) for _ in range(4)]
    assert ["1 of 3", "2 of 3", "3 of 3", "3 of 3"] == [text.splitlines()[0][-6:] for text in shown]


def test_your_own_words_are_marked_by_nobody_but_you() -> None:
    assert check("00-explain", "The moon did it.").passed is None
    assert check("00-explain", "The moon did it.", 1).passed
    assert {"00-explain": 1} == current().marks
    assert check("00-explain", "   ").passed is False


def test_progress_is_one_text_that_can_be_taken_up_again() -> None:
    predict("00-created", "a")
    quiz("00", "badca")
    check("00-order", "GCJEKAHLDIFB")
    hint("00-writers")
    saved = save_progress()
    forget()
    assert "1 of 5 bets" in str(load_progress(saved))
    assert saved == save_progress()
    assert ["00-order"] == current().passed


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "{",
        "[]",
        "{}",
        7,
        '{"version": 2}',
        '{"version": 1, "bets": []}',
        '{"version": 1, "bets": {"00-created": 3}}',
        '{"version": 1, "tries": {"00-order": true}}',
        '{"version": 1, "secrets": {}}',
        "[" * 10_000,
    ],
)
def test_a_text_that_is_no_progress_changes_nothing(text: object) -> None:
    predict("00-created", "a")
    before = save_progress()
    assert load_progress(text).passed is False
    assert before == save_progress()


def test_the_teacher_sees_which_misconceptions_were_chosen() -> None:
    predict("00-created", "a")
    predict("00-traffic", "a")
    quiz("00", "-", "b", "-", "-", "c")
    assert {"M17": 2, "M39": 2} == misconceptions()


def test_progress_shows_every_lesson() -> None:
    assert "0 of 5 bets placed · 0 of 5 exercises done · quiz still open" in str(progress())

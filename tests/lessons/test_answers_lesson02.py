"""Every right answer of lesson 02 passes, and every known mistake gets its own hint, on a real cluster."""

from __future__ import annotations

import pytest
from lessons import answers_lesson02 as answers

from k8scourse import words
from k8scourse.cluster import Cluster
from k8scourse.lessons import check, hint, outcome, predict, quiz
from k8scourse.lessons.lesson02 import LESSON
from k8scourse.lessons.lesson02.rules import ORDERS
from k8scourse.lessons.progress import forget


@pytest.fixture(autouse=True)
def _nothing_done_yet() -> None:
    forget()


@pytest.fixture(scope="module")
def late() -> Cluster:
    """The lesson up to the conflict over the menu; nobody changes this cluster."""
    cluster = Cluster(workers=1)
    answers.two_hands(cluster)
    return cluster


@pytest.fixture(scope="module")
def refused(late: Cluster) -> Cluster:
    """A fork in which the six cases were refused; nobody changes it."""
    cluster = late.fork()
    answers.send_cases(cluster)
    return cluster


@pytest.fixture
def fork(late: Cluster) -> Cluster:
    """One to change."""
    return late.fork()


def _hints(exercise: str) -> set[str]:
    return {
        key.rpartition("hint_")[2] for key in words.catalogue("en") if key.startswith(f"{exercise}.hint_")
    }


def _names(rows: list[tuple[str, object]]) -> list[str]:
    return [f"{number}-{row[0]}" for number, row in enumerate(rows)]


# --- the blank --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(len(answers.RIGHT_AGAIN)))
def test_every_way_to_write_again_without_a_loss_passes(fork: Cluster, number: int) -> None:
    answers.RIGHT_AGAIN[number](fork)
    card = check("02-again", fork)
    assert card.passed, card


@pytest.mark.parametrize(("mistake", "act"), answers.WRONG_AGAIN, ids=_names(answers.WRONG_AGAIN))
def test_each_wrong_way_to_write_again_gets_its_own_hint(
    fork: Cluster, mistake: str, act: answers.Acts
) -> None:
    act(fork)
    card = check("02-again", fork)
    assert (False, mistake) == (card.passed, card.mistake), card


def test_before_the_conflict_the_check_says_so() -> None:
    cluster = Cluster(workers=1)
    assert "no_menu" == check("02-again", cluster).mistake
    cluster.send("POST", answers.CONFIGMAPS, answers.MENU_OBJECT)
    assert "no_conflict" == check("02-again", cluster).mistake


# --- E1 ---------------------------------------------------------------------------------------------------


def test_the_true_stages_pass(refused: Cluster) -> None:
    card = check("02-stages", refused, answers.RIGHT_STAGES)
    assert card.passed, card


@pytest.mark.parametrize(("mistake", "answer"), answers.WRONG_STAGES, ids=_names(answers.WRONG_STAGES))
def test_each_wrong_stage_gets_its_own_hint(refused: Cluster, mistake: str, answer: object) -> None:
    card = check("02-stages", refused, answer)
    assert (False, mistake) == (card.passed, card.mistake), card


def test_asked_before_the_requests_were_sent_the_check_says_so(late: Cluster) -> None:
    assert "not_yet" == check("02-stages", late, answers.RIGHT_STAGES).mistake


def test_looking_at_a_cluster_leaves_no_trace(refused: Cluster) -> None:
    before = refused.trace.digest()
    for exercise in LESSON.exercises:
        check(exercise.id, refused, *[{}] * exercise.answers)
    assert before == refused.trace.digest()


# --- E2 ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", answers.RIGHT_ORDERS, ids=str)
def test_every_order_that_can_happen_passes(answer: object) -> None:
    assert check("02-order", answer).passed


@pytest.mark.parametrize(("mistake", "answer"), answers.WRONG_ORDERS, ids=_names(answers.WRONG_ORDERS))
def test_each_wrong_order_gets_its_own_hint(mistake: str, answer: object) -> None:
    card = check("02-order", answer)
    assert (False, mistake) == (card.passed, card.mistake)


# --- E3 ---------------------------------------------------------------------------------------------------


@pytest.fixture
def trusting(fork: Cluster) -> Cluster:
    """A fork with the colleague's Role, which Mei has tried."""
    assert fork.apply(answers.MENU_WRITER).ok
    assert answers.mei_tries(fork) == 403
    return fork


@pytest.mark.parametrize("number", range(len(answers.RIGHT_FIXES)))
def test_every_way_to_mend_the_role_passes(trusting: Cluster, number: int) -> None:
    answers.RIGHT_FIXES[number](trusting)
    card = check("02-mei", trusting)
    assert card.passed, card
    assert answers.mei_tries(trusting) == 200


@pytest.mark.parametrize(("mistake", "act"), answers.WRONG_FIXES, ids=_names(answers.WRONG_FIXES))
def test_each_wrong_role_gets_its_own_hint(trusting: Cluster, mistake: str, act: answers.Acts) -> None:
    act(trusting)
    card = check("02-mei", trusting)
    assert (False, mistake) == (card.passed, card.mistake), card


# --- E4 ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", answers.RIGHT_RULES)
def test_a_right_rule_passes(fork: Cluster, rule: answers.Rule) -> None:
    fork.webhook(answers.HOOK, rule)
    answers.send_orders(fork)
    card = check("02-rules", fork)
    assert card.passed, card


@pytest.mark.parametrize(("mistake", "act"), answers.WRONG_RULES, ids=_names(answers.WRONG_RULES))
def test_each_wrong_rule_gets_its_own_hint(fork: Cluster, mistake: str, act: answers.Acts) -> None:
    act(fork)
    card = check("02-rules", fork)
    assert (False, mistake) == (card.passed, card.mistake), card


def test_a_rule_that_is_mended_is_judged_by_its_last_answers(fork: Cluster) -> None:
    fork.webhook(answers.HOOK, lambda request: None)
    answers.send_orders(fork)
    assert "open_door" == check("02-rules", fork).mistake
    fork.webhook(answers.HOOK, answers.right_by_partition)
    answers.send_orders(fork)
    assert check("02-rules", fork).passed


def test_the_right_rule_answers_the_test_orders_as_they_are_wished() -> None:
    for order in ORDERS.values():
        containers = [{"image": image} for image in order.images]
        said = answers.right_by_partition({"object": {"spec": {"containers": containers}}})
        assert order.passes == (said is None)


# --- all of them ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exercise", "executed"),
    [
        ("again", [row[0] for row in answers.WRONG_AGAIN] + ["no_conflict"]),
        ("stages", [row[0] for row in answers.WRONG_STAGES] + ["not_yet"]),
        ("order", [row[0] for row in answers.WRONG_ORDERS]),
        ("mei", [row[0] for row in answers.WRONG_FIXES]),
        ("rules", [row[0] for row in answers.WRONG_RULES]),
    ],
)
def test_no_hint_is_written_that_no_mistake_reaches(exercise: str, executed: list[str]) -> None:
    assert _hints(f"lesson02.{exercise}") == set(executed)


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_the_notebook_with_nothing_filled_in_passes_no_check(late: Cluster, language: str) -> None:
    words.use(language)
    cluster = late.fork()
    answers.send_cases(cluster)
    cluster.apply(answers.MENU_WRITER)
    answers.mei_tries(cluster)
    cluster.webhook(answers.HOOK, lambda request: None)
    answers.send_orders(cluster)
    cards = [
        check("02-again", cluster),
        check("02-stages", cluster, dict.fromkeys(answers.RIGHT_STAGES, "…")),
        check("02-order", "ABCDEFGHIJ"),
        check("02-mei", cluster),
        check("02-rules", cluster),
        check("02-explain", ""),
        *(check(exercise.id) for exercise in LESSON.all_exercises),
        *(check(exercise.id, Cluster(workers=1)) for exercise in LESSON.all_exercises),
    ]
    assert [False] * len(cards) == [card.passed for card in cards]


def test_every_exercise_has_three_different_hints_to_climb() -> None:
    for exercise in LESSON.all_exercises:
        steps = [str(hint(exercise.id)) for _ in range(4)]
        assert 3 == len(set(steps))
        assert steps[2] == steps[3]


# --- bets and quiz ----------------------------------------------------------------------------------------


def test_every_wrong_option_has_a_misconception_and_words_of_its_own() -> None:
    for question in (*LESSON.bets, *LESSON.quiz):
        assert ["a", "b", "c", "d"] == question.letters
        assert all(number.startswith("M") for number in question.wrong.values())
        reasons = [question.text(f"because_{letter}") for letter in question.letters]
        assert len(reasons) == len(set(reasons))


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize("question", LESSON.bets, ids=lambda question: question.id)
def test_a_wrong_bet_is_shown_beside_the_outcome_with_its_own_reason(question: object, language: str) -> None:
    words.use(language)
    bet = next(each for each in LESSON.bets if each is question)
    for letter in bet.wrong:
        forget()
        predict(bet.id, letter)
        card = outcome(bet.id)
        assert bet.wrong[letter] == card.misconception
        for part in (letter, f"because_{letter}", bet.right, f"because_{bet.right}"):
            assert bet.text(part) in str(card)


def test_the_right_answers_are_the_ones_expected() -> None:
    assert answers.RIGHT_BETS == {question.id: question.right for question in LESSON.bets}


def test_the_misconceptions_of_the_lesson_are_met() -> None:
    met = {number for question in (*LESSON.bets, *LESSON.quiz) for number in question.wrong.values()}
    assert {"M6", "M7", "M8", "M35", "M39"} <= met


def test_the_quiz_answered_rightly_passes_and_every_wrong_letter_is_told_why() -> None:
    right = [question.right for question in LESSON.quiz]
    assert quiz("02", *right).passed
    for number, question in enumerate(LESSON.quiz):
        for letter in question.letters:
            given = [letter if index == number else "-" for index in range(len(LESSON.quiz))]
            assert question.text(f"because_{letter}") in str(quiz("02", *given))

"""Every right answer of lesson 00 passes, and every known mistake gets its own hint, on a real cluster."""

from __future__ import annotations

import pytest
from lessons import answers_lesson00 as answers

from k8scourse import words
from k8scourse.cluster import Cluster
from k8scourse.lessons import check, hint, outcome, predict, quiz
from k8scourse.lessons.lesson00 import LESSON
from k8scourse.lessons.progress import forget
from k8scourse.sim import Record


@pytest.fixture(autouse=True)
def _nothing_done_yet() -> None:
    forget()


@pytest.fixture(scope="module")
def served() -> Cluster:
    """The order of the lesson, served; nobody changes this cluster."""
    cluster = Cluster(workers=3)
    assert cluster.apply(answers.WEB).ok
    cluster.run(until="deployment/web available")
    cluster.run(seconds=5)
    return cluster


@pytest.fixture
def shop(served: Cluster) -> Cluster:
    """A fork of it with the broken Service."""
    fork = served.fork()
    assert fork.apply(answers.FRONT).ok
    fork.run(until="deployment/menu available")
    fork.run(seconds=3)
    return fork


def _hints(exercise: str) -> set[str]:
    return {
        key.rpartition("hint_")[2] for key in words.catalogue("en") if key.startswith(f"{exercise}.hint_")
    }


# --- E1 ---------------------------------------------------------------------------------------------------


def test_the_true_writers_pass(served: Cluster) -> None:
    assert check("00-who-wrote", served, answers.RIGHT_WRITERS_OF).passed
    with_nodes = {**answers.RIGHT_WRITERS_OF, "Pod.status": "kubelet@worker-2"}
    assert check("00-who-wrote", with_nodes, served).passed


@pytest.mark.parametrize(("mistake", "answer"), answers.WRONG_WRITERS_OF)
def test_each_wrong_writer_gets_its_own_hint(served: Cluster, mistake: str, answer: object) -> None:
    card = check("00-who-wrote", served, answer)
    assert (False, mistake) == (card.passed, card.mistake)


def test_asked_before_the_order_was_placed_the_check_says_so() -> None:
    card = check("00-who-wrote", Cluster(workers=1), answers.RIGHT_WRITERS_OF)
    assert (False, "not_yet") == (card.passed, card.mistake)


# --- E2 ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", answers.RIGHT_ORDERS, ids=str)
def test_every_order_that_can_happen_passes(answer: object) -> None:
    assert check("00-order", answer).passed


@pytest.mark.parametrize(("mistake", "answer"), answers.WRONG_ORDERS)
def test_each_wrong_order_gets_its_own_hint(mistake: str, answer: object) -> None:
    card = check("00-order", answer)
    assert (False, mistake) == (card.passed, card.mistake)


def test_the_true_order_is_the_order_of_the_trace(served: Cluster) -> None:
    requests = [
        record for record in served.trace.records if record.kind == "request" and record.detail["changed"]
    ]
    slices = (record for record in requests if _wrote(record, "kube-controller-manager", "endpointslices"))
    listed = next(record for record in slices if _ready_endpoints(record))
    pod = _ready_endpoints(listed)[0]
    others = [record for record in served.trace.records if pod in record.subject]
    moments = [
        next(record.sequence for record in requests if _wrote(record, "kubectl", "deployments")),
        next(
            record.sequence for record in requests if _wrote(record, "kube-controller-manager", "replicasets")
        ),
        next(record.sequence for record in requests if _wrote(record, "kube-controller-manager", "pods")),
        next(record.sequence for record in others if record.kind == "decision"),
        next(
            record.sequence
            for record in others
            if record.source.startswith("kube-scheduler@") and record.detail.get("changed")
        ),
        next(record.sequence for record in others if record.kind == "container"),
        next(record.sequence for record in others if record.kind == "request" and _reports_ready(record)),
        listed.sequence,
        next(
            record.sequence
            for record in served.trace.records
            if record.kind == "rules"
            and record.subject.endswith("default/web")
            and record.detail["endpoints"]
        ),
    ]
    assert moments == sorted(moments)


def _wrote(record: Record, component: str, resource: str) -> bool:
    obj = record.detail["object"] or {}
    ours = (
        obj.get("metadata", {}).get("name", "").startswith("web")
        and obj["metadata"]["namespace"] == "default"
    )
    return ours and record.source.startswith(component) and record.detail["resource"] == resource


def _ready_endpoints(record: Record) -> list[str]:
    endpoints = record.detail["object"].get("endpoints") or []
    return [endpoint["targetRef"]["name"] for endpoint in endpoints if endpoint["conditions"].get("ready")]


def _reports_ready(record: Record) -> bool:
    conditions = (record.detail["object"] or {}).get("status", {}).get("conditions", [])
    return any((each["type"], each["status"]) == ("Ready", "True") for each in conditions)


# --- E3 ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(len(answers.RIGHT_FIXES)))
def test_every_way_to_mend_the_service_passes(shop: Cluster, number: int) -> None:
    answers.RIGHT_FIXES[number](shop)
    card = check("00-fix-service", shop)
    assert card.passed, card
    assert "3 ready addresses" in str(card)


@pytest.mark.parametrize(
    ("mistake", "act"),
    answers.WRONG_FIXES,
    ids=[f"{n}-{row[0]}" for n, row in enumerate(answers.WRONG_FIXES)],
)
def test_each_wrong_fix_gets_its_own_hint(shop: Cluster, mistake: str, act: answers.Acts) -> None:
    act(shop)
    card = check("00-fix-service", shop)
    assert (False, mistake) == (card.passed, card.mistake), card


def test_looking_at_a_cluster_leaves_no_trace(shop: Cluster) -> None:
    before = shop.trace.digest()
    check("00-fix-service", shop)
    check("00-writers", shop, answers.right_by_verb)
    assert before == shop.trace.digest()


# --- E4 ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", answers.RIGHT_FUNCTIONS)
def test_a_right_function_passes(served: Cluster, function: object) -> None:
    card = check("00-writers", served, function)
    assert card.passed, card


@pytest.mark.parametrize(
    ("mistake", "function"),
    answers.WRONG_FUNCTIONS,
    ids=[f"{n}-{row[0]}" for n, row in enumerate(answers.WRONG_FUNCTIONS)],
)
def test_each_wrong_function_gets_its_own_hint(served: Cluster, mistake: str, function: object) -> None:
    card = check("00-writers", served, function)
    assert (False, mistake) == (card.passed, card.mistake), card


# --- all of them ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exercise", "executed"),
    [
        ("who_wrote", [row[0] for row in answers.WRONG_WRITERS_OF] + ["not_yet"]),
        ("order", [row[0] for row in answers.WRONG_ORDERS]),
        ("fix_service", [row[0] for row in answers.WRONG_FIXES]),
        ("writers", [row[0] for row in answers.WRONG_FUNCTIONS]),
    ],
)
def test_no_hint_is_written_that_no_mistake_reaches(exercise: str, executed: list[str]) -> None:
    assert _hints(f"lesson00.{exercise}") == set(executed)


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_the_notebook_with_nothing_filled_in_passes_no_check(language: str) -> None:
    words.use(language)
    cluster = Cluster(workers=1)
    cards = [
        check("00-who-wrote", cluster, dict.fromkeys(answers.RIGHT_WRITERS_OF, "…")),
        check("00-order", "ABCDEFGHIJKL"),
        check("00-fix-service", cluster),
        check("00-writers", cluster, lambda records: {}),
        check("00-explain", ""),
        *(check(exercise.id) for exercise in LESSON.all_exercises),
        *(check(exercise.id, cluster) for exercise in LESSON.all_exercises),
    ]
    assert [False] * len(cards) == [card.passed for card in cards]


def test_every_exercise_has_three_different_hints_to_climb() -> None:
    for exercise in LESSON.all_exercises:
        steps = [str(hint(exercise.id)) for _ in range(4)]
        assert 3 == len(set(steps))
        assert steps[2] == steps[3]
        assert steps[0] == str(hint(exercise.id, 1))


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


def test_every_wrong_answer_in_the_quiz_has_its_own_sentence() -> None:
    for number, question in enumerate(LESSON.quiz):
        for letter in question.letters:
            given = [letter if index == number else "-" for index in range(len(LESSON.quiz))]
            card = quiz("00", *given)
            assert question.text(f"because_{letter}") in str(card)
            assert not card.passed


def test_the_quiz_answered_rightly_passes() -> None:
    right = [question.right for question in LESSON.quiz]
    assert quiz("00", *right).passed
    assert quiz("00", "".join(right)).passed
    assert quiz("00", right).passed

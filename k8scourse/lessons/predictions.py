"""Bets: asked before a run, laid beside what happened after it. Never marked: a wrong bet is the useful one."""

from __future__ import annotations

from functools import partial

from .. import words
from . import catalogue
from .asking import letter_of, options, unknown
from .card import Card, Choice, Group, Line
from .lesson import Question
from .observing import cluster_in
from .progress import current


def predict(question_id: object, answer: object = None) -> Card:
    """Ask a question, or take the bet `answer` (a letter) on it.

    Without an answer nothing is recorded: the card shows the question and how to bet. Once the outcome has been
    shown, a bet stays as it was.
    """
    question = catalogue.find_bet(question_id)
    if question is None:
        return unknown("predict", question_id, catalogue.bets())
    if answer is None:
        return _asked(question)
    letter = letter_of(answer, question)
    if letter is None:
        note = words.text("predict.which", given=str(answer)[:40], letters=_letters(question))
        return Card((*_asked(question).lines[:-1], Line("note", note)), mistake="letter")
    return _taken(question, letter)


def outcome(question_id: object, cluster: object = None) -> Card:
    """What happened, with your bet beside it, and why.

    With a cluster, its own trace is the proof, and nothing is told before it has happened there.
    """
    question = catalogue.find_bet(question_id)
    if question is None:
        return unknown("outcome", question_id, catalogue.bets())
    proof = _proof(question, cluster)
    if proof == "":
        return Card((Line("text", words.text("predict.not_yet"), "◔"),), mistake="not_yet")
    bet = current().bets.get(question.id, "")
    current().reveal(question.id)
    lines = [
        Line("title", question.text("question")),
        _line_of_the_bet(question, bet),
        Line("text", question.text(question.right), words.text("predict.happened", letter=question.right)),
    ]
    if proof is not None:
        lines.append(Line("text", proof, words.text("check.shows")))
    if bet in question.wrong:
        lines.append(Line("text", question.text(f"because_{bet}"), words.text("predict.your_thought")))
    lines.append(Line("text", question.text(f"because_{question.right}"), words.text("predict.why")))
    return Card(tuple(lines), misconception=question.wrong.get(bet, ""))


def _asked(question: Question) -> Card:
    bet = current().bets.get(question.id)
    lines = [Line("title", question.text("question"), "?"), *options(question)]
    if bet is not None:
        lines.append(Line("text", question.text(bet), words.text("predict.your_bet", letter=bet)))
    lines.append(Line("note", words.text("predict.how", id=question.id, letter=question.letters[0])))
    choices = tuple(Choice(letter, partial(_taken, question, letter)) for letter in question.letters)
    return Card(tuple(lines), groups=(Group(Card(tuple(lines[:-1])), choices),))


def _taken(question: Question, letter: str) -> Card:
    bets = current().bets
    late = question.id in current().outcomes
    if not late:
        bets[question.id] = letter
    kept = bets.get(question.id)
    lines = [Line("title", question.text("question"))]
    if kept is not None:
        lines.append(Line("text", question.text(kept), words.text("predict.your_bet", letter=kept)))
    if not late:
        note = "predict.now_run"
    elif kept == letter:
        note = "predict.known"
    else:
        note = "predict.too_late"
    return Card((*lines, Line("note", words.text(note))))


def _line_of_the_bet(question: Question, bet: str) -> Line:
    if not bet:
        return Line("text", words.text("predict.no_bet"), words.text("predict.your_bet_label"))
    return Line("text", question.text(bet), words.text("predict.your_bet", letter=bet))


def _proof(question: Question, cluster: object) -> str | None:
    """What the cluster shows: "" when it has not happened there, None when there is no cluster to look at."""
    observed = cluster_in((cluster,))
    if observed is None or question.evidence is None:
        return None
    try:
        return question.evidence(observed)
    except Exception:  # a half-built stand-in of a cluster must not cost the learner the answer
        return None


def _letters(question: Question) -> str:
    return words.text("lessons.comma").join(question.letters)

"""`predict` and `outcome`: a bet before the run, and the same bet beside what happened. No marks are given."""

from __future__ import annotations

from typing import Any

from k8scourse import words

from . import catalogue
from .card import Card, lines
from .model import Bet, Cluster
from .progress import progress


def predict(question_id: str, answer: object = None) -> Card:
    """Show a bet; with an answer (a letter), place it. Placing it again replaces the old one."""
    bet = catalogue.bet(question_id)
    if isinstance(bet, Card):
        return bet
    if answer is None:
        return _ask(bet)
    letter = _letter(answer)
    if letter not in bet.options:
        return Card(words.text("predict.no_option", answer=answer, options=", ".join(bet.options)))
    progress.bets[bet.id] = letter
    return Card(words.text("predict.noted", id=bet.id, option=option(bet, letter)))


def outcome(question_id: str, cluster: Cluster) -> Card:
    """What happened, beside the bet, and why it is so."""
    bet = catalogue.bet(question_id)
    if isinstance(bet, Card):
        return bet
    truth = _truth(bet, cluster)
    if truth is None:
        return Card(words.text("predict.not_yet", first=words.text(f"{bet.key}.first")))
    mine = progress.bets.get(bet.id)
    told = [
        words.text("predict.your_bet", option=option(bet, mine)) if mine else words.text("predict.no_bet"),
        words.text("predict.happened", option=option(bet, truth)),
    ]
    if mine is not None and mine != truth and words.has(f"{bet.key}.not_{mine}"):
        told.append(words.text(f"{bet.key}.not_{mine}"))
    told.append(words.text(f"{bet.key}.because"))
    missed = [bet.mistakes[mine]] if mine is not None and mine != truth and mine in bet.mistakes else []
    return Card(lines(*told), misconceptions=missed)


def option(bet: Bet, letter: str) -> str:
    """`b) Two Pods`."""
    return f"{letter}) {words.text(f'{bet.key}.{letter}')}"


def _ask(bet: Bet) -> Card:
    mine = progress.bets.get(bet.id)
    text = lines(
        words.text("predict.title", id=bet.id),
        words.text(f"{bet.key}.ask"),
        *(f"  {option(bet, letter)}" for letter in bet.options),
        words.text("predict.how", id=bet.id, letter=bet.options[0]),
        words.text("predict.your_bet", option=option(bet, mine)) if mine else "",
    )
    choices = [(option(bet, letter), lambda letter=letter: predict(bet.id, letter)) for letter in bet.options]
    return Card(text, choices=choices)


def _letter(answer: object) -> str:
    return str(answer).strip().lower().removesuffix(")")


def _truth(bet: Bet, cluster: Any) -> str | None:
    """What the cluster shows; None when it is no cluster, or has not shown it yet."""
    try:
        return bet.truth(cluster)
    except Exception:  # whatever a learner passes as a cluster
        return None

"""E2, a Parsons problem: ten shuffled steps of one request.

The order of the handlers is upstream's (``staging/src/k8s.io/apiserver/pkg/server/config.go``). The answer and
the watchers' event leave at the same time, so F and J may stand in either order.
"""

from __future__ import annotations

from itertools import pairwise

from ... import words
from ..lesson import Verdict, fulfilled, missed

CHAIN = "DBIGECHA"
LAST = {"F": "answer_early", "J": "watch_early"}
LETTERS = "ABCDEFGHIJ"

MISTAKES = {
    "BD": "send_first",
    "IB": "name_first",
    "GB": "name_first",
    "GI": "queue",
    "EG": "rights_first",
    "CE": "fill_first",
    "HC": "last_word",
    "AH": "checked_store",
}


def check_order(answer: object) -> Verdict:
    """`answer` is the ten letters in the order in which the steps happen."""
    letters = [letter for letter in _text(answer).upper() if letter in LETTERS]
    if twice := [letter for letter in LETTERS if letters.count(letter) > 1]:
        return missed("twice", _seen(0), letters=", ".join(twice))
    if absent := [letter for letter in LETTERS if letter not in letters]:
        return missed("absent", _seen(0), letters=", ".join(absent))
    return _judge("".join(letters))


def _judge(letters: str) -> Verdict:
    seen = _seen(_good_steps(letters))
    for before, after in [("B", "G"), *pairwise(CHAIN)]:
        if letters.index(after) < letters.index(before):
            return missed(MISTAKES[after + before], seen)
    for letter, mistake in LAST.items():
        if letters.index(letter) < letters.index(CHAIN[-1]):
            return missed(mistake, seen)
    return fulfilled(seen)


def _good_steps(letters: str) -> int:
    """How many steps from the start are in an order that can happen."""
    for place, letter in enumerate(letters):
        expected = CHAIN[place] if place < len(CHAIN) else "".join(LAST)
        if letter not in expected:
            return place
    return len(letters)


def _text(answer: object) -> str:
    return "".join(map(str, answer)) if isinstance(answer, list | tuple) else str(answer)


def _seen(good: int) -> str:
    return words.text("lesson02.order.seen", good=good, steps=len(LETTERS))

"""E2, a Parsons problem: twelve shuffled steps of one order.

Cause and effect fix all but one place: kubectl prints its line when the API server has answered, and the first
controller may be faster or slower than the terminal. So J may stand anywhere between C and K.
"""

from __future__ import annotations

from itertools import pairwise

from ... import words
from ..lesson import Verdict, fulfilled, missed

CHAIN = "GCEKAHLDIFB"
PRINTED = "J"
LETTERS = "ABCDEFGHIJKL"

MISTAKES = {
    "KE": "deployment_makes_pods",
    "AK": "scheduler_first",
    "HA": "binding_first",
    "LH": "kubelet_first",
    "DL": "runtime_alone",
    "ID": "ready_first",
    "FI": "endpoint_early",
    "BF": "rules_first",
    "CG": "stored_first",
    "EC": "controller_first",
}


def check_order(answer: object) -> Verdict:
    """`answer` is the twelve letters in the order in which the steps happen."""
    letters = [letter for letter in _text(answer).upper() if letter in LETTERS]
    if twice := [letter for letter in LETTERS if letters.count(letter) > 1]:
        return missed("twice", _seen(0), letters=", ".join(twice))
    if absent := [letter for letter in LETTERS if letter not in letters]:
        return missed("absent", _seen(0), letters=", ".join(absent))
    return _judge("".join(letters))


def _judge(letters: str) -> Verdict:
    good = _good_steps(letters)
    printed = letters.index(PRINTED)
    if printed < letters.index("C"):
        return missed("printed_early", _seen(good))
    for before, after in pairwise(CHAIN):
        if letters.index(after) < letters.index(before):
            return missed(MISTAKES[after + before], _seen(good))
    if printed > letters.index("K"):
        return missed("printed_late", _seen(good))
    return fulfilled(_seen(good))


def _good_steps(letters: str) -> int:
    """How many steps from the start are in an order that can happen."""
    chain = iter(CHAIN)
    placed: list[str] = []
    expected = next(chain, "")
    for letter in letters:
        if letter == PRINTED and "C" in placed and "K" not in placed:
            placed.append(letter)
        elif letter == expected and (letter != "A" or PRINTED in placed):
            placed.append(letter)
            expected = next(chain, "")
        else:
            break
    return len(placed)


def _text(answer: object) -> str:
    return "".join(map(str, answer)) if isinstance(answer, list | tuple) else str(answer)


def _seen(good: int) -> str:
    return words.text("lesson00.order.seen", good=good, steps=len(LETTERS))

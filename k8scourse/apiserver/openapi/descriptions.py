"""What the published documents say about kinds and fields, in short sentences of our own.

Upstream publishes its reference manual with every field. Here are sentences for the kinds, for the fields that all
objects share and for those that a learner meets first; the others have none, and ``kubectl explain`` says so.
A place is ``Kind``, ``Kind.field`` or, for a field of any type, ``*.field``. The texts stand in
``descriptions.toml`` beside this file.
"""

from __future__ import annotations


def of(place: str) -> str:
    """The sentence about a place, "" when there is none."""
    return ""

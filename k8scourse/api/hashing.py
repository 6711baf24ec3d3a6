"""Names that machines make: the template hash of a ReplicaSet, the suffix of a generated name.

Both use 27 characters without vowels and look-alikes, so that no word appears by accident.
Upstream: ``apimachinery/pkg/util/rand`` and ``pkg/controller/controller_utils.go`` (ComputeHash).  The
hash itself is FNV-1a over the template's JSON instead of Go's printed form: same shape, other digits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

ALPHABET = "bcdfghjklmnpqrstvwxz2456789"


class Choice(Protocol):
    """The one method needed of a random stream."""

    def choice(self, sequence: str, /) -> str:
        """One character of ``sequence``."""


def fnv32a(data: bytes) -> int:
    """The 32-bit FNV-1a hash."""
    value = 0x811C9DC5
    for byte in data:
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


def safe_encode(text: str) -> str:
    """Map every character of ``text`` into :data:`ALPHABET`."""
    return "".join(ALPHABET[ord(character) % len(ALPHABET)] for character in text)


def object_hash(value: Any, collision_count: int | None = None) -> str:
    """A short hash of a JSON value, independent of the order of keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    data = text.encode()
    if collision_count is not None:
        data += collision_count.to_bytes(8, "little")
    return safe_encode(str(fnv32a(data)))


def template_hash(template: Mapping[str, Any], collision_count: int | None = None) -> str:
    """The ``pod-template-hash`` of a Pod template; a collision count gives the template a second hash."""
    return object_hash(template, collision_count or None)


def random_suffix(rng: Choice, length: int = 5) -> str:
    """A random suffix such as ``x7k2p``, drawn from the caller's stream."""
    return "".join(rng.choice(ALPHABET) for _ in range(length))

"""How a JSON value, a text and a path are damaged. `rng` is a `random.Random`, or what Hypothesis gives for one."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

STRINGS = (
    "", " ", "a", "A", "-", ".", "..", "../..", "a/b", "%", "%2F", "a b", "x" * 64, "x" * 254, "x" * 5000, "\u0000",
    "é", "日本語", "\U0001f600", "\ud800", "\u202e", "null", "true", "0", "1", "-1", "1e3", "0x10", "NaN", "100m",
    "1Gi", "-5", "1.5", "10.96.0.1", "10.96.0.10", "fd00::1", "256.1.1.1", "1.2.3.0/24", "None", "Always", "Never",
    "Pod", "v1", "apps/v1", "kubernetes.io/x", "a.b/c", "/a", "a/", "=", "a=b", "$(X)", "{{", "}}", "@every 1s",
    "* * * * *", "2026-01-01T00:00:00Z", "9999-99-99", "0001-01-01T00:00:00Z", "kube-system", "default", "25%",
    "101%", "-1%", "\n", "\t", "a\nb", "[", "(?", "^(a+)+$", "spec.nodeName", "\x7f", "ＡＢ", "ß", "foreground",
    "Orphan", "nginx:1", "system:admin", "*", "http", "https://x.example", "YQ==", "!!!",
    "12345678-1234-4123-8123-123456789abc",
)  # fmt: skip
NUMBERS: tuple[Any, ...] = (
    0, 1, -1, 2, 80, 65535, 65536, 30000, 32767, 2**31 - 1, 2**31, -(2**31), 2**53, 2**63 - 1, 2**63, 2**64, 10**30,
    0.5, 1.0, -0.0, 1e300, 1e-300,
)  # fmt: skip
BYTES = (b"", b"\xff", b"{", b"]", b'"', b"\x00", b"9", b"NaN", b",")
KEYS = (
    "apiVersion", "kind", "metadata", "name", "namespace", "generateName", "labels", "annotations", "finalizers",
    "ownerReferences", "uid", "resourceVersion", "deletionTimestamp", "managedFields", "spec", "status", "$patch",
    "$retainKeys", "$setElementOrder/containers", "$deleteFromPrimitiveList/finalizers", "", "a.b", "f:x", "selector",
    "data", "items", "template", "replicas", "ports", "containers", "conditions", "deletionGracePeriodSeconds",
    "generation", "creationTimestamp", "type", "key", "operator", "values", "matchLabels", "bogus", "é", "\u0000",
)  # fmt: skip


def scalar(rng: Any) -> Any:
    """Any value that is no object and no list."""
    return rng.choice((None, True, False, rng.choice(STRINGS), rng.choice(STRINGS), rng.choice(NUMBERS)))


def value(rng: Any, depth: int = 0) -> Any:
    """Any small JSON value."""
    shape = rng.randrange(8) if depth < 3 else 7
    if shape == 0:
        return {rng.choice(KEYS): value(rng, depth + 1) for _ in range(rng.randrange(4))}
    if shape == 1:
        return [value(rng, depth + 1) for _ in range(rng.randrange(4))]
    return scalar(rng)


def damaged(rng: Any, body: Any, parts: Sequence[Any] = ()) -> Any:
    """The value with one place changed; `parts` are values to borrow from."""
    if isinstance(body, dict) and body and rng.randrange(6):
        key = rng.choice(sorted(body))
        if rng.randrange(5) == 0:
            return _other_key(rng, body, key)
        return {**body, key: damaged(rng, body[key], parts)}
    if isinstance(body, list) and body and rng.randrange(5):
        index = rng.randrange(len(body))
        return [*body[:index], damaged(rng, body[index], parts), *body[index + 1 :]]
    return _changed(rng, body, parts)


def _other_key(rng: Any, body: dict[str, Any], key: str) -> dict[str, Any]:
    rest = {name: item for name, item in body.items() if name != key}
    return rest if rng.randrange(2) else {**rest, rng.choice(KEYS): body[key]}


def _changed(rng: Any, body: Any, parts: Sequence[Any]) -> Any:
    if parts and rng.randrange(4) == 0:
        return rng.choice(parts)
    if isinstance(body, dict):
        return {**body, rng.choice(KEYS): value(rng)} if rng.randrange(3) else value(rng)
    if isinstance(body, list):
        return _changed_list(rng, body)
    if isinstance(body, str) and rng.randrange(2):
        return text(rng, body)
    if isinstance(body, int) and not isinstance(body, bool) and rng.randrange(2):
        return rng.choice((body + 1, -body, str(body), body * 1000, float(body)))
    return value(rng)


def _changed_list(rng: Any, body: list[Any]) -> Any:
    tricks: list[Callable[[], Any]] = [
        lambda: [*body, *body],
        lambda: body[:-1],
        lambda: body[::-1],
        lambda: [*body, value(rng)],
        lambda: [None, *body],
        lambda: body * 50,
        lambda: value(rng),
        list,
    ]
    return rng.choice(tricks)()


def text(rng: Any, original: str) -> str:
    """The text with something put in, cut out or doubled."""
    place = rng.randrange(len(original) + 1)
    other: str = rng.choice(STRINGS)
    tricks = (
        original[:place] + other + original[place:],
        original[:place],
        original[place:],
        original + original,
        original.upper(),
        other,
    )
    result: str = rng.choice(tricks)
    return result


def raw(rng: Any, body: Any) -> Any:
    """The value as bytes or text, sometimes broken on the way."""
    try:
        written = body if isinstance(body, str) else json.dumps(body)
    except (TypeError, ValueError):
        return b""
    data = bytearray(written.encode("utf-8", "surrogatepass"))
    for _ in range(rng.choice((0, 0, 1, 1, 2, 8))):
        if not data:
            break
        place = rng.randrange(len(data))
        data[place : place + rng.randrange(3)] = rng.choice(BYTES)
    return bytes(data) if rng.randrange(2) else data.decode("utf-8", "replace")


def path(rng: Any, original: str) -> str:
    """The path with a part changed, taken away or added."""
    parts = original.split("/")
    place = rng.randrange(len(parts))
    trick = rng.randrange(5)
    if trick == 0:
        parts[place] = rng.choice(STRINGS)
    elif trick == 1:
        del parts[place]
    elif trick == 2:
        parts.insert(place, rng.choice(STRINGS))
    elif trick == 3:
        parts.append(
            rng.choice(("status", "scale", "log", "eviction", "binding", "finalize", "token", "exec", "x"))
        )
    else:
        parts[place] = text(rng, parts[place])
    return "/".join(parts)

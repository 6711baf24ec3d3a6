"""`cluster.audit`: the audit log of the API servers, as a learner reads it, and the policy that it begins with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import words
from ..apiserver.audit import LEVELS, AuditLog, Event, Rule
from .errors import LearnerError

if TYPE_CHECKING:
    from .world import World

SHOWN = 20
OUTSIDE = "192.0.2.10"
"""Where kubectl runs: an address that is in no machine's network (RFC 5737)."""
READING = ["get", "list", "watch"]
QUIET: list[Rule] = [
    {"level": "None", "userGroups": ["system:nodes", "system:serviceaccounts:kube-system"], "verbs": READING},
    {
        "level": "None",
        "users": ["system:kube-scheduler", "system:kube-controller-manager", "system:apiserver"],
        "verbs": READING,
    },
    {
        "level": "None",
        "resources": [
            {"group": "coordination.k8s.io", "resources": ["leases"]},
            {"group": "", "resources": ["events"]},
            {"group": "events.k8s.io", "resources": ["events"]},
        ],
    },
    {"level": "None", "nonResourceURLs": ["/healthz*", "/livez*", "/readyz*"]},
    {"level": "Metadata"},
]
"""What the components read, their heartbeats and events, and health checks are not recorded; all else is."""
_FIELDS = (
    "level",
    "users",
    "userGroups",
    "verbs",
    "resources",
    "namespaces",
    "nonResourceURLs",
    "omitStages",
)


class Audit:
    """The events so far, oldest first: dicts of audit.k8s.io/v1. Shown as a table of the last twenty."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = list(events)

    def __len__(self) -> int:
        return len(self.events)

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)

    def __getitem__(self, place: Any) -> Any:
        return self.events[place]

    def of(self, user: str) -> Audit:
        """The events of one user."""
        return Audit([event for event in self.events if event["user"].get("username") == user])

    def __repr__(self) -> str:
        if not self.events:
            return words.text("audit.empty")
        rows = [_row(event) for event in self.events[-SHOWN:]]
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
        told = [
            "  ".join(
                [*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]
            ).rstrip()
            for row in rows
        ]
        left = len(self.events) - SHOWN
        return "\n".join([*([words.text("listen.left_out", count=left)] if left > 0 else []), *told])


def _row(event: Event) -> list[str]:
    """Time, user, verb, what, code, and who allowed it."""
    annotations = event.get("annotations", {})
    return [
        event["requestReceivedTimestamp"][11:23],
        event["user"].get("username", "?"),
        event["verb"],
        _what(event),
        str(event["responseStatus"].get("code", "")),
        annotations.get("authorization.k8s.io/reason")
        or annotations.get("authorization.k8s.io/decision", ""),
    ]


def _what(event: Event) -> str:
    target = event.get("objectRef")
    if target is None:
        return str(event["requestURI"])
    parts = (target.get("resource"), target.get("namespace"), target.get("name"), target.get("subresource"))
    return "/".join(part for part in parts if part)


def log_of(world: World) -> AuditLog:
    """The log that all API servers of a world write into."""

    def address_of(source: str) -> str:
        machine = world.machines.get(source.partition("@")[2])
        return machine.address if machine is not None else OUTSIDE

    return AuditLog(world.sim.rng("kube-apiserver/audit"), QUIET, address_of)


def checked(rules: Sequence[object]) -> tuple[dict[str, Any], ...]:
    """The rules of a policy; a level alone stands for "everything at this level". LearnerError otherwise."""
    return tuple(_rule(rule) for rule in rules)


def _rule(rule: object) -> dict[str, Any]:
    if isinstance(rule, str):
        rule = {"level": rule}
    if not isinstance(rule, Mapping) or rule.get("level") not in LEVELS:
        raise LearnerError("audit_level", rule=rule, levels=", ".join(LEVELS))
    for field, value in rule.items():
        if field not in _FIELDS or (field != "level" and not _is_list(field, value)):
            raise LearnerError("audit_field", field=field, value=value, fields=", ".join(_FIELDS))
    return dict(rule)


def _is_list(field: object, value: object) -> bool:
    if not isinstance(value, list | tuple):
        return False
    if field != "resources":
        return all(isinstance(each, str) for each in value)
    return all(
        isinstance(each, Mapping)
        and isinstance(each.get("group", ""), str)
        and all(_is_list("", each.get(part) or ()) for part in ("resources", "resourceNames"))
        for each in value
    )

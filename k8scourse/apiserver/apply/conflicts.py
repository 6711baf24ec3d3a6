"""What an applier hears that wants what others own.

Upstream: ``apimachinery/pkg/util/managedfields/internal/conflict.go``, ``structured-merge-diff/merge/conflict.go``.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from k8scourse.api.errors import Cause, Conflict
from k8scourse.apiserver.apply.entries import UPDATE, Manager
from k8scourse.apiserver.apply.fieldset import FieldSet, path_text, paths


class Clash(NamedTuple):
    """One field and the manager that owns it with another value."""

    manager: Manager
    field: str


class ApplyConflicts(Exception):
    """An apply without force met fields of others; `sets` says whose and which."""

    def __init__(self, sets: dict[Manager, FieldSet]) -> None:
        super().__init__("apply conflicts")
        self.sets = sets

    def status(self) -> Conflict:
        """The 409 with one cause per field."""
        found = [
            Clash(manager, path_text(path))
            for manager in sorted(self.sets)
            for path in paths(self.sets[manager])
        ]
        causes = [
            Cause(clash.field, "FieldManagerConflict", f"conflict with {_who(clash.manager)}")
            for clash in found
        ]
        return Conflict(_message(found), details={"causes": [cause.to_wire() for cause in causes]})


def _message(found: list[Clash]) -> str:
    if len(found) == 1:
        return f"Apply failed with 1 conflict: conflict with {_who(found[0].manager)}: {found[0].field}"
    lines: list[str] = []
    before = None
    for clash in found:
        if clash.manager != before:
            lines.append(f"conflicts with {_who(clash.manager)}:")
        lines.append(f"- {clash.field}")
        before = clash.manager
    return f"Apply failed with {len(found)} conflicts: " + "\n".join(lines)


def _who(manager: Manager) -> str:
    text = json.dumps(manager.name, ensure_ascii=False)
    if manager.subresource:
        text += f" with subresource {json.dumps(manager.subresource)}"
    return f"{text} using {manager.api_version}" if manager.operation == UPDATE else text

"""One request on its way through the server: what is known of it so far, and how far it has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from k8scourse.api.errors import Cause, Invalid, invalid
from k8scourse.api.kinds import Kind
from k8scourse.apiserver.authentication import ANONYMOUS, UserInfo
from k8scourse.apiserver.request import Request, Stages
from k8scourse.apiserver.routes import Route

FIELD_VALIDATIONS = ("", "Ignore", "Strict", "Warn")


@dataclass(slots=True)
class Call:
    """A request with everything that the stages find out about it.

    `stage` is who would refuse it now; `stages` are those it has passed. `before` and `object` are the stored
    object before and after, `changed` whether a revision was stored.
    """

    request: Request
    route: Route
    query: Mapping[str, str]
    verb: str = ""
    user: UserInfo = ANONYMOUS
    stage: str = "authenticate"
    stages: Stages = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    before: Any = None
    object: Any = None
    changed: bool = False

    @property
    def kind(self) -> Kind:
        """The kind that the request is about; only asked where there is one."""
        assert self.route.kind is not None
        return self.route.kind

    @property
    def dry_run(self) -> bool:
        """Whether everything is to be done but the storing."""
        return self.query.get("dryRun") == "All"

    @property
    def field_validation(self) -> str:
        """What to do about unknown fields: Strict, Warn (when nothing is said) or Ignore."""
        return self.query.get("fieldValidation") or "Warn"

    def passed(self, stage: str, then: str = "") -> None:
        """A stage let the request through; `then` names the next one."""
        self.stages.append([stage, "ok"])
        self.stage = then

    def begin_again(self) -> None:
        """A write starts with admission, and starts again after a lost race: only who and whether stay settled."""
        del self.stages[2:]
        self.stage = "admit"

    def stored(self, before: Any, after: Any, changed: bool = True) -> None:
        """Note what the write did to the stored object."""
        self.before, self.object, self.changed = before, after, changed


def check_write_options(call: Call, options: str) -> None:
    """`dryRun` and `fieldValidation` have few good values; `options` is CreateOptions, UpdateOptions, …"""
    dry_run = call.query.get("dryRun", "")
    if dry_run not in ("", "All"):
        raise _bad_option(options, Cause("dryRun", "FieldValueNotSupported", _unsupported(dry_run, ("All",))))
    wish = call.query.get("fieldValidation", "")
    if wish not in FIELD_VALIDATIONS:
        detail = _unsupported(wish, FIELD_VALIDATIONS)
        raise _bad_option(options, Cause("fieldValidation", "FieldValueNotSupported", detail))


def _unsupported(value: str, known: tuple[str, ...]) -> str:
    return f'Unsupported value: "{value}": supported values: {", ".join(f"{chr(34)}{k}{chr(34)}" for k in known)}'


def _bad_option(options: str, cause: Cause) -> Invalid:
    return invalid("meta.k8s.io", options, "", [cause])

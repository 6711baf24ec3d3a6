"""One request on its way through the server: what is known of it so far, and how far it has come."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from k8scourse.api.errors import Cause, Invalid, invalid
from k8scourse.api.kinds import Kind
from k8scourse.apiserver.authentication import ANONYMOUS, UserInfo
from k8scourse.apiserver.flowcontrol import Flow
from k8scourse.apiserver.request import Reason, Request, Stages
from k8scourse.apiserver.routes import Route

FIELD_VALIDATIONS = ("", "Ignore", "Strict", "Warn")
MANAGER_LIMIT = 128
SETTLED = ("authenticate", "impersonate", "flow", "authorize")


@dataclass(slots=True)
class Call:
    """A request with everything that the stages find out about it.

    `stage` is who would refuse it now; `stages` are those it has passed. `before` and `object` are the stored
    object before and after, `changed` whether a revision was stored. `may` asks whether another verb is allowed too.
    `reasons` are why the stages answered as they did, `annotations` what admission adds to the audit record. `asker`
    is who asks in the name of `user`, None when that is nobody else; `decision` what authorization said and why;
    `flow` where priority and fairness puts the request.
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
    may: Callable[[str], bool] = lambda verb: True
    reasons: list[Reason] = field(default_factory=list)
    annotations: dict[str, str] = field(default_factory=dict)
    asker: UserInfo | None = None
    decision: tuple[bool, str] | None = None
    flow: Flow | None = None
    hanging: str = ""

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

    @property
    def manager(self) -> str:
        """Whose name the written fields get: `fieldManager`, or the User-Agent up to its first "/"."""
        return self.query.get("fieldManager") or _prefix(user_agent(self.request))

    def passed(self, stage: str, then: str = "") -> None:
        """A stage let the request through; `then` names the next one."""
        self.stages.append([stage, "ok"])
        self.stage = then

    def reason(self, stage: str, key: str, **values: Any) -> None:
        """Note why a stage answers as it does, for those who look on.

        `stage` is authenticate, impersonate, flow, authorize, admit (plug-ins that change), validate, check
        (plug-ins that only look) or store; "<stage>.<key>" is the sentence in words/*/reasons.toml, `values`
        are what stands in its places. Nothing is formatted here.
        """
        self.reasons.append((stage, key, values))

    def begin_again(self) -> None:
        """A write starts with admission, and starts again after a lost race: only who and whether stay settled."""
        self.stages[:] = [stage for stage in self.stages if stage[0] in SETTLED]
        if self.reasons:
            self.reasons[:] = [reason for reason in self.reasons if reason[0] in SETTLED]
        self.stage = "admit"

    def stored(self, before: Any, after: Any, changed: bool = True) -> None:
        """Note what the write did to the stored object."""
        self.before, self.object, self.changed = before, after, changed
        if changed and before is not None and after is not None:
            self.reason("store", "replaced", old=before["metadata"]["resourceVersion"])


def user_agent(request: Request) -> str:
    """What the caller calls itself, "" when it does not say."""
    headers: object = request.headers
    if not isinstance(headers, Mapping):
        return ""
    return str(headers.get("User-Agent") or headers.get("user-agent") or "")


def _prefix(agent: str) -> str:
    name = agent.partition("/")[0]
    if not name.isprintable():
        name = "".join(letter for letter in name if letter.isprintable())
    return name[:MANAGER_LIMIT]


def check_write_options(call: Call, options: str) -> None:
    """`fieldManager`, `dryRun` and `fieldValidation`; `options` is CreateOptions, UpdateOptions, …"""
    causes = _manager_causes(call.query.get("fieldManager", ""))
    if causes:
        raise invalid("meta.k8s.io", options, "", causes)
    dry_run = call.query.get("dryRun", "")
    if dry_run not in ("", "All"):
        detail = f'Unsupported value: {json.dumps([dry_run])}: supported values: "All"'
        raise _bad_option(options, Cause("dryRun", "FieldValueNotSupported", detail))
    wish = call.query.get("fieldValidation", "")
    if wish not in FIELD_VALIDATIONS:
        detail = _unsupported(wish, FIELD_VALIDATIONS)
        raise _bad_option(options, Cause("fieldValidation", "FieldValueNotSupported", detail))


def check_patch_options(call: Call, is_apply: bool) -> None:
    """What is asked of a patch's query: an apply names its manager, and only an apply may be forced."""
    if is_apply and not call.query.get("fieldManager"):
        raise _bad_option(
            "PatchOptions",
            Cause("fieldManager", "FieldValueRequired", "Required value: is required for apply patch"),
        )
    if not is_apply and "force" in call.query:
        detail = "Forbidden: may not be specified for non-apply patch"
        raise _bad_option("PatchOptions", Cause("force", "FieldValueForbidden", detail))
    check_write_options(call, "PatchOptions")


def _manager_causes(name: str) -> list[Cause]:
    if len(name.encode("utf-8", "replace")) > MANAGER_LIMIT:
        detail = f"Too long: may not be more than {MANAGER_LIMIT} bytes"
        return [Cause("fieldManager", "FieldValueTooLong", detail)]
    causes: list[Cause] = []
    if name.isprintable():
        return causes
    for place, letter in enumerate(name):
        if not letter.isprintable():
            problem = f"invalid character U+{ord(letter):04X} (at position {place})"
            detail = f"Invalid value: {json.dumps(name)}: {problem}"
            causes.append(Cause("fieldManager", "FieldValueInvalid", detail))
    return causes


def _unsupported(value: str, known: tuple[str, ...]) -> str:
    return f'Unsupported value: "{value}": supported values: {", ".join(f"{chr(34)}{k}{chr(34)}" for k in known)}'


def _bad_option(options: str, cause: Cause) -> Invalid:
    return invalid("meta.k8s.io", options, "", [cause])

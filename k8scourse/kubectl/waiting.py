"""kubectl wait: let time pass until a condition holds, or an object is gone.

Upstream: `staging/src/k8s.io/kubectl/pkg/cmd/wait`.
"""

from __future__ import annotations

from collections.abc import Callable

from k8scourse.api.errors import NotFound, StatusError
from k8scourse.api.kinds import Kind
from k8scourse.api.values import Object, get_in
from k8scourse.client import Unreachable

from . import jsonpath
from .command import ALL_NAMESPACES, PRINTING, SELECTING, Command
from .delete import is_gone
from .errors import CommandError, raise_all
from .flags import Flag, left_out
from .resources import Found, find, wanted
from .session import Session, printed

_WEEK = 7 * 24 * 3600.0
Test = Callable[[Object], bool]


def run(session: Session) -> None:
    """`kubectl wait --for=…`."""
    wish = _single(session)
    if wish.lower() == "delete":
        _wait_for_end(session)
        return
    if wish.lower() == "create":
        _wait_for_creation(session)
        return
    test = _test(wish)
    found, errors = find(
        session,
        session.flags.args,
        what="arguments in resource/name form must have a single resource and name",
    )
    if not found and not errors:
        raise CommandError("no matching resources found")
    limit = _limit(session)
    for one in found:
        try:
            _wait(session, one, test, limit)
        except (CommandError, StatusError, Unreachable) as error:
            errors.append(error)
    raise_all(errors)


def _single(session: Session) -> str:
    wishes = session.flags["for"]
    if not wishes:
        raise CommandError('unrecognized condition: ""')
    return str(wishes[-1])


def _limit(session: Session) -> float:
    seconds = float(session.flags["timeout"])
    return _WEEK if seconds < 0 else seconds


def _test(wish: str) -> Test:
    if wish.startswith("condition="):
        name, _, value = wish.removeprefix("condition=").partition("=")
        return lambda obj: _has_condition(obj, name, value or "true")
    if wish.startswith("jsonpath="):
        return _path_test(wish.removeprefix("jsonpath="))
    raise CommandError(f'unrecognized condition: "{wish}"')


def _has_condition(obj: Object, name: str, value: str) -> bool:
    for condition in get_in(obj, "status.conditions", []):
        if condition["type"].lower() == name.lower():
            generation = condition.get("observedGeneration") or get_in(obj, "status.observedGeneration")
            if generation is not None and generation < obj["metadata"].get("generation", 0):
                return False
            return bool(condition["status"].lower() == value.lower())
    return False


def _path_test(text: str) -> Test:
    path, equals, value = text.rpartition("=") if "}=" in text or "'=" in text else (text, "", "")
    path, value = path.strip("'\""), value.strip("'\"")
    if not path:
        raise CommandError("jsonpath expression cannot be empty")

    def test(obj: Object) -> bool:
        try:
            found = jsonpath.values(path, obj)
        except jsonpath.PathError as error:
            raise CommandError(str(error)) from None
        if len(found) > 1:
            raise CommandError("given jsonpath expression matches more than one value")
        return bool(found) and (not equals or jsonpath.shown(found[0]).lower() == value.lower())

    return test


def _wait(session: Session, one: Found, test: Test, limit: float) -> None:
    def done() -> bool:
        try:
            return test(session.get(one.kind, one.name, one.namespace))
        except Unreachable:
            return False

    if test(one.object) or session.wait(done, limit):
        session.say(f"{printed(one.kind, one.name)} condition met")
        return
    raise CommandError(f"timed out waiting for the condition on {one.kind.plural}/{one.name}")


def _wait_for_end(session: Session) -> None:
    found, errors = find(session, session.flags.args)
    errors = [error for error in errors if not isinstance(error, NotFound)]
    for one in found:
        if session.wait(lambda one=one: is_gone(session, one), _limit(session)):  # type: ignore[misc]
            session.say(f"{printed(one.kind, one.name)} condition met")
        else:
            errors.append(
                CommandError(f"timed out waiting for the condition on {one.kind.plural}/{one.name}")
            )
    raise_all(errors)


def _wait_for_creation(session: Session) -> None:
    asked = wanted(session, session.flags.args)
    if not asked.named:
        raise CommandError("at least one resource name or selector must be specified for --for=create")
    for kind, names in asked.groups:
        for name in names:
            if not session.wait(lambda kind=kind, name=name: _exists(session, kind, name), _limit(session)):  # type: ignore[misc]
                raise CommandError(f"timed out waiting for the condition on {kind.plural}/{name}")
            session.say(f"{printed(kind, name)} condition met")


def _exists(session: Session, kind: Kind, name: str) -> bool:
    try:
        session.get(kind, name)
    except (NotFound, Unreachable):
        return False
    return True


COMMANDS = (
    Command(
        "wait",
        run,
        (
            *SELECTING, ALL_NAMESPACES, *PRINTING, Flag("for", kind="array", default=[]),
            Flag("timeout", kind="duration", default=30.0), left_out("local", kind="bool"),
        ),
        "Wait for a specific condition on one or many resources",
        "(-f FILENAME | TYPE/NAME) --for=delete|condition=NAME[=VALUE]|jsonpath='{PATH}'[=VALUE]",
    ),
)  # fmt: skip

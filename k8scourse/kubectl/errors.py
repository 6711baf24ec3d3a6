"""How kubectl says that something went wrong: what it prints on stderr, and the exit code.

Upstream: `staging/src/k8s.io/kubectl/pkg/cmd/util/helpers.go` (checkErr, StandardErrorMessage, MultipleErrors).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from k8scourse.api.errors import Invalid, StatusError
from k8scourse.api.kinds import Kind
from k8scourse.client import ConnectionRefused, Unreachable


class CommandError(Exception):
    """kubectl itself refuses. The message is printed after `error: `."""

    code = 1


class UsageError(CommandError):
    """The command line makes no sense; the help of `command` would say how it is written."""

    def __init__(self, message: str, command: str) -> None:
        super().__init__(f"{message}\nSee 'kubectl {command} -h' for help and examples")


class Exit(CommandError):
    """The command ends with this code, everything has been said."""

    def __init__(self, code: int = 1) -> None:
        super().__init__("")
        self.code = code


class Aggregate(CommandError):
    """Several things went wrong; each is printed on a line of its own, without `error: `."""

    def __init__(self, errors: Sequence[Exception]) -> None:
        super().__init__("; ".join(str(error) for error in errors))
        self.errors = list(errors)


Failure = (CommandError, StatusError, Unreachable)


def raise_all(errors: Sequence[Exception]) -> None:
    """Raise the one error as itself, several together, none not at all."""
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise Aggregate(errors)


def lines(error: Exception) -> str:
    """The text of stderr for an error that ends a command; empty or ending in a newline."""
    if isinstance(error, Exit):
        return ""
    if isinstance(error, Aggregate):
        return "".join(f"{_standard(each) or each}\n" for each in error.errors)
    if isinstance(error, Invalid):
        return _invalid(error)
    text = _standard(error)
    if text is None:
        text = str(error) if str(error).startswith("error: ") else f"error: {error}"
    return text + "\n"


def _standard(error: Exception) -> str | None:
    """The sentence for a refusal of the server or a failure to reach it; None for kubectl's own errors."""
    if isinstance(error, StatusError):
        if error.reason == "Unauthorized":
            return f"error: You must be logged in to the server ({error.message})"
        return f"Error from server{f' ({error.reason})' if error.reason else ''}: {error.message}"
    if isinstance(error, ConnectionRefused):
        return f"The connection to the server {error.address} was refused - did you specify the right host or port?"
    if isinstance(error, Unreachable):
        return f"Unable to connect to the server: {error.message}"
    return None


def _invalid(error: Invalid) -> str:
    """`The Deployment "web" is invalid: …`, one line, or a bullet for each of several causes."""
    about: dict[str, Any] | None = error.details
    if about is None:
        return "The request is invalid" + (f": {error.message}" if error.message else "") + "\n"
    causes = list(dict.fromkeys(_cause(cause) for cause in about.get("causes") or ()))
    text = "The request is invalid"
    if about.get("kind") or about.get("name"):
        text = f'The {about.get("kind", "")} "{about.get("name", "")}" is invalid'
    elif error.message and not causes:
        text += f": {error.message}"
    if len(causes) > 1:
        return f"{text}: \n" + "".join(f"* {cause}\n" for cause in causes)
    return f"{text}: {causes[0]}\n" if causes else f"{text}\n"


def _cause(cause: dict[str, str]) -> str:
    where, message = cause.get("field", ""), cause.get("message", "")
    return f"{where}: {message}" if where else message


def of_list(kind: Kind, error: StatusError, labels: str = "", fields: str = "") -> StatusError:
    """The error of a list that was a bad question, or of something that is not there, with what was asked."""
    if error.reason not in ("BadRequest", "NotFound"):
        return error
    what = f'"{kind.api_version}, Resource={kind.plural}"'
    if not kind.group:
        what = f'"/{what[1:]}'
    if labels or fields:
        selected = f'that match label selector "{labels}", field selector "{fields}"'
        return restated(error, f"Unable to find {what} {selected}: {error.message}")
    return restated(error, f"Unable to list {what}: {error.message}")


def with_source(verb: str, source: str, error: Exception) -> Exception:
    """The error that says which file it came from (`error when creating "web.yaml": …`)."""
    if not source:
        return error
    if isinstance(error, StatusError):
        return restated(error, f'error when {verb} "{source}": {error.message}')
    if isinstance(error, Unreachable):
        return error
    return CommandError(f'error when {verb} "{source}": {error}')


def restated(error: StatusError, message: str) -> StatusError:
    """The same refusal in other words."""
    return type(error)(message, code=error.code, reason=error.reason, details=error.details)

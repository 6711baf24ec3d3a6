"""What the API answers when it refuses: a `Status`, as an exception.

    StatusError                        any failure; its payload is the Status object of the wire
    ├── BadRequest            400      the request cannot be understood
    ├── Unauthorized          401      who are you?
    ├── Forbidden             403      you may not
    ├── NotFound              404      no such object, or no such resource
    ├── MethodNotAllowed      405      the resource exists, the verb does not
    ├── NotAcceptable         406      no such representation
    ├── Conflict              409      somebody else was faster; read again
    │   └── AlreadyExists     409      the name is taken
    ├── Expired               410      that resourceVersion is too old; list again
    ├── TooLarge              413      the request is too big
    ├── UnsupportedMediaType  415      no such content type
    ├── Invalid               422      understood, and wrong; the causes say where
    ├── TooManyRequests       429      not now
    ├── InternalError         500      our fault
    ├── ServiceUnavailable    503      nobody is there to answer
    └── Timeout               504      the server did not get there in time

Reasons, codes and messages follow `staging/src/k8s.io/apimachinery/pkg/api/errors/errors.go` and
`pkg/apis/meta/v1/types.go` (StatusReason).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that is wrong with an object: `reason` is a field error's type, `field` its path.

    `detail` is the whole text after the path, as upstream's `field.Error.ErrorBody` gives it:
    "Required value", "Invalid value: 0: must be greater than zero".
    """

    field: str
    reason: str
    detail: str

    @property
    def message(self) -> str:
        """The cause as it stands in the Status' own message."""
        return f"{self.field}: {self.detail}"

    def to_wire(self) -> dict[str, str]:
        """The cause as it stands in `details.causes`."""
        return {"reason": self.reason, "message": self.detail, "field": self.field}


class StatusError(Exception):
    """The API refused. `code` is the HTTP status, `reason` the machine's word, `message` the human's sentence."""

    code = 500
    reason = "InternalError"
    #: What a list that came too late may go on with; part of the Status' metadata.
    continue_token = ""

    def __init__(
        self,
        message: str,
        *,
        code: int | None = None,
        reason: str | None = None,
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = type(self).code if code is None else code
        self.reason = type(self).reason if reason is None else reason
        self.details = details

    @property
    def status(self) -> dict[str, Any]:
        """The Status object of the wire."""
        status: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {"continue": self.continue_token} if self.continue_token else {},
            "status": "Failure",
            "message": self.message,
        }
        if self.reason:
            status["reason"] = self.reason
        if self.details is not None:
            status["details"] = self.details
        return {**status, "code": self.code}


class BadRequest(StatusError):
    """The request cannot be understood."""

    code, reason = 400, "BadRequest"


class Unauthorized(StatusError):
    """Nobody knows who asks."""

    code, reason = 401, "Unauthorized"


class Forbidden(StatusError):
    """Whoever asks may not, or the cluster's policy is against it."""

    code, reason = 403, "Forbidden"


class NotFound(StatusError):
    """There is no such object, or no such resource."""

    code, reason = 404, "NotFound"


class MethodNotAllowed(StatusError):
    """The resource exists, the verb does not."""

    code, reason = 405, "MethodNotAllowed"


class NotAcceptable(StatusError):
    """The answer cannot be given in any form that was asked for."""

    code, reason = 406, "NotAcceptable"


class Conflict(StatusError):
    """Somebody else was faster: read the object again."""

    code, reason = 409, "Conflict"


class AlreadyExists(Conflict):
    """The name is taken."""

    reason = "AlreadyExists"


class Expired(StatusError):
    """That resourceVersion is too old: list again."""

    code, reason = 410, "Expired"


class TooLarge(StatusError):
    """The request is bigger than the server takes."""

    code, reason = 413, "RequestEntityTooLarge"


class UnsupportedMediaType(StatusError):
    """The server does not read that content type here."""

    code, reason = 415, "UnsupportedMediaType"


class Invalid(StatusError):
    """Understood, and wrong: the causes say where."""

    code, reason = 422, "Invalid"


class TooManyRequests(StatusError):
    """Not now: try again later."""

    code, reason = 429, "TooManyRequests"


class InternalError(StatusError):
    """The server's own fault."""

    code, reason = 500, "InternalError"


class ServiceUnavailable(StatusError):
    """Nobody is there to answer."""

    code, reason = 503, "ServiceUnavailable"


class Timeout(StatusError):
    """The server did not get there in time."""

    code, reason = 504, "Timeout"


def details(name: str, group: str, kind: str, **more: Any) -> dict[str, Any]:
    """A Status' details; empty parts are left out as upstream's `omitempty` does."""
    parts = {"name": name, "group": group, "kind": kind, **more}
    return {key: value for key, value in parts.items() if value}


def qualified(group: str, resource: str) -> str:
    """ "deployments.apps", or "pods" for the core group, as messages name a resource."""
    return f"{resource}.{group}" if group else resource


def not_found(group: str, resource: str, name: str) -> NotFound:
    """`pods "x" not found`."""
    return NotFound(
        f'{qualified(group, resource)} "{name}" not found', details=details(name, group, resource)
    )


def already_exists(group: str, resource: str, name: str) -> AlreadyExists:
    """`pods "x" already exists`."""
    message = f'{qualified(group, resource)} "{name}" already exists'
    return AlreadyExists(message, details=details(name, group, resource))


def no_unique_name(group: str, resource: str, name: str) -> AlreadyExists:
    """`pods "x" already exists, …`: every name that the server made up was taken."""
    why = "the server was not able to generate a unique name for the object"
    message = f'{qualified(group, resource)} "{name}" already exists, {why}'
    return AlreadyExists(message, details={**details(name, group, resource), "retryAfterSeconds": 1})


def conflict(group: str, resource: str, name: str, why: str) -> Conflict:
    """`Operation cannot be fulfilled on pods "x": …`."""
    message = f'Operation cannot be fulfilled on {qualified(group, resource)} "{name}": {why}'
    return Conflict(message, details=details(name, group, resource))


def forbidden(group: str, resource: str, name: str, why: str) -> Forbidden:
    """`pods "x" is forbidden: …`; without a name the resource stands alone."""
    subject = f'{qualified(group, resource)} "{name}"' if name else qualified(group, resource)
    return Forbidden(f"{subject} is forbidden: {why}", details=details(name, group, resource))


def invalid(group: str, kind: str, name: str, causes: Iterable[Cause]) -> Invalid:
    """`Deployment.apps "x" is invalid: …`; several causes are joined as `[a, b]`."""
    found = list(causes)
    texts = list(dict.fromkeys(cause.message for cause in found))
    joined = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    message = f'{qualified(group, kind)} "{name}" is invalid: {joined}'
    return Invalid(message, details=details(name, group, kind, causes=[cause.to_wire() for cause in found]))


def status_error(status: dict[str, Any]) -> StatusError:
    """The exception for a Status that came over the wire: the subclass of its reason, else of its code."""
    reason, code = status.get("reason", ""), status.get("code", 500)
    cls = _BY_REASON.get(reason) or _BY_CODE.get(code, StatusError)
    return cls(status.get("message", ""), code=code, reason=reason, details=status.get("details"))


_ALL = (
    BadRequest, Unauthorized, Forbidden, NotFound, MethodNotAllowed, NotAcceptable, Conflict, AlreadyExists,
    Expired, TooLarge, UnsupportedMediaType, Invalid, TooManyRequests, InternalError, ServiceUnavailable, Timeout,
)  # fmt: skip
_BY_REASON: dict[str, type[StatusError]] = {cls.reason: cls for cls in _ALL}
_BY_CODE: dict[int, type[StatusError]] = {cls.code: cls for cls in reversed(_ALL)}

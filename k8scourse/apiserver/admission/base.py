"""What a plug-in of admission gets to see, and how they are run one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from k8scourse.api.errors import StatusError
from k8scourse.api.kinds import Kind
from k8scourse.apiserver.rbac import Rights
from k8scourse.apiserver.users import UserInfo

if TYPE_CHECKING:
    import random

    from k8scourse.apiserver.admission.webhooks import WebhookCaller
    from k8scourse.apiserver.call import Call

Object = dict[str, Any]


@dataclass(slots=True)
class Rounds:
    """What the mutating webhooks remember from the first round of a request to the second."""

    again: bool = False
    second: bool = False
    called: list[str] = field(default_factory=list)
    due: list[str] = field(default_factory=list)
    output: Any = None


@dataclass(frozen=True, slots=True)
class AdmissionRequest:
    """A write that wants to be let in. `verb` is create, update, delete or connect; `object` is None for a delete.

    `kind` is what the URL is about; `body` the kind of `object` where a subresource has its own (Binding, Scale).
    `call` is the whole request, None where the server writes for itself.
    """

    verb: str
    kind: Kind
    namespace: str
    name: str
    subresource: str
    user: UserInfo
    object: Any = None
    old: Any = None
    dry_run: bool = False
    call: Call | None = None
    body: Kind | None = None
    rounds: Rounds = field(default_factory=Rounds)

    @property
    def operation(self) -> str:
        """The verb as admission spells it: CREATE, UPDATE, DELETE, CONNECT."""
        return self.verb.upper()

    @property
    def object_kind(self) -> Kind:
        """The kind of `object` and `old`."""
        return self.body or self.kind

    @property
    def is_new_pod(self) -> bool:
        """Whether a Pod is being created (not bound, not evicted)."""
        return self.verb == "create" and self.kind.kind == "Pod" and not self.subresource

    def warn(self, text: str) -> None:
        """Add a Warning header to the answer; nothing is said twice."""
        if self.call is not None and text not in self.call.warnings:
            self.call.warnings.append(text)

    def reason(self, stage: str, key: str, **values: Any) -> None:
        """Note why; see `Call.reason`."""
        if self.call is not None:
            self.call.reasons.append((stage, key, values))

    def annotate(self, key: str, value: str) -> None:
        """Add an annotation to the audit record; the first value of a key stays."""
        if self.call is not None:
            self.call.annotations.setdefault(key, value)


class Reader(Protocol):
    """What plug-ins may ask the store, and where they draw their random names."""

    rng: random.Random
    rights: Rights
    webhooks: WebhookCaller | None

    def stream(self, name: str) -> random.Random:
        """A stream of random numbers of that name."""

    @property
    def now(self) -> int:
        """The time in nanoseconds."""

    def get(self, plural: str, namespace: str, name: str) -> Object | None:
        """A stored object, None when there is none."""

    def list(self, plural: str, namespace: str = "") -> Sequence[Object]:
        """The stored objects of a kind, of one namespace or of all."""

    def kind(self, api_version: str, kind: str) -> Kind | None:
        """A kind that is served, built in or defined."""

    def objects(self, kind: Kind, namespace: str = "") -> Sequence[Object]:
        """The stored objects of any kind, defined ones too."""

    def put_status(self, plural: str, new: Object) -> None:
        """Store an object with a new status in the place of the one it was made from."""


class Plugin:
    """One rule of admission. Override `admit` to change objects, `validate` to refuse them."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def admit(self, request: AdmissionRequest) -> Any:
        """The object as it should be. Raises a `StatusError` to refuse."""
        return request.object

    def validate(self, request: AdmissionRequest) -> None:
        """Raises a `StatusError` to refuse the object in its final form."""


def admit(plugins: Iterable[Plugin], request: AdmissionRequest) -> Any:
    """Let every plug-in change the object, in order; once more when a webhook changed it.

    Upstream: ``apiserver/pkg/admission/reinvocation.go``.
    """
    found = _admit(plugins, request)
    rounds = request.rounds
    if rounds.again:
        rounds.again, rounds.second = False, True
        found = _admit(plugins, replace(request, object=found))
    return found


def _admit(plugins: Iterable[Plugin], request: AdmissionRequest) -> Any:
    for plugin in plugins:
        try:
            changed = plugin.admit(request)
        except StatusError:
            request.reason("admit", "refused", plugin=type(plugin).__name__)
            raise
        if changed is not request.object:
            request.reason(
                "admit", "changed", plugin=type(plugin).__name__, before=request.object, after=changed
            )
            request = replace(request, object=changed)
    return request.object


def validate(plugins: Iterable[Plugin], request: AdmissionRequest) -> None:
    """Let every plug-in look at the object in its final form."""
    for plugin in plugins:
        try:
            plugin.validate(request)
        except StatusError:
            request.reason("check", "refused", plugin=type(plugin).__name__)
            raise


def admit_part(
    plugins: Sequence[Plugin], call: Call, body: Kind, new: Object, old: Object | None = None
) -> Any:
    """Take the body of a subresource (a Binding, an Eviction, a Scale, …) through all of admission."""
    route = call.route
    request = AdmissionRequest(
        "create" if old is None else "update",
        call.kind,
        route.namespace,
        route.name,
        route.subresource,
        call.user,
        new,
        old,
        call.dry_run,
        call,
        body,
    )
    admitted = admit(plugins, request)
    validate(plugins, replace(request, object=admitted))
    return admitted

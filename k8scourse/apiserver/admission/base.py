"""What a plug-in of admission gets to see, and how they are run one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from k8scourse.api.kinds import Kind
from k8scourse.apiserver.authentication import UserInfo
from k8scourse.apiserver.request import Reason

if TYPE_CHECKING:
    import random

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AdmissionRequest:
    """A write that wants to be let in. `verb` is create, update or delete; `object` is None for a delete.

    `reasons` is where plug-ins say what they did and why, for those who look on.
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
    reasons: list[Reason] = field(default_factory=list, compare=False)

    def reason(self, stage: str, key: str, **values: Any) -> None:
        """Note why admission answers as it does; see `Call.reason`. `stage` is "admit" or "check"."""
        self.reasons.append((stage, key, values))

    @property
    def is_new_pod(self) -> bool:
        """Whether a Pod is being created (not bound, not evicted)."""
        return self.verb == "create" and self.kind.kind == "Pod" and not self.subresource


class Reader(Protocol):
    """What plug-ins may ask the store, and where they draw their random names."""

    rng: random.Random

    @property
    def now(self) -> int:
        """The time in nanoseconds."""

    def get(self, plural: str, namespace: str, name: str) -> Object | None:
        """A stored object, None when there is none."""

    def list(self, plural: str, namespace: str = "") -> Sequence[Object]:
        """The stored objects of a kind, of one namespace or of all."""

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
    """Let every plug-in change the object, in order."""
    for plugin in plugins:
        changed = plugin.admit(request)
        if changed is not request.object:
            request.reason(
                "admit", "changed", plugin=type(plugin).__name__, before=request.object, after=changed
            )
            request = replace(request, object=changed)
    return request.object


def validate(plugins: Iterable[Plugin], request: AdmissionRequest) -> None:
    """Let every plug-in look at the object in its final form."""
    for plugin in plugins:
        plugin.validate(request)

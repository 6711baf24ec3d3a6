"""What a command has in its hands while it runs: the API, the world around it, and where to print."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, cast

from k8scourse.api import kinds
from k8scourse.api.errors import StatusError
from k8scourse.api.kinds import Kind
from k8scourse.api.values import Object
from k8scourse.client import Client, Response

from .errors import of_list
from .flags import Parsed

NAMESPACE = "default"
#: How often a waiting command looks. The real one watches; looking more often would flood the trace.
PACE_NS = 250_000_000


class Wait(Protocol):
    """Lets virtual time pass until `done()` holds; False when it did not within `limit_ns`."""

    def __call__(self, done: Callable[[], bool], limit_ns: int, /) -> bool:
        """Run the world."""


class Session:
    """One command's run. Everything that it prints is collected in `out` and `err`."""

    def __init__(
        self,
        client: Client,
        parsed: Parsed,
        *,
        stdin: str,
        read_file: Callable[[str], str] | None,
        clock: Callable[[], int],
        wait: Wait | None,
    ) -> None:
        self.client = client
        self.flags = parsed
        self.stdin = stdin
        self.out: list[str] = []
        self.err: list[str] = []
        self.custom: dict[tuple[str, str], Kind] = {}  # by apiVersion and kind: what discovery has found
        self.clock = clock
        self._read_file = read_file
        self._wait = wait

    @property
    def now(self) -> int:
        """Virtual nanoseconds since the epoch."""
        return self.clock()

    @property
    def namespace(self) -> str:
        """The namespace that the command works in."""
        return str(self.flags["namespace"]) or NAMESPACE

    @property
    def all_namespaces(self) -> bool:
        """Whether `-A` was given."""
        return bool(self.flags.given.get("all-namespaces", False))

    def say(self, text: str = "") -> None:
        """A line on stdout."""
        self.out.append(text + "\n")

    def complain(self, text: str) -> None:
        """A line on stderr."""
        self.err.append(text + "\n")

    def read_file(self, path: str) -> str:
        """The text of a file; FileNotFoundError, IsADirectoryError or another OSError when there is none."""
        if self._read_file is None:
            raise FileNotFoundError(path)
        return self._read_file(path)

    def wait(self, done: Callable[[], bool], seconds: float) -> bool:
        """Let virtual time pass until `done()`; False when it did not come to that in time."""
        if done():
            return True
        if self._wait is None or seconds <= 0:
            return False
        look = self.now + PACE_NS

        def paced() -> bool:
            nonlocal look
            if self.now < look:
                return False
            look = self.now + PACE_NS
            return done()

        return self._wait(paced, round(seconds * 1e9))

    # --- the API, with kubectl's manners -----------------------------------------------------------------

    def kind_of(self, obj: Object) -> Kind:
        """The kind of an object, which may be one that users have made and that discovery has found."""
        return self.custom.get((obj["apiVersion"], obj["kind"])) or kinds.of(obj)

    def place(self, kind: Kind, namespace: str = "") -> str:
        """The namespace to put in a path: empty for a cluster-scoped kind."""
        return (namespace or self.namespace) if kind.namespaced else ""

    def get(self, kind: Kind, name: str, namespace: str = "") -> Object:
        """One object, plain."""
        return cast(Object, self.send("GET", path_of(kind, self.place(kind, namespace), name)))

    def list(
        self, kind: Kind, namespace: str | None = None, *, labels: str = "", fields: str = ""
    ) -> list[Object]:
        """The objects of the command's namespace (or of the one given; "" is all of them)."""
        where = self.place(kind) if namespace is None else namespace
        try:
            return self.client.list(kind, where, label_selector=labels, field_selector=fields)
        except StatusError as error:
            raise of_list(kind, error, labels, fields) from None

    def patch(
        self, kind: Kind, obj: Object, patch: Any, patch_type: str = "strategic", **query: str
    ) -> Object:
        """Patch an object that was read before; warnings of the server go to stderr."""
        path = path_of(kind, obj["metadata"].get("namespace", ""), obj["metadata"]["name"])
        return cast(
            Object, self.send("PATCH", path, _filled(query), patch, {"Content-Type": PATCH_TYPES[patch_type]})
        )

    def create(self, obj: Object, *, manager: str, **query: str) -> Object:
        """Store a new object."""
        kind = self.kind_of(obj)
        path = path_of(kind, obj["metadata"].get("namespace", ""))
        return cast(Object, self.send("POST", path, _filled({"fieldManager": manager, **query}), obj))

    def replace(self, obj: Object, subresource: str = "", *, manager: str, **query: str) -> Object:
        """Put an object, or a part of it, in the place of one that is there."""
        kind, metadata = self.kind_of(obj), obj["metadata"]
        path = path_of(kind, metadata.get("namespace", ""), metadata["name"], subresource)
        return cast(Object, self.send("PUT", path, _filled({"fieldManager": manager, **query}), obj))

    def send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Any request; prints the server's warnings and returns the body of the answer."""
        response: Response = self.client.send(method, path, query, body, headers)
        for warning in response.warnings:
            self.complain(f"Warning: {warning}")
        return response.body


PATCH_TYPES = {
    "strategic": "application/strategic-merge-patch+json",
    "merge": "application/merge-patch+json",
    "json": "application/json-patch+json",
}


def path_of(kind: Kind, namespace: str = "", name: str = "", subresource: str = "") -> str:
    """The URL path of a collection, an object or a subresource."""
    parts = ["apis" if kind.group else "api", kind.api_version]
    if kind.namespaced and namespace:
        parts += ["namespaces", namespace]
    return "/" + "/".join([*parts, kind.plural, *(part for part in (name, subresource) if part)])


def _filled(query: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in query.items() if value}


def printed(kind: Kind, name: str) -> str:
    """`pod/web`, `deployment.apps/web`: how kubectl names an object in what it prints."""
    return f"{short(kind)}/{name}"


def short(kind: Kind) -> str:
    """`pod`, `deployment.apps`."""
    word = kind.kind.lower()
    return f"{word}.{kind.group}" if kind.group else word

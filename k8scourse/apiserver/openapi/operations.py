"""What can be done with a kind, path by path, in a form from which both versions of OpenAPI are written.

Upstream: ``apiserver/pkg/endpoints/installer.go`` (registerResourceHandlers), whose names of operations these are
(``endpoints/openapi/openapi.go``, GetOperationIDAndTags). The old paths below ``/watch/`` are not served.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from k8scourse.api.custom_kinds import CustomKind
from k8scourse.api.kinds import Kind
from k8scourse.apiserver import discovery
from k8scourse.apiserver.openapi import parameters, schemas

JSON_TYPES = ("application/json", "application/yaml")
LIST_TYPES = (*JSON_TYPES, "application/json;stream=watch")
PATCH_TYPES = (
    "application/apply-patch+yaml",
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
)
TEXT = "text"


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of a path.

    `body` and `answers` (code to answer) are full names of schemas; `TEXT` is plain text, "" nothing.
    """

    method: str
    identifier: str
    description: str
    tag: str
    action: str = ""
    gvk: dict[str, str] = field(default_factory=dict)
    query: tuple[str, ...] = ()
    body: str = ""
    consumes: tuple[str, ...] = ("*/*",)
    answers: dict[int, str] = field(default_factory=dict)
    produces: tuple[str, ...] = JSON_TYPES


@dataclass(frozen=True, slots=True)
class Path:
    """A path with the parameters that all of its operations share, and the operations."""

    path: str
    parameters: tuple[str, ...]
    operations: tuple[Operation, ...]


NameOf = Callable[[Kind], str]


class Kinds:
    """The paths of one kind. `name_of` says how the schema of a kind is called."""

    def __init__(self, kind: Kind, name_of: NameOf) -> None:
        self._kind = kind
        self._root = root(kind.group, kind.version)
        self._prefix, self._tag = title(kind.group, kind.version), tag(kind.group, kind.version)
        self._schema = name_of(kind)
        self._gvk = schemas.identity(kind)

    def paths(self) -> Iterator[Path]:
        """All paths of the kind that are served."""
        kind = self._kind
        base = f"{self._root}/namespaces/{{namespace}}" if kind.namespaced else self._root
        shared = ("namespace", "pretty") if kind.namespaced else ("pretty",)
        collection, single = f"{base}/{kind.plural}", f"{base}/{kind.plural}/{{name}}"
        if operations := self._collection():
            yield Path(collection, shared, operations)
        if operations := self._single():
            yield Path(single, ("name", *shared), operations)
        for name in discovery.parts(kind):
            yield from self._part(name, f"{single}/{name}", ("name", *shared))
        if kind.namespaced and "list" in kind.verbs:
            operation = self._operation("get", "list", "ForAllNamespaces", scoped=False)
            yield Path(f"{self._root}/{kind.plural}", (*parameters.LIST, "pretty"), (operation,))

    def _collection(self) -> tuple[Operation, ...]:
        wanted = (("deletecollection", "delete"), ("list", "get"), ("create", "post"))
        return tuple(self._operation(method, verb) for verb, method in wanted if verb in self._kind.verbs)

    def _single(self) -> tuple[Operation, ...]:
        wanted = (("delete", "delete"), ("get", "get"), ("patch", "patch"), ("update", "put"))
        return tuple(self._operation(method, verb) for verb, method in wanted if verb in self._kind.verbs)

    def _operation(self, method: str, verb: str, ending: str = "", *, scoped: bool = True) -> Operation:
        kind, rule = self._kind, _RULES[verb]
        scope = "Namespaced" if kind.namespaced and scoped else ""
        return Operation(
            method,
            f"{rule.word}{self._prefix}{rule.middle}{scope}{kind.kind}{ending}",
            rule.description.format(kind=kind.kind, list=kind.list_kind),
            self._tag,
            rule.action,
            self._gvk,
            rule.query if not ending else (),
            self._body(verb),
            self._patch_types() if verb == "patch" else ("*/*",),
            self._answers(verb),
            LIST_TYPES if verb == "list" else JSON_TYPES,
        )

    def _body(self, verb: str) -> str:
        if verb in ("create", "update"):
            return self._schema
        if verb == "patch":
            return schemas.PATCH
        return schemas.of_meta("DeleteOptions") if verb in ("delete", "deletecollection") else ""

    def _patch_types(self) -> tuple[str, ...]:
        custom = isinstance(self._kind, CustomKind)
        return PATCH_TYPES[:3] if custom else PATCH_TYPES

    def _answers(self, verb: str) -> dict[int, str]:
        status = schemas.of_meta("Status")
        if verb == "deletecollection":
            return {200: status}
        if verb == "delete":
            return dict.fromkeys((200, 202), self._schema if self._kind.returns_deleted else status)
        if verb == "list":
            return {200: f"{self._schema}List"}
        return dict.fromkeys(_CODES[verb], self._schema)

    # -- parts of an object ----------------------------------------------------------------------

    def _part(self, name: str, path: str, shared: tuple[str, ...]) -> Iterator[Path]:
        row = discovery.subresource(self._kind, name)
        if name in discovery.CONNECTIONS:
            yield self._connection(name, row, path, shared)
            if name == "proxy":
                yield self._connection(name, row, f"{path}/{{path}}", shared)
            return
        gvk = {
            "group": row.get("group", self._kind.group),
            "kind": row["kind"],
            "version": row.get("version", self._kind.version),
        }
        operations = [self._part_operation(name, verb, gvk) for verb in ("get", "patch", "update", "create")
                      if verb in row["verbs"]]  # fmt: skip
        yield Path(path, shared, tuple(operations))

    def _part_operation(self, name: str, verb: str, gvk: dict[str, str]) -> Operation:
        kind, rule, schema = self._kind, _RULES[verb], self._part_schema(name)
        scope, part = "Namespaced" if kind.namespaced else "", title_word(name)
        is_log = name == "log"
        answer = TEXT if is_log else schema
        return Operation(
            _METHODS[verb],
            f"{rule.word}{self._prefix}{scope}{kind.kind}{part}",
            rule.description.format(kind=f"{name} of the specified {kind.kind}", list=kind.list_kind),
            self._tag,
            rule.action,
            gvk,
            parameters.LOG if is_log else rule.query,
            {"patch": schemas.PATCH, "get": ""}.get(verb, schema),
            self._patch_types() if verb == "patch" else ("*/*",),
            dict.fromkeys(_CODES[verb], answer),
            ("text/plain", *JSON_TYPES) if is_log else JSON_TYPES,
        )

    def _part_schema(self, name: str) -> str:
        return _BODIES.get(name) or self._schema

    def _connection(self, name: str, row: dict[str, Any], path: str, shared: tuple[str, ...]) -> Path:
        kind, gvk = self._kind, {**self._gvk, "kind": row["kind"]}
        scope = "Namespaced" if kind.namespaced else ""
        ending = f"{title_word(name)}{'WithPath' if path.endswith('{path}') else ''}"
        operations = [
            Operation(
                method,
                f"connect{self._prefix}{method.title()}{scope}{kind.kind}{ending}",
                f"connect {method.upper()} requests to {name} of {kind.kind}",
                self._tag,
                "connect",
                gvk,
                answers={200: TEXT},
                produces=("*/*",),
            )
            for method in (_METHODS[verb] for verb in row["verbs"])
        ]
        ordered = sorted(operations, key=lambda operation: operation.method)
        return Path(path, (*shared, *parameters.CONNECT[name]), tuple(ordered))


def discoveries(group: str, version: str) -> Path:
    """The path under which the resources of a group version are listed."""
    identifier = f"get{title(group, version)}APIResources"
    answers = {200: schemas.of_meta("APIResourceList")}
    operation = Operation("get", identifier, "get available resources", tag(group, version), answers=answers)
    return Path(f"{root(group, version)}/", (), (operation,))


def of_page(path: str) -> Path:
    """A path that is not about a resource: /api, /apis, /apis/<group>, /version."""
    if path == "version":
        answers, words = {200: schemas.VERSION_INFO}, "get the version information for this server"
        operation = Operation("get", "getCodeVersion", words, "version", answers=answers)
        return Path("/version/", (), (operation,))
    if path in ("api", "apis"):
        name = "APIVersions" if path == "api" else "APIGroupList"
        identifier = "getCoreAPIVersions" if path == "api" else "getAPIVersions"
        words, label = "get available API versions", "core" if path == "api" else "apis"
    else:
        group = path.removeprefix("apis/")
        name, identifier = "APIGroup", f"get{title(group)}APIGroup"
        words, label = "get information of a group", tag(group)
    operation = Operation("get", identifier, words, label, answers={200: schemas.of_meta(name)})
    return Path(f"/{path}/", (), (operation,))


# -- words --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rule:
    """How the operation of a verb is called and what it takes."""

    word: str
    action: str
    description: str
    query: tuple[str, ...] = ()
    middle: str = ""


_RULES = {
    "create": _Rule("create", "post", "create a {kind}", parameters.WRITE),
    "list": _Rule("list", "list", "list or watch objects of kind {kind}", parameters.LIST),
    "deletecollection": _Rule(
        "delete", "deletecollection", "delete collection of {kind}", parameters.DELETE_ALL, "Collection"
    ),
    "get": _Rule("read", "get", "read the specified {kind}"),
    "update": _Rule("replace", "put", "replace the specified {kind}", parameters.WRITE),
    "patch": _Rule("patch", "patch", "partially update the specified {kind}", parameters.PATCH),
    "delete": _Rule("delete", "delete", "delete a {kind}", parameters.DELETE),
}
_METHODS = {"get": "get", "patch": "patch", "update": "put", "create": "post", "delete": "delete"}
_CODES = {"get": (200,), "create": (200, 201, 202), "update": (200, 201), "patch": (200, 201)}
#: Parts whose body is another kind than the object's own.
_BODIES = {
    "binding": schemas.full_name("core.v1.Binding"),
    "eviction": schemas.full_name("policy.v1.Eviction"),
    "scale": schemas.full_name("autoscaling.v1.Scale"),
    "token": schemas.full_name("authentication.v1.TokenRequest"),
}


def root(group: str, version: str) -> str:
    """The path below which a group version is served."""
    return f"/apis/{group}/{version}" if group else f"/api/{version}"


def title_word(text: str) -> str:
    """`stable.example.com` -> `StableExampleCom`."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9_]+", text))


def title(group: str, version: str = "") -> str:
    """The group version within the name of an operation: ``AppsV1``, ``CoreV1``."""
    return title_word(group.removesuffix(".k8s.io") or "core") + title_word(version)


def tag(group: str, version: str = "") -> str:
    """The group version as a tag: ``apps_v1``."""
    word = title_word(group.removesuffix(".k8s.io") or "core")
    name = word[:1].lower() + word[1:]
    return f"{name}_{version}" if version else name

"""kubectl get: the server's tables, or the objects themselves.

Upstream: `staging/src/k8s.io/kubectl/pkg/cmd/get/get.go`; the columns come from the API server (Table).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from k8scourse.api.errors import NotFound, StatusError
from k8scourse.api.kinds import Kind
from k8scourse.api.values import Object
from k8scourse.client import Unreachable

from . import jsonpath, manifests, output, tabwriter
from .command import (
    ALL_NAMESPACES,
    FIELDS,
    FILENAME,
    NO_HEADERS,
    PRINTING,
    RECURSIVE,
    SELECTOR,
    SUBRESOURCE,
    Command,
)
from .errors import CommandError, UsageError, of_list, raise_all
from .flags import Flag, left_out, switch
from .resources import Wanted, check_selection, wanted
from .session import Session, path_of, short
from .writing import subresource

_TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
_NO_KIND = (
    'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported '
    "resources.\n"
)
_NO_RESOURCE = (
    'Required resource not specified.\nUse "kubectl explain <resource>" for a detailed description of that resource '
    "(e.g. kubectl explain pods)."
)


@dataclass(slots=True)
class Table:
    """The rows of one kind, as the server gave them, and the objects that they are about."""

    kind: Kind
    headings: list[Mapping[str, Any]] = field(default_factory=list)
    rows: list[tuple[list[Any], Object]] = field(default_factory=list)


def run(session: Session) -> None:
    """`kubectl get`."""
    flags = session.flags
    if flags["raw"]:
        _raw(session, flags["raw"])
        return
    if flags["show-labels"] and output.format_of(session) not in ("", "wide"):
        raise CommandError(f"--show-labels option cannot be used with {flags['output']} printer")
    chosen = output.check(session)
    asked = _asked(session)
    if chosen in ("", "wide"):
        _tables(session, asked, chosen == "wide")
    else:
        _objects(session, asked)


def _raw(session: Session, path: str) -> None:
    """`kubectl get --raw /readyz?verbose`: the body of the answer, as it is."""
    if session.flags.args:
        raise CommandError("arguments may not be passed when --raw is specified")
    if session.flags["selector"]:
        raise CommandError(
            "--raw may not be specified with other flags that filter the server request or alter the output"
        )
    if session.flags["output"]:
        raise CommandError("--raw and --output are mutually exclusive")
    if not path.startswith("/"):
        raise CommandError(f'--raw must be a valid URL path: parse "{path}": invalid URI for request')
    body = session.send("GET", path)
    session.out.append(body if isinstance(body, str) else json.dumps(body, separators=(",", ":")) + "\n")


def _asked(session: Session) -> Wanted:
    if session.flags["filename"]:
        described, errors = manifests.load(session, session.flags["filename"])
        raise_all(errors)
        if not all(one.name for one in described):
            raise CommandError("resource name may not be empty")
        return Wanted(tuple((one.kind, (one.name,)) for one in described))
    asked = wanted(session, session.flags.args)
    if not asked.groups:
        session.complain(_NO_KIND)
        raise UsageError(_NO_RESOURCE, "get")
    check_selection(session, asked)
    if subresource(session) and not asked.named:
        raise CommandError("subresource cannot be used when bulk resources are specified")
    return asked


# --- objects ---------------------------------------------------------------------------------------------


def _objects(session: Session, asked: Wanted) -> None:
    items: list[Object] = []
    errors: list[Exception] = []
    for kind, names in asked.groups:
        found, failed = _read(session, kind, names)
        items += found
        errors += failed
    if session.flags["sort-by"]:
        items.sort(key=lambda item: _sort_key(session, item))
    if asked.single and (items or errors):
        raise_all(errors)
        session.out.append(output.render(session, items[0]))
        return
    if not asked.single or items:
        session.out.append(output.render(session, output.collection(items)))
    raise_all(errors)


def _read(session: Session, kind: Kind, names: Iterable[str]) -> tuple[list[Object], list[Exception]]:
    """The objects of a kind, or those of these names, as plain JSON."""
    found: list[Object] = []
    errors: list[Exception] = []
    for name in list(names) or [""]:
        try:
            objects = [_one(session, kind, name)] if name else _all(session, kind)
            found += [output.shown(session, obj) for obj in objects]
        except (StatusError, Unreachable) as error:
            errors += _unless_ignored(session, error)
    return found, errors


def _one(session: Session, kind: Kind, name: str) -> Object:
    part = session.flags["subresource"]
    if not part:
        return session.get(kind, name)
    found: Object = session.send("GET", path_of(kind, session.place(kind), name, part))
    return found


def _all(session: Session, kind: Kind) -> list[Object]:
    flags = session.flags
    where = "" if session.all_namespaces else None
    return session.list(kind, where, labels=flags["selector"], fields=flags["field-selector"])


def _unless_ignored(session: Session, error: Exception) -> list[Exception]:
    return [] if session.flags["ignore-not-found"] and isinstance(error, NotFound) else [error]


# --- tables ----------------------------------------------------------------------------------------------


def _tables(session: Session, asked: Wanted, wide: bool) -> None:
    tables: list[Table] = []
    errors: list[Exception] = []
    for kind, names in asked.groups:
        failed = _fetch(session, kind, names, tables)
        errors += failed
    with_kind = len({table.kind for table in tables}) > 1 or session.flags["show-kind"]
    blocks = [_block(session, table, wide, with_kind) for table in tables if table.rows]
    session.out.append(("" if session.flags["no-headers"] else "\n").join(blocks))
    if not blocks and not errors and not session.flags["ignore-not-found"]:
        session.complain(_nothing(session, asked))
    raise_all(errors)


def _nothing(session: Session, asked: Wanted) -> str:
    namespaced = any(kind.namespaced for kind, _ in asked.groups)
    if namespaced and not session.all_namespaces:
        return f"No resources found in {session.namespace} namespace."
    return "No resources found"


def _fetch(session: Session, kind: Kind, names: tuple[str, ...], tables: list[Table]) -> list[Exception]:
    errors: list[Exception] = []
    for name in names or ("",):
        try:
            _add(tables, kind, _request(session, kind, name))
        except (StatusError, Unreachable) as error:
            errors += _unless_ignored(session, error)
    return errors


def _request(session: Session, kind: Kind, name: str) -> Any:
    flags = session.flags
    where = "" if session.all_namespaces else session.place(kind)
    query: dict[str, str] = {}
    if not name:
        query = {"limit": "500", "labelSelector": flags["selector"], "fieldSelector": flags["field-selector"]}
    if flags["sort-by"]:
        query["includeObject"] = "Object"
    query = {key: text for key, text in query.items() if text}
    path = path_of(kind, where, name, flags["subresource"] if name else "")
    try:
        return session.send("GET", path, query, None, {"Accept": _TABLE})
    except StatusError as error:
        if name:
            raise
        raise of_list(kind, error, flags["selector"], flags["field-selector"]) from None


def _add(tables: list[Table], kind: Kind, body: Any) -> None:
    """Put an answer's rows under the last table when it is of the same kind."""
    if not tables or tables[-1].kind != kind:
        tables.append(Table(kind))
    table = tables[-1]
    if body.get("kind") != "Table":  # a server without tables: names only
        table.headings = [{"name": "Name", "priority": 0}]
        items = body.get("items", [body])
        table.rows += [([item["metadata"]["name"]], item) for item in items]
        return
    table.headings = table.headings or list(body["columnDefinitions"])
    table.rows += [(list(row["cells"]), row.get("object") or {"metadata": {}}) for row in body["rows"] or ()]


def _block(session: Session, table: Table, wide: bool, with_kind: bool) -> str:
    flags = session.flags
    visible = [index for index, heading in enumerate(table.headings) if wide or not heading.get("priority")]
    with_namespace = session.all_namespaces and table.kind.namespaced
    rows = []
    if not flags["no-headers"]:
        head = [str(table.headings[index]["name"]).upper() for index in visible]
        extra = [label.rsplit("/", 1)[-1].upper() for label in flags["label-columns"]]
        rows.append(["NAMESPACE"] * with_namespace + head + extra + ["LABELS"] * flags["show-labels"])
    if flags["sort-by"]:
        table.rows.sort(key=lambda row: _sort_key(session, row[1]))
    for cells, obj in table.rows:
        rows.append(_row(session, table, [cells[index] for index in visible], obj, with_namespace, with_kind))
    return tabwriter.table(rows)


def _row(
    session: Session, table: Table, cells: list[Any], obj: Object, with_namespace: bool, with_kind: bool
) -> list[str]:
    flags = session.flags
    metadata = obj.get("metadata") or {}
    labels = metadata.get("labels") or {}
    texts = [_cell(cell) for cell in cells]
    if with_kind:
        texts[0] = f"{short(table.kind)}/{texts[0]}"
    if with_namespace:
        texts.insert(0, str(metadata.get("namespace", "")))
    texts += [str(labels.get(label, "<none>")) for label in flags["label-columns"]]
    if flags["show-labels"]:
        texts.append(",".join(f"{key}={labels[key]}" for key in sorted(labels)) or "<none>")
    return texts


def _cell(value: Any) -> str:
    """One cell: only its first line, so that every row stays a row."""
    text = "" if value is None else ("true" if value else "false") if isinstance(value, bool) else str(value)
    first, newline, _ = text.partition("\n")
    return first + "..." if newline else first


def _sort_key(session: Session, obj: Object) -> tuple[int, Any]:
    try:
        found = jsonpath.values(session.flags["sort-by"], obj)
    except jsonpath.PathError as error:
        raise CommandError(str(error)) from None
    if not found:
        return (0, "")
    value = found[0]
    return (1, f"{value:020d}") if isinstance(value, int) else (2, str(value))


COMMANDS = (
    Command(
        "get",
        run,
        (
            FILENAME, SELECTOR, FIELDS, ALL_NAMESPACES, *PRINTING, NO_HEADERS, RECURSIVE,
            switch("show-labels", help="a column with all labels"),
            Flag("label-columns", "L", "strings", [], help="a column for each of these labels"),
            Flag("sort-by", help="sort by this path, e.g. .metadata.name"),
            switch("ignore-not-found"), switch("show-kind", help="say the kind in front of each name"),
            Flag("chunk-size", kind="int", default=500), switch("server-print", default=True),
            left_out("watch", "w", "bool"), left_out("watch-only", kind="bool"),
            left_out("output-watch-events", kind="bool"),
            Flag("raw", help="the path of any page of the server, e.g. /metrics"),
            SUBRESOURCE, left_out("kustomize", "k"),
        ),
        "Display one or many resources", "TYPE [NAME | -l label] | TYPE/NAME ...",
    ),
)  # fmt: skip

"""`-o`: which format was asked for, and objects in that format.

Upstream: `staging/src/k8s.io/cli-runtime/pkg/{genericclioptions,printers}`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from k8scourse.api import kinds
from k8scourse.api.values import Object, thaw, without

from . import columns, jsonpath
from .errors import CommandError
from .session import Session, printed
from .yamltext import to_json, to_yaml

_WRITTEN = (
    "go-template", "go-template-file", "json", "jsonpath", "jsonpath-as-json", "jsonpath-file", "kyaml", "name",
    "template", "templatefile", "yaml",
)  # fmt: skip
_ALLOWED = ",".join(sorted((*_WRITTEN, "custom-columns", "custom-columns-file", "wide")))
_ALLOWED_WRITING = ",".join(_WRITTEN)
_TEMPLATES = (
    "go-template",
    "go-template-file",
    "template",
    "templatefile",
    "jsonpath-file",
    "kyaml",
    "custom-columns-file",
)


def format_of(session: Session) -> str:
    """The word of `-o` before any `=`: "" for the table."""
    return str(session.flags["output"]).partition("=")[0]


def check(session: Session, *, writing: bool = False) -> str:
    """The format, refused when there is none of that name. `writing` commands have no table."""
    name = format_of(session)
    if name in _TEMPLATES:
        raise CommandError(
            f"the output format {name!r} is left out of this kubectl; use jsonpath or custom-columns"
        )
    known = ("", "json", "yaml", "name", "jsonpath", "jsonpath-as-json")
    if name not in (known if writing else (*known, "wide", "custom-columns")):
        allowed = _ALLOWED_WRITING if writing else _ALLOWED
        raise CommandError(
            f'unable to match a printer suitable for the output format "{session.flags["output"]}", '
            f"allowed formats are: {allowed}"
        )
    if name.startswith("jsonpath") and not _template(session):
        raise CommandError("template format specified but no template given")
    if name == "custom-columns" and not _template(session):
        raise CommandError("custom-columns format specified but no custom columns given")
    return name


def _template(session: Session) -> str:
    text = str(session.flags["output"])
    return text.partition("=")[2] if "=" in text else str(session.flags.given.get("template", ""))


def shown(session: Session, obj: Object) -> Object:
    """The object as `-o yaml` shows it: without managedFields unless they are asked for."""
    if session.flags.given.get("show-managed-fields"):
        return obj
    result: Object = without(obj, "metadata.managedFields")
    return result


def collection(items: Sequence[Object]) -> Object:
    """Several objects as one `List`."""
    return {"apiVersion": "v1", "items": list(items), "kind": "List", "metadata": {"resourceVersion": ""}}


def render(session: Session, value: Object) -> str:
    """An object, or a List of them, in the format that was asked for."""
    name = format_of(session)
    items: list[Any] = value["items"] if value.get("kind") == "List" else [value]
    if name == "name":
        return "".join(f"{name_of(item)}\n" for item in items)
    if name == "custom-columns":
        return columns.render(_template(session), items, headers=not session.flags.given.get("no-headers"))
    if name == "json":
        return to_json(thaw(value))
    if name == "yaml":
        return to_yaml(thaw(value))
    return _jsonpath(session, name, value)


def _jsonpath(session: Session, name: str, value: Object) -> str:
    template = _template(session)
    allow = bool(session.flags.given.get("allow-missing-template-keys", True))
    if "{" not in template:
        template = "{" + (template if template.startswith((".", "[", "$")) else "." + template) + "}"
    try:
        if name == "jsonpath-as-json":
            return to_json(thaw(jsonpath.values(template, value, allow_missing=allow)))
        return jsonpath.render(template, value, allow_missing=allow)
    except jsonpath.PathError as error:
        raise CommandError(f"error parsing jsonpath {template}, {error}") from None


def name_of(obj: Object) -> str:
    """`deployment.apps/web`, for kinds that the registry does not know too."""
    kind = kinds.by_kind(str(obj.get("apiVersion", "")), str(obj.get("kind", "")))
    name = str(obj["metadata"].get("name", ""))
    if kind is not None:
        return printed(kind, name)
    group = str(obj.get("apiVersion", "")).rpartition("/")[0]
    return f"{str(obj.get('kind', '')).lower()}{'.' + group if group else ''}/{name}"

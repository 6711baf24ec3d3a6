"""The query of a LIST or a WATCH: which objects, of which moment, how many, and whether that fits together.

Upstream: ``apimachinery/pkg/apis/meta/internalversion/{types,defaults}.go``, ``validation/validation.go``,
``apiserver/pkg/endpoints/handlers/get.go`` (ListResource).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from k8scourse.api import fields, selectors
from k8scourse.api.errors import BadRequest, Cause, invalid
from k8scourse.api.kinds import Kind
from k8scourse.api.values import get_in
from k8scourse.apiserver.routes import number, truth
from k8scourse.apiserver.storage import Object

Matches = Callable[[Object], bool]
EXACT, NOT_OLDER = "Exact", "NotOlderThan"


class ListOptions(NamedTuple):
    """The query of a list or a watch, read. `send_initial_events` is None where the client did not say."""

    matches: Matches
    filtered: bool
    resource_version: str
    version_match: str
    limit: int
    continue_token: str
    timeout_seconds: int | None
    send_initial_events: bool | None
    bookmarks: bool
    name: str = ""


def read_options(kind: Kind, query: Mapping[str, str], name: str = "") -> ListOptions:
    """The options of a query; `name` restricts a watch to one object. Raises 400 or 422 for what cannot be."""
    limit = number(query, "limit") or 0
    timeout = number(query, "timeoutSeconds")
    matches, filtered = matcher(kind, query, name)
    options = ListOptions(
        matches,
        filtered,
        query.get("resourceVersion", ""),
        query.get("resourceVersionMatch", ""),
        max(limit, 0),
        query.get("continue", ""),
        timeout,
        truth(query, "sendInitialEvents") if "sendInitialEvents" in query else None,
        truth(query, "allowWatchBookmarks"),
        name,
    )
    watch = truth(query, "watch")
    if watch:
        options = _defaulted(options)
    causes = list(_watch_causes(options) if watch else _list_causes(options))
    if causes:
        raise invalid("meta.k8s.io", "ListOptions", "", causes)
    return options


def _defaulted(options: ListOptions) -> ListOptions:
    """A watch from nowhere has always begun with what is there; now there is a word for it (defaults.go)."""
    said = options.send_initial_events is not None or options.version_match
    if said or options.resource_version not in ("", "0"):
        return options
    return options._replace(send_initial_events=True, version_match=NOT_OLDER)


def matcher(kind: Kind, query: Mapping[str, str], name: str = "") -> tuple[Matches, bool]:
    """Whether an object is selected, as a function, and whether that leaves anything out."""
    try:
        labels = selectors.parse_labels(query.get("labelSelector", ""))
        field = selectors.parse_fields(query.get("fieldSelector", ""))
        fields.check(kind, field)
    except ValueError as error:
        raise BadRequest(str(error)) from None
    if name:
        field = _of_one(field, name)
    if labels.empty and field.empty:
        return _everything, False

    def matches(obj: Object) -> bool:
        return labels.matches(get_in(obj, "metadata.labels")) and fields.matches(kind, field, obj)

    return matches, True


def _of_one(field: selectors.FieldSelector, name: str) -> selectors.FieldSelector:
    """The selector of a watch on one name. One that is given as well has to mean the same object."""
    if field.empty:
        return selectors.FieldSelector((("metadata.name", "=", name),))
    if field.exact("metadata.name") != name:
        raise BadRequest("fieldSelector metadata.name doesn't match requested name")
    return field


def _everything(obj: Object) -> bool:
    return True


def _list_causes(options: ListOptions) -> Iterator[Cause]:
    match, version = options.version_match, options.resource_version
    if match and not version:
        yield _forbidden("resourceVersionMatch is forbidden unless resourceVersion is provided")
    if match and options.continue_token:
        yield _forbidden("resourceVersionMatch is forbidden when continue is provided")
    if match not in ("", EXACT, NOT_OLDER):
        yield _unsupported(match, f'"{EXACT}", "{NOT_OLDER}", ""')
    if match == EXACT and version == "0":
        yield _forbidden('resourceVersionMatch "exact" is forbidden for resourceVersion "0"')
    if options.send_initial_events is not None:
        yield _forbidden("sendInitialEvents is forbidden for list", "sendInitialEvents")


def _watch_causes(options: ListOptions) -> Iterator[Cause]:
    match, initial = options.version_match, options.send_initial_events
    if initial is not None and match != NOT_OLDER:
        yield _forbidden(f"sendInitialEvents requires setting resourceVersionMatch to {NOT_OLDER}")
    if match and initial is None:
        yield _forbidden("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")
    if match not in ("", NOT_OLDER):
        yield _unsupported(match, f'"{NOT_OLDER}"')
    if match and options.continue_token:
        yield _forbidden("resourceVersionMatch is forbidden when continue is provided")


def _forbidden(why: str, field: str = "resourceVersionMatch") -> Cause:
    return Cause(field, "FieldValueForbidden", f"Forbidden: {why}")


def _unsupported(match: str, known: str) -> Cause:
    detail = f"Unsupported value: {json.dumps(match)}: supported values: {known}"
    return Cause("resourceVersionMatch", "FieldValueNotSupported", detail)


def parse_version(text: str) -> int:
    """A resourceVersion as a number. ValueError with upstream's words (storage/api_object_versioner.go)."""
    problem = ""
    if re.fullmatch(r"[0-9]+", text, re.ASCII) is None:
        problem = "invalid syntax"
    elif len(text.lstrip("0")) > 20 or int(text) >= 2**64:
        problem = "value out of range"
    if problem:
        raise ValueError(
            f'resourceVersion: Invalid value: "{text}": strconv.ParseUint: parsing "{text}": {problem}'
        )
    return int(text)

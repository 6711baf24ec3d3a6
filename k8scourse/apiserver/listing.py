"""LIST: which version, which objects, how many at a time.

Upstream: ``apiserver/pkg/storage/etcd3/store.go`` (GetList), ``continue.go``,
``apimachinery/pkg/apis/meta/internalversion/validation``.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from k8scourse.api import fields, selectors
from k8scourse.api.errors import BadRequest, Cause, Expired, Invalid, Timeout, invalid
from k8scourse.api.kinds import Kind
from k8scourse.api.values import get_in
from k8scourse.apiserver.routes import number, truth
from k8scourse.apiserver.storage import Object, Storage
from k8scourse.etcd import Compacted, FutureRevision

Matches = Callable[[Object], bool]
_MATCHES = ("", "Exact", "NotOlderThan")
_FORGOTTEN = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list "
    "without the continue parameter, or use the continue token in this response to retrieve the remainder of "
    "the results. Continuing with the provided token results in an inconsistent list - objects that were "
    "created, modified, or deleted between the time the first chunk was returned and now may show up in the list."
)


class ListOptions(NamedTuple):
    """The query of a list or a watch, read."""

    matches: Matches
    filtered: bool
    resource_version: str
    version_match: str
    limit: int
    continue_token: str
    timeout_seconds: int | None
    send_initial_events: bool
    bookmarks: bool
    name: str = ""


class Result(NamedTuple):
    """A list: the objects, and the metadata of the list."""

    items: list[Object]
    metadata: dict[str, Any]


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
        truth(query, "sendInitialEvents"),
        truth(query, "allowWatchBookmarks"),
        name,
    )
    _check_version_match(options, "sendInitialEvents" in query, truth(query, "watch"))
    return options


def matcher(kind: Kind, query: Mapping[str, str], name: str = "") -> tuple[Matches, bool]:
    """Whether an object is selected, as a function, and whether that leaves anything out."""
    try:
        labels = selectors.parse_labels(query.get("labelSelector", ""))
        field = selectors.parse_fields(query.get("fieldSelector", ""))
        fields.check(kind, field)
    except ValueError as error:
        raise BadRequest(str(error)) from None
    if name:
        field = selectors.FieldSelector((*field.terms, ("metadata.name", "=", name)))
    if labels.empty and field.empty:
        return _everything, False

    def matches(obj: Object) -> bool:
        return labels.matches(get_in(obj, "metadata.labels")) and fields.matches(kind, field, obj)

    return matches, True


def _everything(obj: Object) -> bool:
    return True


def _check_version_match(options: ListOptions, initial_events: bool, watch: bool) -> None:
    match, version = options.version_match, options.resource_version
    if initial_events and match != "NotOlderThan":
        raise _forbidden("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")
    if match not in _MATCHES:
        detail = f'Unsupported value: "{match}": supported values: "Exact", "NotOlderThan", ""'
        raise _refused(Cause("resourceVersionMatch", "FieldValueNotSupported", detail))
    if match and watch and not initial_events:
        raise _forbidden("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")
    if match and not watch and not version:
        raise _forbidden("resourceVersionMatch is forbidden unless resourceVersion is provided")
    if match == "Exact" and version == "0":
        raise _forbidden('resourceVersionMatch "exact" is forbidden for resourceVersion "0"')
    if match and options.continue_token:
        raise _forbidden("resourceVersionMatch is forbidden when continue is provided")


def _forbidden(why: str) -> Invalid:
    return _refused(Cause("resourceVersionMatch", "FieldValueForbidden", f"Forbidden: {why}"))


def _refused(cause: Cause) -> Invalid:
    return invalid("meta.k8s.io", "ListOptions", "", [cause])


def parse_version(text: str) -> int:
    """A resourceVersion as a number. ValueError with upstream's words."""
    if re.fullmatch(r"[0-9]{1,20}", text, re.ASCII) is None:
        raise ValueError(
            f'resourceVersion: Invalid value: "{text}": strconv.ParseUint: parsing "{text}": invalid syntax'
        )
    if int(text) >= 2**64:
        raise ValueError(
            f'resourceVersion: Invalid value: "{text}": strconv.ParseUint: parsing "{text}": '
            "value out of range"
        )
    return int(text)


def list_objects(storage: Storage, kind: Kind, namespace: str, options: ListOptions) -> Result:
    """The objects that the options select, and where the rest begins."""
    revision, after = _position(storage, kind, namespace, options)
    try:
        return _collect(storage, kind, namespace, options, revision, after)
    except Compacted:
        if not options.continue_token:
            raise Expired(f"The resourceVersion for the provided list is too old: {revision}") from None
        raise _expired_token(storage, kind, after) from None
    except FutureRevision:
        raise too_large(revision, storage.revision()) from None


def _position(storage: Storage, kind: Kind, namespace: str, options: ListOptions) -> tuple[int, str]:
    """At which revision to read, and after which key."""
    if options.continue_token:
        return _decode_token(storage.prefix(kind), options)
    if not options.resource_version:
        return 0, ""
    try:
        version = parse_version(options.resource_version)
    except ValueError as error:
        raise BadRequest(f"invalid resource version: {error}") from None
    if options.version_match == "Exact" or (options.limit and version and not options.version_match):
        return version, ""
    if version > (newest := storage.revision()):
        raise too_large(version, newest)
    return 0, ""


def _collect(
    storage: Storage, kind: Kind, namespace: str, options: ListOptions, revision: int, after: str
) -> Result:
    """Read pages until `limit` objects are found; a selector may make that more than one page."""
    found: list[Object] = []
    while True:
        page = storage.list(kind, namespace, revision, options.limit, after)
        revision = page.revision
        selected = [item for item in page.items if options.matches(item)] if options.filtered else page.items
        room = options.limit - len(found) if options.limit else len(selected)
        found += selected[:room]
        if len(selected) > room:
            last, remaining = storage.key_of(kind, found[-1]), 1
        else:
            last, remaining = page.last_key, page.remaining
        if not options.limit or not remaining or len(found) >= options.limit:
            break
        after = last
    metadata: dict[str, Any] = {"resourceVersion": str(revision)}
    if options.limit and remaining:
        metadata["continue"] = encode_token(storage.prefix(kind), revision, last)
        if not options.filtered:
            metadata["remainingItemCount"] = remaining
    return Result(found, metadata)


def too_large(version: int, newest: int) -> Timeout:
    """The 504 for a revision that has not happened (upstream waits 3 s for it first)."""
    details = {"causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
               "retryAfterSeconds": 1}  # fmt: skip
    message = f"Timeout: Too large resource version: {version}, current: {newest}"
    return Timeout(message, details=details)


def encode_token(prefix: str, revision: int, last_key: str) -> str:
    """A continue token: opaque to clients, in truth a revision and where to go on."""
    start = "/" + last_key.removeprefix(prefix) + "\0"
    text = json.dumps({"v": "meta.k8s.io/v1", "rv": revision, "start": start}, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode_token(prefix: str, options: ListOptions) -> tuple[int, str]:
    token = options.continue_token
    if options.resource_version not in ("", "0"):
        raise BadRequest("specifying resource version is not allowed when using continue")
    try:
        padded = token + "=" * (-len(token) % 4)
        raw = base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True)
    except ValueError:
        raise _bad_token("illegal base64 data at input byte 0") from None
    text = raw.decode("latin-1")
    try:
        content = json.loads(text)
    except ValueError:
        first = text[:1] or "end"
        raise _bad_token(f"invalid character '{first}' looking for beginning of value") from None
    if not isinstance(content, dict) or content.get("v") != "meta.k8s.io/v1":
        raise _bad_token('server does not recognize this encoded version ""')
    revision, start = content.get("rv"), content.get("start")
    if not isinstance(revision, int) or isinstance(revision, bool) or revision < -1:
        raise _bad_token("incorrect encoded start resourceVersion (version meta.k8s.io/v1)")
    if not isinstance(start, str) or not start.startswith("/") or "/../" in start:
        raise _bad_token("encoded start key empty (version meta.k8s.io/v1)")
    return max(revision, 0), prefix + start[1:].removesuffix("\0")


def _bad_token(why: str) -> BadRequest:
    return BadRequest(f"invalid continue token: continue key is not valid: {why}")


def _expired_token(storage: Storage, kind: Kind, after: str) -> Expired:
    error = Expired(_FORGOTTEN)
    error.continue_token = encode_token(storage.prefix(kind), -1, after)  # type: ignore[attr-defined]
    return error

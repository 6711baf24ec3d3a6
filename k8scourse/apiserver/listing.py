"""LIST: which version, which objects, how many at a time.

    resourceVersion   resourceVersionMatch   what is shown
    unset             -                      the newest
    "0"               unset, NotOlderThan    anything that is known here (the newest, too); `limit` does not count
    "n"               unset, NotOlderThan    the newest, if it is not older than n
    "n"               Exact                  revision n
    "n" and a limit   unset                  revision n, the older way to ask for it
    a continue token  -                      the revision of the first page

Upstream: ``apiserver/pkg/storage/cacher/{cacher,delegator}.go`` (GetList), ``storage/etcd3/store.go``,
``storage/continue.go``; https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
"""

from __future__ import annotations

from typing import Any, NamedTuple

from k8scourse.api.errors import BadRequest, Expired, Timeout
from k8scourse.api.kinds import Kind
from k8scourse.apiserver import continuing
from k8scourse.apiserver.listoptions import EXACT, ListOptions, parse_version
from k8scourse.apiserver.storage import Object, Storage
from k8scourse.etcd import Compacted, FutureRevision

_FORGOTTEN = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list "
    "without the continue parameter, or use the continue token in this response to retrieve the remainder of "
    "the results. Continuing with the provided token results in an inconsistent list - objects that were "
    "created, modified, or deleted between the time the first chunk was returned and now may show up in the list."
)
_EXPIRED = "The resourceVersion for the provided list is too old."


class Result(NamedTuple):
    """A list: the objects, and the metadata of the list."""

    items: list[Object]
    metadata: dict[str, Any]


class _Start(NamedTuple):
    """Where to begin: at which revision (0: the newest), after which key, and how many to show (0: all)."""

    revision: int
    after: str
    limit: int


def list_objects(storage: Storage, kind: Kind, namespace: str, options: ListOptions) -> Result:
    """The objects that the options select, and where the rest begins. Raises 400, 410 and 504."""
    start = _start(storage, kind, namespace, options)
    try:
        return _collect(storage, kind, namespace, options, start)
    except Compacted:
        if not options.continue_token:
            raise Expired(_EXPIRED) from None
        error = Expired(_FORGOTTEN)
        error.continue_token = continuing.token(
            storage.prefix(kind, namespace), continuing.NEWEST, start.after
        )
        raise error from None
    except FutureRevision:
        raise too_large(start.revision, storage.revision()) from None


def _start(storage: Storage, kind: Kind, namespace: str, options: ListOptions) -> _Start:
    version = requested(options.resource_version)
    if options.continue_token:
        revision, after = continuing.read(storage.prefix(kind, namespace), options.continue_token)
        if version:
            raise BadRequest("specifying resource version is not allowed when using continue")
        return _Start(max(revision, 0), after, options.limit)
    if options.resource_version == "0":
        return _Start(0, "", 0)
    if options.version_match == EXACT or (options.limit and version and not options.version_match):
        return _Start(version, "", options.limit)
    check_reached(storage, version)
    return _Start(0, "", options.limit)


def requested(text: str) -> int:
    """The resourceVersion that a list asks for, 0 for none. Raises `BadRequest`."""
    try:
        return parse_version(text) if text else 0
    except ValueError as error:
        raise BadRequest(f"invalid resource version: {error}") from None


def check_reached(storage: Storage, version: int) -> None:
    """Raises `Timeout` when that version has not happened (upstream waits 3 s for it first)."""
    if version and version > (newest := storage.revision()):
        raise too_large(version, newest)


def _collect(storage: Storage, kind: Kind, namespace: str, options: ListOptions, start: _Start) -> Result:
    """Read pages until `limit` objects are found; a selector may make that more than one page."""
    found: list[Object] = []
    revision, after, limit = start
    while True:
        page = storage.list(kind, namespace, revision, limit, after)
        revision = page.revision
        selected = [item for item in page.items if options.matches(item)] if options.filtered else page.items
        room = limit - len(found) if limit else len(selected)
        found += selected[:room]
        if len(selected) > room:
            last, remaining = storage.key_of(kind, found[-1]), 1
        else:
            last, remaining = page.last_key, page.remaining
        if not limit or not remaining or len(found) >= limit:
            break
        after = last
    metadata: dict[str, Any] = {"resourceVersion": str(revision)}
    if limit and remaining:
        metadata["continue"] = continuing.token(storage.prefix(kind, namespace), revision, last)
        if not options.filtered:
            metadata["remainingItemCount"] = remaining
    return Result(found, metadata)


def too_large(version: int, newest: int) -> Timeout:
    """The 504 for a revision that has not happened."""
    details = {"causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
               "retryAfterSeconds": 1}  # fmt: skip
    message = f"Timeout: Too large resource version: {version}, current: {newest}"
    return Timeout(message, details=details)

"""Field management as the rest of the server uses it: one call per plain write, one per apply.

Upstream: ``apimachinery/pkg/util/managedfields/internal/``: ``fieldmanager.go``, ``structuredmerge.go``,
``stripmeta.go``, ``skipnonapplied.go``, ``managedfieldsupdater.go``, ``versioncheck.go``, ``scalehandler.go`` is in
:mod:`k8scourse.apiserver.apply.scaling`.
"""

from __future__ import annotations

from typing import Any

from k8scourse.api import schema
from k8scourse.api.errors import BadRequest, InternalError
from k8scourse.api.kinds import Kind
from k8scourse.api.values import FrozenList
from k8scourse.apiserver.apply import atoms, checking, resets
from k8scourse.apiserver.apply.comparing import Comparison, compare
from k8scourse.apiserver.apply.conflicts import ApplyConflicts
from k8scourse.apiserver.apply.entries import APPLY, UPDATE, Managed, capped, decode, encode, manager
from k8scourse.apiserver.apply.fieldset import EMPTY, LEAF, FieldSet, difference, without_subtrees
from k8scourse.apiserver.apply.lastapplied import allowed_conflicts, with_last_applied
from k8scourse.apiserver.apply.updating import applied, updated

Object = dict[str, Any]
BEFORE_FIRST_APPLY = "before-first-apply"

#: Nobody owns what the server itself keeps in the metadata.
_UNOWNED = (
    "clusterName", "creationTimestamp", "generation", "managedFields", "name", "namespace", "resourceVersion",
    "selfLink", "uid",
)  # fmt: skip
_STRIPPED: FieldSet = {
    "f:apiVersion": LEAF,
    "f:kind": LEAF,
    "f:metadata": {".": LEAF, **{f"f:{field}": LEAF for field in _UNOWNED}},
}


# -- plain writes -------------------------------------------------------------------------------------


def written(
    kind: Kind,
    subresource: str,
    old: Object | None,
    new: Object,
    name: str,
    now: str,
    ignored: FieldSet = EMPTY,
) -> Object:
    """The new object with the owners of its fields after a plain write by the manager `name`.

    `ignored` are fields that nobody asked for: the server is about to allocate them.
    `old` is the stored object, None for one that is created; `now` the time as it is shown. An object whose owners
    were wiped out stays without any until somebody applies to it.
    """
    entries = _first_entries(subresource, old, new)
    if old is not None and not entries:
        return _with_entries(new, None)
    try:
        found = _difference(kind, subresource, schema.zero(kind) if old is None else old, new, ignored)
    except (
        ValueError
    ):  # a keyed list with an item without its key: no schema can follow that, the owners stay
        return _with_entries(new, old["metadata"].get("managedFields") if old is not None else None)
    if old is not None and entries is old["metadata"].get("managedFields") and not any(found):
        return _with_entries(new, entries)
    who = manager(name, UPDATE, kind.api_version, subresource)
    managed = updated(decode(entries), found, who, kind.api_version, now)
    return _with_entries(new, encode(capped(managed)))


def _first_entries(subresource: str, old: Object | None, new: Object) -> Any:
    """The owners to begin with: a write may bring its own, or wipe all out with an empty list or one empty entry."""
    stored = old["metadata"].get("managedFields") if old is not None else None
    given = None if subresource else new["metadata"].get("managedFields")
    if given is None or given is stored or given == stored:
        return stored
    if not given or (len(given) == 1 and not any(given[0].values())):
        return None
    try:
        return given if decode(given) else stored
    except ValueError:
        return stored


def _difference(
    kind: Kind, subresource: str, old: Object, new: Object, unasked: FieldSet = EMPTY
) -> Comparison:
    skipped = resets.fields(kind, subresource)
    found = compare(atoms.of_kind(kind), _comparable(old, skipped), _comparable(new, skipped))
    ignored = unasked or resets.deeper(kind, subresource)
    if not ignored:
        return found
    return Comparison(*(without_subtrees(part, ignored) for part in found))


def _comparable(obj: Object, skipped: tuple[str, ...]) -> Object:
    metadata = obj.get("metadata") or {}
    shown = {
        key: item for key, item in obj.items() if key not in skipped and key not in ("apiVersion", "kind")
    }
    shown["metadata"] = {key: item for key, item in metadata.items() if key not in _UNOWNED}
    return shown


def _with_entries(obj: Object, entries: Any) -> Object:
    metadata = obj["metadata"]
    if metadata.get("managedFields") is entries and (entries or "managedFields" not in metadata):
        return obj
    rest = {key: item for key, item in metadata.items() if key != "managedFields"}
    if entries:
        rest["managedFields"] = entries
    return {**obj, "metadata": rest}


# -- apply --------------------------------------------------------------------------------------------


def apply(
    kind: Kind, subresource: str, live: Object | None, config: Any, name: str, force: bool, now: str
) -> Object:
    """The object that an apply makes of the live one (None: of nothing), not yet defaulted, with its owners.

    Raises `BadRequest` for a body that is no object of the kind, `InternalError` where it does not fit the schema,
    `Conflict` when others own what it would change.
    """
    config = {} if config is None else config
    _check_version(kind, config)
    atom = atoms.of_kind(kind)
    _check_config(kind, atom, config)
    bare = _with_entries(live, None) if live is not None else {}
    try:
        managed = _owners_before(kind, subresource, live, now)
    except ValueError:
        why = checking.problems(atom, bare, duplicates=True)
        text = f"failed to convert new object ({_who(kind, bare)}) to smd typed: {why}"
        raise InternalError(f"failed to create manager for existing fields: {text}", reason="") from None
    try:
        merged, managed = _applied(kind, subresource, bare, config, managed, name, force, now)
    except ApplyConflicts as conflicts:
        raise conflicts.status() from None
    except ValueError:
        why = checking.problems(atom, bare, duplicates=True)
        raise InternalError(
            f"failed to create typed live object ({_who(kind, bare)}): {why}", reason=""
        ) from None
    if merged is None:
        return _with_entries(bare, encode(managed))
    if name == "kubectl" and live is not None:
        merged = with_last_applied(merged, live, config)
    return _with_entries(_read(kind, config, merged), encode(managed))


def _applied(
    kind: Kind,
    subresource: str,
    live: Object,
    config: Object,
    managed: Managed,
    name: str,
    force: bool,
    now: str,
) -> tuple[Object | None, Managed]:
    atom, version = atoms.of_kind(kind), kind.api_version
    who = manager(name, APPLY, version, subresource)
    ignored = resets.all_fields(kind, subresource)
    try:
        merged, managed = applied(atom, live, config, managed, who, version, force, _own, ignored)
    except ApplyConflicts as conflicts:
        left = allowed_conflicts(atom, live, conflicts) if name == "kubectl" else conflicts.sets
        if left:
            raise ApplyConflicts(left) from None
        merged, managed = applied(atom, live, config, managed, who, version, True, _own, ignored)
    if merged is not None and who in managed:
        managed[who] = managed[who].at(now)
    return merged, capped(managed)


def _own(fields: FieldSet) -> FieldSet:
    return difference(fields, _STRIPPED)


def _owners_before(kind: Kind, subresource: str, live: Object | None, now: str) -> Managed:
    """The owners of the live object; one that has none is taken to be somebody's before the first apply."""
    if live is None:
        return {}
    try:
        managed = decode(live["metadata"].get("managedFields"))
    except ValueError:
        managed = {}
    if managed:
        return managed
    who = manager(BEFORE_FIRST_APPLY, UPDATE, kind.api_version, subresource)
    found = _difference(kind, subresource, schema.zero(kind), live)
    return updated({}, found, who, kind.api_version, now)


def _check_version(kind: Kind, config: Any) -> None:
    if not isinstance(config, dict):
        raise BadRequest(
            "error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal "
            f"{_json_word(config)} into Go value of type map[string]interface {{}}"
        )
    version, name = config.get("apiVersion"), config.get("kind")
    version, name = version if isinstance(version, str) else "", name if isinstance(name, str) else ""
    if (version, name) != (kind.api_version, kind.kind):
        group, _, short = version.rpartition("/")
        raise BadRequest(f"invalid object type: {group}/{short}, Kind={name}")


def _check_config(kind: Kind, atom: atoms.Atom, config: Object) -> None:
    metadata = config.get("metadata")
    if isinstance(metadata, dict) and metadata.get("managedFields") is not None:
        raise BadRequest("metadata.managedFields must be nil")
    problem = checking.problems(atom, config)
    if problem:
        raise InternalError(
            f"failed to create typed patch object ({_who(kind, config)}): {problem}", reason=""
        )


def _read(kind: Kind, config: Object, merged: Object) -> Object:
    try:
        return schema.read(kind, merged, "Ignore")[0]
    except ValueError as problem:
        text = f"failed to convert new object ({_who(kind, config)}) to proper version"
        reason = f"unable to convert unstructured object to {_version_kind(kind)}: {problem}"
        raise InternalError(f"{text}: {reason}", reason="") from None


def _who(kind: Kind, config: Object) -> str:
    metadata = config.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    return f"{metadata.get('namespace', '')}/{metadata.get('name', '')}; {_version_kind(kind)}"


def _version_kind(kind: Kind) -> str:
    version = kind.api_version if kind.group else f"/{kind.version}"
    return f"{version}, Kind={kind.kind}"


def _json_word(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    return {list: "array", str: "string", int: "number", float: "number", FrozenList: "array"}.get(
        type(value), "null"
    )

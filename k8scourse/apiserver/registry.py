"""Create, read, update, delete: the same for every kind.

What differs from kind to kind is in strategies.py (generation, status), services.py (addresses) and deletion.py.
Here is the order in which things happen to a write, which is also the order of the stages that the answer shows:
read it (validate), make it fit (admit), judge it (validate), look once more (admit), store it.

Upstream: ``apiserver/pkg/endpoints/handlers/create.go``, ``update.go``,
``apiserver/pkg/registry/generic/registry/store.go``, ``registry/rest/create.go``, ``update.go``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from k8scourse.api import cautions, defaulting, kinds, schema, validation
from k8scourse.api.errors import (
    Cause,
    Conflict,
    InternalError,
    already_exists,
    conflict,
    forbidden,
    invalid,
    no_unique_name,
    not_found,
)
from k8scourse.api.hashing import random_suffix
from k8scourse.api.kinds import Kind
from k8scourse.api.times import format_time
from k8scourse.api.values import without
from k8scourse.apiserver import admission, services, strategies
from k8scourse.apiserver.admission.webhooks import WebhookCaller
from k8scourse.apiserver.apply import fieldmanager, resets
from k8scourse.apiserver.apply.fieldset import EMPTY, FieldSet
from k8scourse.apiserver.call import Call, check_write_options
from k8scourse.apiserver.deletion import Deleter
from k8scourse.apiserver.identity import in_namespace, other_uid, same, with_name
from k8scourse.apiserver.ownerreferences import each_once
from k8scourse.apiserver.rbac import Rights
from k8scourse.apiserver.services import ServiceAllocator
from k8scourse.apiserver.storage import Object, Storage
from k8scourse.sim import Process

if TYPE_CHECKING:
    import random

MODIFIED = "the object has been modified; please apply your changes to the latest version and try again"
EVENT_TTL_SECONDS = 3600
_NAME_TRIES = 8
_GENERATED_BASE = 58


class Registry:
    """The store of all kinds, with the rules that hold for all of them."""

    def __init__(
        self,
        process: Process,
        storage: Storage,
        allocator: ServiceAllocator,
        webhooks: WebhookCaller | None = None,
        custom_kinds: Callable[[], Sequence[Kind]] = tuple,
    ) -> None:
        self.process = process
        self.storage = storage
        self.webhooks = webhooks
        self._custom_kinds = custom_kinds
        # Streams of their own: one more Pod does not change the name of the next ServiceAccount token volume.
        self.rng: random.Random = process.sim.rng("kube-apiserver/names")
        self._uids = process.sim.rng("kube-apiserver/uids")
        self._bootstrap_uids = process.sim.rng("kube-apiserver/bootstrap")
        self.rights: Rights
        self.plugins = [plugin(self) for plugin in admission.PLUGINS]
        self.services = allocator
        self.deleter = Deleter(process, storage, self.plugins)

    # -- reading ---------------------------------------------------------------------------------

    def get(self, plural: str, namespace: str, name: str) -> Object | None:
        """A stored object by plural, None when there is none."""
        kind = kinds.resource(plural)
        return self.storage.get(kind, namespace, name)

    def stream(self, name: str) -> random.Random:
        """A stream of random numbers of that name."""
        return self.process.sim.rng(name)

    @property
    def now(self) -> int:
        """The time in nanoseconds."""
        return self.process.now

    def list(self, plural: str, namespace: str = "") -> list[Object]:
        """The stored objects of a kind, of one namespace or of all."""
        return self.storage.list(kinds.resource(plural), namespace).items

    def kind(self, api_version: str, kind: str) -> Kind | None:
        """A kind that is served, built in or defined."""
        found = kinds.by_kind(api_version, kind)
        own = (each for each in self._custom_kinds() if (each.api_version, each.kind) == (api_version, kind))
        return found if found is not None and found.stored else next(own, None)

    def objects(self, kind: Kind, namespace: str = "") -> Sequence[Object]:
        """The stored objects of any kind, defined ones too."""
        return self.storage.list(kind, namespace).items

    def put_status(self, plural: str, new: Object) -> None:
        """Store an object in the place of the version it was made from. Raises `LostRace`."""
        kind = kinds.resource(plural)
        metadata = new["metadata"]
        old = self.must_get(kind, metadata.get("namespace", ""), metadata["name"])
        if old["metadata"]["resourceVersion"] != metadata["resourceVersion"]:
            raise LostRace(MODIFIED)
        if self.storage.replace(kind, new, old) is None:
            raise LostRace(MODIFIED)

    def must_get(self, kind: Kind, namespace: str, name: str) -> Object:
        """A stored object. Raises `NotFound`."""
        found = self.storage.get(kind, namespace, name)
        if found is None:
            raise not_found(kind.group, kind.plural, name)
        return found

    # -- create ----------------------------------------------------------------------------------

    def create(self, call: Call, body: Any) -> Object:
        """Store a new object: POST."""
        check_write_options(call, "CreateOptions")
        call.stage = "validate"
        new, warnings = schema.decode(call.kind, body, call.field_validation)
        call.warnings += warnings
        return self.create_decoded(call, new)

    def create_decoded(self, call: Call, new: Object) -> Object:
        """Store a new object whose body has been read."""
        kind = call.kind
        new = in_namespace(call, new)
        if new["metadata"].get("resourceVersion"):
            raise InternalError("resourceVersion should not be set on objects to be created", reason="")
        unasked = resets.unasked(kind, new)
        return self.create_defaulted(
            call, self._owned(call, defaulting.apply_defaults(kind, new), None, unasked)
        )

    def create_defaulted(self, call: Call, new: Object) -> Object:
        """Store a new object that is complete but for its name, its admission and what the server itself sets."""
        kind = call.kind
        if call.verb != "create" and not call.may("create"):
            # Who may change objects of this kind may not for that reason make new ones (handlers/rest.go).
            raise forbidden(kind.group, kind.plural, call.route.name, "")
        for attempt in range(_NAME_TRIES):
            named = self._named(new)
            ready = self._admitted_new(call, named)
            stored = self._store_new(call, ready)
            if stored is not None:
                return stored
            if new["metadata"].get("name") or attempt == _NAME_TRIES - 1:
                call.reason("store", "taken", name=ready["metadata"]["name"])
                refusal = no_unique_name if new["metadata"].get("generateName") else already_exists
                raise refusal(kind.group, kind.plural, ready["metadata"]["name"])
        raise AssertionError("the loop above returns or raises")

    def _named(self, new: Object) -> Object:
        metadata = new["metadata"]
        base = metadata.get("generateName")
        if metadata.get("name") or not base:
            return new
        return {**new, "metadata": {**metadata, "name": base[:_GENERATED_BASE] + random_suffix(self.rng)}}

    def _admitted_new(self, call: Call, new: Object) -> Object:
        kind = call.kind
        call.begin_again()
        asked = self._admission(call, new, None)
        new = each_once(call, admission.admit(self.plugins, asked), True)
        call.passed("admit", "validate")
        new = strategies.prepare_create(kind, self._with_system_fields(new))
        new = defaulting.apply_defaults(kind, new)
        check(kind, new, validation.validate_create(kind, new))
        _warn(call, new, None)
        call.passed("validate", "admit")
        admission.validate(self.plugins, self._admission(call, new, None))
        call.stage = "store"
        return new

    def _with_system_fields(self, new: Object) -> Object:
        metadata = {key: item for key, item in new["metadata"].items() if key not in _SERVER_OWNED}
        metadata["uid"] = self.new_uid()
        metadata["creationTimestamp"] = format_time(self.process.now)
        return {**new, "metadata": metadata}

    def new_uid(self) -> str:
        """A UUID of version 4 from the stream of UIDs."""
        return uuid_of(self._uids)

    def bootstrap_uid(self) -> str:
        """A UUID for what every cluster begins with, from a stream of its own."""
        return uuid_of(self._bootstrap_uids)

    def _store_new(self, call: Call, new: Object) -> Object | None:
        kind = call.kind
        if kind.kind == "Service":
            new = self.services.allocate(new)
        if call.dry_run:
            taken = self.storage.get(kind, new["metadata"].get("namespace", ""), new["metadata"]["name"])
            return None if taken else new
        stored = self.storage.create(kind, new, _ttl(kind))
        if stored is not None:
            call.stored(None, stored)
        return stored

    # -- update ----------------------------------------------------------------------------------

    def update(self, call: Call, body: Any) -> tuple[Object, bool]:
        """Replace an object, or its status: PUT. The second value says whether it was created."""
        check_write_options(call, "UpdateOptions")
        call.stage = "validate"
        new, warnings = schema.decode(call.kind, body, call.field_validation)
        call.warnings += warnings
        new = with_name(call, in_namespace(call, new))
        kind, route = call.kind, call.route
        old = self.storage.get(kind, route.namespace, route.name)
        if old is None and kind.create_on_update and not route.subresource:
            return self.create_decoded(call, without(new, "metadata.resourceVersion")), True
        if old is None:
            call.stage = "store"
            raise not_found(kind.group, kind.plural, route.name)
        new = defaulting.apply_defaults(kind, new)
        return self.replace(call, new, old, version_needed=not kind.unconditional_update), False

    def guaranteed_update(
        self, call: Call, change: Callable[[Object], Object], owners_known: bool = False
    ) -> Object:
        """Read, change, store; read again when somebody else was faster. For patches and subresources.

        `owners_known` says that `change` has already worked out who owns which field.
        """
        while True:
            old = self.must_get(call.kind, call.route.namespace, call.route.name)
            new = change(old)
            try:
                return self.replace(call, new, old, owners_known)
            except LostRace:
                continue

    def check_version(self, call: Call, new: Object, old: Object, needed: bool = False) -> None:
        """Optimistic concurrency: a resourceVersion or uid that is given must be the stored one's."""
        kind, metadata, name = call.kind, new["metadata"], call.route.name
        version = metadata.get("resourceVersion") or ""
        if version and not version.isdecimal():
            raise InternalError(f'strconv.ParseUint: parsing "{version}": invalid syntax', reason="")
        if needed and version in ("", "0"):
            detail = "Invalid value: 0: must be specified for an update"
            cause = Cause("metadata.resourceVersion", "FieldValueInvalid", detail)
            raise invalid(kind.group, kind.plural, name, [cause])
        uid = metadata.get("uid")
        if uid and uid != old["metadata"]["uid"] and call.verb == "update":
            call.stage = "store"
            raise conflict(kind.group, kind.plural, name, other_uid(self.storage.key_of(kind, old), uid, old))
        if version and version != old["metadata"]["resourceVersion"]:
            call.stage = "store"
            call.reason("store", "newer", given=version, stored=old["metadata"]["resourceVersion"])
            raise conflict(kind.group, kind.plural, name, MODIFIED)

    def replace(
        self, call: Call, new: Object, old: Object, owners_known: bool = False, version_needed: bool = False
    ) -> Object:
        """Take `new` through admission and validation and store it in the place of `old`.

        The resourceVersion is compared after admission has changed the object and before validation: the new
        object is asked for first. Upstream: ``apiserver/pkg/registry/generic/registry/store.go``, `Update`.
        """
        kind, given = call.kind, new
        call.begin_again()
        new = _with_system_fields_of(new if owners_known else self._owned(call, new, old), old)
        new = each_once(call, admission.admit(self.plugins, self._admission(call, new, old)), True)
        call.passed("admit", "validate")
        self.check_version(call, given, old, version_needed)
        new = self._prepared(call, new, old)
        check(kind, new, validation.validate_part(kind, call.route.subresource, new, old))
        _warn(call, new, old)
        call.passed("validate", "admit")
        admission.validate(self.plugins, self._admission(call, new, old))
        call.stage = "store"
        return self._store_changed(call, new, old)

    def _owned(self, call: Call, new: Object, old: Object | None, unasked: FieldSet = EMPTY) -> Object:
        now = format_time(self.process.now)
        if call.verb != "patch":
            new = each_once(call, new, False)
        return fieldmanager.written(call.kind, call.route.subresource, old, new, call.manager, now, unasked)

    def store_plainly(self, call: Call, change: Callable[[Object], Object]) -> Object:
        """Read, change, store, without strategy, admission and validation: what subresources do that have their own."""
        while True:
            old = self.must_get(call.kind, call.route.namespace, call.route.name)
            new = change(old)
            call.begin_again()
            call.passed("admit")
            call.passed("validate", "store")
            try:
                return self._store_changed(call, new, old)
            except LostRace:
                continue

    def _prepared(self, call: Call, new: Object, old: Object) -> Object:
        if call.route.subresource == "status":
            return strategies.prepare_status(call.kind, new, old)
        if call.route.subresource == "finalize":
            return strategies.prepare_finalize(new, old)
        if call.route.subresource in strategies.PARTS:
            return strategies.PARTS[call.route.subresource](new, old)
        if call.route.subresource:
            return new
        if call.kind.kind == "Service":
            new = services.inherit(new, old)
        return strategies.prepare_update(call.kind, new, old)

    def _store_changed(self, call: Call, new: Object, old: Object) -> Object:
        kind = call.kind
        if kind.kind == "Service" and not call.route.subresource:
            new = self.services.allocate(new)
        if same(new, old) and not self.storage.is_stale(kind, old):
            call.stored(old, old, changed=False)
            return old
        if call.dry_run:
            return new
        if self.deleter.ends_here(kind, new, old):
            call.stored(old, None)
            return self.deleter.remove(kind, new, old)
        stored = self.storage.replace(kind, new, old, _ttl(kind))
        if stored is None:
            raise LostRace(MODIFIED)
        call.stored(old, stored)
        return stored

    def _admission(self, call: Call, new: Object | None, old: Object | None) -> admission.AdmissionRequest:
        verb = "create" if old is None else "update"
        route = call.route
        name = route.name or (new["metadata"].get("name", "") if new else "")
        return admission.AdmissionRequest(
            verb,
            call.kind,
            route.namespace,
            name,
            route.subresource,
            call.user,
            new,
            old,
            call.dry_run,
            call,
        )


def uuid_of(stream: random.Random) -> str:
    """The next UUID of version 4 from a random stream."""
    text = f"{stream.getrandbits(128):032x}"
    variant = "89ab"[int(text[16], 16) & 3]
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"


def _warn(call: Call, new: Object, old: Object | None) -> None:
    """Add what is allowed and probably not meant; a write that starts again does not say it twice."""
    found = cautions.about(call.kind, new, old)
    call.warnings += [text for text in found if text not in call.warnings]


class LostRace(Conflict):
    """Another API server wrote between our reading and our writing."""


_SERVER_OWNED = ("creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp",
                 "resourceVersion", "selfLink", "uid")  # fmt: skip


def check(kind: Kind, obj: Object, causes: Iterable[Cause]) -> None:
    """Raises `Invalid` when there are causes."""
    found = list(causes)
    if found:
        raise invalid(kind.group, kind.kind, obj["metadata"].get("name", ""), found)


def _ttl(kind: Kind) -> int:
    return EVENT_TTL_SECONDS if kind.kind == "Event" else 0


def _with_system_fields_of(new: Object, old: Object) -> Object:
    """What a writer leaves out of the server's own metadata stays as it was (rest/update.go, BeforeUpdate)."""
    kept = old["metadata"]
    metadata = {key: item for key, item in new["metadata"].items() if key != "selfLink"}
    for field in ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "namespace"):
        if field in kept and not metadata.get(field):
            metadata[field] = kept[field]
    if "generation" in kept:
        metadata["generation"] = kept["generation"]
    else:
        metadata.pop("generation", None)
    return {**new, "metadata": metadata}

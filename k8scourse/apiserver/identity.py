"""Which object a write means: what the URL says and what the body says must be the same; and whether it changes any.

Upstream: ``apiserver/pkg/endpoints/handlers/rest.go`` (checkName), ``registry/rest/meta.go`` (EnsureObjectNamespace).
"""

from __future__ import annotations

from k8scourse.api.errors import BadRequest, StatusError
from k8scourse.apiserver.call import Call
from k8scourse.apiserver.storage import Object

_NAMELESS = "name must be provided"


def in_namespace(call: Call, new: Object) -> Object:
    """The object in the namespace of the URL. Raises `BadRequest` when it names another."""
    metadata = new.get("metadata") or {}
    named = metadata.get("namespace", "")
    wanted = call.route.namespace
    if named and not wanted:
        return {**new, "metadata": {key: item for key, item in metadata.items() if key != "namespace"}}
    if named and named != wanted:
        raise BadRequest(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    if "metadata" in new and named == wanted:
        return new
    return {**new, "metadata": {**metadata, "namespace": wanted} if wanted else metadata}


def with_name(call: Call, new: Object) -> Object:
    """The object under the name of the URL. Raises `BadRequest` when it has another, or none."""
    name = (new.get("metadata") or {}).get("name", "")
    if not name:
        raise BadRequest(
            f"the name of the object ({call.route.name} based on URL) was undeterminable: {_NAMELESS}"
        )
    if name != call.route.name:
        raise wrong_name(name, call.route.name)
    return new


def wrong_name(name: str, wanted: str) -> StatusError:
    """The body names another object than the URL."""
    return BadRequest(f"the name of the object ({name}) does not match the name on the URL ({wanted})")


def other_uid(key: str, uid: str, old: Object) -> str:
    """The message when a uid is given that is not the stored one's."""
    stored = old["metadata"]["uid"]
    precondition = f"Precondition failed: UID in precondition: {uid}, UID in object meta: {stored}"
    return f"StorageError: invalid object, Code: 4, Key: {key}, ResourceVersion: 0, AdditionalErrorMsg: {precondition}"


def same(new: Object, old: Object) -> bool:
    """Whether a write changes nothing: then it keeps its resourceVersion and nobody is told."""
    if new is old:
        return True
    if new.keys() != old.keys() or any(item != old[key] for key, item in new.items() if key != "metadata"):
        return False
    return _what_counts(new["metadata"]) == _what_counts(old["metadata"])


def _what_counts(metadata: Object) -> Object:
    """The metadata without the resourceVersion, and without when somebody last wrote what is there anyway."""
    counted = {key: item for key, item in metadata.items() if key != "resourceVersion"}
    if "managedFields" in counted:
        counted["managedFields"] = [{**entry, "time": ""} for entry in counted["managedFields"]]
    return counted

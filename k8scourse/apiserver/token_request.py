"""POST serviceaccounts/x/token: a new token for a ServiceAccount, for those who may ask for one.

Upstream: ``pkg/registry/core/serviceaccount/storage/token.go``, ``pkg/serviceaccount/claims.go``,
``pkg/apis/authentication/v1/defaults.go``, ``pkg/apis/authentication/validation/validation.go``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from k8scourse.api import kinds, schema
from k8scourse.api.errors import BadRequest, Cause, conflict, invalid
from k8scourse.api.kind_table_api import TOKEN_REQUEST
from k8scourse.api.times import SECOND, format_time, unix_seconds
from k8scourse.api.values import get_in
from k8scourse.apiserver import admission, jwt
from k8scourse.apiserver.account_tokens import ISSUER
from k8scourse.apiserver.authentication import API_AUDIENCES
from k8scourse.apiserver.call import Call, check_write_options
from k8scourse.apiserver.registry import Registry, uuid_of
from k8scourse.apiserver.users import ACCOUNT_PREFIX

Object = dict[str, Any]
HOUR, LEAST, MOST = 3600, 600, 2**32
#: Who asks for exactly this gets a token that holds for a year, but is to be renewed after an hour: so old programs
#: that read their token only once went on working when tokens began to end.
EXTENDED_SECONDS, YEAR_SECONDS = 3607, 365 * 24 * 3600


def create_token(registry: Registry, call: Call, body: Any) -> Object:
    """The TokenRequest with its token. Raises `NotFound`, `BadRequest`, `Invalid`, `Conflict`."""
    check_write_options(call, "CreateOptions")
    call.stage = "validate"
    asked, warnings = schema.decode(TOKEN_REQUEST, body, call.field_validation)
    call.warnings += warnings
    namespace, name = call.route.namespace, call.route.name
    metadata = asked.get("metadata") or {}
    _check_names(metadata, namespace, name)
    account = registry.must_get(call.kind, namespace, name)
    now = registry.now
    spec = {"boundObjectRef": None, "expirationSeconds": HOUR, **_given(asked.get("spec") or {})}
    spec["audiences"] = list(spec.get("audiences") or API_AUDIENCES)
    metadata = {**metadata, "name": name, "namespace": namespace, "creationTimestamp": format_time(now)}
    asked = {**asked, "metadata": metadata, "spec": spec, "status": {}}
    _check(spec)
    _admit(registry, call, asked)
    bound = _bound_object(registry, call, spec)
    token = _issue(registry, account, spec, bound)
    ends = format_time(now + spec["expirationSeconds"] * SECOND)
    return {**asked, "status": {"token": token, "expirationTimestamp": ends}}


def _given(spec: Object) -> Object:
    return {field: value for field, value in spec.items() if value is not None}


def _check_names(metadata: Object, namespace: str, name: str) -> None:
    for field, wanted, word in (("name", name, "name"), ("namespace", namespace, "namespace")):
        given = metadata.get(field)
        if given and given != wanted:
            detail = f'Invalid value: "{given}": must match the service account {word} if specified'
            cause = Cause(f"metadata.{field}", "FieldValueInvalid", detail)
            raise invalid(TOKEN_REQUEST.group, TOKEN_REQUEST.kind, name, [cause])


def _check(spec: Object) -> None:
    seconds = spec["expirationSeconds"]
    why = "may not specify a duration less than 10 minutes" if seconds < LEAST else ""
    why = "may not specify a duration larger than 2^32 seconds" if seconds > MOST else why
    if why:
        cause = Cause("spec.expirationSeconds", "FieldValueInvalid", f"Invalid value: {seconds}: {why}")
        raise invalid(TOKEN_REQUEST.group, TOKEN_REQUEST.kind, "", [cause])


def _admit(registry: Registry, call: Call, asked: Object) -> None:
    """Admission only looks here: what a plug-in would change in a request for a token is not taken."""
    call.stage = "admit"
    route = call.route
    request = admission.AdmissionRequest(
        "create",
        call.kind,
        route.namespace,
        route.name,
        "token",
        call.user,
        asked,
        dry_run=call.dry_run,
        call=call,
        body=TOKEN_REQUEST,
    )
    changed = admission.admit(registry.plugins, request)
    admission.validate(registry.plugins, replace(request, object=changed))
    call.passed("admit", "store")


def _bound_object(registry: Registry, call: Call, spec: Object) -> Object:
    """The part "kubernetes.io" of the claims that says what the token is bound to."""
    reference = spec["boundObjectRef"]
    if not reference:
        return {}
    api_version, kind = reference.get("apiVersion", ""), reference.get("kind", "")
    name, plural = reference.get("name", ""), {"Pod": "pods", "Secret": "secrets", "Node": "nodes"}.get(kind)
    group, _, version = api_version.rpartition("/")
    if group or plural is None:
        raise BadRequest(f"cannot bind token to object of type {group}/{version}, Kind={kind}")
    namespace = "" if plural == "nodes" else call.route.namespace
    found = registry.must_get(kinds.resource(plural), namespace, name)
    if plural == "pods" and get_in(found, "spec.serviceAccountName") != call.route.name:
        asked = f'cannot bind token for serviceaccount "{call.route.name}"'
        raise BadRequest(f"{asked} to pod running with different serviceaccount name.")
    uid = found["metadata"]["uid"]
    if reference.get("uid") and reference["uid"] != uid:
        why = (
            f"the UID in the bound object reference ({reference['uid']}) does not match the UID in record. "
            "The object might have been deleted and then recreated"
        )
        raise conflict("", kind, name, why)
    bound = {kind.lower(): {"name": name, "uid": uid}}
    node = get_in(found, "spec.nodeName", "") if plural == "pods" else ""
    if node:
        home = registry.get("nodes", "", node)
        bound["node"] = {"name": node, **({"uid": home["metadata"]["uid"]} if home else {})}
    return bound


def _issue(registry: Registry, account: Object, spec: Object, bound: Object) -> str:
    now, metadata = unix_seconds(registry.now), account["metadata"]
    seconds = spec["expirationSeconds"]
    ours: Object = {
        "namespace": metadata["namespace"],
        "serviceaccount": {"name": metadata["name"], "uid": metadata["uid"]},
        **bound,
    }
    if "pod" in bound and seconds == EXTENDED_SECONDS and set(spec["audiences"]) <= set(API_AUDIENCES):
        ours["warnafter"] = now + seconds
        seconds = YEAR_SECONDS
    return jwt.issue(
        {
            "aud": spec["audiences"],
            "exp": now + seconds,
            "iat": now,
            "iss": ISSUER,
            "jti": uuid_of(registry.stream("kube-apiserver/tokens")),
            "kubernetes.io": ours,
            "nbf": now,
            "sub": f"{ACCOUNT_PREFIX}{metadata['namespace']}:{metadata['name']}",
        }
    )

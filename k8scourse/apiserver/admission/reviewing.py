"""AdmissionReview: what a webhook is asked, and how its answer is read.

Upstream: ``apiserver/pkg/admission/plugin/webhook/request/admissionreview.go``, ``…/errors/statuserror.go``.
"""

from __future__ import annotations

import base64
import json
from typing import Any, NamedTuple

from k8scourse.api.errors import StatusError
from k8scourse.api.kinds import Kind
from k8scourse.api.values import thaw
from k8scourse.apiserver.admission.base import AdmissionRequest, Object
from k8scourse.apiserver.authentication import UserInfo

_GROUP = "admission.k8s.io"
_VERSIONS = ("v1", "v1beta1")
_OPTIONS = {
    "create": "CreateOptions",
    "update": "UpdateOptions",
    "delete": "DeleteOptions",
    "patch": "PatchOptions",
}


class Answer(NamedTuple):
    """What a webhook said: `result` is the Status that it gave, `patch` the operations on the object."""

    allowed: bool
    result: Object
    patch: Any
    warnings: list[str]
    annotations: dict[str, str]


def review(request: AdmissionRequest, versions: list[str], uid: str) -> Object:
    """The AdmissionReview for a request: an independent copy, the webhook may do with it what it likes.

    ValueError when the webhook reads no version of reviews that we write.
    """
    version = next((each for each in versions if each in _VERSIONS), None)
    if version is None:
        raise ValueError("webhook does not accept known AdmissionReview versions (v1, v1beta1)")
    asked: Object = {
        "uid": uid,
        **request_of(request),
        "object": thaw(request.object),
        "oldObject": thaw(request.old),
    }
    return {"kind": "AdmissionReview", "apiVersion": f"{_GROUP}/{version}", "request": asked}


def request_of(request: AdmissionRequest) -> Object:
    """A request as reviews and expressions show it, without its objects."""
    kind, resource = _kind(request.object_kind), _resource(request.kind)
    part = request.subresource
    namespace = request.name if request.kind.kind == "Namespace" else request.namespace
    return {
        "kind": kind,
        "resource": resource,
        **({"subResource": part} if part else {}),
        "requestKind": dict(kind),
        "requestResource": dict(resource),
        **({"requestSubResource": part} if part else {}),
        **({"name": request.name} if request.name else {}),
        **({"namespace": namespace} if namespace else {}),
        "operation": request.operation,
        "userInfo": user(request.user),
        "dryRun": request.dry_run,
        "options": options(request),
    }


def _kind(kind: Kind) -> dict[str, str]:
    return {"group": kind.group, "version": kind.version, "kind": kind.kind}


def _resource(kind: Kind) -> dict[str, str]:
    return {"group": kind.group, "version": kind.version, "resource": kind.plural}


def user(info: UserInfo) -> Object:
    """A user as the authentication API writes it."""
    found: Object = {"username": info.name}
    for field in ("uid", "extra"):
        value = getattr(info, field, None)
        if value:
            found[field] = thaw(value)
    if info.groups:
        found["groups"] = list(info.groups)
    return found


def options(request: AdmissionRequest) -> Object | None:
    """The options of the request: CreateOptions and the like, None for a write of the server's own or a connection."""
    call = request.call
    if call is None or request.verb == "connect":
        return None
    by_patch = request.verb == "update" and call.verb == "patch"
    found: Object = {"kind": _OPTIONS["patch" if by_patch else request.verb], "apiVersion": "meta.k8s.io/v1"}
    if request.dry_run:
        found["dryRun"] = ["All"]
    if request.verb != "delete":
        fields = ("fieldManager", "fieldValidation")
        found |= {field: call.query[field] for field in fields if call.query.get(field)}
    return found


# -- the answer ---------------------------------------------------------------------------------------


def read(answer: Any, uid: str, version: str, mutating: bool) -> Answer:
    """What the webhook answered. ValueError, in upstream's words, when that is no proper answer."""
    if not isinstance(answer, dict):
        raise ValueError("webhook response was absent")
    response = answer.get("response")
    if response is None:
        raise ValueError("webhook response was absent")
    _check_types(response)
    if version == "v1":
        _check_identity(answer, response, uid)
        _check_patch(response, mutating)
    patch = _operations(response.get("patch")) if mutating else None
    return Answer(
        bool(response.get("allowed")),
        response.get("status") or {},
        patch,
        list(response.get("warnings") or ()),
        response.get("auditAnnotations") or {},
    )


_FIELDS: dict[str, tuple[type, ...]] = {
    "uid": (str,),
    "allowed": (bool,),
    "status": (dict,),
    "patch": (str,),
    "patchType": (str,),
    "auditAnnotations": (dict,),
    "warnings": (list,),
}


def _check_types(response: Any) -> None:
    fine = isinstance(response, dict) and all(
        response.get(field) is None or isinstance(response[field], types) for field, types in _FIELDS.items()
    )
    if fine:
        texts = [*(response.get("warnings") or ()), *(response.get("auditAnnotations") or {}).values()]
        status = response.get("status") or {}
        texts += [status.get(field) or "" for field in ("message", "reason", "status")]
        code = status.get("code") or 0
        fine = all(isinstance(text, str) for text in texts) and type(code) is int
    if not fine:
        raise ValueError("webhook response is not an AdmissionResponse")


def _check_identity(answer: Object, response: Object, uid: str) -> None:
    if response.get("uid") != uid:
        raise ValueError(f'expected response.uid="{uid}", got "{response.get("uid") or ""}"')
    wanted, group = ("v1", "AdmissionReview"), answer.get("apiVersion", "")
    if (group, answer.get("kind")) != (f"{_GROUP}/v1", "AdmissionReview"):
        found = f"{group}, Kind={answer.get('kind', '')}"
        raise ValueError(f"expected webhook response of {_GROUP}/{wanted[0]}, Kind={wanted[1]}, got {found}")


def _check_patch(response: Object, mutating: bool) -> None:
    patch, patch_type = response.get("patch"), response.get("patchType")
    if not mutating:
        if patch:
            raise ValueError("validating webhook may not return response.patch")
        if patch_type is not None:
            raise ValueError("validating webhook may not return response.patchType")
    elif patch and patch_type is None:
        raise ValueError("webhook returned response.patch but not response.patchType")
    elif not patch and patch_type is not None:
        raise ValueError("webhook returned response.patchType but not response.patch")
    elif patch_type == "":
        raise ValueError('webhook returned invalid response.patchType of ""')
    elif patch_type not in (None, "JSONPatch"):
        raise ValueError(f'unsupported patch type "{patch_type}"')


def _operations(patch: str | None) -> Any:
    if not patch:
        return None
    try:
        operations = json.loads(base64.b64decode(patch, validate=True))
    except ValueError as problem:
        raise ValueError(f"received undecodable patch in webhook response: {problem}") from None
    if not isinstance(operations, list):
        raise ValueError("received undecodable patch in webhook response: it is not a list of operations")
    return operations


def refusal(webhook: str, result: Object) -> StatusError:
    """The refusal that a webhook gave, under its name."""
    why = result.get("message") or result.get("reason") or ""
    denied = f'admission webhook "{webhook}" denied the request'
    message = f"{denied}: {why}" if why else f"{denied} without explanation"
    code = result.get("code") or 0
    details = result.get("details")
    return StatusError(
        message,
        code=code if code >= 400 else 400,
        reason=result.get("reason") or "",
        details=details if isinstance(details, dict) else None,
    )

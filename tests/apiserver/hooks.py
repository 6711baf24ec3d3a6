"""In-process webhooks for tests, and short ways to register them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from apiserver.support import Api

from k8scourse.apiserver import WebhookUnreachable

GROUP = "/apis/admissionregistration.k8s.io/v1"
VALIDATING, MUTATING = f"{GROUP}/validatingwebhookconfigurations", f"{GROUP}/mutatingwebhookconfigurations"
POD_RULE = {"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}
Check = Callable[[dict[str, Any]], dict[str, Any]]


class Hooks:
    """The webhooks of a test, by their URL; each gets a request and answers a response."""

    def __init__(self) -> None:
        self.checks: dict[str, Check] = {}
        self.asked: list[dict[str, Any]] = []

    def call(self, url: str, review: dict[str, Any]) -> dict[str, Any]:
        if url not in self.checks:
            raise WebhookUnreachable("dial tcp 10.0.0.7:443: connect: connection refused")
        self.asked.append(review["request"])
        response = {"uid": review["request"]["uid"], **self.checks[url](review["request"])}
        return {"apiVersion": review["apiVersion"], "kind": "AdmissionReview", "response": response}


def allow(request: dict[str, Any]) -> dict[str, Any]:
    return {"allowed": True}


def refuse(text: str, code: int = 403) -> Check:
    return lambda request: {"allowed": False, "status": {"message": text, "code": code}}


def patching(*operations: dict[str, Any]) -> Check:
    patch = base64.b64encode(json.dumps(operations).encode()).decode()
    return lambda request: {"allowed": True, "patchType": "JSONPatch", "patch": patch}


def labelling(key: str, value: str) -> Check:
    """Sets a label, whether the Pod has any or not."""

    def check(request: dict[str, Any]) -> dict[str, Any]:
        labels = {**request["object"]["metadata"].get("labels", {}), key: value}
        return patching({"op": "add", "path": "/metadata/labels", "value": labels})(request)

    return check


def hook(name: str = "check.example.com", **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "clientConfig": {"url": f"https://{name}/"},
        "rules": [POD_RULE],
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        **more,
    }


def register(api: Api, *webhooks: dict[str, Any], path: str = VALIDATING, name: str = "hooks") -> Any:
    return api.post(path, {"metadata": {"name": name}, "webhooks": list(webhooks)})

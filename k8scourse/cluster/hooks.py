"""A learner's own functions as admission webhooks: the API server calls them in this process.

What a real webhook is: a program of yours with an HTTPS endpoint, and an object in the API that tells the server
when to ask it. The object is the same here; the endpoint is a Python function.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from .. import words
from ..api import kinds
from ..api.values import thaw
from ..apiserver.admission.webhooks import WebhookUnreachable
from .errors import LearnerError

Check = Callable[[dict[str, Any]], object]
OPERATIONS = ("CREATE", "UPDATE", "DELETE", "CONNECT", "*")
PLURALS = {True: "mutatingwebhookconfigurations", False: "validatingwebhookconfigurations"}
_KINDS = {True: "MutatingWebhookConfiguration", False: "ValidatingWebhookConfiguration"}


class Hook(NamedTuple):
    """A function that answers for a webhook."""

    name: str
    check: Check
    mutating: bool


class Hooks:
    """Who listens behind which URL. `busy` while a function runs, `failures` are sentences about those that failed."""

    def __init__(self) -> None:
        self.by_url: dict[str, Hook] = {}
        self.failures: list[str] = []
        self.busy = ""

    def add(self, hook: Hook) -> None:
        """From now on this function answers for this webhook."""
        self.by_url[url_of(hook.name)] = hook

    def call(self, url: str, review: dict[str, Any]) -> dict[str, Any]:
        """Ask the function behind a URL; see `WebhookCaller`."""
        hook = self.by_url.get(url.partition("?")[0])
        if hook is None:
            host = url.partition("://")[2].partition("/")[0].partition(":")[0]
            raise WebhookUnreachable(f"dial tcp: lookup {host}: no such host")
        request = review["request"]
        before = thaw(request.get("object"))
        outer, self.busy = self.busy, hook.name
        try:
            response = _response(hook, hook.check(request), request, before)
        except Exception as error:
            self._failed(hook, error)
            raise WebhookUnreachable("EOF") from None
        finally:
            self.busy = outer
        uid = request["uid"]
        return {**review, "request": None, "response": {"uid": uid, **response}}

    def _failed(self, hook: Hook, error: Exception) -> None:
        """A program that dies closes the connection: that is all the API server ever learns of it."""
        what = str(error) if isinstance(error, LearnerError) else f"{type(error).__name__}: {error}"
        told = words.text(
            "error.hook_failed", name=hook.name, what=what.rstrip("."), line=_line(hook.check, error)
        )
        if told not in self.failures:
            self.failures.append(told)

    def told(self) -> list[str]:
        """What is to be said about failed functions since the last time."""
        failures, self.failures = self.failures, []
        return failures


def _line(check: Check, error: Exception) -> str:
    """The line of the function in which it failed, counted as the notebook counts; "?" when it is not there."""
    line, step = "?", error.__traceback__
    while step is not None:
        if step.tb_frame.f_code is getattr(check, "__code__", None):
            line = str(step.tb_lineno)
        step = step.tb_next
    return line


def _response(hook: Hook, said: object, request: Mapping[str, Any], before: Any) -> dict[str, Any]:
    """The answer in the words of admission.k8s.io/v1."""
    if isinstance(said, str):
        # What the usual libraries for webhooks answer; without a code the server would make a 400 of it.
        return {"allowed": False, "status": {"code": 403, "reason": "Forbidden", "message": said}}
    if said is not None and not (hook.mutating and isinstance(said, dict)):
        key = "hook_says_mutating" if hook.mutating else "hook_says"
        raise LearnerError(key, kind=type(said).__name__)
    after = request.get("object") if said is None else said
    if not hook.mutating or after == before:
        return {"allowed": True}
    patch = json.dumps(difference(before, json.loads(json.dumps(after, allow_nan=False))))
    return {"allowed": True, "patchType": "JSONPatch", "patch": base64.b64encode(patch.encode()).decode()}


def difference(old: Any, new: Any, path: str = "") -> list[dict[str, Any]]:
    """The JSON Patch that makes `new` of `old`: maps are gone through, everything else is replaced as a whole."""
    if old == new and type(old) is type(new):
        return []
    if not (isinstance(old, Mapping) and isinstance(new, Mapping)):
        return [{"op": "replace", "path": path, "value": new}]
    found: list[dict[str, Any]] = []
    for key in old:
        place = f"{path}/{_escaped(key)}"
        if key not in new:
            found.append({"op": "remove", "path": place})
        else:
            found += difference(old[key], new[key], place)
    found += [
        {"op": "add", "path": f"{path}/{_escaped(key)}", "value": new[key]} for key in new if key not in old
    ]
    return found


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def url_of(name: str) -> str:
    """Where the API server calls the webhook of that name."""
    return f"https://{name}/"


def configuration(
    name: str, resources: tuple[str, ...], operations: tuple[str, ...], mutating: bool, failure_policy: str
) -> dict[str, Any]:
    """The object that tells the API server when to ask. LearnerError for a resource that nobody knows."""
    webhook = {
        "name": name,
        "clientConfig": {"url": url_of(name)},
        "rules": [_rule(resource, operations) for resource in resources],
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "failurePolicy": failure_policy,
    }
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": _KINDS[mutating],
        "metadata": {"name": name},
        "webhooks": [webhook],
    }


def _rule(resource: str, operations: tuple[str, ...]) -> dict[str, Any]:
    """ "pods", "pods/binding", "widgets.example.com" or "*": the rule of a webhook."""
    plural, slash, part = resource.partition("/")
    plural, dot, group = plural.partition(".")
    if not dot and plural != "*":
        try:
            group = kinds.resource(plural).group
        except KeyError:
            raise LearnerError("hook_resource", resource=resource) from None
    groups = ["*"] if plural == "*" else [group]
    return {
        "apiGroups": groups,
        "apiVersions": ["*"],
        "resources": [f"{plural}{slash}{part}"],
        "operations": list(operations),
    }


def checked(
    name: object, check: object, resources: object, operations: object, mutating: bool, policy: object
) -> tuple[Hook, dict[str, Any]]:
    """What `Cluster.webhook` was given, and the configuration that it means.

    LearnerError for what cannot be meant; the rest is judged by the API.
    """
    if not isinstance(name, str) or not name.isprintable():
        raise LearnerError("hook_name", name=name)
    if not callable(check):
        raise LearnerError("hook_check", kind=type(check).__name__)
    which, when = _list_of(resources), _list_of(operations)
    if not which:
        raise LearnerError("hook_resource", resource=resources)
    if not when or any(each not in OPERATIONS for each in when):
        raise LearnerError("hook_operations", operations=operations, known=", ".join(OPERATIONS))
    if policy not in ("Fail", "Ignore"):
        raise LearnerError("hook_policy", policy=policy)
    return Hook(name, check, mutating), configuration(name, which, when, mutating, str(policy))


def _list_of(given: object) -> tuple[str, ...]:
    if isinstance(given, str):
        return (given,)
    if isinstance(given, list | tuple) and all(isinstance(each, str) for each in given):
        return tuple(given)
    return ()

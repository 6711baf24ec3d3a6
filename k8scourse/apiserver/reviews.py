"""Questions to the API server about itself: who am I, may I, may they. They are answered and never stored.

Upstream: ``pkg/registry/authorization``, ``pkg/registry/authentication``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api import schema
from k8scourse.api.errors import BadRequest, Cause, invalid
from k8scourse.api.kind_table_api import AUTHENTICATION, AUTHORIZATION
from k8scourse.api.kinds import Kind
from k8scourse.api.times import format_time
from k8scourse.api.values import get_in
from k8scourse.apiserver import rbac
from k8scourse.apiserver.authentication import API_AUDIENCES, Authenticator, NotAuthenticated
from k8scourse.apiserver.authorization import Authorizer
from k8scourse.apiserver.call import Call, check_write_options
from k8scourse.apiserver.rbac import Question
from k8scourse.apiserver.storage import Object
from k8scourse.apiserver.users import UserInfo, node_of


def is_review(kind: Kind) -> bool:
    """Whether a kind is a question."""
    return kind.group in (AUTHENTICATION, AUTHORIZATION)


class Reviews:
    """Answers the questions of one API server."""

    def __init__(self, authenticator: Authenticator, authorizer: Authorizer) -> None:
        self._authenticator, self._authorizer = authenticator, authorizer

    def answer(self, call: Call, body: Any, now_ns: int) -> Object:
        """The review with its status. Raises `BadRequest`, or `Invalid` for half a question."""
        check_write_options(call, "CreateOptions")
        call.stage = "validate"
        review, warnings = schema.decode(call.kind, body, call.field_validation)
        call.warnings += warnings
        review = _plain(review)
        status = self._status(call, review)
        if call.kind.kind == "SelfSubjectReview":
            review = {**review, "metadata": {**review["metadata"], "creationTimestamp": format_time(now_ns)}}
        return {**review, "status": status}

    def _status(self, call: Call, review: Object) -> Object:
        kind, spec = call.kind.kind, review.get("spec") or {}
        if kind == "SelfSubjectReview":
            return {"userInfo": call.user.to_wire()}
        if kind == "TokenReview":
            return self._token(spec)
        if kind == "SelfSubjectRulesReview":
            return self._rules(call.user, spec)
        if kind == "SelfSubjectAccessReview":
            return self._access(call, review, call.user)
        user = UserInfo(spec.get("user", ""), tuple(spec.get("groups") or ()))
        return self._access(call, review, user)

    # -- may they ----------------------------------------------------------------------------------

    def _access(self, call: Call, review: Object, user: UserInfo) -> Object:
        spec = review.get("spec") or {}
        causes = list(_causes(call, spec, user))
        if causes:
            raise invalid(call.kind.group, call.kind.kind, "", causes)
        asked = spec.get("resourceAttributes")
        if asked is None:
            path = spec["nonResourceAttributes"]
            question = Question(path.get("verb", ""), None, "", path=path.get("path", ""))
        else:
            namespace = asked.get("namespace", "")
            if call.route.namespace and namespace != call.route.namespace:
                words = f"namespace must match: {call.route.namespace}"
                cause = Cause("spec.resourceAttributes.namespace", "FieldValueInvalid", words)
                raise invalid(call.kind.group, call.kind.kind, "", [cause])
            question = _question(asked)
        decision = self._authorizer.decide(user, question)
        status: Object = {"allowed": decision.allowed}
        return {**status, "reason": decision.reason} if decision.reason else status

    def _rules(self, user: UserInfo, spec: Object) -> Object:
        namespace = spec.get("namespace", "")
        if not namespace:
            raise BadRequest("no namespace on request")
        grants = self._authorizer.rights.grants(user, namespace)
        rules = [rule for grant in grants for rule in grant.rules]
        resources = [_part(rule, ("verbs", "apiGroups", "resources", "resourceNames")) for rule in rules]
        paths = [_part(rule, ("verbs", "nonResourceURLs")) for rule in rules]
        return {
            "resourceRules": [rule for rule in resources if rule.get("resources")],
            "nonResourceRules": [rule for rule in paths if rule.get("nonResourceURLs")],
            **_completeness(user),
        }

    # -- who is it ---------------------------------------------------------------------------------

    def _token(self, spec: Object) -> Object:
        token = spec.get("token", "")
        if not token:
            raise BadRequest("token is required for TokenReview in authentication")
        audiences = tuple(spec.get("audiences") or API_AUDIENCES)
        try:
            known = self._authenticator.authenticate_token(token, audiences)
        except NotAuthenticated as error:
            said = error.errors[0] if len(error.errors) == 1 else f"[{', '.join(error.errors)}]"
            return {"user": {}, "error": said}
        return {"authenticated": True, "user": known.user.to_wire(), "audiences": list(known.audiences)}


def _completeness(user: UserInfo) -> Object:
    """Whether the rules are all there is: what a kubelet may is not written down in rules."""
    if node_of(user) is None:
        return {"incomplete": False}
    why = "node authorizer does not support user rule resolution"
    return {"incomplete": True, "evaluationError": why}


def _plain(review: Object) -> Object:
    """A question has no name of its own unless the asker gives one."""
    return {**review, "metadata": review.get("metadata") or {}}


_ONE = "Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified"
_BOTH = "Invalid value: null: cannot be specified in combination with resourceAttributes"
_NOBODY = 'Invalid value: "": at least one of user or group must be specified'


def _causes(call: Call, spec: Object, user: UserInfo) -> Iterator[Cause]:
    resource, path = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if resource is None and path is None:
        yield Cause("spec.resourceAttributes", "FieldValueInvalid", _ONE)
    if resource is not None and path is not None:
        yield Cause("spec.nonResourceAttributes", "FieldValueInvalid", _BOTH)
    if not call.kind.kind.startswith("Self") and not (user.name or user.groups):
        yield Cause("spec.user", "FieldValueInvalid", _NOBODY)


def _question(asked: Object) -> Question:
    resource, part = asked.get("resource", ""), asked.get("subresource", "")
    return Question(
        asked.get("verb", ""),
        asked.get("group", ""),
        f"{resource}/{part}" if part else resource,
        asked.get("namespace", ""),
        asked.get("name", ""),
    )


def _part(rule: rbac.Rule, fields: tuple[str, ...]) -> Object:
    return {field: list(get_in(rule, (field,)) or ()) for field in fields if rule.get(field)}

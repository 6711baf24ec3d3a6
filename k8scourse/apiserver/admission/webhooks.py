"""MutatingAdmissionWebhook and ValidatingAdmissionWebhook: somebody outside of the server is asked.

Whom, about what and what to do when nobody answers stands in the objects MutatingWebhookConfiguration and
ValidatingWebhookConfiguration. The mutating ones are asked one after the other and may answer with a patch; the
validating ones only say yes or no. Ours are asked in the same process: `WebhookCaller` is the network.

Upstream: ``apiserver/pkg/admission/plugin/webhook/{mutating,validating}/dispatcher.go``, ``generic/webhook.go``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

from k8scourse.api import defaulting, patches, schema
from k8scourse.api.cel import BUDGET
from k8scourse.api.errors import BadRequest, InternalError, StatusError
from k8scourse.apiserver.admission import matching, reviewing
from k8scourse.apiserver.admission.base import AdmissionRequest, Object, Plugin, Reader
from k8scourse.apiserver.admission.conditions import conditions_hold

MUTATING, VALIDATING = "mutatingwebhookconfigurations", "validatingwebhookconfigurations"
_MUTATION = "mutation.webhook.admission.k8s.io/"


class WebhookUnreachable(Exception):
    """Nobody answered. `message` is the network's sentence: "connection refused", "context deadline exceeded"."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class WebhookCaller(Protocol):
    """The way to the webhooks."""

    def call(self, url: str, review: Object) -> Object:
        """POST an AdmissionReview and answer the review that came back.

        `url` is what the configuration says, or "https://<service>.<namespace>.svc:<port><path>". Raises
        `WebhookUnreachable`.
        """


class Hook(NamedTuple):
    """One webhook of one configuration."""

    configuration: str
    place: int
    spec: Object

    @property
    def name(self) -> str:
        """The webhook's own name."""
        return str(self.spec["name"])

    @property
    def uid(self) -> str:
        """The name that no other webhook has."""
        return f"{self.configuration}/{self.place}/{self.name}"


class CallFailed(Exception):
    """The call came to nothing: the failure policy decides."""


class _Webhooks(Plugin):
    """What both kinds of webhooks have in common."""

    configurations = ""
    mutating = False

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        self._uids = reader.stream("kube-apiserver/reviews")

    def _hooks(self, request: AdmissionRequest) -> list[Hook]:
        """All webhooks, by the names of their configurations."""
        if matching.is_exempt(request):
            return []
        found = self.reader.list(self.configurations)
        return [
            Hook(configuration["metadata"]["name"], index, spec)
            for configuration in sorted(found, key=lambda each: str(each["metadata"]["name"]))
            for index, spec in enumerate(configuration.get("webhooks") or ())
        ]

    def _concerns(self, hook: Hook, request: AdmissionRequest) -> bool:
        """Whether the webhook is to be asked about this request."""
        spec = hook.spec
        if not matching.any_rule(spec.get("rules") or (), request):
            return False
        if not matching.object_fits(spec.get("objectSelector"), request):
            return False
        if not matching.namespace_fits(spec.get("namespaceSelector"), request, self.reader):
            return False
        conditions = spec.get("matchConditions")
        return not conditions or conditions_hold(
            conditions, spec["failurePolicy"], request, self.reader, BUDGET
        )

    def _ask(self, hook: Hook, request: AdmissionRequest) -> reviewing.Answer | None:
        """The webhook's answer; None when it could not be asked and that does not matter.

        Raises the refusal, and `InternalError` when it could not be asked and that does matter.
        """
        self._check_dry_run(hook, request)
        try:
            answer = self._answer(hook, request)
        except CallFailed as problem:
            self._note_failure(hook, request)
            if hook.spec["failurePolicy"] == "Ignore":
                return None
            text = f'failed calling webhook "{hook.name}": {problem}'
            raise InternalError(
                f"Internal error occurred: {text}", details={"causes": [{"message": text}]}
            ) from None
        for key, value in answer.annotations.items():
            request.annotate(f"{hook.name}/{key}", value)
        for text in answer.warnings:
            request.warn(text)
        self._note_answer(hook, request, answer)
        if not answer.allowed:
            raise reviewing.refusal(hook.name, answer.result)
        return answer

    def _note_failure(self, hook: Hook, request: AdmissionRequest) -> None:
        policy = hook.spec["failurePolicy"]
        if self.mutating:
            request.reason("admit", "webhook-failed", webhook=hook.name, policy=policy)
        else:
            request.reason("check", "webhook-failed", webhook=hook.name, policy=policy)

    def _note_answer(self, hook: Hook, request: AdmissionRequest, answer: reviewing.Answer) -> None:
        if self.mutating and answer.allowed:
            request.reason("admit", "webhook-allowed", webhook=hook.name)
        elif self.mutating:
            request.reason("admit", "webhook-refused", webhook=hook.name)
        elif answer.allowed:
            request.reason("check", "webhook-allowed", webhook=hook.name)
        else:
            request.reason("check", "webhook-refused", webhook=hook.name)

    def _check_dry_run(self, hook: Hook, request: AdmissionRequest) -> None:
        if request.dry_run and hook.spec.get("sideEffects") not in ("None", "NoneOnDryRun"):
            raise BadRequest(f'admission webhook "{hook.name}" does not support dry run')

    def _answer(self, hook: Hook, request: AdmissionRequest) -> reviewing.Answer:
        uid = self._uid()
        try:
            question = reviewing.review(request, list(hook.spec.get("admissionReviewVersions") or ()), uid)
        except ValueError as problem:
            raise CallFailed(f"could not create admission objects: {problem}") from None
        answer = self._sent(hook, question)
        try:
            return reviewing.read(answer, uid, question["apiVersion"].rpartition("/")[2], self.mutating)
        except ValueError as problem:
            raise CallFailed(f"received invalid webhook response: {problem}") from None

    def _uid(self) -> str:
        text = f"{self._uids.getrandbits(128):032x}"
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"

    def _sent(self, hook: Hook, question: Object) -> Any:
        url = url_of(hook.spec["clientConfig"])
        try:
            if self.reader.webhooks is None:
                raise WebhookUnreachable(self._nobody(hook.spec["clientConfig"]))
            return self.reader.webhooks.call(url, question)
        except WebhookUnreachable as problem:
            shown = f"{url}?timeout={hook.spec['timeoutSeconds']}s"
            raise CallFailed(f'failed to call webhook: Post "{shown}": {problem.message}') from None

    def _nobody(self, config: Object) -> str:
        """What is wrong where there is no way to any webhook."""
        service = config.get("service")
        if not service:
            host = config["url"].split("//")[-1].partition("/")[0]
            return f"dial tcp: lookup {host.partition(':')[0]}: no such host"
        if self.reader.get("services", service["namespace"], service["name"]) is None:
            return f'service "{service["name"]}" not found'
        return f'no endpoints available for service "{service["name"]}"'


def url_of(config: Object) -> str:
    """Where a webhook's clientConfig leads to."""
    service = config.get("service")
    if not service:
        return str(config["url"])
    path = service.get("path") or "/"
    path = path if path.startswith("/") else f"/{path}"
    return f"https://{service['name']}.{service['namespace']}.svc:{service['port']}{path}"


class MutatingAdmissionWebhook(_Webhooks):
    """Asks the mutating webhooks, each about what the one before it made of the object."""

    configurations = MUTATING
    mutating = True

    def admit(self, request: AdmissionRequest) -> Any:
        """The object with the patches of all webhooks."""
        hooks = self._hooks(request)
        if not hooks:
            return request.object
        rounds = request.rounds
        if rounds.second and request.object != rounds.output:
            _all_again(request)
        for number, hook in enumerate(hooks):
            if self._concerns(hook, request) and not (rounds.second and hook.uid not in rounds.due):
                request = self._mutated(hook, number, request)
        rounds.output = request.object
        return request.object

    def _mutated(self, hook: Hook, number: int, request: AdmissionRequest) -> AdmissionRequest:
        answer = self._ask(hook, request)
        new = request.object if answer is None else self._patched(hook, request, answer.patch)
        changed = new != request.object
        if changed:
            _all_again(request)
            request.rounds.again = not request.rounds.second
        if hook.spec.get("reinvocationPolicy") == "IfNeeded" and hook.uid not in request.rounds.called:
            request.rounds.called.append(hook.uid)
        noted = {"configuration": hook.configuration, "webhook": hook.name, "mutated": changed}
        place = f"{_MUTATION}round_{int(request.rounds.second)}_index_{number}"
        request.annotate(place, json.dumps(noted, separators=(",", ":")))
        return replace(request, object=new) if changed else request

    def _patched(self, hook: Hook, request: AdmissionRequest, operations: Any) -> Any:
        if not operations:
            return request.object
        if request.object is None or request.verb == "connect":
            why = f'admission webhook "{hook.name}" attempted to modify the object, which is not supported'
            raise InternalError(f"Internal error occurred: {why} for this operation")
        try:
            patched = patches.json_patch(request.object, operations)
            new, _ = schema.read(request.object_kind, patched, "Ignore")
        except StatusError as problem:
            raise InternalError(f"Internal error occurred: {problem.message}") from None
        except ValueError as problem:
            raise InternalError(f"Internal error occurred: {problem}") from None
        return defaulting.apply_defaults(request.object_kind, new)


def _all_again(request: AdmissionRequest) -> None:
    """Who wants to see the object again after a change, and has seen it, is due for a second round."""
    rounds = request.rounds
    rounds.due += [uid for uid in rounds.called if uid not in rounds.due]
    rounds.called.clear()


class ValidatingAdmissionWebhook(_Webhooks):
    """Asks the validating webhooks; all are asked, the first refusal is told."""

    configurations = VALIDATING

    def validate(self, request: AdmissionRequest) -> None:
        """Raises what the first webhook says that refuses."""
        problems = list(self._problems(request))
        if problems:
            raise problems[0]

    def _problems(self, request: AdmissionRequest) -> Iterator[StatusError]:
        concerned = [hook for hook in self._hooks(request) if self._concerns(hook, request)]
        for hook in concerned:
            try:
                self._ask(hook, request)
            except StatusError as problem:
                yield problem

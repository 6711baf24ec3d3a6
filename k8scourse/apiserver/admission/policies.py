"""ValidatingAdmissionPolicy: rules that the cluster's administrators write as expressions.

A ValidatingAdmissionPolicy says what must hold; a ValidatingAdmissionPolicyBinding puts it to work, says where, with
which parameters, and what happens to whoever breaks it (Deny, Warn, Audit). Not served: the warnings about types that
a controller upstream writes into a policy's status, and the question whether the writer may read the parameters.

Upstream: ``apiserver/pkg/admission/plugin/policy/validating/{dispatcher,validator}.go``,
``policy/generic/policy_dispatcher.go``, ``policy/matching/matching.go``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from k8scourse.api.cel import BUDGET, CelError, Lazy, Program, Type, Value
from k8scourse.api.errors import StatusError, forbidden
from k8scourse.api.expressions import admission_variables, compiled
from k8scourse.api.selectors import from_label_selector
from k8scourse.apiserver.admission import matching
from k8scourse.apiserver.admission.base import AdmissionRequest, Object, Plugin, Reader
from k8scourse.apiserver.admission.conditions import Undecided, activation, evaluated, first_that_fails

POLICIES, BINDINGS = "validatingadmissionpolicies", "validatingadmissionpolicybindings"
#: What all expressions of one policy may cost together.
POLICY_BUDGET = 10 * BUDGET
_CODES = {"Forbidden": 403, "Invalid": 422, "RequestEntityTooLarge": 413}
_FAILURE = "validation.policy.admission.k8s.io/validation_failure"
_LONGEST_MESSAGE, _LONGEST_ANNOTATION = 5 * 1024, 10 * 1024
_SPENT = "validation failed due to running out of cost budget, no further validation rules will be run"


class ConfigurationError(Exception):
    """A policy or a binding that cannot be put to work; the failure policy decides."""


class Denial(NamedTuple):
    """Who denies: the policy, the binding ("" when it did not come to that), why, and as which reason."""

    policy: str
    binding: str
    message: str
    reason: str = "Invalid"

    @property
    def text(self) -> str:
        """The sentence of the answer."""
        through = f" with binding '{self.binding}'" if self.binding else ""
        return f"ValidatingAdmissionPolicy '{self.policy}'{through} denied request: {self.message}"


class Policy:
    """A stored policy with its expressions compiled."""

    def __init__(self, obj: Object) -> None:
        self.name = str(obj["metadata"]["name"])
        self.version = str(obj["metadata"]["resourceVersion"])
        self.spec: Object = obj["spec"]
        self.has_params = self.spec.get("paramKind") is not None
        composed: dict[str, Type] = {}
        self.variables: dict[str, tuple[str, Program]] = {}
        for variable in self.spec.get("variables") or ():
            text = variable["expression"]
            program = compiled(text, admission_variables(self.has_params, composed))
            self.variables[variable["name"]] = (text, program)
            composed[variable["name"]] = program.type
        self._types = admission_variables(self.has_params, composed if self.variables else None)
        self.validations = [
            (
                validation,
                self._compiled(validation, "expression"),
                self._compiled(validation, "messageExpression"),
            )
            for validation in self.spec.get("validations") or ()
        ]
        self.annotations = [
            (annotation, self._compiled(annotation, "valueExpression"))
            for annotation in self.spec.get("auditAnnotations") or ()
        ]

    def _compiled(self, obj: Object, field: str) -> Program | None:
        return compiled(obj[field], self._types) if obj.get(field) else None


class Evaluation:
    """One policy, one request, one set of parameters: the variables, and what is left of the budget."""

    def __init__(self, policy: Policy, variables: dict[str, Value], params: Value) -> None:
        self._left = POLICY_BUDGET
        self.variables = dict(variables)
        if policy.has_params:
            self.variables["params"] = params
        self.variables["variables"] = {
            name: Lazy(lambda name=name, text=text, program=program: self._variable(name, text, program))  # type: ignore[misc]
            for name, (text, program) in policy.variables.items()
        }

    def _variable(self, name: str, text: str, program: Program) -> Value:
        try:
            return self._paid(*program.run(self.variables))
        except CelError as problem:
            raise CelError(f'composited variable "{name}" fails to evaluate: {problem}') from None

    def value(self, program: Program) -> Value:
        """The value of an expression. Raises `CelError`."""
        return self._paid(*evaluated(program, program.text, self.variables, BUDGET))

    def _paid(self, value: Value, cost: int) -> Value:
        self._left -= cost
        if self._left < 0:
            raise CelError(_SPENT)
        return value


class ValidatingAdmissionPolicy(Plugin):
    """Holds requests to the policies that are bound."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        self._compiled: dict[str, Policy] = {}

    def validate(self, request: AdmissionRequest) -> None:
        """Raises the first denial, by the names of policies and bindings."""
        if matching.is_exempt(request):
            return
        bindings = self.reader.list(BINDINGS)
        if not bindings:
            return
        denials = [
            denial for policy in self._bound(bindings) for denial in self._denials(policy, bindings, request)
        ]
        if denials:
            request.reason("check", "policy-denied", policy=denials[0].policy, binding=denials[0].binding)
            raise _refusal(request, denials[0])

    def _bound(self, bindings: Sequence[Object]) -> Iterator[Policy]:
        for name in sorted({str(binding["spec"]["policyName"]) for binding in bindings}):
            stored = self.reader.get(POLICIES, "", name)
            if stored is None:
                continue
            known = self._compiled.get(name)
            if known is None or known.version != stored["metadata"]["resourceVersion"]:
                known = self._compiled[name] = Policy(stored)
            yield known

    def _denials(
        self, policy: Policy, bindings: Sequence[Object], request: AdmissionRequest
    ) -> Iterator[Denial]:
        spec = policy.spec
        if not _matches(spec["matchConstraints"], request, self.reader):
            return
        variables: dict[str, Value] | None = None
        annotations: dict[str, list[str]] = {}
        chosen = [each for each in bindings if each["spec"]["policyName"] == policy.name]
        for binding in sorted(chosen, key=lambda each: str(each["metadata"]["name"])):
            name = binding["metadata"]["name"]
            match = binding["spec"].get("matchResources")
            if match and not _matches(match, request, self.reader):
                continue
            try:
                found = self._params(policy, binding, request)
            except ConfigurationError as problem:
                if spec["failurePolicy"] == "Fail":
                    yield Denial(policy.name, name, f"failed to configure binding: {problem}")
                continue
            variables = variables or activation(request, self.reader)
            for params in found:
                evaluation = Evaluation(policy, variables, params)
                yield from self._judged(policy, binding, evaluation, request)
                yield from _annotated(policy, name, evaluation, annotations)
        for key, values in annotations.items():
            request.annotate(f"{policy.name}/{key}", ", ".join(values))

    # -- parameters ------------------------------------------------------------------------------

    def _params(self, policy: Policy, binding: Object, request: AdmissionRequest) -> list[Object | None]:
        """The objects that the policy is evaluated with, one after the other; None where it has none."""
        wanted, reference = policy.spec.get("paramKind"), binding["spec"].get("paramRef")
        if wanted is None or reference is None:
            return [None]
        kind = self.reader.kind(wanted["apiVersion"], wanted["kind"])
        if kind is None:
            raise ConfigurationError(
                f"paramKind kind `{wanted['apiVersion']}, Kind={wanted['kind']}` not known"
            )
        namespace = reference.get("namespace", "")
        if kind.namespaced:
            namespace = namespace or request.namespace
            if not namespace:
                raise ConfigurationError(
                    "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources"
                )
        elif namespace:
            raise ConfigurationError(
                "paramRef.namespace must not be provided for a cluster-scoped `paramKind`"
            )
        found = self._found(self.reader.objects(kind, namespace), reference)
        if not found and reference.get("parameterNotFoundAction") == "Deny":
            raise ConfigurationError("no params found for policy binding with `Deny` parameterNotFoundAction")
        return found

    def _found(self, objects: Sequence[Object], reference: Object) -> list[Object | None]:
        name = reference.get("name")
        if name:
            return [each for each in objects if each["metadata"]["name"] == name]
        selector = from_label_selector(reference.get("selector") or {})
        return [each for each in objects if selector.matches(each["metadata"].get("labels"))]

    # -- judging ---------------------------------------------------------------------------------

    def _judged(
        self, policy: Policy, binding: Object, evaluation: Evaluation, request: AdmissionRequest
    ) -> Iterator[Denial]:
        """What this policy has against the request; warnings and audit annotations are given on the way."""
        name, actions = binding["metadata"]["name"], binding["spec"]["validationActions"]
        for index, denial in enumerate(_decisions(policy, name, evaluation)):
            if denial is None:
                continue
            if "Deny" in actions:
                yield denial
            if "Audit" in actions:
                noted = {
                    "message": denial.message,
                    "policy": policy.name,
                    "binding": name,
                    "expressionIndex": index,
                    "validationActions": list(actions),
                }
                request.annotate(_FAILURE, json.dumps([noted], ensure_ascii=False, separators=(",", ":")))
            if "Warn" in actions:
                where = f"ValidatingAdmissionPolicy '{policy.name}' with binding '{name}'"
                request.warn(f"Validation failed for {where}: {denial.message}")


def _matches(match: Object, request: AdmissionRequest, reader: Reader) -> bool:
    rules = match.get("resourceRules")
    return (
        not matching.any_rule(match.get("excludeResourceRules") or (), request)
        and (not rules or matching.any_rule(rules, request))
        and matching.object_fits(match.get("objectSelector"), request)
        and matching.namespace_fits(match.get("namespaceSelector"), request, reader)
    )


def _decisions(policy: Policy, binding: str, evaluation: Evaluation) -> Iterator[Denial | None]:
    """One decision for each validation: None is fine."""
    ignores = policy.spec["failurePolicy"] == "Ignore"
    conditions = policy.spec.get("matchConditions")
    if conditions:
        try:
            if first_that_fails(conditions, evaluation.variables, policy.has_params, BUDGET) is not None:
                return
        except Undecided as problem:
            yield None if ignores else Denial(policy.name, binding, str(problem))
            return
    for validation, program, saying in policy.validations:
        assert program is not None, "a stored validation has an expression"
        try:
            holds = evaluation.value(program)
        except CelError as problem:
            yield None if ignores else Denial(policy.name, binding, str(problem))
            continue
        if holds is True:
            yield None
        else:
            message = _message(validation, saying, evaluation)
            yield Denial(policy.name, binding, message, validation.get("reason") or "Invalid")


def _message(validation: Object, saying: Program | None, evaluation: Evaluation) -> str:
    message = ""
    if saying is not None:
        try:
            found = evaluation.value(saying)
            message = found.strip() if isinstance(found, str) else ""
        except CelError:
            message = ""
        if len(message) > _LONGEST_MESSAGE or "\n" in message:
            message = ""
    return (
        message
        or (validation.get("message") or "").strip()
        or f"failed expression: {validation['expression'].strip()}"
    )


def _annotated(
    policy: Policy, binding: str, evaluation: Evaluation, found: dict[str, list[str]]
) -> Iterator[Denial]:
    """Collect the policy's audit annotations; one that cannot be told is a denial, unless failures are ignored."""
    for annotation, program in policy.annotations:
        assert program is not None, "a stored annotation has an expression"
        try:
            value: Any = evaluation.value(program)
        except CelError as problem:
            if policy.spec["failurePolicy"] != "Ignore":
                yield Denial(policy.name, binding, str(problem))
            continue
        text = value.strip()[:_LONGEST_ANNOTATION] if isinstance(value, str) else ""
        if text and text not in found.setdefault(annotation["key"], []):
            found[annotation["key"]].append(text)


def _refusal(request: AdmissionRequest, denial: Denial) -> StatusError:
    kind = request.kind
    error = forbidden(kind.group, kind.plural, request.name, denial.text)
    details = {**(error.details or {}), "causes": [{"message": denial.text}]}
    return StatusError(
        error.message, code=_CODES.get(denial.reason, 422), reason=denial.reason, details=details
    )

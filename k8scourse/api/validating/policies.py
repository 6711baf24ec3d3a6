"""ValidatingAdmissionPolicy and ValidatingAdmissionPolicyBinding.

Upstream: ``pkg/apis/admissionregistration/validation/validation.go``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from k8scourse.api import names
from k8scourse.api.cel import Type
from k8scourse.api.cel.lexer import RESERVED
from k8scourse.api.cel.types import BOOL, DYN, STRING
from k8scourse.api.errors import Cause
from k8scourse.api.expressions import TEXT_OR_NULL, Invalid, admission_variables, compiled
from k8scourse.api.fielderrors import duplicate, each_invalid, forbidden, invalid, not_supported, required
from k8scourse.api.validating.rbac import path_segment_problems
from k8scourse.api.validating.scheduling import label_selector
from k8scourse.api.validating.webhooks import (
    FAILURE_POLICIES,
    MATCH_POLICIES,
    choice,
    match_conditions,
    rule_with_operations,
)

Object = dict[str, Any]
_REASONS = ("Forbidden", "Invalid", "RequestEntityTooLarge")
_ACTIONS = ("Audit", "Deny", "Warn")
_NOT_FOUND_ACTIONS = ("Deny", "Allow")
_IDENTIFIER = re.compile(r"[_a-zA-Z][_a-zA-Z0-9]*")
_MOST_ANNOTATIONS, _LONGEST_VALUE = 20, 5 * 1024
_SELECTORS = ("namespaceSelector", "objectSelector")


# -- policies -----------------------------------------------------------------------------------------


def policy(obj: Object) -> Iterator[Cause]:
    """A ValidatingAdmissionPolicy: all of its expressions are compiled here."""
    spec = obj.get("spec") or {}
    yield from _needed_choice(spec, "failurePolicy", FAILURE_POLICIES, "spec")
    kind = spec.get("paramKind")
    if kind is not None:
        yield from _param_kind(kind)
    match = spec.get("matchConstraints")
    if match is None:
        yield required("spec.matchConstraints")
    else:
        yield from _match_resources(match, "spec.matchConstraints")
        if not match.get("resourceRules"):
            yield required("spec.matchConstraints.resourceRules")
    has_params = kind is not None
    yield from match_conditions(spec.get("matchConditions") or (), "spec.matchConditions", has_params)
    composed: dict[str, Type] = {}
    for index, variable in enumerate(spec.get("variables") or ()):
        yield from _variable(variable, composed, has_params, f"spec.variables[{index}]")
    variables = admission_variables(has_params, composed if spec.get("variables") else None)
    yield from _rules(obj, spec, variables)


def _rules(obj: Object, spec: Object, variables: dict[str, Type]) -> Iterator[Cause]:
    validations, annotations = spec.get("validations") or (), spec.get("auditAnnotations") or ()
    if not validations and not annotations:
        detail = "validations or auditAnnotations must contain at least one item"
        yield required("spec.validations", detail)
        yield required("spec.auditAnnotations", detail)
        return
    for index, validation in enumerate(validations):
        yield from _validation(validation, variables, f"spec.validations[{index}]")
    if len(annotations) > _MOST_ANNOTATIONS:
        why = f"must not have more than {_MOST_ANNOTATIONS} auditAnnotations"
        yield invalid("spec.auditAnnotations", list(annotations), why)
    seen: list[str] = []
    for index, annotation in enumerate(annotations):
        path, key = f"spec.auditAnnotations[{index}]", annotation.get("key", "")
        yield from _annotation(annotation, obj["metadata"].get("name", ""), variables, path)
        if key in seen:
            yield duplicate(f"{path}.key", key)
        seen.append(key)


def _expression(
    text: str, variables: dict[str, Type], results: tuple[Type, ...], path: str
) -> Iterator[Cause]:
    try:
        compiled(text, variables, results)
    except Invalid as problem:
        yield invalid(path, text, str(problem))


def _needed_choice(obj: Object, field: str, supported: Sequence[str], path: str) -> Iterator[Cause]:
    if obj.get(field) is None:
        yield required(f"{path}.{field}")
    yield from choice(obj, field, supported, path)


def _param_kind(kind: Object) -> Iterator[Cause]:
    api_version, name = kind.get("apiVersion", ""), kind.get("kind", "")
    path = "spec.paramKind.apiVersion"
    group, _, version = api_version.rpartition("/")
    if not api_version:
        yield required(path)
    elif api_version.count("/") > 1:
        yield invalid(path, api_version, f"unexpected GroupVersion string: {api_version}")
    else:
        problems = names.dns_subdomain_problems(group) if group else []
        if problems:
            yield invalid(path, group, ",".join(problems))
        if not version:
            yield invalid(path, api_version, "version must be specified")
        elif names.dns_1035_problems(version):
            yield invalid(path, version, ",".join(names.dns_1035_problems(version)))
    if not name:
        yield required("spec.paramKind.kind")
    elif names.dns_1035_problems(name.lower()):
        why = f"may have mixed case, but should otherwise match: {','.join(names.dns_1035_problems(name.lower()))}"
        yield invalid("spec.paramKind.kind", name, why)


def _variable(variable: Object, composed: dict[str, Type], has_params: bool, path: str) -> Iterator[Cause]:
    """One variable; it may use those before it, and those after it may use this one."""
    name, expression = variable.get("name", ""), variable.get("expression", "")
    if not name.strip():
        yield required(f"{path}.name", "name is not specified")
    elif not _is_identifier(name):
        yield invalid(f"{path}.name", name, "name is not a valid CEL identifier")
    if not expression.strip():
        yield required(f"{path}.expression", "expression is not specified")
        return
    try:
        composed[name] = compiled(expression, admission_variables(has_params, composed)).type
    except Invalid as problem:
        composed[name] = DYN
        yield invalid(f"{path}.expression", expression, str(problem))


def _is_identifier(name: str) -> bool:
    return _IDENTIFIER.fullmatch(name) is not None and name not in (*RESERVED, "true", "false", "null", "in")


def _validation(validation: Object, variables: dict[str, Type], path: str) -> Iterator[Cause]:
    expression = validation.get("expression", "")
    if not expression.strip():
        yield required(f"{path}.expression", "expression is not specified")
    else:
        yield from _expression(expression, variables, (BOOL,), f"{path}.expression")
    saying, message = validation.get("messageExpression", ""), validation.get("message", "")
    if saying and not saying.strip():
        yield invalid(f"{path}.messageExpression", saying, "must be non-empty if specified")
    elif saying:
        yield from _expression(saying, variables, (STRING,), f"{path}.messageExpression")
    if message and not message.strip():
        yield invalid(f"{path}.message", message, "message must be non-empty if specified")
    elif re.search(r"[\n\r]", message.strip()):
        yield invalid(f"{path}.message", message, "message must not contain line breaks")
    yield from choice(validation, "reason", _REASONS, path)


def _annotation(annotation: Object, name: str, variables: dict[str, Type], path: str) -> Iterator[Cause]:
    key, expression = annotation.get("key", ""), annotation.get("valueExpression", "")
    if name:
        whole = f"{name}/{key}"
        yield from each_invalid(f"{path}.key", whole, names.qualified_name_problems(whole))
    else:
        yield invalid(f"{path}.key", key, "requires metadata.name be non-empty")
    if not expression.strip():
        yield required(f"{path}.valueExpression", "valueExpression is not specified")
    elif len(expression.strip()) > _LONGEST_VALUE:
        yield required(f"{path}.valueExpression", f"must not exceed {_LONGEST_VALUE} bytes in length")
    else:
        yield from _expression(expression, variables, TEXT_OR_NULL, f"{path}.valueExpression")


def _match_resources(match: Object, path: str) -> Iterator[Cause]:
    yield from _needed_choice(match, "matchPolicy", MATCH_POLICIES, path)
    for field in _SELECTORS:
        if match.get(field) is None:
            yield required(f"{path}.{field}")
        else:
            yield from label_selector(match[field], f"{path}.{field}")
    for field in ("resourceRules", "excludeResourceRules"):
        for index, rule in enumerate(match.get(field) or ()):
            yield from _named_rule(rule, f"{path}.{field}[{index}]")


def _named_rule(rule: Object, path: str) -> Iterator[Cause]:
    listed = rule.get("resourceNames") or ()
    for index, name in enumerate(listed):
        yield from each_invalid(f"{path}.resourceNames[{index}]", name, path_segment_problems(name))
        if name in listed[:index]:
            yield duplicate(f"{path}.resourceNames[{index}]", name)
    yield from rule_with_operations(rule, path)


# -- bindings -----------------------------------------------------------------------------------------


def binding(obj: Object) -> Iterator[Cause]:
    """A ValidatingAdmissionPolicyBinding."""
    spec = obj.get("spec") or {}
    name = spec.get("policyName", "")
    if not name:
        yield required("spec.policyName")
    else:
        yield from each_invalid("spec.policyName", name, names.dns_subdomain_problems(name))
    if spec.get("paramRef") is not None:
        yield from _param_ref(spec["paramRef"], "spec.paramRef")
    if spec.get("matchResources") is not None:
        # The path is spelled like this upstream.
        yield from _match_resources(spec["matchResources"], "spec.matchResouces")
    yield from _actions(spec.get("validationActions") or (), "spec.validationActions")


def _param_ref(reference: Object, path: str) -> Iterator[Cause]:
    name, selector = reference.get("name", ""), reference.get("selector")
    if name:
        yield from each_invalid(f"{path}.name", name, path_segment_problems(name))
        if selector is not None:
            yield forbidden(f"{path}.name", "name and selector are mutually exclusive")
    if selector is not None:
        yield from label_selector(selector, f"{path}.selector")
        if name:
            yield forbidden(f"{path}.selector", "name and selector are mutually exclusive")
    if not name and selector is None:
        yield required(path, "one of name or selector must be specified")
    action = reference.get("parameterNotFoundAction")
    if not action:
        yield required(f"{path}.parameterNotFoundAction")
    elif action not in _NOT_FOUND_ACTIONS:
        yield not_supported(f"{path}.parameterNotFoundAction", action, _NOT_FOUND_ACTIONS)


def _actions(actions: Sequence[str], path: str) -> Iterator[Cause]:
    for index, action in enumerate(actions):
        if action not in _ACTIONS:
            yield not_supported(f"{path}[{index}]", action, _ACTIONS)
        if action in actions[:index]:
            yield duplicate(f"{path}[{index}]", action)
    if "Deny" in actions and "Warn" in actions:
        why = "repeating the same validation failure information in the API response and headers serves no purpose"
        yield invalid(path, list(actions), f"must not contain both Deny and Warn ({why})")
    if not actions:
        yield required(path, "at least one validation action is required")

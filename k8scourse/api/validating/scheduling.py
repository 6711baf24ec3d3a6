"""Where a Pod may run: selectors, affinity, tolerations, spreading; and the taints of a Node.

Upstream: ``pkg/apis/core/validation/validation.go``, ``apimachinery/pkg/apis/meta/v1/validation``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api import names
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import duplicate, each_invalid, forbidden, invalid, not_supported, required
from k8scourse.api.validating import metadata

Object = dict[str, Any]
EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


def label_selector(selector: Object, path: str) -> Iterator[Cause]:
    """A ``LabelSelector`` object."""
    if selector.get("matchLabels"):
        yield from metadata.labels(selector["matchLabels"], f"{path}.matchLabels")
    for index, expression in enumerate(selector.get("matchExpressions") or ()):
        yield from _expression(expression, f"{path}.matchExpressions[{index}]", numeric=False)


def _expression(expression: Object, path: str, numeric: bool, any_value: bool = False) -> Iterator[Cause]:
    operator, values = expression.get("operator", ""), expression.get("values") or ()
    if operator in ("In", "NotIn"):
        if not values:
            yield required(f"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'")
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            yield forbidden(
                f"{path}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            )
    elif numeric and operator in ("Gt", "Lt"):
        if len(values) != 1:
            yield required(f"{path}.values", "must be specified single value when `operator` is 'Lt' or 'Gt'")
    else:
        yield invalid(f"{path}.operator", operator, "not a valid selector operator")
    key = expression.get("key", "")
    yield from each_invalid(f"{path}.key", key, names.qualified_name_problems(key))
    if not any_value:
        for index, value in enumerate(values):
            yield from each_invalid(f"{path}.values[{index}]", value, names.label_value_problems(value))


def affinity(obj: Object, path: str) -> Iterator[Cause]:
    """The three affinities of a Pod."""
    if obj.get("nodeAffinity"):
        yield from _node_affinity(obj["nodeAffinity"], f"{path}.nodeAffinity")
    for name in ("podAffinity", "podAntiAffinity"):
        if obj.get(name):
            yield from _pod_affinity(obj[name], f"{path}.{name}")


def _node_affinity(obj: Object, path: str) -> Iterator[Cause]:
    if obj.get(_REQUIRED) is not None:
        yield from node_selector(obj[_REQUIRED], f"{path}.{_REQUIRED}")
    for index, preferred in enumerate(obj.get(_PREFERRED) or ()):
        where = f"{path}.{_PREFERRED}[{index}]"
        yield from _weight(preferred, where)
        yield from _node_term(preferred.get("preference") or {}, f"{where}.preference", any_value=True)


def node_selector(selector: Object, path: str) -> Iterator[Cause]:
    """A choice of nodes: at least one term."""
    terms = selector.get("nodeSelectorTerms") or ()
    if not terms:
        yield required(f"{path}.nodeSelectorTerms", "must have at least one node selector term")
    for index, term in enumerate(terms):
        yield from _node_term(term, f"{path}.nodeSelectorTerms[{index}]", any_value=False)


def _weight(preferred: Object, path: str) -> Iterator[Cause]:
    weight = preferred.get("weight", 0)
    if not 1 <= weight <= 100:
        yield invalid(f"{path}.weight", weight, "must be in the range 1-100")


def _node_term(term: Object, path: str, any_value: bool) -> Iterator[Cause]:
    """``any_value``: a preference may name what can be no label; it is then met by no node."""
    for index, expression in enumerate(term.get("matchExpressions") or ()):
        yield from _expression(
            expression, f"{path}.matchExpressions[{index}]", numeric=True, any_value=any_value
        )
    for index, field in enumerate(term.get("matchFields") or ()):
        yield from _node_field(field, f"{path}.matchFields[{index}]")


def _node_field(field: Object, path: str) -> Iterator[Cause]:
    operator, values, key = field.get("operator", ""), field.get("values") or (), field.get("key", "")
    if operator not in ("In", "NotIn"):
        yield invalid(f"{path}.operator", operator, "not a valid selector operator")
    elif len(values) != 1:
        yield required(
            f"{path}.values",
            "must be only one value when `operator` is 'In' or 'NotIn' for node field selector",
        )
    if key != "metadata.name":
        yield invalid(f"{path}.key", key, "not a valid field selector key")
        return
    for index, value in enumerate(values):
        yield from each_invalid(f"{path}.values[{index}]", value, names.dns_subdomain_problems(value))


def _pod_affinity(obj: Object, path: str) -> Iterator[Cause]:
    for index, term in enumerate(obj.get(_REQUIRED) or ()):
        yield from _pod_term(term, f"{path}.{_REQUIRED}[{index}]")
    for index, preferred in enumerate(obj.get(_PREFERRED) or ()):
        where = f"{path}.{_PREFERRED}[{index}]"
        yield from _weight(preferred, where)
        yield from _pod_term(preferred.get("podAffinityTerm") or {}, f"{where}.podAffinityTerm")


def _pod_term(term: Object, path: str) -> Iterator[Cause]:
    for name in ("labelSelector", "namespaceSelector"):
        if term.get(name):
            yield from label_selector(term[name], f"{path}.{name}")
    for namespace in term.get("namespaces") or ():
        yield from each_invalid(f"{path}.namespace", namespace, names.dns_label_problems(namespace))
    yield from _label_keys(term, path)
    key = term.get("topologyKey", "")
    if not key:
        yield required(f"{path}.topologyKey", "can not be empty")
    yield from each_invalid(f"{path}.topologyKey", key, names.qualified_name_problems(key))


def _label_keys(term: Object, path: str) -> Iterator[Cause]:
    """Labels whose values a Pod brings itself; a key cannot be asked for in two ways."""
    same, other = term.get("matchLabelKeys") or (), term.get("mismatchLabelKeys") or ()
    selector = term.get("labelSelector")
    for field, keys in (("matchLabelKeys", same), ("mismatchLabelKeys", other)):
        if keys and selector is None:
            yield forbidden(f"{path}.{field}", "must not be specified when labelSelector is not set")
        elif keys:
            for index, key in enumerate(keys):
                yield from each_invalid(f"{path}.{field}[{index}]", key, names.qualified_name_problems(key))
    known = list((selector or {}).get("matchLabels") or ())
    for expression in (selector or {}).get("matchExpressions") or ():
        key = expression.get("key", "")
        if key in same and key in known:
            yield invalid(
                f"{path}[{list(same).index(key)}]", key, "exists in both matchLabelKeys and labelSelector"
            )
        known.append(key)
    for index, key in enumerate(same):
        if key in other:
            yield invalid(
                f"{path}.matchLabelKeys[{index}]", key, "exists in both matchLabelKeys and mismatchLabelKeys"
            )


def tolerations(listed: list[Object], path: str) -> Iterator[Cause]:
    """The tolerations of a Pod."""
    for index, toleration in enumerate(listed):
        yield from _toleration(toleration, f"{path}[{index}]")


def _toleration(toleration: Object, path: str) -> Iterator[Cause]:
    key, operator = toleration.get("key", ""), toleration.get("operator", "")
    value, effect = toleration.get("value", ""), toleration.get("effect", "")
    if key:
        yield from each_invalid(f"{path}.key", key, names.qualified_name_problems(key))
    if not key and operator != "Exists":
        yield invalid(
            f"{path}.operator",
            operator,
            'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        )
    if toleration.get("tolerationSeconds") is not None and effect != "NoExecute":
        yield invalid(f"{path}.effect", effect, "effect must be 'NoExecute' when `tolerationSeconds` is set")
    if operator in ("", "Equal"):
        problems = names.label_value_problems(value)
        if problems:
            yield invalid(f"{path}.operator", value, ";".join(problems))
    elif operator == "Exists":
        if value:
            yield invalid(f"{path}.operator", value, "value must be empty when `operator` is 'Exists'")
    else:
        yield not_supported(f"{path}.operator", operator, ("Equal", "Exists"))
    if effect and effect not in EFFECTS:
        yield not_supported(f"{path}.effect", effect, EFFECTS)


_INCLUSIONS = ("Honor", "Ignore")


def topology_spread(constraints: list[Object], path: str) -> Iterator[Cause]:
    """How a Pod's group spreads."""
    for index, constraint in enumerate(constraints):
        where = f"{path}[{index}]"
        if constraint.get("maxSkew", 0) <= 0:
            yield invalid(f"{where}.maxSkew", constraint.get("maxSkew", 0), "must be greater than zero")
        key, action = constraint.get("topologyKey", ""), constraint.get("whenUnsatisfiable", "")
        if not key:
            yield required(f"{where}.topologyKey", "can not be empty")
        if action not in ("DoNotSchedule", "ScheduleAnyway"):
            yield not_supported(f"{where}.whenUnsatisfiable", action, ("DoNotSchedule", "ScheduleAnyway"))
        if any(
            (other.get("topologyKey", ""), other.get("whenUnsatisfiable", "")) == (key, action)
            for other in constraints[index + 1 :]
        ):
            yield duplicate(f"{where}.{{topologyKey, whenUnsatisfiable}}", f"{{{key}, {action}}}")
        yield from _spread_options(constraint, where, action)


def _spread_options(constraint: Object, path: str, action: str) -> Iterator[Cause]:
    domains, selector = constraint.get("minDomains"), constraint.get("labelSelector")
    if domains is not None and domains <= 0:
        yield invalid(f"{path}.minDomains", domains, "must be greater than zero")
    if domains is not None and action != "DoNotSchedule":
        yield invalid(
            f"{path}.minDomains",
            domains,
            f"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}",
        )
    for field in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
        if constraint.get(field) is not None and constraint[field] not in _INCLUSIONS:
            yield not_supported(f"{path}.{field}", constraint[field], _INCLUSIONS)
    if constraint.get("matchLabelKeys"):
        yield from _spread_keys(constraint["matchLabelKeys"], selector, f"{path}.matchLabelKeys")
    if selector:
        yield from label_selector(selector, f"{path}.labelSelector")


def _spread_keys(keys: list[str], selector: Object | None, path: str) -> Iterator[Cause]:
    if selector is None:
        yield forbidden(path, "must not be specified when labelSelector is not set")
    known = [
        *((selector or {}).get("matchLabels") or ()),
        *(one.get("key", "") for one in (selector or {}).get("matchExpressions") or ()),
    ]
    for index, key in enumerate(keys):
        yield from each_invalid(f"{path}[{index}]", key, names.qualified_name_problems(key))
        if key in known:
            yield invalid(f"{path}[{index}]", key, "exists in both matchLabelKeys and labelSelector")


def taints(listed: list[Object], path: str) -> Iterator[Cause]:
    """The taints of a Node."""
    seen: list[tuple[str, str]] = []
    for index, taint in enumerate(listed):
        where = f"{path}[{index}]"
        key, value, effect = taint.get("key", ""), taint.get("value", ""), taint.get("effect", "")
        yield from each_invalid(f"{where}.key", key, names.qualified_name_problems(key))
        problems = names.label_value_problems(value)
        if problems:
            yield invalid(f"{where}.value", value, ";".join(problems))
        if not effect:
            yield required(f"{where}.effect")
        elif effect not in EFFECTS:
            yield not_supported(f"{where}.effect", effect, EFFECTS)
        if (key, effect) in seen:
            shown = {"Key": key, "Value": value, "Effect": effect, "TimeAdded": taint.get("timeAdded")}
            yield duplicate(where, shown, "taints must be unique by key and effect pair")
        seen.append((key, effect))

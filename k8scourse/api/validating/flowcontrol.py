"""FlowSchema and PriorityLevelConfiguration.

Upstream: ``pkg/apis/flowcontrol/validation/validation.go``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from k8scourse.api import names
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import each_invalid, forbidden, invalid, not_supported, required

Object = dict[str, Any]
EXEMPT, CATCH_ALL = "exempt", "catch-all"
MOST_QUEUES, HASH_BITS = 10_000_000, 60
_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch")
_SUBJECTS = ("Group", "ServiceAccount", "User")
_NAMESPACE = "each member of this list must be '*' or a DNS-1123 label; "
_EVERYTHING = {
    "resourceRules": [
        {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "clusterScope": True, "namespaces": ["*"]}
    ],
    "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
}


def _group(name: str) -> Object:
    return {"kind": "Group", "group": {"name": name}}


#: The objects whose specs nobody may change (``apis/flowcontrol/bootstrap/default.go``).
FIXED_SCHEMAS: dict[str, Object] = {
    EXEMPT: {
        "priorityLevelConfiguration": {"name": EXEMPT},
        "matchingPrecedence": 1,
        "rules": [{"subjects": [_group("system:masters")], **_EVERYTHING}],
    },
    CATCH_ALL: {
        "priorityLevelConfiguration": {"name": CATCH_ALL},
        "matchingPrecedence": 10000,
        "distinguisherMethod": {"type": "ByUser"},
        "rules": [
            {"subjects": [_group("system:unauthenticated"), _group("system:authenticated")], **_EVERYTHING}
        ],
    },
}
FIXED_LEVELS: dict[str, Object] = {
    EXEMPT: {"type": "Exempt", "exempt": {"nominalConcurrencyShares": 0, "lendablePercent": 0}},
    CATCH_ALL: {
        "type": "Limited",
        "limited": {
            "nominalConcurrencyShares": 5,
            "limitResponse": {"type": "Reject"},
            "lendablePercent": 0,
        },
    },
}


def flow_schema(obj: Object) -> Iterator[Cause]:
    """A FlowSchema."""
    name, spec = (obj.get("metadata") or {}).get("name", ""), obj.get("spec") or {}
    yield from _precedence(name, spec.get("matchingPrecedence", 0))
    method = spec.get("distinguisherMethod")
    if method is not None and method.get("type") not in ("ByNamespace", "ByUser"):
        yield not_supported("spec.distinguisherMethod.type", method, ("ByNamespace", "ByUser"))
    level = (spec.get("priorityLevelConfiguration") or {}).get("name", "")
    path = "spec.priorityLevelConfiguration.name"
    if level:
        yield from each_invalid(path, level, names.dns_subdomain_problems(level))
    else:
        yield required(path, "must reference a priority level")
    for index, rule in enumerate(spec.get("rules") or ()):
        yield from _rule(rule, f"spec.rules[{index}]")
    if name in FIXED_SCHEMAS and spec != FIXED_SCHEMAS[name]:
        yield invalid("spec", spec, f"spec of '{name}' must equal the fixed value")


def _precedence(name: str, value: int) -> Iterator[Cause]:
    path = "spec.matchingPrecedence"
    if value <= 0:
        yield invalid(path, value, "must be a positive value")
    if value > 10_000:
        yield invalid(path, value, "must not be greater than 10000")
    if value == 1 and name != EXEMPT:
        yield invalid(path, value, "only the schema named 'exempt' may have matchingPrecedence 1")


def _rule(rule: Object, path: str) -> Iterator[Cause]:
    if not rule.get("subjects"):
        yield required(f"{path}.subjects", "subjects must contain at least one value")
    for index, subject in enumerate(rule.get("subjects") or ()):
        yield from _subject(subject, f"{path}.subjects[{index}]")
    if not rule.get("resourceRules") and not rule.get("nonResourceRules"):
        yield required(path, "at least one of resourceRules and nonResourceRules has to be non-empty")
    for index, each in enumerate(rule.get("resourceRules") or ()):
        yield from _resource_rule(each, f"{path}.resourceRules[{index}]")
    for index, each in enumerate(rule.get("nonResourceRules") or ()):
        yield from _path_rule(each, f"{path}.nonResourceRules[{index}]")


def _subject(subject: Object, path: str) -> Iterator[Cause]:
    kind = subject.get("kind", "")
    if kind not in _SUBJECTS:
        yield not_supported(f"{path}.kind", kind, _SUBJECTS)
        return
    field = f"{kind[0].lower()}{kind[1:]}"
    about = subject.get(field)
    if about is None:
        yield required(f"{path}.{field}", f"{field} is required when subject kind is '{kind}'")
    elif kind == "ServiceAccount":
        yield from _account(about, f"{path}.{field}")
    elif not about.get("name"):
        yield required(f"{path}.{field}.name")
    for other in ("serviceAccount", "user", "group"):
        if other != field and subject.get(other) is not None:
            wanted = f"{other[0].upper()}{other[1:]}"
            yield forbidden(f"{path}.{other}", f"{other} is forbidden when subject kind is not '{wanted}'")


def _account(account: Object, path: str) -> Iterator[Cause]:
    name, namespace = account.get("name", ""), account.get("namespace", "")
    if not name:
        yield required(f"{path}.name")
    elif name != "*":
        yield from each_invalid(f"{path}.name", name, names.dns_subdomain_problems(name))
    if namespace:
        yield from each_invalid(f"{path}.namespace", namespace, names.dns_label_problems(namespace))
    else:
        yield required(f"{path}.namespace", "must specify namespace for service account")


def _verbs(rule: Object, path: str) -> Iterator[Cause]:
    verbs = rule.get("verbs") or []
    if not verbs:
        yield required(f"{path}.verbs", "verbs must contain at least one value")
    elif "*" in verbs:
        yield from _alone(verbs, f"{path}.verbs", "verbs")
    elif not set(verbs) <= set(_VERBS):
        yield not_supported(f"{path}.verbs", verbs, _VERBS)


def _alone(values: list[str], path: str, what: str) -> Iterator[Cause]:
    if len(values) > 1 and "*" in values:
        yield invalid(path, values, f"if '*' is present, must not specify other {what}")


def _resource_rule(rule: Object, path: str) -> Iterator[Cause]:
    yield from _verbs(rule, path)
    for field, one, many in (
        ("apiGroups", "api group", "api groups"),
        ("resources", "resource", "resources"),
    ):
        if not rule.get(field):
            yield required(f"{path}.{field}", f"resource rules must supply at least one {one}")
        yield from _alone(rule.get(field) or [], f"{path}.{field}", many)
    namespaces = rule.get("namespaces") or []
    if not namespaces and not rule.get("clusterScope"):
        why = "resource rules that are not cluster scoped must supply at least one namespace"
        yield required(f"{path}.namespaces", why)
    elif "*" in namespaces:
        yield from _alone(namespaces, f"{path}.namespaces", "namespaces")
    else:
        for index, namespace in enumerate(namespaces):
            problems = [_NAMESPACE + problem for problem in names.dns_label_problems(namespace)]
            yield from each_invalid(f"{path}.namespaces[{index}]", namespace, problems)


def _path_rule(rule: Object, path: str) -> Iterator[Cause]:
    yield from _verbs(rule, path)
    urls = rule.get("nonResourceURLs") or []
    if not urls:
        yield required(f"{path}.nonResourceURLs", "nonResourceURLs must contain at least one value")
    elif "*" in urls:
        yield from _alone(urls, f"{path}.nonResourceURLs", "non-resource URLs")
    else:
        for index, url in enumerate(urls):
            problem = _url_problem(url)
            if problem:
                yield invalid(f"{path}.nonResourceURLs[{index}]", url, problem)


def _url_problem(url: str) -> str:
    if not url:
        return "must not be empty"
    if not url.startswith("/"):
        return "must start with slash"
    if " " in url:
        return "must not contain white-space"
    if "//" in url:
        return "must not contain double slash"
    stars = url.count("*")
    suffix_only = stars == 0 or (stars == 1 and url.endswith("/*"))
    return "" if suffix_only else "wildcard can only do suffix matching"


# -- priority levels ----------------------------------------------------------------------------------


def priority_level(obj: Object) -> Iterator[Cause]:
    """A PriorityLevelConfiguration."""
    name, spec = (obj.get("metadata") or {}).get("name", ""), obj.get("spec") or {}
    kind = spec.get("type", "")
    if (name == EXEMPT) != (kind == "Exempt"):
        yield invalid("spec.type", kind, "type must be 'Exempt' if and only if name is 'exempt'")
    if kind == "Exempt":
        if spec.get("limited") is not None:
            yield forbidden("spec.limited", "must be nil if the type is not Limited")
        if spec.get("exempt") is not None:
            yield from _shares(spec["exempt"], "spec.exempt")
    elif kind == "Limited":
        if spec.get("exempt") is not None:
            yield forbidden("spec.exempt", "must be nil if the type is Limited")
        if spec.get("limited") is None:
            yield required("spec.limited", "must not be empty when type is Limited")
        else:
            yield from _limited(spec["limited"])
    else:
        yield not_supported("spec.type", kind, ("Exempt", "Limited"))
    yield from _fixed_level(name, spec)


def _fixed_level(name: str, spec: Object) -> Iterator[Cause]:
    if name == CATCH_ALL and spec != FIXED_LEVELS[name]:
        yield invalid("spec", spec, f"spec of '{name}' must equal the fixed value")
    if name == EXEMPT:
        rest = {key: value for key, value in spec.items() if key != "exempt"}
        if rest != {"type": "Exempt"}:
            why = f"spec of '{name}' except the 'spec.exempt' field must equal the fixed value"
            yield invalid("spec", spec, why)


def _shares(level: Object, path: str) -> Iterator[Cause]:
    shares, lendable = level.get("nominalConcurrencyShares", 0), level.get("lendablePercent", 0)
    if shares < 0:
        yield invalid(f"{path}.nominalConcurrencyShares", shares, "must be a non-negative integer")
    if not 0 <= lendable <= 100:
        yield invalid(f"{path}.lendablePercent", lendable, "must be between 0 and 100, inclusive")


def _limited(limited: Object) -> Iterator[Cause]:
    path = "spec.limited"
    found = list(_shares(limited, path))
    yield from (cause for cause in found if cause.field.endswith("Shares"))
    yield from _response(limited.get("limitResponse") or {}, f"{path}.limitResponse")
    yield from (cause for cause in found if not cause.field.endswith("Shares"))
    borrowing = limited.get("borrowingLimitPercent", 0)
    if borrowing < 0:
        why = "if specified, must be a non-negative integer"
        yield invalid(f"{path}.borrowingLimitPercent", borrowing, why)


def _response(response: Object, path: str) -> Iterator[Cause]:
    kind, queuing = response.get("type", ""), response.get("queuing")
    if kind == "Reject":
        if queuing is not None:
            why = "must be nil if limited.limitResponse.type is not Limited"
            yield forbidden(f"{path}.queuing", why)
    elif kind == "Queue":
        if queuing is None:
            why = "must not be empty if limited.limitResponse.type is Limited"
            yield required(f"{path}.queuing", why)
        else:
            yield from _queuing(queuing, f"{path}.queuing")
    else:
        yield not_supported(f"{path}.type", kind, ("Queue", "Reject"))


def _queuing(queuing: Object, path: str) -> Iterator[Cause]:
    limit, queues, hand = (queuing.get(key, 0) for key in ("queueLengthLimit", "queues", "handSize"))
    if limit <= 0:
        yield invalid(f"{path}.queueLengthLimit", limit, "must be positive")
    if queues <= 0:
        yield invalid(f"{path}.queues", queues, "must be positive")
    elif queues > MOST_QUEUES:
        yield invalid(f"{path}.queues", queues, f"must not be greater than {MOST_QUEUES}")
    if hand <= 0:
        yield invalid(f"{path}.handSize", hand, "must be positive")
    elif hand > queues:
        yield invalid(f"{path}.handSize", hand, f"should not be greater than queues ({queues})")
    elif entropy_bits(queues, hand) > HASH_BITS:
        why = f"required entropy bits of deckSize {queues} and handSize {hand} should not be greater than"
        yield invalid(f"{path}.handSize", hand, f"{why} {HASH_BITS}")


def entropy_bits(deck: int, hand: int) -> int:
    """How many bits of a hash a hand of that many cards needs (``shufflesharding.go``, RequiredEntropyBits)."""
    return math.ceil(math.log2(deck) * hand)

"""RBAC out of objects: which rules the Roles and their bindings give to a user, and what a rule covers.

Upstream: ``pkg/registry/rbac/validation/{rule,policy_compact,policy_comparator}.go``,
``plugin/pkg/auth/authorizer/rbac/rbac.go``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from k8scourse.apiserver.authentication import UserInfo
from k8scourse.apiserver.cluster_roles import CLUSTER_ROLES

Object = Mapping[str, Any]
Rule = Mapping[str, Any]
"""A PolicyRule of the wire: verbs, apiGroups, resources, resourceNames, nonResourceURLs."""
GROUP = "rbac.authorization.k8s.io"
_ACCOUNT = "system:serviceaccount:"


class Reader(Protocol):
    """Where Roles and bindings are found."""

    def get(self, plural: str, namespace: str, name: str) -> dict[str, Any] | None:
        """A stored object, None when there is none."""

    def list(self, plural: str, namespace: str = "") -> Sequence[dict[str, Any]]:
        """The stored objects of a kind."""


class Question(NamedTuple):
    """What is to be decided: a verb on a resource of a group, or, without a group, on a path.

    `resource` is "pods" or "pods/log".
    """

    verb: str
    group: str | None
    resource: str
    namespace: str = ""
    name: str = ""
    path: str = ""

    @property
    def plural(self) -> str:
        """The resource without its subresource."""
        return self.resource.partition("/")[0]

    @property
    def subresource(self) -> str:
        """What follows the slash."""
        return self.resource.partition("/")[2]


class Grant(NamedTuple):
    """One binding that speaks of a user: the rules it gives, and how to name it."""

    rules: Sequence[Rule]
    reason: str


def grants(reader: Reader, user: UserInfo, namespace: str) -> Iterator[Grant]:
    """All that is bound to a user: for the whole cluster first, then in the namespace."""
    for binding in reader.list("clusterrolebindings"):
        yield from _granted(reader, user, binding, "")
    if namespace:
        for binding in reader.list("rolebindings", namespace):
            yield from _granted(reader, user, binding, namespace)


def _granted(reader: Reader, user: UserInfo, binding: Object, namespace: str) -> Iterator[Grant]:
    subject = next((each for each in binding.get("subjects") or () if _is_about(each, user, namespace)), None)
    rules = None if subject is None else rules_of(reader, binding["roleRef"], namespace)
    if subject is None or rules is None:
        return
    kind = "RoleBinding" if namespace else "ClusterRoleBinding"
    name = binding["metadata"]["name"]
    named = f"{name}/{namespace}" if namespace else name
    role = binding["roleRef"]
    who = f"{subject['kind']} {json.dumps(_subject_name(subject, namespace))}"
    yield Grant(rules, f'RBAC: allowed by {kind} "{named}" of {role["kind"]} "{role["name"]}" to {who}')


def _subject_name(subject: Object, namespace: str) -> str:
    if subject["kind"] == "ServiceAccount":
        return f"{subject['name']}/{subject.get('namespace') or namespace}"
    return str(subject["name"])


def _is_about(subject: Object, user: UserInfo, namespace: str) -> bool:
    kind, name = subject.get("kind"), subject.get("name", "")
    if kind == "User":
        return bool(name == user.name)
    if kind == "Group":
        return name in user.groups
    home = subject.get("namespace") or namespace
    return bool(kind == "ServiceAccount" and home and user.name == f"{_ACCOUNT}{home}:{name}")


def rules_of(reader: Reader, role: Object, namespace: str) -> Sequence[Rule] | None:
    """The rules of a Role or ClusterRole that a `roleRef` names; None when there is no such role."""
    name = role["name"]
    if role["kind"] == "Role":
        found = reader.get("roles", namespace, name)
    else:
        found = reader.get("clusterroles", "", name)
        if found is None and name in CLUSTER_ROLES:
            return CLUSTER_ROLES[name]
    return None if found is None else found.get("rules") or ()


# -- one rule and one question ------------------------------------------------------------------------


def allows(rule: Rule, question: Question) -> bool:
    """Whether a rule allows what is asked."""
    if not _fits(question.verb, rule.get("verbs")):
        return False
    if question.group is None:
        return any(_path_fits(pattern, question.path) for pattern in rule.get("nonResourceURLs") or ())
    names = rule.get("resourceNames") or ()
    return (
        _fits(question.group, rule.get("apiGroups"))
        and _resource_fits(question.resource, rule.get("resources") or ())
        and (not names or question.name in names)
    )


def _fits(item: str, allowed: Sequence[str] | None) -> bool:
    return item in (allowed or ()) or "*" in (allowed or ())


def _resource_fits(resource: str, allowed: Sequence[str]) -> bool:
    """`*/scale` stands for that subresource of every resource."""
    if _fits(resource, allowed):
        return True
    subresource = resource.partition("/")[2]
    return bool(subresource) and f"*/{subresource}" in allowed


def _path_fits(pattern: str, path: str) -> bool:
    return pattern == path or (pattern.endswith("*") and path.startswith(pattern[:-1]))


# -- escalation ---------------------------------------------------------------------------------------


def missing(owned: Sequence[Rule], wanted: Iterable[Rule]) -> list[Rule]:
    """Which of the wanted rights the owned ones do not cover, put together again as far as they go together."""
    lacking = [
        part for rule in wanted for part in _parts(rule) if not any(_covers(own, part) for own in owned)
    ]
    joined: dict[tuple[Any, ...], dict[str, Any]] = {}
    for part in lacking:
        rest = {field: value for field, value in part.items() if field != "verbs"}
        key = tuple((field, *value) for field, value in rest.items())
        known = joined.setdefault(key, {**rest, "verbs": []})
        known["verbs"] += [verb for verb in part["verbs"] if verb not in known["verbs"]]
    return list(joined.values())


def _parts(rule: Rule) -> Iterator[dict[str, list[str]]]:
    """A rule as rules of one verb and one resource, or path, each."""
    names = [[name] for name in rule.get("resourceNames") or ()] or [[]]
    for group in rule.get("apiGroups") or ():
        for resource in rule.get("resources") or ():
            for verb in rule.get("verbs") or ():
                for name in names:
                    part = {"apiGroups": [group], "resources": [resource], "verbs": [verb]}
                    yield {**part, "resourceNames": name} if name else part
    for path in rule.get("nonResourceURLs") or ():
        for verb in rule.get("verbs") or ():
            yield {"nonResourceURLs": [path], "verbs": [verb]}


def _covers(own: Rule, part: Mapping[str, list[str]]) -> bool:
    if not _fits(part["verbs"][0], own.get("verbs")):
        return False
    if "nonResourceURLs" in part:
        wanted = part["nonResourceURLs"][0]
        return any(_path_fits(pattern, wanted) for pattern in own.get("nonResourceURLs") or ())
    names = own.get("resourceNames") or ()
    return (
        _fits(part["apiGroups"][0], own.get("apiGroups"))
        and _resource_fits(part["resources"][0], own.get("resources") or ())
        and (not names or (bool(part.get("resourceNames")) and part["resourceNames"][0] in names))
    )


_COMPACT = (
    ("APIGroups", "apiGroups"),
    ("Resources", "resources"),
    ("NonResourceURLs", "nonResourceURLs"),
    ("ResourceNames", "resourceNames"),
    ("Verbs", "verbs"),
)


def compact(rule: Rule) -> str:
    """A rule in one line: ``{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}``."""
    shown = [f"{word}:{quoted(rule[field])}" for word, field in _COMPACT if rule.get(field)]
    return f"{{{', '.join(shown)}}}"


def quoted(texts: Iterable[str]) -> str:
    """A list of strings as Go's %q writes it."""
    return f"[{' '.join(json.dumps(text, ensure_ascii=False) for text in texts)}]"

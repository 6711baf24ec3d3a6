"""RBAC out of objects: which rules the Roles and their bindings give to a user, and what a rule covers.

`Rights` is an index of all bindings by whom they speak of. It follows the store, so a binding counts, or no longer
counts, from the very next request on; in between nothing has to be read.

Upstream: ``pkg/registry/rbac/validation/{rule,policy_compact,policy_comparator}.go``,
``plugin/pkg/auth/authorizer/rbac/rbac.go``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from k8scourse.apiserver.storage import Storage
from k8scourse.apiserver.users import UserInfo, split_account
from k8scourse.apiserver.watchcache import Change, WatchCache
from k8scourse.etcd import EtcdError

Object = Mapping[str, Any]
Rule = Mapping[str, Any]
"""A PolicyRule of the wire: verbs, apiGroups, resources, resourceNames, nonResourceURLs."""
GROUP = "rbac.authorization.k8s.io"
_ROLES, _BINDINGS = ("roles", "clusterroles"), ("rolebindings", "clusterrolebindings")
_MEMORY = 10_000


class Question(NamedTuple):
    """What is to be decided: a verb on a resource of a group, or, without a group, on a path.

    `resource` is "pods" or "pods/log"; `fields` are the equalities of a list's field selector.
    """

    verb: str
    group: str | None
    resource: str
    namespace: str = ""
    name: str = ""
    path: str = ""
    fields: tuple[tuple[str, str], ...] = ()

    @property
    def plural(self) -> str:
        """The resource without its subresource."""
        return self.resource.partition("/")[0]

    @property
    def subresource(self) -> str:
        """What follows the slash."""
        return self.resource.partition("/")[2]


class Grant(NamedTuple):
    """One binding that speaks of a user: the rules it gives, and what they come from.

    `binding` and `role` are "ClusterRoleBinding x" and "ClusterRole y", `subject` is "Group z"; `error` says why
    there are no rules.
    """

    rules: Sequence[Rule]
    reason: str
    binding: str
    role: str
    subject: str
    error: str = ""


class Rights:
    """All roles and bindings, by the subjects of the bindings."""

    def __init__(self, storage: Storage, caches: Mapping[str, WatchCache]) -> None:
        self._storage = storage
        self._caches = {plural: caches[plural] for plural in (*_ROLES, *_BINDINGS)}
        self._roles: dict[tuple[str, str], Object] = {}
        self._bindings: dict[tuple[str, str, str], dict[str, Object]] = {}
        self._known: dict[tuple[UserInfo, str], list[Grant]] = {}
        self._complete = False
        #: Called when any right may have changed.
        self.on_change: Callable[[], None] = lambda: None

    def grants(self, user: UserInfo, namespace: str) -> list[Grant]:
        """All that is bound to a user: for the whole cluster first, then in the namespace; each by name."""
        self.follow()
        known = self._known.get((user, namespace))
        if known is None:
            if len(self._known) > _MEMORY:
                self._known.clear()
            known = list(self._granted(user, ""))
            if namespace:
                known += self._granted(user, namespace)
            self._known[user, namespace] = known
        return known

    def rules_of(self, role: Object, namespace: str) -> Sequence[Rule] | None:
        """The rules of a Role or ClusterRole that a `roleRef` names; None when there is no such role."""
        self.follow()
        found = self._roles.get((namespace if role["kind"] == "Role" else "", role["name"]))
        return None if found is None else found.get("rules") or ()

    # -- following the store ---------------------------------------------------------------------

    def follow(self) -> None:
        """Be up to date. While etcd is away, what was known last counts."""
        if self._complete:
            return
        try:
            for cache in self._caches.values():
                cache.follow(self._changed, self._lost)
            found = [obj for cache in self._caches.values() for obj in self._storage.list(cache.kind).items]
        except EtcdError:
            return
        self._roles.clear()
        self._bindings.clear()
        for obj in found:
            self._put(obj)
        self._complete = True
        self._forget()

    def _lost(self) -> None:
        """The cache begins anew; so do we, with everything, for what happened meanwhile is not known."""
        self._complete = False
        for cache in self._caches.values():
            cache.unfollow(self._changed)

    def _changed(self, change: Change) -> None:
        if change.old is not None:
            self._take(change.old)
        if change.new is not None:
            self._put(change.new)
        self._forget()

    def _forget(self) -> None:
        self._known.clear()
        self.on_change()

    def _put(self, obj: Object) -> None:
        name, namespace = obj["metadata"]["name"], obj["metadata"].get("namespace", "")
        if "roleRef" not in obj:
            self._roles[namespace, name] = obj
            return
        for subject in obj.get("subjects") or ():
            self._bindings.setdefault(_key(subject, namespace), {})[name] = obj

    def _take(self, obj: Object) -> None:
        name, namespace = obj["metadata"]["name"], obj["metadata"].get("namespace", "")
        if "roleRef" not in obj:
            self._roles.pop((namespace, name), None)
            return
        for subject in obj.get("subjects") or ():
            key = _key(subject, namespace)
            named = self._bindings.get(key, {})
            named.pop(name, None)
            if not named:
                self._bindings.pop(key, None)

    # -- what a user has -------------------------------------------------------------------------

    def _granted(self, user: UserInfo, namespace: str) -> Iterator[Grant]:
        found: dict[str, Object] = {}
        for kind, name in _names(user):
            found |= self._bindings.get((namespace, kind, name), {})
        for binding in (found[name] for name in sorted(found)):
            subject = next(one for one in binding["subjects"] if _is_about(one, user, namespace))
            yield self._grant(binding, subject, namespace)

    def _grant(self, binding: Object, subject: Object, namespace: str) -> Grant:
        role, name = binding["roleRef"], binding["metadata"]["name"]
        kind = "RoleBinding" if namespace else "ClusterRoleBinding"
        named = f"{name}/{namespace}" if namespace else name
        who = _subject_name(subject, namespace)
        reason = (
            f'RBAC: allowed by {kind} "{named}" of {role["kind"]} "{role["name"]}"'
            f" to {subject['kind']} {json.dumps(who, ensure_ascii=False)}"
        )
        rules = self.rules_of(role, namespace)
        error = "" if rules is not None else f'{role["kind"].lower()}.{GROUP} "{role["name"]}" not found'
        texts = f"{kind} {named}", f"{role['kind']} {role['name']}", f"{subject['kind']} {who}"
        return Grant(rules or (), reason, *texts, error)


def _key(subject: Object, namespace: str) -> tuple[str, str, str]:
    kind, name = subject.get("kind", ""), subject.get("name", "")
    if kind == "ServiceAccount":
        name = f"{subject.get('namespace') or namespace}:{name}"
    return namespace, kind, name


def _names(user: UserInfo) -> Iterator[tuple[str, str]]:
    yield "User", user.name
    for group in user.groups:
        yield "Group", group
    account = split_account(user.name)
    if account is not None:
        yield "ServiceAccount", ":".join(account)


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
    return kind == "ServiceAccount" and split_account(user.name) == (
        subject.get("namespace") or namespace,
        name,
    )


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

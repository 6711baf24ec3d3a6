"""Role, ClusterRole, RoleBinding and ClusterRoleBinding.

Upstream: ``pkg/apis/rbac/validation/validation.go``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api import names
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import each_invalid, invalid, not_supported, required
from k8scourse.api.validating.scheduling import label_selector

Object = dict[str, Any]
GROUP = "rbac.authorization.k8s.io"


def path_segment_problems(name: str) -> list[str]:
    """The names of roles are freer than others: whatever can stand in a URL."""
    if name in (".", ".."):
        return [f"may not be '{name}'"]
    return [f"may not contain '{character}'" for character in ("/", "%") if character in name]


def role(obj: Object) -> Iterator[Cause]:
    """A Role."""
    for index, rule in enumerate(obj.get("rules") or ()):
        yield from _rule(rule, f"rules[{index}]", namespaced=True)


def cluster_role(obj: Object) -> Iterator[Cause]:
    """A ClusterRole."""
    for index, rule in enumerate(obj.get("rules") or ()):
        yield from _rule(rule, f"rules[{index}]", namespaced=False)
    aggregation = obj.get("aggregationRule")
    if aggregation is None:
        return
    path = "aggregationRule.clusterRoleSelectors"
    if not aggregation.get("clusterRoleSelectors"):
        yield required(path, "at least one clusterRoleSelector required if aggregationRule is non-nil")
    for index, selector in enumerate(aggregation.get("clusterRoleSelectors") or ()):
        wrong = list(label_selector(selector, f"{path}[{index}]"))
        yield from wrong
        if wrong:
            yield invalid(f"{path}[{index}]", selector, "invalid label selector.")


def _rule(rule: Object, path: str, namespaced: bool) -> Iterator[Cause]:
    urls, groups, resources = (
        rule.get(field) or () for field in ("nonResourceURLs", "apiGroups", "resources")
    )
    if not rule.get("verbs"):
        yield required(f"{path}.verbs", "verbs must contain at least one value")
    if urls:
        if namespaced:
            yield invalid(
                f"{path}.nonResourceURLs", list(urls), "namespaced rules cannot apply to non-resource URLs"
            )
        if groups or resources or rule.get("resourceNames"):
            yield invalid(
                f"{path}.nonResourceURLs",
                list(urls),
                "rules cannot apply to both regular resources and non-resource URLs",
            )
        return
    if not groups:
        yield required(f"{path}.apiGroups", "resource rules must supply at least one api group")
    if not resources:
        yield required(f"{path}.resources", "resource rules must supply at least one resource")


def role_binding(obj: Object) -> Iterator[Cause]:
    """A RoleBinding."""
    yield from _binding(obj, ("Role", "ClusterRole"), namespaced=True)


def cluster_role_binding(obj: Object) -> Iterator[Cause]:
    """A ClusterRoleBinding."""
    yield from _binding(obj, ("ClusterRole",), namespaced=False)


def _binding(obj: Object, kinds: tuple[str, ...], namespaced: bool) -> Iterator[Cause]:
    reference = obj.get("roleRef") or {}
    if reference.get("apiGroup") != GROUP:
        yield not_supported("roleRef.apiGroup", reference.get("apiGroup", ""), (GROUP,))
    if reference.get("kind") not in kinds:
        yield not_supported("roleRef.kind", reference.get("kind", ""), kinds)
    name = reference.get("name", "")
    if not name:
        yield required("roleRef.name")
    else:
        yield from each_invalid("roleRef.name", name, path_segment_problems(name))
    for index, subject in enumerate(obj.get("subjects") or ()):
        yield from _subject(subject, f"subjects[{index}]", namespaced)


def _subject(subject: Object, path: str, namespaced: bool) -> Iterator[Cause]:
    name, kind, group = (subject.get(field, "") for field in ("name", "kind", "apiGroup"))
    if not name:
        yield required(f"{path}.name")
    if kind == "ServiceAccount":
        if name:
            yield from each_invalid(f"{path}.name", name, names.dns_subdomain_problems(name))
        if group:
            yield not_supported(f"{path}.apiGroup", group, ("",))
        if not namespaced and not subject.get("namespace"):
            yield required(f"{path}.namespace")
    elif kind in ("User", "Group"):
        if group != GROUP:
            yield not_supported(f"{path}.apiGroup", group, (GROUP,))
    else:
        yield not_supported(f"{path}.kind", kind, ("ServiceAccount", "User", "Group"))


def binding_update(new: Object, old: Object) -> Iterator[Cause]:
    """Which role is bound never changes."""
    if new.get("roleRef") != old.get("roleRef"):
        reference = new.get("roleRef") or {}
        shown = {
            "APIGroup": reference.get("apiGroup", ""),
            "Kind": reference.get("kind", ""),
            "Name": reference.get("name", ""),
        }
        yield invalid("roleRef", shown, "cannot change roleRef")

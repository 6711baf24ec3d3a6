"""kubectl describe of rights and of limits: Role, RoleBinding (and their cluster forms), ResourceQuota, budgets.

Upstream: `RoleDescriber`, `RoleBindingDescriber`, `ResourceQuotaDescriber`, `PodDisruptionBudgetDescriber`; the rules
are compacted as in `component-helpers/auth/rbac/validation/policy_compactor.go`. Left out: what a quota's scopes mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from k8scourse.api.metadata import annotations as annotations_of
from k8scourse.api.metadata import labels
from k8scourse.api.values import Object, get_in

from ..selecting import selector_text
from ..session import Session
from . import events
from .writer import Writer, annotation_lines, pairs


class _Subject(NamedTuple):
    """What one line of a Role is about."""

    group: str
    resource: str
    name: str
    url: str


def role(session: Session, obj: Object) -> str:
    """A Role or ClusterRole: one line for each resource, with all that may be done to it."""
    writer = _headed(obj)
    writer.line(0, "PolicyRule:")
    writer.line(1, "Resources\tNon-Resource URLs\tResource Names\tVerbs")
    writer.line(1, "---------\t-----------------\t--------------\t-----")
    found: dict[_Subject, list[str]] = {}
    for rule in obj.get("rules") or ():
        for subject in _subjects(rule):
            verbs = found.setdefault(subject, [])
            verbs += [verb for verb in rule.get("verbs") or () if verb not in verbs]
    for subject, verbs in sorted(found.items(), key=lambda item: _order(*item)):
        cells = (_called(subject), _listed(subject.url), _listed(subject.name), f"[{' '.join(verbs)}]")
        writer.line(1, "\t".join(cells))
    return writer.text()


def _subjects(rule: dict[str, Any]) -> Iterator[_Subject]:
    for url in rule.get("nonResourceURLs") or ():
        yield _Subject("", "", "", url)
    for group in rule.get("apiGroups") or ():
        for resource in rule.get("resources") or ():
            for name in rule.get("resourceNames") or ("",):
                yield _Subject(group, resource, name, "")


def _order(subject: _Subject, verbs: Sequence[str]) -> str:
    """The text by which upstream sorts the rules: how Go prints them."""
    parts = (f"[{part}]" for part in (" ".join(verbs), *subject))
    return ",".join(parts)


def _called(subject: _Subject) -> str:
    resource, slash, part = subject.resource.partition("/")
    return f"{resource}{'.' + subject.group if subject.group else ''}{slash}{part}"


def _listed(value: str) -> str:
    return f"[{value}]"


def binding(session: Session, obj: Object) -> str:
    """A RoleBinding or ClusterRoleBinding: which role, and who gets it."""
    writer = _headed(obj)
    writer.line(0, "Role:")
    writer.line(1, f"Kind:\t{obj['roleRef']['kind']}")
    writer.line(1, f"Name:\t{obj['roleRef']['name']}")
    writer.line(0, "Subjects:")
    writer.line(1, "Kind\tName\tNamespace")
    writer.line(1, "----\t----\t---------")
    for subject in obj.get("subjects") or ():
        writer.line(1, f"{subject['kind']}\t{subject['name']}\t{subject.get('namespace', '')}")
    return writer.text()


def quota(session: Session, obj: Object) -> str:
    """A ResourceQuota: what is used, and what may be."""
    writer = Writer()
    writer.field("Name", obj["metadata"]["name"])
    writer.field("Namespace", obj["metadata"].get("namespace", ""))
    if get_in(obj, "spec.scopes"):
        writer.field("Scopes", ", ".join(sorted(obj["spec"]["scopes"])))
    writer.line(0, "Resource\tUsed\tHard")
    writer.line(0, "--------\t----\t----")
    hard, used = get_in(obj, "status.hard") or {}, get_in(obj, "status.used") or {}
    for name in sorted(hard):
        writer.line(0, f"{name}\t{used.get(name, 0)}\t{hard[name]}")
    return writer.text()


def budget(session: Session, obj: Object) -> str:
    """A PodDisruptionBudget and how it stands."""
    writer = Writer()
    spec, status = obj["spec"], obj.get("status") or {}
    writer.field("Name", obj["metadata"]["name"])
    writer.field("Namespace", obj["metadata"].get("namespace", ""))
    if "minAvailable" in spec:
        writer.field("Min available", spec["minAvailable"])
    elif "maxUnavailable" in spec:
        writer.field("Max unavailable", spec["maxUnavailable"])
    writer.field("Selector", selector_text(spec["selector"]) if "selector" in spec else "<unset>")
    writer.line(0, "Status:")
    rows = {
        "Allowed disruptions": "disruptionsAllowed",
        "Current": "currentHealthy",
        "Desired": "desiredHealthy",
        "Total": "expectedPods",
    }
    for title, field in rows.items():
        writer.line(2, f"{title}:\t{status.get(field, 0)}")
    if session.flags["show-events"]:
        events.describe(writer, session, events.of(session, obj))
    return writer.text()


def _headed(obj: Object) -> Writer:
    writer = Writer()
    writer.field("Name", obj["metadata"]["name"])
    pairs(writer, "Labels", labels(obj))
    annotation_lines(writer, annotations_of(obj))
    return writer

"""How the roles of this server are written down: a rule a line, as the tables of the RBAC documentation show them.

    get list watch | core apps | pods deployments | only-this-name
    get            | paths     | /healthz /version

Verbs, groups ("core" is the one without a name, "paths" stands for requests that are not about a resource),
resources, and the names to which the rule is limited, if it is.
"""

from __future__ import annotations

from typing import Any

PolicyRule = dict[str, Any]
_EVENTS = "create patch update | core events.k8s.io | events"


def rules(*lines: str) -> list[PolicyRule]:
    """The rules of some lines; "events" stands for the right to write Events, which most have."""
    return [_rule(_EVENTS if line == "events" else line) for line in lines]


def _rule(line: str) -> PolicyRule:
    verbs, groups, objects, *names = (part.split() for part in line.split("|"))
    if groups == ["paths"]:
        return {"nonResourceURLs": sorted(objects), "verbs": sorted(verbs)}
    rule = {
        "apiGroups": ["" if group == "core" else group for group in sorted(groups)],
        "resources": sorted(objects),
        "verbs": sorted(verbs),
    }
    return {**rule, "resourceNames": names[0]} if names else rule

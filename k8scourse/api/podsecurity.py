"""The Pod Security Standards: what Pods of the levels baseline and restricted must not do.

A check looks at a Pod and answers None, or why it is against it: a reason and a detail. Each has the version from
which on it holds; restricted checks of the same matter take the place of baseline ones.
Upstream: ``staging/src/k8s.io/pod-security-admission/policy/registry.go``, ``api/helpers.go``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from k8scourse.api import podsecurity_baseline, podsecurity_restricted
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import invalid
from k8scourse.api.podsecurity_baseline import Check, Pod, Violation

Object = Mapping[str, Any]
LEVELS = ("privileged", "baseline", "restricted")
PREFIX = "pod-security.kubernetes.io/"
_LATEST = 1 << 30


class Level(NamedTuple):
    """A level and the minor version of its rules; the newest rules are those of `latest`."""

    name: str = "privileged"
    minor: int = _LATEST

    def __str__(self) -> str:
        return f"{self.name}:{'latest' if self.minor == _LATEST else f'v1.{self.minor}'}"


class Policy(NamedTuple):
    """What a namespace asks for in its labels."""

    enforce: Level = Level()
    audit: Level = Level()
    warn: Level = Level()


def policy_of(labels: Mapping[str, str]) -> tuple[Policy, list[Cause]]:
    """The policy of a namespace with these labels, and what is wrong with the labels.

    A wrong level counts as restricted where Pods are refused, and as none where somebody is only told.
    """
    causes: list[Cause] = []
    enforce = _level(labels, "enforce", "restricted", causes)
    audit = _level(labels, "audit", "privileged", causes)
    warn = _level(labels, "warn", "privileged", causes)
    asked = labels.get(f"{PREFIX}enforce", "")
    if f"{PREFIX}warn" not in labels and asked in LEVELS:
        version = warn.minor if f"{PREFIX}warn-version" in labels else enforce.minor
        if LEVELS.index(enforce.name) > LEVELS.index(warn.name):
            warn = Level(enforce.name, version)
    return Policy(enforce, audit, warn), causes


def _level(labels: Mapping[str, str], mode: str, otherwise: str, causes: list[Cause]) -> Level:
    name, minor = "privileged", _LATEST
    label = f"{PREFIX}{mode}"
    if label in labels:
        name = labels[label]
        if name not in LEVELS:
            causes.append(invalid(f"metadata.labels[{label}]", name, f"must be one of {', '.join(LEVELS)}"))
            name = otherwise
    version = f"{label}-version"
    if version in labels and labels[version] != "latest":
        match = re.fullmatch(r"v1\.([0-9]|[1-9][0-9]*)", labels[version])
        if match:
            minor = int(match[1])
        else:
            causes.append(
                invalid(f"metadata.labels[{version}]", labels[version], 'must be "latest" or "v1.x"')
            )
    return Level(name, minor)


def violations(level: Level, metadata: Object, spec: Object) -> list[Violation]:
    """Everything that a Pod does against a level."""
    if level.name == "privileged":
        return []
    replaced: list[str] = []
    restricted: list[Check] = []
    if level.name == "restricted":
        restricted = [check for check in podsecurity_restricted.CHECKS if check.since <= level.minor]
        replaced = [check.replaces for check in restricted]
    baseline = [check for check in podsecurity_baseline.CHECKS if check.since <= level.minor]
    baseline = [check for check in baseline if check.name not in replaced]
    found = (check.run(Pod(metadata, spec, level.minor)) for check in (*baseline, *restricted))
    return [violation for violation in found if violation is not None]


def in_detail(found: Sequence[Violation]) -> str:
    """All violations with their details, for one Pod."""
    return ", ".join(f"{each.reason} ({each.detail})" if each.detail else each.reason for each in found)


def in_short(found: Sequence[Violation]) -> str:
    """All violations without details, for many Pods."""
    return ", ".join(each.reason for each in found)

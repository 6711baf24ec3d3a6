"""The table of all commands, and the order in which kubectl knows them (suggestions follow it)."""

from __future__ import annotations

from . import (
    apply,
    auth,
    create,
    delete,
    describe,
    drain,
    events,
    explain,
    get,
    info,
    label,
    logs,
    nodes,
    patch,
    rollout,
    run,
    scale,
    set_image,
    waiting,
)
from .command import Command

#: Verbs of the real kubectl that are refused here with a sentence.
LEFT_OUT = (
    "attach", "autoscale", "certificate", "completion", "config", "cp", "debug", "diff", "edit", "exec",
    "kustomize", "plugin", "port-forward", "proxy", "top",
)  # fmt: skip

COMMANDS: tuple[Command, ...] = (
    *create.COMMANDS, *run.COMMANDS, *set_image.COMMANDS, *explain.COMMANDS, *get.COMMANDS, *delete.COMMANDS,
    *rollout.COMMANDS, *scale.COMMANDS, *info.COMMANDS, *nodes.COMMANDS, *drain.COMMANDS, *describe.COMMANDS,
    *logs.COMMANDS, *events.COMMANDS, *apply.COMMANDS, *patch.COMMANDS, *waiting.COMMANDS, *label.COMMANDS,
    *auth.COMMANDS,
)  # fmt: skip

#: Words that only lead to other words: their help, and what may follow.
GROUPS: dict[str, tuple[str, ...]] = {
    "auth": ("Inspect authorization.",),
    "create": ("Create a resource from a file or from stdin.", "service", "secret"),
    "rollout": ("Manage the rollout of one or many resources.",),
    "set": ("Configure application resources.",),
}

ORDER = (
    "create", "expose", "run", "set", "explain", "get", "edit", "delete", "rollout", "scale", "autoscale",
    "certificate", "cluster-info", "top", "cordon", "uncordon", "drain", "taint", "describe", "logs", "attach", "exec",
    "port-forward", "proxy", "cp", "auth", "debug", "events", "diff", "apply", "patch", "replace", "wait", "kustomize",
    "label", "annotate", "completion", "api-resources", "api-versions", "config", "plugin", "version", "options",
)  # fmt: skip

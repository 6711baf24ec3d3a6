"""The query and path parameters of operations.

Upstream: ``CreateOptions``, ``UpdateOptions``, ``PatchOptions``, ``DeleteOptions``, ``ListOptions`` in
``apimachinery/pkg/apis/meta/v1/types.go``, ``PodLogOptions`` and its like in ``api/core/v1/types.go``.
"""

from __future__ import annotations

from typing import Any

#: Name to type and what it asks for.
_QUERY: dict[str, tuple[str, str]] = {
    "allowWatchBookmarks": ("boolean", "Send bookmarks, too, which say how far the watch has come."),
    "command": ("string", "The command to run, with its arguments."),
    "container": ("string", "The container that is meant; not needed when the Pod has one."),
    "continue": ("string", "The token of the page before, to go on from there."),
    "dryRun": ("string", "With All, everything is done but the storing."),
    "fieldManager": ("string", "Who owns the fields that this request sets."),
    "fieldSelector": ("string", "Only objects whose fields match."),
    "fieldValidation": ("string", "What happens to unknown and duplicate fields: Ignore, Warn or Strict."),
    "follow": ("boolean", "Go on sending what is written."),
    "force": ("boolean", "Take over fields that others own; for apply only."),
    "gracePeriodSeconds": ("integer", "How long the object may take to end; 0 is at once."),
    "ignoreStoreReadErrorWithClusterBreakingPotential": ("boolean", "Delete even what cannot be read."),
    "insecureSkipTLSVerifyBackend": ("boolean", "Do not check the certificate of the kubelet."),
    "labelSelector": ("string", "Only objects whose labels match."),
    "limit": ("integer", "How many objects one page holds at most."),
    "limitBytes": ("integer", "How many bytes of the log are sent at most."),
    "orphanDependents": ("boolean", "An older way to say propagationPolicy."),
    "path": ("string", "The path to ask for behind the proxy."),
    "ports": ("integer", "The ports to forward."),
    "pretty": ("string", "With true, the answer is written with line breaks."),
    "previous": ("boolean", "The log of the container's life before this one."),
    "propagationPolicy": ("string", "What becomes of dependents: Orphan, Background or Foreground."),
    "resourceVersion": ("string", "Which version of the data the answer may show."),
    "resourceVersionMatch": ("string", "How resourceVersion is meant: Exact or NotOlderThan."),
    "sendInitialEvents": ("boolean", "Begin the watch with what is there, and mark its end with a bookmark."),
    "sinceSeconds": ("integer", "Only what was written in the last seconds."),
    "stderr": ("boolean", "Connect the standard error stream."),
    "stdin": ("boolean", "Connect the standard input stream."),
    "stdout": ("boolean", "Connect the standard output stream."),
    "stream": ("string", "Which stream of the log: All, Stdout or Stderr."),
    "tailLines": ("integer", "Only the last lines."),
    "timeoutSeconds": ("integer", "After how long the server ends the call."),
    "timestamps": ("boolean", "Begin every line with its time."),
    "tty": ("boolean", "Give the command a terminal."),
    "watch": ("boolean", "Stay connected and tell of changes."),
}
_PATH: dict[str, str] = {
    "name": "The name of the object.",
    "namespace": "The namespace of the object.",
    "path": "The path to ask for behind the proxy.",
}

WRITE = ("dryRun", "fieldManager", "fieldValidation")
PATCH = (*WRITE, "force")
DELETE = (
    "dryRun", "gracePeriodSeconds", "ignoreStoreReadErrorWithClusterBreakingPotential", "orphanDependents",
    "propagationPolicy",
)  # fmt: skip
_SELECT = ("continue", "fieldSelector", "labelSelector", "limit", "resourceVersion", "resourceVersionMatch",
           "sendInitialEvents", "timeoutSeconds")  # fmt: skip
LIST = tuple(sorted((*_SELECT, "allowWatchBookmarks", "watch")))
DELETE_ALL = tuple(sorted((*_SELECT, *DELETE)))
LOG = (
    "container", "follow", "insecureSkipTLSVerifyBackend", "limitBytes", "previous", "sinceSeconds", "stream",
    "tailLines", "timestamps",
)  # fmt: skip
_STREAMS = ("container", "stderr", "stdin", "stdout", "tty")
#: Of connections all methods take the same.
CONNECT = {"attach": _STREAMS, "exec": ("command", *_STREAMS), "portforward": ("ports",), "proxy": ("path",)}


def rendered(name: str, template: str) -> dict[str, Any]:
    """One parameter as OpenAPI v3 has it; it stands in the path when `template` names it."""
    if f"{{{name}}}" in template:
        schema = {"type": "string", "uniqueItems": True}
        return {"description": _PATH[name], "in": "path", "name": name, "required": True, "schema": schema}
    kind, description = _QUERY[name]
    schema = {"type": kind, "uniqueItems": True}
    return {"description": description, "in": "query", "name": name, "schema": schema}

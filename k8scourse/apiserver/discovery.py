"""What the server serves, as clients discover it: documents made from the registry of kinds.

Upstream: ``apiserver/pkg/endpoints/discovery``; https://kubernetes.io/docs/concepts/overview/kubernetes-api/
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import Any

from k8scourse.api import kinds
from k8scourse.api.custom_kinds import CustomKind
from k8scourse.api.kinds import Kind

VERSION = {
    "major": "1",
    "minor": "36",
    "emulationMajor": "1",
    "emulationMinor": "36",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "35",
    "gitVersion": "v1.36.2",
    "gitCommit": "",
    "gitTreeState": "clean",
    "buildDate": "2026-01-01T00:00:00Z",
    "goVersion": "",
    "compiler": "CPython",
    "platform": "k8scourse",
}
SERVER_ADDRESS = "10.0.0.10:6443"
_OBJECT_VERBS = ("get", "patch", "update")
_SUBRESOURCE_KINDS: dict[str, tuple[str, str, str]] = {
    "scale": ("autoscaling", "v1", "Scale"),
    "eviction": ("policy", "v1", "Eviction"),
    "binding": ("", "", "Binding"),
    "token": ("authentication.k8s.io", "v1", "TokenRequest"),
}
#: Subresources that are connections: their bodies are options, called after their owners.
_CONNECTIONS = {"attach": "AttachOptions", "exec": "ExecOptions", "portforward": "PortForwardOptions",
                "proxy": "ProxyOptions"}  # fmt: skip
_SUBRESOURCE_VERBS = {
    "binding": ("create",),
    "eviction": ("create",),
    "finalize": ("update",),
    "log": ("get",),
    "token": ("create",),
    "attach": ("create", "get"),
    "exec": ("create", "get"),
    "portforward": ("create", "get"),
    "proxy": ("create", "delete", "get", "patch", "update"),
}


def document(path: str, accept: str, custom: Sequence[CustomKind] = ()) -> Any:
    """The discovery document of a path, None when the path is not discovery. `custom`: the kinds users defined."""
    parts = [part for part in path.split("/") if part]
    found = Served([*kinds.ALL, *custom])
    if parts in (["api"], ["apis"]) and "APIGroupDiscoveryList" in accept:
        return found.aggregated(parts[0])
    if parts == ["api"]:
        return api_versions()
    if parts == ["apis"]:
        groups = [found.group(group) for group in found.groups]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
    if parts[:1] == ["apis"] and len(parts) == 2 and parts[1] in found.groups:
        return {"kind": "APIGroup", "apiVersion": "v1", **found.group(parts[1])}
    group_version = ("", parts[1]) if parts[:1] == ["api"] and len(parts) == 2 else tuple(parts[1:])
    if group_version in found.versions and parts[:1] in (["api"], ["apis"]):
        return found.resource_list(*group_version)
    return None


def api_versions() -> dict[str, Any]:
    """/api: the versions of the core group."""
    return {
        "kind": "APIVersions",
        "versions": ["v1"],
        "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": SERVER_ADDRESS}],
    }


class Served:
    """What a server serves, in the order of its kinds."""

    def __init__(self, served: Sequence[Kind]) -> None:
        self._kinds = served
        self.groups = list(dict.fromkeys(kind.group for kind in served if kind.group))
        self.versions = list(dict.fromkeys((kind.group, kind.version) for kind in served))

    def of(self, group: str, version: str) -> list[Kind]:
        """The kinds of a group version."""
        return [kind for kind in self._kinds if (kind.group, kind.version) == (group, version)]

    def group(self, group: str) -> dict[str, Any]:
        """A group and its versions."""
        versions = [
            {"groupVersion": f"{group}/{version}", "version": version}
            for name, version in self.versions
            if name == group
        ]
        return {"name": group, "versions": versions, "preferredVersion": versions[0]}

    def resource_list(self, group: str, version: str) -> dict[str, Any]:
        """The resources of a group version, each followed by its subresources."""
        rows: list[dict[str, Any]] = []
        for kind in sorted(self.of(group, version), key=lambda kind: kind.plural):
            rows.append(_resource(kind))
            rows += [_subresource(kind, name) for name in _parts(kind)]
        name = f"{group}/{version}" if group else version
        document: dict[str, Any] = {"kind": "APIResourceList", "groupVersion": name, "resources": rows}
        return {**document, "apiVersion": "v1"} if group else document

    def aggregated(self, root: str) -> dict[str, Any]:
        """All of /api or /apis in one document (APIGroupDiscoveryList v2)."""
        groups = [""] if root == "api" else self.groups
        items = [self._aggregated_group(group) for group in groups]
        return {
            "kind": "APIGroupDiscoveryList",
            "apiVersion": "apidiscovery.k8s.io/v2",
            "metadata": {},
            "items": items,
        }

    def _aggregated_group(self, group: str) -> dict[str, Any]:
        versions = []
        for name, version in self.versions:
            if name == group:
                resources = [_aggregated_resource(kind) for kind in self.of(group, version)]
                versions.append({"version": version, "resources": resources, "freshness": "Current"})
        metadata = {"name": group, "creationTimestamp": None} if group else {"creationTimestamp": None}
        return {"metadata": metadata, "versions": versions}


def _parts(kind: Kind) -> list[str]:
    """The subresources; a definition's keep their own order."""
    return list(kind.subresources) if isinstance(kind, CustomKind) else sorted(kind.subresources)


def _resource(kind: Kind) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": kind.plural,
        "singularName": kind.singular,
        "namespaced": kind.namespaced,
        "kind": kind.kind,
        "verbs": list(kind.verbs),
    }
    if kind.short_names:
        row["shortNames"] = list(kind.short_names)
    if kind.categories:
        row["categories"] = list(kind.categories)
    if kind.stored:
        row["storageVersionHash"] = _storage_hash(kind)
    return row


def _storage_hash(kind: Kind) -> str:
    """Upstream's hash of the version in which objects are stored (discovery/storageversionhash.go)."""
    text = f"{kind.group}/{kind.version}/{kind.kind}" if kind.group else f"/{kind.version}/{kind.kind}"
    return base64.b64encode(hashlib.sha256(text.encode()).digest()[:8]).decode()


def _subresource(kind: Kind, name: str) -> dict[str, Any]:
    body = f"{kind.kind}{_CONNECTIONS[name]}" if name in _CONNECTIONS else kind.kind
    group, version, body = _SUBRESOURCE_KINDS.get(name, ("", "", body))
    row: dict[str, Any] = {"name": f"{kind.plural}/{name}", "singularName": "", "namespaced": kind.namespaced}
    if group:
        row |= {"group": group, "version": version}
    return {**row, "kind": body, "verbs": list(_SUBRESOURCE_VERBS.get(name, _OBJECT_VERBS))}


def _aggregated_resource(kind: Kind) -> dict[str, Any]:
    row = _resource(kind)
    found: dict[str, Any] = {
        "resource": kind.plural,
        "responseKind": {"group": kind.group, "version": kind.version, "kind": kind.kind},
        "scope": "Namespaced" if kind.namespaced else "Cluster",
        "singularResource": kind.singular,
        "verbs": row["verbs"],
    }
    for field in ("shortNames", "categories"):
        if field in row:
            found[field] = row[field]
    parts = [_aggregated_subresource(kind, name) for name in _parts(kind)]
    return {**found, "subresources": parts} if parts else found


def _aggregated_subresource(kind: Kind, name: str) -> dict[str, Any]:
    row = _subresource(kind, name)
    group, version = row.get("group", kind.group), row.get("version", kind.version)
    body = {"group": group, "version": version, "kind": row["kind"]}
    return {"subresource": name, "responseKind": body, "verbs": row["verbs"]}

"""What the server serves, as clients discover it: documents made from the registry of kinds.

Upstream: ``apiserver/pkg/endpoints/discovery``; https://kubernetes.io/docs/concepts/overview/kubernetes-api/
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from k8scourse.api import kinds
from k8scourse.api.kinds import Kind
from k8scourse.apiserver.routes import GROUPS, SERVED_SUBRESOURCES, VERSIONS

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
}
_SUBRESOURCE_VERBS = {
    "binding": ("create",),
    "eviction": ("create",),
    "finalize": ("update",),
    "log": ("get",),
}


def document(path: str, accept: str) -> Any:
    """The discovery document of a path, None when the path is not discovery."""
    parts = [part for part in path.split("/") if part]
    if parts in (["api"], ["apis"]) and "APIGroupDiscoveryList" in accept:
        return aggregated(parts[0])
    if parts == ["api"]:
        return api_versions()
    if parts == ["apis"]:
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(group) for group in GROUPS]}
    if parts[:1] == ["apis"] and len(parts) == 2 and parts[1] in GROUPS:
        return {"kind": "APIGroup", "apiVersion": "v1", **_group(parts[1])}
    group_version = ("", parts[1]) if parts[:1] == ["api"] and len(parts) == 2 else tuple(parts[1:])
    if group_version in VERSIONS and parts[:1] in (["api"], ["apis"]):
        return resource_list(*group_version)
    return None


def api_versions() -> dict[str, Any]:
    """/api: the versions of the core group."""
    return {
        "kind": "APIVersions",
        "versions": ["v1"],
        "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": SERVER_ADDRESS}],
    }


def _group(group: str) -> dict[str, Any]:
    versions = [
        {"groupVersion": f"{group}/{version}", "version": version}
        for name, version in VERSIONS
        if name == group
    ]
    return {"name": group, "versions": versions, "preferredVersion": versions[0]}


def resource_list(group: str, version: str) -> dict[str, Any]:
    """The resources of a group version, each followed by its subresources."""
    rows: list[dict[str, Any]] = []
    for kind in sorted(_kinds_of(group, version), key=lambda kind: kind.plural):
        rows.append(_resource(kind))
        rows += [
            _subresource(kind, name) for name in sorted(kind.subresources) if name in SERVED_SUBRESOURCES
        ]
    name = f"{group}/{version}" if group else version
    document: dict[str, Any] = {"kind": "APIResourceList", "groupVersion": name, "resources": rows}
    return {**document, "apiVersion": "v1"} if group else document


def _kinds_of(group: str, version: str) -> list[Kind]:
    return [kind for kind in kinds.ALL if (kind.group, kind.version) == (group, version)]


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
    group, version, body = _SUBRESOURCE_KINDS.get(name, ("", "", kind.kind))
    row: dict[str, Any] = {"name": f"{kind.plural}/{name}", "singularName": "", "namespaced": kind.namespaced}
    if group:
        row |= {"group": group, "version": version}
    return {**row, "kind": body, "verbs": list(_SUBRESOURCE_VERBS.get(name, _OBJECT_VERBS))}


def aggregated(root: str) -> dict[str, Any]:
    """All of /api or /apis in one document (APIGroupDiscoveryList v2)."""
    groups = [""] if root == "api" else GROUPS
    items = [_aggregated_group(group) for group in groups]
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": items,
    }


def _aggregated_group(group: str) -> dict[str, Any]:
    versions = []
    for name, version in VERSIONS:
        if name == group:
            resources = [_aggregated_resource(kind) for kind in _kinds_of(group, version)]
            versions.append({"version": version, "resources": resources, "freshness": "Current"})
    metadata = {"name": group, "creationTimestamp": None} if group else {"creationTimestamp": None}
    return {"metadata": metadata, "versions": versions}


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
    parts = [
        _aggregated_subresource(kind, name)
        for name in sorted(kind.subresources)
        if name in SERVED_SUBRESOURCES
    ]
    return {**found, "subresources": parts} if parts else found


def _aggregated_subresource(kind: Kind, name: str) -> dict[str, Any]:
    row = _subresource(kind, name)
    group, version = row.get("group", kind.group), row.get("version", kind.version)
    body = {"group": group, "version": version, "kind": row["kind"]}
    return {"subresource": name, "responseKind": body, "verbs": row["verbs"]}

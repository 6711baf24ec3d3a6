"""What the server serves, as clients discover it: documents made from the registry of kinds.

Upstream: ``apiserver/pkg/endpoints/discovery``; https://kubernetes.io/docs/concepts/overview/kubernetes-api/
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from k8scourse.api import kinds
from k8scourse.api.custom_kinds import CustomKind
from k8scourse.api.kinds import Kind
from k8scourse.apiserver.request import Response

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
#: In which order the real server lists its groups (``pkg/controlplane/apiserver/aggregator.go``: priorities).
_ORDER = (
    "apps", "events.k8s.io", "authentication.k8s.io", "authorization.k8s.io", "autoscaling", "batch",
    "certificates.k8s.io", "networking.k8s.io", "policy", "rbac.authorization.k8s.io", "storage.k8s.io",
    "admissionregistration.k8s.io", "apiextensions.k8s.io", "scheduling.k8s.io", "coordination.k8s.io",
    "node.k8s.io", "discovery.k8s.io", "resource.k8s.io", "flowcontrol.apiserver.k8s.io",
)  # fmt: skip
AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
_OBJECT_VERBS = ("get", "patch", "update")
_SUBRESOURCE_KINDS: dict[str, tuple[str, str, str]] = {
    "scale": ("autoscaling", "v1", "Scale"),
    "eviction": ("policy", "v1", "Eviction"),
    "binding": ("", "", "Binding"),
    "token": ("authentication.k8s.io", "v1", "TokenRequest"),
}
#: Subresources that are connections: their bodies are options, called after their owners.
CONNECTIONS = {"attach": "AttachOptions", "exec": "ExecOptions", "portforward": "PortForwardOptions",
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


def answer(path: str, headers: Mapping[str, str], custom: Sequence[CustomKind] = ()) -> Response | None:
    """The discovery document of a path, None when the path is not discovery. `custom`: the kinds users defined."""
    steps = [step for step in path.split("/") if step]
    given = {name.lower(): value for name, value in headers.items()}
    if steps not in (["api"], ["apis"]):
        found = document(steps, custom)
        return None if found is None else Response(200, found)
    form = _form(given.get("accept", ""))
    if form is None:
        return Response(406, "", {"Vary": "Accept"})
    if not form:
        return Response(200, document(steps, custom), {"Vary": "Accept"})
    found = Served([*kinds.ALL, *custom]).aggregated(steps[0])
    tag = hashlib.sha512(json.dumps(found, separators=(",", ":")).encode()).hexdigest().upper()
    sent = {"Etag": f'"{tag}"', "Vary": "Accept"}
    if tag in given.get("if-none-match", ""):
        return Response(304, "", sent)
    return Response(200, found, {**sent, "Content-Type": AGGREGATED})


def _form(accept: str) -> str | None:
    """What a client wants to see first: "aggregated" or "" (the old documents); None when it reads neither.

    v2beta1 of the aggregated document is gone since 1.33, as upstream.
    """
    if not accept.strip():
        return ""
    for choice in accept.split(","):
        media_type, *parameters = [part.strip() for part in choice.split(";")]
        given = dict(part.partition("=")[::2] for part in parameters)
        if media_type not in ("application/json", "application/yaml", "application/*", "*/*"):
            continue
        if "as" not in given:
            return ""
        if (given["as"], given.get("g"), given.get("v")) == (
            "APIGroupDiscoveryList",
            "apidiscovery.k8s.io",
            "v2",
        ):
            return "aggregated"
    return None


def document(steps: Sequence[str], custom: Sequence[CustomKind] = ()) -> Any:
    """The plain document of a path, given as its steps; None when there is none."""
    found = Served([*kinds.ALL, *custom])
    match list(steps):
        case ["api"]:
            return api_versions()
        case ["apis"]:
            groups = [found.group(group) for group in found.groups]
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
        case ["apis", group] if group in found.groups:
            return {"kind": "APIGroup", "apiVersion": "v1", **found.group(group)}
        case ["api", version] if ("", version) in found.versions:
            return found.resource_list("", version)
        case ["apis", group, version] if group and (group, version) in found.versions:
            return found.resource_list(group, version)
    return None


def api_versions() -> dict[str, Any]:
    """/api: the versions of the core group."""
    return {
        "kind": "APIVersions",
        "versions": ["v1"],
        "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": SERVER_ADDRESS}],
    }


class Served:
    """What a server serves: groups in upstream's order, then those of users by name."""

    def __init__(self, served: Sequence[Kind]) -> None:
        self._kinds = served
        self.groups = sorted(dict.fromkeys(kind.group for kind in served if kind.group), key=_place)
        self.versions = list(dict.fromkeys((kind.group, kind.version) for kind in served))

    def of(self, group: str, version: str) -> list[Kind]:
        """The kinds of a group version, by name."""
        found = [kind for kind in self._kinds if (kind.group, kind.version) == (group, version)]
        return sorted(found, key=lambda kind: kind.plural)

    def group(self, group: str) -> dict[str, Any]:
        """A group and its versions."""
        versions = [
            {"groupVersion": f"{group}/{version}", "version": version} for version in self._versions_of(group)
        ]
        return {"name": group, "versions": versions, "preferredVersion": versions[0]}

    def _versions_of(self, group: str) -> list[str]:
        """The best version first: stable before beta before alpha, then the higher one."""
        return sorted((version for name, version in self.versions if name == group), key=_rank, reverse=True)

    def resource_list(self, group: str, version: str) -> dict[str, Any]:
        """The resources of a group version, each followed by its subresources."""
        rows: list[dict[str, Any]] = []
        for kind in self.of(group, version):
            rows.append(_resource(kind))
            rows += [subresource(kind, name) for name in parts(kind)]
        name = f"{group}/{version}" if group else version
        found: dict[str, Any] = {"kind": "APIResourceList", "groupVersion": name, "resources": rows}
        return {**found, "apiVersion": "v1"} if group else found

    def aggregated(self, root: str) -> dict[str, Any]:
        """All of /api or /apis in one document (APIGroupDiscoveryList v2)."""
        groups = [""] if root == "api" else self.groups
        return {
            "kind": "APIGroupDiscoveryList",
            "apiVersion": "apidiscovery.k8s.io/v2",
            "metadata": {},
            "items": [self._aggregated_group(group) for group in groups],
        }

    def _aggregated_group(self, group: str) -> dict[str, Any]:
        versions = [
            {
                "version": version,
                "resources": [_aggregated_resource(kind) for kind in self.of(group, version)],
                "freshness": "Current",
            }
            for version in self._versions_of(group)
        ]
        return {"metadata": {"name": group} if group else {}, "versions": versions}


def _place(group: str) -> tuple[int, str]:
    return (_ORDER.index(group) if group in _ORDER else len(_ORDER), group)


_VERSION = re.compile(r"v([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?")


def _rank(version: str) -> tuple[int, int, int, str]:
    """How good a version is (``apimachinery/pkg/version/helpers.go``, CompareKubeAwareVersionStrings)."""
    found = _VERSION.fullmatch(version)
    if found is None:
        # Whatever is no Kubernetes version comes last, the first of the alphabet before the others.
        return -1, 0, 0, "".join(chr(0x10FFFF - ord(letter)) for letter in version)
    stage = {None: 2, "beta": 1, "alpha": 0}[found[2]]
    return stage, int(found[1]), int(found[3] or 0), ""


def parts(kind: Kind) -> list[str]:
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
    stored = kinds.EVENT if kind is kinds.EVENT_VIEW else kind
    if stored.stored:
        row["storageVersionHash"] = _storage_hash(stored)
    return row


def _storage_hash(kind: Kind) -> str:
    """Upstream's hash of the version in which objects are stored (discovery/storageversionhash.go)."""
    text = f"{kind.group}/{kind.version}/{kind.kind}" if kind.group else f"/{kind.version}/{kind.kind}"
    return base64.b64encode(hashlib.sha256(text.encode()).digest()[:8]).decode()


def subresource(kind: Kind, name: str) -> dict[str, Any]:
    """The row of one subresource; group and version are there when its body is of another group."""
    body = f"{kind.kind}{CONNECTIONS[name]}" if name in CONNECTIONS else kind.kind
    group, version, body = _SUBRESOURCE_KINDS.get(name, ("", "", body))
    row: dict[str, Any] = {"name": f"{kind.plural}/{name}", "singularName": "", "namespaced": kind.namespaced}
    if group:
        row |= {"group": group, "version": version}
    return {**row, "kind": body, "verbs": list(_SUBRESOURCE_VERBS.get(name, _OBJECT_VERBS))}


def _aggregated_resource(kind: Kind) -> dict[str, Any]:
    row = _resource(kind)
    found: dict[str, Any] = {
        "resource": kind.plural,
        "responseKind": _response_kind(kind, row),
        "scope": "Namespaced" if kind.namespaced else "Cluster",
        "singularResource": kind.singular,
        "verbs": row["verbs"],
    }
    for field in ("shortNames", "categories"):
        if field in row:
            found[field] = row[field]
    inner = [_aggregated_subresource(kind, name) for name in parts(kind)]
    return {**found, "subresources": inner} if inner else found


def _aggregated_subresource(kind: Kind, name: str) -> dict[str, Any]:
    row = subresource(kind, name)
    return {"subresource": name, "responseKind": _response_kind(kind, row), "verbs": row["verbs"]}


def _response_kind(kind: Kind, row: Mapping[str, Any]) -> dict[str, str]:
    """The kind of an answer: built-in resources leave out what is the group version's own, custom ones say it."""
    custom = isinstance(kind, CustomKind)
    group, version = (kind.group, kind.version) if custom else ("", "")
    return {"group": row.get("group", group), "version": row.get("version", version), "kind": row["kind"]}

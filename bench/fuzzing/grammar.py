"""One request: a seed, or something about an object that is there, sent as it is or damaged."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from bench.fuzzing import mutations
from bench.fuzzing.corpus import NAMESPACES, Seed, an_object, collection
from k8scourse.api import kinds
from k8scourse.api.kinds import Kind
from k8scourse.apiserver import Request

JSON_PATCH = "application/json-patch+json"
PATCHES = (
    JSON_PATCH, "application/merge-patch+json", "application/strategic-merge-patch+json",
    "application/apply-patch+yaml",
)  # fmt: skip
TYPES = (
    "",
    "application/json",
    "application/yaml",
    *PATCHES,
    "text/plain",
    ";;",
    "application/json; charset=utf-8",
)
ACCEPTS = (
    "application/json;as=Table;v=v1;g=meta.k8s.io", "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
    "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json", "*/*", "text/html", "x",
    "application/vnd.kubernetes.protobuf", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
    "application/json;as=Table;v=v9;g=x", ",,;=",
)  # fmt: skip
USERS = (
    "admin",
    "admin",
    "admin",
    "admin",
    "admin",
    "admin",
    "viewer",
    "controllers",
    "scheduler",
    "node-1",
    "bad",
    "",
)
QUERIES: dict[str, tuple[str, ...]] = {
    "watch": ("1", "true", "0", "x"),
    "limit": ("1", "2", "0", "-1", "x", "99999999999999999999"),
    "continue": ("", "x", "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJhIn0", "e30"),
    "labelSelector": (
        "a=b",
        "app in (web,x)",
        "!app",
        "a in (",
        "app=web,app!=x",
        "x" * 300,
        "a==b,,",
        "a>1",
        "=,",
    ),
    "fieldSelector": (
        "metadata.name=a",
        "spec.nodeName=",
        "status.phase!=Running",
        "x=y",
        "a",
        "metadata.name=a,b=\\,",
    ),
    "resourceVersion": ("0", "1", "5", "99999999", "-1", "x", "01"),
    "resourceVersionMatch": ("Exact", "NotOlderThan", "x"),
    "sendInitialEvents": ("true", "false", "x"),
    "allowWatchBookmarks": ("true", "x"),
    "timeoutSeconds": ("0", "1", "-1", "x"),
    "dryRun": ("All", "All", "x", ""),
    "fieldManager": ("one", "two", "three", "kubectl", "x" * 129, "a\u0000b", ""),
    "fieldValidation": ("Strict", "Warn", "Ignore", "x"),
    "force": ("true", "false", "x", ""),
    "gracePeriodSeconds": ("0", "5", "-1", "x"),
    "propagationPolicy": ("Foreground", "Background", "Orphan", "x"),
    "orphanDependents": ("true", "x"),
    "pretty": ("true",),
    "includeObject": ("None", "Object", "Metadata", "x"),
    "container": ("c", "x"),
    "tailLines": ("1", "-1", "x"),
    "ignoreStoreReadErrorWithClusterBreakingPotential": ("true", "x"),
    "shardSelector": ("x",),
    "": ("", "x"),
}
HEADERS: dict[str, tuple[str, ...]] = {
    "User-Agent": ("", "kubectl/v1.36", "x" * 300, "é/1", "\u0000", "/"),
    "Impersonate-User": (
        "viewer",
        "",
        "system:serviceaccount:default:default",
        "system:node:node-1",
        "x\u0000",
    ),
    "Impersonate-Group": ("system:masters", "x"),
    "Impersonate-Uid": ("1",),
    "Impersonate-Extra-a": ("b",),
    "content-type": ("application/json", "x"),
    "Audit-ID": ("x",),
    "X": ("",),
}


class Grammar:
    """Makes requests. `objects` are the stored objects (with their kinds), `versions` the last revision."""

    def __init__(self, seeds: Sequence[Seed], rng: Any) -> None:
        self.seeds, self.rng = seeds, rng
        self.parts = [part for seed in seeds for part in _parts(seed.body, 0)][:: max(1, len(seeds) // 900)]
        self.objects: list[tuple[Kind, dict[str, Any]]] = []

    def request(self) -> Request:
        """The next one."""
        rng = self.rng
        way = rng.randrange(10)
        if way < 4 or not self.objects:
            seed = self._of_seed()
        elif way < 9:
            seed = self._about_an_object()
        else:
            kind = rng.choice(kinds.ALL)
            seed = Seed("POST", collection(kind, rng.choice(NAMESPACES)), an_object(kind, rng))
        return self._sent(seed)

    # -- where it comes from -----------------------------------------------------------------------

    def _of_seed(self) -> Seed:
        seed = self.rng.choice(self.seeds)
        path = seed.path
        while "{cap:" in path:
            start, _, rest = path.partition("{cap:")
            path = start + self.rng.choice(("a", "1", "web")) + rest.partition("}")[2]
        return seed._replace(path=path)

    def _about_an_object(self) -> Seed:
        rng = self.rng
        kind, obj = rng.choice(self.objects)
        metadata = obj["metadata"]
        path = f"{collection(kind, metadata.get('namespace', ''))}/{metadata['name']}"
        subresource = rng.choice(("", "", "", *kind.subresources))
        path += f"/{subresource}" if subresource else ""
        method = rng.choice(("PUT", "PUT", "PATCH", "PATCH", "PATCH", "PATCH", "DELETE", "GET", "POST"))
        if method in ("GET", "DELETE"):
            return Seed(method, path if rng.randrange(3) else path.rpartition("/")[0], self._options())
        if method != "PATCH":
            return Seed(method, path, self._maybe_damaged(obj))
        content_type = rng.choice(PATCHES)
        return Seed(method, path, self._patch(kind, obj, content_type), content_type)

    def _options(self) -> Any:
        rng = self.rng
        if rng.randrange(3):
            return None
        options = {
            "gracePeriodSeconds": rng.choice((0, 1, 30, -1)),
            "propagationPolicy": rng.choice(("Orphan", "Foreground", "Background", "x")),
            "preconditions": rng.choice(({}, {"uid": "x"}, {"resourceVersion": "1"})),
            "dryRun": rng.choice((["All"], ["x"], [])),
        }
        return {key: item for key, item in options.items() if rng.randrange(2)}

    def _patch(self, kind: Kind, obj: dict[str, Any], content_type: str) -> Any:
        if content_type == JSON_PATCH:
            return [self._operation(obj) for _ in range(self.rng.choice((0, 1, 1, 2, 3)))]
        part = self._part_of(obj)
        if content_type.startswith("application/apply"):
            bare = {"name": obj["metadata"]["name"]}
            metadata = (
                {**part.get("metadata", {}), **bare} if isinstance(part.get("metadata"), dict) else bare
            )
            metadata.pop("managedFields", None)
            part = {**part, "apiVersion": kind.api_version, "kind": kind.kind, "metadata": metadata}
            return part if self.rng.randrange(4) else json.dumps(part)
        return part

    def _part_of(self, obj: Any) -> dict[str, Any]:
        """Some of the object's fields, some of them damaged."""
        rng = self.rng
        kept: dict[str, Any] = {}
        for key, item in obj.items():
            if rng.randrange(3) == 0:
                continue
            if isinstance(item, dict) and rng.randrange(3):
                kept[key] = self._part_of(item)
            elif isinstance(item, list) and item and isinstance(item[0], dict) and rng.randrange(2):
                kept[key] = [self._part_of(one) if isinstance(one, dict) else one for one in item]
                if rng.randrange(4) == 0:
                    kept[key].append({"$patch": rng.choice(("delete", "replace", "merge", "x")), **item[0]})
                if rng.randrange(4) == 0:
                    kept[f"$setElementOrder/{key}"] = item[::-1]
            else:
                kept[key] = item if rng.randrange(3) else mutations.damaged(rng, item, self.parts)
        if rng.randrange(12) == 0:
            kept["$patch"] = rng.choice(("delete", "replace", "merge", "x", 1))
        if rng.randrange(12) == 0:
            kept["$retainKeys"] = rng.choice((list(kept), [], "x", [1]))
        return kept

    def _operation(self, obj: Any) -> Any:
        rng = self.rng
        operation: dict[str, Any] = {
            "op": rng.choice(("add", "add", "replace", "remove", "move", "copy", "test", "x")),
            "path": self._pointer(obj),
        }
        if operation["op"] in ("move", "copy"):
            operation["from"] = self._pointer(obj)
        elif operation["op"] != "remove":
            operation["value"] = mutations.value(rng) if rng.randrange(2) else rng.choice(self.parts)
        return operation if rng.randrange(12) else mutations.damaged(rng, operation)

    def _pointer(self, value: Any) -> str:
        rng, pointer = self.rng, ""
        while isinstance(value, (dict, list)) and value and rng.randrange(5):
            keys = sorted(value) if isinstance(value, dict) else [*range(len(value))]
            key = rng.choice(keys)
            value = value[key]
            pointer += "/" + str(key).replace("~", "~0").replace("/", "~1")
        return pointer + rng.choice(("", "", "", "/-", "/0", "/-1", "/x", "/", "/99", "~", "/~2"))

    # -- how it is sent ------------------------------------------------------------------------------

    def _maybe_damaged(self, body: Any) -> Any:
        for _ in range(self.rng.choice((0, 0, 0, 0, 1, 1, 2, 4))):
            body = mutations.damaged(self.rng, body, self.parts)
        return body

    def _sent(self, seed: Seed) -> Request:
        rng = self.rng
        body = self._maybe_damaged(seed.body) if seed.body is not None else None
        path = seed.path if rng.randrange(20) else mutations.path(rng, seed.path)
        method = (
            seed.method
            if rng.randrange(30)
            else rng.choice(("GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "X"))
        )
        headers = {"Content-Type": seed.content_type or "application/json"}
        if rng.randrange(25) == 0:
            headers["Content-Type"] = rng.choice(TYPES)
        user = rng.choice(USERS) if rng.randrange(8) == 0 else "admin"
        if user:
            headers["Authorization"] = f"Bearer {user}"
        if rng.randrange(6) == 0:
            headers["Accept"] = rng.choice(ACCEPTS)
        if rng.randrange(12) == 0:
            name = rng.choice(sorted(HEADERS))
            headers[name] = rng.choice(HEADERS[name])
        if rng.randrange(10) == 0:
            body = mutations.raw(rng, body)
        return Request(method, path, self._query(headers), headers, body, "fuzz")

    def _query(self, headers: dict[str, str]) -> dict[str, str]:
        rng = self.rng
        query = {}
        if "apply" in headers["Content-Type"] and rng.randrange(8):
            query["fieldManager"] = rng.choice(("one", "two", "kubectl"))
        for _ in range(rng.choice((0, 0, 0, 0, 1, 2))):
            name = rng.choice(sorted(QUERIES))
            query[name] = rng.choice(QUERIES[name]) if rng.randrange(8) else rng.choice(mutations.STRINGS)
        return query


def _parts(value: Any, depth: int) -> list[Any]:
    """The values inside a body, to be put elsewhere."""
    if depth > 6 or not isinstance(value, (dict, list)):
        return [value]
    items = value.values() if isinstance(value, dict) else value
    return [value, *(part for item in items for part in _parts(item, depth + 1))]

"""Files made of other objects: keys of ConfigMaps and Secrets, fields of the Pod, tokens.

Upstream: ``validateKeyToPath``, ``validateDownwardAPIVolumeFile``, ``validateProjectionSources`` in
``pkg/apis/core/validation/validation.go``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import forbidden, invalid, required
from k8scourse.api.validating import environment, paths

Object = dict[str, Any]
_SHORTEST_TOKEN, _LONGEST_TOKEN = 600, 1 << 32


def key_paths(source: Object, path: str) -> Iterator[Cause]:
    """Which keys become which files."""
    for index, item in enumerate(source.get("items") or ()):
        where = f"{path}.items[{index}]"
        for field in ("key", "path"):
            if not item.get(field):
                yield required(f"{where}.{field}")
        yield from paths.not_reserved(item.get("path", ""), f"{where}.path")
        yield from paths.file_mode(item.get("mode"), f"{where}.mode")


def downward_file(file: Object, path: str) -> Iterator[Cause]:
    """One file with a field of the Pod in it; upstream's paths do not say which of the files it is."""
    if not file.get("path"):
        yield required(f"{path}.path")
    yield from paths.not_reserved(file.get("path", ""), f"{path}.path")
    field, resource = file.get("fieldRef"), file.get("resourceFieldRef")
    if field is not None:
        yield from environment.field_reference(field, f"{path}.fieldRef", environment.FILE_FIELDS)
        if resource is not None:
            yield invalid(
                path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously"
            )
    elif resource is not None:
        yield from environment.resource_reference(resource, f"{path}.resourceFieldRef", volume=True)
    else:
        yield required(path, "one of fieldRef and resourceFieldRef is required")
    yield from paths.file_mode(file.get("mode"), f"{path}.mode")


def sources(projected: Object, path: str) -> Iterator[Cause]:
    """The sources of a projected volume, whose files must not fall on each other."""
    seen: list[str] = []
    for index, source in enumerate(projected.get("sources") or ()):
        where = f"{path}.sources[{index}]"
        for field in ("secret", "configMap"):
            if source.get(field) is not None:
                yield from _named(source[field], f"{where}.{field}", path, seen)
        for file in (source.get("downwardAPI") or {}).get("items") or ():
            yield from downward_file(file, f"{where}.downwardAPI")
            yield from _unique(file.get("path", ""), file.get("path", ""), path, seen)
        if source.get("serviceAccountToken") is not None:
            yield from _token(source["serviceAccountToken"], f"{where}.serviceAccountToken", path)
        if sum(value is not None for value in source.values()) > 1:
            yield forbidden(where, "may not specify more than 1 volume type per source")


def _named(source: Object, path: str, volume: str, seen: list[str]) -> Iterator[Cause]:
    if not source.get("name"):
        yield required(f"{path}.name")
    yield from key_paths(source, path)
    for item in source.get("items") or ():
        yield from _unique(item.get("path", ""), source.get("name", ""), volume, seen)


def _unique(file: str, shown: str, path: str, seen: list[str]) -> Iterator[Cause]:
    if file and file in seen:
        yield invalid(path, shown, "conflicting duplicate paths")
    elif file:
        seen.append(file)


def _token(token: Object, path: str, volume: str) -> Iterator[Cause]:
    seconds = token.get("expirationSeconds", 0)
    if seconds < _SHORTEST_TOKEN:
        yield invalid(f"{path}.expirationSeconds", seconds, "may not specify a duration less than 10 minutes")
    if seconds > _LONGEST_TOKEN:
        yield invalid(
            f"{path}.expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds"
        )
    if not token.get("path"):
        yield required(f"{volume}.path")
    else:
        yield from paths.not_reserved(token["path"], f"{volume}.path")

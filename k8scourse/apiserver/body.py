"""From what arrived to a JSON value: media types, JSON and YAML, and their error messages.

Upstream: ``apiserver/pkg/endpoints/handlers/negotiation``, ``rest.go`` (limitedReadBody),
``apimachinery/pkg/runtime/serializer/json``.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

import yaml

from k8scourse.api import doubled
from k8scourse.api.doubled import Doubled
from k8scourse.api.errors import BadRequest, TooLarge, UnsupportedMediaType
from k8scourse.api.explaining import json_word
from k8scourse.api.go_json import go_json_error
from k8scourse.api.values import FrozenDict, FrozenList
from k8scourse.apiserver.request import Request

LIMIT_BYTES = 3 * 1024 * 1024
MAXIMUM_DEPTH = 200
MAXIMUM_PARTS = 200_000
OPTIONS = "DeleteOptions"
_SUMMARY = 30
_NO_KIND = "couldn't get version/kind"
_TYPE_META = (
    r'struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }'
)
_ACCEPTED = "application/json, application/yaml, application/vnd.kubernetes.protobuf"


def content_type(request: Request) -> str:
    """The media type of the body without its parameters, "" when it is missing."""
    text = request.headers.get("Content-Type") or request.headers.get("content-type") or ""
    return text.partition(";")[0].strip().lower()


def value_of(request: Request, wanted: str = "Object") -> Any:
    """The JSON value of a body that is an object of the kind `wanted`; options may be missing.

    Raises 400, 413 or 415, with upstream's words (`transformDecodeError`, `summarizeData`).
    """
    kind = content_type(request)
    if kind not in ("", "application/json", "application/yaml", "application/x-yaml"):
        raise UnsupportedMediaType(
            f"the body of the request was in an unknown format - accepted media types include: {_ACCEPTED}"
        )
    if not isinstance(request.body, (bytes, bytearray, str)):
        return _checked_depth(request.body)
    text = text_of(request.body)
    if wanted == OPTIONS and not text.strip():
        return None
    try:
        value = _read_yaml(text) if "yaml" in kind else _read_json(text)
    except _Unreadable as error:
        detail = f"the object provided is unrecognized (must be of type {wanted}): {error} ({_summary(text)})"
        raise BadRequest(detail) from None
    return _checked_depth(value)


class _Unreadable(Exception):
    """A body whose kind cannot even be told."""


def _read_json(text: str) -> Any:
    try:
        value = doubled.parse(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        problem = "unexpected end of JSON input" if not text.strip() else json_error(text, error)
        raise _Unreadable(f"{_NO_KIND}; json parse error: {problem}") from None
    return _told(value)


def _read_yaml(text: str) -> Any:
    try:
        value = _yaml_value(text)
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError) as error:
        raise _Unreadable(f"error converting YAML to JSON: yaml: {_yaml_problem(error)}") from None
    return _told(value)


def _told(value: Any) -> Any:
    """A value that can be asked for its version and kind; null is an object with nothing in it."""
    if value is None:
        return {}
    problem = ""
    if not isinstance(value, dict):
        problem = f"{json_word(value)} into Go value of type {_TYPE_META}"
    else:
        for field in ("apiVersion", "kind"):
            if not isinstance(value.get(field), str | None):
                problem = problem or f"{json_word(value[field])} into Go struct field .{field} of type string"
    if problem:
        raise _Unreadable(f"{_NO_KIND}; json parse error: json: cannot unmarshal {problem}")
    return value


def _summary(text: str) -> str:
    """The beginning of a body, in letters or in numbers."""
    if not text:
        return "<empty>"
    raw = text.encode("utf-8", "replace")
    start = raw[:_SUMMARY].decode("utf-8", "replace") if text[0] == "{" else raw[:_SUMMARY].hex()
    return f"{start} ..." if len(raw) > _SUMMARY else start


def patch_of(request: Request) -> Any:
    """The JSON value of a body that is a patch. Raises 400 or 413."""
    if not isinstance(request.body, (bytes, bytearray, str)):
        return _checked_depth(request.body)
    text = text_of(request.body)
    try:
        return _checked_depth(doubled.parse(text, parse_constant=_no_constant))
    except (ValueError, RecursionError) as error:
        prefix = "" if "strategic" in content_type(request) else "error decoding patch: "
        raise BadRequest(prefix + json_error(text, error)) from None


def yaml_of(request: Request) -> Any:
    """The JSON value of a body that is applied: YAML, of which JSON is a part. Raises 400 or 413."""
    if not isinstance(request.body, (bytes, bytearray, str)):
        return _checked_depth(request.body)
    try:
        return _checked_depth(_yaml_value(text_of(request.body)))
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError) as error:
        why = f"error converting YAML to JSON: yaml: {_yaml_problem(error)}"
        raise BadRequest(f"error decoding YAML: {why}") from None


def _yaml_problem(error: Exception) -> str:
    """What is wrong and in which line, as Go's parser says it (go-yaml, decode.go)."""
    problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
    words = next((go for start, go in _GO_YAML if problem.startswith(start)), problem)
    marks = [getattr(error, name, None) for name in ("context_mark", "problem_mark")]
    line = next((mark.line for mark in marks if mark is not None and mark.line), 0)
    # Go counts from one when the scanner complains, and from zero when the parser does.
    if line and isinstance(error, yaml.scanner.ScannerError):
        line += 1
    return f"line {line}: {words}" if line else words


# What Python's parser says differently, by its beginning.
_GO_YAML = (
    ("mapping values are not allowed", "mapping values are not allowed in this context"),
    ("expected the node content", "did not find expected node content"),
    ("expected <block end>", "did not find expected key"),
    ("expected ',' or '}'", "did not find expected ',' or '}'"),
    ("expected ',' or ']'", "did not find expected ',' or ']'"),
    ("expected '<document start>'", "did not find expected <document start>"),
    ("found character", "found character that cannot start any token"),
)


def text_of(body: bytes | bytearray | str) -> str:
    """The text of a body. Raises 413 above 3 MiB; what is no UTF-8 becomes the replacement character."""
    if len(body) > LIMIT_BYTES:
        raise TooLarge(f"Request entity too large: limit is {LIMIT_BYTES}")
    if not isinstance(body, str):
        return bytes(body).decode("utf-8", "replace")
    return body if body.isascii() or is_whole(body) else str(_whole_letters(body))


def _whole_letters(value: Any) -> Any:
    """The value with U+FFFD for each half of a letter: JSON can say "\\ud800", and no text can hold it."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_whole_letters(key): _whole_letters(item) for key, item in value.items()}
    return [_whole_letters(item) for item in value] if isinstance(value, list) else value


def is_whole(text: str) -> bool:
    """Whether a text can be sent: Python's may hold half of a letter, which no encoding has."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def json_error(text: str, error: BaseException) -> str:
    """Go's words for a JSON text that does not parse."""
    return (
        go_json_error(text, error.pos, error.msg)
        if isinstance(error, json.JSONDecodeError)
        else _deeper(error)
    )


def _deeper(error: BaseException) -> str:
    return "exceeded max depth" if isinstance(error, RecursionError) else f"invalid character in {error}"


def _no_constant(text: str) -> Any:
    raise ValueError(f"literal {text}")


class _JsonLoader(yaml.SafeLoader):
    """YAML as Kubernetes reads it: only what JSON can say. A date stays the text that it is, a key becomes text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping whose keys 80 and true are "80" and "true" (sigs.k8s.io/yaml, convertToJSONableObject)."""
        mapping = super().construct_mapping(node, deep)
        found = {_key_text(key): value for key, value in mapping.items()}
        # YAML becomes JSON before it is read, and Go writes the keys of a map in order.
        return {key: found[key] for key in sorted(found, key=str)}


def _yaml_value(text: str) -> Any:
    """The value of a YAML text, with a `Doubled` root when a mapping within has a key twice."""
    loader = _JsonLoader(text)
    node = loader.get_single_node()
    if node is None:
        return None
    value = loader.construct_document(node)
    lines = list(_doubled_keys(node, set()))
    return Doubled(value, lines=lines) if lines and isinstance(value, dict) else value


def _doubled_keys(node: yaml.Node, seen: set[int]) -> Iterator[str]:
    """What Go's strict YAML reader complains of, innermost first (goyaml.v2, decode.go, setMapIndex)."""
    if id(node) in seen or isinstance(node, yaml.ScalarNode):
        return
    seen.add(id(node))
    if not isinstance(node, yaml.MappingNode):
        for item in node.value:
            yield from _doubled_keys(item, seen)
        return
    known: dict[Any, bool] = {}
    for key, value in node.value:
        yield from _doubled_keys(value, seen)
        if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
            if key.value in known:
                yield f"line {value.start_mark.line + 1}: key {json.dumps(key.value)} already set in map"
            known[key.value] = True


def _key_text(key: Any) -> Any:
    if isinstance(key, bool):
        return "true" if key else "false"
    return str(key) if isinstance(key, (int, float)) else key


# Go's YAML differs from Python's: no dates, no numbers to the base of 60, "1e3" is a number and "y" is true.
_OWN_RULES = ("timestamp", "int", "float", "bool")
_JsonLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.rpartition(":")[2] not in _OWN_RULES]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_JsonLoader.bool_values = {**yaml.SafeLoader.bool_values, "y": True, "n": False}
_RULES = {
    "bool": (
        r"(?:y|Y|yes|Yes|YES|on|On|ON|true|True|TRUE|n|N|no|No|NO|off|Off|OFF|false|False|FALSE)$",
        "yYnNtTfFoO",
    ),
    "int": (r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]*|[1-9][0-9_]*)$", "-+0123456789"),
    "float": (
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$|[-+]?\.(?:inf|Inf|INF)$|\.(?:nan|NaN|NAN)$",
        "-+.0123456789",
    ),
}
for _tag, (_pattern, _first) in _RULES.items():
    _JsonLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


def _checked_depth(value: Any) -> Any:
    """Refuse what is no JSON or nested beyond reason: everything behind this line may recurse safely."""
    if type(value) in _CHECKED:
        return value
    try:
        _check_item(value, 0, [MAXIMUM_PARTS])
    except _HalfLetter:
        return _whole_letters(value)
    return value


class _HalfLetter(Exception):
    """A text holds half of a letter beyond U+FFFF."""


def _check(value: Any, depth: int, budget: list[int]) -> None:
    budget[0] -= 1
    # YAML aliases can say a billion things in ten lines.
    if depth > MAXIMUM_DEPTH or budget[0] < 0:
        raise BadRequest("json: exceeded max depth")
    if isinstance(value, dict):
        for key in value:
            if type(key) is not str:
                raise BadRequest("json: the keys of an object must be strings")
            if not (key.isascii() or is_whole(key)):
                raise _HalfLetter
        value = value.values()
    elif not isinstance(value, list):
        raise BadRequest(f"json: unsupported type: {type(value).__name__}")
    for item in value:
        _check_item(item, depth + 1, budget)


def _check_item(item: Any, depth: int, budget: list[int]) -> None:
    kind = type(item)
    if kind is str:
        if not (item.isascii() or is_whole(item)):
            raise _HalfLetter
    elif kind is float:
        if not math.isfinite(item):
            raise BadRequest(f"json: unsupported value: {item}")
    elif kind not in _PASSED:
        _check(item, depth, budget)


# What the store gave out has been checked when it came in.
_CHECKED = (FrozenDict, FrozenList)
_PASSED = frozenset((int, bool, type(None), *_CHECKED))

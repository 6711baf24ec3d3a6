"""YAML and JSON as kubectl reads and prints them.

Printing: keys sorted, lists not indented, strings quoted the way the Go library quotes them. Reading: several
documents, the errors in the Go library's words. Upstream: sigs.k8s.io/yaml,
`staging/src/k8s.io/apimachinery/pkg/util/yaml/decoder.go`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

_ESCAPED = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_OLD_BOOLEAN = re.compile(r"(?i)(y|n|yes|no|on|off|true|false|null|~|)")
_NUMBER_LIKE = re.compile(
    r"[-+]?(\.\d+|\d[\d_]*(\.\d*)?)([eE][-+]?\d+)?|[-+]?\d[\d_]*(:[0-5]?\d)+(\.\d*)?|0[xob][\da-fA-F_]+"
)
_TIME_LIKE = re.compile(r"\d{4}-\d\d?-\d\d?([Tt ].*)?")


class ParseError(Exception):
    """The text is not YAML (or JSON); the message is that of the Go library."""


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        """Nobody prints anchors."""
        return True


def _represent_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = None
    if "\n" in text:
        style = "|"
    elif _OLD_BOOLEAN.fullmatch(text) or _NUMBER_LIKE.fullmatch(text) or _TIME_LIKE.fullmatch(text):
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)
_Dumper.add_multi_representer(dict, lambda dumper, value: dumper.represent_dict(value))
_Dumper.add_multi_representer(list, lambda dumper, value: dumper.represent_list(value))


def to_yaml(value: Any) -> str:
    """The YAML of a JSON value."""
    return yaml.dump(value, Dumper=_Dumper, default_flow_style=False, allow_unicode=True, width=10**9)


def to_json(value: Any) -> str:
    """The JSON of `-o json`: four spaces, keys sorted, HTML letters escaped as Go does."""
    return _escape(json.dumps(value, indent=4, sort_keys=True, ensure_ascii=False)) + "\n"


def to_compact_json(value: Any) -> str:
    """JSON on one line, as in the last-applied annotation."""
    return _escape(json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False))


def _escape(text: str) -> str:
    for letter, escape in _ESCAPED.items():
        text = text.replace(letter, escape)
    return text


class _Loader(yaml.SafeLoader):
    """YAML without times (they stay text, as in JSON) and without silently doubled keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping whose keys are all different."""
        seen: dict[Any, int] = {}
        for key_node, _ in node.value:
            if isinstance(key_node, yaml.ScalarNode):
                if key_node.value in seen:
                    what = f'line {key_node.start_mark.line + 1}: key "{key_node.value}" already set in map'
                    raise ParseError(f"yaml: unmarshal errors:\n  {what}")
                seen[key_node.value] = 1
        return super().construct_mapping(node, deep=deep)


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def documents(text: str) -> Iterator[Any]:
    """The documents of a YAML or JSON text, empty ones left out. Raises `ParseError` at the first bad one."""
    for part in re.split(r"(?m)^---[ \t]*(?:#.*)?(?:\n|\Z)|^---[ \t]+", text):
        value = document(part)
        if value is not None:
            yield value


def document(text: str) -> Any:
    """One document as a JSON value; None when it is empty."""
    try:
        return _jsonable(yaml.load(text, Loader=_Loader))
    except yaml.YAMLError as error:
        raise ParseError(f"error converting YAML to JSON: {_in_go_words(error, text)}") from None
    except (ValueError, RecursionError, TypeError) as error:
        raise ParseError(f"error converting YAML to JSON: yaml: {error}") from None
    except ParseError as error:
        raise ParseError(f"error converting YAML to JSON: {error}") from None


def _jsonable(value: Any) -> Any:
    """Keys become text, as JSON wants it."""
    if isinstance(value, dict):
        return {_key(key): _jsonable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_jsonable(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _key(key: Any) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    return str(key)


def _in_go_words(error: yaml.YAMLError, text: str) -> str:
    """PyYAML's finding in the words of the Go library, which descends from the same C library."""
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", None) or error)
    if mark is None:
        return f"yaml: {problem}"
    context_mark = getattr(error, "context_mark", None)
    context = getattr(error, "context", None) or ""
    line = mark.line + 1
    for ours, theirs in _PROBLEMS:
        if ours in problem:
            problem = theirs
            break
    if "flow node" in context:  # the library counts from 0 here, and does not say 0
        return f"yaml: line {mark.line}: {problem}" if mark.line else f"yaml: {problem}"
    if "flow" in context and context_mark is not None:
        line = context_mark.line + 1
    elif mark.line and mark.index >= len(text.rstrip()):
        line = mark.line
    return f"yaml: line {line}: {problem}"


_PROBLEMS = (
    ("expected ',' or ']'", "did not find expected ',' or ']'"),
    ("expected ',' or '}'", "did not find expected ',' or '}'"),
    ("found character '\\t'", "found character that cannot start any token"),
    ("cannot start any token", "found character that cannot start any token"),
    ("mapping values are not allowed", "mapping values are not allowed in this context"),
    ("expected <block end>, but found '-'", "did not find expected '-' indicator"),
    ("expected <block end>", "did not find expected key"),
    ("could not find expected ':'", "could not find expected ':'"),
    ("unexpected end of stream", "found unexpected end of stream"),
    ("expected the node content", "did not find expected node content"),
    ("found undefined alias", "unknown anchor referenced"),
)

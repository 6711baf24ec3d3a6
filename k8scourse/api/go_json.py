"""Go's words for a JSON text that does not parse.

Upstream: Go's ``encoding/json/scanner.go``. Python's parser says where a text goes wrong, and roughly why.
"""

from __future__ import annotations

_END = "unexpected end of JSON input"
_LITERALS = ("null", "true", "false")


def go_json_error(text: str, position: int, message: str) -> str:
    """The error for a text at which Python's parser stopped at a position, with a message of its own."""
    if message.startswith(("Unterminated string", "Unterminated")):
        return _END
    if message.startswith("Illegal trailing comma"):
        position += 1
    inside = message.startswith("Invalid control character")
    while not inside and position < len(text) and text[position] in " \t\r\n":
        position += 1
    if position >= len(text):
        return _END
    return f"invalid character {_quoted(text, position)} {_place(text, position, message)}"


def _quoted(text: str, position: int) -> str:
    """The character, as Go's quoteChar shows it."""
    found = text[position]
    if message_literal := _literal(text, position):
        found = text[position + len(message_literal)]
    return {"'": r"'\''", '"': "'\"'", "\n": r"'\n'", "\t": r"'\t'"}.get(found, f"'{found}'")


def _literal(text: str, position: int) -> str:
    """How much of null, true or false stands here before it goes wrong; "" when no such word begins."""
    for word in _LITERALS:
        if text[position] != word[0]:
            continue
        length = 1
        while length < len(word) and text[position + length : position + length + 1] == word[length]:
            length += 1
        return word[:length] if length < len(word) and position + length < len(text) else ""
    return ""


def _place(text: str, position: int, message: str) -> str:
    begun = _literal(text, position)
    if begun:
        word = next(one for one in _LITERALS if one[0] == begun[0])
        return f"in literal {word} (expecting {word[len(begun)]!r})"
    if message.startswith(("Expecting property name", "Illegal trailing comma before end of object")):
        return "looking for beginning of object key string"
    if message.startswith("Expecting ':'"):
        return "after object key"
    if message.startswith("Expecting ','"):
        return "after array element" if _in_array(text, position) else "after object key:value pair"
    if message.startswith("Extra data"):
        return "after top-level value"
    if message.startswith("Invalid control character"):
        return "in string literal"
    if message.startswith(("Invalid \\escape", "Invalid \\\\escape")):
        return "in string escape code"
    return "looking for beginning of value"


def _in_array(text: str, position: int) -> bool:
    """Whether the innermost bracket that is open at a position is a square one."""
    opened, in_string, index = [], False, 0
    while index < position:
        character = text[index]
        if character == "\\" and in_string:
            index += 1
        elif character == '"':
            in_string = not in_string
        elif not in_string and character in "[{":
            opened.append(character)
        elif not in_string and character in "]}" and opened:
            opened.pop()
        index += 1
    return bool(opened) and opened[-1] == "["

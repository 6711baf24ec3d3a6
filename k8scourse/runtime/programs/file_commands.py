"""Commands that read and write files, and text passing through."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING

from ...sim import SECOND
from .expansion import Delays
from .streams import Streams

if TYPE_CHECKING:
    from .shell import Shell

_MISSING = "No such file or directory"


def _flags(arguments: list[str]) -> tuple[str, list[str]]:
    """The letters after single dashes, and the rest."""
    flags = "".join(text[1:] for text in arguments if text[:1] == "-" and text[1:] and text != "--")
    return flags, [text for text in arguments if text[:1] != "-" or text == "-"]


def _texts(name: str, shell: Shell, names: list[str], streams: Streams) -> Generator[str, None, int]:
    """The contents of files, or of standard input; ends with 1 if one was missing."""
    code = 0
    for file in names or ["-"]:
        path = shell.path(file)
        if file == "-":
            yield streams.input
        elif path in shell.system.files:
            yield shell.system.files[path]
        else:
            why = "read error: Is a directory" if shell.system.files.is_directory(path) else _MISSING
            streams.error.write(f"{name}: can't open '{file}': {why}\n")
            code = 1
    return code


def _over(name: str, shell: Shell, names: list[str], streams: Streams, function: Callable[[str], str]) -> int:
    """Write `function(text)` of each file."""
    texts = _texts(name, shell, names, streams)
    while True:
        try:
            streams.output.write(function(next(texts)))
        except StopIteration as end:
            return int(end.value)


def _cat(shell: Shell, arguments: list[str], streams: Streams) -> int:
    return _over("cat", shell, _flags(arguments)[1], streams, lambda text: text)


def _touch(shell: Shell, arguments: list[str], streams: Streams) -> int:
    for name in _flags(arguments)[1]:
        path = shell.path(name)
        if path not in shell.system.files and not shell.system.files.is_directory(path):
            if not shell.system.files.is_directory(posixpath.dirname(path)):
                streams.error.write(f"touch: {name}: {_MISSING}\n")
                return 1
            shell.system.files[path] = ""
    return 0


def _rm(shell: Shell, arguments: list[str], streams: Streams) -> int:
    flags, names = _flags(arguments)
    code, files = 0, shell.system.files
    for name in names:
        path = shell.path(name)
        below = [file for file in files if file.startswith(path.rstrip("/") + "/")]
        if path in files:
            del files[path]
        elif below and ("r" in flags or "R" in flags):
            for file in below:
                del files[file]
        elif "f" not in flags:
            why = "is a directory" if files.is_directory(path) else None
            streams.error.write(
                f"rm: '{name}' {why}\n" if why else f"rm: can't remove '{name}': {_MISSING}\n"
            )
            code = 1
    return code


def _mkdir(shell: Shell, arguments: list[str], streams: Streams) -> int:
    flags, names = _flags(arguments)
    for name in names:
        path = shell.path(name)
        if "p" not in flags and shell.system.files.is_directory(path):
            streams.error.write(f"mkdir: can't create directory '{name}': File exists\n")
            return 1
        shell.system.files.make_directory(path)
    return 0


def _ls(shell: Shell, arguments: list[str], streams: Streams) -> int:
    for name in _flags(arguments)[1] or ["."]:
        path = shell.path(name)
        if path in shell.system.files:
            streams.output.write(f"{name}\n")
        elif shell.system.files.is_directory(path):
            streams.output.write("".join(f"{entry}\n" for entry in shell.system.files.entries(path)))
        else:
            streams.error.write(f"ls: {name}: {_MISSING}\n")
            return 1
    return 0


def _copy(shell: Shell, arguments: list[str], streams: Streams, *, move: bool = False) -> int:
    _, names = _flags(arguments)
    files = shell.system.files
    if len(names) < 2:
        return 1
    *sources, target = names
    for source in sources:
        path, goal = shell.path(source), shell.path(target)
        if path not in files:
            streams.error.write(f"{'mv' if move else 'cp'}: can't stat '{source}': {_MISSING}\n")
            return 1
        goal = posixpath.join(goal, posixpath.basename(path)) if files.is_directory(goal) else goal
        files[goal] = files[path]
        if move:
            del files[path]
    return 0


def _move(shell: Shell, arguments: list[str], streams: Streams) -> int:
    return _copy(shell, arguments, streams, move=True)


def _count_of(arguments: list[str]) -> tuple[int, bool, list[str]]:
    """`-n 5`, `-n+1`, `-5`: the number, whether it counts from the beginning, the other arguments."""
    rest: list[str] = []
    number = "10"
    waiting = iter(arguments)
    for text in waiting:
        if text in ("-n", "-c"):
            number = next(waiting, "10")
        elif (match := re.fullmatch(r"-n?([+-]?\d+)", text)) is not None:
            number = match[1]
        else:
            rest.append(text)
    digits = number.lstrip("+-")
    return int(digits) if digits.isdigit() else 10, number.startswith("+"), rest


def _head(shell: Shell, arguments: list[str], streams: Streams) -> int:
    amount, _, rest = _count_of(arguments)
    cut = lambda text: "".join(text.splitlines(keepends=True)[:amount])  # noqa: E731
    return _over("head", shell, _flags(rest)[1], streams, cut)


def _tail(shell: Shell, arguments: list[str], streams: Streams) -> int | Delays:
    amount, from_start, rest = _count_of(arguments)
    flags, names = _flags(rest)

    def last(text: str) -> str:
        lines = text.splitlines(keepends=True)
        return "".join(lines[amount - 1 :] if from_start else lines[-amount:] if amount else [])

    if "f" not in flags and "F" not in flags:
        return _over("tail", shell, names, streams, last)
    return _follow(shell, names, streams, last)


def _follow(shell: Shell, names: list[str], streams: Streams, first: Callable[[str], str]) -> Delays:
    """`tail -f`: looks once a second whether the files have grown."""
    seen: dict[str, int] = {}
    while True:
        for name in names:
            text = shell.system.files.get(shell.path(name))
            if name == "/dev/null" or text is None:
                continue
            streams.output.write(text[seen[name] :] if name in seen else first(text))
            seen[name] = len(text)
        yield SECOND


def _grep(shell: Shell, arguments: list[str], streams: Streams) -> int:
    flags, rest = _flags(arguments)
    if not rest:
        return 2
    pattern = re.escape(rest[0]) if "F" in flags else rest[0]
    try:
        search = re.compile(pattern, re.IGNORECASE if "i" in flags else 0).search
    except re.error:
        streams.error.write(f"grep: bad regex '{rest[0]}'\n")
        return 2
    found: list[str] = []

    def matching(text: str) -> str:
        lines = [line for line in text.splitlines() if (search(line) is not None) != ("v" in flags)]
        found.extend(lines)
        if "c" in flags:
            return f"{len(lines)}\n"
        return "" if "q" in flags else "".join(f"{line}\n" for line in lines)

    code = _over("grep", shell, rest[1:], streams, matching)
    return code * 2 or int(not found)


def _wc(shell: Shell, arguments: list[str], streams: Streams) -> int:
    flags, names = _flags(arguments)

    def counts(text: str) -> str:
        numbers = {"l": text.count("\n"), "w": len(text.split()), "c": len(text.encode())}
        return " ".join(str(numbers[flag]) for flag in (flags or "lwc") if flag in numbers) + "\n"

    return _over("wc", shell, names, streams, counts)


def _tee(shell: Shell, arguments: list[str], streams: Streams) -> int:
    flags, names = _flags(arguments)
    for name in names:
        shell.open_file(shell.path(name), append="a" in flags).write(streams.input)
    streams.output.write(streams.input)
    return 0


def _tr(shell: Shell, arguments: list[str], streams: Streams) -> int:
    flags, rest = _flags(arguments)
    table: dict[int, int] | dict[int, int | None]
    if "d" in flags and rest:
        table = str.maketrans("", "", rest[0])
    elif len(rest) == 2:
        table = str.maketrans(
            _range(rest[0]), _range(rest[1]).ljust(len(_range(rest[0])), rest[1][-1:] or " ")
        )
    else:
        return 1
    streams.output.write(streams.input.translate(table))
    return 0


def _range(text: str) -> str:
    text = text.replace("[:lower:]", "a-z").replace("[:upper:]", "A-Z")
    return re.sub(r"(\w)-(\w)", lambda m: "".join(map(chr, range(ord(m[1]), ord(m[2]) + 1))), text)


def _seq(shell: Shell, arguments: list[str], streams: Streams) -> int:
    if not arguments or not all(text.lstrip("-").isdigit() for text in arguments):
        return 1
    numbers = [int(text) for text in arguments]
    first, step, last = (1, 1, numbers[0]) if len(numbers) == 1 else (numbers[0], 1, numbers[1])
    if len(numbers) > 2:
        first, step, last = numbers[0], numbers[1] or 1, numbers[2]
    several = range(first, last + (1 if step > 0 else -1), step)[:100_000]
    streams.output.write("".join(f"{number}\n" for number in several))
    return 0


def _test(shell: Shell, arguments: list[str], streams: Streams) -> int:
    if arguments and arguments[-1] in ("]", "]]"):
        arguments = arguments[:-1]
    for joiner, combine in (("-o", any), ("-a", all)):
        if joiner in arguments:
            at = arguments.index(joiner)
            sides = (arguments[:at], arguments[at + 1 :])
            return int(not combine(_test(shell, side, streams) == 0 for side in sides))
    if arguments[:1] == ["!"]:
        return int(_test(shell, arguments[1:], streams) == 0)
    return int(not _holds(shell, arguments))


def _holds(shell: Shell, words: list[str]) -> bool:
    files = shell.system.files
    match words:
        case ["-f" | "-s" as what, name]:
            return shell.path(name) in files and (what == "-f" or files[shell.path(name)] != "")
        case ["-e" | "-r" | "-w" | "-x", name]:
            return shell.path(name) in files or files.is_directory(shell.path(name))
        case ["-d", name]:
            return files.is_directory(shell.path(name))
        case ["-n", text] | [text]:
            return text != ""
        case ["-z", text]:
            return text == ""
        case [one, "=" | "==", other]:
            return one == other
        case [one, "!=", other]:
            return one != other
        case [one, "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" as how, other]:
            return _compare(one, how, other)
    return False


def _compare(one: str, how: str, other: str) -> bool:
    try:
        difference = int(one) - int(other)
    except ValueError:
        return False
    return {
        "-eq": difference == 0, "-ne": difference != 0, "-lt": difference < 0,
        "-le": difference <= 0, "-gt": difference > 0, "-ge": difference >= 0,
    }[how]  # fmt: skip


def _pwd(shell: Shell, arguments: list[str], streams: Streams) -> int:
    streams.output.write(shell.variables["PWD"] + "\n")
    return 0


def _basename(shell: Shell, arguments: list[str], streams: Streams) -> int:
    streams.output.write(posixpath.basename((arguments or [""])[0].rstrip("/")) + "\n")
    return 0


def _nothing(shell: Shell, arguments: list[str], streams: Streams) -> int:
    """Permissions and owners are not modelled: the change succeeds and has no effect."""
    return 0


FILE_COMMANDS: dict[str, Callable[[Shell, list[str], Streams], int | Delays]] = {
    "cat": _cat, "touch": _touch, "rm": _rm, "mkdir": _mkdir, "ls": _ls, "cp": _copy, "mv": _move, "head": _head,
    "tail": _tail, "grep": _grep, "wc": _wc, "tee": _tee, "tr": _tr, "seq": _seq, "test": _test, "[": _test,
    "[[": _test, "pwd": _pwd, "basename": _basename, "chmod": _nothing, "chown": _nothing, "sync": _nothing,
    "sysctl": _nothing,
}  # fmt: skip

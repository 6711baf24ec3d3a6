"""The commands of the small shell: what busybox has, as far as the Kubernetes documentation uses it.

A command is a function of (shell, arguments, streams). It gives its exit code, or a generator of delays that
ends with it. Messages are busybox'.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from ...api import times
from ...sim import SECOND
from .expansion import FOREVER, Delays
from .file_commands import FILE_COMMANDS
from .network_commands import NETWORK_COMMANDS
from .streams import Streams

if TYPE_CHECKING:
    from .shell import Shell

Command = Callable[["Shell", list[str], Streams], "int | Delays"]
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\", "r": "\r", "a": "\a", "0": "\0", "e": "\x1b"}


def seconds_of(text: str) -> float | None:
    """How long `sleep TEXT` sleeps; None for what it does not understand, infinity for `infinity`."""
    if text in ("infinity", "inf"):
        return float("inf")
    unit = _UNITS.get(text[-1:], 0)
    number = text[:-1] if unit else text
    try:
        amount = float(number) * (unit or 1)
    except ValueError:
        return None
    return amount if 0 <= amount < 1e12 else None


def _sleep(shell: Shell, arguments: list[str], streams: Streams) -> Delays:
    total = 0.0
    for text in arguments:
        amount = seconds_of(text)
        if amount is None:
            streams.error.write(f"sleep: invalid number '{text}'\n")
            return 1
        total += amount
    if not arguments:
        streams.error.write("BusyBox v1.37.0 multi-call binary.\n\nUsage: sleep [N]...\n")
        return 1
    yield FOREVER if total == float("inf") else round(total * SECOND)
    return 0


def _escape(text: str) -> str:
    out, at = [], 0
    while at < len(text):
        if text[at] == "\\" and text[at + 1 : at + 2] in _ESCAPES:
            out.append(_ESCAPES[text[at + 1]])
            at += 2
        else:
            out.append(text[at])
            at += 1
    return "".join(out)


def _echo(shell: Shell, arguments: list[str], streams: Streams) -> int:
    end, escapes = "\n", False
    while arguments and arguments[0][:1] == "-" and arguments[0][1:] and set(arguments[0][1:]) <= set("neE"):
        end = "" if "n" in arguments[0] else end
        escapes = escapes or "e" in arguments[0]
        arguments = arguments[1:]
    text = " ".join(arguments)
    streams.output.write((_escape(text) if escapes else text) + end)
    return 0


def _printf(shell: Shell, arguments: list[str], streams: Streams) -> int:
    if not arguments:
        return 1
    form, values = _escape(arguments[0]), arguments[1:]
    while True:
        out, used, at = [], 0, 0
        while at < len(form):
            if form[at] == "%" and form[at + 1 : at + 2] in ("s", "d", "i", "%"):
                kind = form[at + 1]
                value = values[used] if kind != "%" and used < len(values) else ""
                used += kind != "%"
                out.append("%" if kind == "%" else value if kind == "s" else value or "0")
                at += 2
            else:
                out.append(form[at])
                at += 1
        streams.output.write("".join(out))
        values = values[used:]
        if not values or not used:
            return 0


def _date(shell: Shell, arguments: list[str], streams: Streams) -> int:
    form = next((text[1:] for text in arguments if text.startswith("+")), "%a %b %e %H:%M:%S UTC %Y")
    streams.output.write(_clock(shell.system.now(), form) + "\n")
    return 0


def _clock(now_ns: int, form: str) -> str:
    moment = datetime.fromisoformat(times.format_time(now_ns).replace("Z", "+00:00"))
    form = form.replace("%s", str(int(moment.timestamp()))).replace("%N", f"{now_ns % SECOND:09d}")
    return moment.strftime(form.replace("%e", f"{moment.day:2d}"))


def _export(shell: Shell, arguments: list[str], streams: Streams) -> int:
    for text in arguments:
        name, equals, value = text.partition("=")
        if equals:
            shell.assign(name, value)
        shell.exported[name] = None
    return 0


def _unset(shell: Shell, arguments: list[str], streams: Streams) -> int:
    for name in arguments:
        shell.variables.pop(name, None)
        shell.exported.pop(name, None)
    return 0


def _env(shell: Shell, arguments: list[str], streams: Streams) -> int:
    for name in arguments or [name for name in shell.exported if name in shell.variables]:
        if name not in shell.variables:
            return 1
        value = shell.variables[name]
        streams.output.write(f"{value}\n" if arguments else f"{name}={value}\n")
    return 0


def _set(shell: Shell, arguments: list[str], streams: Streams) -> int:
    for at, text in enumerate(arguments):
        if text == "--":
            shell.arguments = arguments[at + 1 :]
            break
        if text[:1] in "-+" and "e" in text:
            shell.stop_on_error = text[0] == "-"
    return 0


def _cd(shell: Shell, arguments: list[str], streams: Streams) -> int:
    path = shell.path(arguments[0] if arguments else shell.variables["HOME"])
    if not shell.system.files.is_directory(path):
        streams.error.write(
            f"{shell.name}: cd: can't cd to {arguments[0] if arguments else path}: No such file "
            "or directory\n"
        )
        return 2
    shell.assign("PWD", path)
    return 0


def _trap(shell: Shell, arguments: list[str], streams: Streams) -> int:
    if len(arguments) >= 2:
        for signal in arguments[1:]:
            name = {"15": "TERM", "2": "INT", "0": "EXIT"}.get(signal, signal.removeprefix("SIG"))
            shell.system.traps[name] = arguments[0]
    return 0


def _shift(shell: Shell, arguments: list[str], streams: Streams) -> int:
    shell.arguments = shell.arguments[int(arguments[0]) if arguments and arguments[0].isdigit() else 1 :]
    return 0


def _read(shell: Shell, arguments: list[str], streams: Streams) -> int:
    names = [text for text in arguments if not text.startswith("-")] or ["REPLY"]
    line = streams.input.split("\n")[0]
    values = line.split(maxsplit=len(names) - 1)
    for at, name in enumerate(names):
        shell.assign(name, values[at] if at < len(values) else "")
    return 0 if streams.input else 1


def _wait(shell: Shell, arguments: list[str], streams: Streams) -> Delays:
    yield FOREVER
    return 0


def _sh(shell: Shell, arguments: list[str], streams: Streams) -> Delays:
    inner = shell.child()
    inner.arguments = []
    while arguments and arguments[0].startswith("-"):
        flags, arguments = arguments[0], arguments[1:]
        inner.stop_on_error = inner.stop_on_error or "e" in flags
        if "c" in flags:
            if not arguments:
                streams.error.write(f"{shell.name}: -c requires an argument\n")
                return 2
            inner.name, inner.arguments = (arguments[1] if len(arguments) > 1 else shell.name), arguments[2:]
            return (yield from inner.run_text(arguments[0], streams))
    if arguments:
        path = shell.path(arguments[0])
        if path not in shell.system.files:
            streams.error.write(f"{shell.name}: can't open '{arguments[0]}': No such file or directory\n")
            return 2
        inner.name, inner.arguments = arguments[0], arguments[1:]
        return (yield from inner.run_text(shell.system.files[path], streams))
    return (yield from inner.run_text(streams.input, streams))


def _env_or_run(shell: Shell, arguments: list[str], streams: Streams) -> int | Delays:
    while arguments and "=" in arguments[0]:
        name, _, value = arguments[0].partition("=")
        shell = shell.child()
        shell.assign(name, value)
        shell.exported[name] = None
        arguments = arguments[1:]
    return shell.command(arguments, streams) if arguments else _env(shell, [], streams)


def _timeout(shell: Shell, arguments: list[str], streams: Streams) -> int | Delays:
    arguments = [text for text in arguments if not text.startswith("-")]
    return shell.command(arguments[1:], streams) if len(arguments) > 1 else 1


COMMANDS: dict[str, Command] = {
    "true": lambda shell, arguments, streams: 0,
    ":": lambda shell, arguments, streams: 0,
    "false": lambda shell, arguments, streams: 1,
    "sleep": _sleep,
    "echo": _echo,
    "printf": _printf,
    "date": _date,
    "export": _export,
    "unset": _unset,
    "env": _env_or_run,
    "printenv": _env,
    "set": _set,
    "cd": _cd,
    "trap": _trap,
    "shift": _shift,
    "read": _read,
    "wait": _wait,
    "sh": _sh,
    "bash": _sh,
    "ash": _sh,
    "timeout": _timeout,
    **FILE_COMMANDS,
    **NETWORK_COMMANDS,
}

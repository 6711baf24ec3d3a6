"""Commands that talk to others: names, addresses and requests."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from .expansion import Delays
from .streams import Streams

if TYPE_CHECKING:
    from .shell import Shell

_URL = re.compile(r"(?:http://)?([^/:]+)(?::(\d+))?(/.*)?")
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")


def _hostname(shell: Shell, arguments: list[str], streams: Streams) -> int:
    if "-i" in arguments:
        streams.output.write(shell.variables.get("POD_IP", "127.0.0.1") + "\n")
    else:
        streams.output.write(shell.system.hostname + "\n")
    return 0


def _address(shell: Shell, host: str) -> str | None:
    if host == "localhost":
        return "127.0.0.1"
    return host if _ADDRESS.fullmatch(host) else shell.system.resolve(host)


def _nslookup(shell: Shell, arguments: list[str], streams: Streams) -> int:
    name = next((text for text in arguments if not text.startswith("-")), "")
    address = _address(shell, name)
    if address is None:
        streams.error.write(f"** server can't find {name}: NXDOMAIN\n")
        return 1
    streams.output.write(f"Name:\t{name}\nAddress: {address}\n")
    return 0


def _option(arguments: list[str], takes: str) -> tuple[dict[str, str], list[str]]:
    """Split options from the rest; those whose letter is in `takes` have a value."""
    found: dict[str, str] = {}
    rest: list[str] = []
    waiting = iter(arguments)
    for text in waiting:
        if text.startswith("--"):
            name, equals, value = text[2:].partition("=")
            found[name] = value if equals else ""
        elif text.startswith("-") and len(text) > 1:
            for at, letter in enumerate(text[1:], start=2):
                found[letter] = ""
                if letter in takes:
                    found[letter] = text[at:] or next(waiting, "")
                    break
        else:
            rest.append(text)
    return found, rest


def _fetch(shell: Shell, url: str) -> tuple[str, tuple[int, str] | None]:
    """Ask a URL: (why not, answer)."""
    match = _URL.fullmatch(url)
    if match is None:
        return "bad address", None
    host, port, path = match[1], int(match[2] or 80), match[3] or "/"
    address = _address(shell, host)
    if address is None:
        return "bad address", None
    answer = shell.system.connect(address, port, path)
    return "" if answer is not None else "connection refused", answer


def _wget(shell: Shell, arguments: list[str], streams: Streams) -> int:
    options, urls = _option(arguments, "OTUP")
    for url in urls:
        host = (_URL.fullmatch(url) or [url, url])[1]
        error, answer = _fetch(shell, url)
        if error == "bad address":
            streams.error.write(f"wget: bad address '{host}'\n")
            return 1
        if answer is None:
            streams.error.write(f"wget: can't connect to remote host ({host}): Connection refused\n")
            return 1
        if answer[0] >= 400:
            streams.error.write(f"wget: server returned error: HTTP/1.1 {answer[0]}\n")
            return 1
        target = options.get("O", options.get("output-document", "index.html"))
        if target == "-":
            streams.output.write(answer[1])
        elif target != "/dev/null" and "spider" not in options:
            shell.open_file(shell.path(target)).write(answer[1])
    return 0


def _curl(shell: Shell, arguments: list[str], streams: Streams) -> int:
    options, urls = _option(arguments, "oHXdwmu")
    for url in urls:
        match = _URL.fullmatch(url)
        error, answer = _fetch(shell, url)
        host, port = (match[1], match[2] or "80") if match else (url, "80")
        if answer is None:
            code = 6 if error == "bad address" else 7
            if "s" not in options or "S" in options:
                why = (
                    f"Could not resolve host: {host}"
                    if code == 6
                    else f"Failed to connect to {host} port {port}"
                )
                streams.error.write(f"curl: ({code}) {why}\n")
            return code
        if answer[0] >= 400 and "f" in options:
            streams.error.write(f"curl: (22) The requested URL returned error: {answer[0]}\n")
            return 22
        if options.get("o") != "/dev/null":
            streams.output.write(answer[1])
        if "w" in options:
            streams.output.write(options["w"].replace("%{http_code}", str(answer[0])).replace("\\n", "\n"))
    return 0


def _nc(shell: Shell, arguments: list[str], streams: Streams) -> int:
    _, rest = _option(arguments, "w")
    if len(rest) < 2 or not rest[1].isdigit():
        return 1
    address = _address(shell, rest[0])
    return 1 if address is None or shell.system.connect(address, int(rest[1]), "") is None else 0


NETWORK_COMMANDS: dict[str, Callable[[Shell, list[str], Streams], int | Delays]] = {
    "hostname": _hostname,
    "nslookup": _nslookup,
    "wget": _wget,
    "curl": _curl,
    "nc": _nc,
}

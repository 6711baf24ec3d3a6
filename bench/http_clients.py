"""The clients of `http_load`, a process of their own: plain HTTP/1.1 over TLS, and a diary of what they saw.

python -m bench.http_clients KUBECONFIG SECONDS WATCHERS WRITERS
"""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

PLACE = "/api/v1/namespaces/default/configmaps"
MINE = "labelSelector=of%3Dload"
PATIENCE_SECONDS = 20


class Clients:
    """All of them, their latencies in milliseconds, and what went wrong."""

    def __init__(self, kubeconfig: Path) -> None:
        content = yaml.safe_load(kubeconfig.read_text())
        cluster, user = content["clusters"][0]["cluster"], content["users"][0]["user"]
        where = urlsplit(cluster["server"])
        self.host, self.port = str(where.hostname), int(where.port or 443)
        authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
        self.context = ssl.create_default_context(cadata=authority)
        with tempfile.NamedTemporaryFile(suffix=".pem") as file:
            for part in ("client-certificate-data", "client-key-data"):
                file.write(base64.b64decode(user[part]))
            file.flush()
            self.context.load_cert_chain(file.name)
        self.times: list[float] = []
        self.errors: list[str] = []
        self.written: list[int] = []

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection."""
        return await asyncio.open_connection(self.host, self.port, ssl=self.context, limit=1 << 24)

    async def writer(self, number: int, until: float) -> None:
        """Create, change and delete, one request after the other."""
        reader, writer = await self.open()
        turn = 0
        while time.monotonic() < until:
            name = f"load-{number}-{turn}"
            body = {"metadata": {"name": name, "labels": {"of": "load"}}, "data": {"turn": str(turn)}}
            changed = body | {"data": {"turn": "again"}}
            for method, path, sent in (
                ("POST", PLACE, body), ("PUT", f"{PLACE}/{name}", changed), ("DELETE", f"{PLACE}/{name}", None),
            ):  # fmt: skip
                start = time.perf_counter()
                code, answer = await _ask(reader, writer, method, path, sent)
                self.times.append((time.perf_counter() - start) * 1000)
                if code >= 300:
                    self.errors.append(f"{method} {path}: {code} {answer[:200]!r}")
                elif method != "DELETE":  # its answer is a Status; the watchers tell its revision
                    self.written.append(int(json.loads(answer)["metadata"]["resourceVersion"]))
            turn += 1
        writer.close()

    async def watcher(self, ready: asyncio.Barrier) -> list[int]:
        """All revisions that a watch has told, in the order of their coming, up to the object named "end"."""
        reader, writer = await self.open()
        _, listed = await _ask(reader, writer, "GET", f"{PLACE}?{MINE}")
        revision = json.loads(listed)["metadata"]["resourceVersion"]
        writer.write(_head("GET", f"{PLACE}?{MINE}&watch=1&resourceVersion={revision}"))
        await reader.readuntil(b"\r\n\r\n")
        await ready.wait()
        seen: list[int] = []
        rest = b""
        while True:
            size = int(await reader.readline(), 16)
            *lines, rest = (rest + (await reader.readexactly(size + 2))[:-2]).split(b"\n")
            for line in lines:
                metadata = json.loads(line)["object"]["metadata"]
                seen.append(int(metadata["resourceVersion"]))
                if metadata["name"] == "end":
                    writer.close()
                    return seen

    async def run(self, seconds: float, watchers: int, writers: int) -> dict[str, Any]:
        """Watch, write, compare."""
        ready = asyncio.Barrier(watchers + 1)
        watching = [asyncio.create_task(self.watcher(ready)) for _ in range(watchers)]
        await ready.wait()
        print("ready", flush=True)
        start = time.monotonic()
        await asyncio.gather(*(self.writer(number, start + seconds) for number in range(writers)))
        took = time.monotonic() - start
        reader, writer = await self.open()
        await _ask(reader, writer, "POST", PLACE, {"metadata": {"name": "end", "labels": {"of": "load"}}})
        writer.close()
        async with asyncio.timeout(PATIENCE_SECONDS):
            seen = await asyncio.gather(*watching)
        self._compare(seen)
        return {
            "seconds": took, "times": self.times, "errors": self.errors, "events": sum(map(len, seen)),
        }  # fmt: skip

    def _compare(self, seen: list[list[int]]) -> None:
        """All watchers have seen the same: what was written and as many deletions, each once and in order."""
        first = seen[0]
        if first != sorted(set(first)):
            self.errors.append("revisions came twice or out of order")
        self.errors += [
            f"watcher {number} saw something else" for number, each in enumerate(seen) if each != first
        ]
        if missing := set(self.written) - set(first):
            self.errors.append(f"never seen: {sorted(missing)[:10]}")
        if len(first) != len(self.times) + 1:
            self.errors.append(f"{len(self.times)} writes and {len(first) - 1} events")


def _head(method: str, path: str, size: int = 0) -> bytes:
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: x",
        f"Content-Length: {size}",
        "Content-Type: application/json",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, method: str, path: str, body: Any = None
) -> tuple[int, bytes]:
    data = json.dumps(body).encode() if body is not None else b""
    writer.write(_head(method, path, len(data)) + data)
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    size = int(head.partition("content-length:")[2].partition("\r")[0])
    return int(head.split(" ", 2)[1]), await reader.readexactly(size)


if __name__ == "__main__":
    path, seconds, watchers, writers = sys.argv[1:]
    clients = Clients(Path(path))
    print(json.dumps(asyncio.run(clients.run(float(seconds), int(watchers), int(writers)))), flush=True)

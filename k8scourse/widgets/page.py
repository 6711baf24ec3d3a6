"""The live board as a web page of its own, for whoever has a terminal and no notebook.

The same ES module as in the notebook, with a socket in the place of Jupyter's. The page's address carries a secret:
who does not know it sees nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from k8scourse import words
from k8scourse.server.connection import Connection
from k8scourse.server.engine import Engine
from k8scourse.server.messages import HttpAnswer, HttpRequest, text_answer
from k8scourse.server.websocket import Closed, WebSocket, wants_websocket

from .desk import Desk

PATH = "/board"
_FOLDER = Path(__file__).parent
_FILES = {
    "/board/board.js": ("board.js", "text/javascript; charset=utf-8"),
    "/board/page.js": ("page.js", "text/javascript; charset=utf-8"),
}
_SECURITY = [
    ("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
     "img-src 'self' data:; connect-src 'self'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
]  # fmt: skip


class BoardPage:
    """Answers `/board` and what lies below it, for one cluster."""

    def __init__(self, engine: Engine, language: str | None = None) -> None:
        self._engine = engine
        self._language = language or words.language()
        self.secret = secrets.token_urlsafe(16)

    @property
    def address(self) -> str:
        """Path and query of the page."""
        return f"{PATH}?token={self.secret}"

    async def answer(self, request: HttpRequest) -> HttpAnswer | None:
        """The page, its module or its socket; None when the path is none of ours."""
        path, _, query = request.target.partition("?")
        if path == "/favicon.ico" and not request.secure:
            return HttpAnswer(204)
        if path in _FILES:
            return self._file(*_FILES[path])
        if path not in (PATH, f"{PATH}/", f"{PATH}/socket"):
            return None
        given = parse_qs(query).get("token", [""])[0]
        if not secrets.compare_digest(given.encode(), self.secret.encode()):
            return text_answer(401, words.text("cli.board_secret", self._language) + "\n")
        if path.endswith("/socket"):
            return self._socket(request)
        return HttpAnswer(
            200, [("Content-Type", "text/html; charset=utf-8"), *_SECURITY], self._html().encode()
        )

    def _file(self, name: str, media: str) -> HttpAnswer:
        return HttpAnswer(200, [("Content-Type", media), *_SECURITY], (_FOLDER / name).read_bytes())

    def _html(self) -> str:
        return (
            f'<!doctype html><html lang="{self._language}"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<meta name="color-scheme" content="light dark">'
            f"<title>{self._engine.cluster.name} · k8scourse</title>"
            "<style>body{margin:1rem auto;max-width:1400px;padding:0 1rem;font-family:system-ui,sans-serif}</style>"
            '<main id="board"></main><script type="module" src="/board/page.js"></script></html>'
        )

    def _socket(self, request: HttpRequest) -> HttpAnswer:
        if not wants_websocket(request):
            return text_answer(426, "Upgrade Required\n", Upgrade="websocket")
        origin, host = request.header("origin"), request.header("host")
        if origin and origin.partition("://")[2] != host:
            return text_answer(403, "Forbidden\n")

        async def talk(connection: Connection) -> None:
            with contextlib.suppress(Closed):
                socket = WebSocket(connection, request)
                await socket.accept()
                await _Visit(self._engine, socket, self._language).run()

        return HttpAnswer(101, upgrade=talk)


class _Visit:
    """One open page: a desk of its own, frames out, commands in."""

    def __init__(self, engine: Engine, socket: WebSocket, language: str) -> None:
        self._engine, self._socket = engine, socket
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._ui: dict[str, Any] = {"language": language, "restaurant": False, "theme": "auto", "speed": 1}
        self._desk: Desk | None = None

    async def run(self) -> None:
        """Until the page is closed."""
        await asyncio.wrap_future(self._engine.submit(self._sit_down))
        painting = asyncio.create_task(self._paint())
        try:
            while True:
                await self._hear(await self._socket.receive())
        finally:
            painting.cancel()
            self._engine.submit(self._stand_up)

    def _sit_down(self) -> None:
        """In the engine's thread."""
        self._desk = Desk(self._engine.cluster)
        self._engine.cluster.listeners.append(self._changed)
        self._changed()

    def _stand_up(self) -> None:
        with contextlib.suppress(ValueError):
            self._engine.cluster.listeners.remove(self._changed)

    def _changed(self) -> None:
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._news.set)

    async def _hear(self, text: str | bytes) -> None:
        try:
            message = json.loads(text)
        except ValueError:
            return
        if isinstance(message, dict) and isinstance(message.get("ui"), dict):
            self._ui = message["ui"]
        elif isinstance(message, dict):
            reply = await asyncio.wrap_future(self._engine.submit(lambda: self._answered(message)))
            await self._socket.send(json.dumps({"reply": {**reply, "id": message.get("id")}}))
            self._news.set()

    def _answered(self, message: dict[str, Any]) -> dict[str, Any]:
        assert self._desk is not None
        return self._desk.answer(message)

    async def _paint(self) -> None:
        with contextlib.suppress(Closed):
            while True:
                await self._news.wait()
                self._news.clear()
                frame, ticks = await asyncio.wrap_future(self._engine.submit(self._picture))
                await self._socket.send(json.dumps({"frame": frame, "ticks": ticks, "ui": self._ui}))
                await asyncio.sleep(0.05)

    def _picture(self) -> tuple[dict[str, Any], str]:
        assert self._desk is not None
        return self._desk.frame(), self._desk.ticks()

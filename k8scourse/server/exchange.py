"""From HTTP to the API server's `handle` and back.

A request becomes an `apiserver.Request`, its answer JSON (or YAML, or text), a watch a stream with one JSON object
a line. All of it happens in the engine's thread; only the turning into bytes does not.

Upstream: ``apiserver/pkg/endpoints/handlers/responsewriters``, ``watch.go``.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote

import yaml

from k8scourse.api.errors import BadRequest, StatusError
from k8scourse.apiserver import Certificate, Request, Response, Watch
from k8scourse.apiserver.request import refusal
from k8scourse.client import Unreachable

from . import protobuf
from .certificates import subject_of
from .engine import Engine
from .messages import Headers, HttpAnswer, HttpRequest, text_answer
from .portforward import PortForward
from .streams import CommandStream
from .websocket import wants_websocket

log = logging.getLogger("k8scourse.server")
BEHIND_LIMIT = 10_000
"""A watcher that is so many events behind is sent away, and comes back with a list (cacher.go does the same)."""
_PROTOBUF = "application/vnd.kubernetes.protobuf"
_JSON = "application/json"
FOR_EVER_NS = 1 << 62
FOLLOW_SECONDS = 0.1


class Gone(ConnectionResetError):
    """Nobody listens behind this port now: the cluster's API server is down."""


class Exchange:
    """Answers HTTP requests out of one cluster."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def __call__(self, request: HttpRequest) -> HttpAnswer:
        """Answer one request. Raises Gone when no API server runs."""
        if protobuf.wants_old_openapi(request.target, request.header("accept")):
            return HttpAnswer(200, _headers(protobuf.OPENAPI_V2), protobuf.old_openapi())
        asked = _request(request)
        if isinstance(asked, HttpAnswer):
            return asked
        loop = asyncio.get_running_loop()
        feed = _Feed(loop)
        answer = await asyncio.wrap_future(self._engine.submit(lambda: self._handle(asked, feed)))
        if isinstance(answer, Watch):
            return HttpAnswer(200, _headers(_JSON), stream=self._events(answer, feed))
        if answer.code == 101:
            return self._upgraded(request, answer)
        if answer.more is not None:
            return HttpAnswer(200, _headers("text/plain"), stream=self._growing(answer))
        return await asyncio.to_thread(_answer, answer, request.header("accept"))

    def _handle(self, asked: Request, feed: _Feed) -> Response | Watch:
        """In the engine's thread."""
        try:
            answer: Response | Watch = self._engine.cluster.exchange(asked)
        except Unreachable as error:
            raise Gone(str(error)) from None
        if isinstance(answer, Watch):
            answer.connect(feed.event, feed.close)
        return answer

    def _upgraded(self, request: HttpRequest, answer: Response) -> HttpAnswer:
        if not wants_websocket(request):
            return _bad_request("Upgrade request required")
        if answer.opens is not None:
            return HttpAnswer(101, upgrade=CommandStream(self._engine, request, answer.opens).run)
        assert answer.reaches is not None
        place = f"{answer.info.namespace}/{answer.info.name}"
        ports = [
            int(text)
            for text in parse_qs(request.target.partition("?")[2]).get("ports", [])
            if text.isdigit()
        ]
        return HttpAnswer(101, upgrade=PortForward(self._engine, request, answer.reaches, place, ports).run)

    async def _growing(self, answer: Response) -> AsyncIterator[bytes]:
        """A log that is followed: what there is, and then what comes, until its container ends."""
        text, goes_on = str(answer.body), True
        while True:
            if text:
                yield text.encode("utf-8", "surrogateescape")
            if not goes_on:
                return
            await asyncio.sleep(FOLLOW_SECONDS)
            assert answer.more is not None
            try:
                text, goes_on = await asyncio.wrap_future(self._engine.submit(answer.more))
            except StatusError:  # the Pod, its node or its kubelet has gone
                return

    async def _events(self, watch: Watch, feed: _Feed) -> AsyncIterator[bytes]:
        try:
            while (events := await feed.next()) is not None:
                yield b"".join(json_line(event) for event in events)
        finally:
            self._engine.submit(watch.stop)


class _Feed:
    """The events of one watch on their way from the engine's thread into the event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._events: list[Any] = []
        self._closed = False
        self._news = asyncio.Event()

    def event(self, event: Any) -> None:
        """Called in the engine's thread."""
        self._tell(self._add, event)

    def close(self) -> None:
        """Called in the engine's thread, once."""
        self._tell(self._end)

    def _tell(self, function: Any, *arguments: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended; so has everybody who listened
            self._loop.call_soon_threadsafe(function, *arguments)

    def _add(self, event: Any) -> None:
        if len(self._events) >= BEHIND_LIMIT:
            self._end()
        elif not self._closed:
            self._events.append(event)
            self._news.set()

    def _end(self) -> None:
        self._closed = True
        self._news.set()

    async def next(self) -> list[Any] | None:
        """All events that have come since the last call, at least one; None at the end."""
        while not self._events:
            if self._closed:
                return None
            self._news.clear()
            await self._news.wait()
        events, self._events = self._events, []
        return events


def json_line(value: Any) -> bytes:
    """A JSON value in one line with its newline, as Kubernetes' serializer writes it."""
    return (
        json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
    )


def _request(request: HttpRequest) -> Request | HttpAnswer:
    raw_path, _, raw_query = request.target.partition("?")
    try:
        path = unquote(raw_path, errors="strict")
        pairs = parse_qsl(raw_query, keep_blank_values=True, max_num_fields=1000)
    except (UnicodeDecodeError, ValueError):
        return text_answer(400, "400 Bad Request: malformed URL\n")
    query: dict[str, str] = {}
    for name, value in pairs:  # of a repeated parameter the first counts, as with Go's url.Values.Get
        query.setdefault(name, value)
    headers = _headers_of(request)
    body: Any = request.body or None
    if body is not None and headers.get("Content-Type", "").startswith(_PROTOBUF):
        try:
            body = protobuf.decode(body)
        except protobuf.Malformed as error:
            return _bad_request(f"unable to decode an object in protobuf: {error}")
        headers["Content-Type"] = _JSON
    agent = headers.get("User-Agent", "")
    if request.target.find("command=") > 0:  # a parameter that comes several times
        path, query = f"{path}?{raw_query}", {}
    return Request(
        request.method,
        path,
        query,
        headers,
        body,
        source=_source(agent),
        certificate=_certificate(request.peer),
    )


def _certificate(peer: object) -> Certificate | None:
    """What TLS has verified, validity included: that is a matter of the real clock, not of the cluster's."""
    who = subject_of(peer)
    return None if who is None else Certificate(*who, not_before=0, not_after=FOR_EVER_NS)


def _headers_of(request: HttpRequest) -> dict[str, str]:
    """Of a repeated header the last counts; the groups that somebody acts as add up, a line each."""
    headers: dict[str, str] = {}
    for name, value in request.headers:
        key = _canonical(name)
        more = key.startswith("Impersonate-") and key in headers
        headers[key] = f"{headers[key]}\n{value}" if more else value
    return headers


def _canonical(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))


def _source(agent: str) -> str:
    """Who a client is in the cluster's trace: kubectl is kubectl, whoever else is a client by its name."""
    return "kubectl" if agent.startswith("kubectl") or not agent else agent.partition("/")[0][:40] or "client"


def _answer(answer: Response, accept: str) -> HttpAnswer:
    if answer.code == 304:  # what the client keeps is what counts: its type must not be overwritten
        return HttpAnswer(304, list(answer.headers.items()))
    media, body = _JSON, answer.body
    headers: Headers = [(name, value) for name, value in answer.headers.items() if name != "Content-Type"]
    given = answer.headers.get("Content-Type")
    if isinstance(body, str):
        media, content = given or "text/plain", body.encode("utf-8", "surrogateescape")
    elif isinstance(body, bytes):
        media, content = given or "application/octet-stream", body
    elif accept.startswith("application/yaml"):
        media, content = "application/yaml", yaml.dump(plain(body), Dumper=_Dumper, sort_keys=True).encode()
    elif body is None:
        media, content = given or _JSON, b""
    else:
        media, content = given or media, json_line(body)
    headers += [("Warning", f"299 - {json.dumps(text, ensure_ascii=False)}") for text in answer.warnings]
    return HttpAnswer(answer.code, [*_headers(media), *headers], content)


def _bad_request(message: str) -> HttpAnswer:
    return _answer(refusal(BadRequest(message)), "")


def _headers(media: str) -> Headers:
    return [("Content-Type", media), ("Cache-Control", "no-cache, private")]


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def plain(value: Any) -> Any:
    """Plain dicts and lists of a value of the store."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value

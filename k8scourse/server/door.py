"""Who answers what on the port: pages of the course to a browser, everything else from the API server, over TLS."""

from __future__ import annotations

from typing import Protocol

from .exchange import Exchange
from .messages import HttpAnswer, HttpRequest, text_answer


class Page(Protocol):
    """Pages that are not the API server's."""

    @property
    def address(self) -> str:
        """Path and query of the first page."""

    async def answer(self, request: HttpRequest) -> HttpAnswer | None:
        """The answer to a request; None when its path is none of theirs."""


class Door:
    """The application behind the port."""

    def __init__(self, exchange: Exchange, page: Page | None = None) -> None:
        self._exchange, self._page = exchange, page

    async def __call__(self, request: HttpRequest) -> HttpAnswer:
        """Answer one request; without TLS there are pages only, and Go's own words for everybody else."""
        if self._page is not None and (answer := await self._page.answer(request)) is not None:
            return answer
        if not request.secure:
            return text_answer(400, "Client sent an HTTP request to an HTTPS server.\n", Connection="close")
        return await self._exchange(request)

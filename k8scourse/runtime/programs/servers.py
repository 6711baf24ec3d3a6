"""Long-running servers: a web server with files, one that says who it is, databases, and the pause program."""

from __future__ import annotations

import re
from datetime import datetime

from ...api import times
from ...sim import SECOND
from ..catalogue import Image
from ..cri import ExecResult
from ..network import Answer
from .base import SIGTERM, Container, Program

_PORT = re.compile(r"--?(?:port|listen|http-port)[= ]?(?:[\d.]*:)?(\d+)")
_WEB_ROOT = "/usr/share/nginx/html"
WELCOME = "<!DOCTYPE html>\n<html>\n<head><title>Welcome to nginx!</title></head>\n<body>It works.</body>\n</html>\n"


class Server(Program):
    """The default: listens on the image's ports after its start-up time, runs until SIGTERM, then exits 0.

    Ports are those of a `--port` argument, else the image's, else those that the Pod declares. Answers TCP;
    subclasses answer HTTP.
    """

    speaks_http = False

    def __init__(self, container: Container, image: Image | None = None) -> None:
        super().__init__(container)
        self.image = image
        self.listening = False

    def ports(self) -> tuple[int, ...]:
        """The ports that this start of the program opens."""
        asked = _PORT.search(" ".join(self.container.args))
        if asked is not None:
            return (int(asked[1]),)
        return (self.image.ports if self.image is not None else ()) or self.container.ports

    def start(self) -> None:
        """Refuse to start without what the image needs; else come up after the image's start-up time."""
        needs = self.image.needs if self.image is not None else ()
        if needs and not any(self.container.env.get(name) for name in needs):
            self.container.log(f"error: not configured: set one of {', '.join(needs)}", "stderr")
            self.container.exit(1)
            return
        self.container.after_ms(self.image.start_ms if self.image is not None else 200, self._come_up)

    def _come_up(self) -> None:
        for port in self.ports():
            if not self.container.listen(port, self.answer if self.speaks_http else None):
                self.container.log(f"bind() to 0.0.0.0:{port} failed (98: Address already in use)", "stderr")
                self.container.exit(1)
                return
        self.listening = True
        self.announce()
        self.container.ready()

    def announce(self) -> None:
        """The log lines of a start."""
        for port in self.ports():
            self.container.log(f"listening on port {port}")

    def answer(self, path: str) -> Answer:
        """The answer to an HTTP request."""
        return 200, "OK\n"

    def terminate(self, signal: int) -> None:
        """Leave in good order."""
        self.container.log(f"signal {signal} received, shutting down")
        self.container.exit(0)

    def run(self, argv: tuple[str, ...]) -> ExecResult | None:
        """The clients that images of databases bring along, as far as probes use them."""
        if argv[0].rsplit("/", 1)[-1] not in (
            "redis-cli",
            "pg_isready",
            "mysqladmin",
            "psql",
            "mysql",
            "podcli",
        ):
            return None
        if not self.listening:
            return ExecResult("", "Connection refused\n", 1)
        return ExecResult("PONG\n" if "ping" in argv else "accepting connections\n", "", 0)


class Nginx(Server):
    """A web server: serves the files under /usr/share/nginx/html and writes an access log."""

    speaks_http = True

    def announce(self) -> None:
        """What nginx and its entrypoint say."""
        self.container.log("/docker-entrypoint.sh: Configuration complete; ready for start up")
        self.container.log(
            f"{self._stamp('%Y/%m/%d %H:%M:%S')} [notice] 1#1: start worker processes", "stderr"
        )

    def answer(self, path: str) -> Answer:
        """A file's text, 404 without one; each request is a line in the access log."""
        plain = path.split("?")[0]
        file = _WEB_ROOT + (plain + "index.html" if plain.endswith("/") else plain)
        text = self.container.files.get(file, WELCOME if plain in ("/", "/index.html") else None)
        code, body = (200, text) if text is not None else (404, "<h1>404 Not Found</h1>\n")
        client, agent = self.container.peer
        stamp = self._stamp("%d/%b/%Y:%H:%M:%S +0000")
        self.container.log(
            f'{client} - - [{stamp}] "GET {path} HTTP/1.1" {code} {len(body)} "-" "{agent}" "-"'
        )
        return code, body

    def terminate(self, signal: int) -> None:
        """A quick shutdown, as nginx does on SIGTERM."""
        stamp = self._stamp("%Y/%m/%d %H:%M:%S")
        self.container.log(f"{stamp} [notice] 1#1: signal {signal} (SIGTERM) received, exiting", "stderr")
        self.container.exit(0)

    def _stamp(self, form: str) -> str:
        text = times.format_time(self.container.process.now)
        return datetime.fromisoformat(text.replace("Z", "+00:00")).strftime(form)


class Echo(Server):
    """Answers every path with who it is: the way to see which Pod a Service chose."""

    speaks_http = True

    def answer(self, path: str) -> Answer:
        """The Pod's name and address, or the text that `-text=` gives."""
        text = next(
            (word.split("=", 1)[1] for word in self.container.args if word.startswith("-text=")), None
        )
        who = f"Hostname: {self.container.hostname}\nIP: {self.container.ip}"
        return 200, f"{who if text is None else text}\n"


class Agnhost(Server):
    """The test image of the Kubernetes documentation; its first argument says what to be."""

    speaks_http = True
    _PORTS = {"liveness": 8080, "netexec": 8080, "serve-hostname": 9376}

    def ports(self) -> tuple[int, ...]:
        """The port of the chosen part; none for `pause`."""
        words = [*self.container.args, *self.container.command]
        return tuple(port for name, port in self._PORTS.items() if name in words)

    def start(self) -> None:
        """Come up at once."""
        self._began = self.container.process.now
        super().start()

    def answer(self, path: str) -> Answer:
        """`liveness` turns ill after ten seconds; the others say their name."""
        if "liveness" in self.container.args and path == "/healthz":
            age = (self.container.process.now - self._began) / SECOND
            return (200, "ok") if age <= 10 else (500, f"error: {age}")
        return 200, self.container.hostname


class Pause(Program):
    """Does nothing until it is told to end: what holds a sandbox open."""

    def terminate(self, signal: int) -> None:
        """Say so and leave."""
        self.container.log("Shutting down, got signal: Terminated", "stderr")
        self.container.exit(0 if signal == SIGTERM else 1)

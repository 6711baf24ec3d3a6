"""What `cluster.serve` checks before anything is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..apiserver import Watch
from ..client import Request, Response, Unreachable
from .errors import LearnerError

if TYPE_CHECKING:
    from .history import History
    from .world import World


def checked(port: object, speed: object) -> dict[str, Any]:
    """The two arguments when they can be used; LearnerError otherwise."""
    if type(port) is not int or not 0 <= port <= 65535:
        raise LearnerError("serve_port_number", port=port)
    if isinstance(speed, bool) or not isinstance(speed, int | float) or not 0 <= speed <= 10_000:
        raise LearnerError("serve_speed", speed=speed)
    return {"port": port, "speed": float(speed)}


def exchange(world: World, history: History, request: Request) -> Response | Watch:
    """A request of a client outside, as it came; one that may change something is an input of the history."""
    found = world.find_server()
    if found is None:
        raise Unreachable(world.endpoint, "connection refused")
    if request.method != "GET":
        history.note(world.sim, "request", request)
    return found[1].handle(request)

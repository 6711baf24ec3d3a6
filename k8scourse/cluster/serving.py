"""The part of `Cluster` for those who serve it to programs outside: a real port, and what stands behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..apiserver import Watch
from ..client import Request, Response, Unreachable
from ..sim import Record
from .errors import LearnerError
from .presenter import presenter

if TYPE_CHECKING:
    from .cluster import Cluster
    from .history import History, Instant
    from .world import World


class Servable:
    """Puts itself behind a port, and takes requests as they come."""

    world: World
    history: History
    _marks: list[tuple[Record, Instant]]

    def _changed(self) -> None:
        raise NotImplementedError

    def serve(self: Cluster, port: int = 0, *, speed: float = 1.0, **options: Any) -> Any:  # type: ignore[misc]
        """Put the cluster behind a real port: the real kubectl, and any other client, works from now on.

        `port` 0 takes a free one; `speed` is virtual seconds a real second. What comes back prints the address, the
        board's page and the kubeconfig, and has `stop()`. Your own ~/.kube/config stays as it is; inside a
        notebook KUBECONFIG is set, so that `!kubectl get pods` works at once.
        """
        checked = _checked(port, speed)
        try:
            return presenter().serve(self, **checked, **options)
        except ImportError as error:
            raise LearnerError("serve_missing", package=error.name or error) from error
        except OSError as error:
            raise LearnerError("serve_port", port=port, reason=error.strerror or error) from error

    @property
    def step_count(self) -> int:
        """How many steps there were, those of the boot included."""
        return len(self._marks)

    def changed(self) -> None:
        """Tell whoever looks on that there is something new to see."""
        self._changed()

    def exchange(self, request: Request) -> Response | Watch:
        """Hand a request from outside to the API server, as it came. Raises `Unreachable`.

        One that may change something is an input of the history.
        """
        found = self.world.find_server()
        if found is None:
            raise Unreachable(self.world.endpoint, "connection refused")
        if request.method != "GET":
            self.history.note(self.world.sim, "request", request)
        return found[1].handle(request)


def _checked(port: object, speed: object) -> dict[str, Any]:
    """The two arguments when they can be used; LearnerError otherwise."""
    if type(port) is not int or not 0 <= port <= 65535:
        raise LearnerError("serve_port_number", port=port)
    if isinstance(speed, bool) or not isinstance(speed, int | float) or not 0 <= speed <= 10_000:
        raise LearnerError("serve_speed", speed=speed)
    return {"port": port, "speed": float(speed)}

"""ConfigMaps and Secrets that Pods refer to, as last seen.

Upstream keeps a watch per object (`pkg/kubelet/util/manager`); ours asks, and remembers the answer for the times
when the API server does not.
"""

from __future__ import annotations

from ..api.errors import NotFound, StatusError
from ..client import Client, Unreachable
from ..sim import SECOND, Process
from .config import Object

FRESH_NS = 60 * SECOND


class Unfetchable(Exception):
    """The object has never been seen, and the API server gives no answer; the message says why."""


class Missing(Exception):
    """There is no such object, in the words of a lister: `configmap "settings" not found`."""


class ObjectCache:
    """What the kubelet reads by name. Raises `Missing`; other failures give what was seen last."""

    def __init__(self, process: Process, client: Client) -> None:
        self._process, self._client = process, client
        self._seen: dict[tuple[str, str, str], tuple[int, Object]] = {}

    def fetch(self, resource: str, name: str, namespace: str) -> Object:
        """The object as it is now, if the API server can be asked."""
        key = (resource, name, namespace)
        try:
            found = self._client.get(resource, name, namespace)
        except NotFound:
            self._seen.pop(key, None)
            raise Missing(f'{resource.removesuffix("s")} "{name}" not found') from None
        except (StatusError, Unreachable) as error:
            if key not in self._seen:
                raise Unfetchable(str(error)) from None
            return self._seen[key][1]
        self._seen[key] = self._process.now, found
        return found

    def fetch_lazily(self, resource: str, name: str, namespace: str) -> Object:
        """The object as it was at most a minute ago: what volumes show."""
        seen = self._seen.get((resource, name, namespace))
        if seen is not None and self._process.now - seen[0] < FRESH_NS:
            return seen[1]
        return self.fetch(resource, name, namespace)

    def expire(self, namespace: str) -> None:
        """A new Pod of this namespace must see what is there now."""
        for key, (_, obj) in list(self._seen.items()):
            if key[2] == namespace:
                self._seen[key] = -FRESH_NS, obj

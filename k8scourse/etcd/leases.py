"""Which lease holds which keys: the durable half of etcd's leases (the timers are in member.py).

Upstream: etcd ``server/lease/lessor.go``.
"""

from __future__ import annotations

from typing import NamedTuple

from k8scourse.etcd.errors import InvalidRequest, LeaseNotFound

# ceil(3/2 x election timeout of 1 s): a lease must survive the choice of a new leader (lessor.go, minLeaseTTL).
MINIMUM_TTL_SECONDS = 2


class Lease(NamedTuple):
    """A lease: its number and how many seconds it lives without being kept alive."""

    id: int
    ttl_seconds: int


class LeaseTable:
    """Leases and the keys attached to each."""

    def __init__(self) -> None:
        self._leases: dict[int, Lease] = {}
        self._keys: dict[int, dict[str, None]] = {}
        self._next_id = 1

    def __len__(self) -> int:
        return len(self._leases)

    def __contains__(self, lease: object) -> bool:
        return lease in self._leases

    def all(self) -> list[Lease]:
        """All leases in the order of their making."""
        return list(self._leases.values())

    def get(self, lease: int) -> Lease:
        """The lease of that number. Raises `LeaseNotFound`."""
        found = self._leases.get(lease)
        if found is None:
            raise LeaseNotFound
        return found

    def grant(self, ttl_seconds: int, lease: int = 0) -> Lease:
        """Make a lease; `lease` 0 takes the next free number."""
        if lease in self._leases:
            raise InvalidRequest("etcdserver: lease already exists")
        if lease == 0:
            lease = self._free_id()
        granted = Lease(lease, max(ttl_seconds, MINIMUM_TTL_SECONDS))
        self._leases[lease] = granted
        self._keys[lease] = {}
        return granted

    def drop(self, lease: int) -> list[str]:
        """Forget a lease and answer the keys it held, sorted."""
        self.get(lease)
        del self._leases[lease]
        return sorted(self._keys.pop(lease))

    def attach(self, lease: int, key: str) -> None:
        """Tie a key to a lease."""
        self._keys[lease][key] = None

    def detach(self, lease: int, key: str) -> None:
        """Untie a key, if it was tied."""
        self._keys.get(lease, {}).pop(key, None)

    def keys(self, lease: int) -> list[str]:
        """The keys a lease holds, sorted."""
        self.get(lease)
        return sorted(self._keys[lease])

    def _free_id(self) -> int:
        while self._next_id in self._leases:
            self._next_id += 1
        self._next_id += 1
        return self._next_id - 1

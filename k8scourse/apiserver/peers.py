"""Which API servers there are: each keeps a lease in etcd, and the Service "kubernetes" leads to those that do.

A server that is alone keeps none, and leaves the endpoints to itself. Once there is a second, each renews its key
under /registry/masterleases every ten seconds; fifteen seconds after a server's end its address goes.

Upstream: ``pkg/controlplane/reconcilers/lease.go``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8scourse.etcd import LeaseNotFound, prefix_end
from k8scourse.sim import SECOND

if TYPE_CHECKING:
    from k8scourse.apiserver.storage import Storage
    from k8scourse.sim import Process

PREFIX = "/registry/masterleases/"
TTL_SECONDS = 15


class Peers:
    """One server's view of the others. `address` is its own."""

    def __init__(self, process: Process, storage: Storage, address: str) -> None:
        self._process, self._storage, self._address = process, storage, address
        self._lease = 0
        self._since = -1

    def addresses(self, present: list[str]) -> list[str]:
        """The addresses that the Service should lead to, given those it leads to. Raises `EtcdError`."""
        leased = self._leased()
        if not leased and present in ([], [self._address]):
            return [self._address]
        self._renew()
        leased = self._leased()
        if self._process.now - self._since < TTL_SECONDS * SECOND:
            # The others may not know yet that they are not alone: they get one term to say so.
            return sorted({*present, *leased})
        return leased

    def _leased(self) -> list[str]:
        found = self._storage.etcd().range(PREFIX, prefix_end(PREFIX)).kvs
        return sorted(entry.key.removeprefix(PREFIX) for entry in found)

    def _renew(self) -> None:
        etcd = self._storage.etcd()
        if self._since < 0:
            self._since = self._process.now
        try:
            if self._lease:
                etcd.lease_keepalive(self._lease)
                return
        except LeaseNotFound:
            pass
        self._lease = etcd.lease_grant(TTL_SECONDS)
        etcd.put(f"{PREFIX}{self._address}", {"address": self._address}, self._lease)

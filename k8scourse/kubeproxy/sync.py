"""The loop: watch Services and EndpointSlices, and rewrite the node's rules when they change.

Upstream: `pkg/proxy/iptables/proxier.go` (syncProxyRules), `pkg/util/async/bounded_frequency_runner.go`:
at once when the last write lies a second back, else when that second is over, and in any case every 30 s.
"""

from __future__ import annotations

from typing import Any

from ..client import Client, InformerFactory
from ..sim import SECOND, Process
from .rules import RuleTable, build_rules

SYNC_PERIOD_NS = 30 * SECOND
MIN_SYNC_PERIOD_NS = SECOND


class KubeProxy:
    """The kube-proxy of one node (its process' host). All it knows it has from the API server."""

    def __init__(self, process: Process, client: Client, table: RuleTable) -> None:
        self.process = process
        self._table = table
        self._informers = InformerFactory(process, client)
        self._services = self._informers.get("services")
        self._slices = self._informers.get("endpointslices")
        self._synced_at: int | None = None
        self._timer: int | None = None

    def start(self) -> None:
        """Watch; nothing is written before both caches are full, or a restart would empty the rules."""
        for informer in (self._services, self._slices):
            informer.on(
                added=self._changed, updated=lambda old, new: self._changed(new), deleted=self._changed
            )
        self._informers.start()
        self._informers.when_synced(lambda: self.process.every(SYNC_PERIOD_NS, self._sync))

    def inspect(self) -> dict[str, Any]:
        """What it sees: Services and EndpointSlices in its cache, and the rules it wrote."""
        rules = self._table.read()
        return {
            "services": len(self._services.lister),
            "endpointslices": len(self._slices.lister),
            "rules": rules.lines(),
        }

    def _changed(self, obj: Any) -> None:
        if not self._informers.synced or self._timer is not None:
            return
        due = 0 if self._synced_at is None else self._synced_at + MIN_SYNC_PERIOD_NS - self.process.now
        self._timer = self.process.after(max(due, 0), self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        self._sync()

    def _sync(self) -> None:
        """Write what should be there, unless it is there already."""
        self._synced_at = self.process.now
        rules = build_rules(self._services.lister.list(), self._slices.lister.list(), self.process.host)
        if rules != self._table.read():
            self._table.write(rules)

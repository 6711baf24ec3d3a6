"""The heartbeat: a Lease per node, renewed every ten seconds, valid for forty.

Upstream: `component-helpers/apimachinery/lease/controller.go`.
"""

from __future__ import annotations

from collections.abc import Callable

from ..api import times
from ..api.errors import NotFound, StatusError
from ..client import Client, Unreachable
from ..sim import MILLISECOND, SECOND, Process
from .config import LEASE_DURATION_SECONDS, LEASE_RENEW_NS, Object

NAMESPACE = "kube-node-lease"
RETRY_NS = 200 * MILLISECOND
RETRY_MAX_NS = 7 * SECOND


class NodeLease:
    """Keeps the Lease of one node alive. `node()` gives the Node, once it is known."""

    def __init__(
        self, process: Process, client: Client, name: str, node: Callable[[], Object | None]
    ) -> None:
        self._process, self._client, self._name, self._node = process, client, name, node
        self._lease: Object | None = None
        self._retry_ns = RETRY_NS
        self._retry: int | None = None

    def start(self) -> None:
        """Renew now and every ten seconds."""
        self._process.every(LEASE_RENEW_NS, self._renew)

    def _renew(self) -> None:
        if self._retry is not None:
            self._process.cancel(self._retry)
            self._retry = None
        try:
            self._lease = self._write()
            self._retry_ns = RETRY_NS
        except (StatusError, Unreachable):
            self._lease = None
            self._retry = self._process.after(self._retry_ns, self._renew)
            self._retry_ns = min(2 * self._retry_ns, RETRY_MAX_NS)

    def _write(self) -> Object:
        present = self._lease
        if present is None:
            try:
                present = self._client.get("leases", self._name, NAMESPACE)
            except NotFound:
                return self._client.create(self._new())
        renewed = {**present["spec"], "renewTime": times.format_micro_time(self._process.now)}
        return self._client.update({**present, "spec": renewed})

    def _new(self) -> Object:
        metadata: Object = {"name": self._name, "namespace": NAMESPACE}
        node = self._node()
        if node is not None:
            owner = {"apiVersion": "v1", "kind": "Node", "name": self._name, "uid": node["metadata"]["uid"]}
            metadata["ownerReferences"] = [owner]
        return {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": metadata,
            "spec": {
                "holderIdentity": self._name,
                "leaseDurationSeconds": LEASE_DURATION_SECONDS,
                "renewTime": times.format_micro_time(self._process.now),
            },
        }

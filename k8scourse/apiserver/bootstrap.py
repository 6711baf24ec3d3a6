"""What every cluster begins with: four namespaces and the Service that leads to the API server itself.

Whatever of it is missing is made again within ten seconds, so nobody can delete it for long.
Upstream: ``pkg/controlplane/controller/systemnamespaces``, ``kubernetesservice``, ``reconcilers``.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from k8scourse.api import kinds
from k8scourse.api.errors import Conflict, NotFound, StatusError

if TYPE_CHECKING:
    from k8scourse.apiserver.server import ApiServer

NAMESPACES = ("kube-system", "kube-public", "kube-node-lease", "default")
CLUSTER_IP = "10.96.0.1"
PORT = 6443
_SERVICES = "/api/v1/namespaces/default/services"
_SLICES = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"


def reconcile(server: ApiServer) -> None:
    """Make what is missing. Raises `EtcdError` while etcd is away."""
    for name in NAMESPACES:
        if server.storage.get(kinds.NAMESPACE, "", name) is None:
            _create(server, "/api/v1/namespaces", _namespace(name))
    if server.storage.get(kinds.SERVICE, "default", "kubernetes") is None:
        _create(server, _SERVICES, _service())
    _reconcile_endpoints(server)


def _reconcile_endpoints(server: ApiServer) -> None:
    """The slice of the Service "kubernetes" names the API servers that there are."""
    found = server.storage.get(kinds.ENDPOINT_SLICE, "default", "kubernetes")
    if found is None:
        _create(server, _SLICES, _slice(server.peers.addresses([])))
        return
    present = [address for endpoint in found["endpoints"] or () for address in endpoint["addresses"]]
    wanted = server.peers.addresses(present)
    if wanted != present:
        body = {**found, "endpoints": _slice(wanted)["endpoints"]}
        with contextlib.suppress(Conflict, NotFound):  # Another API server was faster.
            server.loopback("PUT", f"{_SLICES}/kubernetes", body)


def _create(server: ApiServer, path: str, body: dict[str, Any]) -> None:
    try:
        server.loopback("POST", path, body)
    except StatusError as error:
        # Another API server was faster, or its namespace is just going away: the next round looks again.
        if error.code not in (403, 404, 409):
            raise


def _namespace(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def _service() -> dict[str, Any]:
    labels = {"component": "apiserver", "provider": "kubernetes"}
    port = {"name": "https", "port": 443, "protocol": "TCP", "targetPort": PORT}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "kubernetes", "namespace": "default", "labels": labels},
        "spec": {"clusterIP": CLUSTER_IP, "ports": [port], "sessionAffinity": "None", "type": "ClusterIP"},
    }


def _slice(addresses: list[str]) -> dict[str, Any]:
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": "kubernetes",
            "namespace": "default",
            "labels": {"kubernetes.io/service-name": "kubernetes"},
        },
        "addressType": "IPv4",
        "endpoints": [{"addresses": [address], "conditions": {"ready": True}} for address in addresses],
        "ports": [{"name": "https", "port": PORT, "protocol": "TCP"}],
    }

"""The root CA publisher: the certificate of the API server in every namespace, as ConfigMap `kube-root-ca.crt`.

Pods mount it beside their token: so they can tell the API server from an impostor.
Upstream: `pkg/controller/certificates/rootcacertpublisher/publisher.go`.
"""

from __future__ import annotations

from k8scourse.api.values import Object

from .serviceaccount import ServiceAccountController

DESCRIPTION = (
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as "
    "the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of "
    "Kubernetes clusters."
)


class RootCAPublisher(ServiceAccountController):
    """Like the ServiceAccount controller, and it also puts changed data right."""

    NAME = "root-ca-certificate-publisher-controller"
    WATCHES = ("configmaps",)
    WANTED = "kube-root-ca.crt"

    def wanted(self, namespace: str) -> Object:
        """The ConfigMap with the CA bundle."""
        return {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": self.WANTED,
                "namespace": namespace,
                "annotations": {"kubernetes.io/description": DESCRIPTION},
            },
            "data": self._data,
        }

    def repaired(self, existing: Object) -> Object:
        """With our data, whatever somebody wrote there."""
        return existing if existing.get("data") == self._data else {**existing, "data": self._data}

    @property
    def _data(self) -> dict[str, str]:
        return {"ca.crt": self.options.root_ca}

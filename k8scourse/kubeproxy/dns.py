"""Cluster DNS: what CoreDNS' kubernetes plugin answers, from its own caches of Services and EndpointSlices.

Upstream: coredns `plugin/kubernetes`, and the DNS specification of the `kubernetes/dns` repository.
"""

from __future__ import annotations

from typing import Any

from ..client import Client, InformerFactory
from ..sim import Process
from .rules import SERVICE_NAME

DOMAIN = "cluster.local"
LONGEST_CHAIN = 8
"""How many aliases in a row are followed."""


class CoreDNS:
    """One CoreDNS Pod: answers while it lives, from what it has heard so far."""

    def __init__(self, process: Process, client: Client) -> None:
        self.process = process
        self._informers = InformerFactory(process, client)
        self._services = self._informers.get("services")
        self._slices = self._informers.get("endpointslices")

    def start(self) -> None:
        """Begin to watch."""
        self._informers.start()

    @property
    def ready(self) -> bool:
        """Whether its caches are full: what its readiness probe asks."""
        return self._informers.synced

    def resolve(self, name: str, depth: int = 0) -> list[str]:
        """The A records of a full name ("web.default.svc.cluster.local"); empty is NXDOMAIN.

        `depth` is the number of aliases that led here.
        """
        labels = name.rstrip(".").lower().split(".")
        if labels[-3:] != ["svc", *DOMAIN.split(".")] or len(labels) not in (5, 6):
            return []
        namespace, service_name = labels[-4], labels[-5]
        service = self._services.lister.get(f"{namespace}/{service_name}")
        if service is None:
            return []
        if service["spec"].get("type") == "ExternalName":
            alias = service["spec"]["externalName"]  # a CNAME; names outside the cluster have no server here
            return self.resolve(alias, depth + 1) if depth < LONGEST_CHAIN else []
        if service["spec"].get("clusterIP") != "None":
            return [service["spec"]["clusterIP"]] if len(labels) == 5 else []
        return self._headless(namespace, service_name, labels[0] if len(labels) == 6 else "")

    def lookup(self, name: str, namespace: str) -> str | None:
        """What a Pod's resolver finds: the search path of its resolv.conf (ndots:5), first answer wins."""
        search = [f"{namespace}.svc.{DOMAIN}", f"svc.{DOMAIN}", DOMAIN, ""]
        for suffix in search if name.count(".") < 5 else ["", *search]:
            found = self.resolve(f"{name}.{suffix}" if suffix else name)
            if found:
                return found[0]
        return None

    def inspect(self) -> dict[str, Any]:
        """How much it knows."""
        return {"services": len(self._services.lister), "endpointslices": len(self._slices.lister)}

    def _headless(self, namespace: str, service: str, hostname: str) -> list[str]:
        """A headless Service's ready endpoints; with a hostname, that Pod's address alone."""
        found = []
        for endpoint_slice in self._slices.lister.list(namespace):
            if endpoint_slice["metadata"].get("labels", {}).get(SERVICE_NAME) == service:
                for each in endpoint_slice.get("endpoints") or ():
                    if each.get("conditions", {}).get("ready", True) and hostname in (
                        "",
                        each.get("hostname"),
                    ):
                        found += each["addresses"]
        return sorted(found)

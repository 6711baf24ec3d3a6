"""kube-proxy: writes each node's forwarding rules from Services and EndpointSlices. No packet passes through it.

What the real one does: it watches Services and EndpointSlices and writes them into the kernel, by default as
iptables rules (nftables since 1.33 on request). The kernel forwards; kube-proxy may die and old rules still
work. Cluster DNS (CoreDNS) is a program of its own that watches the same two kinds and answers names.

Ours keeps the tables as data, with upstream's chain names and probabilities, and has a packet walker that
follows them hop by hop. What it leaves out: nftables and ipvs modes, topology hints, masquerade marks,
health-check node ports, conntrack beyond session affinity, IPv6, SRV and PTR records.

Upstream: `pkg/proxy/iptables/proxier.go`, `pkg/proxy/topology.go`. Taught in lesson 00 and in a later lesson.
"""

from .dns import CoreDNS
from .rules import KernelRules, Rules, RuleTable, TracedRules, build_rules
from .sync import KubeProxy
from .walk import Hop, Source, Wires, walk

__all__ = [
    "CoreDNS",
    "Hop",
    "KernelRules",
    "KubeProxy",
    "RuleTable",
    "Rules",
    "Source",
    "TracedRules",
    "Wires",
    "build_rules",
    "walk",
]

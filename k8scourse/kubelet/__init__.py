"""The kubelet: the agent of every node, the only one that makes Pods real.

It learns of Pods from two sources (files on its disk, and the API server, filtered by its node's name), and for
each runs a small worker that compares what the Pod's spec wants with what the container runtime has, and calls
the runtime until they agree. It probes, restarts with growing delays, stops gracefully, and reports: the Pod's
status, the node's status, Events, and a Lease every ten seconds. Without the API server it goes on with what it
knows; that is how a control plane can boot from static Pods.

What ours leaves out: cgroups and resource enforcement, eviction under pressure, image and container garbage
collection beyond a Pod's end, device and topology managers, in-place resize (the status says so), gRPC probes,
volumes other than emptyDir, hostPath, configMap, secret, downwardAPI and projected. Lesson 00 shows it at work;
a later lesson opens it.
"""

from .config import KubeletConfig
from .kubelet import Kubelet

__all__ = ["Kubelet", "KubeletConfig"]

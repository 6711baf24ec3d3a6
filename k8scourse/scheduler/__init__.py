"""kube-scheduler: finds a node for every Pod that has none, and does nothing else.

What the real one does: it watches Pods and nodes, takes one waiting Pod at a time, drops the nodes that cannot
hold it (filter), ranks those that can (score), and writes the winner's name into the Pod through the API
server (bind). It starts nothing: the node's kubelet does. It moves nothing: a bound Pod stays where it is. It
counts what Pods request, never what they use.

    scheduler.py   the loop: watch, pop, decide, assume, bind; failures go back into the queue
    queue.py       who is next: active, backing off, or waiting for a change that may help
    cache.py       what every node holds, with the Pods that were placed a moment ago (assumed)
    cycle.py       one decision: which nodes are looked at, filtered, scored, and who wins a tie
    framework.py   the extension points at which plugins speak
    plugins/       one rule per file, and registry.py, which lists them
    decision.py    what was decided and why, as data

Ours leaves out for now: preemption (its verdict is given, nobody is evicted), ports, volumes, topology spread,
affinity between Pods, image locality, extenders, several profiles, leader election.

Upstream: `pkg/scheduler`. Taught in lesson 00 in passing; a later lesson is about it alone.
"""

from .decision import Decision
from .scheduler import Scheduler

__all__ = ["Decision", "Scheduler"]

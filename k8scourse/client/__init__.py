"""client-go in small: how every component reaches the API server, and how it keeps its picture of the cluster.

What the real one does: a REST client per kind, and the machinery that every controller stands on. A
reflector lists a resource once and then watches it; an informer keeps what it heard in an indexed cache and
calls handlers; handlers put keys into a work queue; a worker takes one key at a time and reconciles it. An
event recorder tells people what happened, without flooding the store.

What ours leaves out: HTTP itself (a request is a function call, a watch travels as messages over the simulated
network), codecs, rate limits of the client, chunked lists, watch-list streaming, resync by timer, and the
goroutine per listener (handlers run in the order in which they were added).

Upstream: `staging/src/k8s.io/client-go/{rest,tools/cache,tools/record,util/workqueue}`.
Taught in lesson 00 (the road of one order) and in later lessons (informers and queues by hand).
"""

from .client import Client
from .informer import Informer, InformerFactory
from .lister import Lister
from .recorder import EventRecorder
from .reflector import Reflector
from .transport import ConnectionRefused, Request, Response, Stream, TimedOut, Transport, Unreachable
from .workqueue import QueueWorker, WorkQueue

__all__ = [
    "Client",
    "ConnectionRefused",
    "EventRecorder",
    "Informer",
    "InformerFactory",
    "Lister",
    "QueueWorker",
    "Reflector",
    "Request",
    "Response",
    "Stream",
    "TimedOut",
    "Transport",
    "Unreachable",
    "WorkQueue",
]

"""A real port for the cluster in the notebook: kubectl and every other client connect here.

What the real one does: kube-apiserver listens with TLS on 6443, speaks HTTP/1.1 and HTTP/2, streams watches, takes
JSON, YAML and protobuf, and knows a client by its certificate or its token.

Ours: the same over HTTP/1.1, around the same `handle` that everybody else in the course calls. The cluster runs in
a thread of its own, its virtual clock driven by the real one. Left out: HTTP/2, answers in protobuf, SPDY without
a WebSocket around it.

What grows: a cluster that can be rewound keeps its trace, its steps and every request that changed something,
about 15 kB a write, for as long as it lives; a served one too. `bench/http_load.py` measures it.

    serving.py       a cluster, served: port, threads, kubeconfig      engine.py      the cluster's thread and clock
    listener.py      the port      connection.py   HTTP/1.1 with limits      websocket.py   what follows an upgrade
    door.py          pages or API      exchange.py     from HTTP to `handle` and back      messages.py
    certificates.py  the authority     kubeconfig.py   how a client finds its way in
    streams.py       exec and attach over WebSockets      portforward.py, spdy.py   the way to a Pod's ports
    protobuf/        bodies that client-go sends

Nothing of the engine knows of it. Upstream: ``apiserver/pkg/server``.
"""

from .serving import Served

__all__ = ["Served"]

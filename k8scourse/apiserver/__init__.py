"""kube-apiserver: the only door. Everybody reads and writes through it, and it alone talks to etcd.

What the real one does: it answers HTTP requests, each through the same stages: who are you, may you, make the
object fit (mutating admission), is it right (schema, validation, validating admission), store it. It keeps
nothing of its own: kill it and start it again, and etcd tells it everything. From a cache that follows etcd it
feeds the watches of all components.

Ours: one function, `ApiServer.handle(Request) -> Response | Watch`, with those stages in those places. Left out
for now: rules in the schemas of custom kinds and webhooks that convert them, mutating admission policies, protobuf and
the proxy to nodes. What is left out is refused with a Status, never accepted in silence.
Of the ways to be known: OpenID Connect, webhooks, front proxies, certificate signing requests, and tokens that
stand in Secrets; of encryption: all but AES-CBC.

    server.py          the chain of stages, from a request to its answer
    handlers.py        one method a verb
    request.py         Request, Response, Watch         call.py   one request on its way
    routes.py          what a path and a method ask for
    users.py, authentication.py, certificates.py   who is asking     impersonation.py   acting as somebody else
    account_tokens.py, token_request.py, jwt.py    tokens of ServiceAccounts      bootstrap_tokens.py  of machines
    questions.py, authorization.py     whether they may       reviews.py: questions about that
    rbac.py            rights out of Roles and bindings
    node_authorizer.py, node_graph.py  what a kubelet may: what belongs to its node
    roles.py, cluster_roles.py, controller_roles.py, bootstrap_policy.py   the roles a cluster begins with
    admission/         one plug-in a file     body.py                      from bytes to an object
    registry.py        create, update, patch, delete for every kind; strategies.py: what differs per kind
    identity.py        which object a write means
    patching.py        the three patches that are served      apply/   server-side apply, managedFields
    definitions.py     custom kinds, from their CustomResourceDefinitions     cleanup.py   their end
    ownerreferences.py owners that are named twice
    deletion.py        grace periods, finalizers, propagation     deleteoptions.py   what a DELETE asks for
    subresources.py    scale, binding, finalize    logoptions.py   log    evictions.py   eviction and its budgets
    storage.py         how objects lie in etcd    encryption.py, aes.py   and how they lie there unreadable
    watchcache.py, watching.py, listing.py        lists and watches
    listoptions.py, continuing.py                 what they are asked for, and where the next page begins
    representation.py  Table and PartialObjectMetadata
    pages.py           pages that are not about a resource: discovery.py (what is served), openapi/ (how it is
                       described), health.py, metrics.py, openid.py
    connecting.py      logs and connections, which a kubelet answers      proxying.py   requests handed on to Pods
    eventview.py       Events under their newer names     componentstatus.py   the oldest word on who is well
    services.py        cluster IPs and node ports, out of pools.py
    bootstrap.py       what a new cluster begins with
    flowcontrol.py     whose turn it is           bootstrap_flow.py  the flows of a new cluster
    audit.py           who asked what, and what came of it
    peers.py           which API servers there are
    traced.py          the record of requests and commits, wrapped around from outside

Lesson 00 follows one order through it; lesson 02 is about it alone.
Upstream: ``staging/src/k8s.io/apiserver``, ``pkg/registry``, ``pkg/controlplane``.
"""

from k8scourse.apiserver.admission import WebhookCaller, WebhookUnreachable
from k8scourse.apiserver.certificates import Certificate
from k8scourse.apiserver.connecting import KubeletConnector
from k8scourse.apiserver.request import Request, Response, Watch
from k8scourse.apiserver.server import ApiServer
from k8scourse.apiserver.traced import TracedApiServer, TracedEtcd
from k8scourse.apiserver.users import UserInfo, user_info

__all__ = [
    "ApiServer",
    "Certificate",
    "KubeletConnector",
    "Request",
    "Response",
    "TracedApiServer",
    "TracedEtcd",
    "UserInfo",
    "Watch",
    "WebhookCaller",
    "WebhookUnreachable",
    "user_info",
]

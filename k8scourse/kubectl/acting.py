"""`--as`, `--as-group`, `--as-uid`: the headers with which kubectl acts as somebody else.

Upstream: `staging/src/k8s.io/cli-runtime/pkg/genericclioptions/config_flags.go`,
`staging/src/k8s.io/client-go/transport/round_trippers.go`.
"""

from __future__ import annotations

from k8scourse.client import Client

from .errors import CommandError
from .flags import Parsed


def acting_as(client: Client, parsed: Parsed) -> Client:
    """The client that says in each request as whom it acts; the same one when nobody asked for that."""
    user, groups, uid = parsed["as"], parsed["as-group"], parsed["as-uid"]
    extra = parsed["as-user-extra"]
    if not (user or groups or uid or extra):
        return client
    if not user:
        why = "requesting uid, groups or user-extra for kubernetes-admin without impersonating a user"
        raise CommandError(why)
    headers = {"Impersonate-User": user}
    if groups:
        headers["Impersonate-Group"] = "\n".join(groups)
    if uid:
        headers["Impersonate-Uid"] = uid
    for one in extra:
        key, sign, value = one.partition("=")
        if not sign:
            raise CommandError(f"invalid user-extra: {one}")
        name = f"Impersonate-Extra-{key}"
        headers[name] = f"{headers[name]}\n{value}" if name in headers else value
    return Client(client.transport.with_headers(headers))

"""What etcd refuses, with its own words.

    EtcdError
     ├─ Unavailable       no member answers: the request may be tried again
     ├─ Compacted         the revision asked for is forgotten: list again and start from now
     ├─ FutureRevision    the revision asked for has not happened yet
     ├─ LeaseNotFound     the lease expired or was revoked
     └─ InvalidRequest    a request that no state of the store could answer

Texts: etcd ``api/v3rpc/rpctypes/error.go``.
"""

from __future__ import annotations


class EtcdError(Exception):
    """Something etcd refuses; the message is etcd's own."""


class Unavailable(EtcdError):
    """No member answers (crashed, or without a majority). Nothing was written."""

    def __init__(self, message: str = "etcdserver: server stopped") -> None:
        super().__init__(message)


class Compacted(EtcdError):
    """The revision was compacted away; `compact_revision` is the oldest that can still be read."""

    def __init__(self, compact_revision: int) -> None:
        super().__init__("etcdserver: mvcc: required revision has been compacted")
        self.compact_revision = compact_revision


class FutureRevision(EtcdError):
    """The revision lies after the newest one, which is `revision`."""

    def __init__(self, revision: int) -> None:
        super().__init__("etcdserver: mvcc: required revision is a future revision")
        self.revision = revision


class LeaseNotFound(EtcdError):
    """The lease does not exist (any more)."""

    def __init__(self) -> None:
        super().__init__("etcdserver: requested lease not found")


class InvalidRequest(EtcdError):
    """The request itself is wrong, whatever the store holds."""

"""etcd: the order book of the cluster, a sorted key-value store that remembers its past.

What the real one does: several members agree by Raft on one sequence of transactions, each gives the
whole store the next *revision*; every revision that is not compacted yet can be read again, and a watch
can start from any of them. Kubernetes keeps every object under ``/registry/…`` in it, and only the API
server talks to it.

Ours: one member (`EtcdMember`) over one durable store (`MvccStore`) with revisions, ranges at a revision,
transactions, watches with history, compaction and leases. Left out for now: Raft and several members (the
interface `Etcd` is already the one they will serve), snapshots, authentication, quotas and alarms, the
bytes on the wire (values are frozen JSON values, not protobuf).

    interface.py  the Protocol `Etcd` and the records that pass through it
    mvcc.py       the store: revisions, ranges, transactions, compaction
    leases.py     which lease holds which keys
    watch.py      who is told about a commit, and in which order
    member.py     the process around the store: timers of leases, life and death
    errors.py     what etcd refuses

Lesson 00 meets it; later lessons open it. Upstream: https://etcd.io/docs/v3.6/learning/data_model/
"""

from k8scourse.etcd.errors import (
    Compacted,
    EtcdError,
    FutureRevision,
    InvalidRequest,
    LeaseNotFound,
    Unavailable,
)
from k8scourse.etcd.interface import (
    Compare,
    Delete,
    Etcd,
    Event,
    KeyValue,
    MemberStatus,
    Operation,
    Put,
    Range,
    RangeResult,
    TxnResult,
    WatchHandle,
    prefix_end,
)
from k8scourse.etcd.member import EtcdMember
from k8scourse.etcd.mvcc import MvccStore

__all__ = [
    "Compacted",
    "Compare",
    "Delete",
    "Etcd",
    "EtcdError",
    "EtcdMember",
    "Event",
    "FutureRevision",
    "InvalidRequest",
    "KeyValue",
    "LeaseNotFound",
    "MemberStatus",
    "MvccStore",
    "Operation",
    "Put",
    "Range",
    "RangeResult",
    "TxnResult",
    "Unavailable",
    "WatchHandle",
    "prefix_end",
]

"""The API server with a notebook: every handled request and every write to etcd becomes a record of the trace.

Nothing in the server knows of it; it is wrapped around, on both sides:

    caller -> TracedApiServer.handle -> ApiServer -> TracedEtcd -> etcd

The record of a request comes before those of its commits, as the order was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from k8scourse.apiserver.admission.webhooks import WebhookCaller
from k8scourse.apiserver.audit import AuditLog
from k8scourse.apiserver.authentication import UserInfo
from k8scourse.apiserver.connecting import KubeletConnector
from k8scourse.apiserver.request import Reason, Request, Response, Watch
from k8scourse.apiserver.server import ApiServer
from k8scourse.etcd import (
    Compare,
    Etcd,
    Event,
    KeyValue,
    MemberStatus,
    Operation,
    RangeResult,
    TxnResult,
    WatchHandle,
)
from k8scourse.sim import Process

ETCD_ID = "etcd@control-plane-1"


class TracedEtcd:
    """Passes every call on to etcd, and tells `on_commit` of what was written."""

    def __init__(self, etcd: Callable[[], Etcd], on_commit: Callable[[Event], None]) -> None:
        self._etcd = etcd
        self._on_commit = on_commit

    def range(self, key: str, range_end: str = "", revision: int = 0, limit: int = 0) -> RangeResult:
        """See `Etcd.range`."""
        return self._etcd().range(key, range_end, revision, limit)

    def txn(
        self, compare: Sequence[Compare], success: Sequence[Operation], failure: Sequence[Operation] = ()
    ) -> TxnResult:
        """See `Etcd.txn`."""
        result = self._etcd().txn(compare, success, failure)
        for event in result.events:
            self._on_commit(event)
        return result

    def put(self, key: str, value: Any, lease: int = 0) -> KeyValue:
        """See `Etcd.put`; the API server writes by transactions only."""
        return self._etcd().put(key, value, lease)

    def delete_range(self, key: str, range_end: str = "") -> int:
        """See `Etcd.delete_range`; the API server writes by transactions only."""
        return self._etcd().delete_range(key, range_end)

    def watch(
        self,
        key: str,
        range_end: str,
        start_revision: int,
        on_events: Callable[[int, Sequence[Event]], None],
        on_cancel: Callable[[Exception], None],
    ) -> WatchHandle:
        """See `Etcd.watch`."""
        return self._etcd().watch(key, range_end, start_revision, on_events, on_cancel)

    def compact(self, revision: int) -> None:
        """See `Etcd.compact`."""
        self._etcd().compact(revision)

    def lease_grant(self, ttl_seconds: int, lease: int = 0) -> int:
        """See `Etcd.lease_grant`."""
        return self._etcd().lease_grant(ttl_seconds, lease)

    def lease_revoke(self, lease: int) -> None:
        """See `Etcd.lease_revoke`."""
        self._etcd().lease_revoke(lease)

    def lease_keepalive(self, lease: int) -> int:
        """See `Etcd.lease_keepalive`."""
        return self._etcd().lease_keepalive(lease)

    def status(self) -> MemberStatus:
        """See `Etcd.status`."""
        return self._etcd().status()


class TracedApiServer:
    """An `ApiServer` whose requests and commits are recorded in the simulation's trace.

    `etcd_id` is the part id under which commits are recorded; the rest is as for `ApiServer`.
    """

    def __init__(
        self,
        process: Process,
        etcd: Callable[[], Etcd],
        tokens: Mapping[str, UserInfo | str] | None = None,
        kubelets: KubeletConnector | None = None,
        address: str = "10.0.0.10",
        etcd_id: str = ETCD_ID,
        webhooks: WebhookCaller | None = None,
        audit: AuditLog | None = None,
        encryption: Mapping[str, Any] | None = None,
    ) -> None:
        self.process = process
        self._trace = process.sim.trace
        self._etcd_id = etcd_id
        self._commits: list[Event] = []
        self._handling = False
        traced = TracedEtcd(etcd, self._on_commit)
        self.server = ApiServer(
            process, lambda: traced, tokens, kubelets, address, webhooks, audit, encryption
        )

    def start(self) -> None:
        """See `ApiServer.start`."""
        self.server.start()

    def handle(self, request: Request) -> Response | Watch:
        """See `ApiServer.handle`."""
        self._handling = True
        try:
            answer = self.server.handle(request)
        finally:
            self._handling = False
        self._record(request, answer)
        self._flush()
        return answer

    def _record(self, request: Request, answer: Response | Watch) -> None:
        info = answer.info
        subject = f"{info.resource}/{info.namespace}/{info.name}" if info.resource else info.path
        detail: dict[str, Any] = {
            **info._asdict(),
            "code": answer.code,
            "agent": _agent(request),
            "stages": answer.stages,
            "reasons": _by_stage(answer.reasons),
            **_outcome(answer),
        }
        self._trace.add("request", str(request.source), self.process.id, subject, **detail)

    def _on_commit(self, event: Event) -> None:
        self._commits.append(event)
        if not self._handling:
            self._flush()

    def _flush(self) -> None:
        commits, self._commits = self._commits, []
        for event in commits:
            key_value = event.key_value
            detail = {"revision": key_value.mod_revision, "type": event.type}
            self._trace.add("commit", self.process.id, self._etcd_id, key_value.key, **detail)


def _outcome(answer: Response | Watch) -> dict[str, Any]:
    if isinstance(answer, Watch):
        return {"reason": "", "message": "", "before": None, "object": None, "changed": False}
    body = answer.body if answer.code >= 400 and isinstance(answer.body, dict) else {}
    return {
        "reason": body.get("reason", ""),
        "message": body.get("message", ""),
        "before": answer.before,
        "object": answer.object,
        "changed": answer.changed,
    }


def _by_stage(reasons: Sequence[Reason]) -> dict[str, list[list[Any]]]:
    found: dict[str, list[list[Any]]] = {}
    for stage, key, values in reasons:
        found.setdefault(stage, []).append([key, values])
    return found


def _agent(request: Request) -> str:
    headers: object = request.headers
    if not isinstance(headers, Mapping):
        return ""
    return str(headers.get("User-Agent") or headers.get("user-agent") or "")

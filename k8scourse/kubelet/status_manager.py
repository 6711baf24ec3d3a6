"""Telling the API server how the node's Pods are, and letting go of those that have ended.

Upstream: `pkg/kubelet/status/status_manager.go`: a cache of the newest status per Pod; a change is sent at
once, what could not be sent is tried again every ten seconds; a Pod that is being deleted and whose containers
have stopped is deleted for good, with grace period 0.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from ..api import conditions
from ..api.errors import Conflict, NotFound, StatusError
from ..client import Client, Unreachable
from ..sim import Process
from .config import STATUS_RETRY_NS, Object, Pod
from .status import OWNED, RESIZE_PENDING


class StatusManager:
    """The newest status per Pod, by uid. `in_api(pod)` gives the API's object for a Pod (a static Pod's mirror)."""

    def __init__(self, process: Process, client: Client, in_api: Callable[[Pod], Pod | None]) -> None:
        self._process, self._client, self._in_api = process, client, in_api
        self._statuses: dict[str, Object] = {}
        self._pods: dict[str, Pod] = {}
        self._sent: dict[str, tuple[str, Object]] = {}
        self._finished: dict[str, None] = {}
        self._dirty: dict[str, None] = {}

    def start(self) -> None:
        """Begin to try again what could not be sent."""
        self._process.every(STATUS_RETRY_NS, self._flush)

    def get(self, pod: Pod) -> Object:
        """The newest status of a Pod: ours, else the API's."""
        found: Object = self._statuses.get(pod["metadata"]["uid"]) or dict(pod.get("status") or {})
        return found

    def set(self, pod: Pod, status: Object) -> None:
        """A Pod's status is this now; sent when it differs."""
        uid = pod["metadata"]["uid"]
        self._pods[uid] = pod
        if self._statuses.get(uid) != status:
            self._statuses[uid] = status
            self._dirty[uid] = None
        if uid in self._dirty:
            self._sync(uid)

    def finish(self, pod: Pod) -> None:
        """All containers of a Pod that is being deleted have ended, and its resources are free."""
        uid = pod["metadata"]["uid"]
        self._finished[uid] = None
        self._pods[uid] = pod
        self._dirty[uid] = None
        self._sync(uid)

    def reconcile(self, pod: Pod, in_api: Pod) -> None:
        """The API's object changed: if somebody else changed what is ours, send ours again."""
        uid = pod["metadata"]["uid"]
        status = self._statuses.get(uid)
        if status is None:
            return
        self._pods[uid] = pod
        if _differs(status, in_api.get("status") or {}):
            self._sent.pop(uid, None)
            self._dirty[uid] = None
            self._sync(uid)

    def forget(self, uid: str) -> None:
        """A Pod is gone."""
        for memory in (self._statuses, self._pods, self._sent, self._finished, self._dirty):
            memory.pop(uid, None)

    def _flush(self) -> None:
        for uid in list(self._dirty):
            self._sync(uid)

    def _sync(self, uid: str) -> None:
        pod = self._pods[uid]
        target = self._in_api(pod)
        if target is None:
            return  # not in the API, or not yet: its appearance comes back here
        try:
            self._send(uid, target)
            self._dirty.pop(uid, None)
        except NotFound:
            self._dirty.pop(uid, None)
        except (StatusError, Unreachable):
            return

    def _send(self, uid: str, target: Pod) -> None:
        metadata = target["metadata"]
        status = self._statuses.get(uid)
        if status is not None and self._sent.get(uid) != (metadata["uid"], status):
            patch = status_patch(target.get("status") or {}, status)
            if patch:
                body = {"metadata": {"uid": metadata["uid"]}, "status": patch}
                self._client.patch(
                    "pods", metadata["name"], body, metadata["namespace"], subresource="status"
                )
            self._sent[uid] = (metadata["uid"], status)
        if uid in self._finished and metadata["uid"] == uid and "deletionTimestamp" in metadata:
            with contextlib.suppress(Conflict):  # a new Pod has the name: ours has gone already
                self._client.delete(
                    "pods",
                    metadata["name"],
                    metadata["namespace"],
                    grace_period_seconds=0,
                    uid=metadata["uid"],
                )


def status_patch(old: Mapping[str, Any], new: Mapping[str, Any]) -> Object:
    """A strategic merge patch from one status to another: changed fields only, our conditions only."""
    patch: Object = {}
    for key, value in new.items():
        if key == "conditions":
            rows = [row for row in value if row["type"] in OWNED]
            changed = [
                row for row in rows if _plain(conditions.get({"status": old}, row["type"])) != _plain(row)
            ]
            patched = [_with_nulls(row, conditions.get({"status": old}, row["type"])) for row in changed]
            if conditions.get({"status": old}, RESIZE_PENDING) and not conditions.get(
                {"status": new}, RESIZE_PENDING
            ):
                patched.append({"type": RESIZE_PENDING, "$patch": "delete"})
            if patched:
                patch["conditions"] = patched
        elif old.get(key) != value:
            replaces = key in ("podIPs", "hostIPs") and old.get(key)
            patch[key] = [*value, {"$patch": "replace"}] if replaces else value
    for key in ("podIP", "podIPs", "reason", "message"):
        if key in old and key not in new:
            patch[key] = None
    return patch


def _plain(row: Mapping[str, Any] | None) -> Object:
    """A condition without its nulls: the API shows `lastProbeTime: null`."""
    return {key: value for key, value in (row or {}).items() if value is not None}


def _with_nulls(row: Mapping[str, Any], old: Mapping[str, Any] | None) -> Object:
    """A condition as a patch: what it had and has no longer is taken away."""
    gone = [key for key in ("reason", "message") if old is not None and key in old and key not in row]
    return {**row, **dict.fromkeys(gone)}


def _differs(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    if ours.get("phase") != theirs.get("phase"):
        return True
    return any(
        conditions.status({"status": ours}, kind) != conditions.status({"status": theirs}, kind)
        for kind in OWNED
    )

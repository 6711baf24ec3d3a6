"""Priority and fairness: whose turn it is when there is more to do than the server can do at a time.

A request belongs to the first FlowSchema that fits it; that names a priority level. A level has its share of the
server's 600 seats. When all its seats are taken, a request waits in one of the level's queues, chosen so that one
flow (a user, or a namespace) fills a hand of queues at most; when its queue is full, it is refused: 429.

Requests take no time here. So seats are only taken when a service time is given: then each request of a limited
level holds its seat for that long in virtual time, and one that would have to wait is answered at once all the
same, with the time that it would have waited. Left out: lending seats between levels, the seats of lists and of
the watches that a write wakes, and the status of the objects.

Upstream: ``apiserver/pkg/util/flowcontrol/{rule,apf_controller}.go``, ``fairqueuing/queueset``,
``pkg/util/shufflesharding``, ``pkg/server/filters/priority-and-fairness.go``.
"""

from __future__ import annotations

import hashlib
import heapq
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

from k8scourse.api import kind_table
from k8scourse.api.errors import StatusError
from k8scourse.api.values import get_in
from k8scourse.apiserver.rbac import Question
from k8scourse.apiserver.storage import Object, Storage
from k8scourse.apiserver.users import UserInfo, split_account
from k8scourse.apiserver.watchcache import WatchCache
from k8scourse.etcd import EtcdError

SEATS = 600
"""--max-requests-inflight 400 and --max-mutating-requests-inflight 200."""
SCHEMA_HEADER, LEVEL_HEADER = "X-Kubernetes-PF-FlowSchema-UID", "X-Kubernetes-PF-PriorityLevel-UID"
_KNOWN = 10_000


class TooManyRequests(StatusError):
    """429, in plain text; the caller may come again in a second."""

    code, reason = 429, "TooManyRequests"

    def __init__(self) -> None:
        super().__init__("Too many requests, please try again later.")


class Flow(NamedTuple):
    """Where a request belongs: the schema, the level, and the two headers of its answer."""

    schema: Object
    level: Object
    headers: dict[str, str]


class Turn(NamedTuple):
    """What became of a request: how long it would have waited (ns), and behind how many of its queue."""

    waits_ns: int
    behind: int


class FlowControl:
    """Classifies requests by the stored objects, and keeps count of the seats. `service_ns` 0: seats are free."""

    def __init__(
        self, storage: Storage, schemas: WatchCache, levels: WatchCache, now: Callable[[], int]
    ) -> None:
        self.service_ns = 0
        self._storage, self._caches, self._now = storage, (schemas, levels), now
        self._schemas: list[Object] = []
        self._levels: dict[str, Object] = {}
        self._rooms: dict[str, Room] = {}
        self._synced = False
        self._known: dict[tuple[Any, ...], Flow | None] = {}

    # -- classifying -----------------------------------------------------------------------------

    def classify(self, user: UserInfo, question: Question) -> Flow | None:
        """The flow of a request; None while there are no schemas yet."""
        self._sync()
        # As long as no object changes, equal requests belong together: found once, then shared.
        key = (user, question[:4], question.path)
        try:
            return self._known[key]
        except KeyError:
            pass
        if len(self._known) > _KNOWN:
            self._known.clear()
        found = self._known[key] = self._find(user, question)
        return found

    def _find(self, user: UserInfo, question: Question) -> Flow | None:
        for schema in self._schemas:
            level = self._levels.get(get_in(schema, "spec.priorityLevelConfiguration.name", ""))
            if level is not None and any(
                fits(rule, user, question) for rule in schema["spec"].get("rules") or ()
            ):
                return Flow(schema, level, {SCHEMA_HEADER: _uid(schema), LEVEL_HEADER: _uid(level)})
        return None

    def _sync(self) -> None:
        """Learn the objects, once, and forget them when one changes."""
        if self._synced:
            return
        try:
            for cache in self._caches:
                cache.listen(self._changed, self._lost)
            schemas = self._storage.list(kind_table.FLOW_SCHEMA).items
            levels = self._storage.list(kind_table.PRIORITY_LEVEL).items
        except EtcdError:
            return
        self._schemas = sorted(schemas, key=lambda each: (each["spec"]["matchingPrecedence"], _name(each)))
        self._levels = {_name(level): level for level in levels}
        self._known.clear()
        shares = sum(_shares(level) for level in levels)
        self._rooms = {
            name: self._rooms.get(name, Room()).as_large(level, -(-SEATS * _shares(level) // max(1, shares)))
            for name, level in self._levels.items()
        }
        self._synced = True

    def _changed(self, change: object) -> None:
        self._lost()

    def _lost(self) -> None:
        self._synced = False

    # -- seats -----------------------------------------------------------------------------------

    def take(self, flow: Flow, user: UserInfo, question: Question) -> Turn | None:
        """Take a seat; None when nobody counts them. Raises `TooManyRequests`."""
        if not self.service_ns or flow.level["spec"]["type"] == "Exempt":
            return None
        room = self._rooms[_name(flow.level)]
        return room.enter(
            self._now(),
            self.service_ns,
            f"{_name(flow.schema)}/{_distinguisher(flow.schema, user, question)}",
        )

    def inspect(self) -> dict[str, tuple[int, int, int]]:
        """Of each limited level: how many seats it has, how many are taken, and how many requests wait."""
        self._sync()
        return {
            name: self._rooms[name].count(self._now(), self.service_ns)
            for name, level in sorted(self._levels.items())
            if level["spec"]["type"] == "Limited"
        }


class Room:
    """The seats and the queues of one priority level."""

    def __init__(self) -> None:
        self.seats = 0
        self._queues: list[deque[int]] = []
        self._hand = self._limit = 0
        self._busy: list[int] = []

    def as_large(self, level: Object, seats: int) -> Room:
        """The same room after its level was read: so many seats, so many queues."""
        queuing = get_in(level, "spec.limited.limitResponse.queuing") or {}
        self.seats, self._hand = seats, queuing.get("handSize", 0)
        self._limit = queuing.get("queueLengthLimit", 0)
        count = queuing.get("queues", 0)
        if len(self._queues) != count:
            self._queues = [deque() for _ in range(count)]
        return self

    def enter(self, now: int, service_ns: int, flow: str) -> Turn:
        """Take a seat, or a place in a queue. Raises `TooManyRequests` when there is neither."""
        self._pass_time(now, service_ns)
        if len(self._busy) < self.seats:
            heapq.heappush(self._busy, now + service_ns)
            return Turn(0, 0)
        if not self._queues:
            raise TooManyRequests
        hand = deal(flow, len(self._queues), self._hand)
        queue = min((self._queues[index] for index in hand), key=len)
        if len(queue) >= self._limit:
            raise TooManyRequests
        behind = len(queue)
        # In each round every queue that is not empty gets one turn.
        ahead = sum(min(len(other), behind + 1) for other in self._queues if other is not queue) + behind
        rounds, place = divmod(ahead, max(1, self.seats))
        start = (
            sorted(self._busy)[min(place, len(self._busy) - 1)] + rounds * service_ns if self._busy else now
        )
        queue.append(start)
        return Turn(max(0, start - now), behind)

    def _pass_time(self, now: int, service_ns: int) -> None:
        """Let those go who are served, and those sit down whose turn has come."""
        for queue in self._queues:
            while queue and queue[0] <= now:
                heapq.heappush(self._busy, queue.popleft() + service_ns)
        while self._busy and self._busy[0] <= now:
            heapq.heappop(self._busy)

    def count(self, now: int, service_ns: int) -> tuple[int, int, int]:
        """Seats, taken, waiting."""
        self._pass_time(now, service_ns)
        return self.seats, min(len(self._busy), self.seats), sum(map(len, self._queues))


def deal(flow: str, deck: int, hand: int) -> list[int]:
    """The queues that a flow may use: a hand of different cards, always the same (``shufflesharding/dealer.go``)."""
    rest = int.from_bytes(hashlib.sha256(flow.encode("utf-8", "replace")).digest()[:8], "big")
    cards: list[int] = []
    for dealt in range(hand):
        rest, card = divmod(rest, deck - dealt)
        for taken in sorted(cards):
            if card < taken:
                break
            card += 1
        cards.append(card)
    return cards


# -- what fits ----------------------------------------------------------------------------------------


def fits(rule: Object, user: UserInfo, question: Question) -> bool:
    """Whether a rule of a FlowSchema is about this user and this request."""
    if not any(_is_subject(subject, user) for subject in rule.get("subjects") or ()):
        return False
    if question.group is None:
        return any(_fits_path(each, question) for each in rule.get("nonResourceRules") or ())
    return any(_fits_resource(each, question) for each in rule.get("resourceRules") or ())


def _is_subject(subject: Object, user: UserInfo) -> bool:
    kind = subject["kind"]
    if kind == "User":
        return subject["user"]["name"] in ("*", user.name)
    if kind == "Group":
        return subject["group"]["name"] == "*" or subject["group"]["name"] in user.groups
    account, wanted = split_account(user.name), subject["serviceAccount"]
    return account is not None and account[0] == wanted["namespace"] and wanted["name"] in ("*", account[1])


def _fits_path(rule: Object, question: Question) -> bool:
    return _has(rule["verbs"], question.verb) and any(
        url == "*" or url == question.path or (url.endswith("/*") and question.path.startswith(url[:-1]))
        for url in rule["nonResourceURLs"]
    )


def _fits_resource(rule: Object, question: Question) -> bool:
    if not (_has(rule["verbs"], question.verb) and _has(rule["apiGroups"], str(question.group))):
        return False
    if not _has(rule["resources"], question.resource):
        return False
    if not question.namespace:
        return bool(rule.get("clusterScope"))
    return _has(rule.get("namespaces") or [], question.namespace)


def _has(listed: list[str], value: str) -> bool:
    return "*" in listed or value in listed


def _distinguisher(schema: Object, user: UserInfo, question: Question) -> str:
    method = get_in(schema, "spec.distinguisherMethod.type", "")
    return {"ByUser": user.name, "ByNamespace": question.namespace}.get(method, "")


def _shares(level: Object) -> int:
    where = "exempt" if level["spec"]["type"] == "Exempt" else "limited"
    return int(get_in(level, f"spec.{where}.nominalConcurrencyShares", 0))


def _name(obj: Object) -> str:
    return str(obj["metadata"]["name"])


def _uid(obj: Object) -> str:
    return str(obj["metadata"]["uid"])

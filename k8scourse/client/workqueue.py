"""The queue of keys between an informer's handlers and a reconcile function.

Three sets tell everything. `queue` is the order in which keys will be handed out. `dirty` holds the keys that
need work. `processing` holds the keys that somebody works on now. A key that is added while it is being
processed becomes dirty and is queued again when it is done: so nobody works on one key twice at a time, and
no change is lost, and a hundred additions of one key cost one reconcile.

Two layers stand on it by composition: one that adds keys later, one that makes failing keys wait longer
each time. Upstream: `staging/src/k8s.io/client-go/util/workqueue/{queue,delaying_queue,default_rate_limiters}.go`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from k8scourse.api.errors import StatusError
from k8scourse.sim import MILLISECOND, SECOND, Process

from .transport import Unreachable

BASE_NS = 5 * MILLISECOND
MAX_NS = 1000 * SECOND
WORK_NS = 100_000
"""Time between two keys of one worker. Work takes some time: so a reconcile that wakes itself cannot stop the
clock, and every key is an event of its own that can be watched."""


class Queue:
    """The three sets."""

    def __init__(self, on_ready: Callable[[], object] | None = None) -> None:
        self.queue: deque[str] = deque()
        self.dirty: dict[str, None] = {}
        self.processing: dict[str, None] = {}
        self.on_ready = on_ready

    def add(self, key: str) -> None:
        """Mark a key as needing work; a key that waits already is not queued twice."""
        if key in self.dirty:
            return
        self.dirty[key] = None
        if key not in self.processing:
            self._enqueue(key)

    def get(self) -> str | None:
        """The next key, now in processing, or None when none is ready. Every key got must be `done`."""
        if not self.queue:
            return None
        key = self.queue.popleft()
        self.processing[key] = None
        del self.dirty[key]
        return key

    def done(self, key: str) -> None:
        """The work on a key has ended; when it became dirty meanwhile it is queued again."""
        self.processing.pop(key, None)
        if key in self.dirty:
            self._enqueue(key)

    def __len__(self) -> int:
        return len(self.queue)

    def _enqueue(self, key: str) -> None:
        self.queue.append(key)
        if self.on_ready is not None:
            self.on_ready()


class Delays:
    """Keys that shall be added later. A key waits once: the earlier of two times wins."""

    def __init__(self, process: Process, add: Callable[[str], None]) -> None:
        self._process, self._add = process, add
        self._waiting: dict[str, tuple[int, int]] = {}

    def add_after(self, key: str, delay_ns: int) -> None:
        """Add the key when `delay_ns` have gone by; at once when that is not positive."""
        if delay_ns <= 0:
            self._add(key)
            return
        due_ns = self._process.now + delay_ns
        if key in self._waiting:
            earlier_ns, ticket = self._waiting[key]
            if earlier_ns <= due_ns:
                return
            self._process.cancel(ticket)
        self._waiting[key] = due_ns, self._process.after(delay_ns, self._due, key)

    def __len__(self) -> int:
        return len(self._waiting)

    def _due(self, key: str) -> None:
        del self._waiting[key]
        self._add(key)


class FailureDelays:
    """How long a key that failed must wait: `base`, doubled with every failure, at most `max`."""

    def __init__(self, base_ns: int, max_ns: int) -> None:
        self._base_ns, self._max_ns = base_ns, max_ns
        self._failures: dict[str, int] = {}

    def next_ns(self, key: str) -> int:
        """Count one more failure and say how long to wait for it."""
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        return min(self._base_ns << min(failures, 62), self._max_ns)

    def forget(self, key: str) -> None:
        """The key succeeded: its next failure is its first."""
        self._failures.pop(key, None)

    def count(self, key: str) -> int:
        """How often the key has failed since it was last forgotten."""
        return self._failures.get(key, 0)


class TokenBucket:
    """At most `per_second` in the long run and `burst` at once: the shared limit beside the one per key."""

    def __init__(self, process: Process, per_second: int, burst: int) -> None:
        self._process = process
        self._interval_ns = SECOND // per_second
        self._ahead_ns = (burst - 1) * self._interval_ns
        self._next_ns = -self._ahead_ns

    def next_ns(self) -> int:
        """Take a token, if need be one of the future; how long until it is there."""
        now = self._process.now
        slot_ns = max(self._next_ns, now - self._ahead_ns)
        self._next_ns = slot_ns + self._interval_ns
        return max(0, slot_ns - now)


class WorkQueue:
    """A rate-limited work queue: what every controller has.

    `base_ns` and `max_ns` bound the wait of a key that keeps failing; all failing keys together are admitted
    at ten per second, a hundred at once, as client-go's default controller rate limiter does.
    """

    def __init__(self, process: Process, base_ns: int = BASE_NS, max_ns: int = MAX_NS) -> None:
        self._keys = Queue()
        self._delays = Delays(process, self._keys.add)
        self._failures = FailureDelays(base_ns, max_ns)
        self._bucket = TokenBucket(process, per_second=10, burst=100)

    def add(self, key: str) -> None:
        """Work on this key soon."""
        self._keys.add(key)

    def add_after(self, key: str, delay_ns: int) -> None:
        """Work on this key in `delay_ns`."""
        self._delays.add_after(key, delay_ns)

    def add_rate_limited(self, key: str) -> None:
        """The work on this key failed: try again, later each time."""
        self._delays.add_after(key, max(self._failures.next_ns(key), self._bucket.next_ns()))

    def forget(self, key: str) -> None:
        """The work on this key succeeded: stop counting its failures."""
        self._failures.forget(key)

    def retries(self, key: str) -> int:
        """How often this key has failed in a row."""
        return self._failures.count(key)

    def get(self) -> str | None:
        """The next key to work on, or None."""
        return self._keys.get()

    def done(self, key: str) -> None:
        """The work on a key that `get` gave has ended, well or not."""
        self._keys.done(key)

    def on_ready(self, function: Callable[[], object]) -> None:
        """Call `function` whenever a key can be got; at once when one can be already."""
        self._keys.on_ready = function
        if len(self._keys):
            function()

    @property
    def waiting(self) -> int:
        """How many keys wait for their time."""
        return len(self._delays)

    def __len__(self) -> int:
        return len(self._keys)


class QueueWorker:
    """Takes one key per kernel event from the queue and reconciles it.

    `reconcile(key)` returns None when all is well, or the nanoseconds after which to look again. When the API
    refuses or cannot be reached the key is retried, later each time; any other exception is a defect and stops
    the simulation. `on_error(key, error)` hears of every failure. `pace_ns` is how long the worker is busy with
    a key: a reconciler that looks at very many objects sets it higher, and what happens meanwhile is one key.
    """

    def __init__(
        self,
        process: Process,
        queue: WorkQueue,
        reconcile: Callable[[str], int | None],
        on_error: Callable[[str, Exception], object] | None = None,
    ) -> None:
        self._process, self._queue = process, queue
        self._reconcile, self._on_error = reconcile, on_error
        self._awake = False
        self.pace_ns = WORK_NS

    def start(self) -> None:
        """Begin to work; keys that were added before wait until here."""
        self._queue.on_ready(self._wake)

    def _wake(self) -> None:
        if not self._awake:
            self._awake = True
            self._process.after(self.pace_ns, self._work)

    def _work(self) -> None:
        self._awake = False
        key = self._queue.get()
        if key is None:
            return
        try:
            again_ns = self._reconcile(key)
        except (StatusError, Unreachable) as error:
            self._queue.add_rate_limited(key)
            if self._on_error is not None:
                self._on_error(key, error)
        else:
            self._queue.forget(key)
            if again_ns is not None:
                self._queue.add_after(key, again_ns)
        self._queue.done(key)
        if len(self._queue):
            self._wake()

"""/metrics: what the server has counted since its process began, as text for Prometheus (format 0.0.4).

    apiserver_request_total{…,code="200",resource="pods",verb="LIST",…} 42

Names and labels are upstream's. Left out are all durations and sizes: here a request takes no time of its own (the
network does, and it is not the server's), and nothing becomes bytes. What other parts of upstream's server count
(flow control, calls to etcd, caches) stays out, too. A webhook that is asked again after a lost race counts once.

Upstream: ``apiserver/pkg/endpoints/metrics/metrics.go``, ``storage/etcd3/metrics/metrics.go``,
``endpoints/filters/metrics.go``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from k8scourse.api.kinds import Kind
from k8scourse.apiserver.body import content_type
from k8scourse.apiserver.call import Call
from k8scourse.apiserver.request import EventStream, OnClose, OnEvent, WatchEvent
from k8scourse.apiserver.storage import Storage
from k8scourse.etcd import EtcdError

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BEFORE = ("authenticate", "impersonate", "authorize")
_VERBS = {"create": "POST", "update": "PUT"}
#: Which verbs may lead to a webhook, and how admission calls them.
_OPERATIONS = {"create": "CREATE", "update": "UPDATE", "patch": "UPDATE", "delete": "DELETE",
               "deletecollection": "DELETE"}  # fmt: skip
_WEBHOOKS = {"admit": "admit", "check": "validating"}
_REQUEST_LABELS = (
    "code", "component", "dry_run", "group", "resource", "scope", "subresource", "verb", "version",
)  # fmt: skip
_WATCH_LABELS = ("component", "group", "resource", "scope", "subresource", "verb", "version")
_DEPRECATED_LABELS = ("group", "removed_release", "resource", "subresource", "version")
_REJECTION_LABELS = ("error_type", "name", "operation", "rejection_code", "type")
Labels = tuple[str, ...]
#: Code, verb, group, version, plural, subresource; whether it names an object, a namespace, and is a rehearsal.
_Request = tuple[int, str, str, str, str, str, bool, bool, bool]


class Family(NamedTuple):
    """A metric with its samples: label values to number."""

    name: str
    stability: str
    help: str
    type: str
    labels: tuple[str, ...]
    samples: Mapping[Labels, float]


class Metrics:
    """The counters of one process. What can be asked when the page is wanted is not counted."""

    def __init__(self, start_ns: int) -> None:
        self._start_ns = start_ns
        self._requests: dict[_Request, int] = {}
        self._pages: dict[Labels, int] = {}
        self._refused: dict[str, int] = {}
        self._deprecated: dict[Labels, int] = {}
        self._watches: dict[Labels, int] = {}
        self._sent: dict[Labels, int] = {}
        self._asked: dict[Labels, int] = {}
        self._rejected: dict[Labels, int] = {}
        self._fail_open: dict[Labels, int] = {}

    # -- counting --------------------------------------------------------------------------------

    def count(self, call: Call, code: int) -> None:
        """A request has been answered. Who is not let in counts among the attempts only."""
        if call.stage in _BEFORE:
            if code in (401, 403):
                self._refused[call.stage] = self._refused.get(call.stage, 0) + 1
            return
        route, verb = call.route, call.verb
        kind = route.kind
        if kind is None:
            if code != 404:
                self._add(self._pages, (str(code), route.path.rstrip("/") or "/"))
            return
        dry = False
        if verb in _OPERATIONS:
            dry = call.dry_run
            self._count_webhooks(call, code)
            if verb == "patch" and content_type(call.request).startswith("application/apply-patch"):
                verb = "apply"
        # Whoever reads thousands of times a second pays for this line only; labels are made when they are asked for.
        what = (code, verb, kind.group, kind.version, kind.plural, route.subresource, route.name != "",
                route.namespace != "", dry)  # fmt: skip
        requests = self._requests
        requests[what] = requests.get(what, 0) + 1
        if kind.deprecation:
            self._deprecated[kind.group, "", kind.plural, route.subresource, kind.version] = 1

    def watching(self, call: Call, stream: EventStream) -> EventStream:
        """The stream of a watch; while it is open it counts, and so does every event that it sends."""
        kind = call.kind
        scope = _scope("watch", call.route.name != "", call.route.namespace != "")
        labels = ("apiserver", kind.group, kind.plural, scope, "", "WATCH", kind.version)
        return _CountedStream(
            stream, self._watches, labels, self._sent, (kind.group, kind.plural, kind.version)
        )

    def _count_webhooks(self, call: Call, code: int) -> None:
        """The webhooks that were asked, as the reasons of the request tell."""
        operation = _OPERATIONS[call.verb]
        for stage, key, values in call.reasons:
            if stage not in _WEBHOOKS or not key.startswith("webhook-"):
                continue
            name, kind = str(values["webhook"]), _WEBHOOKS[stage]
            if key == "webhook-failed" and values["policy"] == "Ignore":
                self._add(self._fail_open, (name, kind))
            elif key == "webhook-allowed":
                self._add(self._asked, ("200", name, operation, "false", kind))
            else:
                error = "no_error" if key == "webhook-refused" else "calling_webhook_error"
                self._add(self._asked, (str(code), name, operation, "true", kind))
                self._add(self._rejected, (error, name, operation, str(code), kind))

    @staticmethod
    def _add(counts: dict[Labels, int], labels: Labels) -> None:
        counts[labels] = counts.get(labels, 0) + 1

    # -- the page --------------------------------------------------------------------------------

    def text(self, storage: Storage, stored: Iterable[Kind], version: Mapping[str, str]) -> str:
        """The page. `stored` are the kinds whose objects are counted in `storage`."""
        families = [
            *self._of_requests(),
            *self._of_webhooks(),
            *_objects(storage, stored),
            _build(version),
            self._process(),
        ]
        ordered = sorted(families, key=lambda family: family.name)
        return "".join(line for family in ordered for line in _lines(family))

    def _of_requests(self) -> Iterator[Family]:
        answered = self._answered()
        admitted = sum(answered.values())
        unknown, denied = self._refused.get("authenticate", 0), self._refused.get("authorize", 0)
        yield Family("apiserver_request_total", "STABLE", "Requests answered, by what they asked for and how it ended.",
                     "counter", _REQUEST_LABELS, answered)  # fmt: skip
        yield Family("apiserver_longrunning_requests", "STABLE", "Watches that are open.",
                     "gauge", _WATCH_LABELS, self._watches)  # fmt: skip
        yield Family("apiserver_watch_events_total", "ALPHA", "Events sent to watches.",
                     "counter", ("group", "resource", "version"), self._sent)  # fmt: skip
        yield Family("apiserver_requested_deprecated_apis", "STABLE", "Deprecated kinds that somebody asked for.",
                     "gauge", _DEPRECATED_LABELS, self._deprecated)  # fmt: skip
        yield Family("authentication_attempts", "ALPHA", "Requests whose sender was asked for, by the outcome.",
                     "counter", ("result",), {("error",): unknown, ("success",): admitted + denied})  # fmt: skip
        yield Family("authorization_attempts_total", "ALPHA", "Requests that were judged, by the outcome.",
                     "counter", ("result",), {("allowed",): admitted, ("denied",): denied})  # fmt: skip

    def _answered(self) -> dict[Labels, float]:
        """The requests by upstream's labels; pages stand under their path."""
        found: dict[Labels, float] = {}
        for (code, path), count in self._pages.items():
            found[code, "", "", "", "", "", path, "GET", ""] = count
        for what, count in self._requests.items():
            code_number, verb, group, version, plural, part, named, in_namespace, dry = what
            scope, shown = _scope(verb, named, in_namespace), _VERBS.get(verb) or verb.upper()
            labels = (
                str(code_number),
                "apiserver",
                "All" if dry else "",
                group,
                plural,
                scope,
                part,
                shown,
                version,
            )
            found[labels] = found.get(labels, 0) + count
        return found

    def _of_webhooks(self) -> Iterator[Family]:
        yield Family("apiserver_admission_webhook_request_total", "ALPHA", "Questions to webhooks, by their answers.",
                     "counter", ("code", "name", "operation", "rejected", "type"), self._asked)  # fmt: skip
        yield Family("apiserver_admission_webhook_rejection_count", "ALPHA", "Requests that a webhook stopped.",
                     "counter", _REJECTION_LABELS, self._rejected)  # fmt: skip
        yield Family("apiserver_admission_webhook_fail_open_count", "ALPHA", "Webhooks that failed and were passed by.",
                     "counter", ("name", "type"), self._fail_open)  # fmt: skip

    def _process(self) -> Family:
        return Family("process_start_time_seconds", "", "When the process began, in virtual seconds since 1970.",
                      "gauge", (), {(): self._start_ns / 1e9})  # fmt: skip


class _CountedStream:
    """A stream that says when it is open and what it sends."""

    def __init__(
        self,
        stream: EventStream,
        open_now: dict[Labels, int],
        labels: Labels,
        sent: dict[Labels, int],
        what: Labels,
    ) -> None:
        self._stream = stream
        self._open_now, self._labels = open_now, labels
        self._sent, self._what = sent, what
        self._is_open = False

    def start(self, on_event: OnEvent, on_close: OnClose) -> None:
        """Begin; see `EventStream.start`."""
        sent, what = self._sent, self._what
        sent.setdefault(what, 0)
        self._is_open = True
        self._open_now[self._labels] = self._open_now.get(self._labels, 0) + 1

        def counted(event: WatchEvent) -> None:
            sent[what] += 1
            on_event(event)

        def closed() -> None:
            self._close()
            on_close()

        self._stream.start(counted, closed)

    def stop(self) -> None:
        """The client has gone away."""
        self._close()
        self._stream.stop()

    def _close(self) -> None:
        if self._is_open:
            self._is_open = False
            self._open_now[self._labels] -= 1


def _scope(verb: str, named: bool, in_namespace: bool) -> str:
    if named or verb == "create":
        return "resource"
    return "namespace" if in_namespace else "cluster"


def _objects(storage: Storage, stored: Iterable[Kind]) -> Iterator[Family]:
    counts: dict[Labels, float] = {}
    old: dict[Labels, float] = {}
    for kind in stored:
        counts[kind.group, kind.plural] = old[(kind.resource_name,)] = _number(storage, kind)
    yield Family("apiserver_resource_objects", "ALPHA", "Objects in the store; -1 when it cannot be asked.",
                 "gauge", ("group", "resource"), counts)  # fmt: skip
    yield Family("apiserver_storage_objects", "STABLE", "(Deprecated since 1.34.0) The same under its older name.",
                 "gauge", ("resource",), old)  # fmt: skip


def _number(storage: Storage, kind: Kind) -> int:
    try:
        page = storage.list(kind, limit=1)
    except EtcdError:
        return -1
    return len(page.items) + page.remaining


def _build(version: Mapping[str, str]) -> Family:
    labels = {
        "build_date": "buildDate", "compiler": "compiler", "git_commit": "gitCommit", "git_tree_state": "gitTreeState",
        "git_version": "gitVersion", "go_version": "goVersion", "major": "major", "minor": "minor",
        "platform": "platform",
    }  # fmt: skip
    values = tuple(version[field] for field in labels.values())
    return Family(
        "kubernetes_build_info", "ALPHA", "What this server is.", "gauge", tuple(labels), {values: 1}
    )


def _lines(family: Family) -> Iterator[str]:
    """A family as text; one without samples says nothing, as in Prometheus' own library."""
    if not family.samples:
        return
    stability = f"[{family.stability}] " if family.stability else ""
    yield f"# HELP {family.name} {stability}{family.help}\n# TYPE {family.name} {family.type}\n"
    for values in sorted(family.samples):
        pairs = (f'{name}="{_escaped(value)}"' for name, value in zip(family.labels, values, strict=True))
        labels = f"{{{','.join(pairs)}}}" if values else ""
        yield f"{family.name}{labels} {_shown(family.samples[values])}\n"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def _shown(number: float) -> str:
    return str(int(number)) if number == int(number) else repr(float(number))

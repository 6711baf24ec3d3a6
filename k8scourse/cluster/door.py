"""What a learner does at the API server's door by hand: send a request, listen to a watch, be another user.

Each act is an input of the history, so a fork does it again. Requests leave the machine where kubectl runs;
they call themselves curl.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from ..api.conditions import is_true
from ..apiserver import Certificate
from ..apiserver.routes import split_query, truth
from ..client import Request, Transport, Unreachable
from ..sim import SECOND
from . import auditing, hooks
from .answer import Answer
from .auditing import Audit
from .credentials import certificate_of
from .errors import LearnerError
from .hooks import Check, Hook
from .listening import Listener
from .presenter import Story
from .world import SECOND_PLANE

if TYPE_CHECKING:
    from .history import History, Input
    from .world import World

ADMINISTRATOR = "kubernetes-admin"
JOIN_SECONDS = 120.0
AGENT = "curl/8.14.1"
_REGISTRATION = "/apis/admissionregistration.k8s.io/v1"
_REPLAYED = (
    "send",
    "user",
    "listen",
    "hang_up",
    "hook",
    "add_api_server",
    "dial",
    "audit_policy",
    "request_time",
)


class Door:
    """The part of `Cluster` that talks to the API server directly."""

    world: World
    history: History
    guard: AbstractContextManager[Any]

    def __init__(self) -> None:
        self.listening: list[Listener] = []

    def _changed(self) -> None:
        raise NotImplementedError

    def _run(self, amount: float | None, goal: object, namespace: str) -> Story:
        raise NotImplementedError

    # --- what one may do ------------------------------------------------------------------------------------

    def user(self, name: str, groups: Sequence[str] = ()) -> str:
        """Make somebody known to the API server: a client certificate with this name and these groups.

        Being known is not being allowed: rights come from Roles and bindings. Answers the name, for `send`.
        """
        _check_name(name)
        if not isinstance(groups, list | tuple) or not all(isinstance(each, str) and each for each in groups):
            raise LearnerError("user_groups", groups=groups)
        with self.guard:
            self._input("user", name, tuple(groups))
        return name

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        user: str | None = ADMINISTRATOR,
        token: str | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request to the API server, as curl would, and see how far it comes.

        `user` shows the certificate of that name (None: nobody, an anonymous request), `token` a bearer token as
        it is. `body` is a dict or a list (sent as JSON), or text or bytes. Nothing is checked on the way: what is
        wrong with a request, the server says.
        """
        request = self._request(method, path, body, user, token, query, headers)
        if request.method == "GET" and _watches(request):
            raise LearnerError("send_watch", path=path)
        with self.guard:
            answer = self._input("send", request)
            self._changed()
            assert isinstance(answer, Answer)
            answer.notes = self.world.hooks.told()
            return answer

    def listen(
        self,
        path: str,
        *,
        user: str | None = ADMINISTRATOR,
        token: str | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> Listener:
        """Open a watch on a path ("/api/v1/pods") and keep what it says while the cluster runs."""
        asked = self._request("GET", path, None, user, token, {"watch": "1", **dict(query or {})}, None)
        with self.guard:
            listener = self._input("listen", asked)
            self._changed()
            assert isinstance(listener, Listener)
            return listener

    def webhook(
        self,
        name: str,
        check: Check | None = None,
        *,
        resources: Sequence[str] = ("pods",),
        operations: Sequence[str] = ("CREATE",),
        mutating: bool = False,
        failure_policy: str = "Fail",
    ) -> Any:
        """Let the API server ask a function of yours before it stores something; also usable as a decorator.

        `check(request)` gets the request of an AdmissionReview. None lets it through, a text refuses it with that
        message, and a dict (with `mutating`) is the object as it should be. Makes the webhook's configuration
        through the API: name it like a domain ("no-latest.example.com"). A fork calls the same function.
        """
        if check is None:
            return lambda function: self._hooked(
                function, name, resources, operations, bool(mutating), failure_policy
            )
        return self._hooked(check, name, resources, operations, bool(mutating), failure_policy)

    @property
    def audit(self) -> Audit:
        """What the API servers have written into the audit log: an event a request, as the policy wants it."""
        return Audit(list(self.world.audit.events))

    def audit_policy(self, *rules: object) -> None:
        """Record by these rules from now on: dicts as in an audit Policy, or a level alone for everything.

        The first rule that fits a request counts; what none fits is not recorded. Without rules: as at first.
        """
        with self.guard:
            self._input("audit_policy", auditing.checked(rules))

    def request_time(self, seconds: object) -> None:
        """From now on each request occupies a seat of its priority level for so many seconds (0: for none).

        Nobody waits for it, as requests take no time here; but who floods the server is told to come again: 429.
        """
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= 60:
            raise LearnerError("request_time", asked=seconds)
        with self.guard:
            self._input("request_time", round(seconds * SECOND))

    def add_api_server(self) -> Story:
        """A second API server on a machine of its own, and a load balancer before both; runs until it is ready.

        The machine is "control-plane-2": containerd, a kubelet and kube-apiserver, which talks to the same etcd.
        """
        with self.guard:
            self._check_idle()
            if self.world.balancer is not None:
                raise LearnerError("second_api_server")
            self._input("add_api_server")
            return self._run(JOIN_SECONDS, self._has_joined, "")

    # --- inside ---------------------------------------------------------------------------------------------

    def _hooked(
        self,
        check: object,
        name: object,
        resources: object,
        operations: object,
        mutating: bool,
        policy: object,
    ) -> Check:
        """Register the function, and make (or renew) the object that tells the server of it."""
        hook, wanted = hooks.checked(name, check, resources, operations, mutating, policy)
        with self.guard:
            headers = {"Content-Type": "application/apply-patch+yaml"}
            query = {"fieldManager": "cluster-webhook", "force": "true"}
            path = f"{_REGISTRATION}/{hooks.PLURALS[mutating]}/{name}"
            made = self.send("PATCH", path, wanted, query=query, headers=headers)
            if not made.ok:
                raise LearnerError("hook_refused", name=name, message=made.message)
            other = hooks.PLURALS[not mutating]
            if any(each["metadata"]["name"] == name for each in self.world.objects(other)):
                self.send("DELETE", f"{_REGISTRATION}/{other}/{name}")
            self._input("hook", hook)
        return hook.check

    def _request(
        self,
        method: object,
        path: object,
        body: object,
        user: object,
        token: object,
        query: Any,
        headers: Any,
    ) -> Request:
        if not isinstance(method, str) or not method.strip():
            raise LearnerError("send_method", method=method)
        if not isinstance(path, str) or not path.startswith("/"):
            raise LearnerError("send_path", path=path)
        sent = {"User-Agent": AGENT, **_texts("headers", headers)}
        if token is not None:
            sent |= _bearer(token)
        certificate = self._certificate(user) if token is None and user is not None else None
        return Request(
            method.strip().upper(),
            path,
            _texts("query", query),
            sent,
            _sendable(body),
            certificate=certificate,
        )

    def _certificate(self, user: object) -> Certificate:
        """The certificate of a user; an unknown one is made known first."""
        name = _check_name(user)
        if name != ADMINISTRATOR and name not in self.world.users:
            self._input("user", name, ())
        return self.world.users.get(name) or certificate_of(name)

    def _input(self, verb: str, *arguments: Any) -> Any:
        """Write an act into the history, and do it."""
        self._check_idle()
        self.history.note(self.world.sim, verb, *arguments)
        return getattr(self, f"_do_{verb}")(*arguments)

    def _check_idle(self) -> None:
        """LearnerError while the cluster waits for the answer of a function of the learner's."""
        if self.world.hooks.busy:
            raise LearnerError("hook_busy", name=self.world.hooks.busy)

    def _replayed(self, entry: Input) -> bool:
        """Do an act of the past again; False when it is none of ours."""
        if entry.verb not in _REPLAYED:
            return False
        getattr(self, f"_do_{entry.verb}")(*entry.arguments)
        return True

    def _do_user(self, name: str, groups: tuple[str, ...]) -> None:
        self.world.users[name] = certificate_of(name, groups)

    def _has_joined(self, _: object) -> bool:
        node = next(
            (each for each in self.world.objects("nodes") if each["metadata"]["name"] == SECOND_PLANE), None
        )
        balancer = self.world.balancer
        return (
            node is not None
            and is_true(node, "Ready")
            and balancer is not None
            and balancer.is_up(SECOND_PLANE)
        )

    def _do_add_api_server(self) -> None:
        self.world.add_api_server()

    def _dial(self) -> None:
        """A new command is a new connection: behind a load balancer, perhaps to another server."""
        if self.world.balancer is not None:
            self._input("dial")

    def _do_dial(self) -> None:
        if self.world.balancer is not None:
            self.world.balancer.hang_up(self.world.kubectl)

    def _do_request_time(self, nanoseconds: int) -> None:
        self.world.service_ns = nanoseconds
        for _, server in self.world.servers.values():
            server.server.flow.service_ns = nanoseconds

    def _do_audit_policy(self, rules: tuple[dict[str, Any], ...]) -> None:
        self.world.audit.rules = list(rules) or list(auditing.QUIET)

    def _do_hook(self, hook: Hook) -> None:
        self.world.hooks.add(hook)

    def _do_send(self, request: Request) -> Answer:
        self._do_dial()
        trace, source = self.world.sim.trace, self.world.kubectl.id
        before = len(trace.records)
        try:
            response = self._transport().request(request)
        except Unreachable as error:
            return Answer(request, None, problem=error.message)
        added = trace.records[before:]
        place = max(
            index for index, each in enumerate(added) if (each.kind, each.source) == ("request", source)
        )
        commits = [each for each in added[place + 1 :] if each.kind == "commit"]
        return Answer(request, response, added[place], commits)

    def _do_listen(self, request: Request) -> Listener:
        listener = Listener(request, self.world.sim, self._hang_up)
        self.listening.append(listener)
        self._do_dial()
        listener.connect(self._transport())
        return listener

    def _hang_up(self, listener: Listener) -> None:
        with self.guard:
            self._input("hang_up", self.listening.index(listener))

    def _do_hang_up(self, number: int) -> None:
        self.listening[number].stop()

    def _transport(self) -> Transport:
        world = self.world
        return Transport(world.kubectl, world.find_server, world.sim.network, address=lambda: world.endpoint)


def _bearer(token: object) -> dict[str, str]:
    if not isinstance(token, str):
        raise LearnerError("send_token", token=token)
    return {"Authorization": f"Bearer {token}"}


def _check_name(name: object) -> str:
    if not isinstance(name, str) or not name or not name.isprintable():
        raise LearnerError("user_name", name=name)
    return name


def _watches(request: Request) -> bool:
    _, inline = split_query(request.path)
    return truth({**inline, **request.query}, "watch")


def _texts(what: str, given: Any) -> dict[str, str]:
    """Names to texts; numbers and booleans are written as Kubernetes writes them."""
    if given is None:
        return {}
    if not isinstance(given, Mapping) or not all(isinstance(key, str) for key in given):
        raise LearnerError(f"send_{what}", given=given)
    found: dict[str, str] = {}
    for key, value in given.items():
        if not isinstance(value, str | bool | int):
            raise LearnerError(f"send_{what}", given=given)
        found[key] = value if isinstance(value, str) else str(value).lower()
    return found


def _sendable(body: Any) -> Any:
    """The body as a value of its own: what the caller later does to the dict does not change what was sent."""
    if body is None or isinstance(body, str | bytes):
        return body
    if not isinstance(body, dict | list):
        raise LearnerError("send_body", kind=type(body).__name__)
    try:
        return json.loads(json.dumps(body, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise LearnerError("send_json", error=error) from None

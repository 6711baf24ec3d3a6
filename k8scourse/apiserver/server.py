"""The chain of stages that every request goes through, and the life of the server's process.

    request -> authenticate -> authorize -> admit -> validate -> store -> answer
                  401            403        403       400/422    404/409/410

`handle` never raises: whatever is wrong becomes a Status. What would be a defect of ours becomes the 500 that a
panic gives upstream, and is kept in `panics` for the tests.

Upstream: ``apiserver/pkg/server/config.go`` (DefaultBuildHandlerChain), ``pkg/controlplane/instance.go``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from k8scourse.api import kinds
from k8scourse.api.errors import BadRequest, InternalError, StatusError, forbidden
from k8scourse.api.kinds import Kind
from k8scourse.apiserver import (
    body,
    bootstrap,
    bootstrap_policy,
    eventview,
    impersonation,
    listoptions,
    questions,
    representation,
    routes,
)
from k8scourse.apiserver.account_tokens import AccountTokens
from k8scourse.apiserver.admission.webhooks import WebhookCaller
from k8scourse.apiserver.audit import AuditLog
from k8scourse.apiserver.authentication import Authenticator, NotAuthenticated, TokenFile
from k8scourse.apiserver.authorization import Authorizer
from k8scourse.apiserver.authorization import refusal as not_authorized
from k8scourse.apiserver.bootstrap_tokens import BootstrapTokens
from k8scourse.apiserver.call import Call
from k8scourse.apiserver.certificates import ClientCertificates
from k8scourse.apiserver.connecting import KubeletConnector
from k8scourse.apiserver.definitions import Definitions
from k8scourse.apiserver.encryption import Encryption
from k8scourse.apiserver.flowcontrol import FlowControl, TooManyRequests
from k8scourse.apiserver.handlers import Handlers
from k8scourse.apiserver.metrics import Metrics
from k8scourse.apiserver.node_authorizer import NodeAuthorizer
from k8scourse.apiserver.pages import Pages
from k8scourse.apiserver.peers import Peers
from k8scourse.apiserver.rbac import Question, Rights
from k8scourse.apiserver.registry import Registry
from k8scourse.apiserver.request import EventStream, Request, RequestInfo, Response, Watch, refusal
from k8scourse.apiserver.reviews import Reviews
from k8scourse.apiserver.routes import CONNECTIONS, LONG_RUNNING, PageNotFound, Route
from k8scourse.apiserver.services import ServiceAllocator
from k8scourse.apiserver.storage import Storage
from k8scourse.apiserver.users import Credentials, UserInfo
from k8scourse.apiserver.watchcache import WatchCache
from k8scourse.apiserver.watching import Watcher
from k8scourse.etcd import Etcd, EtcdError
from k8scourse.sim import MILLISECOND, MINUTE, SECOND, Process

COMPACTION_NS = 5 * MINUTE
RECONCILE_NS = 10 * SECOND
RETRY_NS = SECOND
LOOPBACK = UserInfo("system:apiserver", ("system:masters", "system:authenticated"))
_TEXT = {"Content-Type": "text/plain; charset=utf-8"}


class ApiServer:
    """kube-apiserver. `etcd` finds the member to talk to, and may raise `Unavailable`.

    `tokens` maps bearer tokens to users (`UserInfo`, or a name whose groups follow from it); `address` is what
    the Service "kubernetes" leads to, `webhooks` the way to those whom admission asks, `audit` the log that requests
    are recorded in, `encryption` an EncryptionConfiguration (ValueError for one that cannot be followed).
    """

    def __init__(
        self,
        process: Process,
        etcd: Callable[[], Etcd],
        tokens: Mapping[str, UserInfo | str] | None = None,
        kubelets: KubeletConnector | None = None,
        address: str = "10.0.0.10",
        webhooks: WebhookCaller | None = None,
        audit: AuditLog | None = None,
        encryption: Mapping[str, Any] | None = None,
    ) -> None:
        self.process = process
        self.address = address
        self._audit = audit
        self.panics: list[Exception] = []
        at_rest = None
        if encryption is not None:
            at_rest = Encryption(encryption, process.sim.rng("kube-apiserver/encryption"))
        self.storage = Storage(etcd, lambda: process.now, at_rest)
        self.caches = {
            kind.plural: WatchCache(process, self.storage, kind) for kind in kinds.ALL if kind.stored
        }
        self.definitions = Definitions(process, self.storage, self.caches, self._sweep)
        services = ServiceAllocator(self.storage, self.caches["services"])
        self.registry = Registry(process, self.storage, services, webhooks, lambda: self.definitions.kinds)
        self._authenticator = Authenticator(
            ClientCertificates(lambda: process.now),
            [
                TokenFile({} if tokens is None else tokens),
                AccountTokens(self.registry, lambda: process.now),
                BootstrapTokens(self.registry, lambda: process.now),
            ],
        )
        rights = Rights(self.storage, self.caches)
        self._authorizer = Authorizer(rights, NodeAuthorizer(self.storage, self.caches))
        self.registry.rights = rights
        reviews = Reviews(self._authenticator, self._authorizer)
        self._handlers = Handlers(self.registry, self.definitions.cache, kubelets, reviews)
        self.peers = Peers(process, self.storage, address)
        schemas, levels = self.caches["flowschemas"], self.caches["prioritylevelconfigurations"]
        self.flow = FlowControl(self.storage, schemas, levels, lambda: process.now)
        self._compact_to = 0
        self._ready = False
        self.metrics = Metrics(process.now)
        self._pages = Pages(self.storage, self.definitions, self.metrics, lambda: self._ready)

    # -- life ------------------------------------------------------------------------------------

    def start(self) -> None:
        """Make what every cluster begins with, follow etcd, and keep both up; tries on while etcd is away."""
        self._begin()
        self.process.after(RECONCILE_NS, self.process.every, RECONCILE_NS, self._reconcile)
        self.process.after(COMPACTION_NS, self.process.every, COMPACTION_NS, self._compact)
        self.process.on_exit(self._exit)

    def _begin(self) -> None:
        self._reconcile()
        try:
            bootstrap_policy.reconcile(self)
        except EtcdError:
            self._ready = False
        if not self._ready:
            self.process.after(RETRY_NS, self._begin)

    def _reconcile(self) -> None:
        try:
            bootstrap.reconcile(self)
            self.definitions.follow()
            for cache in (*self.caches.values(), *self.definitions.caches):
                cache.ensure()
            self._ready = True
        except EtcdError:
            pass

    def _compact(self) -> None:
        """Forget what is more than five minutes old, as the real API server asks of etcd."""
        try:
            if self._compact_to > self.storage.etcd().status().compact_revision:
                self.storage.etcd().compact(self._compact_to)
            self._compact_to = self.storage.revision()
        except EtcdError:
            pass

    def _exit(self) -> None:
        for cache in (*self.caches.values(), *self.definitions.caches):
            cache.abandon()

    def _sweep(self, kind: Kind, obj: Any) -> None:
        self.registry.deleter.sweep(kind, obj)

    # -- the chain -------------------------------------------------------------------------------

    def handle(self, request: Request) -> Response | Watch:
        """Answer a request, or open a watch. Whatever is in the request, this does not raise."""
        call = Call(request, Route("/"), {})
        try:
            _normalize(call)
            answer = self._chain(call)
        except PageNotFound as error:
            answer = Response(404, error.message, dict(_TEXT))
        except TooManyRequests as error:
            call.stages.append([call.stage, "refused"])
            answer = Response(error.code, f"{error.message}\n", {**_TEXT, "Retry-After": "1"})
        except StatusError as error:
            answer = _refused(call, error)
        except EtcdError as error:
            answer = _refused(call, InternalError(str(error), reason=""))
        except Exception as error:  # upstream's outermost filter: one bad request does not end the server
            self.panics.append(error)
            message = "This request caused apiserver to panic. Look in the logs for details."
            answer = _refused(call, InternalError(message))
        answer.info = _info(call)
        self.metrics.count(call, answer.code)
        if self._audit is not None:
            self._audit.note(call, answer, self.process.now, self.process.now)
        if call.flow is not None and isinstance(answer, Response):
            answer.headers = {**answer.headers, **call.flow.headers}
        answer.stages, answer.reasons = call.stages, call.reasons
        return answer

    def loopback(self, method: str, path: str, body: Any = None) -> Response:
        """A request of the server to itself, past the first two stages. Raises what refuses it."""
        call = Call(Request(method, path, body=body), routes.parse(path), {}, user=LOOPBACK)
        call.verb = routes.verb_of(method, call.route, call.query)
        return self._handlers.serve(call)

    def _chain(self, call: Call) -> Response | Watch:
        self._authenticate(call)
        unknown = self._find(call)
        question = self._question(call)
        self._impersonate(call, question)
        self._wait_turn(call, question)
        self._authorize(call, question)
        if unknown is not None:
            call.passed("authorize", "read")
            raise unknown
        call.may = lambda verb: self._authorizer.decide(call.user, question._replace(verb=verb)).allowed
        call.passed("authorize", "store")
        if call.route.kind is None:
            return self._pages.answer(call)
        is_view = call.kind is kinds.EVENT_VIEW
        if call.verb == "watch":
            return eventview.watched(call, self._watch) if is_view else self._watch(call)
        answer = eventview.answered(call, self._handlers.serve) if is_view else self._handlers.serve(call)
        call.passed("store")
        return answer

    def _authenticate(self, call: Call) -> None:
        request = call.request
        try:
            known = self._authenticator.authenticate(Credentials(request.headers, request.certificate))
        except NotAuthenticated as error:
            call.reasons.append(("authenticate", error.key, error.why))
            raise
        call.user = known.user
        call.reasons.append(("authenticate", known.how, known.details))
        call.passed("authenticate", "authorize")

    def _impersonate(self, call: Call, question: Question) -> None:
        headers = call.request.headers
        call.stage = "impersonate"
        wanted = impersonation.wanted(headers)
        if wanted is not None:
            asker = call.user
            call.user = impersonation.impersonated(self._authorizer.decide, asker, wanted, question)
            call.asker = asker
            call.passed("impersonate")
            call.reason("impersonate", "as", actor=asker.name, name=call.user.name)
        call.stage = "authorize"

    def _wait_turn(self, call: Call, question: Question) -> None:
        """Find out where the request belongs, and take a seat there. Raises `TooManyRequests`.

        A connection that stays open is not counted (``pkg/server/filters/priority-and-fairness.go``).
        """
        if question.subresource in LONG_RUNNING:
            return
        call.flow = flow = self.flow.classify(call.user, question)
        if flow is None or not self.flow.service_ns:
            return
        names = {"schema": flow.schema["metadata"]["name"], "level": flow.level["metadata"]["name"]}
        try:
            turn = self.flow.take(flow, call.user, question)
        except TooManyRequests:
            call.stage = "flow"
            call.reason("flow", "full", **names)
            raise
        if turn is not None and turn.waits_ns:
            milliseconds = turn.waits_ns // MILLISECOND
            call.reason("flow", "queued", **names, behind=turn.behind, milliseconds=milliseconds)
        elif turn is not None:
            call.reason("flow", "seat", **names)

    def _find(self, call: Call) -> StatusError | None:
        """Where the request goes. What is wrong with that is said only to those who may ask: it comes back."""
        try:
            call.route = self._route(call.request.path)
            call.verb = routes.verb_of(call.request.method, call.route, call.query)
        except StatusError as error:
            call.route = Route(call.request.path)
            return error
        return None

    def _route(self, path: str) -> Route:
        try:
            return routes.parse(path)
        except StatusError:
            custom = routes.parse_custom(path, self.definitions)
            if custom is None:
                raise
            return custom

    def _question(self, call: Call) -> Question:
        request = call.request
        if call.verb:
            return questions.of_route(call.verb, call.route, request.method, call.query)
        return questions.of_path(request.method, request.path, call.query)

    def _authorize(self, call: Call, question: Question) -> None:
        decision = self._authorizer.decide(call.user, question)
        call.reasons.append(("authorize", decision.key, decision.details))
        call.decision = decision[:2]
        if not decision.allowed:
            raise not_authorized(call.user, question, decision.reason)
        if question.verb == "get" and question.subresource in CONNECTIONS:
            self._authorize_connection(call, question._replace(verb="create"))

    def _authorize_connection(self, call: Call, question: Question) -> None:
        """A WebSocket begins with a GET; who may only read may not therefore run commands.

        Upstream: ``pkg/registry/core/pod/rest/authorize.go``.
        """
        decision = self._authorizer.decide(call.user, question)
        if not decision.allowed:
            call.reasons[-1] = ("authorize", decision.key, decision.details)
            raise forbidden("", question.plural, question.name, decision.reason)

    def _watch(self, call: Call) -> Watch:
        route, kind = call.route, call.kind
        form = representation.wanted(call.request.headers)
        options = listoptions.read_options(kind, call.query, route.name)
        cache = self.definitions.cache(kind)
        cache.ensure()
        watcher: EventStream = Watcher(self.process, self.storage, cache, route.namespace, options)
        watcher = self.metrics.watching(call, watcher)
        call.passed("store")
        if not form:
            return Watch(watcher)
        include = representation.included(form, call.query)
        return Watch(representation.FormedStream(watcher, form, kind, include, self.process))


def _normalize(call: Call) -> None:
    """Take a request apart; nothing behind this line meets a method, path, query or header of a wrong type."""
    request = call.request
    if not (_is_text(request.method) and _is_text(request.path)):
        raise BadRequest("malformed HTTP request")
    if not (_is_text_to_text(request.query) and _is_text_to_text(request.headers)):
        raise BadRequest("malformed HTTP request")
    call.query = request.query
    if "?" in request.path:
        path, query = routes.split_query(request.path)
        call.hanging = request.path.partition("?")[2]
        call.request = replace(request, path=path)
        call.query = {**query, **request.query}
    if isinstance(request.body, (bytes, bytearray, str)) and len(request.body) > body.LIMIT_BYTES:
        body.text_of(request.body)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and (value.isascii() or body.is_whole(value))


def _is_text_to_text(value: object) -> bool:
    return isinstance(value, Mapping) and all(_is_text(part) for pair in value.items() for part in pair)


def _refused(call: Call, error: StatusError) -> Response:
    call.stages.append([call.stage, "refused"])
    answer = refusal(error)
    answer.warnings = call.warnings
    return answer


def _info(call: Call) -> RequestInfo:
    route, obj = call.route, call.object
    name = route.name
    if call.verb == "create" and not name and isinstance(obj, dict):
        name = obj["metadata"]["name"]
    plural = route.kind.plural if route.kind else ""
    user = "" if not call.stages or call.stages[0][1] != "ok" else call.user.name
    return RequestInfo(call.verb, plural, route.subresource, route.namespace, name, user, route.path)

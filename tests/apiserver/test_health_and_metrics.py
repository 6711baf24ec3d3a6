"""The pages about the server itself: is it well, what has it done."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

import pytest
from apiserver.hooks import Hooks, allow, hook, refuse, register
from apiserver.support import CONFIG_MAPS, PODS, SERVICE_ACCOUNTS, Api, config_map, pod

from k8scourse.apiserver import Request, Watch, jwt

ALIVE = ["ping", "log", "etcd"]


def sample(api: Api, name: str, /, **labels: str) -> float:
    """The sum of the samples of a metric that carry these labels."""
    text = api.get("/metrics")
    total = 0.0
    for line in text.splitlines():
        found = re.fullmatch(r"([a-z_]+)(?:\{(.*)\})? (\S+)", line)
        if found and found[1] == name:
            given = dict(re.findall(r'([a-z_]+)="([^"]*)"', found[2] or ""))
            if labels.items() <= given.items():
                total += float(found[3])
    return total


# -- health -------------------------------------------------------------------------------------------


def test_a_healthy_server_says_ok_and_no_more(api: Api) -> None:
    for page in ("/healthz", "/livez", "/readyz"):
        answer = api.send("GET", page)
        assert (answer.code, answer.body) == (200, "ok")
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_the_verbose_page_lists_every_check_and_ends_with_the_verdict(api: Api) -> None:
    lines = api.get("/livez?verbose").splitlines()
    assert [f"[+]{name} ok" for name in ALIVE] == lines[:3]
    assert "[+]poststarthook/rbac/bootstrap-roles ok" in lines
    assert lines[-1] == "livez check passed"
    assert "[+]informer-sync ok" not in lines
    ready = api.get("/readyz?verbose").splitlines()
    assert {"[+]informer-sync ok", "[+]etcd-readiness ok", "[+]shutdown ok"} <= set(ready)


def test_a_check_that_fails_makes_the_page_fail_and_is_named_without_its_reason(api: Api) -> None:
    api.stop_etcd()
    for page in ("livez", "readyz", "healthz"):
        answer = api.send("GET", f"/{page}")
        assert answer.code == 500
        assert "[-]etcd failed: reason withheld\n" in answer.body
        assert answer.body.endswith(f"{page} check failed\n")


def test_an_excluded_check_counts_as_passed(api: Api) -> None:
    api.stop_etcd()
    body = api.get("/livez?exclude=etcd&verbose")
    assert "[+]etcd excluded: ok\n" in body
    assert body.endswith("livez check passed\n")


def test_who_excludes_a_check_that_is_not_there_is_warned(api: Api) -> None:
    body = api.get("/livez?exclude=nope&verbose")
    assert 'warn: some health checks cannot be excluded: no matches for "nope"\n' in body


def test_every_check_has_a_page_of_its_own_that_says_why_it_fails(api: Api) -> None:
    lines = api.get("/readyz?verbose").splitlines()[:-1]
    for line in lines:
        name = line.removeprefix("[+]").removesuffix(" ok")
        assert api.get(f"/readyz/{name}") == "ok"
    api.stop_etcd()
    assert api.expect(500, "GET", "/livez/etcd").startswith(
        "internal server error: error getting data from etcd: "
    )
    assert api.get("/livez/ping") == "ok"


def test_a_server_that_starts_without_etcd_is_not_ready_until_it_is_there(api: Api) -> None:
    api.stop_etcd()
    api.restart_server()
    body = api.expect(500, "GET", "/readyz")
    assert "[-]poststarthook/bootstrap-controller failed: reason withheld\n" in body
    assert "[-]informer-sync failed: reason withheld\n" in body
    assert api.expect(500, "GET", "/readyz/informer-sync").startswith("internal server error: ")
    api.start_etcd()
    api.run(2)
    assert api.get("/readyz") == "ok"


def test_the_root_lists_every_path_that_is_answered(api: Api) -> None:
    paths = api.get("/")["paths"]
    assert paths == sorted(set(paths))
    assert {"/api/v1", "/apis/apps/v1", "/metrics", "/openapi/v3", "/readyz/etcd", "/version"} <= set(paths)
    for path in paths:
        assert api.send("GET", path).code == 200, path


def test_health_may_be_asked_by_anybody_and_the_counts_by_few(api: Api) -> None:
    assert api.get("/livez", user="") == "ok"
    api.refused(403, "GET", "/metrics", user="")
    api.refused(403, "GET", "/metrics", user="viewer")


def test_the_issuer_of_tokens_says_where_its_keys_are_and_a_token_is_signed_with_one(api: Api) -> None:
    answer = api.send("GET", "/.well-known/openid-configuration")
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert answer.body["id_token_signing_alg_values_supported"] == ["RS256"]
    path = "/" + answer.body["jwks_uri"].split("/", 3)[3]
    found = api.send("GET", path)
    assert found.headers["Content-Type"] == "application/jwk-set+json"
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    token = api.post(f"{SERVICE_ACCOUNTS}/default/token", request)["status"]["token"]
    parts = jwt.take_apart(token)
    assert parts is not None
    assert parts.claims["iss"] == answer.body["issuer"]
    key = next(key for key in found.body["keys"] if key["kid"] == parts.header["kid"])
    modulus, exponent = (int.from_bytes(base64.urlsafe_b64decode(key[name] + "=="), "big") for name in "ne")
    opened = pow(int.from_bytes(parts.signature, "big"), exponent, modulus)
    assert opened & (1 << 256) - 1 == int(hashlib.sha256(parts.signed).hexdigest(), 16)
    api.refused(403, "GET", path, user="viewer")


# -- metrics ------------------------------------------------------------------------------------------


def test_requests_are_counted_by_what_they_asked_for_and_how_it_ended(api: Api) -> None:
    api.post(CONFIG_MAPS, config_map("a"))
    api.refused(409, "POST", CONFIG_MAPS, config_map("a"))
    api.get(f"{CONFIG_MAPS}/a")
    api.get(CONFIG_MAPS)
    api.get("/api/v1/configmaps")
    api.expect(200, "DELETE", f"{CONFIG_MAPS}/a?dryRun=All")
    api.expect(201, "PATCH", f"{CONFIG_MAPS}/b?fieldManager=me", config_map("b"), content_type="application/apply-patch+yaml")  # fmt: skip  # noqa: E501

    def count(**labels: str) -> float:
        return sample(api, "apiserver_request_total", resource="configmaps", component="apiserver", **labels)

    assert count(verb="POST", code="201", scope="resource") == 1
    assert count(verb="POST", code="409") == 1
    assert count(verb="GET", code="200", scope="resource", group="", version="v1") == 1
    assert count(verb="LIST", scope="namespace") == 1
    assert count(verb="LIST", scope="cluster") == 1
    assert count(verb="DELETE", dry_run="All") == 1
    assert count(verb="APPLY", code="201") == 1


def test_pages_are_counted_by_their_path_and_what_is_not_there_is_not(api: Api) -> None:
    for path in ("/version", "/version/", "/version//", "/livez/ping", "/", "/nowhere"):
        api.send("GET", path)
    count = "apiserver_request_total"
    assert sample(api, count, subresource="/version", verb="GET", code="200") == 3
    assert sample(api, count, subresource="/livez/ping") == 1
    assert sample(api, count, subresource="/") == 1
    assert sample(api, count, subresource="/nowhere") == 0


def test_who_is_not_let_in_counts_among_the_attempts_only(api: Api) -> None:
    api.expect(401, "GET", PODS, user="nobody-knows-this-token")
    api.refused(403, "GET", PODS, user="viewer")
    assert sample(api, "apiserver_request_total", resource="pods") == 0
    assert sample(api, "authentication_attempts", result="error") == 1
    assert sample(api, "authorization_attempts_total", result="denied") == 1
    assert sample(api, "authorization_attempts_total", result="allowed") > 0


def test_open_watches_and_the_events_they_get_are_counted(api: Api) -> None:
    api.watch(CONFIG_MAPS)
    second = api.watch("/api/v1/configmaps")
    api.post(CONFIG_MAPS, config_map("a"))
    open_now = "apiserver_longrunning_requests"
    assert sample(api, open_now, resource="configmaps", verb="WATCH") == 2
    assert sample(api, open_now, resource="configmaps", scope="namespace") == 1
    assert sample(api, "apiserver_watch_events_total", resource="configmaps") == 2
    second.watch.stop()
    second.watch.stop()
    assert sample(api, open_now, resource="configmaps") == 1
    assert sample(api, "apiserver_request_total", verb="WATCH", resource="configmaps") == 2


def test_a_watch_that_the_server_ends_is_no_longer_open(api: Api) -> None:
    answer = api.server.handle(
        Request("GET", f"{CONFIG_MAPS}?watch=1&timeoutSeconds=5", {}, {"Authorization": "Bearer admin"})
    )
    assert isinstance(answer, Watch)
    closed: list[Any] = []
    answer.connect(lambda event: None, lambda: closed.append(True))
    api.run(6)
    assert closed == [True]
    assert sample(api, "apiserver_longrunning_requests", resource="configmaps") == 0


def test_the_objects_in_the_store_are_counted_and_minus_one_means_nobody_knows(api: Api) -> None:
    before = sample(api, "apiserver_resource_objects", group="", resource="configmaps")
    for name in ("a", "b", "c"):
        api.post(CONFIG_MAPS, config_map(name))
    assert sample(api, "apiserver_resource_objects", group="", resource="configmaps") == before + 3
    assert sample(api, "apiserver_storage_objects", resource="configmaps") == before + 3
    assert sample(api, "apiserver_storage_objects", resource="deployments.apps") == 0
    api.stop_etcd()
    assert sample(api, "apiserver_resource_objects", group="", resource="configmaps") == -1


def test_what_is_deprecated_and_still_asked_for_is_named(api: Api) -> None:
    assert sample(api, "apiserver_requested_deprecated_apis", resource="endpoints") == 0
    api.get("/api/v1/namespaces/default/endpoints")
    assert sample(api, "apiserver_requested_deprecated_apis", resource="endpoints", version="v1") == 1


def test_counting_begins_anew_with_the_process(api: Api) -> None:
    api.get(CONFIG_MAPS)
    api.restart_server()
    assert sample(api, "apiserver_request_total", resource="configmaps") == 0


def test_the_page_is_what_prometheus_reads(api: Api) -> None:
    parser = pytest.importorskip("prometheus_client.parser")
    api.get(CONFIG_MAPS)
    api.watch(PODS)
    answer = api.send("GET", "/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    families = {family.name: family for family in parser.text_string_to_metric_families(answer.body)}
    assert families["apiserver_request"].type == "counter"
    assert families["apiserver_longrunning_requests"].type == "gauge"
    assert all(family.samples and family.documentation for family in families.values())


def test_webhooks_count_by_their_answers() -> None:
    hooks = Hooks()
    api = Api(webhooks=hooks)
    api.post(SERVICE_ACCOUNTS, {"metadata": {"name": "default"}})
    hooks.checks["https://check.example.com/"] = refuse("no")
    register(api, hook())
    register(api, hook("gone.example.com", failurePolicy="Ignore"), name="gone")
    api.refused(403, "POST", PODS, pod("web"))
    total, rejected = (
        "apiserver_admission_webhook_request_total",
        "apiserver_admission_webhook_rejection_count",
    )
    name = {"name": "check.example.com", "type": "validating", "operation": "CREATE"}
    assert sample(api, total, code="403", rejected="true", **name) == 1
    assert sample(api, rejected, error_type="no_error", rejection_code="403", **name) == 1
    assert sample(api, "apiserver_admission_webhook_fail_open_count", name="gone.example.com") == 1
    hooks.checks["https://check.example.com/"] = allow
    api.post(PODS, pod("web"))
    assert sample(api, total, code="200", rejected="false", **name) == 1

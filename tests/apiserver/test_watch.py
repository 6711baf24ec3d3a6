"""Watches: what is delivered, from where, and what happens when etcd or the server goes away."""

from __future__ import annotations

import pytest
from apiserver.support import CONFIG_MAPS, PODS, Api, Seen, config_map, pod

from k8scourse.apiserver import Request, Watch


def test_a_watch_without_a_version_begins_with_what_is_there(api: Api) -> None:
    api.post(CONFIG_MAPS, config_map("a"))
    seen = api.watch(CONFIG_MAPS)
    api.post(CONFIG_MAPS, config_map("b"))
    api.patch(f"{CONFIG_MAPS}/b", {"data": {"k": "v"}})
    api.delete(f"{CONFIG_MAPS}/a")
    assert seen.names == [("ADDED", "a"), ("ADDED", "b"), ("MODIFIED", "b"), ("DELETED", "a")]


def test_a_watch_from_a_list_misses_nothing_and_repeats_nothing(api: Api) -> None:
    api.post(CONFIG_MAPS, config_map("a"))
    version = api.get(CONFIG_MAPS)["metadata"]["resourceVersion"]
    api.post(CONFIG_MAPS, config_map("b"))
    seen = api.watch(f"{CONFIG_MAPS}?resourceVersion={version}")
    api.post(CONFIG_MAPS, config_map("c"))
    assert seen.names == [("ADDED", "b"), ("ADDED", "c")]


def test_all_watchers_get_the_same_object(api: Api) -> None:
    one, other = api.watch(CONFIG_MAPS), api.watch("/api/v1/configmaps")
    api.post(CONFIG_MAPS, config_map("a"))
    body = api.get(f"{CONFIG_MAPS}/a")
    assert one.events[-1]["object"] is other.events[-1]["object"] is body


def test_a_deletion_shows_the_last_state_with_a_version_of_its_own(api: Api) -> None:
    body = api.post(CONFIG_MAPS, config_map("a", k="v"))
    seen = api.watch(f"{CONFIG_MAPS}?resourceVersion={body['metadata']['resourceVersion']}")
    api.delete(f"{CONFIG_MAPS}/a")
    gone = seen.events[0]["object"]
    assert gone["data"] == {"k": "v"}
    assert gone["metadata"]["resourceVersion"] == str(api.store.revision)


def test_a_selector_makes_objects_appear_and_vanish(api: Api) -> None:
    seen = api.watch(f"{CONFIG_MAPS}?labelSelector=x%3D1")
    api.post(CONFIG_MAPS, config_map("a"))
    api.patch(f"{CONFIG_MAPS}/a", {"metadata": {"labels": {"x": "1"}}})
    api.patch(f"{CONFIG_MAPS}/a", {"data": {"k": "v"}})
    api.patch(f"{CONFIG_MAPS}/a", {"metadata": {"labels": {"x": "2"}}})
    api.delete(f"{CONFIG_MAPS}/a")
    assert seen.names == [("ADDED", "a"), ("MODIFIED", "a"), ("DELETED", "a")]
    left = seen.events[-1]["object"]["metadata"]
    assert left["labels"] == {"x": "1"}
    assert int(left["resourceVersion"]) == api.store.revision - 1


def test_a_kubelet_watches_the_pods_of_its_node(api: Api) -> None:
    seen = api.watch("/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1", user="node-1")
    api.post(PODS, pod("p"))
    api.post(PODS, pod("q", nodeName="node-2"))
    api.post(f"{PODS}/p/binding", {"target": {"name": "node-1"}})
    assert seen.names == [("ADDED", "p")]


def test_a_watch_may_be_for_one_object(api: Api) -> None:
    seen = api.watch(f"{CONFIG_MAPS}/b")
    api.post(CONFIG_MAPS, config_map("a"))
    api.post(CONFIG_MAPS, config_map("b"))
    assert seen.names == [("ADDED", "b")]


def test_a_version_that_is_forgotten_gets_410(api: Api) -> None:
    version = api.post(CONFIG_MAPS, config_map("a"))["metadata"]["resourceVersion"]
    api.restart_server()
    api.post(CONFIG_MAPS, config_map("b"))
    api.restart_server()
    seen = api.watch(f"{CONFIG_MAPS}?resourceVersion={version}")
    (event,) = seen.events
    assert (event["type"], event["object"]["code"], event["object"]["reason"]) == ("ERROR", 410, "Expired")
    assert event["object"]["message"].startswith(f"too old resource version: {version} (")
    assert seen.closed == 1


def test_a_hundred_changes_or_75_seconds_are_remembered(api: Api) -> None:
    version = api.post(CONFIG_MAPS, config_map("a"))["metadata"]["resourceVersion"]
    for number in range(200):
        api.patch(f"{CONFIG_MAPS}/a", {"data": {"n": str(number)}})
    assert len(api.watch(f"{CONFIG_MAPS}?resourceVersion={version}").events) == 200
    api.run(76)
    api.patch(f"{CONFIG_MAPS}/a", {"data": {"n": "last"}})
    assert api.watch(f"{CONFIG_MAPS}?resourceVersion={version}").events[0]["type"] == "ERROR"
    assert len(api.watch(f"{CONFIG_MAPS}?resourceVersion={api.store.revision - 100}").events) == 100


def test_bookmarks_tell_an_idle_watch_how_far_it_has_come(api: Api) -> None:
    seen = api.watch(f"{PODS}?allowWatchBookmarks=true")
    silent = api.watch(PODS)
    api.post(CONFIG_MAPS, config_map("a"))
    api.run(125)
    assert [event["type"] for event in seen.events] == ["BOOKMARK", "BOOKMARK", "BOOKMARK"]
    first, then, _ = (event["object"]["metadata"] for event in seen.events)
    assert first["annotations"] == {"k8s.io/initial-events-end": "true"}
    assert then == {"resourceVersion": str(api.store.revision)}
    assert silent.events == []


def test_initial_events_end_with_a_bookmark(api: Api) -> None:
    api.post(CONFIG_MAPS, config_map("a"))
    query = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
    seen = api.watch(f"{CONFIG_MAPS}?{query}")
    assert [event["type"] for event in seen.events] == ["ADDED", "BOOKMARK"]
    assert seen.events[-1]["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


@pytest.mark.parametrize("version", ["", "&resourceVersion=0"])
def test_a_watch_from_nowhere_says_when_all_that_was_there_has_been_sent(api: Api, version: str) -> None:
    api.post(CONFIG_MAPS, config_map("a"))
    seen = api.watch(f"{CONFIG_MAPS}?allowWatchBookmarks=true{version}")
    assert [event["type"] for event in seen.events] == ["ADDED", "BOOKMARK"]
    assert "annotations" in seen.events[1]["object"]["metadata"]


def test_a_watch_may_begin_with_the_next_change(api: Api) -> None:
    api.post(CONFIG_MAPS, config_map("a"))
    query = "sendInitialEvents=false&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
    seen = api.watch(f"{CONFIG_MAPS}?{query}")
    api.post(CONFIG_MAPS, config_map("b"))
    assert seen.names == [("ADDED", "b")]


def test_a_watch_of_what_has_not_happened_waits_or_says_so(api: Api) -> None:
    version = api.store.revision + 2
    waiting = api.watch(f"{CONFIG_MAPS}?resourceVersion={version}")
    query = f"resourceVersion={version}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
    (event,) = api.watch(f"{CONFIG_MAPS}?{query}").events
    assert (event["type"], event["object"]["code"]) == ("ERROR", 504)
    for name in "abc":
        api.post(CONFIG_MAPS, config_map(name))
    assert waiting.names == [("ADDED", "c")]


@pytest.mark.parametrize(
    ("query", "problems"),
    [
        (
            "sendInitialEvents=true",
            ["sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"],
        ),
        ("resourceVersionMatch=NotOlderThan", ["forbidden for watch unless sendInitialEvents is provided"]),
        (
            "resourceVersionMatch=Exact&sendInitialEvents=true",
            ["sendInitialEvents requires", 'Unsupported value: "Exact": supported values: "NotOlderThan"'],
        ),
        (
            "resourceVersionMatch=NotOlderThan&sendInitialEvents=false&continue=x",
            ["resourceVersionMatch is forbidden when continue is provided"],
        ),
    ],
)
def test_options_of_a_watch_have_to_fit_together(api: Api, query: str, problems: list[str]) -> None:
    status = api.expect(422, "GET", f"{CONFIG_MAPS}?watch=true&{query}")
    causes = [cause["message"] for cause in status["details"]["causes"]]
    assert len(causes) == len(problems)
    assert all(problem in cause for problem, cause in zip(problems, causes, strict=True))


def test_a_watch_on_a_name_takes_no_other_name(api: Api) -> None:
    message = api.refused(400, "GET", f"{CONFIG_MAPS}/b?watch=1&fieldSelector=metadata.name%3Da")
    assert message == "fieldSelector metadata.name doesn't match requested name"
    api.post(CONFIG_MAPS, config_map("b"))
    assert api.watch(f"{CONFIG_MAPS}/b?fieldSelector=metadata.name%3Db").names == [("ADDED", "b")]


def test_the_last_bookmark_comes_two_seconds_before_the_end(api: Api) -> None:
    version = api.store.revision
    seen = api.watch(f"{CONFIG_MAPS}?allowWatchBookmarks=1&timeoutSeconds=65&resourceVersion={version}")
    api.post(PODS, pod("p"))
    api.run(62)
    assert len(seen.events) == 1
    api.run(1)
    assert (len(seen.events), seen.closed) == (2, 0)
    api.run(2)
    assert seen.closed == 1


def test_a_watch_without_time_ends_at_once(api: Api) -> None:
    seen = api.watch(f"{CONFIG_MAPS}?timeoutSeconds=-1")
    api.run(0)
    assert seen.closed == 1


def test_any_word_but_false_and_0_is_true(api: Api) -> None:
    for word in ("", "yes", "TRUE", "1"):
        assert isinstance(api.server.handle(_get(f"{CONFIG_MAPS}?watch={word}")), Watch)
    for word in ("False", "0"):
        assert not isinstance(api.server.handle(_get(f"{CONFIG_MAPS}?watch={word}")), Watch)


def _get(path: str) -> Request:
    return Request("GET", path, {}, {"Authorization": "Bearer admin"})


def test_a_watch_can_be_shown_as_tables(api: Api) -> None:
    headers = {"Authorization": "Bearer admin", "Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
    answer = api.server.handle(Request("GET", f"{CONFIG_MAPS}?watch=1", {}, headers))
    assert isinstance(answer, Watch)
    seen = Seen(answer)
    api.post(CONFIG_MAPS, config_map("a"))
    api.delete(f"{CONFIG_MAPS}/a")
    tables = [event["object"] for event in seen.events]
    assert [(table["kind"], table["rows"][0]["cells"][0]) for table in tables] == [
        ("Table", "a"),
        ("Table", "a"),
    ]
    assert [bool(table["columnDefinitions"]) for table in tables] == [True, False]


def test_a_watch_ends_after_its_time(api: Api) -> None:
    seen = api.watch(f"{CONFIG_MAPS}?timeoutSeconds=10")
    forever = api.watch(CONFIG_MAPS)
    api.run(9)
    assert seen.closed == 0
    api.run(1)
    api.post(CONFIG_MAPS, config_map("a"))
    assert (seen.closed, seen.events) == (1, [])
    api.run(3600)
    assert forever.closed == 1


def test_a_stopped_watch_hears_nothing_more(api: Api) -> None:
    seen = api.watch(CONFIG_MAPS)
    seen.watch.stop()
    api.post(CONFIG_MAPS, config_map("a"))
    api.run(4000)
    assert (seen.events, seen.closed) == ([], 0)


def test_without_etcd_watches_end_and_requests_fail_until_it_is_back(api: Api) -> None:
    api.post(CONFIG_MAPS, config_map("a"))
    seen = api.watch(CONFIG_MAPS)
    api.stop_etcd()
    assert seen.closed == 1
    assert "etcdserver" in api.refused(500, "GET", f"{CONFIG_MAPS}/a")
    api.refused(500, "POST", CONFIG_MAPS, config_map("b"))
    assert api.send("GET", "/readyz").code == 500
    api.start_etcd()
    api.get(f"{CONFIG_MAPS}/a")
    again = api.watch(CONFIG_MAPS)
    api.post(CONFIG_MAPS, config_map("b"))
    assert again.names == [("ADDED", "a"), ("ADDED", "b")]
    api.run(10)
    assert api.get("/readyz") == "ok"


def test_a_watcher_that_writes_sees_its_own_writes_in_order(api: Api) -> None:
    api.post(CONFIG_MAPS, config_map("a"))
    api.post(CONFIG_MAPS, config_map("b"))
    seen = api.watch(CONFIG_MAPS)
    seen.watch.stop()
    names: list[str] = []

    def on_event(event: dict[str, dict[str, dict[str, str]]]) -> None:
        name = event["object"]["metadata"]["name"]
        names.append(name)
        if name == "a":
            api.post(CONFIG_MAPS, config_map("c"))

    seen.watch.connect(on_event, lambda: None)
    assert names == ["a", "b", "c"]

"""Lists: order, pages, versions, selectors, and other forms."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from apiserver.support import CONFIG_MAPS, PODS, Api, config_map

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
PARTIAL = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json"


@pytest.fixture
def filled(api: Api) -> Api:
    for name in "ecadb":
        api.post(CONFIG_MAPS, config_map(name, {"half": "one" if name in "abc" else "two"}))
    return api


def names(body: Any) -> list[str]:
    return [item["metadata"]["name"] for item in body["items"]]


def test_a_list_is_in_the_order_of_the_keys_and_says_its_kind_once(filled: Api) -> None:
    body = filled.get(CONFIG_MAPS)
    assert (body["kind"], names(body)) == ("ConfigMapList", list("abcde"))
    assert "kind" not in body["items"][0]
    assert body["metadata"] == {"resourceVersion": str(filled.store.revision)}


def test_callers_in_the_process_get_the_stores_own_objects(filled: Api) -> None:
    answer = filled.send("GET", CONFIG_MAPS)
    assert answer.items is not None
    assert answer.items[0] is filled.get(f"{CONFIG_MAPS}/a")


def test_pages_show_one_moment_whatever_happens_between(filled: Api) -> None:
    first = filled.get(f"{CONFIG_MAPS}?limit=2")
    assert (names(first), first["metadata"]["remainingItemCount"]) == (["a", "b"], 3)
    filled.delete(f"{CONFIG_MAPS}/c")
    filled.post(CONFIG_MAPS, config_map("cc"))
    second = filled.get(f"{CONFIG_MAPS}?limit=2&continue={first['metadata']['continue']}")
    assert names(second) == ["c", "d"]
    assert second["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]
    third = filled.get(f"{CONFIG_MAPS}?limit=2&continue={second['metadata']['continue']}")
    assert (names(third), "continue" in third["metadata"]) == (["e"], False)


def test_pages_with_a_selector_are_full(filled: Api) -> None:
    first = filled.get(f"{CONFIG_MAPS}?limit=1&labelSelector=half%3Dtwo")
    assert (names(first), "remainingItemCount" in first["metadata"]) == (["d"], False)
    second = filled.get(
        f"{CONFIG_MAPS}?limit=1&labelSelector=half%3Dtwo&continue={first['metadata']['continue']}"
    )
    assert names(second) == ["e"]


def test_a_page_that_comes_too_late_gets_410(filled: Api) -> None:
    token = filled.get(f"{CONFIG_MAPS}?limit=2")["metadata"]["continue"]
    filled.post(CONFIG_MAPS, config_map("f"))
    filled.run(700)
    status = filled.expect(410, "GET", f"{CONFIG_MAPS}?limit=2&continue={token}")
    assert status["message"].startswith("The provided continue parameter is too old")
    rest = filled.get(f"{CONFIG_MAPS}?limit=2&continue={status['metadata']['continue']}")
    assert names(rest) == ["c", "d"]
    assert rest["metadata"]["resourceVersion"] == str(filled.store.revision)
    last = filled.get(f"{CONFIG_MAPS}?continue={rest['metadata']['continue']}")
    assert names(last) == ["e", "f"]


def test_a_list_can_show_an_exact_moment(filled: Api) -> None:
    version = filled.store.revision
    filled.delete(f"{CONFIG_MAPS}/a")
    body = filled.get(f"{CONFIG_MAPS}?resourceVersion={version}&resourceVersionMatch=Exact")
    assert (names(body), body["metadata"]["resourceVersion"]) == (list("abcde"), str(version))
    assert names(filled.get(f"{CONFIG_MAPS}?resourceVersion={version}")) == list("bcde")
    filled.refused(504, "GET", f"{CONFIG_MAPS}?resourceVersion={version + 100}")


def test_a_moment_that_is_forgotten_gets_410(filled: Api) -> None:
    version = filled.store.revision
    filled.post(CONFIG_MAPS, config_map("f"))
    filled.run(700)
    query = f"resourceVersion={version}&resourceVersionMatch=Exact"
    message = filled.refused(410, "GET", f"{CONFIG_MAPS}?{query}")
    assert message == "The resourceVersion for the provided list is too old."
    assert names(filled.get(f"{CONFIG_MAPS}?resourceVersion={version}")) == list("abcdef")


def test_version_0_shows_everything_whatever_the_limit(filled: Api) -> None:
    body = filled.get(f"{CONFIG_MAPS}?resourceVersion=0&limit=2")
    assert (names(body), "continue" in body["metadata"]) == (list("abcde"), False)


def test_a_limit_with_a_version_means_that_version(filled: Api) -> None:
    version = filled.store.revision
    filled.delete(f"{CONFIG_MAPS}/a")
    assert names(filled.get(f"{CONFIG_MAPS}?resourceVersion={version}&limit=2")) == ["a", "b"]
    newer = f"resourceVersion={version}&limit=2&resourceVersionMatch=NotOlderThan"
    assert names(filled.get(f"{CONFIG_MAPS}?{newer}")) == ["b", "c"]


@pytest.mark.parametrize("match", ["&resourceVersionMatch=Exact", "&resourceVersionMatch=NotOlderThan", ""])
def test_a_version_that_has_not_happened_gets_504(filled: Api, match: str) -> None:
    version = filled.store.revision + 1
    answer = filled.send("GET", f"{CONFIG_MAPS}?resourceVersion={version}{match}")
    assert (answer.code, answer.headers["Retry-After"]) == (504, "1")
    message = f"Timeout: Too large resource version: {version}, current: {version - 1}"
    assert answer.body["message"] == message
    assert filled.refused(504, "GET", f"{CONFIG_MAPS}/a?resourceVersion={version}") == message


def test_an_object_may_be_asked_for_not_older_than_a_version(filled: Api) -> None:
    for version in ("", "0", "1", filled.store.revision):
        assert filled.get(f"{CONFIG_MAPS}/a?resourceVersion={version}")["metadata"]["name"] == "a"
    message = 'resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax'
    assert filled.refused(500, "GET", f"{CONFIG_MAPS}/a?resourceVersion=x") == message


def test_a_token_of_one_namespace_shows_nothing_of_it_in_another(filled: Api) -> None:
    token = filled.get(f"{CONFIG_MAPS}?limit=1")["metadata"]["continue"]
    other = "/api/v1/namespaces/kube-system/configmaps"
    filled.post(other, config_map("b"))
    found = filled.get(f"{other}?continue={filled.get(f'{CONFIG_MAPS}?limit=1')['metadata']['continue']}")
    assert [item["metadata"]["namespace"] for item in found["items"]] == ["kube-system"]
    assert names(filled.get(f"{other}?continue={token}")) == []


def _token(**content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("token", "problem"),
    [
        ("!", ": illegal base64 data at input byte 0"),
        ("abcde", ": illegal base64 data at input byte 4"),
        (_token(v="v2", rv=1, start="a"), ": server does not recognize this encoded version v2"),
        (_token(v="meta.k8s.io/v1", start="a"), ": incorrect encoded start resourceVersion (version meta.k8s.io/v1)"),
        (_token(v="meta.k8s.io/v1", rv=1), ": encoded start key empty (version meta.k8s.io/v1)"),
        (_token(v="meta.k8s.io/v1", rv=1, start="../pods/a"), ": ../pods/a"),
        (_token(v="meta.k8s.io/v1", rv=1, start="//a"), ": //a"),
        (_token(v="meta.k8s.io/v1", rv="1", start="a"),
         ": json: cannot unmarshal string into Go struct field continueToken.rv of type int64"),
    ],
)  # fmt: skip
def test_a_token_that_nobody_gave_out_is_refused(filled: Api, token: str, problem: str) -> None:
    message = filled.refused(400, "GET", f"{CONFIG_MAPS}?continue={token}")
    assert message == f"invalid continue token: continue key is not valid{problem}"


def test_a_token_brings_its_own_version(filled: Api) -> None:
    token = filled.get(f"{CONFIG_MAPS}?limit=2")["metadata"]["continue"]
    message = filled.refused(400, "GET", f"{CONFIG_MAPS}?continue={token}&resourceVersion=5")
    assert message == "specifying resource version is not allowed when using continue"
    assert names(filled.get(f"{CONFIG_MAPS}?continue={token}&resourceVersion=0")) == ["c", "d", "e"]


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        (
            "resourceVersionMatch=Exact",
            "resourceVersionMatch is forbidden unless resourceVersion is provided",
        ),
        ("resourceVersion=0&resourceVersionMatch=Exact", '"exact" is forbidden for resourceVersion "0"'),
        ("resourceVersion=1&resourceVersionMatch=Some", 'supported values: "Exact", "NotOlderThan", ""'),
        ("sendInitialEvents=false", "sendInitialEvents is forbidden for list"),
    ],
)
def test_options_of_a_list_have_to_fit_together(filled: Api, query: str, problem: str) -> None:
    assert problem in filled.refused(422, "GET", f"{CONFIG_MAPS}?{query}")


def test_a_list_may_span_namespaces(filled: Api) -> None:
    filled.post("/api/v1/namespaces/kube-system/configmaps", config_map("a"))
    found = filled.get("/api/v1/configmaps?fieldSelector=metadata.name%3Da")["items"]
    assert [item["metadata"]["namespace"] for item in found] == ["default", "kube-system"]


@pytest.mark.parametrize(
    "query",
    [
        "limit=x",
        "labelSelector=a%20b",
        "fieldSelector=spec.bogus%3Dx",
        "resourceVersion=x",
        "continue=zzz",
        "continue=e30",
    ],
)
def test_what_cannot_be_read_is_refused(filled: Api, query: str) -> None:
    filled.refused(400, "GET", f"{PODS}?{query}")


def test_a_table_has_columns_and_cells(filled: Api) -> None:
    body = filled.get(CONFIG_MAPS, accept=TABLE)
    assert [column["name"] for column in body["columnDefinitions"]] == ["Name", "Data", "Age"]
    assert body["rows"][0]["cells"][0] == "a"
    assert body["rows"][0]["object"]["kind"] == "PartialObjectMetadata"
    whole = filled.get(f"{CONFIG_MAPS}?includeObject=Object", accept=TABLE)
    assert whole["rows"][0]["object"]["kind"] == "ConfigMap"
    assert filled.get(f"{CONFIG_MAPS}/a", accept=TABLE)["kind"] == "Table"


def test_a_row_carries_nothing_but_what_there_is(filled: Api) -> None:
    problem = "includeObject: Invalid value: \"All\": must be 'Metadata', 'Object', 'None', or empty"
    for path in (CONFIG_MAPS, f"{CONFIG_MAPS}/a"):
        message = filled.refused(400, "GET", f"{path}?includeObject=All", accept=TABLE)
        assert message == f"Unable to convert to Table as requested: {problem}"
    filled.refused(400, "GET", f"{CONFIG_MAPS}?watch=1&includeObject=All", accept=TABLE)
    bare = filled.get(f"{CONFIG_MAPS}?includeObject=None", accept=TABLE)
    assert bare["rows"][0]["object"] is None


def test_metadata_alone_may_be_asked_for(filled: Api) -> None:
    body = filled.get(CONFIG_MAPS, accept=PARTIAL)
    assert body["kind"] == "PartialObjectMetadataList"
    assert body["items"][0].keys() == {"kind", "apiVersion", "metadata"}
    assert filled.refused(406, "GET", CONFIG_MAPS, accept="application/xml").startswith("406: Not Acceptable")

"""Lists: order, pages, versions, selectors, and other forms."""

from __future__ import annotations

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
    message = filled.refused(410, "GET", f"{CONFIG_MAPS}?limit=2&continue={token}")
    assert message.startswith("The provided continue parameter is too old")


def test_a_list_can_show_an_exact_moment(filled: Api) -> None:
    version = filled.store.revision
    filled.delete(f"{CONFIG_MAPS}/a")
    body = filled.get(f"{CONFIG_MAPS}?resourceVersion={version}&resourceVersionMatch=Exact")
    assert (names(body), body["metadata"]["resourceVersion"]) == (list("abcde"), str(version))
    assert names(filled.get(f"{CONFIG_MAPS}?resourceVersion={version}")) == list("bcde")
    filled.refused(504, "GET", f"{CONFIG_MAPS}?resourceVersion={version + 100}")


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


def test_metadata_alone_may_be_asked_for(filled: Api) -> None:
    body = filled.get(CONFIG_MAPS, accept=PARTIAL)
    assert body["kind"] == "PartialObjectMetadataList"
    assert body["items"][0].keys() == {"kind", "apiVersion", "metadata"}
    assert filled.refused(406, "GET", CONFIG_MAPS, accept="application/xml").startswith("406: Not Acceptable")

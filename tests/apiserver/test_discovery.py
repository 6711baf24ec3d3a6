"""What the server serves: the aggregated document and the old ones say the same."""

from __future__ import annotations

from typing import Any

from apiserver.support import Api
from apiserver.test_custom_resources import DEFINITIONS, definition, widget
from apiserver.test_openapi import asked, with_custom_kind

from k8scourse.apiserver import discovery

AGGREGATED = discovery.AGGREGATED


def test_the_aggregated_document_is_chosen_by_accept_and_has_a_tag(api: Api) -> None:
    answer = api.send("GET", "/apis", accept=f"{AGGREGATED},application/json")
    assert answer.headers["Content-Type"] == AGGREGATED
    assert (answer.body["kind"], answer.body["apiVersion"]) == (
        "APIGroupDiscoveryList",
        "apidiscovery.k8s.io/v2",
    )
    headers = {"Accept": AGGREGATED, "If-None-Match": answer.headers["Etag"]}
    assert asked(api, "/apis", headers).code == 304
    assert api.get("/apis")["kind"] == "APIGroupList"
    assert api.get("/apis", accept="application/json")["kind"] == "APIGroupList"
    beta = AGGREGATED.replace("v=v2", "v=v2beta1")
    assert api.get("/apis", accept=f"{beta},application/json")["kind"] == "APIGroupList"
    assert api.send("GET", "/apis", accept=beta).code == 406


def test_the_aggregated_document_says_the_same_as_the_old_ones(api: Api) -> None:
    with_custom_kind(api)
    for root in ("/api", "/apis"):
        for group in api.get(root, accept=AGGREGATED)["items"]:
            name = group["metadata"].get("name", "")
            for version in group["versions"]:
                listed = api.get(f"{root}/{name}/{version['version']}".replace("//", "/"))["resources"]
                assert rows_of(version["resources"]) == rows_of_old(listed)


def rows_of(resources: Any) -> list[Any]:
    found = []
    for row in resources:
        names = (
            row["singularResource"],
            row.get("shortNames"),
            row.get("categories"),
            row["scope"] == "Namespaced",
        )
        found.append((row["resource"], row["responseKind"]["kind"], row["verbs"], *names))
        found += [(f"{row['resource']}/{part['subresource']}", part["responseKind"]["kind"], part["verbs"])
                  for part in row.get("subresources", ())]  # fmt: skip
    return found


def rows_of_old(resources: Any) -> list[Any]:
    found: list[Any] = []
    for row in resources:
        names = (row["singularName"], row.get("shortNames"), row.get("categories"), row["namespaced"])
        found.append((row["name"], row["kind"], row["verbs"], *(() if "/" in row["name"] else names)))
    return found


def test_the_kinds_of_parts_are_their_own(api: Api) -> None:
    listed = {row["name"]: row for row in api.get("/api/v1")["resources"]}
    eviction = listed["pods/eviction"]
    assert (eviction["group"], eviction["version"], eviction["kind"]) == ("policy", "v1", "Eviction")
    token = listed["serviceaccounts/token"]
    assert (token["group"], token["kind"], token["verbs"]) == (
        "authentication.k8s.io",
        "TokenRequest",
        ["create"],
    )
    scale = listed["replicationcontrollers/scale"]
    assert (scale["group"], scale["version"], scale["kind"]) == ("autoscaling", "v1", "Scale")
    assert listed["pods"]["storageVersionHash"] == "xPOwRZ+Yhw8="
    assert api.get("/apis/events.k8s.io/v1")["resources"][0]["storageVersionHash"] == "r2yiGXH7wu8="


def test_answers_of_built_in_kinds_are_of_their_own_group_and_custom_ones_say_theirs(api: Api) -> None:
    with_custom_kind(api)
    found = {group["metadata"]["name"]: group for group in api.get("/apis", accept=AGGREGATED)["items"]}
    assert found["apps"]["metadata"] == {"name": "apps"}
    deployments = next(
        row for row in found["apps"]["versions"][0]["resources"] if row["resource"] == "deployments"
    )
    assert deployments["responseKind"] == {"group": "", "version": "", "kind": "Deployment"}
    scale = {"group": "autoscaling", "version": "v1", "kind": "Scale"}
    assert deployments["subresources"][0] == {
        "subresource": "scale", "responseKind": scale, "verbs": ["get", "patch", "update"],
    }  # fmt: skip
    widgets = found["example.com"]["versions"][0]["resources"][0]
    own = {"group": "example.com", "version": "v1", "kind": "Widget"}
    assert widgets["responseKind"] == own
    assert [(part["subresource"], part["responseKind"]) for part in widgets["subresources"]] == [
        ("status", own), ("scale", scale),
    ]  # fmt: skip
    assert api.get("/api", accept=AGGREGATED)["items"][0]["metadata"] == {}


def test_groups_come_in_upstreams_order_and_custom_ones_after_them(api: Api) -> None:
    with_custom_kind(api)
    names = [group["name"] for group in api.get("/apis")["groups"]]
    assert names[:2] == ["apps", "events.k8s.io"]
    assert names[-1] == "example.com"
    assert names == [group["metadata"]["name"] for group in api.get("/apis", accept=AGGREGATED)["items"]]


def test_the_best_version_of_a_custom_group_is_preferred(api: Api) -> None:
    schema_of = {"openAPIV3Schema": {"type": "object"}}
    versions = [{"name": name, "served": True, "storage": name == "v1", "schema": schema_of}
                for name in ("v1alpha1", "v1beta2", "v2", "v10", "v1", "foo")]  # fmt: skip
    made = definition()
    api.post(DEFINITIONS, {**made, "spec": {**made["spec"], "versions": versions}})
    api.run(1)
    group = api.get("/apis/example.com")
    order = [version["version"] for version in group["versions"]]
    assert order == ["v10", "v2", "v1", "v1beta2", "v1alpha1", "foo"]
    assert group["preferredVersion"]["version"] == "v10"
    assert api.post(
        "/apis/example.com/v10/namespaces/default/widgets", {**widget("a"), "apiVersion": "example.com/v10"}
    )

"""What the server says about itself, document by document: OpenAPI v3 and v2."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from apiserver.support import Api
from apiserver.test_custom_resources import DEFINITIONS, definition
from hypothesis import given
from hypothesis import strategies as st

from k8scourse.api import kinds
from k8scourse.api.kind import Kind
from k8scourse.apiserver import Request, Response
from k8scourse.apiserver.openapi import documents, schemas

NAMES = sorted({documents.group_version(kind.group, kind.version) for kind in kinds.ALL})


def document(kind: Kind) -> Any:
    return documents.built_in(documents.group_version(kind.group, kind.version)).value


def with_custom_kind(api: Api, **version: Any) -> Api:
    api.post(DEFINITIONS, definition(**version))
    api.run(1)
    return api


def asked(api: Api, path: str, headers: dict[str, str]) -> Response:
    answer = api.server.handle(Request("GET", path, {}, {"Authorization": "Bearer admin", **headers}))
    assert isinstance(answer, Response)
    return answer


# -- the documents of version 3 -----------------------------------------------------------------------


def test_the_index_leads_to_every_document_by_the_hash_of_its_text(api: Api) -> None:
    index = api.get("/openapi/v3")["paths"]
    assert {"api", "api/v1", "apis", "apis/apps", "apis/apps/v1", "version"} <= set(index)
    assert {documents.group_version(kind.group, kind.version) for kind in kinds.ALL} <= set(index)
    for name, place in index.items():
        answer = api.send("GET", place["serverRelativeURL"])
        assert answer.code == 200, name
        text = json.dumps(answer.body, separators=(",", ":")).encode()
        assert (
            place["serverRelativeURL"]
            == f"/openapi/v3/{name}?hash={hashlib.sha512(text).hexdigest().upper()}"
        )
        assert answer.headers["Cache-Control"] == "public, immutable"


def test_a_client_that_has_a_document_is_spared_it(api: Api) -> None:
    for path in ("/openapi/v3", "/openapi/v3/apis/apps/v1", "/openapi/v2"):
        tag = api.send("GET", path).headers["Etag"]
        assert re.fullmatch('"[0-9A-F]{128}"', tag)
        again = asked(api, path, {"If-None-Match": tag})
        assert (again.code, again.body) == (304, "")


def test_an_old_hash_leads_to_the_document_of_now(api: Api) -> None:
    answer = api.send("GET", "/openapi/v3/api/v1?hash=0000")
    assert answer.code == 301
    assert answer.headers["Location"] == api.get("/openapi/v3")["paths"]["api/v1"]["serverRelativeURL"]


def test_who_reads_only_protobuf_is_told_that_there_is_none(api: Api) -> None:
    only = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
    assert api.send("GET", "/openapi/v2", accept=only).code == 406
    assert api.send("GET", "/openapi/v2", accept=f"{only}, application/json").code == 200


@pytest.mark.parametrize(
    "path", ["/openapi", "/openapi/v4", "/openapi/v3/apis/nope/v1", "/openapi/v3/apis/apps/v9"]
)
def test_there_is_no_document_for_what_is_not_served(api: Api, path: str) -> None:
    assert api.expect(404, "GET", path) == "404 page not found\n"


@pytest.mark.parametrize("name", NAMES)
def test_a_document_holds_exactly_the_schemas_it_refers_to_and_names_each_operation_once(name: str) -> None:
    found = documents.built_in(name).value
    known = found["components"]["schemas"]
    assert set(schemas.references(found)) == set(known)
    identifiers = [operation["operationId"] for _, _, operation in operations(found)]
    assert len(identifiers) == len(set(identifiers))
    assert identifiers


def operations(found: Any) -> Iterator[tuple[str, str, Any]]:
    for path, item in found["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield path, method, operation


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_of_a_path_is_declared_and_every_declared_one_is_there(name: str) -> None:
    for path, item in documents.built_in(name).value["paths"].items():
        declared = [one["name"] for one in item.get("parameters", ()) if one["in"] == "path"]
        assert sorted(re.findall(r"\{(\w+)\}", path)) == sorted(declared), path
        every = [(one["in"], one["name"]) for one in item.get("parameters", ())]
        for method in item.keys() - {"parameters"}:
            own = [(one["in"], one["name"]) for one in item[method].get("parameters", ())]
            assert len({*every, *own}) == len(every) + len(own), (path, method)


@pytest.mark.parametrize("kind", kinds.ALL, ids=lambda kind: kind.resource_name)
def test_the_operations_of_a_kind_are_the_verbs_of_discovery(kind: Kind) -> None:
    actions = {"list": "list", "create": "post", "get": "get", "update": "put", "patch": "patch", "delete": "delete",
               "deletecollection": "deletecollection"}  # fmt: skip
    wanted = {actions[verb] for verb in kind.verbs if verb in actions}
    gvk = {"group": kind.group, "kind": kind.kind, "version": kind.version}
    found = {
        operation["x-kubernetes-action"]
        for path, _, operation in operations(document(kind))
        if operation.get("x-kubernetes-group-version-kind") == gvk
        and re.search(rf"/{kind.plural}(/{{name}})?$", path)
    }
    assert wanted == found


@pytest.mark.parametrize(
    "kind", [kind for kind in kinds.ALL if "patch" in kind.verbs], ids=lambda kind: kind.kind
)
def test_kubectl_finds_that_patches_may_be_dry_and_strict(kind: Kind) -> None:
    """`cli-runtime/pkg/resource/query_param_verifier_v3.go` looks for these parameters at a PATCH of the kind."""
    gvk = {"group": kind.group, "kind": kind.kind, "version": kind.version}
    patching = [op for _, method, op in operations(document(kind))
                if method == "patch" and op.get("x-kubernetes-group-version-kind") == gvk]  # fmt: skip
    assert patching
    for operation in patching:
        names = {one["name"] for one in operation.get("parameters", ())}
        assert {"dryRun", "fieldManager", "fieldValidation", "force"} <= names
        assert "application/strategic-merge-patch+json" in operation["requestBody"]["content"]


def test_what_is_listed_is_asked_for_with_the_options_of_lists_and_written_with_those_of_writes() -> None:
    paths = documents.built_in("apis/apps/v1").value["paths"]
    collection = paths["/apis/apps/v1/namespaces/{namespace}/deployments"]
    names = {one["name"] for one in collection["get"]["parameters"]}
    assert {"watch", "limit", "continue", "labelSelector", "sendInitialEvents"} <= names
    assert [one["name"] for one in collection["post"]["parameters"]] == [
        "dryRun",
        "fieldManager",
        "fieldValidation",
    ]
    assert collection["get"]["operationId"] == "listAppsV1NamespacedDeployment"
    everywhere = paths["/apis/apps/v1/deployments"]
    assert list(everywhere) == ["get", "parameters"]
    assert everywhere["get"]["operationId"] == "listAppsV1DeploymentForAllNamespaces"
    single = paths["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]
    assert set(single) == {"get", "put", "patch", "delete", "parameters"}


def test_parts_of_an_object_have_their_own_bodies() -> None:
    core = documents.built_in("api/v1").value["paths"]
    pod = "/api/v1/namespaces/{namespace}/pods/{name}"
    evict = core[f"{pod}/eviction"]["post"]
    assert evict["x-kubernetes-group-version-kind"] == {
        "group": "policy",
        "kind": "Eviction",
        "version": "v1",
    }
    assert evict["operationId"] == "createCoreV1NamespacedPodEviction"
    assert "text/plain" in core[f"{pod}/log"]["get"]["responses"]["200"]["content"]
    assert "tailLines" in {one["name"] for one in core[f"{pod}/log"]["get"]["parameters"]}
    assert core[f"{pod}/exec"]["post"]["x-kubernetes-action"] == "connect"
    scale = documents.built_in("apis/apps/v1").value["paths"]
    put = scale["/apis/apps/v1/namespaces/{namespace}/statefulsets/{name}/scale"]["put"]
    assert put["operationId"] == "replaceAppsV1NamespacedStatefulSetScale"
    body = put["requestBody"]["content"]["*/*"]["schema"]["$ref"]
    assert body == "#/components/schemas/io.k8s.api.autoscaling.v1.Scale"


# -- custom kinds -------------------------------------------------------------------------------------


def test_a_definition_adds_a_document_and_its_end_takes_it_away(api: Api) -> None:
    assert "apis/example.com/v1" not in api.get("/openapi/v3")["paths"]
    before = api.send("GET", "/openapi/v2").headers["Etag"]
    with_custom_kind(api)
    place = api.get("/openapi/v3")["paths"]["apis/example.com/v1"]["serverRelativeURL"]
    found = api.get(place)
    widget_schema = found["components"]["schemas"]["com.example.v1.Widget"]
    assert widget_schema["properties"]["spec"]["required"] == ["size"]
    assert set(widget_schema["properties"]) == {"apiVersion", "kind", "metadata", "spec", "status"}
    assert widget_schema["x-kubernetes-group-version-kind"] == [
        {"group": "example.com", "kind": "Widget", "version": "v1"}
    ]
    path = "/apis/example.com/v1/namespaces/{namespace}/widgets"
    assert found["paths"][path]["get"]["operationId"] == "listExampleComV1NamespacedWidget"
    patch = found["paths"][f"{path}/{{name}}"]["patch"]
    assert "application/strategic-merge-patch+json" not in patch["requestBody"]["content"]
    assert set(schemas.references(found)) <= set(found["components"]["schemas"])
    assert api.send("GET", "/openapi/v2").headers["Etag"] != before
    api.delete(f"{DEFINITIONS}/widgets.example.com")
    api.run(1)
    assert api.send("GET", "/openapi/v2").headers["Etag"] == before
    assert api.send("GET", "/openapi/v3/apis/example.com/v1").code == 404


def test_a_changed_definition_changes_the_document_and_its_address(api: Api) -> None:
    with_custom_kind(api)
    place = api.get("/openapi/v3")["paths"]["apis/example.com/v1"]["serverRelativeURL"]
    changed = {
        "type": "object",
        "properties": {"spec": {"type": "object", "properties": {"new": {"type": "string"}}}},
    }
    versions = [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": changed}}]
    api.patch(f"{DEFINITIONS}/widgets.example.com", {"spec": {"versions": versions}})
    api.run(1)
    answer = api.send("GET", place)
    assert answer.code == 301
    found = api.get(answer.headers["Location"])["components"]["schemas"]["com.example.v1.Widget"]
    assert list(found["properties"]["spec"]["properties"]) == ["new"]


# -- the document of version 2 ------------------------------------------------------------------------


def test_version_2_holds_all_definitions_and_paths_of_version_3(api: Api) -> None:
    with_custom_kind(api)
    one = api.get("/openapi/v2")
    assert (one["swagger"], one["info"]["title"], one["info"]["version"]) == ("2.0", "Kubernetes", "v1.36.2")
    for name in api.get("/openapi/v3")["paths"]:
        found = api.get(f"/openapi/v3/{name}")
        assert set(found["paths"]) <= set(one["paths"])
        assert set(found["components"]["schemas"]) <= set(one["definitions"])
    text = json.dumps(one)
    assert "#/components/" not in text
    assert all(name in one["definitions"] for name in re.findall(r'"#/definitions/([^"]+)"', text))
    assert not re.search(r'"(oneOf|anyOf)": \[|"nullable": true', text)


def test_in_version_2_bodies_are_parameters_and_merge_keys_stay(api: Api) -> None:
    one = api.get("/openapi/v2")
    post = one["paths"]["/api/v1/namespaces/{namespace}/pods"]["post"]
    body = post["parameters"][0]
    assert (body["in"], body["required"], body["schema"]) == (
        "body", True, {"$ref": "#/definitions/io.k8s.api.core.v1.Pod"},
    )  # fmt: skip
    assert post["responses"]["201"]["schema"] == {"$ref": "#/definitions/io.k8s.api.core.v1.Pod"}
    containers = one["definitions"]["io.k8s.api.core.v1.PodSpec"]["properties"]["containers"]
    assert containers["x-kubernetes-patch-merge-key"] == "name"
    assert one["definitions"]["io.k8s.apimachinery.pkg.api.resource.Quantity"]["type"] == "string"
    metadata = one["definitions"]["io.k8s.api.core.v1.Pod"]["properties"]["metadata"]
    assert metadata["$ref"] == "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"


# -- bad input ----------------------------------------------------------------------------------------


def test_a_definition_whose_values_look_like_schemas_does_not_confuse_the_documents(api: Api) -> None:
    odd = {
        "type": "object",
        "properties": {
            "properties": {"type": "object", "default": {"$ref": "#/definitions/nobody"}, "properties": {
                "$ref": {"type": "string"}, "allOf": {"type": "array", "items": {"type": "string"}}}},
            "items": {"type": "string", "enum": ["$ref", "properties"], "nullable": True},
            "either": {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]},
            "inner": {"type": "object", "x-kubernetes-embedded-resource": True,
                      "x-kubernetes-preserve-unknown-fields": True},
        },
    }  # fmt: skip
    with_custom_kind(api, schema={"openAPIV3Schema": odd})
    found = api.get("/openapi/v3/apis/example.com/v1")["components"]["schemas"]["com.example.v1.Widget"]
    assert found["properties"]["properties"]["default"] == {"$ref": "#/definitions/nobody"}
    assert set(found["properties"]["inner"]["properties"]) == {"apiVersion", "kind", "metadata"}
    two = api.get("/openapi/v2")["definitions"]["com.example.v1.Widget"]["properties"]
    assert set(two["properties"]["properties"]) == {"$ref", "allOf"}
    assert "type" not in two["items"]
    assert "anyOf" not in two["either"]
    assert "properties" not in two["inner"]


ODD = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
PAGES = st.sampled_from(
    ["/", "/api", "/apis", "/apis/apps", "/apis/apps/v1", "/openapi/v2", "/openapi/v3", "/openapi/v3/api/v1", "/livez",
     "/readyz/etcd", "/metrics", "/version", "/healthz/poststarthook/rbac/bootstrap-roles"]
)  # fmt: skip


@given(
    page=PAGES,
    rest=ODD,
    query=st.dictionaries(st.sampled_from(["hash", "verbose", "exclude", "x"]), ODD),
    headers=st.dictionaries(
        st.sampled_from(["Accept", "accept", "If-None-Match", "X"]), ODD | st.just("*/*;q=1,a/b")
    ),
    method=st.sampled_from(["GET", "HEAD", "POST", "PATCH", "DELETE", "BREW"]),
)
def test_whatever_is_asked_of_the_pages_is_answered(
    page: str, rest: str, query: dict[str, str], headers: dict[str, str], method: str
) -> None:
    api = SERVER
    for path in (page, page + rest, f"{page}/{rest}"):
        headers = {"Authorization": "Bearer admin", **headers}
        answer = api.server.handle(Request(method, path, query, headers))
        assert isinstance(answer, Response)
        api.check_no_panic()
        assert answer.code in (200, 301, 304, 400, 404, 405, 406, 500), answer.body
        assert isinstance(answer.body, (str, dict))


SERVER = Api()

"""What the server says about itself: the documents of OpenAPI v3 and v2, and aggregated discovery."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from apiserver.support import Api
from apiserver.test_custom_resources import DEFINITIONS, definition, widget

from k8scourse.api import enumerations, kinds, schema, typetable
from k8scourse.api.kind import Kind
from k8scourse.apiserver import Request, Response, discovery
from k8scourse.apiserver.openapi import descriptions, documents, schemas

NAMES = sorted({documents.group_version(kind.group, kind.version) for kind in kinds.ALL})
AGGREGATED = discovery.AGGREGATED


def document(kind: Kind) -> Any:
    return documents.built_in(documents.group_version(kind.group, kind.version)).value


@cache
def published() -> dict[str, Any]:
    source = pytest.importorskip("kubernetes_validate")
    folder = Path(source.__file__).parent / "kubernetes-json-schema/v1.36.0-local"
    found: dict[str, Any] = json.loads((folder / "_definitions.json").read_text())["$defs"]
    return found


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


# -- the schemas --------------------------------------------------------------------------------------


def plain(found: Any) -> Any:
    """A schema without what only one of the two sources has: descriptions, defaults, enums, nulls."""
    if isinstance(found, list):
        return [plain(part) for part in found]
    if not isinstance(found, dict):
        return found
    if len(found.get("allOf", ())) == 1:
        found = {**found, **found["allOf"][0]}
    kept = {
        key: part for key, part in found.items() if key not in ("description", "default", "enum", "allOf")
    }
    if isinstance(kept.get("type"), list):
        kept["type"] = kept["type"][0]
    if "$ref" in kept:
        kept["$ref"] = kept["$ref"].rpartition("/")[2]
    return {
        key: {name: plain(inner) for name, inner in part.items()} if key == "properties" else plain(part)
        for key, part in kept.items()
    }


@pytest.mark.parametrize(
    "kind", [*kinds.ALL, *kinds.BODIES], ids=lambda kind: f"{kind.api_version}/{kind.kind}"
)
def test_the_schema_of_every_kind_and_of_all_within_is_the_published_one(kind: Kind) -> None:
    reached = schemas.reachable([schemas.name_of(kind)])
    assert len(reached) > 1
    for name, found in reached.items():
        theirs = plain({key: part for key, part in published()[name].items() if key != "x-kubernetes-unions"})
        ours = plain(found)
        if name.endswith(("Time", ".Quantity", ".IntOrString", ".RawExtension")):
            continue
        theirs.pop("type", None)
        ours.pop("type", None)
        if not theirs.get("properties"):
            theirs.pop("properties", None)
        ours.pop("x-kubernetes-group-version-kind", None)
        theirs.pop("x-kubernetes-group-version-kind", None)
        assert theirs == ours, name


@pytest.mark.parametrize("kind", kinds.ALL, ids=lambda kind: kind.resource_name)
def test_the_schema_of_a_kind_is_found_by_its_group_version_and_kind(kind: Kind) -> None:
    gvk = {"group": kind.group, "kind": kind.kind, "version": kind.version}
    named = [name for name, found in document(kind)["components"]["schemas"].items()
             if gvk in found.get("x-kubernetes-group-version-kind", ())]  # fmt: skip
    assert named == [schemas.name_of(kind)]


def test_fields_with_a_closed_list_of_values_say_so_and_decoding_knows_the_same_fields() -> None:
    container = schemas.reachable([schemas.full_name("core.v1.Container")])["io.k8s.api.core.v1.Container"]
    policy = container["properties"]["imagePullPolicy"]
    assert policy["enum"] == ["Always", "IfNotPresent", "Never"]
    assert policy["description"].endswith(
        'Possible enum values:\n - `"Always"`\n - `"IfNotPresent"`\n - `"Never"`'
    )
    for type_name, field in enumerations.places():
        assert typetable.struct(type_name).fields[field].code == "s", (type_name, field)
        assert enumerations.of(type_name)[field] == sorted(enumerations.of(type_name)[field])


def test_every_description_is_about_something_that_exists_and_every_kind_has_one() -> None:
    types = [typetable.struct(name) for name in typetable.names()]
    bare = {struct.bare: struct for struct in types}
    specials = ("Quantity", "IntOrString", "Time", "FieldsV1")
    later = ("CertificateSigningRequest", "FlowSchema", "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding",
             "PriorityLevelConfiguration", "VolumeAttributesClass")  # fmt: skip
    fields = {field for struct in types for field in struct.fields}
    for place in descriptions.places():
        owner, _, field = place.partition(".")
        if owner in ("*", "*List"):
            assert field in fields, place
        elif owner in bare:
            assert not field or any(field in struct.fields for struct in types if struct.bare == owner), place
        else:
            assert owner in (*specials, *later), place
    assert [] == [kind.kind for kind in (*kinds.ALL, *kinds.BODIES) if not descriptions.of(kind.kind)]


def test_what_the_server_stores_fits_the_schema_it_publishes(api: Api) -> None:
    """Zero values of every kind, as Go writes them, have only fields and types of the published schema."""
    for kind in kinds.ALL:
        reached = schemas.reachable([schemas.name_of(kind)])
        zero, _ = schema.decode(kind, {"metadata": {"name": "x"}}, "Ignore")
        assert [] == list(
            misfits(zero, {"$ref": f"#/components/schemas/{schemas.name_of(kind)}"}, reached)
        ), kind


TYPES = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "object": dict,
    "array": list,
}


def misfits(value: Any, found: Any, known: Any) -> Iterator[str]:
    if "allOf" in found:
        found = {**found, **found["allOf"][0]}
    if "$ref" in found:
        found = known[found["$ref"].rpartition("/")[2]]
    if value is None or "type" not in found:
        return
    if not isinstance(value, TYPES[found["type"]]):  # type: ignore[arg-type]
        yield f"{value!r} is no {found['type']}"
    elif isinstance(value, dict) and "properties" in found:
        for key, item in value.items():
            if key not in found["properties"]:
                yield f"unknown {key}"
            else:
                yield from misfits(item, found["properties"][key], known)
    elif isinstance(value, list):
        for item in value:
            yield from misfits(item, found["items"], known)


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


# -- discovery ----------------------------------------------------------------------------------------


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

"""The official Python client."""

from __future__ import annotations

import json
import queue
from collections.abc import Iterator
from typing import Any

import pytest
from kubernetes import client, config, dynamic, watch
from kubernetes.client import ApiException
from kubernetes.informer import ADDED, DELETED, MODIFIED, SharedInformer
from kubernetes.stream import stream

from k8scourse.server import Served

from .conftest import WIDGETS, config_map, deployment, pod

pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
"""Its watches leave their sockets to the garbage collector."""


@pytest.fixture(scope="module")
def api(served: Served) -> Iterator[client.ApiClient]:
    with config.new_client_from_config(str(served.kubeconfig)) as one:
        yield one


@pytest.fixture(scope="module")
def core(api: client.ApiClient) -> client.CoreV1Api:
    return client.CoreV1Api(api)


@pytest.fixture(scope="module")
def web(core: client.CoreV1Api) -> str:
    core.create_namespaced_pod("default", pod("web"))
    wait_for(core, "web", "Running")
    return "web"


def wait_for(core: client.CoreV1Api, name: str, phase: str) -> None:
    seen = watch.Watch()
    for event in seen.stream(
        core.list_namespaced_pod, "default", field_selector=f"metadata.name={name}", timeout_seconds=30
    ):
        if event["object"].status.phase == phase:
            seen.stop()
            return
    raise AssertionError(f"{name} is not {phase}")


def test_typed_objects_are_made_read_changed_and_deleted(core: client.CoreV1Api) -> None:
    body = client.V1ConfigMap(metadata=client.V1ObjectMeta(name="typed"), data={"key": "1"})
    made = core.create_namespaced_config_map("default", body)
    assert made.metadata.uid
    assert made.metadata.creation_timestamp.tzinfo is not None
    made.data["key"] = "2"
    assert core.replace_namespaced_config_map("typed", "default", made).data == {"key": "2"}
    assert core.read_namespaced_config_map("typed", "default").data == {"key": "2"}
    core.delete_namespaced_config_map("typed", "default")
    with pytest.raises(ApiException) as caught:
        core.read_namespaced_config_map("typed", "default")
    assert (caught.value.status, json.loads(caught.value.body)["reason"]) == (404, "NotFound")


def test_a_list_comes_page_by_page(core: client.CoreV1Api) -> None:
    for number in range(5):
        body = config_map(f"page-{number}")
        body["metadata"]["labels"] = {"book": "yes"}
        core.create_namespaced_config_map("default", body)
    first = core.list_namespaced_config_map("default", label_selector="book=yes", limit=3)
    rest = core.list_namespaced_config_map(
        "default", label_selector="book=yes", limit=3, _continue=first.metadata._continue
    )
    assert [each.metadata.name for each in first.items + rest.items] == [f"page-{n}" for n in range(5)]
    assert not rest.metadata._continue


def test_what_cannot_be_done_is_an_exception_with_a_status(core: client.CoreV1Api) -> None:
    core.create_namespaced_config_map("default", config_map("once"))
    for code, body in ((409, config_map("once")), (422, config_map("Not A Name"))):
        with pytest.raises(ApiException) as caught:
            core.create_namespaced_config_map("default", body)
        assert caught.value.status == code
    old = core.read_namespaced_config_map("once", "default")
    core.patch_namespaced_config_map("once", "default", {"data": {"a": "1"}})
    with pytest.raises(ApiException, match="Conflict"):
        core.replace_namespaced_config_map("once", "default", old)


def test_a_dry_run_leaves_nothing(core: client.CoreV1Api) -> None:
    core.create_namespaced_config_map("default", config_map("dry"), dry_run="All")
    with pytest.raises(ApiException, match="NotFound"):
        core.read_namespaced_config_map("dry", "default")


@pytest.mark.parametrize(
    ("media", "patch"),
    [
        ("application/json-patch+json", [{"op": "replace", "path": "/spec/replicas", "value": 3}]),
        ("application/merge-patch+json", {"spec": {"replicas": 3}}),
        ("application/strategic-merge-patch+json", {"spec": {"replicas": 3}}),
    ],
)
def test_every_type_of_patch_is_understood(api: client.ApiClient, media: str, patch: Any) -> None:
    apps = client.AppsV1Api(api)
    name = media.partition("/")[2].partition("+")[0]
    apps.create_namespaced_deployment("default", deployment(name, 0))
    changed = apps.patch_namespaced_deployment(name, "default", patch, _content_type=media)
    assert changed.spec.replicas == 3
    apps.delete_namespaced_deployment(name, "default")


def test_server_side_apply_knows_who_owns_what(core: client.CoreV1Api) -> None:
    media = "application/apply-patch+yaml"

    def apply(manager: str, **data: str) -> client.V1ConfigMap:
        return core.patch_namespaced_config_map(
            "applied", "default", config_map("applied", **data), field_manager=manager, _content_type=media
        )

    assert apply("mine", a="1").data == {"a": "1"}
    assert apply("yours", b="2").data == {"a": "1", "b": "2"}
    with pytest.raises(ApiException, match="conflict with"):
        apply("yours", a="3", b="2")
    assert apply("mine", c="4").data == {"b": "2", "c": "4"}


def test_a_watch_that_ended_goes_on_where_it_was(core: client.CoreV1Api) -> None:
    seen = watch.Watch()
    core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name="watched")))
    start = core.list_namespaced_config_map("watched").metadata.resource_version
    core.create_namespaced_config_map("watched", config_map("first"))
    for event in seen.stream(core.list_namespaced_config_map, "watched", resource_version=start):
        if event["object"].metadata.name == "first":
            seen.stop()
    core.patch_namespaced_config_map("first", "watched", {"data": {"a": "1"}})
    core.delete_namespaced_config_map("first", "watched")
    rest = seen.stream(
        core.list_namespaced_config_map,
        "watched",
        resource_version=seen.resource_version,
        timeout_seconds=1,
        field_selector="metadata.name=first",
    )
    assert [event["type"] for event in rest] == ["MODIFIED", "DELETED"]


def test_an_informer_keeps_a_copy(core: client.CoreV1Api) -> None:
    core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name="informed")))
    core.create_namespaced_secret("informed", {"metadata": {"name": "old"}, "stringData": {"a": "1"}})
    told: queue.Queue[tuple[str, str]] = queue.Queue()
    informer = SharedInformer(core.list_namespaced_secret, namespace="informed")
    for kind in (ADDED, MODIFIED, DELETED):
        informer.add_event_handler(kind, lambda each, kind=kind: told.put((kind, each.metadata.name)))
    informer.start()
    try:
        assert told.get(timeout=10) == (ADDED, "old")
        core.create_namespaced_secret("informed", {"metadata": {"name": "new"}})
        assert told.get(timeout=10) == (ADDED, "new")
        core.patch_namespaced_secret("new", "informed", {"stringData": {"a": "1"}})
        assert told.get(timeout=10) == (MODIFIED, "new")
        core.delete_namespaced_secret("old", "informed")
        assert told.get(timeout=10) == (DELETED, "old")
        assert [each.metadata.name for each in informer.cache.list()] == ["new"]
        informer._stop_event.set()
        core.delete_namespaced_secret("new", "informed")  # its thread waits for an event before it ends
    finally:
        informer.stop()


def test_a_log_is_read_and_followed(core: client.CoreV1Api) -> None:
    core.create_namespaced_pod(
        "default", pod("talker", "sh", "-c", "echo one; echo two; sleep 5; echo three")
    )
    wait_for(core, "talker", "Running")
    lines = watch.Watch().stream(core.read_namespaced_pod_log, "talker", "default")
    assert list(lines) == ["one", "two", "three"]
    assert core.read_namespaced_pod_log("talker", "default", tail_lines=1) == "three\n"


def test_a_command_runs_in_a_container(core: client.CoreV1Api, web: str) -> None:
    out = stream(
        core.connect_get_namespaced_pod_exec, web, "default", command=["hostname"], stdout=True, stderr=True
    )
    assert out == "web\n"


def test_a_shell_is_talked_to_and_tells_its_exit_code(core: client.CoreV1Api, web: str) -> None:
    shell = stream(
        core.connect_get_namespaced_pod_exec,
        web,
        "default",
        command=["sh"],
        stdin=True,
        stdout=True,
        stderr=True,
        _preload_content=False,
    )
    shell.write_stdin("echo $((6*7)); echo bad >&2\n")
    assert shell.readline_stdout(timeout=10) == "42"
    assert shell.readline_stderr(timeout=10) == "bad"
    shell.write_stdin("exit 3\n")
    shell.run_forever(timeout=10)
    assert shell.returncode == 3


def test_a_deployment_scales_through_its_subresource(api: client.ApiClient, core: client.CoreV1Api) -> None:
    apps = client.AppsV1Api(api)
    apps.create_namespaced_deployment("default", deployment("scaled", 1))
    apps.patch_namespaced_deployment_scale("scaled", "default", {"spec": {"replicas": 3}})
    seen = watch.Watch()
    for event in seen.stream(apps.list_namespaced_deployment, "default", timeout_seconds=30):
        status = event["object"].status
        if event["object"].metadata.name == "scaled" and status.ready_replicas == 3:
            seen.stop()
    assert len(core.list_namespaced_pod("default", label_selector="app=scaled").items) == 3


def test_custom_objects_have_a_schema_and_a_status(api: client.ApiClient) -> None:
    extensions, seen = client.ApiextensionsV1Api(api), watch.Watch()
    extensions.create_custom_resource_definition(WIDGETS)
    for event in seen.stream(extensions.list_custom_resource_definition, timeout_seconds=10):
        conditions = event["object"].status.conditions or []
        if ("Established", "True") in [(each.type, each.status) for each in conditions]:
            seen.stop()
    custom = client.CustomObjectsApi(api)
    where = ("example.com", "v1", "default", "widgets")
    body = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": {"size": 3}}
    assert custom.create_namespaced_custom_object(*where, body)["spec"] == {"size": 3}
    with pytest.raises(ApiException, match="should be less than or equal to 9"):
        custom.patch_namespaced_custom_object(*where, "w", {"spec": {"size": 10}})
    custom.patch_namespaced_custom_object_status(*where, "w", {"status": {"seen": True}, "spec": {"size": 4}})
    got = custom.get_namespaced_custom_object(*where, "w")
    assert (got["spec"], got["status"]) == ({"size": 3}, {"seen": True})
    assert len(custom.list_namespaced_custom_object(*where)["items"]) == 1


def test_the_dynamic_client_finds_its_way_by_discovery(api: client.ApiClient) -> None:
    found = dynamic.DynamicClient(api).resources.get(api_version="v1", kind="ConfigMap")
    found.create(config_map("dynamic", a="1"), namespace="default")
    assert found.get(name="dynamic", namespace="default").data.to_dict() == {"a": "1"}
    assert found.server_side_apply(
        config_map("dynamic", b="2"), namespace="default", name="dynamic", field_manager="me"
    ).data.to_dict() == {"a": "1", "b": "2"}


def test_somebody_else_may_only_what_rbac_allows(served: Served) -> None:
    path = served.kubeconfig_for("mei", ["readers"])
    with config.new_client_from_config(str(path)) as theirs, pytest.raises(ApiException) as caught:
        client.CoreV1Api(theirs).list_namespaced_secret("default")
    assert caught.value.status == 403
    assert 'User "mei" cannot list resource "secrets"' in json.loads(caught.value.body)["message"]

"""kubernetes_asyncio: the official client's API over aiohttp."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from kubernetes_asyncio import client, config, watch
from kubernetes_asyncio.client import ApiException
from kubernetes_asyncio.dynamic import DynamicClient
from kubernetes_asyncio.stream import WsApiClient

from k8scourse.server import Served

from .conftest import WIDGETS, config_map, deployment, pod, run

pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
"""What clients of other files left open may be collected here."""

Scene = Callable[[client.ApiClient], Awaitable[None]]


@asynccontextmanager
async def connected(served: Served) -> AsyncIterator[client.ApiClient]:
    settings = client.Configuration()
    await config.load_kube_config(str(served.kubeconfig), client_configuration=settings)
    async with client.ApiClient(settings) as api:
        yield api


def play(served: Served, scene: Scene) -> None:
    async def played() -> None:
        async with connected(served) as api:
            await scene(api)

    run(played())


async def running(core: client.CoreV1Api, name: str) -> None:
    async with watch.Watch().stream(
        core.list_namespaced_pod, "default", field_selector=f"metadata.name={name}"
    ) as events:
        async for event in events:
            if event["object"].status.phase == "Running":
                return


def test_typed_objects_are_made_read_changed_and_deleted(served: Served) -> None:
    async def scene(api: client.ApiClient) -> None:
        core = client.CoreV1Api(api)
        body = client.V1ConfigMap(metadata=client.V1ObjectMeta(name="typed"), data={"key": "1"})
        made = await core.create_namespaced_config_map("default", body)
        made.data["key"] = "2"
        assert (await core.replace_namespaced_config_map("typed", "default", made)).data == {"key": "2"}
        await core.delete_namespaced_config_map("typed", "default")
        with pytest.raises(ApiException) as caught:
            await core.read_namespaced_config_map("typed", "default")
        assert (caught.value.status, json.loads(caught.value.body)["reason"]) == (404, "NotFound")

    play(served, scene)


def test_fifty_requests_at_once_are_all_answered(served: Served) -> None:
    async def scene(api: client.ApiClient) -> None:
        core = client.CoreV1Api(api)
        bodies = [config_map(f"many-{number}") for number in range(50)]
        made = await asyncio.gather(*(core.create_namespaced_config_map("default", body) for body in bodies))
        assert len({each.metadata.resource_version for each in made}) == 50

    play(served, scene)


@pytest.mark.parametrize(
    ("media", "patch"),
    [
        ("application/json-patch+json", [{"op": "add", "path": "/data", "value": {"a": "1"}}]),
        ("application/merge-patch+json", {"data": {"a": "1"}}),
        ("application/strategic-merge-patch+json", {"data": {"a": "1"}}),
        ("application/apply-patch+yaml", config_map("merged", a="1")),
    ],
)
def test_every_type_of_patch_is_understood(served: Served, media: str, patch: object) -> None:
    async def scene(api: client.ApiClient) -> None:
        core = client.CoreV1Api(api)
        await core.create_namespaced_config_map("default", config_map("merged"))
        done = await core.patch_namespaced_config_map(
            "merged", "default", patch, field_manager="me", _content_type=media
        )
        assert done.data == {"a": "1"}
        await core.delete_namespaced_config_map("merged", "default")

    play(served, scene)


def test_a_watch_tells_every_change_and_goes_on_from_a_revision(served: Served) -> None:
    async def scene(api: client.ApiClient) -> None:
        core = client.CoreV1Api(api)
        start = (await core.list_namespaced_config_map("default")).metadata.resource_version
        await core.create_namespaced_config_map("default", config_map("seen"))
        await core.patch_namespaced_config_map("seen", "default", {"data": {"a": "1"}})
        await core.delete_namespaced_config_map("seen", "default")
        kinds = []
        async with watch.Watch().stream(
            core.list_namespaced_config_map, "default", resource_version=start, timeout_seconds=1
        ) as events:
            async for event in events:
                if event["object"].metadata.name == "seen":
                    kinds.append(event["type"])
                    if len(kinds) == 3:
                        break
        assert kinds == ["ADDED", "MODIFIED", "DELETED"]

    play(served, scene)


def test_a_log_is_followed_to_its_end(served: Served) -> None:
    async def scene(api: client.ApiClient) -> None:
        core = client.CoreV1Api(api)
        await core.create_namespaced_pod("default", pod("talker", "sh", "-c", "echo one; sleep 5; echo two"))
        await running(core, "talker")
        answer = await core.read_namespaced_pod_log("talker", "default", follow=True, _preload_content=False)
        assert await answer.content.read() == b"one\ntwo\n"

    play(served, scene)


def test_a_command_runs_in_a_container(served: Served) -> None:
    async def scene(api: client.ApiClient) -> None:
        await client.CoreV1Api(api).create_namespaced_pod("default", pod("web"))
        await running(client.CoreV1Api(api), "web")
        async with WsApiClient(api.configuration) as streaming:
            core = client.CoreV1Api(streaming)
            out = await core.connect_get_namespaced_pod_exec(
                "web", "default", command=["sh", "-c", "echo it is $((6*7))"], stdout=True, stderr=True
            )
            assert out == "it is 42\n"
            opened = await core.connect_get_namespaced_pod_exec(
                "web", "default", command=["sh", "-c", "exit 3"], stdout=True, _preload_content=False
            )
            async with opened as socket:
                last = [message async for message in socket][-1]
            assert streaming.parse_error_data(last.data[1:].decode()) == 3

    play(served, scene)


def test_custom_objects_and_the_dynamic_client_work(served: Served) -> None:
    async def scene(api: client.ApiClient) -> None:
        extensions = client.ApiextensionsV1Api(api)
        await extensions.create_custom_resource_definition(WIDGETS)
        async with watch.Watch().stream(extensions.list_custom_resource_definition) as events:
            async for event in events:
                conditions = event["object"].status.conditions or []
                if ("Established", "True") in [(each.type, each.status) for each in conditions]:
                    break
        custom = client.CustomObjectsApi(api)
        where = ("example.com", "v1", "default", "widgets")
        body = {
            "apiVersion": "example.com/v1",
            "kind": "Widget",
            "metadata": {"name": "w"},
            "spec": {"size": 3},
        }
        await custom.create_namespaced_custom_object(*where, body)
        found = await (await DynamicClient(api)).resources.get(api_version="example.com/v1", kind="Widget")
        assert (await found.get(name="w", namespace="default")).spec.size == 3

    play(served, scene)


def test_a_deployment_is_rolled_out(served: Served) -> None:
    async def scene(api: client.ApiClient) -> None:
        apps = client.AppsV1Api(api)
        await apps.create_namespaced_deployment("default", deployment("rolled"))
        async with watch.Watch().stream(apps.list_namespaced_deployment, "default") as events:
            async for event in events:
                if event["object"].status.ready_replicas == 2:
                    return

    play(served, scene)

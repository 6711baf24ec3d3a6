"""kr8s: an API like kubectl's."""

from __future__ import annotations

import kr8s
import pytest
from kr8s.objects import ConfigMap, CustomResourceDefinition, Deployment, Pod, new_class

from k8scourse.server import Served

from .conftest import WIDGETS, config_map, deployment, pod, run

pytestmark = pytest.mark.filterwarnings(
    "ignore:Kubernetes version .* is not supported:UserWarning",
    "ignore::ResourceWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
)
"""It leaves its connections to the garbage collector."""


@pytest.fixture(scope="module")
def api(served: Served) -> kr8s.Api:
    return kr8s.api(kubeconfig=str(served.kubeconfig))


@pytest.fixture(scope="module")
def web(api: kr8s.Api) -> Pod:
    one = Pod(pod("web"), api=api)
    one.create()
    one.wait("condition=Ready", timeout=30)
    return one


def test_objects_are_made_read_changed_and_deleted(api: kr8s.Api) -> None:
    one = ConfigMap(config_map("typed", key="1"), api=api)
    one.create()
    one.patch({"data": {"key": "2"}})
    assert ConfigMap.get("typed", namespace="default", api=api).data == {"key": "2"}
    one.label(tier="front")
    one.annotate({"note": "x"})
    assert [each.name for each in api.get("configmaps", label_selector="tier=front")] == ["typed"]
    one.delete()
    one.wait("delete", timeout=10)
    assert not one.exists()
    with pytest.raises(kr8s.NotFoundError):
        ConfigMap.get("typed", namespace="default", api=api)


def test_a_json_patch_is_understood(api: kr8s.Api) -> None:
    one = ConfigMap(config_map("patched", key="1"), api=api)
    one.create()
    one.patch([{"op": "replace", "path": "/data/key", "value": "2"}], type="json")
    assert one.data == {"key": "2"}


def test_what_is_refused_is_an_exception_with_the_servers_words(api: kr8s.Api) -> None:
    with pytest.raises(kr8s.ServerError, match="must consist of lower case") as caught:
        ConfigMap(config_map("Not A Name"), api=api).create()
    assert caught.value.response.status_code == 422


def test_the_version_and_the_kinds_come_from_discovery(api: kr8s.Api) -> None:
    assert api.version()["gitVersion"] == "v1.36.2"
    kinds = {each["kind"] for each in api.api_resources()}
    assert {"Pod", "Deployment", "CronJob", "NetworkPolicy"} <= kinds
    assert api.whoami() == "kubernetes-admin"


def test_a_deployment_scales_and_becomes_ready(api: kr8s.Api) -> None:
    one = Deployment(deployment("scaled", 1), api=api)
    one.create()
    one.scale(3)
    one.wait("condition=Available", timeout=30)
    assert one.replicas == 3
    assert len(list(api.get("pods", label_selector="app=scaled"))) == 3


def test_a_watch_tells_what_happens(api: kr8s.Api, served: Served) -> None:
    async def scene() -> list[str]:
        theirs = await kr8s.asyncio.api(kubeconfig=str(served.kubeconfig))
        one = await kr8s.asyncio.objects.ConfigMap(config_map("seen"), api=theirs)
        seen = []
        await one.create()
        async for event, _ in theirs.async_watch("configmaps", field_selector="metadata.name=seen"):
            seen.append(event)
            if event == "ADDED":
                await one.patch({"data": {"a": "1"}})
            elif event == "MODIFIED":
                await one.delete()
            else:
                return seen
        return seen

    assert run(scene()) == ["ADDED", "MODIFIED", "DELETED"]


def test_a_log_is_followed_to_its_end(api: kr8s.Api) -> None:
    one = Pod(pod("talker", "sh", "-c", "echo one; sleep 5; echo two"), api=api)
    one.create()
    one.wait("condition=Ready", timeout=30)
    assert list(one.logs(follow=True)) == ["one", "two"]


def test_a_command_runs_and_fails_with_its_exit_code(web: Pod) -> None:
    assert web.exec(["sh", "-c", "echo out; echo err >&2"]).stdout == b"out\n"
    assert web.exec(["sh", "-c", "exit 3"], check=False).returncode == 3


def test_a_kind_of_our_own_is_like_any_other(api: kr8s.Api) -> None:
    kind = CustomResourceDefinition(WIDGETS, api=api)
    kind.create()
    while not kind.status.conditions:  # kr8s' own `wait` cannot wait for the first one
        kind.refresh()
    kind.wait("condition=Established", timeout=10)
    widgets = new_class("Widget", "example.com/v1", plural="widgets")
    one = widgets({"metadata": {"name": "w", "namespace": "default"}, "spec": {"size": 3}}, api=api)
    one.create()
    one.patch({"status": {"seen": True}}, subresource="status")
    assert widgets.get("w", namespace="default", api=api).status.seen is True

"""lightkube: typed models, httpx, and nothing generated at run time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lightkube import ApiError, AsyncClient, Client, KubeConfig
from lightkube.generic_resource import create_namespaced_resource
from lightkube.models.core_v1 import ConfigMap as ConfigMapModel
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apiextensions_v1 import CustomResourceDefinition
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import ConfigMap, Node, Pod
from lightkube.types import PatchType

from k8scourse.server import Served

from .conftest import WIDGETS, deployment, pod, run

pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
"""What clients of other files left open may be collected here."""


@pytest.fixture(scope="module")
def client(served: Served) -> Iterator[Client]:
    one = Client(
        config=KubeConfig.from_file(str(served.kubeconfig)), field_manager="lightkube", trust_env=False
    )
    yield one
    one.close()


@pytest.fixture(scope="module")
def web(client: Client) -> str:
    client.create(Pod.from_dict(pod("web")), namespace="default")
    client.wait(Pod, "web", for_conditions=["Ready"])
    return "web"


def named(name: str, **data: str) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name, namespace="default"), data=data)


def test_objects_are_made_read_changed_and_deleted(client: Client) -> None:
    made = client.create(named("typed", key="1"))
    assert isinstance(made, ConfigMapModel)
    made.data = {"key": "2"}
    assert client.replace(made).data == {"key": "2"}
    assert client.get(ConfigMap, "typed").metadata.resourceVersion > "0"
    client.delete(ConfigMap, "typed")
    with pytest.raises(ApiError) as caught:
        client.get(ConfigMap, "typed")
    assert (caught.value.status.code, caught.value.status.reason) == (404, "NotFound")


def test_lists_are_selected_and_carry_a_revision(client: Client) -> None:
    nodes = client.list(Node, labels={"kubernetes.io/hostname": "worker-1"})
    assert [node.metadata.name for node in nodes] == ["worker-1"]
    assert int(nodes.resourceVersion) > 0


@pytest.mark.parametrize("how", [PatchType.STRATEGIC, PatchType.MERGE, PatchType.JSON])
def test_every_type_of_patch_is_understood(client: Client, how: PatchType) -> None:
    name = f"patched-{how.name.lower()}"
    client.create(Deployment.from_dict(deployment(name, 0)), namespace="default")
    patch = (
        [{"op": "add", "path": "/metadata/labels", "value": {"a": "b"}}]
        if how is PatchType.JSON
        else {"metadata": {"labels": {"a": "b"}}}
    )
    assert client.patch(Deployment, name, patch, patch_type=how).metadata.labels == {"a": "b"}


def test_server_side_apply_conflicts_until_it_is_forced(client: Client) -> None:
    assert client.apply(named("applied", key="1")).data == {"key": "1"}
    with pytest.raises(ApiError, match="conflict with"):
        client.apply(named("applied", key="2"), field_manager="other")
    assert client.apply(named("applied", key="2"), field_manager="other", force=True).data == {"key": "2"}


def test_a_watch_goes_on_from_a_revision(client: Client) -> None:
    start = client.create(named("before")).metadata.resourceVersion
    client.create(named("seen"))
    client.replace(named("seen", a="1"))
    client.delete(ConfigMap, "seen")
    events = client.watch(ConfigMap, fields={"metadata.name": "seen"}, resource_version=start)
    assert [next(events)[0] for _ in range(3)] == ["ADDED", "MODIFIED", "DELETED"]
    events.close()


def test_a_wait_ends_when_the_deployment_is_available(client: Client) -> None:
    client.create(Deployment.from_dict(deployment("waited")), namespace="default")
    done = client.wait(Deployment, "waited", for_conditions=["Available"])
    assert done.status.availableReplicas >= 1


def test_a_log_is_followed_to_its_end(client: Client) -> None:
    talker = Pod.from_dict(pod("talker", "sh", "-c", "echo one; sleep 5; echo two"))
    client.create(talker, namespace="default")
    client.wait(Pod, "talker", for_conditions=["Ready"])
    assert [line.strip() for line in client.log("talker", follow=True)] == ["one", "two"]


def test_a_command_runs_with_its_input_and_exit_code(served: Served, web: str) -> None:
    async def scene() -> None:
        config = KubeConfig.from_file(str(served.kubeconfig))
        client = AsyncClient(config=config, trust_env=False)  # the other reads and writes TLS in two threads
        piped = "echo $((6*7)); echo bad >&2; exit 4\n"
        done = await client.exec(web, command=["sh"], stdin=piped, stdout=True, stderr=True)
        assert (done.stdout, done.stderr, done.exit_code) == ("42\n", "bad\n", 4)
        assert (await client.exec(web, command=["cat"], stdin="echoed", stdout=True)).stdout == "echoed"
        await client.close()

    run(scene())


def test_a_kind_of_our_own_has_a_status(client: Client) -> None:
    client.create(CustomResourceDefinition.from_dict(WIDGETS))
    client.wait(CustomResourceDefinition, "widgets.example.com", for_conditions=["Established"])
    widgets = create_namespaced_resource("example.com", "v1", "Widget", "widgets")
    client.create(widgets(metadata=ObjectMeta(name="w", namespace="default"), spec={"size": 3}))
    client.patch(widgets.Status, "w", {"status": {"seen": True}}, patch_type=PatchType.MERGE)
    got = client.get(widgets, "w")
    assert (got.spec, got.status) == ({"size": 3}, {"seen": True})
    with pytest.raises(ApiError, match="should be less than or equal to 9"):
        client.patch(widgets, "w", {"spec": {"size": 10}}, patch_type=PatchType.MERGE)

"""An operator for Widgets, as somebody would write it with kopf: for each Widget a ConfigMap, and its status.

kopf run --namespace default operator_of_widgets.py
"""

from __future__ import annotations

from typing import Any

import kopf
import kubernetes_asyncio as kubernetes


@kopf.on.startup()
def settle(settings: kopf.OperatorSettings, **_: Any) -> None:
    """Our own mark on what must not go without us."""
    settings.persistence.finalizer = "example.com/operator"


@kopf.on.create("example.com", "v1", "widgets")
async def made(spec: Any, name: str, namespace: str, body: Any, **_: Any) -> dict[str, int]:
    """A new Widget gets a ConfigMap that goes when it goes."""
    child = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name},
        "data": {"size": str(spec["size"])},
    }
    kopf.adopt(child, owner=body)
    async with await _api() as api:
        await kubernetes.client.CoreV1Api(api).create_namespaced_config_map(namespace, child)
    kopf.info(body, reason="Made", message=f"ConfigMap {name} is there")
    return {"size": spec["size"]}


@kopf.on.field("example.com", "v1", "widgets", field="spec.size", old=kopf.PRESENT, new=kopf.PRESENT)
async def resized(new: int, name: str, namespace: str, **_: Any) -> None:
    """Its ConfigMap follows."""
    async with await _api() as api:
        core = kubernetes.client.CoreV1Api(api)
        await core.patch_namespaced_config_map(name, namespace, {"data": {"size": str(new)}})


@kopf.on.delete("example.com", "v1", "widgets")
async def gone(name: str, namespace: str, **_: Any) -> None:
    """Leave a note before it goes."""
    note = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"{name}-gone"}}
    async with await _api() as api:
        await kubernetes.client.CoreV1Api(api).create_namespaced_config_map(namespace, note)


async def _api() -> kubernetes.client.ApiClient:
    settings = kubernetes.client.Configuration()
    await kubernetes.config.load_kube_config(client_configuration=settings)
    return kubernetes.client.ApiClient(settings)

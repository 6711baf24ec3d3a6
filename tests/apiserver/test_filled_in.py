"""What the server fills in beyond constants: requests of whole Pods, the two names of a claim's source."""

from __future__ import annotations

import random
from typing import Any

import pytest
from apiserver.support import Api

CORE = "/api/v1/namespaces/default"


def container(**resources: Any) -> dict[str, Any]:
    return {"name": "c", "image": "i", "resources": resources}


@pytest.mark.parametrize(
    ("whole", "one", "requests"),
    [
        ({"limits": {"cpu": "2"}}, {}, {"cpu": "2"}),
        (
            {"limits": {"cpu": "2", "memory": "1Gi"}},
            {"requests": {"cpu": "500m"}},
            {"cpu": "500m", "memory": "1Gi"},
        ),
        ({"limits": {"cpu": "2"}}, {"limits": {"cpu": "1"}}, {"cpu": "1"}),
        ({"limits": {"cpu": "2"}, "requests": {"cpu": "1"}}, {"requests": {"cpu": "500m"}}, {"cpu": "1"}),
    ],
)
def test_a_pod_with_limits_as_a_whole_asks_as_a_whole(
    api: Api, whole: dict[str, Any], one: dict[str, Any], requests: dict[str, str]
) -> None:
    body = {"metadata": {"name": "p"}, "spec": {"resources": whole, "containers": [container(**one)]}}
    assert api.post(f"{CORE}/pods", body)["spec"]["resources"]["requests"] == requests


CUSTOM = {"apiGroup": "a.b", "kind": "K", "name": "n"}
OWN = {"kind": "PersistentVolumeClaim", "name": "n"}


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ({"dataSource": OWN}, {"dataSource": OWN, "dataSourceRef": OWN}),
        ({"dataSourceRef": CUSTOM}, {"dataSource": CUSTOM, "dataSourceRef": CUSTOM}),
        ({"dataSource": CUSTOM}, {}),
    ],
)
def test_a_claim_names_its_source_twice(api: Api, given: dict[str, Any], stored: dict[str, Any]) -> None:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    made = api.post(f"{CORE}/persistentvolumeclaims", {"metadata": {"name": "c"}, "spec": spec | given})[
        "spec"
    ]
    assert {key: made[key] for key in ("dataSource", "dataSourceRef") if key in made} == stored


def test_a_name_that_cannot_be_made_up_is_no_name(api: Api) -> None:
    api.server.registry.rng = Fixed()
    body = {"metadata": {"generateName": "a-"}}
    name = api.post(f"{CORE}/configmaps", body)["metadata"]["name"]
    answer = api.send("POST", f"{CORE}/configmaps", body)
    assert (answer.code, answer.body["reason"]) == (409, "AlreadyExists")
    assert answer.body["details"]["retryAfterSeconds"] == 1
    assert answer.body["message"] == (
        f'configmaps "{name}" already exists, the server was not able to generate a unique name for the object'
    )


class Fixed(random.Random):
    """A chance that always falls the same way."""

    def random(self) -> float:
        return 0.0

    def getrandbits(self, k: int, /) -> int:
        return 0

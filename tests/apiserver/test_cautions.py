"""What the server takes and warns about: texts that come back beside the stored object."""

from __future__ import annotations

from typing import Any

import pytest
from apiserver.support import Api

CORE, DEFAULT = "/api/v1/namespaces/default", "/apis/apps/v1/namespaces/default"
PART = 'fractional byte value "100m" is invalid, must be an integer'
OLD = 'deprecated since v1.14; use "kubernetes.io/arch" instead'
POD_SPECS: list[tuple[str, dict[str, Any], list[str]]] = [
    (
        "labels of nodes move",
        {"nodeSelector": {"beta.kubernetes.io/arch": "amd64"}},
        [f"spec.nodeSelector[beta.kubernetes.io/arch]: {OLD}"],
    ),
    (
        "kinds of volumes die",
        {"volumes": [{"name": "v", "gitRepo": {"repository": "r"}}]},
        ["spec.volumes[0].gitRepo: deprecated in v1.11"],
    ),
    (
        "an address has its names in one place",
        {"hostAliases": [{"ip": "192.0.2.1", "hostnames": ["a"]}, {"ip": "192.0.2.1", "hostnames": ["b"]}]},
        ['spec.hostAliases[1].ip: duplicate ip "192.0.2.1"'],
    ),
    (
        "a secret is named once",
        {"imagePullSecrets": [{"name": "a"}, {"name": "a"}]},
        ['spec.imagePullSecrets[1].name: duplicate name "a"'],
    ),
    (
        "there are no parts of bytes",
        {
            "containers": [
                {
                    "name": "c",
                    "image": "i",
                    "resources": {"limits": {"memory": "100m"}, "requests": {"memory": "100m"}},
                }
            ]
        },
        [
            f"spec.containers[0].resources.limits[memory]: {PART}",
            f"spec.containers[0].resources.requests[memory]: {PART}",
        ],
    ),
    (
        "a variable that refers to its older self hides nothing",
        {
            "containers": [
                {
                    "name": "c",
                    "image": "i",
                    "env": [
                        {"name": "A", "value": "1"},
                        {"name": "A", "value": "$(A)2"},
                        {"name": "A", "value": "3"},
                    ],
                }
            ]
        },
        [
            'spec.containers[0].env[2]: hides previous definition of "A", which may be dropped when using apply'
        ],
    ),
    (
        "ports are compared in all containers",
        {
            "containers": [
                {"name": "c", "image": "i", "ports": [{"containerPort": 80}]},
                {
                    "name": "d",
                    "image": "i",
                    "ports": [{"containerPort": 80}, {"containerPort": 80, "hostPort": 81}],
                },
            ]
        },
        [
            "spec.containers[1].ports[0]: duplicate port definition with spec.containers[0].ports[0]",
            "spec.containers[1].ports[1]: overlapping port definition with spec.containers[0].ports[0]",
            "spec.containers[1].ports[1]: overlapping port definition with spec.containers[1].ports[0]",
        ],
    ),
    (
        "no selector, no Pods",
        {
            "affinity": {
                "podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "z"}]}
            }
        },
        [
            "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: "
            "a null labelSelector results in matching no pod"
        ],
    ),
]


def spec_of(extra: dict[str, Any]) -> dict[str, Any]:
    return {"containers": [{"name": "c", "image": "i"}]} | extra


@pytest.mark.parametrize(("extra", "texts"), [pytest.param(*one[1:], id=one[0]) for one in POD_SPECS])
def test_a_pod_is_taken_with_a_warning(api: Api, extra: dict[str, Any], texts: list[str]) -> None:
    answer = api.send("POST", f"{CORE}/pods", {"metadata": {"name": "p"}, "spec": spec_of(extra)})
    assert (answer.code, answer.warnings) == (201, texts)


@pytest.mark.parametrize(("extra", "texts"), [pytest.param(*one[1:], id=one[0]) for one in POD_SPECS])
def test_a_template_is_taken_with_the_same_warning_at_its_own_path(
    api: Api, extra: dict[str, Any], texts: list[str]
) -> None:
    made = {"metadata": {"labels": {"a": "b"}}, "spec": spec_of(extra)}
    deployment = {
        "metadata": {"name": "d"},
        "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": made},
    }
    answer = api.send("POST", f"{DEFAULT}/deployments", deployment)
    assert (answer.code, answer.warnings) == (
        201,
        [text.replace("spec.", "spec.template.spec.") for text in texts],
    )


def test_a_name_with_dots_is_no_good_hostname(api: Api) -> None:
    answer = api.send("POST", f"{CORE}/pods", {"metadata": {"name": "a.b"}, "spec": spec_of({})})
    assert answer.warnings == [
        "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is "
        "recommended: [must not contain dots]"
    ]


SERVICES: list[tuple[dict[str, Any], list[str]]] = [
    (
        {"clusterIP": "None", "externalIPs": ["192.0.2.1"], "sessionAffinity": "ClientIP"},
        [
            "spec.externalIPs is ignored for headless services",
            "spec.SessionAffinity is ignored for headless services",
        ],
    ),
    (
        {"type": "ExternalName", "externalName": "a.b", "externalIPs": ["192.0.2.1"]},
        ['spec.externalIPs is ignored when spec.type is "ExternalName"'],
    ),
    ({"externalName": "a.b"}, ['spec.externalName is ignored when spec.type is not "ExternalName"']),
    (
        {"trafficDistribution": "PreferClose"},
        ['spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"'],
    ),
]


@pytest.mark.parametrize(("spec", "texts"), SERVICES)
def test_a_service_is_taken_with_a_warning(api: Api, spec: dict[str, Any], texts: list[str]) -> None:
    body = {"metadata": {"name": "s"}, "spec": {"ports": [{"port": 80}]} | spec}
    answer = api.send("POST", f"{CORE}/services", body)
    assert (answer.code, answer.warnings) == (201, texts)


def test_old_annotations_have_fields_now(api: Api) -> None:
    claim = {
        "metadata": {"name": "c", "annotations": {"volume.beta.kubernetes.io/storage-class": "x"}},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    assert api.send("POST", f"{CORE}/persistentvolumeclaims", claim).warnings == [
        "metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "
        '"storageClassName" attribute instead'
    ]

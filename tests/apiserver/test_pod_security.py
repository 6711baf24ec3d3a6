"""PodSecurity: namespaces hold their Pods to a level."""

from __future__ import annotations

from typing import Any

import pytest
from apiserver.support import DEPLOYMENTS, PODS, SERVICE_ACCOUNTS, Api, deployment, pod

PREFIX = "pod-security.kubernetes.io/"
NAMESPACES = "/api/v1/namespaces"
SAFE = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}

ADDING = {"drop": ["ALL"], "add": ["KILL", "NET_BIND_SERVICE"]}


def label(api: Api, **modes: str) -> Any:
    labels = {f"{PREFIX}{mode.replace('_', '-')}": level for mode, level in modes.items()}
    return api.patch(f"{NAMESPACES}/default", {"metadata": {"labels": labels}})


def container(name: str = "c", **fields: Any) -> dict[str, Any]:
    return {"name": name, "image": "nginx", **fields}


def secured(name: str = "c", **security: Any) -> dict[str, Any]:
    return container(name, securityContext=security)


def the_refusal(api: Api, **spec: Any) -> str:
    """What follows "violates PodSecurity" in the refusal of a Pod; "" when it is let in."""
    answer = api.send("POST", f"{PODS}?dryRun=All", pod("web", **spec))
    if answer.code == 201:
        return ""
    assert answer.code == 403, answer.body
    return str(answer.body["message"]).removeprefix('pods "web" is forbidden: violates PodSecurity ')


def test_without_labels_everything_goes(api: Api) -> None:
    assert the_refusal(api, hostNetwork=True, containers=[secured(privileged=True)]) == ""


def test_restricted_says_everything_that_is_missing(api: Api) -> None:
    label(api, enforce="restricted")
    wanted = (
        '"restricted:latest": allowPrivilegeEscalation != false (container "c" must set '
        'securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "c" must set '
        'securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "c" must set '
        'securityContext.runAsNonRoot=true), seccompProfile (pod or container "c" must set '
        'securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'
    )
    assert the_refusal(api, containers=[container()]) == wanted
    assert the_refusal(api, containers=[secured(**SAFE)]) == ""


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"hostNetwork": True, "hostPID": True}, "host namespaces (hostNetwork=true, hostPID=true)"),
        (
            {"containers": [secured("a", privileged=True), secured("b", privileged=True)]},
            'privileged (containers "a", "b" must not set securityContext.privileged=true)',
        ),
        (
            {"containers": [container(ports=[{"containerPort": 80, "hostPort": 80}])]},
            'hostPort (container "c" uses hostPort 80)',
        ),
        (
            {"volumes": [{"name": "v", "hostPath": {"path": "/"}}]},
            'hostPath volumes (volume "v")',
        ),
        (
            {"containers": [secured(capabilities={"add": ["NET_RAW", "KILL"]})]},
            'non-default capabilities (container "c" must not include "NET_RAW" in securityContext.capabilities.add)',
        ),
        (
            {"containers": [secured(seLinuxOptions={"type": "spc_t", "user": "u"})]},
            'seLinuxOptions (container "c" set forbidden securityContext.seLinuxOptions: type "spc_t"; '
            "user may not be set)",
        ),
        (
            {"securityContext": {"seccompProfile": {"type": "Unconfined"}}},
            'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")',
        ),
        (
            {"securityContext": {"sysctls": [{"name": "kernel.msgmax", "value": "1"}]}},
            "forbidden sysctls (kernel.msgmax)",
        ),
        (
            {"securityContext": {"appArmorProfile": {"type": "Unconfined"}}},
            'forbidden AppArmor profile (pod must not set AppArmor profile type to "Unconfined")',
        ),
        (
            {"containers": [container(livenessProbe={"tcpSocket": {"port": 80, "host": "10.0.0.1"}})]},
            'probe or lifecycle host (container "c" uses probe or lifecycle host "10.0.0.1")',
        ),
    ],
)
def test_baseline_refuses_power_over_the_node(api: Api, spec: Any, message: str) -> None:
    label(api, enforce="baseline")
    assert the_refusal(api, **{"containers": [container()], **spec}) == f'"baseline:latest": {message}'


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (
            {"volumes": [{"name": "v", "hostPath": {"path": "/"}}]},
            'restricted volume types (volume "v" uses restricted volume type "hostPath")',
        ),
        ({"securityContext": {"runAsUser": 0}}, "runAsUser=0 (pod must not set runAsUser=0)"),
        (
            {"containers": [secured(**{**SAFE, "runAsNonRoot": False})]},
            'runAsNonRoot != true (container "c" must not set securityContext.runAsNonRoot=false)',
        ),
        (
            {"containers": [secured(**{**SAFE, "capabilities": ADDING})]},
            'unrestricted capabilities (container "c" must not include "KILL" in securityContext.capabilities.add)',
        ),
    ],
)  # fmt: skip
def test_restricted_refuses_what_baseline_still_takes(api: Api, spec: Any, message: str) -> None:
    label(api, enforce="restricted")
    assert the_refusal(api, **{"containers": [secured(**SAFE)], **spec}) == f'"restricted:latest": {message}'


def test_what_the_whole_pod_sets_counts_for_its_containers(api: Api) -> None:
    label(api, enforce="restricted")
    own = {field: SAFE[field] for field in ("allowPrivilegeEscalation", "capabilities")}
    shared = {field: SAFE[field] for field in ("runAsNonRoot", "seccompProfile")}
    assert the_refusal(api, containers=[secured(**own)], securityContext=shared) == ""


def test_older_versions_ask_for_less(api: Api) -> None:
    label(api, enforce="restricted", enforce_version="v1.7")
    shown = the_refusal(api, containers=[container()])
    assert shown == (
        '"restricted:v1.7": runAsNonRoot != true '
        '(pod or container "c" must set securityContext.runAsNonRoot=true)'
    )
    assert "non-default capabilities" in the_refusal(
        api, containers=[secured(capabilities={"add": ["NET_RAW"]})]
    )


def test_init_containers_count_too(api: Api) -> None:
    label(api, enforce="baseline")
    shown = the_refusal(api, initContainers=[secured("i", privileged=True)], containers=[container()])
    assert 'container "i"' in shown


def test_warn_tells_and_lets_pass(api: Api) -> None:
    label(api, warn="baseline")
    answer = api.send("POST", PODS, pod("web", hostNetwork=True, containers=[container()]))
    assert answer.code == 201
    assert answer.warnings == [
        'would violate PodSecurity "baseline:latest": host namespaces (hostNetwork=true)'
    ]


def test_who_writes_a_workload_is_told_and_never_refused(api: Api) -> None:
    label(api, enforce="restricted")
    answer = api.send("POST", DEPLOYMENTS, deployment("web"))
    assert answer.code == 201
    assert answer.warnings[0].startswith(
        'would violate PodSecurity "restricted:latest": allowPrivilegeEscalation'
    )


def test_audit_only_notes(api: Api) -> None:
    label(api, audit="baseline")
    answer = api.send("POST", PODS, pod("web", hostNetwork=True, containers=[container()]))
    assert (201, []) == (answer.code, answer.warnings)


def test_a_change_that_the_standards_do_not_speak_of_is_let_through(api: Api) -> None:
    api.post(PODS, pod("web", hostNetwork=True, containers=[container()]))
    label(api, enforce="baseline")
    api.patch(f"{PODS}/web", {"metadata": {"labels": {"a": "b"}}})
    change = {"spec": {"containers": [{"name": "c", "image": "redis"}]}}
    message = api.refused(
        403, "PATCH", f"{PODS}/web", change, content_type="application/strategic-merge-patch+json"
    )
    assert "violates PodSecurity" in message


def test_wrong_labels_are_refused(api: Api) -> None:
    body = {
        "metadata": {"name": "new", "labels": {f"{PREFIX}enforce": "hard", f"{PREFIX}warn-version": "1.20"}}
    }
    message = api.refused(422, "POST", NAMESPACES, body)
    first = f'metadata.labels[{PREFIX}enforce]: Invalid value: "hard": must be one of privileged, baseline, restricted'
    second = f'metadata.labels[{PREFIX}warn-version]: Invalid value: "1.20": must be "latest" or "v1.x"'
    assert message == f'Namespace "new" is invalid: [{first}, {second}]'


def test_a_stricter_level_warns_of_the_pods_that_are_there(api: Api) -> None:
    for name in ("b", "a"):
        api.post(PODS, pod(name, hostNetwork=True, containers=[container()]))
    api.post(PODS, pod("c", containers=[secured(privileged=True)]))
    answer = api.send(
        "PATCH",
        f"{NAMESPACES}/default",
        {"metadata": {"labels": {f"{PREFIX}enforce": "baseline"}}},
        content_type="application/merge-patch+json",
    )
    assert answer.warnings == [
        'existing pods in namespace "default" violate the new PodSecurity enforce level "baseline:latest"',
        "a (and 1 other pod): host namespaces",
        "c: privileged",
    ]


def test_other_namespaces_are_not_concerned(api: Api) -> None:
    label(api, enforce="restricted")
    api.post(NAMESPACES, {"metadata": {"name": "free"}})
    api.post(SERVICE_ACCOUNTS.replace("default", "free"), {"metadata": {"name": "default"}})
    api.post(PODS.replace("default", "free"), pod("web", hostNetwork=True))

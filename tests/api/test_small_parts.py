"""Kinds, names, times, metadata, conditions, Pods, hashes."""

from __future__ import annotations

import ipaddress
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8scourse.api import conditions, hashing, kinds, metadata, names, pods, times

# ------------------------------------------------------------------------------ kinds


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("po", kinds.POD),
        ("Pods", kinds.POD),
        ("pod", kinds.POD),
        ("deploy", kinds.DEPLOYMENT),
        ("deployment.apps", kinds.DEPLOYMENT),
        ("deployments.v1.apps", kinds.DEPLOYMENT),
        ("no", kinds.NODE),
        ("endpointslice", kinds.ENDPOINT_SLICE),
        ("sa", kinds.SERVICE_ACCOUNT),
        ("nonsense", None),
    ],
)
def test_words_of_the_command_line_find_their_kind(word: str, kind: kinds.Kind | None) -> None:
    assert kind is kinds.resolve(word)


def test_a_kind_knows_its_names() -> None:
    assert (kinds.DEPLOYMENT.resource_name, kinds.DEPLOYMENT.api_version) == ("deployments.apps", "apps/v1")
    assert kinds.POD.storage_key("web", "default") == "/registry/pods/default/web"
    assert kinds.NODE.storage_key("n1") == "/registry/minions/n1"
    assert kinds.by_kind("apps/v1", "Deployment") is kinds.by_plural("apps", "v1", "deployments")
    assert kinds.by_kind("v1", "Nope") is None
    assert [kind.kind for kind in kinds.in_category("all")] == [
        "Pod", "ReplicationController", "Service", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet",
        "HorizontalPodAutoscaler", "CronJob", "Job"]  # fmt: skip


# ------------------------------------------------------------------------------ names


@given(st.text(alphabet="0123456789abcf:.", max_size=20))
def test_addresses_are_those_that_the_standard_library_knows(text: str) -> None:
    try:
        ipaddress.ip_address(text)
        good = True
    except ValueError:
        good = False
    assert good == (names.ip_problems(text) == [])


def test_a_label_with_a_dot_is_told_so() -> None:
    assert names.dns_label_problems("a.b") == ["must not contain dots"]
    assert names.dns_subdomain_problems("a.b") == []
    assert names.dns_label_problems("x" * 64) == ["must be no more than 63 characters"]
    assert names.label_value_problems("x" * 64) == ["must be no more than 63 bytes"]


# ------------------------------------------------------------------------------ times


@given(st.integers(0, 10**18))
def test_times_read_back_to_the_second_and_micro_times_to_the_microsecond(now: int) -> None:
    assert now // 10**9 * 10**9 == times.parse_time(times.format_time(now))
    assert now // 1000 * 1000 == times.parse_time(times.format_micro_time(now))


def test_the_scenario_begins_in_2026() -> None:
    assert times.format_time(31 * times.SECOND) == "2026-01-01T00:00:31Z"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "yesterday",
            'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"',
        ),
        ("2026-01-01", 'parsing time "2026-01-01" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"'),
        ("2026-13-01T00:00:00Z", 'parsing time "2026-13-01T00:00:00Z": month out of range'),
    ],
)
def test_bad_times_are_refused_in_the_words_of_go(text: str, message: str) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011
        times.canonical_time(text)
    assert message == str(refusal.value)


# ------------------------------------------------------------------------------ metadata and conditions


def test_keys_split_into_what_they_were_made_of() -> None:
    for obj in ({"metadata": {"name": "n", "namespace": "a"}}, {"metadata": {"name": "n"}}):
        assert (metadata.namespace(obj), metadata.name(obj)) == metadata.split_key(metadata.key(obj))


def test_the_controller_is_the_owner_that_says_so() -> None:
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "r", "uid": "1"}}
    plain, controlling = metadata.owner_reference(owner, controller=False), metadata.owner_reference(owner)
    assert metadata.controller_of({"metadata": {"ownerReferences": [plain]}}) is None
    owned = {"metadata": {"ownerReferences": [plain, controlling]}}
    assert controlling == metadata.controller_of(owned)
    assert metadata.is_controlled_by(owned, owner)


def test_a_transition_time_moves_only_with_the_status() -> None:
    first = conditions.with_condition({}, {"type": "Ready", "status": "False", "reason": "A"}, 0)
    second = conditions.with_condition(
        first, {"type": "Ready", "status": "False", "reason": "B"}, 5 * times.SECOND
    )
    third = conditions.with_condition(second, {"type": "Ready", "status": "True"}, 9 * times.SECOND)
    moments = [conditions.get(obj, "Ready")["lastTransitionTime"] for obj in (first, second, third)]  # type: ignore[index]
    assert [times.format_time(0), times.format_time(0), times.format_time(9 * times.SECOND)] == moments
    assert conditions.with_condition(third, {"type": "Ready", "status": "True"}, 20 * times.SECOND) is third
    assert conditions.is_true(third, "Ready")
    assert not conditions.is_true(conditions.without_condition(third, "Ready"), "Ready")


# ------------------------------------------------------------------------------ pods


def container(name: str = "c", requests: Any = None, limits: Any = None, **more: Any) -> dict[str, Any]:
    resources = {key: value for key, value in (("requests", requests), ("limits", limits)) if value}
    return {"name": name, "resources": resources, **more}


def pod(*containers: dict[str, Any], **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "p"}, "spec": {"containers": list(containers), **spec}}


def test_requests_are_the_sum_or_the_greatest_init_container() -> None:
    obj = pod(
        container(requests={"cpu": "250m", "memory": "64Mi"}),
        container(requests={"cpu": "250m"}),
        initContainers=[container(requests={"cpu": "1"})],
        overhead={"cpu": "10m"},
    )
    assert {"cpu": 1010, "memory": 64 * 1024**2} == pods.requests(obj)


def test_a_sidecar_counts_with_the_containers_and_with_the_init_containers_after_it() -> None:
    sidecar = container("s", requests={"cpu": "200m"}, restartPolicy="Always")
    obj = pod(
        container(requests={"cpu": "100m"}),
        initContainers=[sidecar, container("i", requests={"cpu": "500m"})],
    )
    assert {"cpu": 700} == pods.requests(obj)


EXACT = {"cpu": "1", "memory": "1Gi"}


@pytest.mark.parametrize(
    ("containers", "expected"),
    [
        ([container()], "BestEffort"),
        ([container(requests={"cpu": "1"})], "Burstable"),
        ([container(requests=EXACT, limits=EXACT)], "Guaranteed"),
        ([container(requests=EXACT, limits=EXACT), container()], "Burstable"),
        ([container(requests={"example.com/gpu": "1"})], "BestEffort"),
    ],
)
def test_quality_of_service_follows_from_requests_and_limits(containers: Any, expected: str) -> None:
    assert expected == pods.qos_class(pod(*containers))


TAINT = {"key": "k", "value": "v", "effect": "NoSchedule"}


@pytest.mark.parametrize(
    ("toleration", "tolerated"),
    [
        ({"key": "k", "operator": "Equal", "value": "v"}, True),
        ({"key": "k", "value": "v"}, True),
        ({"key": "k", "value": "w"}, False),
        ({"key": "k", "operator": "Exists"}, True),
        ({"operator": "Exists"}, True),
        ({"operator": "Exists", "effect": "NoExecute"}, False),
        ({"key": "other", "operator": "Exists"}, False),
    ],
)
def test_tolerations_match_taints(toleration: dict[str, Any], tolerated: bool) -> None:
    assert tolerated == pods.tolerates([toleration], TAINT)


# ------------------------------------------------------------------------------ hashing


def test_hashes_use_the_safe_alphabet_and_do_not_depend_on_the_order_of_keys() -> None:
    assert hashing.template_hash({"a": 1, "b": 2}) == hashing.template_hash({"b": 2, "a": 1})
    assert hashing.template_hash({"a": 1}) != hashing.template_hash({"a": 1}, 1)
    text = hashing.template_hash({"a": 1}) + hashing.random_suffix(random.Random(1))
    assert all(character in hashing.ALPHABET for character in text)
    assert len(hashing.random_suffix(random.Random(1))) == 5

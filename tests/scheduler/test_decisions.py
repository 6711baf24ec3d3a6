"""One decision at a time: upstream's formulas, orders and words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scheduler.stage import decide, node, pod

from k8scourse.scheduler.cycle import num_feasible_nodes_to_find, select_host
from k8scourse.scheduler.framework import ClusterEvent
from k8scourse.scheduler.node_info import NodeInfo
from k8scourse.scheduler.plugins.default_preemption import NO_VICTIMS, NOT_HELPFUL
from k8scourse.scheduler.plugins.node_resources_balanced_allocation import balance
from k8scourse.scheduler.plugins.normalize import default_normalize
from k8scourse.scheduler.plugins.registry import DEFAULT_PROFILE, REGISTRY

AFTER = " no new claims to deallocate, preemption: 0/{0} nodes are available: {0} {1}."


def affinity(*terms: dict[str, object]) -> dict[str, object]:
    required = {"nodeSelectorTerms": list(terms)}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}


def test_without_nodes_there_is_nothing_to_say_about_nodes() -> None:
    decision = decide([], pod("p"))
    assert (decision.node, decision.message) == ("", "no nodes available to schedule pods")


def test_one_feasible_node_is_taken_without_scoring() -> None:
    decision = decide([node("n1", unschedulable=True), node("n2")], pod("p"))
    assert decision.node == "n2"
    assert decision.message == "Successfully assigned default/p to n2"
    assert decision.nodes == {
        "n1": {"filtered": "node(s) were unschedulable"},
        "n2": {"scores": {}, "total": 0},
    }


def test_every_reason_is_counted_and_sorted_as_text() -> None:
    nodes = [
        node("n1", unschedulable=True),
        node("n2", taints=[{"key": "x", "effect": "NoSchedule"}]),
        node("n3", cpu="1", labels={"d": "s"}),
        node("n4"),
        node("n5", cpu="1", memory="1Gi", labels={"d": "s"}),
    ]
    decision = decide(nodes, pod("p", "2", "2Gi", nodeSelector={"d": "s"}))
    assert decision.message == (
        "0/5 nodes are available: 1 Insufficient memory, 1 node(s) didn't match Pod's node affinity/selector, "
        "1 node(s) had untolerated taint(s), 1 node(s) were unschedulable, 2 Insufficient cpu."
        + AFTER.format(5, NOT_HELPFUL)
    )
    assert decision.nodes["n5"] == {"filtered": "Insufficient cpu, Insufficient memory"}


def test_a_full_node_could_be_freed_a_small_one_not() -> None:
    other = pod("other", "3", nodeName="n1")
    assert decide([node("n1")], pod("p", "2"), [other]).message.endswith(AFTER.format(1, NO_VICTIMS))
    assert decide([node("n1")], pod("p", "5"), [other]).message.endswith(AFTER.format(1, NOT_HELPFUL))


def test_a_pod_that_never_preempts_says_so() -> None:
    message = decide([node("n1", cpu="1")], pod("p", "2", preemptionPolicy="Never")).message
    assert message.endswith("preemption: not eligible due to preemptionPolicy=Never.")


def test_a_node_holds_only_so_many_pods() -> None:
    bound = [pod(f"old-{number}", nodeName="n1") for number in range(2)]
    assert "1 Too many pods." in decide([node("n1", pods="2")], pod("p"), bound).message


def test_a_pod_without_requests_fits_on_a_full_node() -> None:
    assert decide([node("n1")], pod("p"), [pod("old", "4", "8Gi", nodeName="n1")]).node == "n1"


def test_the_least_allocated_node_wins() -> None:
    bound = [pod("a", "2", "4Gi", nodeName="n1"), pod("b", "1", "2Gi", nodeName="n2")]
    decision = decide([node("n1"), node("n2"), node("n3")], pod("p", "1", "2Gi"), bound)
    assert decision.node == "n3"
    assert {name: row["scores"]["NodeResourcesFit"] for name, row in decision.nodes.items()} == {
        "n1": 25,
        "n2": 50,
        "n3": 75,
    }


def test_the_table_of_a_decision_holds_weighted_scores_and_their_sum() -> None:
    row = decide([node("n1"), node("n2")], pod("p", "1", "2Gi")).nodes["n1"]
    assert row == {
        "scores": {
            "TaintToleration": 300,
            "NodeResourcesFit": 75,
            "DynamicResources": 0,
            "NodeResourcesBalancedAllocation": 75,
        },
        "total": 450,
    }


def test_containers_without_requests_count_100m_and_200Mi_when_scored() -> None:
    bound = [pod("silent", nodeName="n1")]
    decision = decide([node("n1", cpu="1", memory="1Gi"), node("n2", cpu="1", memory="1Gi")], pod("p"), bound)
    # n1: (1000-200)/1000 = 80, (1024-400)/1024 = 60; n2: 90 and 80
    assert decision.nodes["n1"]["scores"]["NodeResourcesFit"] == 70
    assert decision.nodes["n2"]["scores"]["NodeResourcesFit"] == 85


def test_balance_is_not_scored_for_pods_that_request_nothing() -> None:
    scores = decide([node("n1"), node("n2")], pod("p")).nodes["n1"]["scores"]
    assert "NodeResourcesBalancedAllocation" not in scores


def test_a_pod_that_evens_a_node_out_is_welcome_there() -> None:
    bound = [pod("cpu", "2", nodeName="n1"), pod("memory", memory="4Gi", nodeName="n2")]
    rows = decide([node("n1"), node("n2")], pod("p", memory="2Gi"), bound).nodes
    score = {name: row["scores"]["NodeResourcesBalancedAllocation"] for name, row in rows.items()}
    assert score == {"n1": 81, "n2": 68}


def test_discouraged_nodes_get_less() -> None:
    taints = [{"key": "slow", "effect": "PreferNoSchedule"}]
    rows = decide([node("n1", taints=taints), node("n2")], pod("p")).nodes
    assert [rows[name]["scores"]["TaintToleration"] for name in ("n1", "n2")] == [0, 300]


def test_preferred_nodes_get_more() -> None:
    term = {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["ssd"]}]}
    preferred = [{"weight": 50, "preference": term}]
    wishes = {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": preferred}}
    decision = decide([node("n1"), node("n2", labels={"disk": "ssd"})], pod("p", affinity=wishes))
    assert decision.node == "n2"
    assert [decision.nodes[name]["scores"]["NodeAffinity"] for name in ("n1", "n2")] == [0, 200]


def test_terms_are_alternatives_and_expressions_are_not() -> None:
    ssd = {"key": "disk", "operator": "In", "values": ["ssd"]}
    east = {"key": "zone", "operator": "In", "values": ["east"]}
    nodes = [node("n1", labels={"disk": "ssd"}), node("n2", labels={"disk": "ssd", "zone": "east"})]
    both = affinity({"matchExpressions": [ssd, east]})
    either = affinity({"matchExpressions": [ssd]}, {"matchExpressions": [east]})
    assert "n1" not in [decide(nodes, pod("p", affinity=both)).node]
    assert "filtered" not in decide(nodes, pod("p", affinity=either)).nodes["n1"]


def test_an_empty_term_matches_no_node() -> None:
    assert decide([node("n1")], pod("p", affinity=affinity({}))).node == ""


def test_a_pod_made_for_one_node_looks_at_no_other() -> None:
    field = {"key": "metadata.name", "operator": "In", "values": ["n2"]}
    wishes = affinity({"matchFields": [field]})
    assert decide([node("n1"), node("n2"), node("n3")], pod("p", affinity=wishes)).node == "n2"
    message = decide([node("n1"), node("n2", cpu="1"), node("n3")], pod("p", "2", affinity=wishes)).message
    assert "1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]." in message


def test_terms_that_contradict_each_other_are_refused_at_once() -> None:
    fields = [{"key": "metadata.name", "operator": "In", "values": [name]} for name in ("n1", "n2")]
    message = decide([node("n1")], pod("p", affinity=affinity({"matchFields": fields}))).message
    assert "pod affinity terms conflict." in message


def test_a_toleration_opens_a_cordoned_node() -> None:
    tolerations = [{"key": "node.kubernetes.io/unschedulable", "operator": "Exists", "effect": "NoSchedule"}]
    assert decide([node("n1", unschedulable=True)], pod("p", tolerations=tolerations)).node == "n1"


def test_nodes_are_looked_at_zone_by_zone_in_turn() -> None:
    zone = "topology.kubernetes.io/zone"
    names = [("a1", "a"), ("a2", "a"), ("b1", "b"), ("a3", "a"), ("b2", "b")]
    nodes = [node(name, labels={zone: where}) for name, where in names]
    assert list(decide(nodes, pod("p")).nodes) == ["a1", "b1", "a2", "b2", "a3"]


@pytest.mark.parametrize(
    ("nodes", "percentage", "expected"),
    [
        (10, 0, 10),
        (99, 0, 99),
        (100, 0, 100),
        (1000, 40, 400),
        (1000, 0, 420),
        (6000, 40, 2400),
        (6000, 0, 300),
    ],
)
def test_large_clusters_are_not_searched_to_the_end(nodes: int, percentage: int, expected: int) -> None:
    assert num_feasible_nodes_to_find(nodes, percentage) == expected


@pytest.mark.parametrize(
    ("totals", "winner"),
    [
        ([5, 5, 5], "n0"),
        ([1, 5, 5], "n1"),
        ([1, 2, 5, 5, 5], "n3"),  # not the first of the equals: the heap brings a child's child up first
        ([3, 2, 1, 9], "n3"),
    ],
)
def test_ties_are_broken_as_gos_heap_breaks_them(totals: list[int], winner: str) -> None:
    assert select_host([(f"n{index}", total) for index, total in enumerate(totals)]) == winner


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30))
def test_the_winner_has_the_highest_total(totals: list[int]) -> None:
    winner = select_host([(str(index), total) for index, total in enumerate(totals)])
    assert totals[int(winner)] == max(totals)


def test_normalising_divides_by_the_greatest() -> None:
    assert default_normalize([1, 2, 4]) == [25, 50, 100]
    assert default_normalize([1, 2, 4], reverse=True) == [75, 50, 0]
    assert default_normalize([0, 0]) == [0, 0]
    assert default_normalize([0, 0], reverse=True) == [100, 100]


AMOUNTS = st.sampled_from(["", "0", "100m", "1", "3"])
CPUS, MEMORIES = st.sampled_from(["1", "2", "8"]), st.sampled_from(["1Gi", "16Gi"])
SIZES = st.sampled_from(["", "0", "100Mi", "1Gi", "6Gi"])


@settings(max_examples=100, deadline=None)
@given(
    sizes=st.lists(st.tuples(CPUS, MEMORIES), min_size=1, max_size=5),
    asked=st.lists(st.tuples(AMOUNTS, SIZES), max_size=12),
)
def test_no_node_is_ever_asked_for_more_than_it_has(
    sizes: list[tuple[str, str]], asked: list[tuple[str, str]]
) -> None:
    cache_nodes = [
        node(f"n{index}", cpu=cpu, memory=memory, pods="4") for index, (cpu, memory) in enumerate(sizes)
    ]
    bound: list[dict[str, object]] = []
    for index, (cpu, memory) in enumerate(asked):
        wanted = pod(f"p{index}", cpu, memory)
        winner = decide(cache_nodes, wanted, bound).node
        if winner:
            bound.append(pod(f"p{index}", cpu, memory, nodeName=winner))
    for one in cache_nodes:
        info = NodeInfo(one["metadata"]["name"])
        info.set_node(one)
        for other in bound:
            if other["spec"]["nodeName"] == info.name:  # type: ignore[index]
                info.add_pod(other["metadata"]["name"], other)  # type: ignore[index]
        assert len(info.pods) <= 4
        assert all(info.requested.get(what, 0) <= info.allocatable[what] for what in ("cpu", "memory"))
        assert 0 <= balance(info, {}) <= 100


def test_every_plugin_of_the_profile_is_registered_under_its_own_name() -> None:
    assert set(DEFAULT_PROFILE.names()) == set(REGISTRY)
    for name, factory in REGISTRY.items():
        assert factory(None).name == name  # type: ignore[arg-type]


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_every_event_that_a_plugin_asks_for_can_be_weighed(name: str) -> None:
    plugin = REGISTRY[name](None)  # type: ignore[arg-type]
    for event in plugin.events:
        new = node("n1") if event.startswith("Node/") else pod("other", nodeName="n1")
        assert plugin.helps(ClusterEvent(event, new, new), pod("p", "1")) is True

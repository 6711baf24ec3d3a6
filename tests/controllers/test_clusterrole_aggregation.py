"""ClusterRoles that are put together out of others."""

from __future__ import annotations

from typing import Any

from controllers.harness import World


def role(name: str, *rules: dict[str, Any], label: str = "", selector: str = "") -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name}
    if label:
        metadata["labels"] = {label: "true"}
    made: dict[str, Any] = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": metadata,
    }
    if selector:
        made["aggregationRule"] = {"clusterRoleSelectors": [{"matchLabels": {selector: "true"}}]}
    return {**made, "rules": list(rules)}


def rule(resource: str, *verbs: str) -> dict[str, Any]:
    return {"apiGroups": ["stable.example.com"], "resources": [resource], "verbs": list(verbs)}


def rules(world: World, name: str) -> list[dict[str, Any]]:
    return list(world.get("clusterroles", name, "").get("rules") or ())


VIEW = "rbac.authorization.k8s.io/aggregate-to-view"


def test_a_labelled_role_becomes_a_part_of_view_and_of_what_contains_view() -> None:
    world = World(nodes=0)
    before = {name: rules(world, name) for name in ("view", "edit", "admin")}
    world.client.create(role("gizmos", rule("gizmos", "get"), label=VIEW))
    world.run(2)
    for name, old in before.items():
        assert [each for each in rules(world, name) if each not in old] == [rule("gizmos", "get")]
    world.client.delete("clusterroles", "gizmos")
    world.run(2)
    assert {name: rules(world, name) for name in before} == before


def test_parts_come_in_the_order_of_their_names_and_nothing_twice() -> None:
    world = World(nodes=0)
    world.client.create(role("whole", rule("mine", "get"), selector="part"))
    world.client.create(role("part-b", rule("b", "get"), rule("a", "get"), label="part"))
    world.client.create(role("part-a", rule("a", "get"), label="part"))
    world.run(2)
    assert rules(world, "whole") == [rule("a", "get"), rule("b", "get")]
    owners = world.get("clusterroles", "whole", "")["metadata"]["managedFields"]
    assert ("clusterrole-aggregation-controller", "Apply") in [
        (each["manager"], each["operation"]) for each in owners
    ]


def test_what_somebody_writes_into_a_whole_is_put_right() -> None:
    world = World(nodes=0)
    old = rules(world, "view")
    world.patch("clusterroles", "view", {"rules": [rule("everything", "*")]}, "")
    world.run(2)
    assert rules(world, "view") == old


def test_a_new_cluster_is_as_it_should_be_from_the_start() -> None:
    world = World(nodes=0)
    world.run(30)
    writes = [
        record
        for record in world.sim.trace.records
        if record.kind == "request"
        and record.detail["resource"] == "clusterroles"
        and record.detail["changed"]
    ]
    assert writes == []

"""cordon, drain, taint: kubectl and the nodes."""

from __future__ import annotations

from .conftest import Lab


def test_cordon_and_uncordon_say_what_was_so_already(web: Lab) -> None:
    assert ["node/worker-1 cordoned"] == web.said("cordon worker-1")
    assert ["node/worker-1 already cordoned"] == web.said("cordon worker-1")
    assert "Ready,SchedulingDisabled" in web.said("get node worker-1")[1]
    assert ["node/worker-1 uncordoned"] == web.said("uncordon worker-1")
    assert ["node/worker-1 already uncordoned"] == web.said("uncordon worker-1")
    assert "error: USAGE: cordon NODE [flags]\nSee 'kubectl cordon -h' for help and examples" == web.refused(
        "cordon"
    )


def test_taints_are_added_changed_and_removed(web: Lab) -> None:
    assert ["node/worker-1 tainted"] == web.said("taint nodes worker-1 k=v:NoSchedule")
    assert web.refused("taint nodes worker-1 k=v:NoSchedule") == (
        "error: node worker-1 already has k taint(s) with same effect(s) and --overwrite is false"
    )
    assert ["node/worker-1 modified"] == web.said("taint nodes worker-1 k=w:NoSchedule --overwrite")
    assert ["node/worker-1 untainted"] == web.said("taint nodes worker-1 k:NoSchedule-")
    assert 'error: taint "k:NoSchedule" not found' == web.refused("taint nodes worker-1 k:NoSchedule-")
    assert web.refused("taint nodes worker-1 k=v:Sometimes") == (
        "error: invalid taint effect: Sometimes, unsupported taint effect\nSee 'kubectl taint -h' for help and examples"
    )


def test_drain_refuses_what_would_be_lost_and_leaves_the_node_cordoned(web: Lab) -> None:
    web.said("run bare --image=nginx")
    web.said("wait --for=condition=Ready pod/bare")
    node = web.said("get pod bare -o jsonpath={.spec.nodeName}")[0]
    result = web(f"drain {node} --ignore-daemonsets")
    problem = "cannot delete Pods that declare no controller (use --force to override): default/bare"
    assert [f"node/{node} cordoned"] == result.stdout.splitlines()
    assert result.stderr.splitlines() == [
        f'error: unable to drain node "{node}" due to error: {problem}, continuing command...',
        "There are pending nodes to be drained:",
        f" {node}",
        problem,
    ]
    assert 1 == result.code
    assert "cannot delete DaemonSet-managed Pods" in web.refused(f"drain {node}")


def test_drain_evicts_and_waits_and_the_pods_come_back_elsewhere(web: Lab) -> None:
    node = web.said("get pod bare -o jsonpath={.spec.nodeName}")[0]
    result = web(f"drain {node} --ignore-daemonsets --force")
    lines = result.stdout.splitlines()
    assert (f"node/{node} already cordoned", f"node/{node} drained") == (lines[0], lines[-1])
    assert {"evicting pod default/bare", "pod/bare evicted"} <= set(lines)
    assert result.stderr.startswith("Warning: ignoring DaemonSet-managed Pods: kube-system/kube-proxy-")
    web.said(f"uncordon {node}")
    web("rollout status deploy/web")
    assert 2 == len(web.pods())

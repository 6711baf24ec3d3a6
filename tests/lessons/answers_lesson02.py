"""Right and wrong answers to lesson 02, as data: each known mistake stands beside the name of its own hint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from k8scourse.cluster import Cluster

CONFIGMAPS = "/api/v1/namespaces/default/configmaps"
MENU = CONFIGMAPS + "/menu"
PODS = "/api/v1/namespaces/default/pods"
RECIPE = "/api/v1/namespaces/default/secrets/recipe"
MERGE = {"Content-Type": "application/merge-patch+json"}
HOOK = "house-rules.example.com"

Acts = Callable[[Cluster], object]
Object = dict[str, Any]

RIGHT_BETS = {"02-stolen": "c", "02-idle": "c", "02-frozen": "b", "02-etcd": "c", "02-second": "b"}

MENU_OBJECT: Object = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "menu"},
    "data": {"soup": "80", "tea": "40"},
}
TRAY: Object = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "tray"},
    "spec": {"containers": [{"name": "web", "image": "nginx:1.27"}]},
}
COOK = """
apiVersion: v1
kind: Secret
metadata: {name: recipe}
stringData: {soup: a pinch of cinnamon}
---
apiVersion: v1
kind: Pod
metadata: {name: cook}
spec:
  nodeName: worker-2
  containers:
  - {name: cook, image: "nginx:1.27", volumeMounts: [{name: recipe, mountPath: /recipe}]}
  volumes:
  - {name: recipe, secret: {secretName: recipe}}
"""

# --- the blank --------------------------------------------------------------------------------------------


def menu_of(cluster: Cluster) -> Object:
    """The menu as it is now."""
    body: Object = cluster.send("GET", MENU).body
    return body


def put(cluster: Cluster, copy: Object, **prices: str) -> int:
    """Send a copy of the menu with other prices; the code of the answer."""
    return cluster.send("PUT", MENU, {**copy, "data": {**copy["data"], **prices}}).code


def two_hands(cluster: Cluster) -> Object:
    """The lesson up to the conflict; answers the copy that is old by then."""
    assert cluster.send("POST", CONFIGMAPS, MENU_OBJECT).code == 201
    mine = menu_of(cluster)
    assert put(cluster, menu_of(cluster), soup="90") == 200
    assert put(cluster, mine, tea="45") == 409
    return mine


def old_copy(cluster: Cluster) -> Object:
    """The menu as it was before the other hand wrote: what the learner still holds."""
    now = menu_of(cluster)
    version = str(int(now["metadata"]["resourceVersion"]) - 1)
    return {
        **now,
        "metadata": {**now["metadata"], "resourceVersion": version},
        "data": dict(MENU_OBJECT["data"]),
    }


def _without_version(copy: Object) -> Object:
    metadata = {key: value for key, value in copy["metadata"].items() if key != "resourceVersion"}
    return {**copy, "metadata": metadata}


def _make_anew(cluster: Cluster) -> None:
    cluster.send("DELETE", MENU)
    cluster.send("POST", CONFIGMAPS, {**MENU_OBJECT, "data": {"soup": "90", "tea": "45"}})


def _new_version_old_data(cluster: Cluster) -> None:
    version = menu_of(cluster)["metadata"]["resourceVersion"]
    copy = old_copy(cluster)
    put(cluster, {**copy, "metadata": {**copy["metadata"], "resourceVersion": version}}, tea="45")


RIGHT_AGAIN: list[Acts] = [
    lambda cluster: put(cluster, menu_of(cluster), tea="45"),
    lambda cluster: cluster.send("PATCH", MENU, {"data": {"tea": "45"}}, headers=MERGE),
    lambda cluster: cluster.kubectl('patch configmap menu --type=merge -p \'{"data": {"tea": "45"}}\''),
]
WRONG_AGAIN: list[tuple[str, Acts]] = [
    ("waiting", lambda cluster: None),
    ("waiting", menu_of),
    ("stale", lambda cluster: put(cluster, old_copy(cluster), tea="45")),
    ("overwritten", lambda cluster: put(cluster, _without_version(old_copy(cluster)), tea="45")),
    ("overwritten", _new_version_old_data),
    ("new_object", _make_anew),
    ("value", lambda cluster: put(cluster, menu_of(cluster), tea="50")),
    ("value", lambda cluster: put(cluster, menu_of(cluster), tea="45", soup="85")),
    ("no_menu", lambda cluster: cluster.send("DELETE", MENU)),
]

# --- E1 ---------------------------------------------------------------------------------------------------


def send_cases(cluster: Cluster) -> None:
    """The six requests of the exercise, as the notebook sends them."""
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "worker-9"}}
    empty = {**TRAY, "metadata": {"name": "empty"}, "spec": {"containers": []}}
    _case(cluster, "case-a", "DELETE", MENU, user="mei")
    _case(cluster, "case-b", "POST", PODS, empty)
    _case(cluster, "case-c", "POST", "/api/v1/nodes", node, user="system:node:worker-1")
    _case(cluster, "case-d", "PUT", MENU, old_copy(cluster))
    _case(cluster, "case-e", "POST", "/api/v1/namespaces/cellar/configmaps", MENU_OBJECT)
    _case(cluster, "case-f", "GET", MENU, token="a-very-long-token")


def _case(cluster: Cluster, name: str, method: str, path: str, body: object = None, **who: str) -> None:
    assert cluster.send(method, path, body, headers={"User-Agent": name}, **who).code >= 400


RIGHT_STAGES = {
    "case-a": "authorize",
    "case-b": "validate",
    "case-c": "admit",
    "case-d": "store",
    "case-e": "admit",
    "case-f": "authenticate",
}
WRONG_STAGES: list[tuple[str, object]] = [
    ("shape", "authorize"),
    ("shape", None),
    ("unknown_case", {**RIGHT_STAGES, "case-g": "store"}),
    ("open", {}),
    ("open", {**RIGHT_STAGES, "case-d": "…"}),
    ("unknown_stage", {**RIGHT_STAGES, "case-b": "422"}),
    ("who_or_may", {**RIGHT_STAGES, "case-a": "authenticate"}),
    ("nobody", {**RIGHT_STAGES, "case-f": "authorize"}),
    ("same_code", {**RIGHT_STAGES, "case-c": "authorize"}),
    ("not_found", {**RIGHT_STAGES, "case-e": "store"}),
    ("not_found", {**RIGHT_STAGES, "case-e": "validate"}),
    ("sense", {**RIGHT_STAGES, "case-b": "admit"}),
    ("race", {**RIGHT_STAGES, "case-d": "validate"}),
    ("other", {**RIGHT_STAGES, "case-a": "store"}),
    ("other", {**RIGHT_STAGES, "case-e": "authenticate"}),
]

# --- E2 ---------------------------------------------------------------------------------------------------

RIGHT_ORDERS: list[object] = ["DBIGECHAFJ", "DBIGECHAJF", "d b i g e c h a f j", list("DBIGECHAFJ")]
WRONG_ORDERS: list[tuple[str, object]] = [
    ("absent", ""),
    ("absent", None),
    ("absent", "DBIGECHAF"),
    ("twice", "DBIGECHAFJJ"),
    ("send_first", "BDIGECHAFJ"),
    ("name_first", "DIBGECHAFJ"),
    ("name_first", "DGBIECHAFJ"),
    ("queue", "DBGIECHAFJ"),
    ("rights_first", "DBIEGCHAFJ"),
    ("fill_first", "DBIGCEHAFJ"),
    ("last_word", "DBIGEHCAFJ"),
    ("checked_store", "DBIGECAHFJ"),
    ("answer_early", "DBIGECHFAJ"),
    ("watch_early", "DBIGECHJAF"),
]

# --- E3 ---------------------------------------------------------------------------------------------------

# What the exercise cell of the notebook applies: one word is wrong.
MENU_WRITER = """
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: menu-writer
rules:
- apiGroups: [""]
  resources: ["configmap"]
  resourceNames: ["menu"]
  verbs: ["get", "update", "patch"]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: mei-writes
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: menu-writer
subjects:
- apiGroup: rbac.authorization.k8s.io
  kind: User
  name: mei
"""
MENDED = MENU_WRITER.replace('"configmap"', '"configmaps"')


def mei_tries(cluster: Cluster) -> int:
    """Mei sends her PATCH; the code of the answer."""
    return cluster.send("PATCH", MENU, {"data": {"soup": "95"}}, user="mei", headers=MERGE).code


def _apply(cluster: Cluster, manifest: str) -> None:
    assert cluster.apply(manifest).ok, manifest
    mei_tries(cluster)


def _bind_to(role: str) -> str:
    binding = MENU_WRITER.partition("---\n")[2]
    return binding.replace("mei-writes", "more").replace(
        "Role\n  name: menu-writer", f"ClusterRole\n  name: {role}"
    )


def _patched(cluster: Cluster) -> None:
    change = '[{"op": "replace", "path": "/rules/0/resources/0", "value": "configmaps"}]'
    assert cluster.kubectl(f"patch role menu-writer --type=json -p '{change}'").ok
    mei_tries(cluster)


def _rebound(cluster: Cluster) -> None:
    assert cluster.kubectl("delete rolebinding mei-writes").ok
    _apply(cluster, MENDED.replace("kind: User\n  name: mei", "kind: Group\n  name: mei"))


RIGHT_FIXES: list[Acts] = [
    lambda cluster: _apply(cluster, MENDED),
    _patched,
    lambda cluster: _apply(cluster, MENDED.replace('"get", "update"', '"list", "get", "update"')),
]
WRONG_FIXES: list[tuple[str, Acts]] = [
    ("unchanged", lambda cluster: None),
    ("unchanged", lambda cluster: _apply(cluster, MENU_WRITER.replace("configmap", "cm"))),
    ("no_role", lambda cluster: cluster.kubectl("delete role menu-writer")),
    ("no_role", lambda cluster: cluster.kubectl("delete rolebinding mei-writes")),
    ("too_much", lambda cluster: _apply(cluster, MENU_WRITER.replace('"configmap"', '"*"'))),
    ("too_much", lambda cluster: _apply(cluster, MENDED.replace('  resourceNames: ["menu"]\n', ""))),
    ("too_much", lambda cluster: _apply(cluster, MENDED.replace('"get", "update", "patch"', '"*"'))),
    ("too_much", lambda cluster: _apply(cluster, _bind_to("cluster-admin"))),
    ("too_much", lambda cluster: _apply(cluster, _bind_to("edit"))),
    ("verbs", lambda cluster: _apply(cluster, MENDED.replace(', "patch"', ""))),
    ("names", lambda cluster: _apply(cluster, MENDED.replace('["menu"]', '["menus"]'))),
    ("group", lambda cluster: _apply(cluster, MENDED.replace('[""]', '["v1"]'))),
    ("binding", _rebound),
    ("try", lambda cluster: cluster.apply(MENDED)),
]

# --- E4 ---------------------------------------------------------------------------------------------------

Rule = Callable[[Object], Any]


def _images(request: Object) -> list[str]:
    return [container["image"] for container in request["object"]["spec"]["containers"]]


def _tag(image: str) -> str:
    return image.rpartition("/")[2].partition(":")[2]


def right_by_partition(request: Object) -> Any:
    for image in _images(request):
        if _tag(image) in ("", "latest"):
            return f"{image}: say which version"
    return None


def right_by_list(request: Object) -> Any:
    bad = [image for image in _images(request) if _tag(image) in ("", "latest")]
    return "no version: " + ", ".join(bad) if bad else None


def _refuses(bad: Callable[[str], bool], text: str = "{image}: no") -> Rule:
    def rule(request: Object) -> Any:
        for image in _images(request):
            if bad(image):
                return text.format(image=image)
        return None

    return rule


def looks_at_the_first(request: Object) -> Any:
    image = _images(request)[0]
    return f"{image}: no" if _tag(image) in ("", "latest") else None


def trips_over_no_colon(request: Object) -> Any:
    for image in _images(request):
        if image.split(":")[1] == "latest":
            return f"{image}: no"
    return None


def send_orders(cluster: Cluster) -> None:
    """The seven test orders, as the notebook sends them."""
    orders = {
        "tagged": ["nginx:1.27"],
        "untagged": ["nginx"],
        "latest": ["nginx:latest"],
        "second": ["nginx:1.27", "redis"],
        "port": ["registry.example.com:5000/nginx"],
        "registry": ["registry.example.com:5000/nginx:1.27"],
        "digest": ["nginx@sha256:" + "0" * 64],
    }
    for name, images in orders.items():
        containers = [{"name": f"c{number}", "image": image} for number, image in enumerate(images)]
        order = {**TRAY, "metadata": {"name": name}, "spec": {"containers": containers}}
        cluster.send("POST", PODS, order, query={"dryRun": "All"}, headers={"User-Agent": name})


def _rule(cluster: Cluster, rule: Rule) -> None:
    cluster.webhook(HOOK, rule)
    send_orders(cluster)


RIGHT_RULES = [right_by_partition, right_by_list]
WRONG_RULES: list[tuple[str, Acts]] = [
    ("no_webhook", send_orders),
    ("not_tried", lambda cluster: cluster.webhook(HOOK, right_by_partition)),
    ("raises", lambda cluster: _rule(cluster, trips_over_no_colon)),
    ("raises", lambda cluster: _rule(cluster, lambda request: request["pod"])),
    ("open_door", lambda cluster: _rule(cluster, lambda request: None)),
    ("shut_door", lambda cluster: _rule(cluster, lambda request: "no")),
    ("untagged", lambda cluster: _rule(cluster, _refuses(lambda image: _tag(image) == "latest"))),
    ("latest", lambda cluster: _rule(cluster, _refuses(lambda image: not _tag(image)))),
    ("only_first", lambda cluster: _rule(cluster, looks_at_the_first)),
    (
        "port",
        lambda cluster: _rule(cluster, _refuses(lambda image: ":" not in image or image.endswith(":latest"))),
    ),
    (
        "too_strict",
        lambda cluster: _rule(cluster, _refuses(lambda image: "/" in image or _tag(image) in ("", "latest"))),
    ),
    (
        "too_strict",
        lambda cluster: _rule(cluster, _refuses(lambda image: "@" in image or _tag(image) in ("", "latest"))),
    ),
    (
        "no_reason",
        lambda cluster: _rule(cluster, _refuses(lambda image: _tag(image) in ("", "latest"), "no version")),
    ),
]

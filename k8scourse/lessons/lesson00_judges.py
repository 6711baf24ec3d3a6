"""How the exercises of lesson 00 are judged: by the trace and the state, and with a hint for each known mistake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from k8scourse.sim import Record

from . import story
from .model import Cluster, Say, Verdict, say

COMPONENTS = (
    "kubectl", "kube-apiserver", "etcd", "kube-controller-manager", "kube-scheduler", "kubelet", "containerd",
    "kube-proxy",
)  # fmt: skip


def _s(name: str, **values: Any) -> Say:
    return say(f"lesson00.{name}", **values)


def _listed(items: Iterable[object]) -> str:
    return ", ".join(str(item) for item in items)


# --- E1: who sent each write ------------------------------------------------------------------------------

#: The six writes: resource, verb, subresource. The fifth must say Running, the sixth must name the Pod.
_WRITES = (
    ("deployments", "create", ""), ("replicasets", "create", ""), ("pods", "create", ""),
    ("pods", "create", "binding"), ("pods", "", "status"), ("endpointslices", "", ""),
)  # fmt: skip


def six_writes(cluster: Cluster, app: str = "web") -> list[Record]:
    """The writes that brought the first Pod of a Deployment to life and into a Service; fewer while it is under way."""
    found: list[Record] = []
    pod = ""
    for number, (resource, verb, subresource) in enumerate(_WRITES, 1):
        for record in story.writes(cluster, resource, verb=verb, subresource=subresource):
            if _is_the_one(record, number, app, pod) and (not found or record.sequence > found[-1].sequence):
                found.append(record)
                break
        else:
            break
        if number == 3:
            pod = story.written_name(found[-1])
    return found


def _is_the_one(record: Record, number: int, app: str, pod: str) -> bool:
    obj: Mapping[str, Any] = record.detail.get("object") or {}
    if number == 6:
        return any((one.get("targetRef") or {}).get("name") == pod and (one.get("conditions") or {}).get("ready", True)
                   for one in obj.get("endpoints") or ())
    if number == 5:
        return story.written_name(record) == pod and (obj.get("status") or {}).get("phase") == "Running"
    if number == 4:
        return record.detail.get("name") == pod
    name = story.written_name(record)
    return name == app or (number > 1 and name.startswith(f"{app}-"))


def trace(cluster: Cluster, answer: Any) -> Verdict:
    """E1: the senders of the six writes, in order."""
    given = [_component(word) for word in (answer.split(",") if isinstance(answer, str) else answer)]
    truth = [story.part(record.source) for record in six_writes(cluster)]
    if len(truth) < len(_WRITES):
        return Verdict(False, _s("trace.early", count=len(truth)), _s("trace.run_on"))
    if len(given) != len(truth):
        return Verdict(False, _s("trace.count", count=len(given)), _s("trace.six"))
    unknown = [word for word in given if word not in COMPONENTS]
    if unknown:
        return Verdict(False, _s("trace.unknown", word=unknown[0]), _s("trace.known", known=_listed(COMPONENTS)))
    if given == truth:
        return Verdict(True, _s("trace.right", order=" → ".join(truth)))
    wrong = next(index for index, pair in enumerate(zip(given, truth, strict=True)) if pair[0] != pair[1])
    right = sum(one == other for one, other in zip(given, truth, strict=True))
    return Verdict(False, _s("trace.some", right=right), _trace_hint(wrong + 1, given[wrong]))


def _component(word: object) -> str:
    return str(word).strip().lower().replace(" ", "-").split("@")[0]


def _trace_hint(number: int, given: str) -> Say | None:
    """The hint for a known mistake, None for an unknown one."""
    if given in ("etcd", "kube-apiserver", "containerd"):
        return _s(f"trace.not_{given.replace('-', '_')}", number=number)
    known = {
        (2, "kubectl"): "not_kubectl", (3, "kubectl"): "not_kubectl", (5, "kube-scheduler"): "not_scheduler",
        (3, "kube-scheduler"): "scheduler_early", (4, "kube-controller-manager"): "who_chooses",
        (4, "kubelet"): "kubelet_early", (6, "kube-proxy"): "not_proxy", (6, "kubelet"): "not_kubelet",
    }.get((number, given))  # fmt: skip
    return _s(f"trace.{known}", number=number) if known else None


# --- E2: twelve steps -------------------------------------------------------------------------------------

#: The letters of the steps in their true order; the notebook shows them from a to l.
TRUE_ORDER = "gcjaeklbhdfi"
_STORED, _PRINTED, _REPLICA_SET, _POD, _CHOSEN, _BOUND = "j", "a", "e", "k", "l", "b"
_SEEN, _STARTED, _RUNNING, _SLICE, _ADMITTED = "h", "d", "f", "i", "c"
#: Mistakes that have a name: this letter before that one.
_TOO_EARLY = (
    (_STORED, _ADMITTED, "stored_early"), (_RUNNING, _PRINTED, "printed_late"), (_CHOSEN, _POD, "chosen_early"),
    (_POD, _REPLICA_SET, "pod_early"), (_STARTED, _BOUND, "started_early"), (_SEEN, _BOUND, "started_early"),
    (_SLICE, _RUNNING, "slice_early"),
)  # fmt: skip


def steps(cluster: Cluster, answer: Any) -> Verdict:
    """E2: the twelve steps in order. The last of them is split in two: the slice, then the rules."""
    given = [letter for letter in "".join(answer).lower() if letter.isalpha()]
    extra = sorted({letter for letter in given if letter not in TRUE_ORDER or given.count(letter) > 1})
    missing = [letter for letter in sorted(TRUE_ORDER) if letter not in given]
    if extra or missing:
        shows = _s("steps.letters", missing=_listed(missing) or "–", extra=_listed(extra) or "–")
        return Verdict(False, shows, _s("steps.each_once"))
    if given == list(TRUE_ORDER):
        return Verdict(True, _s("steps.right"))
    first = next(index for index, letter in enumerate(given) if letter != TRUE_ORDER[index])
    shows = _s("steps.first_wrong", count=first, number=first + 1, letter=given[first])
    for early, late, name in _TOO_EARLY:
        if given.index(early) < given.index(late):
            return Verdict(False, shows, _s(f"steps.{name}"))
    return Verdict(False, shows)


# --- E3: a Service that finds nobody ----------------------------------------------------------------------

SERVICE = "shop"


def fix_service(cluster: Cluster, answer: Any) -> Verdict:
    """E3: the Service `shop` must have the three Pods of `web` behind it, and nothing else may have been bent."""
    service = story.find(cluster, "services", SERVICE)
    if service is None:
        return Verdict(False, _s("fix.none", service=SERVICE), _s("fix.apply_it", service=SERVICE))
    selector = service["spec"].get("selector") or {}
    text = _listed(f"{key}={value}" for key, value in selector.items()) or "–"
    behind = story.endpoints(cluster, SERVICE)
    pods = story.pods(cluster, "web")
    if not pods:
        return Verdict(False, _s("fix.no_pods"), _s("fix.pods_gone"))
    ports = service["spec"].get("ports") or [{}]
    target = ports[0].get("targetPort", ports[0].get("port"))
    if len(behind) >= len(pods) and selector == {"app": "web"} and target in (80, "http"):
        return Verdict(True, _s("fix.right", selector=text, count=len(behind)))
    shows = _s("fix.shows", selector=text, count=len(behind), pods=len(pods))
    return Verdict(False, shows, _fix_hint(cluster, selector, target))


def _fix_hint(cluster: Cluster, selector: Mapping[str, str], target: object) -> Say | None:
    if not selector:
        return _s("fix.no_selector")
    if selector == {"app": "web"}:
        return _s("fix.wrong_port", port=target) if target not in (80, "http") else _s("fix.run_on")
    if any(_is_selected(pod, selector) for pod in cluster.objects("pods")):
        return _s("fix.pods_bent")
    others = [
        one["metadata"]["name"] for one in cluster.objects("services")
        if (one["spec"].get("selector") or {}) == {"app": "web"} and one["metadata"]["name"] not in ("web", SERVICE)
    ]
    return _s("fix.second_service", other=others[0]) if others else None


def _is_selected(pod: Mapping[str, Any], selector: Mapping[str, str]) -> bool:
    labels = story.labels(pod)
    return pod["metadata"].get("namespace") == "default" and all(labels.get(k) == v for k, v in selector.items())


# --- E4: who wrote what -----------------------------------------------------------------------------------


def writers(records: Iterable[Record]) -> dict[str, set[str]]:
    """For each resource the components whose requests changed it."""
    found: dict[str, set[str]] = {}
    for record in records:
        if record.kind == "request" and record.detail.get("changed"):
            found.setdefault(record.detail["resource"], set()).add(story.part(record.source))
    return found


def who_wrote(cluster: Cluster, answer: Any) -> Verdict:
    """E4: a function from the records to {resource: writers}."""
    if not callable(answer):
        return Verdict(False, _s("who.no_function", kind=type(answer).__name__), _s("who.give_function"))
    records = list(cluster.trace.records)
    truth = writers(records)
    given = answer(records)
    if not isinstance(given, Mapping):
        return Verdict(False, _s("who.no_mapping", kind=type(given).__name__), _s("who.give_mapping"))
    mine = {str(key): {_component(one) for one in _several(value)} for key, value in given.items()}
    if mine == truth:
        return Verdict(True, _s("who.right", resources=len(truth), pods=_listed(sorted(truth.get("pods", ())))))
    return _who_missed(mine, truth, records)


def _several(value: Any) -> Iterable[Any]:
    return [value] if isinstance(value, str) else value


def _who_missed(mine: dict[str, set[str]], truth: dict[str, set[str]], records: list[Record]) -> Verdict:
    everybody: dict[str, set[str]] = {}
    for record in records:
        if record.kind == "request":
            everybody.setdefault(record.detail["resource"], set()).add(story.part(record.source))
    if not mine:
        return Verdict(False, _s("who.empty"), _s("who.look"))
    if any("kube-apiserver" in names for names in mine.values()) and mine != truth:
        extra = {key: names - truth.get(key, set()) for key, names in mine.items()}
        if any("kube-apiserver" in names for names in extra.values()):
            return Verdict(False, _s("who.api_server"), _s("who.only_requests"))
    if mine == everybody:
        return Verdict(False, _s("who.readers"), _s("who.only_changes"))
    if any(len(names) == 1 and len(truth.get(key, ())) > 1 for key, names in mine.items()):
        key = next(key for key, names in mine.items() if len(names) == 1 and len(truth.get(key, ())) > 1)
        return Verdict(False, _s("who.one_each", resource=key), _s("who.collect"))
    wrong = sorted(key for key in {*mine, *truth} if mine.get(key) != truth.get(key))
    return Verdict(False, _s("who.differs", resource=wrong[0], mine=_listed(sorted(mine.get(wrong[0], ()))) or "–"))


# --- E5: in your own words --------------------------------------------------------------------------------


def explain(cluster: Cluster, answer: Any) -> Verdict:
    """E5: open. Any honest attempt gets the model answer and three points to mark it by."""
    words = str(answer).strip()
    long_enough = len(words) >= 30 or (len(words) >= 15 and not words.isascii())
    if not long_enough:
        return Verdict(False, _s("explain.short"), _s("explain.more"))
    return Verdict(True, _s("explain.thanks"))

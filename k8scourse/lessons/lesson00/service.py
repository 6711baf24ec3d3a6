"""E3, the minimal fix: a Service `front` that leads nowhere must lead to the Pods of the Deployment `web`."""

from __future__ import annotations

from typing import Any

from ... import words
from ..lesson import Observed, Verdict, fulfilled, missed
from ..observing import is_ready, labels_match

SERVICE = "front"
DEPLOYMENT = "web"
BROKEN = {"app": "website"}
PORT = 80


def check_service(cluster: Observed) -> Verdict:
    """Look at the Service, at the Pods that its selector matches, and at its EndpointSlices."""
    service, deployment = cluster.find("services", SERVICE), cluster.find("deployments", DEPLOYMENT)
    if deployment is None:
        return missed("no_deployment", words.text("lesson00.fix_service.seen_no_deployment"))
    if service is None:
        return missed("no_service", words.text("lesson00.fix_service.seen_no_service"))
    selector = dict(service["spec"].get("selector") or {})
    chosen = [pod for pod in _living(cluster) if labels_match(selector, _labels(pod))]
    seen = _seen(cluster, selector, chosen)
    return _judge_selector(cluster, deployment, selector, chosen, seen) or _judge_endpoints(
        cluster, chosen, seen
    )


def _judge_selector(
    cluster: Observed,
    deployment: dict[str, Any],
    selector: dict[str, str],
    chosen: list[dict[str, Any]],
    seen: str,
) -> Verdict | None:
    if not selector:
        return missed("no_selector", seen)
    wanted = deployment["spec"]["selector"]["matchLabels"]
    ours = [pod for pod in _living(cluster) if labels_match(dict(wanted), _labels(pod))]
    if not chosen:
        return missed("unchanged" if selector == BROKEN else "nobody", seen, selector=_written(selector))
    if strangers := [_name(pod) for pod in chosen if _name(pod) not in map(_name, ours)]:
        return missed("others", seen, names=", ".join(strangers))
    if len(chosen) < len(ours):
        return missed("some", seen, chosen=len(chosen), all=len(ours))
    if not labels_match(selector, dict(deployment["spec"]["template"]["metadata"].get("labels", {}))):
        return missed("labelled", seen, selector=_written(selector))
    return None


def _judge_endpoints(cluster: Observed, chosen: list[dict[str, Any]], seen: str) -> Verdict:
    ready = [_name(pod) for pod in chosen if is_ready(pod)]
    if not ready:
        return missed("not_ready", seen)
    if sorted(ready) != sorted(_targets(cluster)):
        return missed("wait", seen)
    if wrong := [port for port in _ports(cluster) if port != PORT]:
        return missed("port", seen, port=wrong[0])
    return fulfilled(seen)


def _seen(cluster: Observed, selector: dict[str, str], chosen: list[dict[str, Any]]) -> str:
    ports = ", ".join(map(str, _ports(cluster))) or "–"
    return words.text(
        "lesson00.fix_service.seen",
        selector=_written(selector) or "–",
        pods=len(chosen),
        addresses=len(_targets(cluster)),
        ports=ports,
    )


def _slices(cluster: Observed) -> list[dict[str, Any]]:
    return [
        each
        for each in cluster.objects("endpointslices")
        if each["metadata"].get("namespace") == "default"
        and _labels(each).get("kubernetes.io/service-name") == SERVICE
    ]


def _targets(cluster: Observed) -> list[str]:
    """The names of the Pods that the Service's EndpointSlices call ready."""
    return [
        endpoint.get("targetRef", {}).get("name", "")
        for each in _slices(cluster)
        for endpoint in each.get("endpoints") or []
        if endpoint.get("conditions", {}).get("ready")
    ]


def _ports(cluster: Observed) -> list[int]:
    return sorted(
        {port["port"] for each in _slices(cluster) for port in each.get("ports") or [] if port.get("port")}
    )


def _living(cluster: Observed) -> list[dict[str, Any]]:
    pods = [pod for pod in cluster.objects("pods") if pod["metadata"].get("namespace") == "default"]
    return [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]


def _labels(obj: dict[str, Any]) -> dict[str, str]:
    return dict(obj["metadata"].get("labels") or {})


def _name(obj: dict[str, Any]) -> str:
    return str(obj["metadata"]["name"])


def _written(selector: dict[str, str]) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted(selector.items()))

"""The HorizontalPodAutoscaler: every 15 seconds, is the number of replicas within its bounds, and is it right?

Ours keeps the bounds. What is right it cannot tell, since nobody serves metrics here: it asks for them, is told that
there are none, and says so, as upstream does in a cluster without a metrics server. Left out with the metrics:
stabilisation, behaviours, tolerance.

Upstream: `pkg/controller/podautoscaler/horizontal.go`.
"""

from __future__ import annotations

from collections.abc import Iterable

from k8scourse.api import conditions, kinds, metadata, times
from k8scourse.api.errors import StatusError
from k8scourse.api.kinds import Kind
from k8scourse.api.values import Object, get_in
from k8scourse.client.client import path_of
from k8scourse.sim import SECOND

from .base import Controller

SYNC_NS = 15 * SECOND
_RESOURCE = "unable to fetch metrics from resource metrics API"
_CUSTOM = "unable to fetch metrics from custom metrics API"
_EXTERNAL = "unable to fetch metrics from external metrics API"
_ABSENT = "the server could not find the requested resource (get {what})"


class HorizontalPodAutoscalerController(Controller):
    """Scales what an autoscaler points to."""

    NAME = "horizontal-pod-autoscaler-controller"
    COMPONENT = "horizontal-pod-autoscaler"
    KIND = "horizontalpodautoscalers"
    LATE = True

    def _enqueue(self, keys: Iterable[str]) -> None:
        """Every look waits for its turn, the first one too."""
        for key in keys:
            self.queue.add_after(key, SYNC_NS)

    def reconcile(self, key: str) -> int | None:
        """Look at one autoscaler, and again in 15 seconds."""
        autoscaler = self.lister(self.KIND).get(key)
        if autoscaler is None:
            return None
        changed = self._scaled(autoscaler)
        if changed.get("status") != autoscaler.get("status"):
            self.client.update_status(changed)
        return SYNC_NS

    def _scaled(self, autoscaler: Object) -> Object:
        """The autoscaler with its next status."""
        try:
            kind, scale = self._scale_of(autoscaler)
        except StatusError as error:
            self.recorder.event(autoscaler, "Warning", "FailedGetScale", str(error))
            message = f"the HPA controller was unable to get the target's current scale: {error}"
            return self._say(autoscaler, "AbleToScale", "False", "FailedGetScale", message)
        message = "the HPA controller was able to get the target's current scale"
        autoscaler = self._say(autoscaler, "AbleToScale", "True", "SucceededGetScale", message)
        current = int(get_in(scale, "spec.replicas", 0))
        if current == 0:
            message = "scaling is disabled since the replica count of the target is zero"
            autoscaler = self._say(autoscaler, "ScalingActive", "False", "ScalingDisabled", message)
            return _with_counts(autoscaler, 0, 0, None)
        least, most = int(get_in(autoscaler, "spec.minReplicas", 1)), int(autoscaler["spec"]["maxReplicas"])
        if current > most:
            return self._rescale(autoscaler, kind, current, most, "above Spec.MaxReplicas")
        if current < least:
            return self._rescale(autoscaler, kind, current, least, "below Spec.MinReplicas")
        return self._without_metrics(autoscaler, current)

    def _scale_of(self, autoscaler: Object) -> tuple[Kind, Object]:
        target = autoscaler["spec"]["scaleTargetRef"]
        kind = kinds.by_kind(target.get("apiVersion", ""), target["kind"])
        if kind is None or not kind.has_subresource("scale"):
            group = target.get("apiVersion", "").rpartition("/")[0]
            raise StatusError(f'no matches for kind "{target["kind"]}" in group "{group}"')
        path = path_of(kind, metadata.namespace(autoscaler), target["name"], "scale")
        return kind, self.client.send("GET", path).body

    def _rescale(self, autoscaler: Object, kind: Kind, current: int, wanted: int, why: str) -> Object:
        name = autoscaler["spec"]["scaleTargetRef"]["name"]
        reason = f"Current number of replicas {why}"
        try:
            self.client.scale(kind.plural, name, wanted, metadata.namespace(autoscaler))
        except StatusError as error:
            message = f"New size: {wanted}; reason: {reason}; error: {error}"
            self.recorder.event(autoscaler, "Warning", "FailedRescale", message)
            message = f"the HPA controller was unable to update the target scale: {error}"
            return self._say(autoscaler, "AbleToScale", "False", "FailedUpdateScale", message)
        self.recorder.event(
            autoscaler, "Normal", "SuccessfulRescale", f"New size: {wanted}; reason: {reason}"
        )
        message = f"the HPA controller was able to update the target scale to {wanted}"
        autoscaler = self._say(autoscaler, "AbleToScale", "True", "SucceededRescale", message)
        counted = _with_counts(autoscaler, current, wanted, None)
        since = times.format_time(self.process.now)
        return {**counted, "status": {**counted["status"], "lastScaleTime": since}}

    def _without_metrics(self, autoscaler: Object, current: int) -> Object:
        """Nobody tells what the Pods use."""
        rows = get_in(autoscaler, "spec.metrics", [])
        failures = [self._failure(metadata.namespace(autoscaler), row) for row in rows]
        if not failures:
            return _with_counts(autoscaler, current, current, None)
        for reason, said, _ in failures:
            self.recorder.event(autoscaler, "Warning", reason, said)
        reason, said, longer = failures[0]
        count = len(failures)
        message = f"invalid metrics ({count} invalid out of {count}), first error is: {longer}"
        self.recorder.event(autoscaler, "Warning", "FailedComputeMetricsReplicas", message)
        message = f"the HPA was unable to compute the replica count: {said}"
        autoscaler = self._say(autoscaler, "ScalingActive", "False", reason, message)
        wanted = int(get_in(autoscaler, "status.desiredReplicas", 0))
        return _with_counts(autoscaler, current, wanted, [{"type": ""} for _ in rows])

    def _failure(self, namespace: str, row: Object) -> tuple[str, str, str]:
        """Reason, sentence, and the sentence as a list of causes begins with it."""
        kind = row["type"]
        if kind in ("Resource", "ContainerResource"):
            source = row["resource" if kind == "Resource" else "containerResource"]
            name = source["name"]
            measure = "utilization" if source["target"]["type"] == "Utilization" else "usage"
            what = (
                f"unable to get metrics for resource {name}: {_RESOURCE}: {self._resource_metrics(namespace)}"
            )
            said = f"failed to get {name} {measure}: {what}"
            word = "resource" if kind == "Resource" else "container resource"
            return f"FailedGet{kind}Metric", said, f"failed to get {name} {word} metric value: {said}"
        name = get_in(row, (kind.lower(), "metric", "name"), "")
        api, group = (_EXTERNAL, "external") if kind == "External" else (_CUSTOM, "custom")
        absent = _ABSENT.format(what=f"{name}.{group}.metrics.k8s.io")
        said = f"unable to get metric {name}: {api}: {absent}"
        return f"FailedGet{kind}Metric", said, f"failed to get {kind.lower()} metric value: {said}"

    def _resource_metrics(self, namespace: str) -> str:
        """Why there are no metrics of Pods."""
        try:
            self.client.send("GET", f"/apis/metrics.k8s.io/v1beta1/namespaces/{namespace}/pods")
        except StatusError as error:
            return _ABSENT.format(what="pods.metrics.k8s.io") if error.code == 404 else str(error)
        return "no metrics returned from resource metrics API"

    def _say(self, autoscaler: Object, kind: str, status: str, reason: str, message: str) -> Object:
        row = {"type": kind, "status": status, "reason": reason, "message": message}
        return conditions.with_condition(autoscaler, row, self.process.now)


def _with_counts(autoscaler: Object, current: int, wanted: int, metrics: list[Object] | None) -> Object:
    status = {**get_in(autoscaler, "status", {}), "desiredReplicas": wanted, "currentMetrics": metrics}
    if current:
        status["currentReplicas"] = current
    else:
        status.pop("currentReplicas", None)
    return {**autoscaler, "status": status}

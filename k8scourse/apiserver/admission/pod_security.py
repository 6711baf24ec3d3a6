"""PodSecurity: namespaces hold their Pods to a level of the Pod Security Standards, if their labels say so.

`enforce` refuses Pods, `warn` only tells the writer, `audit` only the audit log; whoever writes a Deployment or another
maker of Pods is told, never refused. Upstream: ``plugin/pkg/admission/security/podsecurity/admission.go``,
``staging/src/k8s.io/pod-security-admission/admission/admission.go``.
"""

from __future__ import annotations

from collections.abc import Iterator

from k8scourse.api import metadata
from k8scourse.api.errors import forbidden, invalid
from k8scourse.api.podsecurity import (
    LEVELS,
    PREFIX,
    Level,
    Policy,
    in_detail,
    in_short,
    policy_of,
    violations,
)
from k8scourse.api.values import get_in
from k8scourse.apiserver.admission.base import AdmissionRequest, Object, Plugin

_TEMPLATES = {
    "CronJob": "spec.jobTemplate.spec.template",
    "DaemonSet": "spec.template",
    "Deployment": "spec.template",
    "Job": "spec.template",
    "PodTemplate": "template",
    "ReplicaSet": "spec.template",
    "ReplicationController": "spec.template",
    "StatefulSet": "spec.template",
}
_GROUPS = ("", "apps", "batch")
_OTHER_MATTERS = ("exec", "attach", "binding", "eviction", "log", "portforward", "proxy", "status")
_MOST_PODS = 3000
_SECCOMP = "seccomp.security.alpha.kubernetes.io"


class PodSecurity(Plugin):
    """Looks at Pods, at what makes Pods, and at the labels of namespaces."""

    def validate(self, request: AdmissionRequest) -> None:
        """Raises `Forbidden` for a Pod below the level, `Invalid` for labels that are none."""
        kind = request.kind.kind
        if request.object is None or request.kind.group not in _GROUPS:
            return
        if kind == "Namespace" and not request.subresource:
            self._namespace(request)
        elif kind == "Pod" and request.subresource not in _OTHER_MATTERS:
            self._pod(request)
        elif kind in _TEMPLATES and not request.subresource:
            self._template(request)

    def _policy(self, request: AdmissionRequest) -> Policy:
        namespace = self.reader.get("namespaces", "", request.namespace)
        policy, causes = policy_of(metadata.labels(namespace or {}))
        if causes:
            problem = ", ".join(cause.message for cause in causes)
            request.annotate(f"{PREFIX}error", f"Failed to parse policy: {problem}")
        return policy

    # -- Pods and what makes them ----------------------------------------------------------------

    def _pod(self, request: AdmissionRequest) -> None:
        policy = self._policy(request)
        if all(level.name == "privileged" for level in policy):
            return
        pod = request.object
        if request.old is not None and not _matters(pod, request.old):
            return
        request.annotate(f"{PREFIX}enforce-policy", str(policy.enforce))
        found = violations(policy.enforce, pod["metadata"], pod["spec"])
        if found:
            self._audit(request, policy, pod)
            why = f'violates PodSecurity "{policy.enforce}": {in_detail(found)}'
            raise forbidden(request.kind.group, request.kind.plural, request.name, why)
        self._tell(request, policy, pod)

    def _template(self, request: AdmissionRequest) -> None:
        template = get_in(request.object, _TEMPLATES[request.kind.kind])
        policy = self._policy(request)
        if template is not None and not policy.warn.name == policy.audit.name == "privileged":
            self._tell(request, policy, template)

    def _tell(self, request: AdmissionRequest, policy: Policy, pod: Object) -> None:
        self._audit(request, policy, pod)
        found = violations(policy.warn, pod.get("metadata") or {}, pod.get("spec") or {})
        if found:
            request.warn(f'would violate PodSecurity "{policy.warn}": {in_detail(found)}')

    def _audit(self, request: AdmissionRequest, policy: Policy, pod: Object) -> None:
        found = violations(policy.audit, pod.get("metadata") or {}, pod.get("spec") or {})
        if found:
            text = f'would violate PodSecurity "{policy.audit}": {in_detail(found)}'
            request.annotate(f"{PREFIX}audit-violations", text)

    # -- namespaces ------------------------------------------------------------------------------

    def _namespace(self, request: AdmissionRequest) -> None:
        policy, causes = policy_of(metadata.labels(request.object))
        before, known = policy_of(metadata.labels(request.old)) if request.old is not None else (Policy(), [])
        if causes and causes != known:
            raise invalid("", "Namespace", request.name, causes)
        if request.old is None or policy.enforce == before.enforce or policy.enforce.name == "privileged":
            return
        relaxed = LEVELS.index(policy.enforce.name) <= LEVELS.index(before.enforce.name)
        if not (relaxed and policy.enforce.minor == before.enforce.minor):
            for text in self._about_pods(request.name, policy.enforce):
                request.warn(text)

    def _about_pods(self, namespace: str, level: Level) -> Iterator[str]:
        """What Pods that are already there would be refused for."""
        pods = self.reader.list("pods", namespace)
        by_reason: dict[str, list[str]] = {}
        for pod in pods[:_MOST_PODS]:
            found = violations(level, pod["metadata"], pod["spec"])
            if found:
                by_reason.setdefault(in_short(found), []).append(pod["metadata"]["name"])
        if len(pods) > _MOST_PODS:
            checked = f"the first {_MOST_PODS} of {len(pods)} existing pods"
            yield f"new PodSecurity enforce level only checked against {checked}"
        if by_reason:
            yield f'existing pods in namespace "{namespace}" violate the new PodSecurity enforce level "{level}"'
        yield from sorted(f"{_first(names)}: {reason}" for reason, names in by_reason.items())


def _first(names: list[str]) -> str:
    others = len(names) - 1
    if not others:
        return names[0]
    return f"{min(names)} (and {others} other {'pod' if others == 1 else 'pods'})"


def _matters(pod: Object, old: Object) -> bool:
    """Whether a change of a Pod is one that the standards speak of: images, and containers that are added."""
    for field in ("containers", "initContainers"):
        new_ones, old_ones = (each["spec"].get(field) or () for each in (pod, old))
        if [_seen(each) for each in new_ones] != [_seen(each) for each in old_ones]:
            return True
    known = {each["name"]: each for each in old["spec"].get("ephemeralContainers") or ()}
    added = pod["spec"].get("ephemeralContainers") or ()
    if any(
        each["name"] not in known or each.get("image") != known[each["name"]].get("image") for each in added
    ):
        return True
    new, before = (
        {key: value for key, value in metadata.annotations(each).items() if _SECCOMP in key}
        for each in (pod, old)
    )
    return new != before


def _seen(container: Object) -> str:
    return str(container.get("image", ""))

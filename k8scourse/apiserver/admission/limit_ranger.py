"""LimitRanger: what a namespace's LimitRanges give to those who ask for nothing, and refuse to those who ask too much.

Upstream: ``plugin/pkg/admission/limitranger/admission.go``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from k8scourse.api import pods, quantities
from k8scourse.api.errors import forbidden
from k8scourse.api.values import evolve, get_in
from k8scourse.apiserver.admission.base import AdmissionRequest, Object, Plugin

ANNOTATION = "kubernetes.io/limit-ranger"
_KINDS = (("containers", "container"), ("initContainers", "init container"))


class LimitRanger(Plugin):
    """Sets default requests and limits of new Pods; holds Pods and claims to the minimum, maximum and ratio."""

    def admit(self, request: AdmissionRequest) -> Any:
        """The Pod with what its containers leave out."""
        if not request.is_new_pod:
            return request.object
        pod = request.object
        for limit_range in self._ranges(request):
            pod = with_defaults(pod, limit_range)
        return pod

    def validate(self, request: AdmissionRequest) -> None:
        """Refuse what lies outside the limits; all that is wrong at once."""
        for limit_range in self._ranges(request):
            problems = list(violations(request.kind.kind, request.object, limit_range))
            if problems:
                text = problems[0] if len(problems) == 1 else f"[{', '.join(problems)}]"
                raise forbidden(request.kind.group, request.kind.plural, request.name, text)

    def _ranges(self, request: AdmissionRequest) -> Sequence[Object]:
        is_claim = request.kind.kind == "PersistentVolumeClaim" and request.verb in ("create", "update")
        if not request.is_new_pod and not (is_claim and not request.subresource):
            return []
        if get_in(request.old, "metadata.deletionTimestamp"):
            return []
        return self.reader.list("limitranges", request.namespace)


# -- defaults -----------------------------------------------------------------------------------------


def with_defaults(pod: Object, limit_range: Object) -> Object:
    """A Pod with the requests and limits of a LimitRange where it has none, and a note of what was set."""
    defaults = {
        "requests": _merged(limit_range, "defaultRequest"),
        "limits": _merged(limit_range, "default"),
    }
    notes: list[str] = []
    for field, word in _KINDS:
        containers = get_in(pod, ("spec", field))
        if containers:
            filled = [_filled(container, defaults, word, notes) for container in containers]
            pod = evolve(pod, ("spec", field), filled)
    if notes:
        text = "LimitRanger plugin set: " + "; ".join(notes)
        pod = evolve(pod, ("metadata", "annotations", ANNOTATION), text)
    return pod


def _merged(limit_range: Object, field: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in _items(limit_range, "Container"):
        found.update(item.get(field) or {})
    return found


def _filled(container: Object, defaults: dict[str, dict[str, str]], word: str, notes: list[str]) -> Object:
    for field, noun in (("requests", "request"), ("limits", "limit")):
        given = get_in(container, ("resources", field)) or {}
        missing = sorted(name for name in defaults[field] if name not in given)
        if missing:
            added = {name: defaults[field][name] for name in missing}
            container = evolve(container, ("resources", field), {**given, **added})
            notes.append(f"{', '.join(missing)} {noun} for {word} {container['name']}")
    return container


# -- limits -------------------------------------------------------------------------------------------


def violations(kind: str, obj: Object, limit_range: Object) -> Iterator[str]:
    """What of an object is outside a LimitRange, in upstream's words."""
    if kind == "PersistentVolumeClaim":
        asked = get_in(obj, "spec.resources") or {}
        for item in _items(limit_range, "PersistentVolumeClaim"):
            yield from _below(item, asked)
            yield from _requests_above(item, asked)
        return
    spec = obj["spec"]
    for item in get_in(limit_range, "spec.limits", ()):
        if item.get("type") == "Container":
            for field, _ in _KINDS:
                for container in spec.get(field) or ():
                    yield from _outside(item, container.get("resources") or {})
        elif item.get("type") == "Pod":
            yield from _outside(item, _whole(obj))


def _items(limit_range: Object, kind: str) -> list[Object]:
    return [item for item in get_in(limit_range, "spec.limits", ()) if item.get("type") == kind]


def _whole(pod: Object) -> Object:
    """What all containers of a Pod ask for together."""
    return {
        "requests": pods.as_quantities(pods.requests(pod)),
        "limits": pods.as_quantities(pods.limits(pod)),
    }


def _outside(item: Object, asked: Object) -> Iterator[str]:
    yield from _below(item, asked)
    yield from _above(item, asked)
    yield from _ratio(item, asked)


def _below(item: Object, asked: Object) -> Iterator[str]:
    for name, least in sorted((item.get("min") or {}).items()):
        words = f"minimum {name} usage per {item['type']} is {least}"
        request, limit = _amount(asked, "requests", name), _amount(asked, "limits", name)
        if request is None:
            yield f"{words}.  No request is specified"
        elif _less(request, least):
            yield f"{words}, but request is {request}"
        elif limit is not None and _less(limit, least):
            yield f"{words}, but limit is {limit}"


def _above(item: Object, asked: Object) -> Iterator[str]:
    for name, most in sorted((item.get("max") or {}).items()):
        words = f"maximum {name} usage per {item['type']} is {most}"
        request, limit = _amount(asked, "requests", name), _amount(asked, "limits", name)
        if limit is None:
            yield f"{words}.  No limit is specified"
        elif _less(most, limit):
            yield f"{words}, but limit is {limit}"
        elif request is not None and _less(most, request):
            yield f"{words}, but request is {request}"


def _requests_above(item: Object, asked: Object) -> Iterator[str]:
    """A claim has no limits: only what it requests counts."""
    for name, most in sorted((item.get("max") or {}).items()):
        words = f"maximum {name} usage per {item['type']} is {most}"
        request = _amount(asked, "requests", name)
        if request is None:
            yield f"{words}.  No request is specified"
        elif _less(most, request):
            yield f"{words}, but request is {request}"


def _ratio(item: Object, asked: Object) -> Iterator[str]:
    for name, most in sorted((item.get("maxLimitRequestRatio") or {}).items()):
        words = f"{name} max limit to request ratio per {item['type']} is {most}"
        request, limit = _amount(asked, "requests", name), _amount(asked, "limits", name)
        if request is None or not quantities.parse(request):
            yield f"{words}, but no request is specified or request is 0"
        elif limit is None or not quantities.parse(limit):
            yield f"{words}, but no limit is specified or limit is 0"
        elif (ratio := quantities.parse(limit) / quantities.parse(request)) > quantities.parse(most):
            yield f"{words}, but provided ratio is {float(ratio):f}"


def _amount(asked: Object, field: str, name: str) -> str | None:
    found = (asked.get(field) or {}).get(name)
    return None if found is None else str(found)


def _less(one: str, other: str) -> bool:
    return quantities.parse(one) < quantities.parse(other)

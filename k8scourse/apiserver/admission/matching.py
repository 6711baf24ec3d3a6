"""Does a rule of a webhook or of a policy speak of this request?

Upstream: ``apiserver/pkg/admission/plugin/webhook/predicates/{rules,namespace,object}``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from k8scourse.api import metadata
from k8scourse.api.errors import not_found
from k8scourse.api.kind_table_api import ADMISSION
from k8scourse.api.selectors import from_label_selector
from k8scourse.apiserver.admission.base import AdmissionRequest, Object, Reader


def is_exempt(request: AdmissionRequest) -> bool:
    """Whether the request is about the configuration of admission itself: nobody locks themselves out."""
    return request.kind.group == ADMISSION


def any_rule(rules: Iterable[Object], request: AdmissionRequest) -> bool:
    """Whether one of the rules fits."""
    return any(fits(rule, request) for rule in rules)


def fits(rule: Object, request: AdmissionRequest) -> bool:
    """Whether a rule fits: scope, operation, group, version, resource, and the name where the rule has names."""
    names = rule.get("resourceNames") or ()
    return (
        _scope(rule.get("scope", "*"), request)
        and _listed(rule.get("operations") or (), request.operation)
        and _listed(rule.get("apiGroups") or (), request.kind.group)
        and _listed(rule.get("apiVersions") or (), request.kind.version)
        and any(_resource(each, request) for each in rule.get("resources") or ())
        and (not names or request.name in names)
    )


def _listed(items: Sequence[str], wanted: str) -> bool:
    return "*" in items or wanted in items


def _scope(scope: str, request: AdmissionRequest) -> bool:
    if scope == "*":
        return True
    return (scope == "Namespaced") == (request.kind.kind != "Namespace" and bool(request.namespace))


def _resource(text: str, request: AdmissionRequest) -> bool:
    resource, _, part = text.partition("/")
    return resource in ("*", request.kind.plural) and part in ("*", request.subresource)


def namespace_fits(selector: Object | None, request: AdmissionRequest, reader: Reader) -> bool:
    """Whether the request's namespace has the labels; what lies in no namespace always fits.

    Raises `NotFound` when there is no such namespace.
    """
    if not selector or not (request.namespace or request.kind.kind == "Namespace"):
        return True
    return from_label_selector(selector).matches(_namespace_labels(request, reader))


def _namespace_labels(request: AdmissionRequest, reader: Reader) -> Mapping[str, str]:
    if request.kind.kind == "Namespace":
        if request.object is not None and not request.subresource:
            return metadata.labels(request.object)
        name = request.name
    else:
        name = request.namespace
    namespace = reader.get("namespaces", "", name)
    if namespace is None:
        raise not_found("", "namespaces", name)
    return metadata.labels(namespace)


def object_fits(selector: Object | None, request: AdmissionRequest) -> bool:
    """Whether the object, new or old, has the labels."""
    if not selector:
        return True
    parsed = from_label_selector(selector)
    return any(
        parsed.matches(metadata.labels(obj)) for obj in (request.object, request.old) if obj is not None
    )

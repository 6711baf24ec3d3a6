"""pods/log: which container is meant, and which of its lines.

Upstream: ``pkg/registry/core/pod/rest/log.go``, ``pkg/registry/core/pod/strategy.go`` (LogLocation),
``ValidatePodLogOptions`` in ``pkg/apis/core/validation/validation.go``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from k8scourse.api.errors import BadRequest, Cause, invalid
from k8scourse.api.times import canonical_time, parse_time
from k8scourse.apiserver.call import Call
from k8scourse.apiserver.routes import NotBuilt, number, truth
from k8scourse.apiserver.storage import Object

_MINIMA = (
    ("tailLines", 0, "must be greater than or equal to 0"),
    ("limitBytes", 1, "must be greater than 0"),
)


def read(call: Call) -> dict[str, Any]:
    """The options of a log request, by the names that `KubeletConnector.logs` takes. Raises 400, 422 and 501."""
    query = call.query
    if query.get("stream", "All") != "All":
        raise NotBuilt("pods/log of one stream is not built into this API server", details={})
    numbers = {name: number(query, name) for name in ("tailLines", "limitBytes", "sinceSeconds")}
    causes = list(_causes(numbers, "sinceTime" in query))
    if causes:
        raise invalid("", "PodLogOptions", call.route.name, causes)
    return {
        "previous": truth(query, "previous"),
        "timestamps": truth(query, "timestamps"),
        "tail_lines": numbers["tailLines"],
        "since_seconds": numbers["sinceSeconds"],
        "since_time": _time(query["sinceTime"]) if "sinceTime" in query else None,
        "limit_bytes": numbers["limitBytes"],
    }


def _causes(numbers: Mapping[str, int | None], since_time: bool) -> Iterator[Cause]:
    for name, minimum, problem in _MINIMA:
        value = numbers[name]
        if value is not None and value < minimum:
            yield Cause(name, "FieldValueInvalid", f"Invalid value: {value}: {problem}")
    since = numbers["sinceSeconds"]
    if since is not None and since_time:
        problem = "at most one of `sinceTime` or `sinceSeconds` may be specified"
        yield Cause("[]", "FieldValueForbidden", f"Forbidden: {problem}")
    elif since is not None and since < 1:
        yield Cause("sinceSeconds", "FieldValueInvalid", f"Invalid value: {since}: must be greater than 0")


def _time(text: str) -> int:
    try:
        canonical_time(text)
        return parse_time(text)
    except ValueError as error:
        raise BadRequest(str(error)) from None


def container_of(pod: Object, wanted: str) -> str:
    """The container whose log is meant. Raises `BadRequest` when there are several, or none of that name."""
    spec, name = pod.get("spec") or {}, pod["metadata"]["name"]
    regular = _names(spec, "containers")
    others = {field: _names(spec, field) for field in ("initContainers", "ephemeralContainers")}
    if wanted:
        if wanted not in regular and not any(wanted in names for names in others.values()):
            raise BadRequest(f"container {wanted} is not valid for pod {name}")
        return wanted
    if len(regular) == 1:
        return regular[0]
    message = f"a container name must be specified for pod {name}, choose one of: [{' '.join(regular)}]"
    if others["initContainers"]:
        message += f" or one of the init containers: [{' '.join(others['initContainers'])}]"
    raise BadRequest(message)


def _names(spec: Object, field: str) -> list[str]:
    return [one["name"] for one in spec.get(field) or ()]

"""An owner that an object names twice is kept once, and the writer is told.

Upstream: ``apiserver/pkg/endpoints/handlers/rest.go`` (dedupOwnerReferencesAndAddWarning).
"""

from __future__ import annotations

from typing import Any

from k8scourse.api.values import evolve
from k8scourse.apiserver.call import Call

_PLACES = {False: "", True: " after mutating admission happens"}


def each_once(call: Call, obj: dict[str, Any], admitted: bool) -> dict[str, Any]:
    """The object with each of its owners once. `admitted` says whether admission has changed it already."""
    references = obj["metadata"].get("ownerReferences") or ()
    if len(references) < 2:
        return obj
    kept: list[Any] = []
    twice: list[str] = []
    for reference in references:
        if reference in kept:
            twice.append(reference.get("uid", ""))
        else:
            kept.append(reference)
    if not twice:
        return obj
    call.warnings.append(
        f".metadata.ownerReferences contains duplicate entries{_PLACES[admitted]}; API server dedups owner "
        "references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; "
        f"duplicate UID(s) observed: {', '.join(twice)}"
    )
    return evolve(obj, "metadata.ownerReferences", kept)

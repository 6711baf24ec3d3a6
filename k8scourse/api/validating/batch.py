"""Job: how many Pods, how often tried, and what of it may change.

Upstream: ``pkg/apis/batch/validation/validation.go``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api import internal_form, names
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import (
    immutable,
    invalid,
    non_negative,
    not_supported,
    required,
    too_long,
)
from k8scourse.api.validating import jobpolicies, pods, workloads
from k8scourse.api.validating.scheduling import label_selector

Object = dict[str, Any]
_MISMATCH = "`selector` does not match template `labels`"
_MODES = ("NonIndexed", "Indexed")
_REPLACEMENT = ("Failed", "TerminatingOrFailed")
_LARGEST_INDEXED = 100_000
#: Above this many completions a Job that counts failures by index must bound them, and its speed.
_MANY, _FAST, _FAILED = 100_000, 10_000, 10_000
_LONGEST_MANAGER = 63
_LABELS = ("controller-uid", "job-name")
UID_LABEL = "batch.kubernetes.io/controller-uid"


def job(obj: Object) -> Iterator[Cause]:
    """A Job: its selector is the server's, unless it is said to be one's own."""
    spec, own = obj.get("spec") or {}, obj.get("metadata") or {}
    yield from _generated_selector(spec, own)
    yield from _whole_spec(spec)
    if spec.get("completionMode") == "Indexed" and (spec.get("completions") or 0) > 0:
        last = f"{own.get('name', '')}-{spec['completions'] - 1}"
        if names.dns_label_problems(last):
            yield invalid(
                "metadata.name",
                own.get("name", ""),
                f"will not able to create pod with invalid DNS label: {last}",
            )


def _whole_spec(spec: Object) -> Iterator[Cause]:
    yield from job_spec(spec, "spec")
    selector = spec.get("selector")
    if selector is None:
        yield required("spec.selector")
    else:
        yield from label_selector(selector, "spec.selector")
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels")
    matcher = workloads.matcher(selector)
    if matcher is not None and not matcher.matches(labels or {}):
        yield invalid("spec.template.metadata.labels", labels, _MISMATCH)


def _generated_selector(spec: Object, own: Object) -> Iterator[Cause]:
    """Labels and selector that the server made are as it made them."""
    if spec.get("manualSelector") or "uid" not in own or spec.get("selector") is None:
        return
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels") or {}
    wanted = dict(zip(_LABELS, (own["uid"], own.get("name", "")), strict=True))
    wanted |= {f"batch.kubernetes.io/{key}": value for key, value in wanted.items()}
    for key, value in wanted.items():
        path = f"spec.template.metadata.labels[{key}]"
        if key not in labels:
            yield required(path, f"must be '{value}'")
        elif labels[key] != value:
            yield invalid(path, labels, f"must be '{value}'")
    matcher = workloads.matcher(spec["selector"])
    if matcher is not None and not matcher.matches(wanted):
        yield invalid("spec.selector", spec["selector"], "`selector` not auto-generated")


def job_spec(spec: Object, path: str) -> Iterator[Cause]:
    """The spec of a Job, or of the Jobs that a CronJob makes."""
    for field in (
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
        "backoffLimitPerIndex",
        "maxFailedIndexes",
    ):
        yield from non_negative(f"{path}.{field}", spec.get(field))
    if spec.get("maxFailedIndexes") is not None and spec.get("backoffLimitPerIndex") is None:
        yield required(f"{path}.backoffLimitPerIndex", "when maxFailedIndexes is specified")
    yield from _managed_by(spec, path)
    mode = spec.get("completionMode")
    if mode is not None and mode not in _MODES:
        yield not_supported(f"{path}.completionMode", mode, _MODES)
    if mode == "Indexed":
        yield from _indexed(spec, path)
    elif mode in (None, "NonIndexed"):
        for field in ("backoffLimitPerIndex", "maxFailedIndexes"):
            if spec.get(field) is not None:
                yield invalid(f"{path}.{field}", spec[field], "requires indexed completion mode")
    if spec.get("podFailurePolicy") is not None:
        yield from jobpolicies.failure(spec, f"{path}.podFailurePolicy")
    if spec.get("successPolicy") is not None:
        yield from jobpolicies.success(spec, f"{path}.successPolicy")
    yield from _replacement(spec, path)
    yield from _template(spec.get("template") or {}, f"{path}.template", spec)


def _managed_by(spec: Object, path: str) -> Iterator[Cause]:
    manager = spec.get("managedBy")
    if manager is None:
        return
    if not manager:
        yield required(f"{path}.managedBy")
    for part, problem in names.domain_path_problems(manager) if manager else ():
        yield invalid(f"{path}.managedBy", part, problem)
    if len(manager) > _LONGEST_MANAGER:
        yield too_long(f"{path}.managedBy", _LONGEST_MANAGER)


def _indexed(spec: Object, path: str) -> Iterator[Cause]:
    completions, parallel, failed = (
        spec.get(field) for field in ("completions", "parallelism", "maxFailedIndexes")
    )
    if completions is None:
        yield required(f"{path}.completions", "when completion mode is Indexed")
    if parallel is not None and parallel > _LARGEST_INDEXED:
        yield invalid(
            f"{path}.parallelism",
            parallel,
            f"must be less than or equal to {_LARGEST_INDEXED} when completion mode is Indexed",
        )
    if completions is not None and failed is not None and failed > completions:
        yield invalid(f"{path}.maxFailedIndexes", failed, "must be less than or equal to completions")
    if failed is not None and failed > _LARGEST_INDEXED:
        yield invalid(f"{path}.maxFailedIndexes", failed, f"must be less than or equal to {_LARGEST_INDEXED}")
    if completions is not None and completions > _MANY and spec.get("backoffLimitPerIndex") is not None:
        yield from _many(parallel, failed, path)


def _many(parallel: int | None, failed: int | None, path: str) -> Iterator[Cause]:
    when = f"when completions are above {_MANY} and used with backoff limit per index"
    if failed is None:
        yield required(f"{path}.maxFailedIndexes", f"must be specified when completions is above {_MANY}")
    if parallel is not None and parallel > _FAST:
        yield invalid(f"{path}.parallelism", parallel, f"must be less than or equal to {_FAST} {when}")
    if failed is not None and failed > _FAILED:
        yield invalid(f"{path}.maxFailedIndexes", failed, f"must be less than or equal to {_FAILED} {when}")


def _replacement(spec: Object, path: str) -> Iterator[Cause]:
    policy = spec.get("podReplacementPolicy")
    if policy is None:
        return
    allowed = _REPLACEMENT if spec.get("podFailurePolicy") is None else ("Failed",)
    if policy not in allowed:
        yield not_supported(f"{path}.podReplacementPolicy", policy, allowed)


def _template(template: Object, path: str, spec: Object) -> Iterator[Cause]:
    policy = (template.get("spec") or {}).get("restartPolicy", "")
    yield from pods.template(template, path)
    if policy in ("", "Always"):
        yield required(f"{path}.spec.restartPolicy", 'valid values: "OnFailure", "Never"')
    elif policy not in ("OnFailure", "Never"):
        yield not_supported(f"{path}.spec.restartPolicy", policy, ("OnFailure", "Never"))
    elif spec.get("podFailurePolicy") is not None and policy != "Never":
        yield invalid(
            f"{path}.spec.restartPolicy",
            policy,
            'only "Never" is supported when podFailurePolicy is specified',
        )


# -------------------------------------------------------------------------------------------- updates


def job_update(new: Object, old: Object) -> Iterator[Cause]:
    """What a Job is made of never changes; how fast it goes may.  Upstream judges the new spec once more here."""
    after, before = new.get("spec") or {}, old.get("spec") or {}
    yield from _whole_spec(after)
    yield from _completions(after, before)
    yield from immutable("spec.selector", after.get("selector"), before.get("selector"))
    yield from _template_update(after, before, old)
    for field in ("completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"):
        yield from immutable(f"spec.{field}", after.get(field), before.get(field))


def _completions(after: Object, before: Object) -> Iterator[Cause]:
    """An indexed Job grows and shrinks, its speed with it."""
    new, old = after.get("completions"), before.get("completions")
    if after.get("completionMode") != "Indexed":
        yield from immutable("spec.completions", new, old)
    elif new is not None and new not in (old, after.get("parallelism")):
        yield invalid("spec.completions", new, "can only be modified in tandem with spec.parallelism")


_SCHEDULING_FIELDS = ("nodeSelector", "tolerations", "schedulingGates")


def _template_update(after: Object, before: Object, old: Object) -> Iterator[Cause]:
    """While a Job is suspended its Pods may ask for other resources; until it has begun, for other nodes too."""
    new, kept = (spec.get("template") or {} for spec in (after, before))
    if not before.get("suspend"):
        if new != kept:
            yield invalid("spec.template", internal_form.pod_template(new), "field is immutable")
        return
    asked, was = new.get("spec") or {}, kept.get("spec") or {}
    if (old.get("status") or {}).get("startTime") is None:
        was = _with_directives(was, asked)
    for field in ("containers", "initContainers"):
        was = _with_resources(was, asked, field)
    if asked != was:
        yield invalid("spec.template.spec", internal_form.pod_spec(asked), "field is immutable")


def _with_directives(spec: Object, source: Object) -> Object:
    """The spec with the other's say about nodes; of the affinities only that to nodes is free."""
    spec = {key: value for key, value in spec.items() if key not in _SCHEDULING_FIELDS}
    spec |= {key: source[key] for key in _SCHEDULING_FIELDS if key in source}
    affinity = {**(spec.pop("affinity", None) or {})}
    affinity.pop("nodeAffinity", None)
    given = source.get("affinity")
    if given and "nodeAffinity" in given:
        affinity["nodeAffinity"] = given["nodeAffinity"]
    return {**spec, "affinity": affinity} if affinity or given is not None else spec


def _with_resources(spec: Object, source: Object, field: str) -> Object:
    mine, theirs = spec.get(field) or [], source.get(field) or []
    if len(mine) != len(theirs):
        return spec
    pairs = zip(mine, theirs, strict=True)
    taken = [
        {**one, "resources": other.get("resources", {})} if one.get("name") == other.get("name") else one
        for one, other in pairs
    ]
    return {**spec, field: taken} if mine else spec

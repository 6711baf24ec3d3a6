"""What a pure function can be asked of the recorded answers: decoding, defaults, validation, patches.

The cases live beside the repository (``../shared/golden/cases``) or where ``K8SCOURSE_GOLDEN`` says.  What
needs a whole server (admission, allocation, status codes) is replayed elsewhere.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from k8scourse.api import defaulting, errors, kinds, patches, schema, validation
from k8scourse.api.kinds import Kind
from k8scourse.api.values import get_in

CASES = Path(
    os.environ.get("K8SCOURSE_GOLDEN", Path(__file__).parents[2] / "../shared/golden/cases")
).resolve()
NAMESPACE = "ns-1"
URL = re.compile(
    r"/(?:api/(v1)|apis/([^/]+)/([^/]+))(?:/namespaces/([^/]+))?/([a-z]+)(?:/([^/?]+))?(?:\?(.*))?"
)
#: Refusals that another part of the server gives.
NOT_OURS = re.compile(
    r"already exists|forbidden:|not found$|failed to allocate|valid ports is|should not be set|been modified"
    r"|unknown format|not allow this method|Request entity|CreateOptions|AdditionalErrorMsg|strconv|name on the URL"
)
#: Fields that admission, storage or allocation fill in.
FILLED_IN = re.compile(
    r"^metadata\.(uid|resourceVersion|creationTimestamp|generation|name)|^metadata\.annotations$|finalizers"
    r"|^spec\.(tolerations|priority|preemptionPolicy|serviceAccount|clusterIP|volumes|taints|nodeSelector|overhead)"
    r"|^spec\.imagePullSecrets|kube-api-access|volumeMounts|^status\.(phase|qosClass|lastPhase)|limit-ranger|deletion"
)
WITHOUT_A_SERVER = ("A-crd-and-object", "A-job-indexed", "A-job-minimal", "A-job-rich", "A-job-workqueue",
                    "A-limitrange-applied", "B-crd-invalid", "B-limitrange-violation", "B-quota-exceeded",
                    "B-rbac-allow")  # fmt: skip

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason=f"no golden cases at {CASES}")


def steps(categories: str) -> Iterator[Any]:
    for path in sorted(CASES.glob(f"[{categories}]-*.json")):
        if path.stem in WITHOUT_A_SERVER:
            continue
        case = json.loads(path.read_text().replace("{ns}", NAMESPACE))
        for number, step in enumerate(case["steps"]):
            kind, _ = target(step)
            if kind and is_ours(step):
                yield pytest.param(kind, step, id=f"{path.stem}-{number}")


def is_ours(step: dict[str, Any]) -> bool:
    """Whether a step posts a body whose answer was recorded and can be known without a server."""
    expect = step.get("expect") or {}
    answer = expect.get("body") or {}
    if step.get("method") != "POST" or not isinstance(step.get("body"), dict) or step.get("bigKey"):
        return False
    if expect.get("code") == 201:
        return bool(answer) and not step.get("only")
    return bool(answer) and not NOT_OURS.search(answer.get("message", ""))


def is_accepted(step: dict[str, Any]) -> bool:
    return step["expect"]["code"] == 201


def target(step: dict[str, Any]) -> tuple[Kind | None, str]:
    match = URL.fullmatch(step.get("path", ""))
    if match is None:
        return None, ""
    return kinds.by_plural(match[2] or "", match[1] or match[3], match[5]), match[6] or ""


def create(kind: Kind, body: dict[str, Any], field_validation: str) -> dict[str, Any]:
    """What the server does with a POST, as far as it is pure."""
    if kind.namespaced:
        body = {**body, "metadata": {"namespace": NAMESPACE, **(body.get("metadata") or {})}}
    obj, _ = schema.decode(kind, body, field_validation)
    obj = defaulting.apply_defaults(kind, obj)
    causes = validation.validate_create(kind, obj)
    if causes:
        raise errors.invalid(kind.group, kind.kind, get_in(obj, "metadata.name", ""), causes)
    return obj


def differences(ours: Any, theirs: Any, path: str = "") -> Iterator[str]:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in {**ours, **theirs}:
            where = f"{path}.{key}" if path else key
            if key not in ours or key not in theirs:
                yield where
            else:
                yield from differences(ours[key], theirs[key], where)
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (left, right) in enumerate(zip(ours, theirs, strict=True)):
            yield from differences(left, right, f"{path}[{index}]")
    elif ours != theirs and theirs not in ("<time>", "<unstable>"):
        yield path


def cases(categories: str) -> list[Any]:
    return list(steps(categories)) if CASES.is_dir() else []


@pytest.mark.parametrize(("kind", "step"), [one for one in cases("AC") if is_accepted(one.values[1])])
def test_an_accepted_body_gets_the_defaults_of_the_real_server(kind: Kind, step: dict[str, Any]) -> None:
    obj = create(kind, step["body"], "Warn")
    different = [path for path in differences(obj, step["expect"]["body"]) if not FILLED_IN.search(path)]
    assert [] == different
    again = defaulting.apply_defaults(kind, schema.decode(kind, obj)[0])
    assert again is obj, "a finished object comes back itself"


@pytest.mark.parametrize(("kind", "step"), cases("B"))
def test_a_refused_body_is_refused_with_the_words_of_the_real_server(
    kind: Kind, step: dict[str, Any]
) -> None:
    expect = step.get("expect", {})
    body = expect.get("body") or {}
    message = body.get("message", "") if expect.get("code", 0) >= 400 else ""
    match = re.search("fieldValidation=(Strict|Warn|Ignore)", step["path"])
    try:
        create(kind, step["body"], match[1] if match else "Warn")
        status: dict[str, Any] = {}
    except errors.StatusError as error:
        status = error.status
    assert message.replace("<time>", "2006-01-02T15:04:05.000000Z") == status.get("message", "")
    assert body.get("details") == status.get("details") if message else not status


PATCHED = (
    "C-json-basic",
    "C-json-lists",
    "C-merge-basic",
    "C-smp-containers",
    "C-smp-replace",
    "C-smp-retainkeys",
    "C-smp-service-ports",
    "C-smp-tolerations",
    "B-invalid-patches",
    "B-immutable-configs",
)
APPLY = {
    "application/json-patch+json": lambda kind, obj, patch: patches.json_patch(obj, patch),
    "application/merge-patch+json": lambda kind, obj, patch: patches.merge_patch(obj, patch),
    "application/strategic-merge-patch+json": patches.strategic_merge,
}


def patch(kind: Kind, old: dict[str, Any], step: dict[str, Any]) -> dict[str, Any]:
    """What the server does with a PATCH, as far as it is pure."""
    changed = APPLY[step["contentType"]](kind, old, step["body"])
    obj, _ = schema.decode_patched(kind, changed, "Warn")
    obj = defaulting.apply_defaults(kind, obj)
    causes = validation.validate_update(kind, obj, old)
    if causes:
        raise errors.invalid(kind.group, kind.kind, old["metadata"]["name"], causes)
    return obj


@pytest.mark.parametrize("name", PATCHED)
def test_patches_give_what_the_real_server_gave(name: str) -> None:
    case = json.loads((CASES / f"{name}.json").read_text().replace("{ns}", NAMESPACE))
    objects: dict[tuple[str, str], dict[str, Any]] = {}
    for step in case["steps"]:
        kind, object_name = target(step)
        assert kind is not None
        if step["method"] == "POST":
            obj = create(kind, step["body"], "Warn")
            objects[kind.kind, obj["metadata"]["name"]] = obj
        elif step["method"] == "PATCH" and isinstance(step.get("body"), dict | list):
            check_patch(kind, objects, (kind.kind, object_name), step)


def check_patch(kind: Kind, objects: dict[Any, Any], key: Any, step: dict[str, Any]) -> None:
    expect, body = step["expect"], step["expect"].get("body") or {}
    if NOT_OURS.search(body.get("message") or "") or "<uid>" in (body.get("message") or ""):
        return
    try:
        obj = patch(kind, objects[key], step)
    except errors.StatusError as error:
        assert (expect["code"], body.get("message")) == (error.code, error.message)  # noqa: PT017
        return
    assert expect["code"] == 200, body
    objects[key] = obj
    if step.get("only"):
        wanted = [path for path in step["only"] if path.startswith("spec")]
        assert {path: body[path] for path in wanted} == {path: get_in(obj, path) for path in wanted}
    else:
        assert [] == [path for path in differences(obj, body) if not FILLED_IN.search(path)]

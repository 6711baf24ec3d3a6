"""A request passes the stages in order; each of them can refuse it."""

from __future__ import annotations

import pytest
from apiserver.support import CONFIG_MAPS, PODS, Api, config_map, pod


def stages(api: Api, *arguments: object, **options: object) -> tuple[int, list[list[str]]]:
    answer = api.send(*arguments, **options)  # type: ignore[arg-type]
    return answer.code, answer.stages


def test_a_write_passes_all_five_stages(api: Api) -> None:
    code, passed = stages(api, "POST", CONFIG_MAPS, config_map("a"))
    names = ["authenticate", "authorize", "admit", "validate", "store"]
    assert (code, passed) == (201, [[name, "ok"] for name in names])


def test_a_read_is_neither_admitted_nor_validated(api: Api) -> None:
    _, passed = stages(api, "GET", CONFIG_MAPS)
    assert [name for name, _ in passed] == ["authenticate", "authorize", "store"]


@pytest.mark.parametrize(
    ("code", "stage", "method", "path", "body", "user"),
    [
        (401, "authenticate", "GET", CONFIG_MAPS, None, "unknown"),
        (403, "authorize", "GET", CONFIG_MAPS, None, "viewer"),
        (403, "authorize", "GET", CONFIG_MAPS, None, ""),
        (404, "admit", "POST", "/api/v1/namespaces/absent/configmaps", config_map("a"), "admin"),
        (403, "admit", "POST", PODS, pod("p", priorityClassName="no-such-class"), "admin"),
        (400, "validate", "POST", PODS, {"spec": {"containers": 5}}, "admin"),
        (422, "validate", "POST", PODS, pod("p", restartPolicy="Sometimes"), "admin"),
        (404, "store", "GET", f"{PODS}/ghost", None, "admin"),
        (409, "store", "POST", "/api/v1/namespaces", {"metadata": {"name": "default"}}, "admin"),
    ],
)
def test_each_stage_can_refuse(
    api: Api, code: int, stage: str, method: str, path: str, body: object, user: str
) -> None:
    before = api.store.revision
    answered, passed = stages(api, method, path, body, user=user)
    assert answered == code
    assert passed[-1] == [stage, "refused"]
    assert all(verdict == "ok" for _, verdict in passed[:-1])
    assert api.store.revision == before


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_write_that_comes_too_late_has_passed_the_changing_half_of_admission_and_is_not_validated(
    api: Api, method: str
) -> None:
    """Upstream asks for the new object first, and compares versions then: registry/generic/registry/store.go."""
    old = api.post(CONFIG_MAPS, config_map("a"))
    api.send("PUT", f"{CONFIG_MAPS}/a", config_map("a", other="value"))
    late = {"metadata": {"resourceVersion": old["metadata"]["resourceVersion"]}, "data": {"wrong name!": "x"}}
    body = late if method == "PATCH" else old | late | {"metadata": old["metadata"]}
    media_type = "application/merge-patch+json" if method == "PATCH" else ""
    code, passed = stages(api, method, f"{CONFIG_MAPS}/a", body, content_type=media_type)
    names = [["authenticate", "ok"], ["authorize", "ok"], ["admit", "ok"], ["store", "refused"]]
    assert (code, passed) == (409, names)


def test_the_answer_shows_the_object_before_and_after(api: Api) -> None:
    api.post(CONFIG_MAPS, config_map("a", k="1"))
    answer = api.send("PUT", f"{CONFIG_MAPS}/a", config_map("a", k="2"))
    assert (answer.before["data"], answer.object["data"], answer.changed) == ({"k": "1"}, {"k": "2"}, True)
    again = api.send("PUT", f"{CONFIG_MAPS}/a", config_map("a", k="2"))
    assert not again.changed

"""The request view: every station with its state in colour, shape, symbol and word, and nothing beside its box."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

import pytest

from k8scourse import Cluster, LearnerError, words
from k8scourse.cluster import Answer
from k8scourse.cluster.road import STATIONS
from k8scourse.diagrams import road
from k8scourse.diagrams.widths import width

PODS = "/api/v1/namespaces/default/pods"
SVG = "{http://www.w3.org/2000/svg}"


def pod(name: str, **spec: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": name},
        "spec": {"containers": [{"name": "x", "image": "nginx:1.27"}], **spec},
    }


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    return Cluster(workers=1)


@pytest.fixture(scope="module")
def answers(cluster: Cluster) -> dict[str, Answer]:
    cluster.webhook("never.example.com", lambda request: "no " * 80, resources=["configmaps"])
    return {
        "stored": cluster.send("POST", PODS, pod("web")),
        "unknown": cluster.send("GET", PODS, token="stolen"),
        "forbidden": cluster.send("POST", PODS, pod("a"), user="ann"),
        "anonymous": cluster.send("GET", PODS, user=None),
        "unreadable": cluster.send("POST", PODS, "{"),
        "invalid": cluster.send("POST", PODS, pod("B" * 300, restartPolicy="Sometimes")),
        "hook": cluster.send("POST", PODS.replace("pods", "configmaps"), {"metadata": {"name": "a"}}),
        "taken": cluster.send("POST", PODS, pod("web")),
        "read": cluster.send("GET", f"{PODS}/web"),
        "nowhere": cluster.send("GET", "/" + "x" * 200),
    }


@pytest.fixture(params=words.LANGUAGES)
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    words.use(request.param)
    yield request.param
    words.use("en")


CASES = (
    "stored",
    "unknown",
    "forbidden",
    "anonymous",
    "unreadable",
    "invalid",
    "hook",
    "taken",
    "read",
    "nowhere",
)


def drawn(answer: Answer) -> ET.Element:
    shown = answer.road()
    assert shown is not None
    return ET.fromstring(road.svg(shown))


@pytest.mark.parametrize("case", CASES)
def test_every_station_is_there_with_its_word_and_the_verdict_stands_below(
    answers: dict[str, Answer], case: str, language: str
) -> None:
    answer = answers[case]
    texts = [element.text or "" for element in drawn(answer).iter(f"{SVG}text")]
    assert answer.verdict in texts
    for station in answer.stations():
        assert words.text(f"road.station.{station.stage}") in texts
        assert words.text(f"road.state.{station.state}") in texts


@pytest.mark.parametrize("case", CASES)
def test_nothing_is_wider_or_lower_than_the_picture(
    answers: dict[str, Answer], case: str, language: str
) -> None:
    picture = drawn(answers[case])
    _, _, wide, high = map(int, picture.attrib["viewBox"].split())
    for x, y, element in _texts(picture):
        size = int(next(iter(re.findall(r"f(\d+)", element.attrib.get("class", ""))), "13"))
        bold = "b" in element.attrib.get("class", "").split()
        end = x + (0 if _anchored(element) else width(element.text or "", size, bold))
        assert -10 <= x <= end <= wide - 10, element.text
        assert 0 < y < high - 10


def _texts(picture: ET.Element) -> Iterator[tuple[int, int, ET.Element]]:
    def visit(element: ET.Element, dx: int, dy: int) -> Iterator[tuple[int, int, ET.Element]]:
        moved = re.match(r"translate\((-?\d+),(-?\d+)\)", element.attrib.get("transform", ""))
        if moved:
            dx, dy = dx + int(moved[1]), dy + int(moved[2])
        if element.tag == f"{SVG}text":
            yield int(element.attrib["x"]) + dx, int(element.attrib["y"]) + dy, element
        for child in element:
            yield from visit(child, dx, dy)

    yield from visit(picture, 0, 0)


def _anchored(element: ET.Element) -> bool:
    return bool({"c", "e"} & set(element.attrib.get("class", "").split()))


def test_a_refusal_has_a_shape_of_its_own_and_what_lies_behind_is_pale(answers: dict[str, Answer]) -> None:
    shown = answers["forbidden"].road()
    assert shown is not None
    text = road.svg(shown)
    assert text.count('class="failed"') == 2
    assert (
        text.count('class="behind"') == len([each for each in shown.stations if each.state == "behind"]) == 5
    )
    assert 'href="#k8s-failed"' in text
    assert 'class="rest"' in text


def test_what_was_stored_is_at_the_end_of_the_cable(answers: dict[str, Answer]) -> None:
    shown = answers["stored"].road()
    assert shown is not None
    assert [key for key, _ in shown.stored] == ["/registry/pods/default/web"]
    text = road.svg(shown)
    assert "cable" in text
    assert f"revision {shown.stored[0][1]}" in text
    assert "wire cable" not in road.svg(answers["read"].road())  # type: ignore[arg-type]


def test_the_picture_says_in_words_what_it_shows(answers: dict[str, Answer], language: str) -> None:
    picture = drawn(answers["forbidden"])
    description = picture.find(f"{SVG}desc")
    assert description is not None
    assert 'User "ann" cannot create resource "pods"' in (description.text or "")
    assert picture.attrib["lang"] == {"en": "en", "zh-TW": "zh-Hant"}[language]
    title = picture.find(f"{SVG}title")
    assert title is not None
    assert PODS in (title.text or "")


def test_an_answer_shows_itself_as_text_svg_and_image(answers: dict[str, Answer]) -> None:
    bundle = answers["stored"]._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "image/svg+xml", "text/html"}
    assert bundle["text/plain"] == repr(answers["stored"])
    assert 'alt="' in bundle["text/html"]


def test_two_pictures_on_a_page_do_not_share_ids(answers: dict[str, Answer]) -> None:
    one, other = (answers[case]._repr_mimebundle_()["image/svg+xml"] for case in ("stored", "read"))
    ids = [set(re.findall(r' id="(k8s-road[^"]*)"', text)) for text in (one, other)]
    assert ids[0]
    assert not ids[0] & ids[1]


def test_any_request_of_the_trace_has_a_road(cluster: Cluster, answers: dict[str, Answer]) -> None:
    assert answers["stored"].record is not None
    number = answers["stored"].record.sequence
    by_number, by_answer = cluster.view("request", of=number), cluster.view("request", of=answers["stored"])
    assert repr(by_number) == repr(by_answer) == repr(answers["stored"])
    scheduler = next(
        each
        for each in cluster.trace.records
        if each.kind == "request"
        and each.source.startswith("kube-scheduler")
        and each.detail["verb"] == "create"
    )
    assert "system:kube-scheduler" in repr(cluster.view("request", of=scheduler.sequence))
    assert {station.stage for station in by_number.road.stations} <= set(STATIONS)


def test_without_of_it_is_the_last_request_from_outside(cluster: Cluster, answers: dict[str, Answer]) -> None:
    cluster.kubectl("get pods")
    assert PODS in repr(cluster.view("request"))


@pytest.mark.parametrize("of", ["web", -1, 10**9, 1.5, True])
def test_what_has_no_road_is_told_in_a_sentence(cluster: Cluster, of: Any, language: str) -> None:
    with pytest.raises(LearnerError) as error:
        cluster.view("request", of=of)
    assert error.value.key == "view_of"


def test_an_answer_that_never_came_is_text() -> None:
    cluster = Cluster(workers=0)
    cluster.stop("kube-apiserver")
    cluster.run(5)
    answer = cluster.send("GET", PODS)
    assert set(answer._repr_mimebundle_()) == {"text/plain"}
    assert "connection refused" in repr(cluster.view("request", of=answer))

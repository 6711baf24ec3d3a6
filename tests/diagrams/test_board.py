from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

import pytest
from widgets.recorded import RecordedCluster, busy_cluster, node, pod, story

from k8scourse import words
from k8scourse.diagrams import draw, export, narration
from k8scourse.diagrams.export import frame_of
from k8scourse.diagrams.history import Recorder, Slots, recorder, seat
from k8scourse.diagrams.packer import LAYOUTS, WIDE, Packer
from k8scourse.diagrams.reading import Reader, pod_view
from k8scourse.diagrams.widths import fit, width


def framed(cluster: RecordedCluster, layout: str = WIDE) -> dict[str, Any]:
    return frame_of(recorder(cluster).present(), Packer(layout), recorder(cluster))


def boxes(frame: dict[str, Any], *kinds: str) -> dict[str, dict[str, Any]]:
    return {box["i"]: box for box in frame["boxes"] if box["k"] in kinds}


def overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return (
        one["x"] < other["x"] + other["w"]
        and other["x"] < one["x"] + one["w"]
        and one["y"] < other["y"] + other["h"]
        and other["y"] < one["y"] + one["h"]
    )


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("workers", [0, 1, 2, 3, 4, 5, 7])
def test_nothing_overlaps_or_leaves_the_picture(layout: str, workers: int) -> None:
    cluster = RecordedCluster(workers)
    hosts = [f"worker-{n}" for n in range(1, workers + 1)] or ["control-plane-1"]
    for n in range(9):
        cluster.replace(*cluster.kept["pods"], pod(f"abc{n}d", hosts[n % len(hosts)], owner="web"))
    cluster.replace(pod("zzzzz", owner="web", state="pending"))
    frame = framed(cluster, layout)
    small = [
        b
        for b in frame["boxes"]
        if b["k"] in ("part", "chip", "agent", "client", "pod", "pill", "slot", "plate")
    ]
    for index, one in enumerate(small):
        assert one["x"] >= 0
        assert one["x"] + one["w"] <= frame["w"]
        assert one["y"] + one["h"] <= frame["h"]
        for other in small[index + 1 :]:
            assert not overlap(one, other), (one, other)


@pytest.mark.parametrize("count", [13, 40, 110, 400])
def test_a_crowded_node_shows_small_boxes_that_stay_in_their_card(count: int) -> None:
    cluster = RecordedCluster()
    cluster.replace(*(pod(f"p{n}", "worker-1", owner="web") for n in range(count)))
    frame = framed(cluster)
    dots, card = boxes(frame, "dot"), boxes(frame, "card")["worker-1"]
    assert len(dots) >= min(count, 100)
    for dot in dots.values():
        assert dot["x"] + dot["w"] <= card["x"] + card["w"]
        assert dot["y"] + dot["h"] <= card["y"] + card["h"]


def test_a_pod_keeps_its_slot_when_others_go_and_come() -> None:
    cluster = RecordedCluster()
    cluster.replace(*(pod(f"p{n}", "worker-1", owner="web") for n in range(4)))
    before = boxes(framed(cluster), "pod")
    gone, new = "web-7d4b9-p1", pod("fresh", "worker-1", owner="web")
    cluster.kept["pods"] = [p for p in cluster.kept["pods"] if p["metadata"]["name"] != gone] + [new]
    after = boxes(framed(cluster), "pod")
    for name, box in before.items():
        if not name.endswith(gone):
            assert box == after[name]
    freed = before[f"pods/default/{gone}"]
    assert (freed["x"], freed["y"]) == (after["pods/default/web-7d4b9-fresh"]["x"], freed["y"])


def test_boxes_never_shrink_when_pods_leave() -> None:
    cluster = RecordedCluster()
    packer = Packer()
    small = packer.pack(export.scene_now(cluster))
    cluster.replace(*(pod(f"p{n}", "worker-1", owner="web") for n in range(11)))
    big = packer.pack(export.scene_now(cluster))
    cluster.kept["pods"] = []
    assert small["h"] < big["h"] == packer.pack(export.scene_now(cluster))["h"]


def test_a_pod_moves_from_the_shelf_to_its_node_under_one_id() -> None:
    cluster = RecordedCluster()
    cluster.replace(pod("abcde", owner="web", state="pending"))
    shelf = boxes(framed(cluster), "shelf")["shelf"]
    waiting = boxes(framed(cluster), "pod")["pods/default/web-7d4b9-abcde"]
    assert overlap(shelf, waiting)
    cluster.replace(pod("abcde", "worker-3", owner="web", state="creating"))
    bound = boxes(framed(cluster), "pod")["pods/default/web-7d4b9-abcde"]
    assert overlap(boxes(framed(cluster), "card")["worker-3"], bound)


def test_seats_of_different_rows_do_not_push_each_other() -> None:
    views = [pod_view(pod("a", "worker-1")), pod_view(pod("b", "worker-1", namespace="kube-system"))]
    slots = seat(Slots({}, {}), views)
    assert list(slots.seats.values()) == [("worker-1", 0), ("worker-1/system", 0)]


def test_components_are_not_drawn_a_second_time_as_pods() -> None:
    frame = framed(RecordedCluster())
    names = [name for name in boxes(frame, "pod", "pill") if "kube-proxy" in name]
    assert names == []
    assert len(boxes(frame, "pill")) == 2


def test_no_component_is_linked_to_another() -> None:
    """Every line ends at the API server's bar."""
    frame = framed(RecordedCluster())
    bar = next(box for box in frame["boxes"] if box["k"] == "bar")
    for link in frame["links"]:
        x, y = link["p"][-2:]
        assert bar["x"] - 1 <= x <= bar["x"] + bar["w"]
        assert bar["y"] - 1 <= y <= bar["y"] + bar["h"]


def test_the_step_has_its_messages_in_their_order() -> None:
    cluster = story(recorder)
    kept = recorder(cluster)
    frame = frame_of(kept.at(2), Packer(), kept)
    assert [(flow["n"], flow["k"]) for flow in frame["flows"]] == [(1, "watch"), (2, "write"), (3, "write")]
    assert frame["main"] == 2
    assert [box.get("s") for box in frame["boxes"] if box["k"] == "stage"] == ["ok"] * 5


def test_a_refused_request_stops_at_its_stage() -> None:
    cluster = story(recorder)
    kept = recorder(cluster)
    frame = frame_of(kept.at(kept.steps - 1), Packer(), kept)
    said = [box.get("s", "") for box in frame["boxes"] if box["k"] == "stage"]
    assert said == ["ok", "ok", "ok", "refused", ""]
    assert "validate" in frame["say"]["en"][0]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_recording_is_the_same_every_time(layout: str) -> None:
    assert export.recording(story(recorder), layouts=[layout]) == export.recording(
        story(recorder), layouts=[layout]
    )


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize("restaurant", [False, True], ids=["kubernetes", "restaurant"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_texts_stay_inside_their_boxes_in_every_language(
    language: str, restaurant: bool, layout: str
) -> None:
    speaker = draw.Speaker(language, restaurant)
    for box in framed(busy_cluster(), layout)["boxes"]:
        root = ElementTree.fromstring(f"<g>{draw.inner(box, speaker)}</g>")
        for one in root.iter("text"):
            classes = (one.get("class") or "").split()
            size = next(
                (int(c[1:]) for c in classes if c[0] == "f" and c[1:].isdigit()), 12 if "m" in classes else 13
            )
            wide = width(one.text or "", size, "b" in classes)
            left = float(one.get("x") or 0) - (wide / 2 if "c" in classes else wide if "e" in classes else 0)
            assert left >= -1, (box, one.text)
            assert left + wide <= box["w"] + 1, (box, one.text)
            assert size >= 12


def test_the_still_picture_is_small_valid_and_says_what_it_shows() -> None:
    for language in words.LANGUAGES:
        drawing = export.picture(RecordedCluster(), language=language)
        assert len(drawing.encode()) < 20_000
        root = ElementTree.fromstring(drawing)
        spaced = "{http://www.w3.org/2000/svg}"
        assert root.find(f"{spaced}title") is not None
        desc = root.find(f"{spaced}desc")
        assert desc is not None
        assert "worker-1" in (desc.text or "")
        assert root.get("lang") == {"en": "en", "zh-TW": "zh-Hant"}[language]


def test_a_bundle_holds_text_svg_and_an_image() -> None:
    bundle = export.bundle(busy_cluster(recorder))
    assert list(bundle) == ["text/plain", "image/svg+xml", "text/html"]
    assert bundle["text/html"].startswith('<img src="data:image/svg+xml;base64,')
    assert 'width="100%"' in bundle["text/html"]
    assert bundle == export.bundle(busy_cluster(recorder))


def test_the_text_form_has_at_most_twenty_lines() -> None:
    cluster = RecordedCluster(30)
    cluster.replace(*(pod(f"p{n}", f"worker-{n % 30 + 1}", owner="web") for n in range(200)))
    assert len(export.text(cluster).splitlines()) <= 20
    assert "CrashLoopBackOff" in export.text(busy_cluster())
    assert "46" in export.text(busy_cluster())


def test_states_are_read_as_kubectl_prints_them() -> None:
    reader = Reader()
    read = {name: reader.pod(pod("a", "worker-1", state=name))[5:7] for name in
            ("ready", "started", "creating", "pending", "done", "terminating", "ImagePullBackOff")}  # fmt: skip
    assert read == {
        "ready": ("running", "Running"),
        "started": ("pending", "Running"),
        "creating": ("pending", "ContainerCreating"),
        "pending": ("pending", "Pending"),
        "done": ("done", "Completed"),
        "terminating": ("stopped", "Terminating"),
        "ImagePullBackOff": ("failed", "ImagePullBackOff"),
    }


def test_a_node_that_falls_silent_says_for_how_long() -> None:
    frame = framed(busy_cluster())
    assert boxes(frame, "plate")["worker-3/plate"]["g"] == ["@board.late", {"seconds": 46}]
    cordoned = RecordedCluster()
    cordoned.kept["nodes"][1] = node("worker-1", unschedulable=True)
    assert boxes(framed(cordoned), "plate")["worker-1/plate"]["g"] == "@board.cordoned"


def test_a_recorder_that_came_late_looks_further_back_by_rewinding() -> None:
    cluster = story()
    kept = Recorder(cluster)
    assert kept.steps == kept.first == len(cluster.steps)
    kept.at(kept.steps)
    assert cluster.done == []


def test_a_frame_is_json() -> None:
    frame = framed(busy_cluster(recorder))
    assert json.loads(json.dumps(frame)) == frame


def test_every_step_has_a_sentence_in_every_language_and_vocabulary() -> None:
    for record in story().trace.records:
        for language in words.LANGUAGES:
            for restaurant in (False, True):
                said = narration.sentence(record, language, restaurant)
                assert said
                assert "{" not in said
                assert "  " not in said


def test_both_languages_have_the_same_keys_and_places() -> None:
    import string

    def places(template: str) -> list[str]:
        return sorted({name for _, name, _, _ in string.Formatter().parse(template) if name})

    english, chinese = words.catalogue("en"), words.catalogue("zh-TW")
    tables = ("board.", "menu.", "state.", "inspector.", "narration.", "restaurant.")
    mine = [key for key in [*english, *chinese] if key.startswith(tables)]
    for key in mine:
        assert places(english[key]) == places(chinese[key]), key
        if key.startswith("restaurant."):
            assert key.removeprefix("restaurant.") in english, key


def test_text_that_is_too_long_is_cut_with_an_ellipsis() -> None:
    assert fit("frontend", 200, 14) == "frontend"
    short = fit("a-very-long-name-indeed", 60, 14)
    assert short.endswith("…")
    assert width(short, 14) <= 60
    assert width("排程器", 10) == 30


def test_what_came_before_the_cluster_was_ready_is_no_step_of_its_history() -> None:
    cluster = RecordedCluster(ready_at=0)
    kept = recorder(cluster)
    cluster.tell("fault", "you", "worker-1", "", action="cut")
    cluster.replace(pod("abcde", "worker-1", owner="web"))
    cluster.tell("fault", "you", "worker-1", "", action="heal")
    assert kept.steps == 2
    cluster.ready_at = cluster.now + 1
    assert kept.steps == 0
    assert kept.ticks() == ""
    assert len(kept.at(0).pods) == 4
    cluster.tell("fault", "you", "worker-1", "", action="crash")
    assert (kept.steps, kept.ticks()) == (1, "x")


def test_a_recording_keeps_each_box_once() -> None:
    kept = export.recording(story(recorder))
    whole = [frame_of(recorder(story(recorder)).at(0), Packer(), recorder(story(recorder)))]
    first = kept["frames"][WIDE][0]
    assert [kept["pool"][number] for number in first["boxes"]] == whole[0]["boxes"]
    assert len(json.dumps(kept["pool"])) < 0.2 * len(kept["frames"][WIDE]) * len(
        json.dumps(whole[0]["boxes"])
    )

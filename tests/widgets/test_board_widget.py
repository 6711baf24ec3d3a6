from __future__ import annotations

import gc
import threading
import time
import weakref
from typing import Any

import pytest
from widgets.recorded import RecordedCluster, story

from k8scourse.widgets.presenter import Presenter, board_of

pytest.importorskip("anywidget")
board_module = pytest.importorskip("k8scourse.widgets.board")


def new_board(cluster: RecordedCluster, **options: Any) -> Any:
    board = board_module.Board(cluster, **options)
    board.sent = []
    board.send = board.sent.append
    return board


def test_a_board_shows_the_cluster_and_answers_with_the_message_s_id() -> None:
    board = new_board(story(lambda cluster: Presenter().attach(cluster)))
    assert board.frame["steps"] == len(board.ticks) > 10
    board._hear(None, {"id": "a/1", "command": "seek", "step": 2}, [])
    assert board.sent == [{"ok": True, "id": "a/1"}]
    assert board.frame["step"] == 2


def test_a_change_by_code_reaches_every_board_of_the_cluster() -> None:
    cluster = RecordedCluster()
    one, other = new_board(cluster), new_board(cluster)
    cluster.cordon("worker-1")
    assert one.frame["step"] == other.frame["step"] == 1


def test_a_board_that_looks_at_the_past_stays_there_while_the_timeline_grows() -> None:
    cluster = story(lambda made: Presenter().attach(made))
    board = new_board(cluster)
    board.seek(1)
    cluster.cordon("worker-1")
    assert board.frame["step"] == 1
    assert board.frame["steps"] == len(board.ticks) == len(cluster.steps)


def test_a_running_cell_sends_at_most_twenty_frames_a_second() -> None:
    cluster = RecordedCluster()
    board = new_board(cluster)
    frames: list[Any] = []
    board.observe(frames.append, "frame")
    began = time.monotonic()
    for _ in range(200):
        cluster.tell("fault", "you", "worker-1", "", action="cut")
    assert len(frames) <= 1 + (time.monotonic() - began) / board_module.FRAME_SECONDS


def test_a_message_waits_until_the_cluster_is_free() -> None:
    cluster = RecordedCluster()
    board = new_board(cluster)
    clicked = threading.Thread(target=board._hear, args=(None, {"id": 1, "command": "back"}, []))
    with cluster.guard:
        clicked.start()
        clicked.join(0.05)
        assert board.sent == []
    clicked.join(5)
    assert board.sent == [{"ok": True, "id": 1}]


def test_a_closed_board_hears_nothing_more() -> None:
    cluster = RecordedCluster()
    board = new_board(cluster)
    board.close()
    assert cluster.listeners == []
    cluster.cordon("worker-1")


@pytest.mark.parametrize("options", [{"language": "fr"}, {"vocabulary": "garage"}, {"theme": "pink"}])
def test_an_unknown_option_is_refused_with_what_there_is(options: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="is one of"):
        new_board(RecordedCluster(), **options)


def test_a_board_s_output_holds_a_picture_for_those_without_a_kernel() -> None:
    bundle = new_board(RecordedCluster(), language="zh-TW")._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["image/svg+xml"].startswith("<svg")
    assert "節點" in data["text/plain"] or "控制平面" in data["text/plain"]


def test_a_stored_output_has_no_widget_and_is_always_the_same() -> None:
    presenter = Presenter()
    assert list(presenter.bundle(RecordedCluster())) == ["text/plain", "image/svg+xml", "text/html"]
    assert presenter.bundle(RecordedCluster()) == presenter.bundle(RecordedCluster(), live=True)


def test_a_view_that_does_not_exist_is_a_sentence() -> None:
    with pytest.raises(ValueError, match="board"):
        Presenter().view(RecordedCluster(), "tapestry")


def test_the_cluster_s_own_board_is_one_board() -> None:
    cluster = RecordedCluster()
    assert board_of(cluster) is board_of(cluster) is Presenter().view(cluster)


def test_a_forgotten_cluster_is_not_kept_by_its_pictures() -> None:
    cluster = RecordedCluster()
    Presenter().bundle(cluster)
    gone = weakref.ref(cluster)
    del cluster
    gc.collect()
    assert gone() is None

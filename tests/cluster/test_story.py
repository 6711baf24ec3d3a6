"""The story of a run: whole words, whole sentences, and the true reason."""

from __future__ import annotations

import unicodedata

import pytest

from k8scourse import Cluster, words
from k8scourse.cluster.presenter import Story, wrapped

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.27"}]}
"""


@pytest.fixture
def ordered() -> Cluster:
    cluster = Cluster(workers=3)
    cluster.apply(WEB)
    return cluster


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_a_story_breaks_its_lines_between_words_and_never_too_late(ordered: Cluster, language: str) -> None:
    before = words.language()
    words.use(language)
    try:
        lines = repr(ordered.run(until="deployment/web available")).splitlines()
    finally:
        words.use(before)
    assert (
        max(sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in line) for line in lines)
        <= 13 + Story.COLUMNS
    )
    assert not any(line.strip().startswith(("，", "。", "；")) for line in lines)


def test_wrapping_loses_nothing() -> None:
    text = (
        "排程器替 web-5f84b7585b-5j2tf 比較節點：worker-1 得 395 分，跟別的節點同分；control-plane-1 被篩掉。"
    )
    assert "".join("".join(wrapped(text, 20)).split()) == "".join(text.split())


def test_equal_points_are_said_to_be_decided_by_the_order_of_the_list(ordered: Cluster) -> None:
    story = str(ordered.run(until="deployment/web available"))
    assert 2 == " ".join(story.split()).count("comes first in its list")


def test_an_eviction_is_told_as_one_and_not_as_a_surplus(ordered: Cluster) -> None:
    ordered.run(until="deployment/web available")
    ordered.cut("worker-2")
    story = str(ordered.run(seconds=400))
    assert "did not tolerate" in story
    assert "one too many" not in story

"""A notebook speaks the language of its folder."""

from __future__ import annotations

import pytest

from k8scourse.notebook import language_of


@pytest.mark.parametrize(
    ("environment", "folder", "language"),
    [
        ({}, "/home/ada/course/notebooks/zh-TW", "zh-TW"),
        ({}, "/home/ada/course/notebooks/en", "en"),
        ({}, "/home/ada/elsewhere", "en"),
        ({}, "/home/zh-TW/notebooks/en", "en"),
        ({"K8SCOURSE_LANG": "zh-TW"}, "/home/ada/course/notebooks/en", "zh-TW"),
        ({"K8SCOURSE_LANG": "klingon"}, "/home/ada/course/notebooks/zh-TW", "zh-TW"),
    ],
)
def test_the_folder_decides_unless_the_variable_does(
    environment: dict[str, str], folder: str, language: str
) -> None:
    assert language == language_of(environment, folder)

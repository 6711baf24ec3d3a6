"""Both languages have the same words in the lessons' tables, with the same places to fill in."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from k8scourse import words

TABLES = ("lessons.", "predict.", "check.", "hint.", "quiz.", "lesson00.", "lesson02.")
KEYS = sorted(key for key in words.catalogue("en") if key.startswith(TABLES))
# Words of the mainland's vocabulary that mean something else, or nothing, in Taiwan.
NOT_TAIWAN = re.compile(
    "軟件|信息|數據|存儲|組件|插件|集成|運行|配置|命令行|鏡像|服務器|用戶|集群|網絡|日志|默認|訪問|實例|內存|進程"
)


def _places(text: str) -> set[str]:
    """The names in braces; none where the text is no format (JSON in a hint)."""
    try:
        return {name for _, name, _, _ in Formatter().parse(text) if name and re.fullmatch(r"\w+", name)}
    except ValueError:
        return set()


def test_every_word_is_there_in_both_languages() -> None:
    assert KEYS == sorted(key for key in words.catalogue("zh-TW") if key.startswith(TABLES))
    assert len(KEYS) > 150


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_no_word_is_empty(language: str) -> None:
    assert [] == [key for key in KEYS if not words.catalogue(language)[key].strip()]


def test_the_places_to_fill_in_are_the_same_in_both_languages() -> None:
    english, chinese = words.catalogue("en"), words.catalogue("zh-TW")
    assert [] == [key for key in KEYS if _places(english[key]) != _places(chinese[key])]


def test_the_chinese_is_that_of_taiwan() -> None:
    chinese = words.catalogue("zh-TW")
    assert [] == [(key, NOT_TAIWAN.findall(chinese[key])) for key in KEYS if NOT_TAIWAN.search(chinese[key])]


def test_chinese_sentences_use_full_width_marks() -> None:
    half = re.compile(r"[一-鿿][,;:?!]|[,;:?!][一-鿿]")
    chinese = words.catalogue("zh-TW")
    assert [] == [key for key in KEYS if half.search(chinese[key])]

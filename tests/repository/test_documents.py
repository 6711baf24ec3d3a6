"""What a reader meets first: links that lead somewhere, and two languages that say the same."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from put_bench import put
from repository.support import ROOT, files

from k8scourse import words

LINK = re.compile(r"\]\(([^)\s]+)\)")
DOCUMENTS = [path for path in files("*.md") if "docs" not in path.relative_to(ROOT).parts[0]]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_of_a_document_leads_to_a_file(document: Path) -> None:
    """The pages under docs/ are MkDocs' to check; links to other sites are not followed."""
    targets = [link.partition("#")[0] for link in LINK.findall(document.read_text()) if "://" not in link]
    assert [] == [target for target in targets if target and not (document.parent / target).exists()]


@pytest.mark.parametrize("readme", ["README.md", "README.zh-TW.md"])
def test_the_readme_begins_with_the_two_commands(readme: str) -> None:
    first = (ROOT / readme).read_text().splitlines()[:8]
    assert ["make lab", "make test"] == [
        line.partition("#")[0].strip() for line in first if line.startswith("make")
    ]


def test_every_page_exists_in_both_languages() -> None:
    pages = [
        {path.relative_to(ROOT / "docs" / language) for path in files(f"docs/{language}/*")}
        for language in words.LANGUAGES
    ]
    assert pages[0] == pages[1]


def test_both_catalogues_have_the_same_words_with_the_same_places() -> None:
    english, chinese = (words.catalogue(language) for language in ("en", "zh-TW"))
    assert sorted(english) == sorted(chinese)
    assert [] == [key for key in english if _places(english[key]) != _places(chinese[key])]


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_chinese_text_has_chinese_punctuation() -> None:
    han = "[\u4e00-\u9fff]"
    wrong = re.compile(f"{han}[,;?!]|{han}:(?!//)|[,;]{han}")
    found = [key for key, text in words.catalogue("zh-TW").items() if wrong.search(text)]
    assert [] == found


def test_the_benchmarks_table_takes_the_place_of_the_old_one_and_nothing_else() -> None:
    document = "before\n<!-- bench -->\n| old |\n<!-- /bench -->\nafter\n"
    assert "before\n<!-- bench -->\n| new |\n<!-- /bench -->\nafter\n" == put(
        document, "Python 3\n\n| new |\n"
    )
    assert document == put(document, "no table: it failed")
    assert "<!-- bench -->\n|" in (ROOT / "README.md").read_text()

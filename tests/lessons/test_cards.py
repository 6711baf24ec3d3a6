"""Cards read well as text, as HTML, and with buttons where somebody can press them."""

from __future__ import annotations

import subprocess
import sys
from html.parser import HTMLParser

import pytest

from k8scourse import words
from k8scourse.lessons import Card, check, predict, quiz
from k8scourse.lessons.buttons import WIDGET_VIEW, _group
from k8scourse.lessons.card import Line
from k8scourse.lessons.progress import current, forget


@pytest.fixture(autouse=True)
def _nothing_done_yet() -> None:
    forget()


class _Balanced(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open.pop()

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_the_html_is_well_formed_and_says_what_the_text_says(language: str) -> None:
    words.use(language)
    for card in (predict("00-created"), quiz("00"), quiz("00", "aaaaa"), check("00-order", "A")):
        parser = _Balanced()
        parser.feed(card.html)
        assert [] == parser.open
        for line in card.lines:
            assert line.text.replace("`", "").replace("*", "") in parser.text


def test_what_a_learner_wrote_is_shown_and_never_run() -> None:
    card = check("00-explain", "<script>alert(1)</script> & `x`")
    assert "<script>" not in card.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; <code>x</code>" in card.html


def test_a_chinese_label_is_followed_by_no_space() -> None:
    assert "你賭 a：三個" == str(Card((Line("text", "三個", "你賭 a："),)))
    assert "Why: three" == str(Card((Line("text", "three", "Why:"),)))


def test_a_verdict_is_said_in_a_word_and_a_symbol() -> None:
    assert str(check("00-order", "GCJEKAHLDIFB")).startswith("✓ Passed")
    assert str(check("00-order", "BCJEKAHLDIFG")).startswith("✕ Not yet")


def test_outside_a_notebook_a_card_is_text_and_html_only() -> None:
    assert ["text/plain", "text/html"] == list(predict("00-created")._repr_mimebundle_())


def test_in_a_notebook_buttons_do_what_the_function_does() -> None:
    pytest.importorskip("ipywidgets")
    (group,) = predict("00-created").groups
    assert (
        predict("00-created").lines[:-1] == group.card.lines
    )  # the last line is shown once, below the buttons
    box = _group(group)
    _, row, answer = box.children
    assert ["a", "b", "c", "d"] == [button.description for button in row.children]
    row.children[2].click()
    assert {"00-created": "c"} == current().bets
    assert predict("00-created", "c").html == answer.value
    quiz_rows = [_group(each).children[1] for each in quiz("00").groups]
    quiz_rows[1].children[0].click()
    assert {"00": "-a---"} == current().quizzes


def test_in_a_notebook_kernel_the_widget_is_one_view_more_and_the_others_stay_the_same() -> None:
    nbclient = pytest.importorskip("ipykernel") and pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    source = 'from k8scourse.lessons import predict\npredict("00-created")'
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    data = notebook.cells[0].outputs[0]["data"]
    assert {"text/plain", "text/html", WIDGET_VIEW} == set(data)
    assert str(predict("00-created")) == data["text/plain"]
    assert predict("00-created").html == data["text/html"]


def test_importing_the_lessons_imports_no_widgets() -> None:
    code = "import sys, k8scourse.lessons as lessons; lessons.predict('00-created')._repr_mimebundle_(); "
    code += "print('ipywidgets' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "False" == done.stdout.strip()

"""The `k8scourse` command: what it says, and that it never overwrites a learner's work."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from k8scourse import cli, words


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


def test_version_names_the_course_and_the_kubernetes_it_speaks(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["--version"])
    assert 0 == end.value.code
    assert "Kubernetes 1.36" in capsys.readouterr().out


def test_without_a_command_it_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == cli.main([])
    assert "{lab,up,doctor}" in capsys.readouterr().out


def test_an_unknown_option_is_refused_and_not_guessed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["lab", "--no-brow"])
    assert 2 == end.value.code
    assert "--no-brow" in capsys.readouterr().err


def test_a_port_in_use_is_told_in_the_language_of_the_lesson(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert 1 == cli.main(["lab", "--port", str(port), "--lang", "zh-TW"])
    assert words.text("cli.port_taken", "zh-TW", port=port) == capsys.readouterr().err.strip()


@pytest.mark.parametrize("port", ["0", "-1", "70000"])
def test_an_impossible_port_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert 1 == cli.main(["lab", f"--port={port}"])
    assert words.text("cli.port_range", "en", port=port) == capsys.readouterr().err.strip()


@pytest.mark.parametrize(
    ("spoken", "language"), [("zh_TW.UTF-8", "zh-TW"), ("de_DE.UTF-8", "en"), ("C", "en")]
)
def test_it_speaks_what_the_system_speaks(
    spoken: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", spoken)
    cli.main([])
    assert language == words.language()


def test_doctor_finds_everything_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == cli.main(["doctor"]), capsys.readouterr().out
    assert "lesson(s) in zh-TW" in capsys.readouterr().out


def _installed(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Path:
    """As if the package had been installed from a wheel into `folder`."""
    lessons = folder / "site-packages" / "k8scourse" / "_notebooks"
    (lessons / "en").mkdir(parents=True)
    (lessons / "en" / "00.ipynb").write_text("original")
    monkeypatch.setattr(cli, "PACKAGE", lessons.parent)
    return lessons


def test_a_wheels_lessons_are_copied_to_where_the_learner_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _installed(monkeypatch, tmp_path)
    folder = cli.lessons_folder(tmp_path)
    assert tmp_path / "k8scourse-notebooks" == folder
    assert "original" == (folder / "en" / "00.ipynb").read_text()
    assert str(folder) in capsys.readouterr().out


def test_a_lesson_that_the_learner_changed_is_never_overwritten(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lessons = _installed(monkeypatch, tmp_path)
    folder = cli.lessons_folder(tmp_path)
    (folder / "en" / "00.ipynb").write_text("my notes")
    (lessons / "en" / "01.ipynb").write_text("a new lesson")
    assert folder == cli.lessons_folder(tmp_path)
    assert "my notes" == (folder / "en" / "00.ipynb").read_text()
    assert "a new lesson" == (folder / "en" / "01.ipynb").read_text()


def test_a_folder_that_cannot_be_written_to_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _installed(monkeypatch, tmp_path)
    (tmp_path / "k8scourse-notebooks").write_text("a file in the way")
    with pytest.raises(cli.Refused, match="cannot be copied"):
        cli.lessons_folder(tmp_path)


def test_an_installation_without_lessons_says_how_to_mend_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(cli, "PACKAGE", tmp_path / "k8scourse")
    with pytest.raises(cli.Refused, match="pip install"):
        cli.lessons_folder(tmp_path)

"""The `k8scourse` command: `lab` opens the course, `up` serves a cluster, `doctor` says what is missing.

It finds the lessons beside the package in a clone, or inside the package when it was installed from a wheel; then
it copies them to a folder of the learner's, because a lesson is made to be changed.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import itertools
import locale
import os
import shutil
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from k8scourse import __version__, words
from k8scourse.doctor import examine

KUBERNETES = "1.36"
COPY = "k8scourse-notebooks"
PACKAGE = Path(__file__).resolve().parent
SETTINGS = PACKAGE / "lab_settings"


class Refused(Exception):
    """The command cannot be carried out; its text is a sentence for the learner that says what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code (0 well, 1 something is missing, 2 a wrong word)."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    words.use(_language_of(given))
    options = _parser().parse_args(given)
    try:
        if options.command == "lab":
            return lab(options.lang or words.language(), options.port, browser=not options.no_browser)
        if options.command == "doctor":
            return doctor()
        if options.command == "up":
            return up(options.nodes, options.speed, options.port, open_board=options.open)
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    _parser().print_help()
    return 0


def lab(language: str, port: int | None = None, *, browser: bool = True) -> int:
    """Serve the lessons of `language` in JupyterLab until the learner stops it. Raises Refused."""
    if importlib.util.find_spec("jupyterlab") is None:
        raise Refused(words.text("cli.no_jupyterlab"))
    if port is not None:
        _check_port(port)
    folder = lessons_folder(Path.cwd())
    lessons = sorted((folder / language).glob("*.ipynb"))
    if not lessons:
        raise Refused(words.text("cli.no_lesson", language=language, folder=folder))
    print(words.text("cli.lab_opens" if browser else "cli.lab_serves", folder=folder), flush=True)
    from jupyterlab.labapp import main as serve  # half a second: only now

    serve(_server_options(folder, lessons[0], port, browser=browser))
    return 0


def up(nodes: int, speed: float, port: int | None = None, *, open_board: bool = False) -> int:
    """Run a cluster and serve it until the learner stops it. Raises Refused."""
    if not 0 <= nodes <= 200:
        raise Refused(words.text("cli.up_nodes", nodes=nodes))
    if not 0 <= speed <= 10_000:
        raise Refused(words.text("cli.up_speed", speed=speed))
    if port is not None:
        _check_port(port)
    from k8scourse import Cluster, LearnerError
    from k8scourse.api import times

    times.begin_at(datetime.now(UTC))  # kubectl tells ages by its own clock
    cluster = Cluster(workers=nodes)
    try:
        served = cluster.serve(port or 0, speed=speed)
    except LearnerError as error:
        raise Refused(str(error)) from error
    told = {"url": served.url, "board": served.board, "kubeconfig": served.kubeconfig}
    print(words.text("cli.up_runs", cluster=cluster.name, **told), flush=True)
    if open_board:
        webbrowser.open(served.board)
    with contextlib.suppress(KeyboardInterrupt):
        _until_stopped()
    served.stop()
    print(words.text("cli.up_stopped", cluster=cluster.name))
    return 0


def _until_stopped() -> None:
    """Wait for Control-C, or for the word to end from whoever started this."""
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    ended.wait()


def doctor() -> int:
    """Print one line per thing the course needs; 1 when a needed one is missing."""
    findings = list(examine(notebooks_source()))
    for finding in findings:
        print(f"{words.text('cli.doctor_' + finding.state):>9}  {finding.text}")
    well = all(finding.state != "missing" for finding in findings)
    print(words.text("cli.doctor_well" if well else "cli.doctor_ill"))
    return 0 if well else 1


def notebooks_source() -> Path | None:
    """Where the lessons come from: the clone's folder, or the one inside the wheel; None when there is none."""
    clone, wheel = PACKAGE.parent / "notebooks", PACKAGE / "_notebooks"
    if clone.is_dir() and (PACKAGE.parent / "pyproject.toml").is_file():
        return clone
    return wheel if wheel.is_dir() else None


def lessons_folder(here: Path) -> Path:
    """The folder to open: a clone's own, or a copy under `here` that never overwrites a file. Raises Refused."""
    source = notebooks_source()
    if source is None:
        raise Refused(words.text("cli.no_notebooks"))
    if source.parent != PACKAGE:
        return source
    target = here / COPY
    try:
        copied = _copy_missing(source, target)
    except OSError as error:
        raise Refused(words.text("cli.cannot_write", folder=target, reason=error.strerror)) from error
    print(words.text("cli.lab_copied" if copied else "cli.lab_kept", folder=target))
    return target


def _copy_missing(source: Path, target: Path) -> int:
    copied = 0
    for file in sorted(path for path in source.rglob("*") if path.is_file()):
        destination = target / file.relative_to(source)
        if not destination.exists():
            destination.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, destination)
            copied += 1
    return copied


def _server_options(folder: Path, lesson: Path, port: int | None, *, browser: bool) -> list[str]:
    options = [
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url=/lab/tree/{lesson.relative_to(folder).as_posix()}",
        # The course works without a network: no news, no update check, no list of extensions.
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
        f"--LabApp.app_settings_dir={SETTINGS}",  # nor a question about news; a learner's own settings still win
    ]
    if port is not None:
        options += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    if not browser:
        options.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--allow-root")  # a container or Binder: Jupyter refuses root without the word
    return options


def _check_port(port: int) -> None:
    if not 1 <= port <= 65535:
        raise Refused(words.text("cli.port_range", port=port))
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Refused(words.text("cli.port_taken", port=port)) from error


def _language_of(arguments: Sequence[str]) -> str:
    """The language of the help itself: --lang when it is there, else the system's."""
    for word, following in itertools.pairwise([*arguments, ""]):
        chosen = following if word == "--lang" else word.removeprefix("--lang=")
        if chosen in words.LANGUAGES:
            return chosen
    spoken = os.environ.get("LC_ALL") or os.environ.get("LANG") or locale.getlocale()[0] or ""
    return "zh-TW" if spoken.lower().startswith(("zh_tw", "zh_hk", "zh-hant")) else "en"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="k8scourse", description=words.text("cli.description"), allow_abbrev=False
    )
    version = words.text("cli.version", version=__version__, kubernetes=KUBERNETES)
    parser.add_argument("--version", action="version", version=version, help=words.text("cli.help_version"))
    commands = parser.add_subparsers(dest="command", metavar="{lab,up,doctor}")
    lab_parser = commands.add_parser("lab", help=words.text("cli.help_lab"), allow_abbrev=False)
    lab_parser.add_argument("--lang", choices=words.LANGUAGES, help=words.text("cli.help_lang"))
    lab_parser.add_argument("--no-browser", action="store_true", help=words.text("cli.help_no_browser"))
    lab_parser.add_argument("--port", type=int, metavar="N", help=words.text("cli.help_port"))
    up_parser = commands.add_parser("up", help=words.text("cli.help_up"), allow_abbrev=False)
    up_parser.add_argument("--nodes", type=int, default=3, metavar="N", help=words.text("cli.help_nodes"))
    up_parser.add_argument("--speed", type=float, default=1.0, metavar="X", help=words.text("cli.help_speed"))
    up_parser.add_argument("--port", type=int, metavar="N", help=words.text("cli.help_up_port"))
    up_parser.add_argument("--open", action="store_true", help=words.text("cli.help_open"))
    commands.add_parser("doctor", help=words.text("cli.help_doctor"))
    return parser


if __name__ == "__main__":
    sys.exit(main())

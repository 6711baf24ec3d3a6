from __future__ import annotations

import itertools

import pytest

from k8scourse.diagrams import theme

# Machado, Oliveira and Fernandes (2009), severity 1.0: linear RGB to what is seen.
BLIND = {
    "deuteranopia": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    "protanopia": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "tritanopia": ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
    "greyscale": ((0.2126, 0.7152, 0.0722),) * 3,
}


def linear(colour: str) -> list[float]:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]


def seen(colour: str, kind: str) -> list[float]:
    """CIE L*a*b* of a colour as somebody with this kind of sight sees it."""
    r, g, b = (
        max(0.0, min(1.0, sum(w * c for w, c in zip(row, linear(colour), strict=True))))
        for row in BLIND[kind]
    )
    xyz = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089,
    )
    x, y, z = (c ** (1 / 3) if c > 0.008856 else 7.787 * c + 16 / 116 for c in xyz)
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), theme.TEXT_PAIRS)
def test_every_text_can_be_read(ink: str, ground: str, dark: bool) -> None:
    tokens = theme.tokens(dark)
    assert theme.contrast(tokens[ink], tokens[ground]) >= 4.5


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("line", "ground"), theme.LINE_PAIRS)
def test_every_line_that_means_something_can_be_seen(line: str, ground: str, dark: bool) -> None:
    tokens = theme.tokens(dark)
    assert theme.contrast(tokens[line], tokens[ground]) >= 3


@pytest.mark.parametrize("kind", ["deuteranopia", "protanopia", "tritanopia"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_running_and_failed_differ_for_every_kind_of_sight(kind: str, dark: bool) -> None:
    tokens = theme.tokens(dark)
    one, other = seen(tokens["running-stroke"], kind), seen(tokens["failed-stroke"], kind)
    assert sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5 >= 20


def test_no_two_states_share_shape_border_and_symbol() -> None:
    """What is left when all colour is gone still tells the states apart."""
    shapes = {"failed": "cut corners", "stopped": "hatched", "done": "square"}
    drawn = {
        name: (shapes.get(name, "rounded"), state.line, state.dash)
        for name, state in theme.STATES.items()
        if name != "message"
    }
    for one, other in itertools.combinations(drawn, 2):
        assert drawn[one] != drawn[other]


def test_a_state_has_short_variable_names_that_no_other_token_has() -> None:
    names = [theme.css_name(name) for name in theme.tokens(False)]
    assert sorted(set(names)) == sorted(names)
    assert "--st" not in names
    assert "--fi" not in names


def test_the_sheet_follows_the_page_and_the_system() -> None:
    sheet = theme.style(".k8s-board")
    for mark in ("prefers-color-scheme:dark", "data-jp-theme-light", "data-md-color-scheme"):
        assert mark in sheet

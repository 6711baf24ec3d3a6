"""Colours and states of every picture: one table, from which the style sheets and the tests are made.

A state is told by its colour, its shape, its border, its symbol and its word, never by colour alone.
"""

from __future__ import annotations

from typing import NamedTuple


class State(NamedTuple):
    """How a state is drawn. Colours are stroke and fill; `dash` and `line` are SVG's."""

    light: tuple[str, str]
    dark: tuple[str, str]
    line: float
    dash: str = ""


STATES = {
    "running": State(("#0072B2", "#E6F1F8"), ("#56B4E9", "#17303F"), 2),
    "pending": State(("#8A5A00", "#FDF1D8"), ("#E69F00", "#3A2D10"), 2, "6 4"),
    "failed": State(("#A33F00", "#FBE4D9"), ("#FF8A4C", "#41241A"), 2.4),
    "stopped": State(("#666666", "#EEEEEE"), ("#B0B0B0", "#2A2E36"), 2, "2 3"),
    "done": State(("#00664B", "#DFF3EC"), ("#2FC79B", "#163028"), 1),
    "message": State(("#8F3F6B", "#F7E6EF"), ("#E3A3C4", "#3A2130"), 2.4),
}

LIGHT = {
    "ground": "#FFFFFF",
    "panel": "#F5F8FC",
    "plane": "#EDF3FB",
    "box": "#FFFFFF",
    "line": "#C9D5E3",
    "ink": "#16202C",
    "soft": "#5A6B7F",
    "wire": "#6F8096",
    "bar": "#2F5FB3",
    "deep": "#244B92",
    "onbar": "#FFFFFF",
}
DARK = {
    "ground": "#151922",
    "panel": "#1B212C",
    "plane": "#1C2532",
    "box": "#151922",
    "line": "#34404F",
    "ink": "#E8EDF4",
    "soft": "#9AA9BC",
    "wire": "#8494A8",
    "bar": "#3D6FC4",
    "deep": "#28508F",
    "onbar": "#FFFFFF",
}

# Pairs that must be read: text on what lies behind it (4.5 : 1) …
TEXT_PAIRS = [
    *[("ink", ground) for ground in ("ground", "panel", "plane", "box")],
    *[("soft", ground) for ground in ("ground", "panel", "plane", "box")],
    *[("onbar", ground) for ground in ("bar", "deep")],
    *[("ink", f"{state}-fill") for state in STATES],
    *[(f"{state}-stroke", ground) for state in STATES for ground in ("ground", "panel", "plane", "box")],
    *[(f"{state}-stroke", f"{state}-fill") for state in STATES],
]
# … and lines and icons that carry meaning (3 : 1). `line` only frames panels: decoration.
LINE_PAIRS = [
    *[("wire", ground) for ground in ("ground", "panel", "plane", "box")],
    *[("bar", ground) for ground in ("ground", "panel", "plane", "box")],
    ("onbar", "bar"),
]

FONT = "system-ui,'Noto Sans TC','PingFang TC','Microsoft JhengHei',sans-serif"
MONO = "ui-monospace,'Noto Sans TC',monospace"


def tokens(dark: bool) -> dict[str, str]:
    """Every colour by its name, state colours as `running-stroke` and `running-fill`."""
    found = dict(DARK if dark else LIGHT)
    for name, state in STATES.items():
        found[f"{name}-stroke"], found[f"{name}-fill"] = state.dark if dark else state.light
    return found


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb` (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def variables(dark: bool) -> str:
    """The tokens as CSS variables."""
    return "".join(f"{css_name(name)}:{value};" for name, value in tokens(dark).items())


def css_name(token: str) -> str:
    """A token's CSS variable; those of the states are short: `--rs`, `--rf`."""
    state, dash, part = token.partition("-")
    return f"--{state[0]}{part[0]}" if dash else f"--{token}"


def rules(scope: str) -> str:
    """The style sheet of a drawing without its variables; `scope` is the root's selector."""
    lines = [
        f"text{{font-family:{FONT};font-size:13px;fill:var(--ink)}}",
        ".b{font-weight:600}.s{fill:var(--soft)}",
        "".join(f".f{size}{{font-size:{size}px}}" for size in (12, 14, 15, 17, 18)),
        f".m{{font-family:{MONO};font-size:12px;fill:var(--soft)}}",
        ".c{text-anchor:middle}.e{text-anchor:end}.o{fill:var(--onbar)}.t{fill:var(--st)}",
        ".plane{fill:var(--plane);stroke:var(--line)}.panel{fill:var(--panel);stroke:var(--line)}.slot{opacity:.8}",
        ".box{fill:var(--box);stroke:var(--line)}.bar{fill:var(--bar)}",
        ".stage{fill:var(--deep)}.lit{fill:var(--mf);stroke:var(--ms);stroke-width:2}",
        ".no{fill:var(--ff);stroke:var(--fs);stroke-width:2.4}",
        ".ghost{fill:none;stroke:var(--line);stroke-dasharray:4 4}",
        ".shape{fill:var(--fi);stroke:var(--st)}.edge{stroke:var(--st)}.inner{fill:none;stroke:var(--st)}",
        ".sym{fill:var(--st);stroke:var(--st)}.sym.o{fill:var(--onbar);stroke:var(--onbar)}.track{fill:var(--box)}.fill{fill:var(--st)}.pale{opacity:.45}",
        ".wire{fill:none;stroke:var(--wire);stroke-width:1.6}.watch{stroke-dasharray:1.6 4.4;stroke-linecap:round;"
        "stroke-width:2}.cable{stroke:var(--bar);stroke-width:6}",
        ".cut{stroke:var(--fs);stroke-width:2.4;stroke-dasharray:10 6;stroke-linecap:butt}",
        ".cross{fill:none;stroke:var(--fs);stroke-width:2.6;stroke-linecap:round}",
        ".arrow{fill:none;stroke:var(--onbar);stroke-width:1.8}.k{fill:var(--ms)}.x{fill:var(--fs)}",
        ".shape2{stroke:var(--st);stroke-width:2.4}.rule{stroke:var(--line)}.used{fill:var(--rs)}",
        ".down{opacity:.35}.bad{fill:none;stroke:var(--fs);stroke-width:4}",
        ".ring{fill:none;stroke:var(--ms);stroke-width:2.4}.head{fill:var(--ms)}",
        ".go{fill:none;stroke:var(--ms);stroke-width:2.6}.write{stroke-width:4}",
        ".tell{stroke-dasharray:2 4;stroke-linecap:round}",
        ".dot{fill:var(--mf);stroke:var(--ms);stroke-width:2}.d{fill:var(--ms)}",
        *[_state_rule(name, state) for name, state in STATES.items()],
    ]
    return "".join(scoped(scope, line) for line in lines)


def _state_rule(name: str, state: State) -> str:
    dash = f";stroke-dasharray:{state.dash}" if state.dash else ""
    stroke, fill = css_name(f"{name}-stroke"), css_name(f"{name}-fill")
    return f".{name}{{--st:var({stroke});--fi:var({fill})}}.{name}>.shape{{stroke-width:{state.line}{dash}}}"


def scoped(scope: str, line: str) -> str:
    """A line of rules, each for the insides of `scope` only; no selector of it may have a comma."""
    return "".join(f"{scope} {rule}}}" for rule in line.split("}") if rule)


def style(scope: str, theme: str = "auto") -> str:
    """A whole style sheet. `theme` is light, dark or auto: then it follows the page (JupyterLab's and Material's
    attributes) and where there is none the reader's system."""
    if theme != "auto":
        return f"{scope}{{{variables(theme == 'dark')}}}{rules(scope)}"
    light, dark = variables(False), variables(True)
    return (
        f"{scope}{{{light}}}@media(prefers-color-scheme:dark){{{scope}:not([data-jp-theme-light=true] *)"
        f":not([data-md-color-scheme=default] *){{{dark}}}}}"
        f"[data-jp-theme-light=false] {scope},[data-md-color-scheme=slate] {scope}{{{dark}}}"
        f"{rules(scope)}"
    )

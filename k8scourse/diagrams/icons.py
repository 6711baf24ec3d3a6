"""Our own flat icons: a tile with a white glyph, 24 by 24, one set in Kubernetes' words, one in the restaurant's.

A drawing carries only the symbols that it uses. State symbols are 12 by 12 and take the colour of their state.
"""

# ruff: noqa: E501  (path data)
from __future__ import annotations

from collections.abc import Iterable

# (glyph strokes, solid shapes) as SVG path data; either may be empty.
GLYPHS = {
    # Kubernetes
    "kubectl": ("M6 8l3.5 3.5L6 15M12 16h6", ""),
    "kube-apiserver": (
        "M4.5 12h15M8 12V6M12 12v6M16 12V6",
        "M8 4.4a1.7 1.7 0 1 0 0 3.4a1.7 1.7 0 0 0 0-3.4zM16 4.4a1.7 1.7 0 1 0 0 3.4a1.7 1.7 0 0 0 0-3.4zM12 16.2a1.7 1.7 0 1 0 0 3.4a1.7 1.7 0 0 0 0-3.4z",
    ),
    "load-balancer": ("M5 12h5M10 12l5-5.5h3M10 12l5 5.5h3M16.5 4.5l2 2l-2 2M16.5 15.5l2 2l-2 2", ""),
    "etcd": (
        "M6 7.5c0-1.4 2.7-2.5 6-2.5s6 1.1 6 2.5S15.3 10 12 10S6 8.9 6 7.5zM6 7.5v9c0 1.4 2.7 2.5 6 2.5s6-1.1 6-2.5v-9"
        "M6 12c0 1.4 2.7 2.5 6 2.5s6-1.1 6-2.5",
        "",
    ),
    "kube-scheduler": ("M5.5 7h13v11.5h-13zM5.5 10.5h13M9 5v3M15 5v3M9 14.5l2 2l4-3.6", ""),
    "kube-controller-manager": (
        "M18.4 10A6.6 6.6 0 0 0 6.2 9M5.6 14a6.6 6.6 0 0 0 12.2 1M6 5.5V9h3.5M18 18.5V15h-3.5",
        "",
    ),
    "cloud-controller-manager": ("M8 17h8.5a3.2 3.2 0 0 0 .4-6.4A5 5 0 0 0 7.3 10 3.6 3.6 0 0 0 8 17z", ""),
    "kubelet": (
        "M12 5.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 0 0 0-13zM12 3.8v4M12 16.2v4M3.8 12h4M16.2 12h4",
        "M12 10a2 2 0 1 0 0 4a2 2 0 0 0 0-4z",
    ),
    "kube-proxy": ("M5 12h5l4-5h5M10 12l4 5h5M17 5l2 2l-2 2M17 15l2 2l-2 2", ""),
    "containerd": ("M5 8h14v9H5zM8.5 8v9M12 8v9M15.5 8v9", ""),
    "coredns": (
        "M12 5a7 7 0 1 0 0 14a7 7 0 0 0 0-14zM5 12h14M12 5c-4.4 4.2-4.4 9.8 0 14M12 5c4.4 4.2 4.4 9.8 0 14",
        "",
    ),
    "pod": ("M12 5l6 3.4v7.2L12 19l-6-3.4V8.4zM6 8.4l6 3.4l6-3.4M12 11.8V19", ""),
    # the restaurant
    "r-kubectl": ("M6.5 18.5c0-3 2-5 4.5-5s4.5 2 4.5 5M15 13l3-6", "M11 6a3 3 0 1 0 0 6a3 3 0 0 0 0-6z"),
    "r-kube-apiserver": (
        "M7 4.8h10v14.4l-2.5-1.6l-2.5 1.6l-2.5-1.6L7 19.2zM9.8 8.6h4.4M9.8 11.6h4.4M9.8 14.4h2.4",
        "",
    ),
    "r-load-balancer": ("M12 5v14M12 8h5l2 2l-2 2h-5M12 12H7l-2 2l2 2h5", ""),
    "r-etcd": (
        "M12 7.5C10 6 7.5 6 5 6.5v11c2.5-.5 5-.5 7 1c2-1.5 4.5-1.5 7-1v-11c-2.5-.5-5-.5-7 1zM12 7.5v11",
        "",
    ),
    "r-kube-scheduler": ("M7 6.5h10v12.5H7zM9.8 5h4.4v3H9.8zM9.5 11.5h5M9.5 14.5h5", ""),
    "r-kube-controller-manager": (
        "M10.5 5.5a5 5 0 1 0 0 10a5 5 0 0 0 0-10zM14.2 14.2L19 19M8.4 10.6l1.6 1.6l2.8-3",
        "",
    ),
    "r-cloud-controller-manager": ("M5 10l1.5-4.5h11L19 10M6 10v8.5h12V10M10 18.5V14h4v4.5M5 10h14", ""),
    "r-kubelet": (
        "M8 13.5V19h8v-5.5M8 16.5h8M8 13.5a3.5 3.5 0 1 1 .8-6.8a3.6 3.6 0 0 1 6.4 0a3.5 3.5 0 1 1 .8 6.8",
        "",
    ),
    "r-kube-proxy": ("M12 4.8V19.2M6 6.5h9.5l2.5 2.2l-2.5 2.3H6zM18 12.5H9l-2 1.8l2 1.7h9z", ""),
    "r-containerd": (
        "M12 4.8c.6 3 4.8 4.6 4.8 8.8a4.8 4.8 0 0 1-9.600 0c0-2.200 1.2-3.2 2-4.6c.5 1.4 1.2 1.8 1.8 2C10.800 8.8 11 6.6 12 4.8z",
        "",
    ),
    "r-coredns": ("M6 5.5h12v13H6zM9 9h6M9 12h6M9 15h3.5M6 8H4.8M6 12H4.8M6 16H4.8", ""),
    "r-pod": (
        "M4.8 16.5h14.4M6.5 16.5a5.5 5.5 0 0 1 11 0M12 11V9M5.8 19h12.4",
        "M12 7.2a1.2 1.2 0 1 0 0 2.4a1.2 1.2 0 0 0 0-2.4z",
    ),
}

SYMBOLS = {
    "running": '<circle cx="6" cy="6" r="5" stroke="none"/>',
    "pending": '<circle cx="6" cy="6" r="4.6" fill="none" stroke-width="1.8"/><path d="M6 6V1.4A4.6 4.6 0 0 1 10.6 6z"/>',
    "failed": '<path d="M1.5 1.5l9 9M10.5 1.5l-9 9" fill="none" stroke-width="2.4" stroke-linecap="round"/>',
    "stopped": '<path d="M6 1.2a4.8 4.8 0 1 0 0 9.6a4.8 4.8 0 0 0 0-9.6zM2.6 9.4l6.8-6.8" fill="none" stroke-width="1.8"/>',
    "done": '<path d="M1.2 6.6l3.2 3.2l6.4-7.6" fill="none" stroke-width="2.2" stroke-linecap="round"/>',
}

# A symbol's inside is a shadow tree: scoped rules do not reach it, inherited variables do.
GLYPH = "fill:none;stroke:var(--onbar);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round"
HATCH = (
    '<pattern id="k8s-hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<path d="M0 0V7" style="stroke:var(--ss);opacity:.35"/></pattern>'
)


def symbol(name: str) -> str:
    """The `<symbol>` of an icon ("pod", "r-pod") or of a state ("running")."""
    if name in SYMBOLS:
        return f'<symbol id="k8s-{name}" viewBox="0 0 12 12">{SYMBOLS[name]}</symbol>'
    strokes, solid = GLYPHS[name]
    dot = f'<path style="fill:var(--onbar);stroke:none" d="{solid}"/>' if solid else ""
    return (
        f'<symbol id="k8s-{name}" viewBox="0 0 24 24"><rect style="fill:var(--bar);stroke:none" width="24" height="24" rx="6"/>'
        f'<path style="{GLYPH}" d="{strokes}"/>{dot}</symbol>'
    )


def symbols(names: Iterable[str]) -> str:
    """The `<defs>` that a drawing with these icons and states needs, in a fixed order."""
    wanted = dict.fromkeys(names)
    return (
        "<defs>" + HATCH + "".join(symbol(name) for name in [*SYMBOLS, *GLYPHS] if name in wanted) + "</defs>"
    )


def icon(name: str, restaurant: bool) -> str:
    """The icon of a part in the vocabulary in use."""
    return f"r-{name}" if restaurant and f"r-{name}" in GLYPHS else name

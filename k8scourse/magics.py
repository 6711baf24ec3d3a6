"""`%kubectl`, `%%kubectl` and `%%apply` for notebooks.

    %kubectl get pods -o wide              the newest cluster answers
    %kubectl @past get pods                the cluster in the variable `past` answers
    %%kubectl apply -f -                   the rest of the cell is standard input
    %%apply                                the rest of the cell is YAML for the newest cluster
    %%apply past                           or for the one in the variable `past`

What kubectl prints is printed as plain text, errors as well: a learner's mistake never shows a traceback.
`{name}` in the line is replaced by the variable's value, as in every magic of IPython.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Mapping
from typing import Any

from . import words
from .cluster import Cluster

#: The clusters that were met in variables, in the order in which they appeared.
_met: list[weakref.ref[Cluster]] = []


def register() -> bool:
    """Register the magics when this runs inside IPython; False when it does not."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None:
        return False
    load_ipython_extension(shell)
    return True


def load_ipython_extension(shell: Any) -> None:
    """Register the magics with a shell: what `%load_ext k8scourse.magics` calls."""

    def kubectl(line: str, cell: str | None = None) -> None:
        """Type a kubectl command; `%%kubectl` gives the rest of the cell as standard input."""
        _print(run_kubectl(line, cell or "", shell.user_ns))

    def apply(line: str, cell: str) -> None:
        """Apply the YAML of the cell to the newest cluster, or to the named one."""
        _print(run_apply(line, cell, shell.user_ns))

    shell.register_magic_function(kubectl, "line_cell", "kubectl")
    shell.register_magic_function(apply, "cell", "apply")
    shell.events.register("post_run_cell", lambda *_: newest(shell.user_ns))


def run_kubectl(line: str, stdin: str, variables: Mapping[str, Any]) -> str:
    """What the command prints."""
    first, _, rest = line.strip().partition(" ")
    cluster: Cluster | str = newest(variables) or words.text("magics.no_cluster")
    if first.startswith("@"):
        cluster, line = _named(first[1:], variables), rest
    return cluster if isinstance(cluster, str) else str(cluster.kubectl(line, stdin))


def run_apply(line: str, text: str, variables: Mapping[str, Any]) -> str:
    """What `kubectl apply` prints for the text; more words than a name are passed on to it (`%%apply -n shop`)."""
    first, _, rest = line.strip().partition(" ")
    cluster: Cluster | str = newest(variables) or words.text("magics.no_cluster")
    if first and not first.startswith("-"):
        cluster, line = _named(first.lstrip("@"), variables), rest
    return cluster if isinstance(cluster, str) else str(cluster.kubectl(f"apply {line} -f -", text))


def newest(variables: Mapping[str, Any]) -> Cluster | None:
    """The cluster that appeared last in a variable and is still in one."""
    present = [
        value for name, value in list(variables.items()) if isinstance(value, Cluster) and name[:1] != "_"
    ]
    known = [reference() for reference in _met]
    _met.extend(weakref.ref(value) for value in present if not any(value is one for one in known))
    for reference in reversed(_met):
        cluster = reference()
        if cluster is not None and any(cluster is one for one in present):
            return cluster
    return None


def _named(name: str, variables: Mapping[str, Any]) -> Cluster | str:
    """The cluster in a variable, or the sentence that says there is none."""
    found = variables.get(name)
    if isinstance(found, Cluster):
        return found
    names = sorted(key for key, value in variables.items() if isinstance(value, Cluster) and key[:1] != "_")
    return words.text("magics.not_a_cluster", name=name, known=", ".join(names) or "–")


def _print(text: str) -> None:
    if text:
        sys.stdout.write(text.rstrip("\n") + "\n")

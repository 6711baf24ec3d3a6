"""The real kubectl and the Python one are given the same command lines, and say the same.

Both talk to one cluster, each in a namespace and on a Node of its own. What differs by chance (ages, generated names,
addresses) is masked. The Python one speaks as kubectl 1.36: what 1.32 says differently is in `VERSIONS`, with the
reason; with a real kubectl 1.36 these rules would find nothing to change.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest

from k8scourse.kubectl import Kubectl as PythonKubectl
from k8scourse.server import Served

from .command_lines import LINES, MANIFESTS
from .conftest import Kubectl

MASKS = (
    (r"(?<![\w.:/-])(\d+d)?(\d+h)?(\d+m)?\d+(\.\d+)?m?s(?![\w.-])", "<age>"),
    (r"(?<![\w.:/-])\d+[dhm](\d+[hms])?(?=\s|$|,|\))", "<age>"),
    (r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}", "<date>"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "<time>"),
    (r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d", "<time>"),
    (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<uid>"),
    (r"https?://[\d.]+:\d+", "<server>"),
    (r"\b(10|192)\.\d+\.\d+\.\d+\b", "<ip>"),
    (r":3[0-2]\d{3}/", ":<port>/"),
    (r"((?i:resource ?version)\"?: +\"?)\d+", r"\1<rv>"),
    (r"(?<=web-)[0-9a-f]{8,10}(-[a-z0-9]{5})?\b", "<suffix>"),
    (r"(?<=web-)[a-z0-9]{5}(?= )", "<suffix>"),
    (r"(?<=kube-api-access-)[a-z0-9]{5}\b", "<suffix>"),
    (r"(?<=kube-proxy-)[a-z0-9]{5}\b", "<suffix>"),
    (r"\bworker-\d(/<ip>)?", "<worker>"),
    (r"(?<=X509SHA256=)[0-9a-f]{64}", "<fingerprint>"),
    (r"(Machine ID:\s+)[0-9a-f]{32}", r"\1<machine>"),
    (r"(containerd|docker)://[0-9a-f]+", "<container>"),
    (r" \(x\d+ over <age>\)", ""),
)

VERSIONS = (
    ("1.36 says from which namespace something was deleted", r'(" (?:force )?deleted) from % namespace', r"\1"),
    ("1.36 says which containers a Pod has", r"(is not valid for pod \S+) out of: .*", r"\1"),
    ("1.36 says of which part of an object an Event is", r"  spec\.(init)?[cC]ontainers\{\S+\}: ", "  "),
    ("1.36 calls it what it is in describe", r"ConfigMapOptional:  <nil>", "Optional:  false"),
    ("1.36 names ports in describe", r"((?:Host )?Port:  \d+/TCP) \(\S+\)", r"\1"),
    ("1.36 leaves out what a new object does not have", r"(?m)^ *creationTimestamp: null\n|^status: \{\}\n", ""),
    ("1.36 knows kyaml", r",kyaml(?=,)", ""),
    ("Nodes no longer tell the version of kube-proxy", r"(?m)^ *Kube-Proxy Version:.*\n", ""),
    ("1.36 logs no klog line for a flag that is missing",
     r'<klog> run\.go:\d+\] "command failed" err="(required flag\(s\)) \\"(\S+)\\" not set"',
     r'error: \1 "\2" not set'),
    ("1.36 passes on what the server says of a missing object",
     r"error: no objects passed to scale (.* not found)", r"Error from server (NotFound): \1"),
    ("… and in logs", r'error: error from server (\(NotFound\): pods ".*" not found) in namespace "%"',
     r"Error from server \1"),
    ("clients have versions", r"(Client Version|Kustomize Version): .*", r"\1: <version>"),
    ("a dispatcher in front of kubectl may read the flags first", r"(?m)^Error: unknown", "error: unknown"),
    ("… and the words", r"(?s)(Did you mean this\?.*\n)\n", r"\1"),
    ("how often a watch looks is chance", r"(?m)^Waiting for deployment .*\n", ""),
)  # fmt: skip


class Said(NamedTuple):
    """What a command printed and how it ended, masked."""

    stdout: str
    stderr: str
    code: int


class Both:
    """A namespace, a Node and a command line for each of the two."""

    def __init__(self, served: Served, kubectl: Kubectl, topic: str) -> None:
        cluster = served.cluster
        self._real, self._cluster = kubectl, cluster
        self._places = {"worker-1": f"{topic}-real", "worker-2": f"{topic}-ours"}
        self._python = PythonKubectl(
            cluster._kubectl._client,
            clock=lambda: cluster.now,
            read_file=lambda path: (kubectl.home / path).read_text(),
            wait=cluster._wait,
        )

    def make(self) -> None:
        """Create the namespaces."""
        for namespace in self._places.values():
            self._real(f"create namespace {namespace}")
        self.settle()

    def remove(self) -> None:
        """Delete the namespaces and all that is in them."""
        self._real(f"delete namespace --wait=false {' '.join(self._places.values())}")
        self.settle()

    def settle(self) -> None:
        """Let the cluster come to rest."""
        with self._cluster.guard:
            self._cluster.run(20)

    def prepare(self, line: str) -> None:
        """Have the real one do something for both."""
        for node, namespace in self._places.items():
            self._real(_placed(line, node, namespace))

    def say(self, line: str) -> tuple[Said, Said]:
        """What the real one says to a line, and what the Python one says."""
        (first, mine), (second, yours) = self._places.items()
        self._write(mine)
        real = self._real.run(_placed(line, first, mine))
        self._write(yours)
        with self._cluster.guard:
            ours = self._python.run(_placed(line, second, yours))
        return (
            Said(masked(real.stdout, mine), masked(real.stderr, mine), real.returncode),
            Said(masked(ours.stdout, yours), masked(ours.stderr, yours), ours.code),
        )

    def _write(self, namespace: str) -> None:
        for name, text in MANIFESTS.items():
            (self._real.home / name).write_text(text.replace("%", namespace))


def _placed(line: str, node: str, namespace: str) -> str:
    """The line in a namespace; the flag comes before what is meant for a container."""
    head, dashes, tail = line.partition(" -- ")
    return f"{head} --namespace {namespace}{dashes}{tail}".replace("%", namespace).replace("&", node)


def masked(text: str, namespace: str) -> str:
    """A text without what is chance, in the words of 1.36 where 1.32 has others."""
    text = text.replace(namespace, "%")
    text = re.sub(r"[EWF]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ ", "<klog> ", text)
    for pattern, instead in MASKS:
        text = re.sub(pattern, instead, text)
    lines = (re.sub(" {2,}", "  ", line).rstrip() for line in text.splitlines())
    text = "".join(f"{line}\n" for line in lines if "version skew" not in line)
    for _, pattern, instead in VERSIONS:
        text = re.sub(pattern, instead, text)
    return text


@pytest.mark.parametrize("topic", LINES)
def test_both_say_the_same(served: Served, kubectl: Kubectl, topic: str) -> None:
    both = Both(served, kubectl, topic.replace("_", "-")[:20])
    both.make()
    different = []
    for line in LINES[topic].strip().splitlines():
        if line == "!settle":
            both.settle()
        elif line.startswith("+kubectl "):
            both.prepare(line.removeprefix("+kubectl "))
        else:
            real, ours = both.say(line.removeprefix("kubectl "))
            if real != ours:
                different.append(f"{line}\n  real: {real}\n  ours: {ours}")
    both.remove()
    assert not different, "\n".join(different)


def test_there_are_many_lines() -> None:
    lines = [line for lines in LINES.values() for line in lines.split("\n") if line.startswith("kubectl ")]
    assert len(lines) >= 200

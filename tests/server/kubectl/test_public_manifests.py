"""Public manifests as people bring them: the real kubectl says of each what it says of a real cluster.

They lie beside the repository, with the answers of a Kubernetes 1.36 control plane.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from .conftest import Kubectl

FOLDER = Path(
    os.environ.get("K8SCOURSE_MANIFESTS", Path(__file__).parents[3] / "../shared/manifests")
).resolve()
ANSWERS = FOLDER / "real-apply.json"

pytestmark = pytest.mark.skipif(not ANSWERS.is_file(), reason=f"no manifests at {FOLDER}")


def applied(kubectl: Kubectl, file: str, namespace: str) -> dict[str, Any]:
    """What kubectl apply says of a file in a fresh namespace; cluster-wide namespaces that it made are removed."""
    cluster = kubectl.served.cluster
    manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    assert cluster.send("POST", "/api/v1/namespaces", manifest).ok
    cluster.run(seconds=1)
    done = kubectl.run(f"apply -n {namespace} -f {FOLDER}/{file}")
    for line in done.stdout.splitlines():
        if line.startswith("namespace/"):
            cluster.send("DELETE", f"/api/v1/namespaces/{line.split()[0].partition('/')[2]}")
            cluster.run(seconds=5)
    said = {"stdout": done.stdout, "stderr": done.stderr.replace(f"{FOLDER}/", "")}
    lines = {stream: text.replace(namespace, "{ns}").splitlines() for stream, text in said.items()}
    return {"exit": done.returncode, **lines}


def test_kubectl_says_of_every_public_manifest_what_it_says_of_a_real_cluster(kubectl: Kubectl) -> None:
    answers = json.loads(ANSWERS.read_text())
    said = {file: applied(kubectl, file, f"manifest-{number}") for number, file in enumerate(answers)}
    different = {file: (answers[file], said[file]) for file in answers if answers[file] != said[file]}
    assert different == {}
    assert kubectl.served.cluster.world.find_server()[1].server.panics == []

"""Draw the pictures of the READMEs anew: the board of a cluster with a Deployment, as a learner meets it."""

from __future__ import annotations

from pathlib import Path

from k8scourse import Cluster
from k8scourse.diagrams.export import picture

ASSETS = Path(__file__).resolve().parent.parent / "docs" / "assets"
WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: nginx, image: "nginx:1.27"}]}
"""


def main() -> None:
    """Write docs/assets/board.svg: light or dark with the reader's system."""
    cluster = Cluster(workers=3)
    cluster.apply(WEB)
    cluster.run(until="deployment/web available")
    (ASSETS / "board.svg").write_text(picture(cluster, language="en") + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

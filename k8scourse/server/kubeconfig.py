"""The file with which a client finds its way in. The learner's own ``~/.kube/config`` is never touched.

https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
"""

from __future__ import annotations

import base64
import os
import tempfile
from pathlib import Path

import yaml

from .certificates import Identity


def write_kubeconfig(
    cluster: str, url: str, authority: bytes, user: str, identity: Identity, path: str | Path | None = None
) -> Path:
    """Write a kubeconfig that only its owner may read; returns its path. Raises OSError."""
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": cluster, "cluster": {"server": url, "certificate-authority-data": _base64(authority)}}
        ],
        "users": [
            {
                "name": user,
                "user": {
                    "client-certificate-data": _base64(identity.certificate),
                    "client-key-data": _base64(identity.key),
                },
            }
        ],
        "contexts": [{"name": f"{user}@{cluster}", "context": {"cluster": cluster, "user": user}}],
        "current-context": f"{user}@{cluster}",
    }
    return _private(yaml.safe_dump(content, sort_keys=False), path)


def _private(text: str, path: str | Path | None) -> Path:
    if path is None:
        number, name = tempfile.mkstemp(prefix="k8scourse-", suffix=".kubeconfig")
    else:
        name = os.fspath(path)
        number = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.fchmod(number, 0o600)
    with os.fdopen(number, "w") as file:
        file.write(text)
    return Path(name)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()

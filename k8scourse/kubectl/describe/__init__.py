"""kubectl describe: an object, what belongs to it, and what happened to it, for people.

One file per group of kinds. Upstream: `staging/src/k8s.io/kubectl/pkg/describe/describe.go`.
"""

from .command import COMMANDS

__all__ = ["COMMANDS"]

"""What a kubelet is told at its start, and the intervals it lives by.

Intervals: upstream `pkg/kubelet/apis/config/v1beta1/defaults.go` and `pkg/kubelet/kubelet.go`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..sim import MINUTE, SECOND

Object = dict[str, Any]
Pod = Mapping[str, Any]

LEASE_DURATION_SECONDS = 40
LEASE_RENEW_NS = 10 * SECOND
NODE_STATUS_NS = 10 * SECOND
NODE_REPORT_NS = 5 * MINUTE
STATUS_RETRY_NS = 10 * SECOND
RELIST_NS = 1 * SECOND
HOUSEKEEPING_NS = 2 * SECOND
SYNC_RETRY_NS = 10 * SECOND
BACKOFF_NS = 10 * SECOND
BACKOFF_MAX_NS = 300 * SECOND
MANIFEST_FOLDER = "/etc/kubernetes/manifests"


@dataclass(frozen=True)
class KubeletConfig:
    """`labels` and `taints` are given to the Node at its registration, as kubeadm does."""

    version: str = "v1.36.2"
    labels: Mapping[str, str] = field(default_factory=dict)
    taints: Sequence[Mapping[str, Any]] = ()
    manifest_folder: str = MANIFEST_FOLDER
    cluster_dns: str = "10.96.0.10"
    cluster_domain: str = "cluster.local"

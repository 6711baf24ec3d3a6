"""kube-controller-manager: loops that compare what is wanted with what is, and repair.

The real one (`cmd/kube-controller-manager`, `pkg/controller/*`) is one process with some fifty loops. Each
watches the API server through informers, puts the *key* of what changed into its work queue, and reconciles
that key: read the wanted state, read the actual state, do the next step, forget everything. Nothing is
remembered that could not be read again, so a loop may be killed at any instant and started again.

    base.py                  the shape that all loops share: informers, queue, worker, retry
    registry.py              the one list of loops, and the ControllerManager that runs them
    expectations.py          what a loop wrote and its cache has not shown yet
    claims.py, pod_control.py, pod_owner.py   adoption and release by owner reference; creating and deleting Pods
    deployment.py            with deployment_rolling / _revisions / _status: pure arithmetic beside the loop
    replicaset.py            with replicaset_ranking: which Pod goes first; replicationcontroller.py is the same loop
    daemonset.py             with daemonset_nodes: which node runs one
    statefulset.py           with statefulset_pods / _control: names, claims; revisions.py: ControllerRevisions
    job.py                   with job_round (one look at a Job) / _pods / _indexes / _backoff / _policies
    cronjob.py               with cron_schedule: when a schedule comes round, in a time zone
    ttlafterfinished.py      Jobs that have ended go after a while
    endpointslice.py         with endpointslice_plan: who is behind a Service, packed into slices
    nodelifecycle.py, tainteviction.py, nodeipam.py, podgc.py   what happens to nodes and to their Pods
    namespace.py, garbagecollector.py, serviceaccount.py, rootcapublisher.py, clusterroleaggregation.py
    volumebinder.py          with volume_match: claims get volumes, volumes know their claims
    podautoscaler.py         HorizontalPodAutoscalers, as far as one comes without metrics
    disruption.py, resourcequota.py, storageprotection.py   on request: budgets, quotas, what is still mounted

Left out for now: scaling by metrics, making and recycling volumes, attaching them, certificates, tokens,
Endpoints and its mirroring, ControllerRevisions of DaemonSets (the hash of the template stands for the revision,
so there is no DaemonSet rollback), surge of DaemonSets, topology hints, leader election, client-side rate limits.

Taught in lesson 00; later lessons look inside.
"""

from __future__ import annotations

from .base import Options
from .registry import CONTROLLERS, ControllerManager

__all__ = ["CONTROLLERS", "ControllerManager", "Options"]

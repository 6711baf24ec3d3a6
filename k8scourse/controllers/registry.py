"""All loops of kube-controller-manager, and the process that runs them.

Names follow upstream's rule: lower case, hyphens, "-controller" at the end
(`cmd/kube-controller-manager/names/controller_names.go`).
"""

from __future__ import annotations

from k8scourse.client import Client, InformerFactory
from k8scourse.sim import Process

from .base import Context, Controller, Options
from .clusterroleaggregation import ClusterRoleAggregationController
from .cronjob import CronJobController
from .daemonset import DaemonSetController
from .deployment import DeploymentController
from .disruption import DisruptionController
from .endpointslice import EndpointSliceController
from .garbagecollector import GarbageCollector
from .job import JobController
from .namespace import NamespaceController
from .nodeipam import NodeIpamController
from .nodelifecycle import NodeLifecycleController
from .podautoscaler import HorizontalPodAutoscalerController
from .podgc import PodGarbageCollector
from .replicaset import ReplicaSetController
from .replicationcontroller import ReplicationControllerController
from .resourcequota import ResourceQuotaController
from .rootcapublisher import RootCAPublisher
from .serviceaccount import ServiceAccountController
from .statefulset import StatefulSetController
from .storageprotection import PvcProtectionController, PvProtectionController
from .tainteviction import TaintEvictionController
from .ttlafterfinished import TtlAfterFinishedController
from .volumebinder import VolumeBinderController

CONTROLLERS: dict[str, type[Controller]] = {
    "clusterrole-aggregation-controller": ClusterRoleAggregationController,
    "cronjob-controller": CronJobController,
    "daemonset-controller": DaemonSetController,
    "deployment-controller": DeploymentController,
    "disruption-controller": DisruptionController,
    "endpointslice-controller": EndpointSliceController,
    "garbage-collector-controller": GarbageCollector,
    "horizontal-pod-autoscaler-controller": HorizontalPodAutoscalerController,
    "job-controller": JobController,
    "namespace-controller": NamespaceController,
    "node-ipam-controller": NodeIpamController,
    "node-lifecycle-controller": NodeLifecycleController,
    "persistentvolume-binder-controller": VolumeBinderController,
    "persistentvolume-protection-controller": PvProtectionController,
    "persistentvolumeclaim-protection-controller": PvcProtectionController,
    "pod-garbage-collector-controller": PodGarbageCollector,
    "replicaset-controller": ReplicaSetController,
    "replicationcontroller-controller": ReplicationControllerController,
    "resourcequota-controller": ResourceQuotaController,
    "root-ca-certificate-publisher-controller": RootCAPublisher,
    "serviceaccount-controller": ServiceAccountController,
    "statefulset-controller": StatefulSetController,
    "taint-eviction-controller": TaintEvictionController,
    "ttl-after-finished-controller": TtlAfterFinishedController,
}


class ControllerManager:
    """One process with all loops; `options.controllers` picks some of them by name, empty or "*" all.

    The loops share one set of informers and work on their own queues. They do not know of each other: what one
    writes, another sees.
    """

    def __init__(self, process: Process, client: Client, options: Options | None = None) -> None:
        self.options = options or Options()
        self.informers = InformerFactory(process, client)
        context = Context(process, client, self.informers, self.options)
        chosen = self.options.controllers
        names = tuple(CONTROLLERS) if not chosen or "*" in chosen else chosen
        self.controllers = {name: CONTROLLERS[name](context) for name in names}

    def start(self) -> None:
        """Fill the caches, then begin to repair."""
        for controller in self.controllers.values():
            controller.start()

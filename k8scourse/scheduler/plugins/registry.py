"""All plugins by name, and the default profile: who speaks at which point, in which order, with which weight.

Upstream: `pkg/scheduler/framework/plugins/registry.go`, `pkg/scheduler/apis/config/v1/default_plugins.go`.
"""

from __future__ import annotations

from ..framework import Factory, Profile
from .default_binder import DefaultBinder
from .default_preemption import DefaultPreemption
from .dynamic_resources import DynamicResources
from .node_affinity import NodeAffinity
from .node_name import NodeName
from .node_resources_balanced_allocation import NodeResourcesBalancedAllocation
from .node_resources_fit import NodeResourcesFit
from .node_unschedulable import NodeUnschedulable
from .priority_sort import PrioritySort
from .scheduling_gates import SchedulingGates
from .taint_toleration import TaintToleration

REGISTRY: dict[str, Factory] = {
    "DefaultBinder": DefaultBinder,
    "DefaultPreemption": DefaultPreemption,
    "DynamicResources": DynamicResources,
    "NodeAffinity": NodeAffinity,
    "NodeName": NodeName,
    "NodeResourcesBalancedAllocation": NodeResourcesBalancedAllocation,
    "NodeResourcesFit": NodeResourcesFit,
    "NodeUnschedulable": NodeUnschedulable,
    "PrioritySort": PrioritySort,
    "SchedulingGates": SchedulingGates,
    "TaintToleration": TaintToleration,
}

DEFAULT_PROFILE = Profile(
    pre_enqueue=("SchedulingGates",),
    queue_sort="PrioritySort",
    pre_filter=("NodeAffinity", "NodeResourcesFit"),
    filter=("NodeUnschedulable", "NodeName", "TaintToleration", "NodeAffinity", "NodeResourcesFit"),
    post_filter=("DynamicResources", "DefaultPreemption"),
    pre_score=("TaintToleration", "NodeAffinity", "NodeResourcesFit", "NodeResourcesBalancedAllocation"),
    score={
        "TaintToleration": 3,
        "NodeAffinity": 2,
        "NodeResourcesFit": 1,
        "DynamicResources": 2,
        "NodeResourcesBalancedAllocation": 1,
    },
    bind="DefaultBinder",
)

"""Third stage: make the object fit, and refuse what may not be, whatever its shape.

Plug-ins run in upstream's order, first all that change the object, then all that only look at it. Each is one
file. What is asked outside of the server: webhooks.py, with matching.py (about which requests), reviewing.py (the
question and the answer). What administrators write as expressions: policies.py, with conditions.py.

Left out of upstream's default set: what belongs to kinds that are not served (certificates, PodGroups, trust
bundles), PersistentVolumeClaimResize, MutatingAdmissionPolicy, and the plug-ins that look at resizing and at declared
features of nodes. There are no versions of a kind to convert between, so matchPolicy Equivalent is Exact; a call of a
webhook takes no virtual time, so it never times out by itself. The options of a connection (CONNECT) may be refused,
and not changed.
Upstream: ``pkg/kubeapiserver/options/plugins.go``.
"""

from k8scourse.apiserver.admission.base import AdmissionRequest, Plugin, Reader, admit, admit_part, validate
from k8scourse.apiserver.admission.default_ingress_class import DefaultIngressClass
from k8scourse.apiserver.admission.default_toleration_seconds import DefaultTolerationSeconds
from k8scourse.apiserver.admission.limit_ranger import LimitRanger
from k8scourse.apiserver.admission.namespace_lifecycle import NamespaceLifecycle
from k8scourse.apiserver.admission.node_restriction import NodeRestriction
from k8scourse.apiserver.admission.pod_security import PodSecurity
from k8scourse.apiserver.admission.pod_topology_labels import PodTopologyLabels
from k8scourse.apiserver.admission.policies import ValidatingAdmissionPolicy
from k8scourse.apiserver.admission.priority import Priority
from k8scourse.apiserver.admission.rbac_escalation import RbacEscalation
from k8scourse.apiserver.admission.resource_quota import ResourceQuota
from k8scourse.apiserver.admission.runtime_class import RuntimeClass
from k8scourse.apiserver.admission.service_account import ServiceAccount
from k8scourse.apiserver.admission.storage import DefaultStorageClass, StorageObjectInUseProtection
from k8scourse.apiserver.admission.taint_nodes_by_condition import TaintNodesByCondition
from k8scourse.apiserver.admission.webhooks import (
    MutatingAdmissionWebhook,
    ValidatingAdmissionWebhook,
    WebhookCaller,
    WebhookUnreachable,
)

#: In the order in which they run.
PLUGINS: tuple[type[Plugin], ...] = (
    NamespaceLifecycle,
    LimitRanger,
    ServiceAccount,
    NodeRestriction,
    TaintNodesByCondition,
    PodSecurity,
    Priority,
    DefaultTolerationSeconds,
    DefaultStorageClass,
    StorageObjectInUseProtection,
    RuntimeClass,
    DefaultIngressClass,
    PodTopologyLabels,
    MutatingAdmissionWebhook,
    ValidatingAdmissionPolicy,
    ValidatingAdmissionWebhook,
    ResourceQuota,
    RbacEscalation,
)

__all__ = [
    "PLUGINS",
    "AdmissionRequest",
    "Plugin",
    "Reader",
    "WebhookCaller",
    "WebhookUnreachable",
    "admit",
    "admit_part",
    "validate",
]

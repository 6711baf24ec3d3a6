"""A ClusterRole for each controller, and the roles of kube-system: each loop may do what it needs and no more.

Upstream starts kube-controller-manager so that each loop uses a ServiceAccount of its own name in kube-system.
Ours runs all loops under the one name of the process, as the real one does without
`--use-service-account-credentials`; then that name must be given all these roles, and it is: each binding names it
as a second subject.

Upstream: ``plugin/pkg/auth/authorizer/rbac/bootstrappolicy/controller_policy.go``, ``namespace_policy.go``.
"""

from __future__ import annotations

from k8scourse.apiserver.roles import PolicyRule, rules

PREFIX = "system:controller:"
_READ = "get list watch"
_PODS = "create delete list patch watch | core | pods"
_WORKLOAD_PODS = (_PODS, "events")


def _owns(group: str, plural: str, verbs: str = f"{_READ} update") -> tuple[str, str, str]:
    """What a loop does to its own kind: read and change it, its status and its finalizers."""
    return (
        f"{verbs} | {group} | {plural}",
        f"update | {group} | {plural}/status",
        f"update | {group} | {plural}/finalizers",
    )


CONTROLLER_ROLES: dict[str, list[PolicyRule]] = {
    "attachdetach-controller": rules(
        "list watch | core | persistentvolumeclaims persistentvolumes",
        f"{_READ} | core | nodes",
        "patch update | core | nodes/status",
        "list watch | core | pods",
        "events",
        f"create delete {_READ} | storage.k8s.io | volumeattachments",
        f"{_READ} | storage.k8s.io | csidrivers",
        f"{_READ} | storage.k8s.io | csinodes",
    ),
    "certificate-controller": rules(
        f"delete {_READ} | certificates.k8s.io | certificatesigningrequests",
        "update | certificates.k8s.io"
        " | certificatesigningrequests/approval certificatesigningrequests/status",
        "approve | certificates.k8s.io | signers | kubernetes.io/kube-apiserver-client-kubelet",
        "sign | certificates.k8s.io | signers | kubernetes.io/legacy-unknown kubernetes.io/kube-apiserver-client"
        " kubernetes.io/kube-apiserver-client-kubelet kubernetes.io/kubelet-serving",
        "create | authorization.k8s.io | subjectaccessreviews",
        "events",
    ),
    "clusterrole-aggregation-controller": rules(
        f"escalate {_READ} patch update | rbac.authorization.k8s.io | clusterroles"
    ),
    "cronjob-controller": rules(
        f"{_READ} update | batch | cronjobs",
        f"create delete {_READ} patch update | batch | jobs",
        "update | batch | cronjobs/status",
        "update | batch | cronjobs/finalizers",
        "delete list watch | core | pods",
        "events",
    ),
    "daemon-set-controller": rules(
        f"{_READ} | apps extensions | daemonsets",
        "update | apps extensions | daemonsets/status",
        "update | apps extensions | daemonsets/finalizers",
        "list watch | core | nodes",
        _PODS,
        "create | core | pods/binding",
        f"create delete {_READ} patch update | apps | controllerrevisions",
        "events",
    ),
    "deployment-controller": rules(
        *_owns("apps extensions", "deployments"),
        f"create delete {_READ} patch update | apps extensions | replicasets",
        f"{_READ} update | core | pods",
        "events",
    ),
    "disruption-controller": rules(
        f"{_READ} | apps extensions | deployments",
        f"{_READ} | apps extensions | replicasets",
        f"{_READ} | core | replicationcontrollers",
        f"{_READ} | policy | poddisruptionbudgets",
        f"{_READ} | apps | statefulsets",
        "update | policy | poddisruptionbudgets/status",
        "patch update | core | pods/status",
        "get | * | */scale",
        "events",
    ),
    "endpoint-controller": rules(
        f"{_READ} | core | pods services",
        f"create delete {_READ} update | core | endpoints",
        "create | core | endpoints/restricted",
        "events",
    ),
    "endpointslice-controller": rules(
        f"{_READ} | core | nodes pods services",
        "update | core | services/finalizers",
        f"create delete {_READ} update | discovery.k8s.io | endpointslices",
        "events",
    ),
    "endpointslicemirroring-controller": rules(
        f"{_READ} | core | endpoints services",
        "update | core | services/finalizers",
        "update | core | endpoints/finalizers",
        f"create delete {_READ} update | discovery.k8s.io | endpointslices",
        "events",
    ),
    "ephemeral-volume-controller": rules(
        f"{_READ} | core | pods",
        "update | core | pods/finalizers",
        f"create {_READ} | core | persistentvolumeclaims",
        "events",
    ),
    "expand-controller": rules(
        f"{_READ} patch update | core | persistentvolumes",
        "patch update | core | persistentvolumeclaims/status",
        f"{_READ} | core | persistentvolumeclaims",
        "events",
        "get | core | services",
    ),
    "generic-garbage-collector": rules(f"delete {_READ} patch update | * | *", "events"),
    "horizontal-pod-autoscaler": rules(
        f"{_READ} | autoscaling | horizontalpodautoscalers",
        "update | autoscaling | horizontalpodautoscalers/status",
        "get update | * | */scale",
        "list watch | core | pods",
        "list watch | metrics.k8s.io | pods",
        f"{_READ} | custom.metrics.k8s.io | *",
        f"{_READ} | external.metrics.k8s.io | *",
        "events",
    ),
    "job-controller": rules(*_owns("batch", "jobs", f"{_READ} patch update"), _PODS, "events"),
    "legacy-service-account-token-cleaner": rules(
        "get | core | configmaps | kube-apiserver-legacy-service-account-token-tracking",
        "delete patch | core | secrets",
    ),
    "namespace-controller": rules(
        f"delete {_READ} | core | namespaces",
        "update | core | namespaces/finalize namespaces/status",
        f"delete deletecollection {_READ} | * | *",
    ),
    "node-controller": rules(
        f"delete {_READ} patch update | core | nodes",
        "patch update | core | nodes/status",
        "patch update | core | pods/status",
        f"delete {_READ} | core | pods",
        "events",
    ),
    "persistent-volume-binder": rules(
        f"create delete {_READ} update | core | persistentvolumes",
        "update | core | persistentvolumes/status",
        f"{_READ} update | core | persistentvolumeclaims",
        "update | core | persistentvolumeclaims/status",
        f"create delete {_READ} | core | pods",
        f"{_READ} | storage.k8s.io | storageclasses",
        "list watch | core | nodes",
        "events",
        "watch | core | events",
        "get | core | services",
    ),
    "pod-garbage-collector": rules(
        "delete list watch | core | pods", f"{_READ} | core | nodes", "patch | core | pods/status"
    ),
    "pv-protection-controller": rules(f"{_READ} update | core | persistentvolumes", "events"),
    "pvc-protection-controller": rules(
        f"{_READ} update | core | persistentvolumeclaims", f"{_READ} | core | pods", "events"
    ),
    "replicaset-controller": rules(*_owns("apps extensions", "replicasets"), *_WORKLOAD_PODS),
    "replication-controller": rules(*_owns("core", "replicationcontrollers"), *_WORKLOAD_PODS),
    "resource-claim-controller": rules(
        f"{_READ} | core | pods",
        "update | core | pods/finalizers",
        f"create delete {_READ} | resource.k8s.io | resourceclaims",
        "patch update | resource.k8s.io | resourceclaims resourceclaims/status",
        "patch update | core | pods/status",
        "events",
    ),
    "resourcequota-controller": rules(
        "list watch | * | *", "update | core | resourcequotas/status", "events"
    ),
    "root-ca-cert-publisher": rules("create update | core | configmaps", "events"),
    "route-controller": rules("list watch | core | nodes", "patch | core | nodes/status", "events"),
    "selinux-warning-controller": rules(
        "events",
        f"{_READ} | core | persistentvolumes",
        f"{_READ} | core | persistentvolumeclaims",
        f"{_READ} | core | pods",
        f"{_READ} | storage.k8s.io | csidrivers",
    ),
    "service-account-controller": rules("create | core | serviceaccounts", "events"),
    "service-cidrs-controller": rules(
        f"{_READ} patch update | networking.k8s.io | servicecidrs",
        "patch update | networking.k8s.io | servicecidrs/finalizers",
        "patch update | networking.k8s.io | servicecidrs/status",
        f"{_READ} | networking.k8s.io | ipaddresses",
        "events",
    ),
    "service-controller": rules(
        f"{_READ} | core | services",
        "patch update | core | services/status",
        "list watch | core | nodes",
        "events",
    ),
    "statefulset-controller": rules(
        "list watch | core | pods",
        f"{_READ} | apps | statefulsets",
        "update | apps | statefulsets/status",
        "update | apps | statefulsets/finalizers",
        "create delete get patch update | core | pods",
        f"create delete {_READ} patch update | apps | controllerrevisions",
        f"create {_READ} | core | persistentvolumeclaims",
        "delete update | core | persistentvolumeclaims",
        "update | core | pods/finalizers",
        "events",
    ),
    "ttl-after-finished-controller": rules(f"delete {_READ} | batch | jobs", "events"),
    "ttl-controller": rules("list patch update watch | core | nodes", "events"),
    "validatingadmissionpolicy-status-controller": rules(
        f"{_READ} | admissionregistration.k8s.io | validatingadmissionpolicies",
        "get patch update | admissionregistration.k8s.io | validatingadmissionpolicies/status",
        "events",
    ),
    "volumeattributesclass-protection-controller": rules(
        f"{_READ} | core | persistentvolumeclaims",
        f"{_READ} | core | persistentvolumes",
        f"{_READ} update | storage.k8s.io | volumeattributesclasses",
        "events",
    ),
}

_LEADER = rules(
    "create get list update watch | coordination.k8s.io | leases",
    "create get list update watch | coordination.k8s.io | leasecandidates",
)
_SIGNER, _CLEANER, _CLOUD = (
    f"{PREFIX}{name}" for name in ("bootstrap-signer", "token-cleaner", "cloud-provider")
)
_LOCK = "system::leader-locking-"
_READER = "extension-apiserver-authentication-reader"
#: Namespace and name of a Role to its rules.
NAMESPACED_ROLES: dict[tuple[str, str], list[PolicyRule]] = {
    ("kube-public", _SIGNER): rules(
        f"{_READ} | core | configmaps", "update | core | configmaps | cluster-info", "events"
    ),
    ("kube-system", _READER): rules(f"{_READ} | core | configmaps | extension-apiserver-authentication"),
    ("kube-system", f"{_LOCK}kube-controller-manager"): _LEADER,
    ("kube-system", f"{_LOCK}kube-scheduler"): _LEADER,
    ("kube-system", _SIGNER): rules(f"{_READ} | core | secrets"),
    ("kube-system", _CLOUD): rules(f"create {_READ} | core | configmaps"),
    ("kube-system", _CLEANER): rules(f"delete {_READ} | core | secrets", "events"),
}
#: Namespace and name of a RoleBinding to its Role and its subjects, written as in `cluster_roles.BINDINGS`.
NAMESPACED_BINDINGS: dict[tuple[str, str], tuple[str, tuple[str, ...]]] = {
    ("kube-public", _SIGNER): (_SIGNER, ("ServiceAccount kube-system/bootstrap-signer",)),
    ("kube-system", f"system::{_READER}"): (
        _READER,
        ("User system:kube-controller-manager", "User system:kube-scheduler"),
    ),
    ("kube-system", f"{_LOCK}kube-controller-manager"): (
        f"{_LOCK}kube-controller-manager",
        (
            "User system:kube-controller-manager",
            "ServiceAccount kube-system/kube-controller-manager",
            "ServiceAccount kube-system/leader-election-controller",
        ),
    ),
    ("kube-system", f"{_LOCK}kube-scheduler"): (
        f"{_LOCK}kube-scheduler",
        ("User system:kube-scheduler", "ServiceAccount kube-system/kube-scheduler"),
    ),
    ("kube-system", _SIGNER): (_SIGNER, ("ServiceAccount kube-system/bootstrap-signer",)),
    ("kube-system", _CLOUD): (_CLOUD, ("ServiceAccount kube-system/cloud-provider",)),
    ("kube-system", _CLEANER): (_CLEANER, ("ServiceAccount kube-system/token-cleaner",)),
}

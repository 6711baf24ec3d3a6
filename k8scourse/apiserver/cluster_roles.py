"""The ClusterRoles that every cluster begins with, and who has them: for people, for components, for nodes.

`admin`, `edit` and `view` have no rules of their own: they are put together from the roles that carry their label
(`AGGREGATED`), which is how a custom kind adds itself to "view".

Upstream: ``plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go``.
"""

from __future__ import annotations

from k8scourse.apiserver.roles import PolicyRule, rules

_WRITE = "create delete deletecollection patch update"
_READ = "get list watch"
_BOTH = f"{_WRITE} {_READ}"
_INTO_PODS = "pods/attach pods/exec pods/portforward pods/proxy"
_WORKLOADS = "deployments deployments/scale replicasets replicasets/scale"
_EXTENSIONS = f"daemonsets ingresses networkpolicies replicationcontrollers/scale {_WORKLOADS}"

_EDIT = rules(
    f"{_READ} | core | {_INTO_PODS} secrets services/proxy",
    "impersonate | core | serviceaccounts",
    f"{_WRITE} | core | pods {_INTO_PODS}",
    "create | core | pods/eviction",
    f"{_WRITE} | core | configmaps events persistentvolumeclaims replicationcontrollers"
    " replicationcontrollers/scale secrets serviceaccounts services services/proxy",
    "create | core | serviceaccounts/token",
    f"{_WRITE} | apps | {_WORKLOADS} daemonsets deployments/rollback statefulsets statefulsets/scale",
    f"{_WRITE} | autoscaling | horizontalpodautoscalers",
    f"{_WRITE} | batch | cronjobs jobs",
    f"{_WRITE} | extensions | {_EXTENSIONS} deployments/rollback",
    f"{_WRITE} | policy | poddisruptionbudgets",
    f"{_WRITE} | networking.k8s.io | ingresses networkpolicies",
    f"{_BOTH} | coordination.k8s.io | leases",
    f"{_WRITE} | resource.k8s.io | resourceclaims resourceclaimtemplates",
    f"{_WRITE} | events.k8s.io | events",
)
_VIEW = rules(
    f"{_READ} | core | configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods"
    " replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status",
    f"{_READ} | core | bindings events limitranges namespaces/status pods/log pods/status"
    " replicationcontrollers/status resourcequotas resourcequotas/status",
    f"{_READ} | core | namespaces",
    f"{_READ} | discovery.k8s.io | endpointslices",
    f"{_READ} | apps | {_WORKLOADS} controllerrevisions daemonsets daemonsets/status deployments/status"
    " replicasets/status statefulsets statefulsets/scale statefulsets/status",
    f"{_READ} | autoscaling | horizontalpodautoscalers horizontalpodautoscalers/status",
    f"{_READ} | batch | cronjobs cronjobs/status jobs jobs/status",
    f"{_READ} | extensions | {_EXTENSIONS} daemonsets/status deployments/status ingresses/status replicasets/status",
    f"{_READ} | policy | poddisruptionbudgets poddisruptionbudgets/status",
    f"{_READ} | networking.k8s.io | ingresses ingresses/status networkpolicies",
    f"{_READ} | resource.k8s.io | resourceclaims resourceclaims/status resourceclaimtemplates",
    f"{_READ} | events.k8s.io | events",
)
_ADMIN = rules(
    "create | authorization.k8s.io | localsubjectaccessreviews",
    f"{_BOTH} | rbac.authorization.k8s.io | rolebindings roles",
)

#: What a kubelet may ask at all; for most of it the Node authorizer looks more closely.
NODE_RULES = rules(
    "create | authentication.k8s.io | tokenreviews",
    "create | authorization.k8s.io | localsubjectaccessreviews subjectaccessreviews",
    f"{_READ} | core | services",
    f"create {_READ} | core | nodes",
    "patch update | core | nodes/status",
    "patch update | core | nodes",
    "create patch update | core | events",
    f"{_READ} | core | pods",
    "create delete | core | pods",
    "patch update | core | pods/status",
    "create | core | pods/eviction",
    f"{_READ} | core | configmaps secrets",
    "get | core | persistentvolumeclaims persistentvolumes",
    "get | core | endpoints",
    f"create {_READ} | certificates.k8s.io | certificatesigningrequests",
    "create delete get patch update | coordination.k8s.io | leases",
    "get | storage.k8s.io | volumeattachments",
    "create | core | serviceaccounts/token",
    "get patch update | core | persistentvolumeclaims/status",
    f"{_READ} | storage.k8s.io | csidrivers",
    "create delete get patch update | storage.k8s.io | csinodes",
    f"{_READ} | node.k8s.io | runtimeclasses",
)
_HEALTH = "/healthz /livez /readyz /version /version/"
_APPROVE = "approve | certificates.k8s.io | signers | kubernetes.io"
_CSR = "create | certificates.k8s.io | certificatesigningrequests"
_CERTIFICATES = "system:certificates.k8s.io"
_REVIEWS = (
    "create | authentication.k8s.io | tokenreviews",
    "create | authorization.k8s.io | subjectaccessreviews",
)


def _leader(name: str) -> tuple[str, str]:
    leases = "coordination.k8s.io | leases"
    return f"create | {leases}", f"get update | {leases} | {name}"


#: Names and rules; the roles that are put together are in `AGGREGATED`.
CLUSTER_ROLES: dict[str, list[PolicyRule]] = {
    "cluster-admin": rules("* | * | *", "* | paths | *"),
    "system:aggregate-to-admin": _ADMIN,
    "system:aggregate-to-edit": _EDIT,
    "system:aggregate-to-view": _VIEW,
    "system:auth-delegator": rules(*_REVIEWS),
    "system:basic-user": rules(
        "create | authorization.k8s.io | selfsubjectaccessreviews selfsubjectrulesreviews",
        "create | authentication.k8s.io | selfsubjectreviews",
    ),
    f"{_CERTIFICATES}:certificatesigningrequests:nodeclient": rules(f"{_CSR}/nodeclient"),
    f"{_CERTIFICATES}:certificatesigningrequests:selfnodeclient": rules(f"{_CSR}/selfnodeclient"),
    f"{_CERTIFICATES}:kube-apiserver-client-approver": rules(f"{_APPROVE}/kube-apiserver-client"),
    f"{_CERTIFICATES}:kube-apiserver-client-kubelet-approver": rules(
        f"{_APPROVE}/kube-apiserver-client-kubelet"
    ),
    f"{_CERTIFICATES}:kubelet-serving-approver": rules(f"{_APPROVE}/kubelet-serving"),
    f"{_CERTIFICATES}:legacy-unknown-approver": rules(f"{_APPROVE}/legacy-unknown"),
    "system:discovery": rules(f"get | paths | /api /api/* /apis /apis/* /openapi /openapi/* {_HEALTH}"),
    "system:heapster": rules(
        f"{_READ} | core | events namespaces nodes pods", f"{_READ} | extensions | deployments"
    ),
    "system:kube-aggregator": rules(f"{_READ} | core | endpoints services"),
    "system:kube-controller-manager": rules(
        "events",
        *_leader("kube-controller-manager"),
        "create | core | secrets serviceaccounts",
        "delete | core | secrets",
        "get | core | configmaps namespaces secrets serviceaccounts",
        "update | core | secrets serviceaccounts",
        *_REVIEWS,
        "list watch | * | *",
        "create | core | serviceaccounts/token",
    ),
    "system:kube-dns": rules("list watch | core | endpoints services"),
    "system:kube-scheduler": rules(
        "events",
        *_leader("kube-scheduler"),
        f"{_READ} | core | nodes",
        f"delete {_READ} | core | pods",
        "create | core | bindings pods/binding",
        "patch update | core | pods/status",
        f"{_READ} | core | replicationcontrollers services",
        f"{_READ} | apps extensions | replicasets",
        f"{_READ} | apps | statefulsets",
        f"{_READ} | policy | poddisruptionbudgets",
        f"{_READ} | core | persistentvolumeclaims persistentvolumes",
        *_REVIEWS,
        f"{_READ} | storage.k8s.io | csinodes",
        f"{_READ} | core | namespaces",
        f"{_READ} | storage.k8s.io | csidrivers",
        f"{_READ} | storage.k8s.io | csistoragecapacities",
        f"{_READ} | resource.k8s.io | deviceclasses",
        f"{_READ} patch update | resource.k8s.io | resourceclaims",
        f"{_READ} patch update | resource.k8s.io | resourceclaims/status",
        f"{_READ} | resource.k8s.io | resourceslices",
    ),
    "system:kubelet-api-admin": rules(
        f"{_READ} | core | nodes",
        "proxy | core | nodes",
        "* | core | nodes/log nodes/metrics nodes/proxy nodes/stats",
    ),
    "system:monitoring": rules(
        "get | paths | /healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*"
    ),
    "system:node": NODE_RULES,
    "system:node-bootstrapper": rules(f"create {_READ} | certificates.k8s.io | certificatesigningrequests"),
    "system:node-problem-detector": rules("get | core | nodes", "patch | core | nodes/status", "events"),
    "system:node-proxier": rules(
        "list watch | core | endpoints services",
        f"{_READ} | core | nodes",
        "events",
        "list watch | discovery.k8s.io | endpointslices",
        "list watch | networking.k8s.io | servicecidrs",
    ),
    "system:persistent-volume-provisioner": rules(
        f"create delete {_READ} | core | persistentvolumes",
        f"{_READ} update | core | persistentvolumeclaims",
        f"{_READ} | storage.k8s.io | storageclasses",
        "watch | core | events",
        "events",
    ),
    "system:public-info-viewer": rules(f"get | paths | {_HEALTH}"),
    "system:service-account-issuer-discovery": rules(
        "get | paths | /.well-known/openid-configuration /openid/v1/jwks"
    ),
    "system:volume-scheduler": rules(
        f"{_READ} patch update | core | persistentvolumes",
        f"{_READ} | storage.k8s.io | storageclasses",
        f"{_READ} patch update | core | persistentvolumeclaims",
    ),
}
#: Which roles go into which: label `rbac.authorization.k8s.io/aggregate-to-<value>` on the role of that name.
AGGREGATED_INTO = {
    "system:aggregate-to-admin": "admin",
    "system:aggregate-to-edit": "edit",
    "system:aggregate-to-view": "view",
    "edit": "admin",
    "view": "edit",
}
#: The roles that are put together, with what comes out of it: the parts in the order of their names.
AGGREGATED: dict[str, list[PolicyRule]] = {
    "admin": [*_EDIT, *_VIEW, *_ADMIN],
    "edit": [*_EDIT, *_VIEW],
    "view": _VIEW,
}
#: ClusterRole to the groups ("Group x"), users and service accounts ("ServiceAccount ns/x") that have it.
BINDINGS: dict[str, tuple[str, ...]] = {
    "cluster-admin": ("Group system:masters",),
    "system:basic-user": ("Group system:authenticated",),
    "system:discovery": ("Group system:authenticated",),
    "system:kube-controller-manager": ("User system:kube-controller-manager",),
    "system:kube-dns": ("ServiceAccount kube-system/kube-dns",),
    "system:kube-scheduler": ("User system:kube-scheduler",),
    "system:monitoring": ("Group system:monitoring",),
    "system:node": (),
    "system:node-proxier": ("User system:kube-proxy",),
    "system:public-info-viewer": ("Group system:authenticated", "Group system:unauthenticated"),
    "system:service-account-issuer-discovery": ("Group system:serviceaccounts",),
    "system:volume-scheduler": ("User system:kube-scheduler",),
}

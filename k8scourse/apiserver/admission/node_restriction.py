"""NodeRestriction: a kubelet speaks for its own node only, and may not make itself more attractive than it is.

What a kubelet may address at all is the Node authorizer's business (authorization.py); here it is about what the
objects say. Upstream: ``plugin/pkg/admission/noderestriction/admission.go``,
``staging/src/k8s.io/kubelet/pkg/apis/well_known_labels.go``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from k8scourse.api import metadata
from k8scourse.api.errors import Forbidden, forbidden, not_found
from k8scourse.api.values import get_in
from k8scourse.apiserver.admission.base import AdmissionRequest, Object, Plugin
from k8scourse.apiserver.admission.service_account import MIRROR
from k8scourse.apiserver.users import node_of

_LEASE_NAMESPACE = "kube-node-lease"
_OWN_LABELS = (
    "kubernetes.io/hostname", "topology.kubernetes.io/zone", "topology.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region",
    "node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type", "kubernetes.io/os", "kubernetes.io/arch",
    "beta.kubernetes.io/os", "beta.kubernetes.io/arch", "node.kubernetes.io/windows-build",
)  # fmt: skip
_OWN_LABEL_DOMAINS = ("kubelet.kubernetes.io", "node.kubernetes.io")
_RESTRICTED_DOMAIN = "node-restriction.kubernetes.io"
_SECRET_FIELDS = ("secretRef", "secretName", "nodePublishSecretRef")
_CLAIM_STATUS = ("allocatedResourceStatuses", "allocatedResources", "capacity", "conditions")


class NodeRestriction(Plugin):
    """Looks at the Nodes, Pods, claims, tokens, Leases and CSINodes that kubelets write."""

    def admit(self, request: AdmissionRequest) -> Any:
        """Refuse a kubelet that speaks for somebody else."""
        node = node_of(request.user)
        if node is None:
            return request.object
        if not node:
            raise _refused(request, f'could not determine node from user "{request.user.name}"')
        check = self._checks().get((request.kind.group, request.kind.plural))
        if check is not None:
            check(request, node)
        return request.object

    def _checks(self) -> dict[tuple[str, str], Callable[[AdmissionRequest, str], None]]:
        return {
            ("", "pods"): self._pod,
            ("", "nodes"): self._node,
            ("", "persistentvolumeclaims"): self._claim,
            ("", "serviceaccounts"): self._token,
            ("coordination.k8s.io", "leases"): self._lease,
            ("storage.k8s.io", "csinodes"): self._csi_node,
        }

    # -- Pods ------------------------------------------------------------------------------------

    def _pod(self, request: AdmissionRequest, node: str) -> None:
        part = request.subresource
        if part == "status":
            self._pod_status(request, node)
        elif part == "eviction":
            if get_in(self._stored_pod(request, request.name), "spec.nodeName") != node:
                raise _refused(request, f"node {node} can only evict pods with spec.nodeName set to itself")
        elif part:
            allowed = "only 'status' and 'eviction' are allowed"
            raise _refused(request, f'unexpected pod subresource "{part}", {allowed}')
        elif request.verb == "create":
            self._new_pod(request, node)
        elif request.verb == "delete":
            if get_in(self._stored_pod(request, request.name), "spec.nodeName") != node:
                raise _refused(
                    request, f'node "{node}" can only delete pods with spec.nodeName set to itself'
                )
        else:
            why = f'node "{node}" can only create and delete mirror pods'
            raise _refused(request, f'unexpected operation "{request.operation}", {why}')

    def _stored_pod(self, request: AdmissionRequest, name: str) -> Object:
        pod = self.reader.get("pods", request.namespace, name)
        if pod is None:
            raise not_found("", "pods", name)
        return pod

    def _new_pod(self, request: AdmissionRequest, node: str) -> None:
        pod = request.object
        if MIRROR not in metadata.annotations(pod):
            why = f'pod does not have "{MIRROR}" annotation, node "{node}" can only create mirror pods'
            raise _refused(request, why)
        if get_in(pod, "spec.nodeName") != node:
            raise _refused(request, f'node "{node}" can only create pods with spec.nodeName set to itself')
        self._check_owner(request, node)
        if get_in(pod, "spec.serviceAccountName"):
            raise _refused(request, f'node "{node}" can not create pods that reference a service account')
        for kind in _referred(pod.get("spec") or {}):
            raise _refused(request, f'node "{node}" can not create pods that reference {kind}')

    def _check_owner(self, request: AdmissionRequest, node: str) -> None:
        owners = metadata.owner_references(request.object)
        itself = "an owner reference set to itself"
        if len(owners) > 1:
            itself = "a single owner reference set to itself"
        if len(owners) != 1 or _identity(owners[0]) != ("v1", "Node", node):
            raise _refused(request, f'node "{node}" can only create pods with {itself}')
        owner = owners[0]
        if not owner.get("controller"):
            raise _refused(
                request, f'node "{node}" can only create pods with a controller owner reference set to itself'
            )
        if owner.get("blockOwnerDeletion"):
            raise _refused(request, f'node "{node}" must not set blockOwnerDeletion on an owner reference')
        stored = self.reader.get("nodes", "", node)
        if stored is None:
            raise not_found("", "nodes", node)
        uid = stored["metadata"]["uid"]
        if owner.get("uid") != uid:
            raise _refused(request, f"node {node} UID mismatch: expected {owner.get('uid')} got {uid}")

    def _pod_status(self, request: AdmissionRequest, node: str) -> None:
        if request.verb != "update":
            raise _refused(request, f'unexpected operation "{request.operation}"')
        old, new = request.old, request.object
        if get_in(old, "spec.nodeName") != node:
            why = f'node "{node}" can only update pod status for pods with spec.nodeName set to itself'
            raise _refused(request, why)
        if metadata.labels(old) != metadata.labels(new):
            raise _refused(request, f'node "{node}" cannot update labels through pod status')
        claims = [get_in(each, "status.resourceClaimStatuses") or [] for each in (old, new)]
        if claims[0] != claims[1]:
            raise _refused(request, f'node "{node}" cannot update resource claim statues')

    # -- Nodes -----------------------------------------------------------------------------------

    def _node(self, request: AdmissionRequest, node: str) -> None:
        if request.name != node:
            raise _refused(request, f'node "{node}" is not allowed to modify node "{request.name}"')
        new, old = request.object, request.old or {}
        if new is None:
            return
        source = get_in(new, "spec.configSource")
        changed = _changed(metadata.labels(new), metadata.labels(old))
        wrong = ", ".join(sorted(key for key in changed if _is_forbidden(key)))
        if request.verb == "create":
            if source is not None:
                why = f'node "{node}" is not allowed to create pods with a non-nil configSource'
                raise _refused(request, why)
            if wrong:
                raise _refused(request, f'node "{node}" is not allowed to set the following labels: {wrong}')
            return
        if source is not None and source != get_in(old, "spec.configSource"):
            why = f'node "{node}" is not allowed to update configSource to a new non-nil configSource'
            raise _refused(request, why)
        if (get_in(new, "spec.taints") or []) != (get_in(old, "spec.taints") or []):
            raise _refused(request, f'node "{node}" is not allowed to modify taints')
        if wrong:
            raise _refused(request, f"is not allowed to modify labels: {wrong}")

    # -- the rest --------------------------------------------------------------------------------

    def _claim(self, request: AdmissionRequest, node: str) -> None:
        if request.subresource != "status":
            raise _refused(request, "may only update PVC status")
        if request.verb != "update":
            raise _refused(request, f'unexpected operation "{request.operation}"')
        if _without_status(request.old) != _without_status(request.object):
            what = "update fields other than status.capacity and status.conditions"
            raise _refused(request, f'node "{node}" is not allowed to {what}')

    def _token(self, request: AdmissionRequest, node: str) -> None:
        if request.verb != "create" or request.subresource != "token":
            return
        bound = get_in(request.object, "spec.boundObjectRef") or {}
        if (bound.get("apiVersion"), bound.get("kind")) != ("v1", "Pod") or not bound.get("name"):
            raise _refused(request, "node requested token not bound to a pod")
        if not bound.get("uid"):
            raise _refused(request, "node requested token with a pod binding without a uid")
        pod = self._stored_pod(request, bound["name"])
        if bound["uid"] != pod["metadata"]["uid"]:
            why = "does not match the UID in record. The object might have been deleted and then recreated"
            raise _refused(request, f"the UID in the bound object reference ({bound['uid']}) {why}")
        if get_in(pod, "spec.nodeName") != node:
            raise _refused(request, "node requested token bound to a pod scheduled on a different node")

    def _lease(self, request: AdmissionRequest, node: str) -> None:
        if request.namespace != _LEASE_NAMESPACE:
            raise _refused(request, f'can only access leases in the "{_LEASE_NAMESPACE}" system namespace')
        if request.name != node:
            raise _refused(request, "can only access node lease with the same name as the requesting node")

    def _csi_node(self, request: AdmissionRequest, node: str) -> None:
        if request.name != node:
            raise _refused(request, "can only access CSINode with the same name as the requesting node")


def _refused(request: AdmissionRequest, why: str) -> Forbidden:
    return forbidden(request.kind.group, request.kind.plural, request.name, why)


def _identity(owner: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    return owner.get("apiVersion"), owner.get("kind"), owner.get("name")


def _referred(spec: Object) -> Iterator[str]:
    """The kinds of objects that a Pod refers to, in the order in which upstream looks for them."""
    containers = [
        each
        for field in ("initContainers", "containers", "ephemeralContainers")
        for each in spec.get(field) or ()
    ]
    volumes = spec.get("volumes") or ()
    projected = [source for each in volumes for source in get_in(each, "projected.sources") or ()]
    sources = [each for container in containers for each in container.get("envFrom") or ()]
    values = [each.get("valueFrom") or {} for container in containers for each in container.get("env") or ()]
    if spec.get("imagePullSecrets") or any(
        _names_secret(each) for each in (*volumes, *projected, *sources, *values)
    ):
        yield "secrets"
    if any("configMap" in each for each in (*volumes, *projected)) or any(
        "configMapRef" in each or "configMapKeyRef" in each for each in (*sources, *values)
    ):
        yield "configmaps"
    if any("clusterTrustBundle" in each for each in projected):
        yield "clustertrustbundles"
    if any("persistentVolumeClaim" in each for each in volumes):
        yield "persistentvolumeclaims"


def _names_secret(source: Object) -> bool:
    if "secret" in source or "secretRef" in source or "secretKeyRef" in source:
        return True
    return any(
        isinstance(inner, dict)
        and (inner.get("secretRef") or inner.get("secretName") or inner.get("nodePublishSecretRef"))
        for inner in source.values()
    )


def _changed(new: Mapping[str, str], old: Mapping[str, str]) -> list[str]:
    return [key for key in {**old, **new} if new.get(key) != old.get(key)]


def _is_forbidden(label: str) -> bool:
    """Whether kubelets must not set a label: it would steer Pods to them."""
    domain = label.partition("/")[0] if "/" in label else ""
    if _within(domain, _RESTRICTED_DOMAIN):
        return True
    belongs_to_kubernetes = _within(domain, "kubernetes.io") or _within(domain, "k8s.io")
    own = label in _OWN_LABELS or any(_within(domain, each) for each in _OWN_LABEL_DOMAINS)
    return belongs_to_kubernetes and not own


def _within(domain: str, parent: str) -> bool:
    return domain == parent or domain.endswith(f".{parent}")


def _without_status(claim: Object) -> Object:
    """A claim without what a kubelet may change."""
    status = {key: item for key, item in (claim.get("status") or {}).items() if key not in _CLAIM_STATUS}
    kept = {
        key: item
        for key, item in claim["metadata"].items()
        if key not in ("resourceVersion", "managedFields")
    }
    return {**claim, "metadata": kept, "status": status}

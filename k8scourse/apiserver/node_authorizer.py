"""The Node authorizer: a kubelet may touch what belongs to its own node, and nothing of another's.

It reads Secrets, ConfigMaps, claims and volumes that a Pod on its node names, and asks for tokens of the
ServiceAccounts of these Pods (node_graph.py knows which); its own Node, Lease and CSINode it also writes. What the
objects say that it writes is looked at by NodeRestriction, in admission.

Upstream: ``plugin/pkg/auth/authorizer/node/node_authorizer.go``, ``pkg/auth/nodeidentifier/default.go``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from k8scourse.apiserver import rbac
from k8scourse.apiserver.cluster_roles import NODE_RULES
from k8scourse.apiserver.node_graph import Graph
from k8scourse.apiserver.rbac import Question
from k8scourse.apiserver.storage import Storage
from k8scourse.apiserver.users import UserInfo, node_of
from k8scourse.apiserver.watchcache import Change, WatchCache
from k8scourse.etcd import EtcdError

Opinion = tuple[bool, str]
"""Whether it is allowed, and if not what there is to say about it."""
_YES: Opinion = (True, "")
_NOTHING: Opinion = (False, "")
_LEASES = "kube-node-lease"
_OWN = ("get", "create", "update", "patch", "delete")
_READ = ("get", "list", "watch")
_FOLLOWED = ("pods", "persistentvolumes", "volumeattachments")


class NodeAuthorizer:
    """Answers for kubelets; other users are none of its business."""

    def __init__(self, storage: Storage, caches: Mapping[str, WatchCache]) -> None:
        self._storage = storage
        self._caches = {plural: caches[plural] for plural in _FOLLOWED}
        self._graph = Graph()
        self._following = False
        self._by_resource: dict[tuple[str, str], Callable[[str, Question], Opinion]] = {
            ("", "secrets"): self._read,
            ("", "configmaps"): self._read,
            ("", "persistentvolumeclaims"): self._claim,
            ("", "persistentvolumes"): self._get,
            ("storage.k8s.io", "volumeattachments"): self._get,
            ("", "serviceaccounts"): self._token,
            ("coordination.k8s.io", "leases"): self._lease,
            ("storage.k8s.io", "csinodes"): self._csi_node,
            ("", "nodes"): self._node,
            ("", "pods"): self._pod,
        }

    def decide(self, user: UserInfo, question: Question) -> Opinion:
        """Whether a kubelet may."""
        node = node_of(user)
        if node is None:
            return _NOTHING
        if not node:
            return False, f'unknown node for user "{user.name}"'
        if question.group is not None:
            look = self._by_resource.get((question.group, question.plural))
            if look is not None:
                return look(node, question)
        return _YES if any(rbac.allows(rule, question) for rule in NODE_RULES) else _NOTHING

    # -- what Pods of the node name --------------------------------------------------------------

    def _related(self, node: str, question: Question) -> Opinion:
        if not question.name:
            return False, "No Object name found"
        self._follow()
        if self._graph.leads((question.plural, question.namespace, question.name), node):
            return _YES
        return False, f"no relationship found between node '{node}' and this object"

    def _read(self, node: str, question: Question) -> Opinion:
        if question.verb not in _READ:
            return False, "can only read resources of this type"
        if question.subresource:
            return False, "cannot read subresource"
        if not question.namespace:
            return False, "can only read namespaced object of this type"
        return self._related(node, question)

    def _get(self, node: str, question: Question) -> Opinion:
        if question.verb != "get":
            return False, "can only get individual resources of this type"
        if question.subresource:
            return False, "cannot get subresource"
        return self._related(node, question)

    def _claim(self, node: str, question: Question) -> Opinion:
        if question.subresource != "status":
            return self._get(node, question)
        if question.verb not in ("update", "patch"):
            return False, "can only get/update/patch this type"
        return self._related(node, question)

    def _token(self, node: str, question: Question) -> Opinion:
        if question.verb != "create" or not question.name:
            return False, "can only create tokens for individual service accounts"
        if question.subresource != "token":
            return False, "can only create token subresource of serviceaccount"
        return self._related(node, question)

    # -- the node's own --------------------------------------------------------------------------

    def _lease(self, node: str, question: Question) -> Opinion:
        if question.verb not in _OWN:
            return False, "can only get, create, update, patch, or delete a node lease"
        if question.namespace != _LEASES:
            return False, f'can only access leases in the "{_LEASES}" system namespace'
        if question.verb != "create" and question.name != node:
            return False, "can only access node lease with the same name as the requesting node"
        return _YES

    def _csi_node(self, node: str, question: Question) -> Opinion:
        if question.verb not in _OWN:
            return False, "can only get, create, update, patch, or delete a CSINode"
        if question.subresource:
            return False, "cannot authorize CSINode subresources"
        if question.verb != "create" and question.name != node:
            return False, "can only access CSINode with the same name as the requesting node"
        return _YES

    def _node(self, node: str, question: Question) -> Opinion:
        verb, name = question.verb, question.name
        if question.subresource:
            return _YES if question.subresource == "status" and verb in ("update", "patch") else _NOTHING
        if verb in ("create", "update", "patch") or (verb in _READ and name == node):
            return _YES
        if verb not in _READ:
            return _NOTHING
        if not name:
            return False, f"node '{node}' cannot read all nodes, only its own Node object"
        return False, f"node '{node}' cannot read '{name}', only its own Node object"

    def _pod(self, node: str, question: Question) -> Opinion:
        verb, subresource = question.verb, question.subresource
        if subresource:
            allowed = {"status": ("update", "patch"), "eviction": ("create",)}.get(subresource, ())
            return _YES if verb in allowed else _NOTHING
        if verb == "get":
            return self._get(node, question)
        if verb in ("create", "delete"):
            return _YES
        if verb not in ("list", "watch"):
            return _NOTHING
        if ("spec.nodeName", node) in question.fields:
            return _YES
        if question.name:
            return self._related(node, question)
        return False, "can only list/watch pods with spec.nodeName field selector"

    # -- following the store ---------------------------------------------------------------------

    def _follow(self) -> None:
        """Be up to date. While etcd is away, what was known last counts."""
        if self._following:
            return
        try:
            for cache in self._caches.values():
                cache.follow(self._changed, self._lost)
            found = [obj for cache in self._caches.values() for obj in self._storage.list(cache.kind).items]
        except EtcdError:
            self._lost()
            return
        self._graph.clear()
        for obj in found:
            self._put(obj)
        self._following = True

    def _lost(self) -> None:
        self._following = False
        for cache in self._caches.values():
            cache.unfollow(self._changed)

    def _changed(self, change: Change) -> None:
        old, new = change.old, change.new
        if old is not None and new is not None and new.get("spec") == old.get("spec"):
            return
        if new is not None:
            self._put(new)
        elif old is not None:
            self._drop(old)

    def _put(self, obj: Mapping[str, Any]) -> None:
        kind = obj["kind"]
        if kind == "Pod":
            self._graph.put_pod(obj)
        elif kind == "PersistentVolume":
            self._graph.put_volume(obj)
        else:
            self._graph.put_attachment(obj)

    def _drop(self, obj: Mapping[str, Any]) -> None:
        kind, metadata = obj["kind"], obj["metadata"]
        if kind == "Pod":
            self._graph.drop_pod(metadata["namespace"], metadata["name"])
        elif kind == "PersistentVolume":
            self._graph.drop_volume(metadata["name"])
        else:
            self._graph.drop_attachment(metadata["name"])

"""What kubeadm leaves behind: the static Pods of a control plane, and the add-ons that every cluster gets.

Names, labels, images, requests and priorities follow `cmd/kubeadm/app/phases/controlplane/manifests.go`,
`phases/etcd/local.go` and `phases/addons/{dns,proxy}/manifests.go`.
"""

from __future__ import annotations

from typing import Any

VERSION = "v1.36.2"
ETCD_IMAGE = "registry.k8s.io/etcd:3.6.8-0"
COREDNS_IMAGE = "registry.k8s.io/coredns/coredns:v1.12.1"
DNS_ADDRESS = "10.96.0.10"
CONTROL_PLANE_LABEL = "node-role.kubernetes.io/control-plane"
CONTROL_PLANE_TAINT = {"key": CONTROL_PLANE_LABEL, "effect": "NoSchedule"}
STATIC_PODS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
_RBAC = "rbac.authorization.k8s.io"
MANIFEST_FOLDER = "/etc/kubernetes/manifests"

_PROBES = {
    "etcd": ("/readyz", 2381),
    "kube-apiserver": ("/readyz", 6443),
    "kube-controller-manager": ("/healthz", 10257),
    "kube-scheduler": ("/readyz", 10259),
}
_CPU = {"etcd": "100m", "kube-apiserver": "250m", "kube-controller-manager": "200m", "kube-scheduler": "100m"}


def image_of(component: str) -> str:
    """The image that a control-plane component's static Pod runs."""
    return ETCD_IMAGE if component == "etcd" else f"registry.k8s.io/{component}:{VERSION}"


def static_pod(component: str) -> dict[str, Any]:
    """The manifest that a control-plane node's kubelet finds on its disk."""
    path, port = _PROBES[component]
    requests = {"cpu": _CPU[component], **({"memory": "100Mi"} if component == "etcd" else {})}
    container = {
        "name": component,
        "image": image_of(component),
        "imagePullPolicy": "IfNotPresent",
        "command": [component],
        "resources": {"requests": requests},
        "readinessProbe": {
            "httpGet": {"path": path, "port": port, "host": "127.0.0.1"},
            "periodSeconds": 1,
            "timeoutSeconds": 15,
            "failureThreshold": 3,
        },
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": component,
            "namespace": "kube-system",
            "labels": {"component": component, "tier": "control-plane"},
        },
        "spec": {
            "containers": [container],
            "hostNetwork": True,
            "priority": 2000001000,
            "priorityClassName": "system-node-critical",
        },
    }


def addons() -> list[dict[str, Any]]:
    """kube-proxy as a DaemonSet, cluster DNS as a Deployment with its Service, their ServiceAccounts and rights."""
    return [
        _service_account("kube-proxy"),
        _binding("kubeadm:node-proxier", "system:node-proxier", "kube-proxy"),
        _kube_proxy(),
        _service_account("coredns"),
        _coredns_role(),
        _binding("system:coredns", "system:coredns", "coredns"),
        _coredns(),
        _kube_dns(),
    ]


def _service_account(name: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": name, "namespace": "kube-system"},
    }


def _binding(name: str, role: str, account: str) -> dict[str, Any]:
    return {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": role},
        "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": "kube-system"}],
    }


def _coredns_role() -> dict[str, Any]:
    core = ["endpoints", "services", "pods", "namespaces"]
    return {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "system:coredns"},
        "rules": [
            {"apiGroups": [""], "resources": core, "verbs": ["list", "watch"]},
            {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["list", "watch"]},
        ],
    }


def _kube_proxy() -> dict[str, Any]:
    labels = {"k8s-app": "kube-proxy"}
    container = {
        "name": "kube-proxy",
        "image": f"registry.k8s.io/kube-proxy:{VERSION}",
        "imagePullPolicy": "IfNotPresent",
        "command": ["/usr/local/bin/kube-proxy"],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": "kube-proxy", "namespace": "kube-system", "labels": labels},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "containers": [container],
                    "hostNetwork": True,
                    "serviceAccountName": "kube-proxy",
                    "priorityClassName": "system-node-critical",
                    "nodeSelector": {"kubernetes.io/os": "linux"},
                    "tolerations": [{"operator": "Exists"}],
                },
            },
        },
    }


def _coredns() -> dict[str, Any]:
    labels = {"k8s-app": "kube-dns"}
    container = {
        "name": "coredns",
        "image": COREDNS_IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "args": ["-conf", "/etc/coredns/Corefile"],
        "ports": [
            {"name": "dns", "containerPort": 53, "protocol": "UDP"},
            {"name": "dns-tcp", "containerPort": 53, "protocol": "TCP"},
            {"name": "metrics", "containerPort": 9153, "protocol": "TCP"},
        ],
        "resources": {"requests": {"cpu": "100m", "memory": "70Mi"}, "limits": {"memory": "170Mi"}},
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 8181}},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "coredns", "namespace": "kube-system", "labels": labels},
        "spec": {
            "replicas": 2,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1}},
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "containers": [container],
                    "serviceAccountName": "coredns",
                    "priorityClassName": "system-cluster-critical",
                    "nodeSelector": {"kubernetes.io/os": "linux"},
                    "tolerations": [{"key": "CriticalAddonsOnly", "operator": "Exists"}, CONTROL_PLANE_TAINT],
                    "dnsPolicy": "Default",
                },
            },
        },
    }


def _kube_dns() -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": "kube-dns",
            "namespace": "kube-system",
            "labels": {
                "k8s-app": "kube-dns",
                "kubernetes.io/cluster-service": "true",
                "kubernetes.io/name": "CoreDNS",
            },
        },
        "spec": {
            "clusterIP": DNS_ADDRESS,
            "selector": {"k8s-app": "kube-dns"},
            "ports": [
                {"name": "dns", "port": 53, "protocol": "UDP"},
                {"name": "dns-tcp", "port": 53, "protocol": "TCP"},
                {"name": "metrics", "port": 9153, "protocol": "TCP"},
            ],
        },
    }

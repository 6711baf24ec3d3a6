"""kubectl create token, and --as."""

from __future__ import annotations

from k8scourse import Cluster


def test_a_token_is_printed_and_opens_the_door() -> None:
    cluster = Cluster(workers=1)
    token = str(cluster.kubectl("create token default --duration=10m"))
    assert token.count(".") == 2
    answer = cluster.send(
        "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {}, token=token.strip()
    )
    assert answer.body["status"]["userInfo"]["username"] == "system:serviceaccount:default:default"
    told = str(cluster.kubectl("create token default -o yaml --audience=vault"))
    assert "kind: TokenRequest" in told
    assert "- vault" in told
    assert str(cluster.kubectl("create token ghost")) == (
        'error: failed to create token: serviceaccounts "ghost" not found'
    )
    assert "may not specify a duration less than 10 minutes" in str(
        cluster.kubectl("create token default --duration 1m")
    )
    assert "--bound-object-name is required" in str(
        cluster.kubectl("create token default --bound-object-kind Pod")
    )
    assert "exactly one NAME is required" in str(cluster.kubectl("create token"))


def test_acting_as_somebody_else() -> None:
    cluster = Cluster(workers=1)
    assert str(cluster.kubectl("get pods --as jane")) == (
        'Error from server (Forbidden): pods is forbidden: User "jane" cannot list resource "pods" '
        'in API group "" in the namespace "default"'
    )
    assert "No resources found" in str(cluster.kubectl("get pods --as jane --as-group system:masters"))
    assert "cannot read all nodes, only its own Node object" in str(
        cluster.kubectl("get nodes --as system:node:worker-1")
    )
    assert "without impersonating a user" in str(cluster.kubectl("get pods --as-group a"))
    assert "No resources found" in str(cluster.kubectl("get pods"))


def test_a_pod_finds_a_token_that_its_kubelet_asked_for() -> None:
    cluster = Cluster(workers=1)
    cluster.kubectl(
        "run a --image=busybox -- sh -c 'cat /var/run/secrets/kubernetes.io/serviceaccount/token; sleep 900'"
    )
    cluster.run(10)
    asked = [record for record in cluster.trace.records if record.detail.get("subresource") == "token"]
    assert asked[-1].detail["user"] == "system:node:worker-1"
    token = str(cluster.kubectl("logs a"))
    path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    assert cluster.send("POST", path, {}, token=token).code == 201
    cluster.kubectl("delete pod a --now --wait=false")
    cluster.run(5)
    assert cluster.send("POST", path, {}, token=token).code == 401


def test_one_may_ask_what_one_may_and_who_one_is() -> None:
    cluster = Cluster(workers=1)
    assert str(cluster.kubectl("auth can-i delete pods")) == "yes"
    refused = cluster.kubectl("auth can-i get secrets --as jane")
    assert (str(refused), refused.code) == ("no", 1)
    said = str(cluster.kubectl("auth can-i get secrets/door --as system:node:worker-1"))
    assert said == "no - no relationship found between node 'worker-1' and this object"
    assert str(cluster.kubectl("auth can-i get /healthz --as jane")) == "yes"
    assert "doesn't have a resource type 'gizmos'" in str(cluster.kubectl("auth can-i get gizmos"))
    assert "is not namespace scoped" in str(cluster.kubectl("auth can-i get nodes"))
    assert "you must specify two arguments" in str(cluster.kubectl("auth can-i get"))
    told = str(cluster.kubectl("auth whoami")).splitlines()
    assert told[0].split() == ["ATTRIBUTE", "VALUE"]
    assert told[1].split() == ["Username", "kubernetes-admin"]
    assert told[2].split(maxsplit=1) == ["Groups", "[system:masters system:authenticated]"]
    assert told[3].startswith("Extra: authentication.kubernetes.io/credential-id   [X509SHA256=")
    assert "username: jane" in str(cluster.kubectl("auth whoami --as jane -o yaml"))

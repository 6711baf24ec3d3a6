"""Whether somebody who finds etcd's disk can read the Secrets."""

from __future__ import annotations

import pytest

from k8scourse import Cluster
from k8scourse.cluster.errors import LearnerError

CREATE = "create secret generic door --from-literal=code=1234"


def test_without_encryption_the_disk_says_it_all() -> None:
    cluster = Cluster(workers=1)
    cluster.kubectl(CREATE)
    assert '"data":{"code":"MTIzNA=="}' in cluster.stored("secrets", "door")
    assert cluster.stored("secrets", "ghost") == ""


def test_with_encryption_only_the_api_server_can_read_it() -> None:
    cluster = Cluster(workers=1, encryption=True)
    cluster.kubectl(CREATE)
    text = cluster.stored("secrets", "door")
    assert text.startswith("k8s:enc:aescbc:v1:key1:")
    assert "MTIzNA" in str(cluster.kubectl("get secret door -o yaml"))
    found = cluster.find("secrets", "door")
    assert found is not None
    assert found["data"] == {"code": "MTIzNA=="}
    twin = cluster.fork()
    assert twin.stored("secrets", "door") == text


def test_a_wrong_configuration_is_explained() -> None:
    with pytest.raises(LearnerError, match="EncryptionConfiguration"):
        Cluster(encryption={"kind": "Something"}, boot=False)

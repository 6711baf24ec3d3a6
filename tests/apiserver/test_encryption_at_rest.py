"""What etcd holds of a Secret, with and without encryption, and after a change of keys."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from apiserver.support import CONFIG_MAPS, TOKENS, Api, config_map

from k8scourse.apiserver import ApiServer
from k8scourse.apiserver.encryption import SECRETS_ENCRYPTED, Encryption
from k8scourse.sim import Process, Simulation

SECRETS = "/api/v1/namespaces/default/secrets"
KEY = "/registry/secrets/default/door"
OLD = base64.b64encode(bytes(32)).decode()
NEW = base64.b64encode(bytes(range(32))).decode()


def configuration(*providers: dict[str, Any], resources: tuple[str, ...] = ("secrets",)) -> dict[str, Any]:
    row = {"resources": list(resources), "providers": list(providers)}
    return {"apiVersion": "apiserver.config.k8s.io/v1", "kind": "EncryptionConfiguration", "resources": [row]}


def aescbc(**keys: str) -> dict[str, Any]:
    return {"aescbc": {"keys": [{"name": name, "secret": secret} for name, secret in keys.items()]}}


IDENTITY: dict[str, Any] = {"identity": {}}


class Sealed(Api):
    """A server whose configuration changes with each start."""

    configuration: Any = None

    def start_server(self) -> None:
        process = Process(self.sim, "kube-apiserver", "control-plane-1")
        self.server = ApiServer(process, self.find_etcd, TOKENS, encryption=self.configuration)
        self.server.start()

    def restart_with(self, wish: Any) -> None:
        self.configuration = wish
        self.restart_server()

    def raw(self) -> Any:
        return self.store.range(KEY).kvs[0].value


@pytest.fixture
def sealed() -> Sealed:
    api = Sealed()
    api.restart_with(configuration(aescbc(key1=OLD), IDENTITY))
    api.post(SECRETS, {"metadata": {"name": "door"}, "stringData": {"code": "1234"}})
    return api


def code(api: Api) -> str:
    return base64.b64decode(api.get(f"{SECRETS}/door")["data"]["code"]).decode()


def test_etcd_holds_nothing_that_can_be_read(sealed: Sealed) -> None:
    raw = sealed.raw()
    assert raw.startswith("k8s:enc:aescbc:v1:key1:")
    stored = base64.b64decode(raw.rpartition(":")[2])
    assert len(stored) % 16 == 0
    assert b"1234" not in stored
    assert b"MTIzNA" not in stored
    assert code(sealed) == "1234"


def test_other_resources_lie_in_the_clear(sealed: Sealed) -> None:
    sealed.post(CONFIG_MAPS, config_map("menu", dish="soup"))
    assert sealed.store.range("/registry/configmaps/default/menu").kvs[0].value["data"] == {"dish": "soup"}


def test_the_same_secret_is_never_stored_alike(sealed: Sealed) -> None:
    first = sealed.raw()
    sealed.delete(f"{SECRETS}/door")
    sealed.post(SECRETS, {"metadata": {"name": "door"}, "stringData": {"code": "1234"}})
    assert sealed.raw() != first


def test_through_the_api_nothing_is_different(sealed: Sealed) -> None:
    seen = sealed.watch(SECRETS)
    sealed.patch(f"{SECRETS}/door", {"stringData": {"code": "5678"}})
    assert code(sealed) == "5678"
    assert [item["metadata"]["name"] for item in sealed.get(SECRETS)["items"]] == ["door"]
    assert seen.events[-1]["object"]["data"] == {"code": "NTY3OA=="}
    sealed.delete(f"{SECRETS}/door")
    assert seen.names[-1] == ("DELETED", "door")


def test_what_was_there_before_stays_as_it_was_until_it_is_written(sealed: Sealed) -> None:
    sealed.restart_with(None)
    sealed.post(SECRETS, {"metadata": {"name": "old"}, "stringData": {"a": "b"}})
    sealed.restart_with(configuration(aescbc(key1=OLD), IDENTITY))
    old = sealed.get(f"{SECRETS}/old")
    assert isinstance(sealed.store.range("/registry/secrets/default/old").kvs[0].value, dict)
    sealed.put(f"{SECRETS}/old", old)
    assert isinstance(sealed.store.range("/registry/secrets/default/old").kvs[0].value, str)
    revision = sealed.store.revision
    sealed.put(f"{SECRETS}/old", sealed.get(f"{SECRETS}/old"))
    assert sealed.store.revision == revision


def test_a_key_is_changed_by_putting_the_new_one_in_front(sealed: Sealed) -> None:
    sealed.restart_with(configuration(aescbc(key2=NEW, key1=OLD), IDENTITY))
    assert code(sealed) == "1234"
    sealed.put(f"{SECRETS}/door", sealed.get(f"{SECRETS}/door"))
    assert sealed.raw().startswith("k8s:enc:aescbc:v1:key2:")
    sealed.restart_with(configuration(aescbc(key2=NEW)))
    assert code(sealed) == "1234"


def test_encryption_is_undone_by_putting_identity_in_front(sealed: Sealed) -> None:
    sealed.restart_with(configuration(IDENTITY, aescbc(key1=OLD)))
    sealed.put(f"{SECRETS}/door", sealed.get(f"{SECRETS}/door"))
    assert sealed.raw()["data"] == {"code": "MTIzNA=="}


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        (None, "identity transformer tried to read encrypted data"),
        (configuration(IDENTITY), "identity transformer tried to read encrypted data"),
        (configuration(aescbc(key2=NEW)), "no matching prefix found"),
        (configuration(aescbc(key1=NEW)), "invalid padding on input"),
        (configuration(aescbc(key1=NEW), IDENTITY), "invalid padding on input"),
    ],
)
def test_without_the_key_the_server_says_that_it_cannot_read(sealed: Sealed, wish: Any, why: str) -> None:
    sealed.restart_with(wish)
    assert sealed.refused(500, "GET", f"{SECRETS}/door") == f"Internal error occurred: {why}"
    listed = sealed.refused(500, "GET", SECRETS)
    assert listed == f'Internal error occurred: unable to transform key "{KEY}": {why}'
    sealed.get(CONFIG_MAPS)


def test_a_damaged_value_is_an_error_and_no_traceback(sealed: Sealed) -> None:
    assert sealed.etcd is not None
    for text in (
        "",
        "AAAA",
        "not base64!",
        base64.b64encode(bytes(32)).decode(),
        base64.b64encode(bytes(17)).decode(),
    ):
        sealed.etcd.put(KEY, f"k8s:enc:aescbc:v1:key1:{text}")
        assert "Internal error occurred: " in sealed.refused(500, "GET", f"{SECRETS}/door")
    sealed.check_no_panic()


@pytest.mark.parametrize(
    ("wish", "problem"),
    [
        ({}, 'kind: "EncryptionConfiguration" is expected'),
        ({"kind": "EncryptionConfiguration"}, "resources: a list"),
        (configuration(), "providers: a list"),
        (configuration(IDENTITY, resources=()), "resources: a list"),
        (configuration(IDENTITY, resources=("gizmos",)), "there is no resource 'gizmos'"),
        (configuration({"secretbox": {}}), "provider 'secretbox' is not built"),
        (configuration({"kms": {}}), "provider 'kms' is not built"),
        (configuration({}), "provider '' is not built"),
        (configuration({"aescbc": None}), "aescbc.keys: a list"),
        (configuration(aescbc(key1="%%%")), "base64 is expected"),
        (configuration({"aescbc": {"keys": [{"name": "k"}]}}), "base64 is expected"),
        (configuration(aescbc(key1="AAAA")), "16, 24 or 32 bytes"),
        ("secrets", "EncryptionConfiguration"),
    ],
)
def test_a_configuration_that_cannot_be_followed_is_refused(wish: Any, problem: str) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)):
        Encryption(wish)


def test_the_course_has_one_key_ready() -> None:
    sim = Simulation(0)
    Encryption(SECRETS_ENCRYPTED, sim.rng("x"))

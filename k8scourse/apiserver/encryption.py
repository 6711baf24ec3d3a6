"""Encryption at rest: what etcd holds of some resources cannot be read without the API server's key.

A configuration says, for each resource, a list of providers. The first one writes; each may read what it finds. What
is stored begins with the name of provider and key, so that a key can be changed: put the new one in front, and the
old one still reads. The start of each encryption is drawn from a random stream of its own.

`aescbc` and `identity` (nothing is encrypted) are built; other providers are refused.

Upstream: ``apiserver/pkg/server/options/encryptionconfig/config.go``, ``apiserver/pkg/storage/value``,
``encrypt/aes/aes.go``, ``encrypt/identity``. etcd's values are bytes there, and base64 text here.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from k8scourse.api import kinds
from k8scourse.api.errors import InternalError
from k8scourse.api.kinds import Kind
from k8scourse.apiserver import aes

if TYPE_CHECKING:
    import random

Object = dict[str, Any]
ENCRYPTED = "k8s:enc:"
#: What `Cluster(encryption=True)` stands for: the Secrets, under one key of 32 bytes.
SECRETS_ENCRYPTED: Mapping[str, Any] = {
    "apiVersion": "apiserver.config.k8s.io/v1",
    "kind": "EncryptionConfiguration",
    "resources": [
        {
            "resources": ["secrets"],
            "providers": [
                {
                    "aescbc": {
                        "keys": [{"name": "key1", "secret": "YSBrZXkgb2YgdGhpcyBjb3Vyc2U6IDMyIGJ5dGVzISE="}]
                    }
                },
                {"identity": {}},
            ],
        }
    ],
}
_BUILT = ("aescbc", "identity")


class Unreadable(ValueError):
    """A provider cannot read what is stored; the message says why."""


class Provider(Protocol):
    """One way to store a value."""

    prefix: str

    def write(self, plain: str) -> str:
        """What is stored after the prefix."""

    def read(self, stored: str) -> str:
        """The plain text of what is stored after the prefix. Raises `Unreadable`."""


class Identity:
    """Stores what it is given."""

    prefix = ""

    def write(self, plain: str) -> str:
        """The text itself."""
        return plain

    def read(self, stored: str) -> str:
        """The text itself, unless it is encrypted."""
        if stored.startswith(ENCRYPTED):
            raise Unreadable("identity transformer tried to read encrypted data")
        return stored


class AesCbc:
    """Encrypts with one key of 16, 24 or 32 bytes. Without a random stream it can read, and not write."""

    def __init__(self, name: str, key: bytes, stream: random.Random | None) -> None:
        self.prefix = f"{ENCRYPTED}aescbc:v1:{name}:"
        self._cipher = aes.Aes(key)
        self._stream = stream

    def write(self, plain: str) -> str:
        """A random start and the encrypted text, in base64."""
        assert self._stream is not None, "who writes needs randomness"
        start = self._stream.randbytes(aes.BLOCK)
        return base64.b64encode(start + self._cipher.encrypt(aes.pad(plain.encode()), start)).decode()

    def read(self, stored: str) -> str:
        """The plain text; another key gives nonsense, which the padding mostly shows."""
        try:
            raw = base64.b64decode(stored, validate=True)
            start, rest = raw[: aes.BLOCK], raw[aes.BLOCK :]
            if len(start) < aes.BLOCK:
                raise Unreadable("the stored data was shorter than the required size")
            return aes.unpad(self._cipher.decrypt(rest, start)).decode()
        except binascii.Error:
            raise Unreadable("invalid padding on input") from None
        except ValueError as error:
            raise Unreadable(
                "invalid padding on input" if isinstance(error, UnicodeError) else str(error)
            ) from None


class Encryption:
    """The configuration of one API server, ready for use. Raises `ValueError` for one that cannot be followed."""

    def __init__(
        self, configuration: Mapping[str, Any] | None = None, stream: random.Random | None = None
    ) -> None:
        self._providers: dict[str, list[Provider]] = {}
        for resources, providers in _read(configuration):
            made = [one for provider in providers for one in _made(provider, stream)]
            for resource in resources:
                self._providers.setdefault(resource, made)

    def write(self, kind: Kind, value: Object) -> Object | str:
        """What etcd is to hold of an object: the object itself, or text that nobody can read."""
        providers = self._providers.get(_name(kind))
        if providers is None or not providers[0].prefix:
            return value
        plain = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        return providers[0].prefix + providers[0].write(plain)

    def read(self, key: str, value: Object | str) -> Object:
        """The object behind what etcd holds. Raises `Unreadable` when none of the keys opens it."""
        return self._opened(_resource_of(key), value) if isinstance(value, str) else value

    def is_stale(self, kind: Kind, value: Object | str) -> bool:
        """Whether a value would be stored otherwise today: then even a write that changes nothing stores it anew."""
        providers = self._providers.get(_name(kind))
        if providers is None:
            return isinstance(value, str)
        prefix = providers[0].prefix
        if isinstance(value, str):
            return not prefix or not value.startswith(prefix)
        return bool(prefix)

    def _opened(self, resource: str, text: str) -> Object:
        errors = []
        for provider in self._providers.get(resource) or [Identity()]:
            if text.startswith(provider.prefix):
                try:
                    opened: Object = json.loads(provider.read(text[len(provider.prefix) :]))
                except (Unreadable, json.JSONDecodeError) as error:
                    errors.append(error)
                    continue
                return opened
        if not errors:
            raise Unreadable("no matching prefix found")
        said = [
            str(error) if isinstance(error, Unreadable) else "invalid padding on input" for error in errors
        ]
        # What is in the clear reads nothing that is encrypted; the others know better why it failed.
        telling = [text for text in said if not text.startswith("identity")] or said
        raise Unreadable(telling[0])


def refusal(error: Unreadable, key: str = "") -> InternalError:
    """The 500 of upstream; a list also names the key (``etcd3/store.go``)."""
    message = f'unable to transform key "{key}": {error}' if key else str(error)
    return InternalError(f"Internal error occurred: {message}", details={"causes": [{"message": message}]})


# -- configurations -------------------------------------------------------------------------------------


def _read(configuration: Mapping[str, Any] | None) -> list[tuple[list[str], list[Mapping[str, Any]]]]:
    """Resources and their providers. Raises `ValueError`."""
    if configuration is None:
        return []
    kind = _fields(configuration).get("kind")
    if kind != "EncryptionConfiguration":
        raise ValueError(f'kind: "EncryptionConfiguration" is expected, and not {kind!r}')
    found = []
    for row in _filled(_fields(configuration).get("resources"), "resources"):
        resources = _filled(_fields(row).get("resources"), "resources[].resources")
        providers = _filled(_fields(row).get("providers"), "resources[].providers")
        for resource in resources:
            if not isinstance(resource, str) or kinds.resolve(resource) is None:
                raise ValueError(f"resources[].resources: there is no resource {resource!r}")
        found.append((resources, [_fields(provider) for provider in providers]))
    return found


def _fields(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _filled(value: object, path: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise ValueError(f"{path}: a list with at least one entry is required")
    return value


def _made(provider: Mapping[str, Any], stream: random.Random | None) -> list[Provider]:
    name = next(iter(provider), "")
    if len(provider) != 1 or name not in _BUILT:
        raise ValueError(f"provider {name!r} is not built into this API server: {', '.join(_BUILT)}")
    if name == "identity":
        return [Identity()]
    keys = map(_fields, _filled(_fields(provider[name]).get("keys"), "aescbc.keys"))
    return [AesCbc(str(key.get("name", "")), _secret(key.get("secret")), stream) for key in keys]


def _secret(text: object) -> bytes:
    try:
        if not isinstance(text, str):
            raise TypeError(text)
        secret = base64.b64decode(text, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise ValueError("aescbc.keys[].secret: base64 is expected") from None
    if len(secret) not in (16, 24, 32):
        raise ValueError("aescbc.keys[].secret: expected length of 16, 24 or 32 bytes")
    return secret


def _name(kind: Kind) -> str:
    return kind.resource_name


def _resource_of(key: str) -> str:
    """The resource of a key of etcd."""
    return next(
        (_name(kind) for kind in kinds.ALL if kind.stored and key.startswith(f"{kind.storage_prefix}/")), ""
    )

"""JSON Web Tokens, signed with RSA and SHA-256 (RS256), in pure Python: for the course only.

The key stands here for everybody to read, so what it signs proves nothing outside of this simulation; but any JWT
library takes the tokens for what they say, given the public half. The modulus has 2048 bits and eight prime
factors instead of two: the Chinese remainder theorem then makes a signature out of eight small powers, which is
forty times faster. Whoever only checks signatures sees no difference (RFC 8017 §3 allows it).

Upstream: ``pkg/serviceaccount/jwt.go``; RFC 7515, 7518 §3.3, 8017 §8.2.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from functools import cached_property, reduce
from operator import mul
from typing import Any, NamedTuple

_PRIMES = (
    0xF6BC8785040D7E322D782B9B68E056A5BE4D5551D85D3B3D756D6D844C38C999,
    0xEB1BBF91AF71E447386A73A13BCEF6733914B02445A768AC96B05D5CAEFFB81B,
    0xCBFB69A9688D2D29D29FA4E30472330738221308F9AF5851FDBB3816AC11CC4B,
    0xF058864C83CF0F20C343FB92C1125A23D6A586A4F34390ABEFE1406EC2739949,
    0xFE3080B5F53E4462CA58D6DF88D670B55D40B4BF4E4CFBDCD747AA474100FFD1,
    0xFCC7D05CBEA8C6D69F99C54C2B6D2ED8EB44AF95AE09ACD4A4D23E4CCA640579,
    0xE6FF840F2639CE990F5B7D37B9EB4F1079B4BDB9869D3500C03E527E43739B4F,
    0xE3DEEAB36FEC84890CEB840F75B5282AEE5646EBCC86A2BCE60D14C463A59ADF,
)
_EXPONENT = 65537
# ASN.1 of "a SHA-256 digest follows", and of "an RSA public key follows" (RFC 8017 §9.2, RFC 3279 §2.3.1).
_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
_RSA_ENCRYPTION = bytes.fromhex("300d06092a864886f70d0101010500")
_URL_SAFE = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)


class Key:
    """An RSA key: the product of its primes is public, the primes are not."""

    def __init__(self, primes: Sequence[int] = _PRIMES, exponent: int = _EXPONENT) -> None:
        self._primes = tuple(primes)
        self.exponent = exponent
        self.modulus = reduce(mul, primes)
        self._size = (self.modulus.bit_length() + 7) // 8

    @cached_property
    def id(self) -> str:
        """The key's name in tokens: the digest of its public half."""
        numbers = _der(0x30, _der_integer(self.modulus) + _der_integer(self.exponent))
        public = _der(0x30, _RSA_ENCRYPTION + _der(0x03, b"\0" + numbers))
        return encode(hashlib.sha256(public).digest())

    @property
    def public(self) -> dict[str, str]:
        """The public half as a JSON Web Key."""
        modulus = self.modulus.to_bytes(self._size, "big")
        exponent = self.exponent.to_bytes(3, "big")
        words = {"use": "sig", "kty": "RSA", "kid": self.id, "alg": "RS256"}
        return {**words, "n": encode(modulus), "e": encode(exponent)}

    @cached_property
    def _parts(self) -> list[tuple[int, int, int]]:
        """For each prime: itself, the private exponent modulo it, and what puts the remainders together again."""
        parts = []
        for prime in self._primes:
            rest = self.modulus // prime
            parts.append((prime, pow(self.exponent, -1, prime - 1), rest * pow(rest, -1, prime)))
        return parts

    def sign(self, message: bytes) -> bytes:
        """The signature of a message."""
        padded = int.from_bytes(self._padded(message), "big")
        powers = (pow(padded, private, prime) * factor for prime, private, factor in self._parts)
        return (sum(powers) % self.modulus).to_bytes(self._size, "big")

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether a signature is this key's over that message."""
        number = int.from_bytes(signature, "big")
        if len(signature) != self._size or number >= self.modulus:
            return False
        return pow(number, self.exponent, self.modulus) == int.from_bytes(self._padded(message), "big")

    def _padded(self, message: bytes) -> bytes:
        info = _DIGEST_INFO + hashlib.sha256(message).digest()
        return b"\0\1" + b"\xff" * (self._size - len(info) - 3) + b"\0" + info


#: The key of every cluster of the course.
COURSE_KEY = Key()


class Token(NamedTuple):
    """A token taken apart; nothing of it is proved yet."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signed: bytes
    signature: bytes


def issue(claims: Mapping[str, Any], key: Key = COURSE_KEY) -> str:
    """A signed token with these claims."""
    signed = f"{_json({'alg': 'RS256', 'kid': key.id})}.{_json(claims)}"
    return f"{signed}.{encode(key.sign(signed.encode()))}"


def take_apart(text: str) -> Token | None:
    """The parts of a token; None when it is none."""
    parts = text.split(".")
    if len(parts) != 3:
        return None
    raw = [decode(part) for part in parts]
    header, claims = (_object(part) for part in raw[:2])
    signature = raw[2]
    if header is None or claims is None or signature is None:
        return None
    return Token(header, claims, f"{parts[0]}.{parts[1]}".encode(), signature)


def encode(raw: bytes) -> str:
    """Base64 for URLs, without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode(text: str) -> bytes | None:
    """Undo `encode`; None for what is not base64 of this kind."""
    if not _URL_SAFE.fullmatch(text) or len(text) % 4 == 1:
        return None
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _json(value: Mapping[str, Any]) -> str:
    return encode(json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())


def _object(raw: bytes | None) -> dict[str, Any] | None:
    try:
        value = json.loads(raw or b"")
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def _der_integer(number: int) -> bytes:
    return _der(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))

"""AES against the vectors of the standards, and against everything else it can be asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8scourse.apiserver.aes import Aes, pad, unpad

# FIPS 197, appendices B and C; NIST SP 800-38A, appendix F.2.
PLAIN = bytes.fromhex("00112233445566778899aabbccddeeff")
CBC_PLAIN = bytes.fromhex(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
)
START = bytes(range(16))


@pytest.mark.parametrize(
    ("size", "cipher"),
    [
        (16, "69c4e0d86a7b0430d8cdb78070b4c55a"),
        (24, "dda97ca4864cdfe06eaf70a0ec0d7191"),
        (32, "8ea2b7ca516745bfeafc49904b496089"),
    ],
)
def test_a_block_as_in_fips_197(size: int, cipher: str) -> None:
    aes = Aes(bytes(range(size)))
    assert aes.encrypt_block(PLAIN).hex() == cipher
    assert aes.decrypt_block(bytes.fromhex(cipher)) == PLAIN


@pytest.mark.parametrize(
    ("key", "cipher"),
    [
        (
            "2b7e151628aed2a6abf7158809cf4f3c",
            "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
            "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7",
        ),
        (
            "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
            "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a"
            "571b242012fb7ae07fa9baac3df102e008b0e27988598881d920a9e64f5615cd",
        ),
        (
            "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
            "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"
            "39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b",
        ),
    ],
)
def test_chained_blocks_as_in_sp_800_38a(key: str, cipher: str) -> None:
    aes = Aes(bytes.fromhex(key))
    assert aes.encrypt(CBC_PLAIN, START).hex() == cipher
    assert aes.decrypt(bytes.fromhex(cipher), START) == CBC_PLAIN


@given(st.binary(max_size=80), st.binary(min_size=32, max_size=32), st.binary(min_size=16, max_size=16))
def test_there_and_back(plain: bytes, key: bytes, start: bytes) -> None:
    aes = Aes(key)
    cipher = aes.encrypt(pad(plain), start)
    assert len(cipher) % 16 == 0
    assert cipher != pad(plain)
    assert unpad(aes.decrypt(cipher, start)) == plain


@pytest.mark.parametrize("padded", [b"", b"\0" * 16, b"\x11" * 16, b"a" * 15 + b"\x02"])
def test_a_wrong_filling_is_noticed(padded: bytes) -> None:
    with pytest.raises(ValueError, match="invalid padding"):
        unpad(padded)


def test_a_key_has_one_of_three_lengths() -> None:
    with pytest.raises(ValueError, match="invalid key size 5"):
        Aes(b"short")
    with pytest.raises(ValueError, match="multiple of the block size"):
        Aes(bytes(16)).decrypt(b"123", START)

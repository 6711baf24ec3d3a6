"""AES with cipher block chaining, in pure Python: for the course only.

It computes what the standards say, slowly and without any protection against somebody who measures its time. Real
programs call a library. The table of substitutions is computed, not typed: an inverse in the field of 256 elements,
then a turn of its bits (FIPS 197 §5.1.1).

Standards: FIPS 197 (AES), NIST SP 800-38A §6.2 (CBC), RFC 5652 §6.3 (padding).
"""

from __future__ import annotations

from itertools import chain

BLOCK = 16
_KEY_SIZES = (16, 24, 32)


def _double(value: int) -> int:
    value <<= 1
    return value ^ 0x11B if value & 0x100 else value


def _times(value: int, factor: int) -> int:
    """Multiply in AES' field of 256 elements."""
    product = 0
    while factor:
        if factor & 1:
            product ^= value
        value, factor = _double(value), factor >> 1
    return product


def _substitution() -> bytes:
    powers = [1]
    while len(powers) < 255:
        powers.append(_times(powers[-1], 3))
    logarithm = {value: exponent for exponent, value in enumerate(powers)}
    table = bytearray(256)
    for value in range(256):
        inverse = powers[-logarithm[value] % 255] if value else 0
        turned = inverse
        for bits in range(1, 5):
            turned ^= (inverse << bits | inverse >> (8 - bits)) & 0xFF
        table[value] = turned ^ 0x63
    return bytes(table)


_SUBSTITUTE = _substitution()
_RESTORE = bytes(_SUBSTITUTE.index(value) for value in range(256))
# A state is 16 bytes, column after column; row r of column c lies at 4c + r and moves r columns to the left.
_SHIFT = tuple((4 * (place // 4 + place % 4) + place % 4) % BLOCK for place in range(BLOCK))
_UNSHIFT = tuple(_SHIFT.index(place) for place in range(BLOCK))
_BY = {factor: bytes(_times(value, factor) for value in range(256)) for factor in (2, 3, 9, 11, 13, 14)}


class Aes:
    """The cipher for one key of 16, 24 or 32 bytes. Raises `ValueError` for another length."""

    def __init__(self, key: bytes) -> None:
        if len(key) not in _KEY_SIZES:
            raise ValueError(f"crypto/aes: invalid key size {len(key)}")
        self._keys = _schedule(key)

    def encrypt_block(self, block: bytes) -> bytes:
        """16 bytes of plain text to 16 bytes of cipher text."""
        state = _xor(block, self._keys[0])
        for key in self._keys[1:-1]:
            state = _xor(_mix(bytes(_SUBSTITUTE[state[place]] for place in _SHIFT)), key)
        return _xor(bytes(_SUBSTITUTE[state[place]] for place in _SHIFT), self._keys[-1])

    def decrypt_block(self, block: bytes) -> bytes:
        """16 bytes of cipher text to 16 bytes of plain text."""
        state = _xor(block, self._keys[-1])
        for key in self._keys[-2:0:-1]:
            state = _unmix(_xor(bytes(_RESTORE[state[place]] for place in _UNSHIFT), key))
        return _xor(bytes(_RESTORE[state[place]] for place in _UNSHIFT), self._keys[0])

    def encrypt(self, plain: bytes, start: bytes) -> bytes:
        """CBC: every block is mixed with the cipher text before it, the first with `start` (16 bytes)."""
        before, blocks = start, []
        for block in _blocks(plain):
            before = self.encrypt_block(_xor(block, before))
            blocks.append(before)
        return b"".join(blocks)

    def decrypt(self, cipher: bytes, start: bytes) -> bytes:
        """The way back."""
        blocks = _blocks(cipher)
        return b"".join(
            _xor(self.decrypt_block(block), before)
            for block, before in zip(blocks, (start, *blocks), strict=False)
        )


def pad(plain: bytes) -> bytes:
    """Fill up to whole blocks; the filling says how long it is."""
    missing = BLOCK - len(plain) % BLOCK
    return plain + bytes([missing]) * missing


def unpad(padded: bytes) -> bytes:
    """Undo `pad`. Raises `ValueError` for a filling that it never makes: mostly, the key was another."""
    size = padded[-1] if padded else 0
    if not 1 <= size <= BLOCK or padded[-size:] != bytes([size]) * size:
        raise ValueError("invalid padding on input")
    return padded[:-size]


def _schedule(key: bytes) -> list[bytes]:
    """One key for each round, out of the key (FIPS 197 §5.2)."""
    words = [key[place : place + 4] for place in range(0, len(key), 4)]
    size, constant = len(words), 1
    for number in range(size, 4 * (size + 7)):
        word = words[-1]
        if number % size == 0:
            word = bytes(_SUBSTITUTE[byte] for byte in word[1:] + word[:1])
            word = bytes((word[0] ^ constant,)) + word[1:]
            constant = _double(constant)
        elif size > 6 and number % size == 4:
            word = bytes(_SUBSTITUTE[byte] for byte in word)
        words.append(_xor(word, words[-size]))
    return [b"".join(words[place : place + 4]) for place in range(0, len(words), 4)]


def _mix(state: bytes) -> bytes:
    two, three = _BY[2], _BY[3]
    columns = (state[place : place + 4] for place in range(0, BLOCK, 4))
    mixed = (
        (
            two[a] ^ three[b] ^ c ^ d,
            a ^ two[b] ^ three[c] ^ d,
            a ^ b ^ two[c] ^ three[d],
            three[a] ^ b ^ c ^ two[d],
        )
        for a, b, c, d in columns
    )
    return bytes(chain.from_iterable(mixed))


def _unmix(state: bytes) -> bytes:
    nine, eleven, thirteen, fourteen = (_BY[factor] for factor in (9, 11, 13, 14))
    columns = (state[place : place + 4] for place in range(0, BLOCK, 4))
    mixed = (
        (
            fourteen[a] ^ eleven[b] ^ thirteen[c] ^ nine[d],
            nine[a] ^ fourteen[b] ^ eleven[c] ^ thirteen[d],
            thirteen[a] ^ nine[b] ^ fourteen[c] ^ eleven[d],
            eleven[a] ^ thirteen[b] ^ nine[c] ^ fourteen[d],
        )
        for a, b, c, d in columns
    )
    return bytes(chain.from_iterable(mixed))


def _blocks(text: bytes) -> list[bytes]:
    if len(text) % BLOCK:
        raise ValueError("the stored data is not a multiple of the block size")
    return [text[place : place + BLOCK] for place in range(0, len(text), BLOCK)]


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))

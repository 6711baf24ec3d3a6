"""Quantities: ``500m`` CPU, ``128Mi`` memory, ``1e3``.

A quantity is an exact number and the notation it was written in.  The API server keeps the
notation but not the spelling: ``0.5`` is stored as ``500m``, ``1024Mi`` as ``1Gi``.
Upstream: ``staging/src/k8s.io/apimachinery/pkg/api/resource/quantity.go``.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from math import ceil

_FORM = re.compile(r"^([+-]?)([0-9]+|[0-9]+\.[0-9]*|\.[0-9]+)((?:[KMGTPE]i)|[numkMGTPE]|[eE][+-]?[0-9]+)?$")
_PATTERN = r"'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
_BAD_FORM = f"quantities must match the regular expression {_PATTERN}"
_BAD_SUFFIX = "unable to parse quantity's suffix"
_BAD_NUMBER = "unable to parse numeric part of quantity"
_OUTER = re.compile(r"^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$")

BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_DECIMAL_NAMES = {exponent: suffix for suffix, exponent in DECIMAL.items()}
_BINARY_NAMES = {power: suffix for suffix, power in BINARY.items()}
_NANO = Fraction(1, 10**9)
_LARGEST = 2**63 - 1


def _split(text: str) -> tuple[Fraction, str]:
    """The number without its suffix, and the suffix.  ValueError with upstream's words."""
    match = _FORM.match(text)
    if match is None:
        outer = _OUTER.match(text)
        if outer is None:
            raise ValueError(_BAD_FORM)
        raise ValueError(_BAD_SUFFIX if _FORM.match(outer.group(1)) else _BAD_NUMBER)
    sign, digits, suffix = match.groups()
    number = Fraction(digits if not digits.endswith(".") else digits + "0")
    return (-number if sign == "-" else number), suffix or ""


def _scale(suffix: str) -> Fraction:
    if suffix in BINARY:
        return Fraction(1024 ** BINARY[suffix])
    exponent = DECIMAL[suffix] if suffix in DECIMAL else int(suffix[1:])
    if abs(exponent) > 1000:  # keeps hostile input such as 1e999999999 from filling the memory
        exponent = 1000 if exponent > 0 else -1000
    return Fraction(10) ** exponent


def _round(value: Fraction, binary: bool) -> Fraction:
    """Keep nine decimals, rounding away from zero; cap what does not fit 64 bits, as upstream does."""
    if value.denominator != 1:
        scaled = value / _NANO
        if scaled.denominator != 1:
            value = Fraction(ceil(abs(scaled))) * _NANO * (1 if scaled > 0 else -1)
    if binary and abs(value) > _LARGEST:
        value = Fraction(_LARGEST if value > 0 else -_LARGEST)
    return value


@lru_cache(maxsize=8192)
def _parse_text(text: str) -> Fraction:
    number, suffix = _split(text)
    return _round(number * _scale(suffix), suffix in BINARY)


def parse(quantity: str | int | float) -> Fraction:
    """The exact value of a quantity.

    ``parse("500m") == Fraction(1, 2)``.  ValueError, with the API server's words, when it is none.
    """
    if isinstance(quantity, int):
        return Fraction(quantity)
    return _parse_text(quantity if isinstance(quantity, str) else repr(quantity))


@lru_cache(maxsize=8192)
def _canonical_text(text: str) -> str:
    suffix = _split(text)[1]
    value = _parse_text(text)
    if suffix in BINARY:
        # Binary notation cannot say parts of a byte, and 0 < x < 1024 reads the same in decimal.
        return _decimal(value) if abs(value) < 1024 or value.denominator != 1 else _binary(int(value))
    if suffix[:1] in ("e", "E") and suffix not in DECIMAL:
        return _exponent(value)
    return _decimal(value)


def _strip(value: Fraction, base: int, exponent: int, least: int) -> tuple[int, int]:
    """Write ``value`` as integer * base**exponent with the largest exponent, a multiple of the step."""
    step = 3 if base == 10 else 1
    while exponent > least and (value / Fraction(base) ** exponent).denominator != 1:
        exponent -= step
    return int(value / Fraction(base) ** exponent), exponent


def _decimal(value: Fraction) -> str:
    if value == 0:
        return "0"
    mantissa, exponent = _strip(value, 10, 18, -9)
    return f"{mantissa}{_DECIMAL_NAMES[exponent]}"


def _exponent(value: Fraction) -> str:
    if value == 0:
        return "0"
    mantissa, exponent = _strip(value, 10, 300, -9)
    return f"{mantissa}e{exponent}" if exponent else str(mantissa)


def _binary(value: int) -> str:
    power = 0
    while power < 6 and value % 1024 == 0:
        value //= 1024
        power += 1
    return f"{value}{_BINARY_NAMES[power]}" if power else str(value)


def canonical(quantity: str | int | float) -> str:
    """The spelling the API server stores: ``canonical("1024Mi") == "1Gi"``.  ValueError when it is none."""
    if isinstance(quantity, int):
        return _canonical_text(str(quantity))
    return _canonical_text(quantity if isinstance(quantity, str) else repr(quantity))


def milli(quantity: str | int | float) -> int:
    """Thousandths, rounded up: the scheduler's unit for CPU.  ``milli("0.5") == 500``."""
    return ceil(parse(quantity) * 1000)


def integer(quantity: str | int | float) -> int:
    """The value as a whole number, rounded up: bytes of memory, numbers of Pods."""
    return ceil(parse(quantity))


def format_decimal(value: Fraction | int) -> str:
    """A number in decimal notation: ``format_decimal(Fraction(1, 2)) == "500m"``."""
    return _decimal(Fraction(value))


def format_binary(value: int) -> str:
    """Bytes in binary notation when it is exact: ``format_binary(1024 ** 3) == "1Gi"``."""
    return _binary(value) if abs(value) >= 1024 else str(value)

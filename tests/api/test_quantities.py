"""Quantities against a second implementation with decimals, and upstream's spellings."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_UP, Decimal, getcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8scourse.api import quantities

getcontext().prec = 60
FACTORS = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "": Decimal(1),
    "k": Decimal("1e3"),
    "M": Decimal("1e6"),
    "G": Decimal("1e9"),
    "T": Decimal("1e12"),
    "P": Decimal("1e15"),
    "E": Decimal("1e18"),
    "Ki": Decimal(1024),
    "Mi": Decimal(1024**2),
    "Gi": Decimal(1024**3),
    "Ti": Decimal(1024**4),
    "Pi": Decimal(1024**5),
    "Ei": Decimal(1024**6),
    "e3": Decimal("1e3"),
    "E-3": Decimal("1e-3"),
    "e+7": Decimal("1e7"),
}
DECIMAL = ("E", "P", "T", "G", "M", "k", "", "m", "u", "n")
BINARY = ("Ei", "Pi", "Ti", "Gi", "Mi", "Ki")
NUMBERS = st.one_of(
    st.integers(0, 99_999).map(str),
    st.tuples(st.integers(0, 9_999), st.integers(0, 9_999)).map(lambda pair: f"{pair[0]}.{pair[1]:04d}"),
)
SIGNS = st.sampled_from(["", "-", "+"])


def second_opinion(sign: str, number: str, suffix: str) -> Decimal:
    value = Decimal(number) * FACTORS[suffix]
    value = value.quantize(Decimal("1e-9"), rounding=ROUND_UP)
    if suffix in BINARY:
        value = min(value, Decimal(2**63 - 1))
    return -value if sign == "-" else value


@given(SIGNS, NUMBERS, st.sampled_from(sorted(FACTORS)))
def test_values_agree_with_decimals(sign: str, number: str, suffix: str) -> None:
    text, value = sign + number + suffix, second_opinion(sign, number, suffix)
    assert value == Decimal(quantities.parse(text).numerator) / Decimal(quantities.parse(text).denominator)
    assert int((value * 1000).to_integral_value(ROUND_CEILING)) == quantities.milli(text)
    assert int(value.to_integral_value(ROUND_CEILING)) == quantities.integer(text)


def spelled(value: Decimal, suffix: str) -> str:
    """A second opinion about the stored spelling: the largest unit in which the number is whole."""
    if suffix.endswith("i") and abs(value) >= 1024 and value == value.to_integral_value():
        for unit in BINARY:
            if value % FACTORS[unit] == 0:
                return f"{int(value / FACTORS[unit])}{unit}"
        return str(int(value))
    exponential = suffix[:1] in ("e", "E") and len(suffix) > 1 and suffix != "Ei"
    for unit in DECIMAL:
        number = value / FACTORS[unit]
        if value and number == number.to_integral_value():
            power = 18 - 3 * DECIMAL.index(unit)
            return (
                f"{int(number)}" + (f"e{power}" if power else "") if exponential else f"{int(number)}{unit}"
            )
    return "0"


@given(SIGNS, NUMBERS, st.sampled_from(sorted(FACTORS)))
def test_the_stored_spelling_agrees_with_a_second_opinion(sign: str, number: str, suffix: str) -> None:
    value = second_opinion(sign, number, suffix)
    assert quantities.canonical(sign + number + suffix) == spelled(value, suffix)


@given(SIGNS, NUMBERS, st.sampled_from(sorted(FACTORS)))
def test_the_stored_spelling_keeps_its_value_and_is_stable(sign: str, number: str, suffix: str) -> None:
    text = sign + number + suffix
    stored = quantities.canonical(text)
    assert stored == quantities.canonical(stored)
    assert quantities.parse(text) == quantities.parse(stored)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("0.5", "500m"),
        ("1024Mi", "1Gi"),
        ("1.5Gi", "1536Mi"),
        ("1000k", "1M"),
        ("1e3", "1e3"),
        ("0", "0"),
        ("0Mi", "0"),
        ("1000m", "1"),
        ("100000", "100k"),
        ("0.0001", "100u"),
        ("+5", "5"),
        ("512Ki", "512Ki"),
        ("0.5Ki", "512"),
        ("12E6", "12e6"),
        ("1E", "1E"),
    ],
)
def test_upstreams_spellings(written: str, stored: str) -> None:
    assert stored == quantities.canonical(written)


@pytest.mark.parametrize(
    "text", ["", "lots", "1Kb", "1 Gi", "-", "1K", "5ki", "1..2", "1.2.3m", "0x10", "１"]
)
def test_other_texts_are_no_quantities(text: str) -> None:
    with pytest.raises(ValueError, match="quantit"):
        quantities.parse(text)


@given(st.text(max_size=12))
def test_any_text_is_a_quantity_or_a_refusal(text: str) -> None:
    try:
        quantities.canonical(text)
    except ValueError as problem:
        assert str(problem)  # noqa: PT017


def test_a_huge_exponent_does_not_fill_the_memory() -> None:
    assert quantities.parse("1e999999999") > 10**100
    quantities.canonical("1e999999999")

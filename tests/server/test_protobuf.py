"""Bodies in protobuf become the JSON that the same client would have sent."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8scourse.server.protobuf import Malformed, decode
from k8scourse.server.protobuf.table import SCALARS, SPECIAL, Field, messages


def number(value: int) -> bytes:
    """A varint, as Go writes it."""
    value &= 0xFFFFFFFFFFFFFFFF
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def sized(key: int, data: bytes) -> bytes:
    return number(key << 3 | 2) + number(len(data)) + data


def envelope(api_version: str, kind: str, message: bytes) -> bytes:
    type_meta = sized(1, api_version.encode()) + sized(2, kind.encode())
    return b"k8s\x00" + sized(1, type_meta) + sized(2, message) + sized(3, b"") + sized(4, b"")


def encode(name: str, value: dict[str, Any]) -> bytes:
    """A second, dumb implementation: the other way round."""
    out = b""
    for key, field in messages()[name].items():
        if field.holder == "inline":
            out += sized(key, encode(field.type, value))
        elif field.name in value:
            out += _field(key, field, value[field.name])
    return out


def _field(key: int, field: Field, value: Any) -> bytes:
    if field.holder == "list":
        return b"".join(_single(key, field.type, each) for each in value)
    if field.holder == "map":
        pairs = (sized(1, name.encode()) + _single(2, field.type, each) for name, each in value.items())
        return b"".join(sized(key, pair) for pair in pairs)
    return _single(key, field.type, value)


def _single(key: int, kind: str, value: Any) -> bytes:
    if kind in ("int", "bool"):
        return number(key << 3) + number(int(value))
    if kind == "string":
        return sized(key, value.encode())
    if kind == "Quantity":
        return sized(key, sized(1, value.encode()))
    if kind == "IntOrString":
        text = isinstance(value, str)
        parts = number(1 << 3) + number(int(text)) + number(2 << 3) + number(0 if text else value)
        return sized(key, parts + sized(3, value.encode() if text else b""))
    return sized(key, encode(kind, value))


def test_every_type_of_the_table_is_in_the_table() -> None:
    known = {*SCALARS, *SPECIAL, *messages()}
    unknown = [
        (name, field)
        for name, table in messages().items()
        for field in table.values()
        if field.type not in known
    ]
    assert unknown == []


def test_a_zero_counts_where_go_has_a_pointer() -> None:
    spec = encode("apps.DeploymentSpec", {"replicas": 0, "minReadySeconds": 0, "paused": False})
    assert decode(envelope("apps/v1", "Deployment", sized(2, spec)))["spec"] == {"replicas": 0}


def test_a_source_of_a_volume_stands_beside_its_name() -> None:
    volume = {"name": "v", "configMap": {"name": "c", "optional": False}}
    pod = {"spec": {"volumes": [volume]}}
    decoded = decode(envelope("v1", "Pod", encode("core.Pod", pod)))
    assert decoded["spec"]["volumes"] == [{"configMap": {"name": "c", "optional": False}, "name": "v"}]


def test_numbers_below_zero_and_packed_ones_are_read() -> None:
    rule = {"action": "Ignore", "onExitCodes": {"operator": "In", "values": [1, 137]}}
    job = encode("batch.Job", {"spec": {"parallelism": -1, "podFailurePolicy": {"rules": [rule]}}})
    spec = decode(envelope("batch/v1", "Job", job))["spec"]
    assert (spec["parallelism"], spec["podFailurePolicy"]["rules"]) == (-1, [rule])
    packed = sized(2, sized(3, number(1) + number(300)))
    policy = sized(2, sized(11, sized(1, packed)))
    read = decode(envelope("batch/v1", "Job", policy))["spec"]["podFailurePolicy"]
    assert read == {"rules": [{"onExitCodes": {"values": [1, 300]}}]}


def test_a_field_nobody_knows_is_skipped() -> None:
    map_ = (
        sized(1, encode("meta.ObjectMeta", {"name": "a"})) + sized(999, b"new") + number(998 << 3) + number(5)
    )
    assert decode(envelope("v1", "ConfigMap", map_))["metadata"]["name"] == "a"


names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8)
maps = st.dictionaries(names, names, min_size=1, max_size=3)
services = st.fixed_dictionaries(
    {},
    optional={
        "metadata": st.fixed_dictionaries(
            {"name": names}, optional={"labels": maps, "generation": st.integers(1, 2**62)}
        ),
        "spec": st.fixed_dictionaries(
            {},
            optional={
                "selector": maps,
                "ports": st.lists(
                    st.fixed_dictionaries(
                        {"port": st.integers(1, 65535)},
                        optional={
                            "targetPort": st.one_of(st.integers(0, 65535), names),
                            "appProtocol": names,
                        },
                    ),
                    min_size=1,
                    max_size=3,
                ),
                "publishNotReadyAddresses": st.just(True),
                "internalTrafficPolicy": st.sampled_from(["", "Local"]),
            },
        ),
    },
)


@given(services)
def test_what_a_second_implementation_wrote_is_read_back(service: dict[str, Any]) -> None:
    read = decode(envelope("v1", "Service", encode("core.Service", service)))
    assert read == {"kind": "Service", "apiVersion": "v1", **service}


@given(
    st.binary(max_size=200), st.sampled_from([("v1", "Pod"), ("apps/v1", "Deployment"), ("v1", "ConfigMap")])
)
def test_any_bytes_are_read_or_refused(data: bytes, kind: tuple[str, str]) -> None:
    read: object = None
    with contextlib.suppress(Malformed):
        read = decode(envelope(*kind, data))
    assert read is None or isinstance(read, dict)


def test_an_envelope_in_an_envelope_in_an_envelope_ends() -> None:
    deep = b""
    for _ in range(500):
        deep = sized(9, sized(1, sized(1, deep)))
    with pytest.raises(Malformed):
        decode(envelope("v1", "Thing", deep))

"""Messages as bytes: what pysnmp writes is read as pysnmp reads it, and what is broken breaks nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto import api, rfc1902, rfc1905

from rem_cli.reach.snmp import ber

OF = api.PROTOCOL_MODULES[api.SNMP_VERSION_2C]
ARCS = some.sampled_from([0, 1, 127, 128, 16383, 16384, 1 << 28, (1 << 32) - 1]) | some.integers(0, 300)
NAMES = some.lists(ARCS, min_size=0, max_size=30).map(lambda rest: (1, 3, 6, 1, *rest))
EDGES = some.sampled_from([0, 1, 127, 128, 255, 256, (1 << 31) - 1])
VALUES = some.one_of(
    (EDGES | some.integers(-(1 << 31), (1 << 31) - 1)).map(rfc1902.Integer32),
    (EDGES | some.integers(0, (1 << 32) - 1)).map(rfc1902.Counter32),
    some.integers(0, (1 << 32) - 1).map(rfc1902.Gauge32),
    some.integers(0, (1 << 32) - 1).map(rfc1902.TimeTicks),
    (EDGES | some.integers(0, (1 << 64) - 1)).map(rfc1902.Counter64),
    some.sampled_from([0, 1, 127, 128, 255, 256, 700]).map(lambda size: rfc1902.OctetString(b"\xff" * size)),
    NAMES.map(rfc1902.ObjectIdentifier),
    some.just(rfc1902.IpAddress("192.0.2.1")),
    some.sampled_from([rfc1905.noSuchInstance, rfc1905.noSuchObject, rfc1905.endOfMibView]),
)
VARBINDS = some.lists(some.tuples(NAMES, VALUES), max_size=12)


def response(id: int, told: list[tuple[Any, Any]], community: str = "public") -> bytes:
    pdu = OF.GetResponsePDU()
    OF.apiPDU.set_defaults(pdu)
    OF.apiPDU.set_request_id(pdu, id)
    OF.apiPDU.set_varbinds(pdu, told)
    message = OF.Message()
    OF.apiMessage.set_defaults(message)
    OF.apiMessage.set_community(message, community)
    OF.apiMessage.set_pdu(message, pdu)
    data: bytes = encoder.encode(message)
    return data


def plain(value: Any) -> int | bytes:
    """A value of pysnmp's as ours are."""
    if isinstance(value, rfc1902.ObjectIdentifier):
        return ber.oid(".".join(map(str, value)))
    if isinstance(value, rfc1902.OctetString | rfc1902.IpAddress):
        return bytes(value)
    return (
        b""
        if value.tagSet in [one.tagSet for one in (rfc1905.noSuchInstance, rfc1905.noSuchObject, rfc1905.endOfMibView)]
        else int(value)
    )


@settings(max_examples=150, deadline=None, derandomize=True)
@given(EDGES, VARBINDS, some.sampled_from(["", "public", "x" * 130]))
def test_any_message_is_read_as_pysnmp_reads_it(id: int, told: list[tuple[Any, Any]], community: str) -> None:
    data = response(id, told, community)
    found, error, index, start, end = ber.opened(data)
    got = ber.varbinds(data, start, end)
    assert (found, error, index) == (id, 0, 0)
    assert [(ber.dotted(name), value) for name, _, value in got] == [
        (".".join(map(str, name)), plain(value)) for name, value in told
    ]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    VARBINDS, some.lists(some.tuples(some.integers(0, 400), some.integers(0, 255)), max_size=3), some.integers(0, 400)
)
def test_a_broken_message_is_refused_or_read_and_nothing_else(
    told: list[tuple[Any, Any]], changes: list[tuple[int, int]], cut: int
) -> None:
    data = bytearray(response(7, told))
    for at, byte in changes:
        data[at % len(data)] = byte
    broken = bytes(data[: len(data) - cut % len(data)])
    try:
        *_, start, end = ber.opened(broken)
        ber.varbinds(broken, start, end)
    except (ValueError, IndexError):
        pass  # what a caller expects; any other error fails the test


@settings(max_examples=100, deadline=None, derandomize=True)
@given(some.sampled_from([1, 2]), some.lists(NAMES, min_size=1, max_size=20), some.integers(0, (1 << 31) - 1))
def test_what_is_asked_is_read_by_pysnmp(version: int, names: list[tuple[int, ...]], id: int) -> None:
    oids = tuple(ber.oid(".".join(map(str, name))) for name in names)
    before, after = ber.request(version, b"public", ber.GET, oids, 0, 0)
    of = api.PROTOCOL_MODULES[version - 1]
    message, rest = decoder.decode(before + id.to_bytes(4, "big") + after, asn1Spec=of.Message())
    pdu = of.apiMessage.get_pdu(message)
    assert (rest, bytes(of.apiMessage.get_community(message)), int(of.apiPDU.get_request_id(pdu))) == (
        b"",
        b"public",
        id,
    )
    assert [tuple(name) for name, _ in of.apiPDU.get_varbinds(pdu)] == names


@pytest.mark.parametrize("text", ["", "1", "3.1", "1.40", "1.3.-1", "1.3.x", "1.3.4294967296", "1..3"])
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        ber.oid(text)

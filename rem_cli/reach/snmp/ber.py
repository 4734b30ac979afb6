"""Messages of SNMP as bytes, both ways. Sources: X.690 (BER), RFC 1157, RFC 3416, RFC 1901.

Only what SNMP uses of BER: definite lengths, tags of one byte. Whatever is broken raises ValueError or IndexError.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rem_cli.reach.asks import Varbind

INTEGER, STRING, NULL, OID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
ADDRESS, COUNTER32, GAUGE32, TICKS, OPAQUE, COUNTER64 = 0x40, 0x41, 0x42, 0x43, 0x44, 0x46
NO_OBJECT, NO_INSTANCE, END_OF_VIEW = 0x80, 0x81, 0x82
GET, GET_NEXT, RESPONSE, GET_BULK, REPORT = 0xA0, 0xA1, 0xA2, 0xA5, 0xA8
UNSIGNED = frozenset((COUNTER32, GAUGE32, TICKS, 0x47, COUNTER64))
NUMBERS = UNSIGNED | {INTEGER}
_DEEPEST = 128  # arcs of a name; RFC 2578, section 3.5

_int = int.from_bytes


def length(size: int) -> bytes:
    if size < 128:
        return bytes((size,))
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((0x80 | len(digits),)) + digits


def field(tag: int, body: bytes) -> bytes:
    return bytes((tag,)) + length(len(body)) + body


def integer(value: int) -> bytes:
    return field(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


@lru_cache(maxsize=4096)
def oid(text: str) -> bytes:
    """A name by numbers, `1.3.6.1.2.1.1.3.0`, as its content in BER; ValueError."""
    parts = [int(part) for part in text.strip(".").split(".")]
    if not 2 <= len(parts) <= _DEEPEST or parts[0] > 2 or (parts[0] < 2 and parts[1] > 39):
        raise ValueError(f"'{text}' is no name of an object")
    out = bytearray()
    for arc in (parts[0] * 40 + parts[1], *parts[2:]):
        if not 0 <= arc < 1 << 32:
            raise ValueError(f"{arc} in '{text}' is no part of a name")
        digits = [arc & 127]
        while arc := arc >> 7:
            digits.append(arc & 127 | 128)
        out += bytes(reversed(digits))
    return bytes(out)


def dotted(name: bytes) -> str:
    """The same back again."""
    first, *rest = arcs(name)
    top = min(first // 40, 2)
    return ".".join(map(str, (top, first - 40 * top, *rest)))


def arcs(name: bytes) -> tuple[int, ...]:
    """The numbers of a name or of a part of it, in whose order names grow; the first two of a whole name are one."""
    found: list[int] = []
    arc = 0
    for byte in name:
        arc = arc << 7 | byte & 127
        if byte < 128:
            found.append(arc)
            arc = 0
    return tuple(found)


@lru_cache(maxsize=4096)
def request(version: int, community: bytes, tag: int, oids: tuple[bytes, ...], a: int, b: int) -> tuple[bytes, bytes]:
    """What stands before and after the four bytes of a request's id; `a` and `b` are the two numbers after it."""
    rest = pdu_rest(oids, a, b)
    size = 6 + len(rest)  # with the id's own tag and length
    head = bytes((INTEGER, 1, 0 if version == 1 else 1)) + field(STRING, community) + bytes((tag,)) + length(size)
    return bytes((SEQUENCE,)) + length(len(head) + size) + head + b"\2\4", rest


def pdu_rest(oids: Sequence[bytes], a: int, b: int) -> bytes:
    """A PDU's bytes after its request id."""
    names = b"".join(field(SEQUENCE, field(OID, name) + b"\5\0") for name in oids)
    return integer(a) + integer(b) + field(SEQUENCE, names)


def header(data: bytes, at: int) -> tuple[int, int]:
    """Where the content of the field at `at` begins and ends."""
    size = data[at + 1]
    if size < 128:
        return at + 2, at + 2 + size
    start = at + 2 + (size & 127)
    return start, start + _int(data[at + 2 : start], "big")


def number(data: bytes, at: int) -> tuple[int, int]:
    """The integer at `at`, and what is after it."""
    if data[at] != INTEGER:
        raise ValueError("no integer where one belongs")
    start, end = header(data, at)
    if not start < end <= len(data):
        raise ValueError("an integer is cut")
    return _int(data[start:end], "big", signed=True), end


def opened(data: bytes) -> tuple[int, int, int, int, int]:
    """Of a response of version 1 or 2c: request id, error, index, and where its varbinds begin and end."""
    start, end = header(data, 0)
    if data[0] != SEQUENCE or end != len(data) or data[start : start + 2] != b"\2\1" or data[start + 2] > 1:
        raise ValueError("no message of version 1 or 2c")
    return pdu(data, header(data, start + 3)[1])


def pdu(data: bytes, at: int) -> tuple[int, int, int, int, int]:
    """Of a PDU: request id, error, index, and where its varbinds begin and end."""
    if data[at] not in (RESPONSE, REPORT):
        raise ValueError("no answer")
    start, stop = header(data, at)
    id, after = number(data, start)
    error, after = number(data, after)
    index, after = number(data, after)
    if data[after] != SEQUENCE:
        raise ValueError("no varbinds")
    start, end = header(data, after)
    if end != stop or stop > len(data):
        raise ValueError("an answer is cut")
    return id, error, index, start, end


def varbinds(data: bytes, at: int, end: int) -> list[Varbind]:
    """Names and values between two places. This runs for every value of every agent."""
    out: list[Varbind] = []
    add = out.append
    while at < end:
        if data[at] != SEQUENCE:
            raise ValueError("no varbind")
        size = data[at + 1]
        at += 2 if size < 128 else 2 + (size & 127)
        if data[at] != OID:
            raise ValueError("no name")
        size = data[at + 1]
        if size < 128:
            start = at + 2
            after = start + size
        else:
            start, after = header(data, at)
        name = data[start:after]
        tag = data[after]
        size = data[after + 1]
        if size < 128:
            start = after + 2
            at = start + size
        else:
            start, at = header(data, after)
        if tag in UNSIGNED:
            add((name, tag, _int(data[start:at], "big")))
        elif tag == INTEGER:
            add((name, tag, _int(data[start:at], "big", signed=True)))
        else:
            add((name, tag, data[start:at]))
    if at != end:
        raise ValueError("a varbind is cut")
    return out

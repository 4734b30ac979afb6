"""Prometheus remote write 1.0 (https://prometheus.io/docs/specs/prw/remote_write_spec/): protobuf within snappy.

    WriteRequest = 1: repeated TimeSeries     TimeSeries = 1: repeated Label, 2: repeated Sample
    Label = 1: name, 2: value                 Sample = 1: value (double), 2: time (int64, milliseconds)

Snappy's block format lets bytes stand as they are, in pieces of up to 64 KiB: no library has to be installed.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from rem_cli.series import Sample
from rem_cli.series.sinks import labels

HEADERS = {
    "Content-Type": "application/x-protobuf",
    "Content-Encoding": "snappy",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
    "User-Agent": "rem",
}
_PIECE = 1 << 16


def body(samples: Iterable[Sample], prefix: str) -> bytes:
    """One request; the samples of each series in the order of time, as the receiver asks for."""
    groups: dict[str, dict[int, float]] = {}
    for one in samples:
        groups.setdefault(one.series, {})[one.at] = one.value
    return snappy(b"".join(_series(name, points, prefix) for name, points in groups.items()))


def snappy(data: bytes) -> bytes:
    """The block format, of literals alone."""
    pieces = (data[at : at + _PIECE] for at in range(0, len(data), _PIECE))
    return _varint(len(data)) + b"".join(b"\xf4" + struct.pack("<H", len(one) - 1) + one for one in pieces)


def _series(name: str, points: dict[int, float], prefix: str) -> bytes:
    told = b"".join(
        _field(1, _field(1, key.encode()) + _field(2, value.encode())) for key, value in labels(name, prefix)
    )
    for at in sorted(points):
        told += _field(2, b"\x09" + struct.pack("<d", points[at]) + b"\x10" + _varint(at * 1000))
    return _field(1, told)


def _field(number: int, content: bytes) -> bytes:
    """A field of bytes."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    made = bytearray()
    while number > 0x7F:
        made.append(number & 0x7F | 0x80)
        number >>= 7
    made.append(number)
    return bytes(made)

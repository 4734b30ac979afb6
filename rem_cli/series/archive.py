"""The Whisper file format, and reading it.

Format: Graphite's whisper 1.1, as its own source describes it. All numbers are big-endian.

    file    = header, ring of slots of the finest archive, … of the coarsest
    header  = u32 aggregate, u32 longest span, f32 xFilesFactor, u32 archives, then for each archive
              u32 offset in bytes, u32 step in seconds, u32 slots
    slot    = u32 time, f64 value; a time of 0 is an empty slot

The time in a ring's first slot, its base, says where every other time lies: `(time - base) / step`, modulo the slots.
A slot that holds another time than the one asked for holds an older turn of the ring, so there is no value.
"""

from __future__ import annotations

import os
import struct
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from rem_cli.series import Aggregate, Archive, Retention
from rem_cli.series.retention import check_retention

if TYPE_CHECKING:
    from rem_cli.series import Values

HEADER = struct.Struct("!2LfL")
RING = struct.Struct("!3L")
SLOT = struct.Struct("!Ld")
LAST_TIME = 2**32 - 1  # seconds since the epoch: February 2106
_AGGREGATES = dict(enumerate(Aggregate, start=1))  # the contract lists them in the order of the format
_OTHER_AGGREGATES = {6: "avg_zero", 7: "absmax", 8: "absmin"}
_FIRST_READ = HEADER.size + 8 * RING.size  # bytes; few files have more than eight archives


class NotWholeError(Exception):
    """The bytes are not a whole Whisper file; the message completes "the file …"."""


class ForeignError(Exception):
    """A whole Whisper file of a kind that only other tools write; the message completes "the file …"."""


class Ring(NamedTuple):
    """Where an archive lies in the file: at `offset` bytes, `slots` of `step` seconds."""

    offset: int
    step: int
    slots: int

    @property
    def span(self) -> int:
        return self.step * self.slots

    def oldest(self, newest: int) -> int:
        """The oldest time that has a slot of its own beside `newest`. One step older would take the newest's slot."""
        return (newest // self.step - self.slots + 1) * self.step


class Layout(NamedTuple):
    """What a header says."""

    aggregate: Aggregate
    enough: float  # the xFilesFactor: which part of the fine values must be known to make a coarse one
    rings: tuple[Ring, ...]

    @property
    def bytes(self) -> int:
        return self.rings[-1].offset + self.rings[-1].slots * SLOT.size

    @property
    def longest(self) -> int:
        return self.rings[-1].span

    def retention(self) -> Retention:
        return Retention(tuple(Archive(ring.step, ring.span) for ring in self.rings), self.aggregate)


def header_of(retention: Retention) -> bytes:
    """The header of a new file. Its xFilesFactor is 0: a sparse series reaches its coarse archives too."""
    offset = HEADER.size + RING.size * len(retention.archives)
    code = next(code for code, aggregate in _AGGREGATES.items() if aggregate is retention.aggregate)
    parts = [HEADER.pack(code, max(archive.span for archive in retention.archives), 0.0, len(retention.archives))]
    for archive in retention.archives:
        parts.append(RING.pack(offset, archive.step, archive.points))
        offset += archive.points * SLOT.size
    return b"".join(parts)


@lru_cache(maxsize=256)
def layout_of(header: bytes) -> Layout:
    """Check every number of a header.

    Keyed by the header's bytes, so a file that was replaced is never taken for the one before.

    Raises:
        NotWholeError: they do not fit together.
        ForeignError: an aggregate that `Aggregate` does not have.
    """
    code, longest, enough, count = HEADER.unpack_from(header)
    rings = tuple(Ring(*RING.unpack_from(header, HEADER.size + RING.size * index)) for index in range(count))
    if code in _OTHER_AGGREGATES:
        raise ForeignError(f"aggregates by {_OTHER_AGGREGATES[code]}, which only other tools write")
    if code not in _AGGREGATES or not 0 <= enough <= 1:
        raise NotWholeError("has a header that makes no sense")
    layout = Layout(_AGGREGATES[code], enough, rings)
    offset = len(header)
    for ring in rings:
        if ring.offset != offset or not ring.step or not ring.slots:
            raise NotWholeError("has an archive list that makes no sense")
        offset += ring.slots * SLOT.size
    fits_whisper = len(rings) == 1 or not check_retention(layout.retention())
    if not fits_whisper or longest != max(ring.span for ring in rings):
        raise NotWholeError("has archives that do not fit each other")
    return layout


def read_layout(fd: int) -> Layout:
    """Read the header of an open file and compare the file's size with it.

    Raises:
        NotWholeError, ForeignError: see `layout_of`; also for a file that is cut short or too long.
    """
    start = os.pread(fd, _FIRST_READ, 0)
    size = os.fstat(fd).st_size
    if len(start) < HEADER.size + RING.size:
        raise NotWholeError(f"has {size} bytes, less than a header")
    length = HEADER.size + RING.size * int.from_bytes(start[12:16])
    if not HEADER.size < length <= size:
        raise NotWholeError("has a header that makes no sense")
    if length > len(start):
        start = os.pread(fd, length, 0)
    layout = layout_of(start[:length])
    if size != layout.bytes:
        raise NotWholeError(f"has {size:,} bytes where its header says {layout.bytes:,}")
    return layout


def read_base(fd: int, ring: Ring) -> int:
    """The time of the ring's first slot, 0 for an empty ring.

    Raises:
        NotWholeError: a time that no slot of this ring can hold.
    """
    base = int.from_bytes(os.pread(fd, 4, ring.offset))
    if base % ring.step:
        raise NotWholeError(f"has a damaged first value in its archive of {ring.step} s")
    return base


def read_slots(fd: int, ring: Ring, base: int, start: int, count: int) -> bytes:
    """The bytes of `count` slots from the time `start` on, round the ring's end where needed."""
    index = (start - base) // ring.step % ring.slots
    parts = []
    while count:
        part = min(count, ring.slots - index)
        data = os.pread(fd, part * SLOT.size, ring.offset + index * SLOT.size)
        if len(data) < part * SLOT.size:
            raise NotWholeError("became shorter while it was read")
        parts.append(data)
        count -= part
        index = 0
    return parts[0] if len(parts) == 1 else b"".join(parts)  # saves a copy


@lru_cache(maxsize=64)
def slots_struct(count: int) -> struct.Struct:
    """Packs and unpacks time, value, time, value …"""
    return struct.Struct("!" + "Ld" * count)


def window(layout: Layout, start: int, end: int, now: int) -> tuple[Ring, int, int]:
    """Which ring answers for the times after `start` up to and with `end`, and its first and last step + 1.

    The same choice as whisper.fetch: the finest ring that reaches from `now` back to `start`; a range of no length
    gives one value; what lies before the longest span or after `now` is left out.
    """
    start = max(start, now - layout.longest)
    end = min(end, now)
    ring = next((ring for ring in layout.rings if ring.span >= now - start), layout.rings[-1])
    first = start - start % ring.step + ring.step
    if start > end:
        return ring, first, first
    last = end - end % ring.step + ring.step
    return ring, first, last if last > first else first + ring.step


def decode(data: bytes, start: int, step: int) -> list[float | None]:
    """The values of slots that begin at the time `start`; None where a slot holds another time, or not a number."""
    count = len(data) // SLOT.size
    flat = slots_struct(count).unpack(data)
    times, values = flat[::2], flat[1::2]
    expected = tuple(range(start, start + count * step, step))
    total = sum(values)
    if times == expected and total == total:  # all there, and none of them not a number
        return list(values)
    return [
        value if at == want and value == value else None
        for at, value, want in zip(times, values, expected, strict=True)
    ]


def decode_array(data: bytes, start: int, step: int) -> Values:
    """The values of slots that begin at the time `start`; not a number where a slot holds another time."""
    import numpy as np

    slots = np.frombuffer(data, np.dtype([("at", ">u4"), ("value", ">f8")]))
    values = slots["value"].astype(np.float64)
    values[slots["at"] != np.arange(start, start + len(slots) * step, step, dtype=np.int64)] = np.nan
    return values


def decode_long(data: bytes, start: int, step: int) -> list[float | None]:
    """What `decode` does, ten times as fast, by numpy."""
    import numpy as np

    values = decode_array(data, start, step)
    result: list[float | None] = values.tolist()
    for index in np.flatnonzero(np.isnan(values)).tolist():
        result[index] = None
    return result


def read_ring(fd: int, ring: Ring) -> list[tuple[int, float]]:
    """Every point in a ring, oldest first: of the newest turn only."""
    base = read_base(fd, ring)
    if not base:
        return []
    flat = slots_struct(ring.slots).unpack(read_slots(fd, ring, base, base, ring.slots))
    points = [
        (at, value)
        for index, (at, value) in enumerate(zip(flat[::2], flat[1::2], strict=True))
        if at and value == value and (at - base) // ring.step % ring.slots == index and not at % ring.step
    ]
    oldest = ring.oldest(max(points, default=(0, 0.0))[0])
    return sorted(point for point in points if point[0] >= oldest)

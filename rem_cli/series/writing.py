"""Writing into a Whisper file, byte for byte what whisper 1.1.10 writes where that is safe.

Where it is not, the difference is on purpose: of two values at one time the last wins, no value from the future is
taken, and a late value that would land in the slot of the newest one goes to the next coarser archive.

The finest archive is written first and each coarser one is computed from what then stands in the file, so a run that
was cut at any point is made whole by writing the same points again.
"""

from __future__ import annotations

import errno
import os
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from rem_cli.series import Aggregate
from rem_cli.series.archive import LAST_TIME, SLOT, Layout, Ring, read_base, read_slots, slots_struct

AHEAD = 60  # seconds a value may be ahead of the clock: hosts' clocks differ


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


_COMPUTE: dict[Aggregate, Callable[[Sequence[float]], float]] = {
    Aggregate.AVERAGE: _mean,
    Aggregate.SUM: sum,
    Aggregate.LAST: lambda values: values[-1],
    Aggregate.MAX: max,
    Aggregate.MIN: min,
}


def write(fd: int, layout: Layout, points: Iterable[tuple[int, float]], now: int) -> int:
    """Write (time, value) pairs in any order; returns how many times were taken.

    Not taken: not a number, more than `AHEAD` seconds after `now`, older than every archive reaches.
    """
    latest = min(now + AHEAD, LAST_TIME)
    wanted = {at: value for at, value in points if 0 < at <= latest and value == value}
    times = sorted(wanted)
    if not times:
        return 0
    newest = max(now, times[-1])
    if any(bisect_left(times, ring.oldest(now)) < bisect_left(times, ring.oldest(latest)) for ring in layout.rings):
        newest = max(newest, _newest_ahead(fd, layout.rings[0], now))  # only then can it make a difference
    end = len(times)
    for depth, ring in enumerate(layout.rings):
        start = bisect_left(times, ring.oldest(newest), 0, end)
        if start < end:
            _write_archive(fd, layout, depth, {at - at % ring.step: wanted[at] for at in times[start:end]}, newest)
        end = start
        if not end:
            break
    return len(times) - end


def _newest_ahead(fd: int, ring: Ring, now: int) -> int:
    """The newest time that an earlier write, allowed to be ahead, has put into the ring; 0 if there is none."""
    base = read_base(fd, ring)
    if not base:
        return 0
    start = now - now % ring.step + ring.step
    count = min(AHEAD // ring.step + 1, ring.slots - 1)
    times = slots_struct(count).unpack(read_slots(fd, ring, base, start, count))[::2]
    return max((at for at in times if now < at <= now + AHEAD), default=0)


def _write_archive(fd: int, layout: Layout, depth: int, slots: dict[int, float], newest: int) -> None:
    """Write into one archive, then bring the coarser ones up to it. `slots` is in the order of time."""
    fine = layout.rings[depth]
    _put(fd, fine, slots, next(iter(slots)))
    times = list(slots)
    for coarse in layout.rings[depth + 1 :]:
        # The base of a still empty archive is the first one made, and the library makes them in the order of a set.
        intervals = list({at - at % coarse.step for at in times})
        made = _aggregated(fd, layout, fine, coarse.step, sorted(intervals))
        if not made:
            break
        kept = {at: made[at] for at in sorted(made) if at >= coarse.oldest(newest)}
        if kept:
            _put(fd, coarse, kept, next(at for at in intervals if at in kept))
        fine = coarse


def _aggregated(fd: int, layout: Layout, fine: Ring, step: int, intervals: list[int]) -> dict[int, float]:
    """The coarse value of each interval of `step` seconds of which enough is known in the fine ring."""
    base = read_base(fd, fine)
    each = step // fine.step
    compute = _COMPUTE[layout.aggregate]
    made: dict[int, float] = {}
    for start, count in _runs(intervals, step):
        flat = slots_struct(count * each).unpack(read_slots(fd, fine, base, start, count * each))
        times, values = flat[::2], flat[1::2]
        expected = tuple(range(start, start + count * step, fine.step))
        for first in range(0, count * each, each):
            last = first + each
            known: Sequence[float] = values[first:last]
            if times[first:last] != expected[first:last]:
                known = [values[i] for i in range(first, last) if times[i] == expected[i]]
            if known and len(known) / each >= layout.enough:
                made[expected[first]] = compute(known)
    return made


def _put(fd: int, ring: Ring, slots: dict[int, float], first: int) -> None:
    """Write slots, in the order of time, in as few calls as they have gaps. In an empty ring `first` is the base."""
    base = read_base(fd, ring)
    if not base:
        # Before the others: values cut off from their base would lie in places that nothing in the file explains.
        base = first
        _write_all(fd, SLOT.pack(base, slots[base]), ring.offset)
    for start, count in _runs(list(slots), ring.step):
        flat = [part for at in range(start, start + count * ring.step, ring.step) for part in (at, slots[at])]
        data = slots_struct(count).pack(*flat)
        index = (start - base) // ring.step % ring.slots
        before_end = (ring.slots - index) * SLOT.size
        _write_all(fd, data[:before_end], ring.offset + index * SLOT.size)
        if len(data) > before_end:
            _write_all(fd, data[before_end:], ring.offset)


def _runs(times: list[int], step: int) -> list[tuple[int, int]]:
    """The gapless runs in ascending times: (first, how many)."""
    breaks = [index for index, (one, next_one) in enumerate(pairwise(times), start=1) if next_one != one + step]
    return [(times[start], end - start) for start, end in pairwise([0, *breaks, len(times)])]


def _write_all(fd: int, data: bytes, offset: int) -> None:
    while data:
        written = os.pwrite(fd, data, offset)
        if not written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        data = data[written:]
        offset += written

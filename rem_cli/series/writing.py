"""Writing into a Whisper file, byte for byte what whisper 1.1.10 writes where that is safe.

Where it is not, the difference is on purpose: of two values at one time the last wins, no value from the future is
taken, and a late value that would land in the slot of the newest one goes to the next coarser archive.

The finest archive is written first and each coarser one is computed from what then stands in the file, so a run that
was cut at any point is made whole by writing the same points again.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

from rem_cli.series import Aggregate
from rem_cli.series.archive import LAST_TIME, SLOT, Layout, Ring, read_base, read_slots, slots_struct
from rem_cli.series.disk import write_all

AHEAD = 60  # seconds a value may be ahead of the clock: hosts' clocks differ


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


COMPUTE: dict[Aggregate, Callable[[Sequence[float]], float]] = {
    Aggregate.AVERAGE: _mean,
    Aggregate.SUM: sum,
    Aggregate.LAST: lambda values: values[-1],
    Aggregate.MAX: max,
    Aggregate.MIN: min,
}


def write(fd: int, layout: Layout, points: Iterable[tuple[int, float]], now: int, *, gather: bool = False) -> int:
    """Write (time, value) pairs in any order; returns how many times were taken.

    Not taken: not a number, more than `AHEAD` seconds after `now`, older than every archive reaches. Of values too old
    for the finest archive the last one of a coarse step is written, as the library does; or, to `gather` them, what
    the aggregate makes of all that are given.
    """
    latest = min(now + AHEAD, LAST_TIME)
    wanted = {at: value for at, value in points if 0 < at <= latest and value == value}
    if not wanted:
        return 0
    times = sorted(wanted)
    newest = max(now, times[-1], _newest_ahead(fd, layout, times, now, latest))
    end = len(times)
    for depth, ring in enumerate(layout.rings):
        start = bisect_left(times, ring.oldest(newest), 0, end)
        if start < end:
            slots = {at - at % ring.step: wanted[at] for at in times[start:end]}
            if gather and depth:
                slots = _gathered(times[start:end], wanted, ring.step, COMPUTE[layout.aggregate])
            _write_archive(fd, layout, depth, slots, newest)
        end = start
        if not end:
            break
    return len(times) - end


def fill(fd: int, layout: Layout, rings: Sequence[Mapping[int, float]]) -> None:
    """Write values into each ring as they are, ascending by time and at whole steps; none is computed from another."""
    for ring, slots in zip(layout.rings, rings, strict=True):
        if slots:
            _put(fd, ring, dict(slots), next(iter(slots)))


def _gathered(
    times: Sequence[int], values: Mapping[int, float], step: int, compute: Callable[[Sequence[float]], float]
) -> dict[int, float]:
    """One value for each step, of all that fall into it."""
    groups: dict[int, list[float]] = {}
    for at in times:
        groups.setdefault(at - at % step, []).append(values[at])
    return {at: compute(some) for at, some in groups.items()}


def _newest_ahead(fd: int, layout: Layout, times: list[int], now: int, latest: int) -> int:
    """The newest time that an earlier write, allowed to be ahead, has put into the file; 0 if it does not matter."""
    for ring in layout.rings:
        oldest, without = ring.oldest(latest), ring.oldest(now)
        if oldest != without and bisect_left(times, oldest) != bisect_left(times, without):
            break  # some time has a slot of its own now, but shares it with one that may have been written ahead
    else:
        return 0
    ring = layout.rings[0]
    start = now - now % ring.step + ring.step
    count = min(AHEAD // ring.step + 1, ring.slots - 1)
    ahead = slots_struct(count).unpack(read_slots(fd, ring, read_base(fd, ring), start, count))[::2]
    return max((at for at in ahead if now < at <= latest), default=0)


def _write_archive(fd: int, layout: Layout, depth: int, slots: dict[int, float], newest: int) -> None:
    """Write into one archive, then bring the coarser ones up to it. `slots` is in the order of time."""
    times = list(slots)
    fine = layout.rings[depth]
    base = _put(fd, fine, slots, times[0])
    for coarse in layout.rings[depth + 1 :]:
        # The base of a still empty archive is the first one made, and the library makes them in the order of a set.
        intervals = list({at - at % coarse.step for at in times})
        made = _aggregated(fd, layout, fine, base, coarse.step, sorted(intervals))
        if not made:
            break
        fine, oldest = coarse, coarse.oldest(newest)
        if next(iter(made)) < oldest:
            made = {at: value for at, value in made.items() if at >= oldest}
        base = _put(fd, coarse, made, next((at for at in intervals if at in made), 0))


def _aggregated(fd: int, layout: Layout, fine: Ring, base: int, step: int, intervals: list[int]) -> dict[int, float]:
    """The coarse value of each interval of `step` seconds, ascending, of which enough is known in the fine ring."""
    each = step // fine.step
    compute = COMPUTE[layout.aggregate]
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


def _put(fd: int, ring: Ring, slots: dict[int, float], first: int) -> int:
    """Write slots, in the order of time, in as few calls as they have gaps; returns the ring's base.

    The base of an empty ring becomes `first`. It is written before the others: values that were cut off from their
    base would lie in places that nothing in the file explains.
    """
    base = read_base(fd, ring)
    if not base and slots:
        base = first
        write_all(fd, SLOT.pack(base, slots[base]), ring.offset)
    for start, count in _runs(list(slots), ring.step):
        if count == 1:
            data = SLOT.pack(start, slots[start])
        else:
            flat = [part for at in range(start, start + count * ring.step, ring.step) for part in (at, slots[at])]
            data = slots_struct(count).pack(*flat)
        index = (start - base) // ring.step % ring.slots
        before_end = (ring.slots - index) * SLOT.size
        write_all(fd, data[:before_end], ring.offset + index * SLOT.size)
        if len(data) > before_end:
            write_all(fd, data[before_end:], ring.offset)
    return base


def _runs(times: list[int], step: int) -> list[tuple[int, int]]:
    """The gapless runs in ascending times: (first, how many)."""
    if times and times[-1] - times[0] == (len(times) - 1) * step:
        return [(times[0], len(times))]
    breaks = [index for index, (one, next_one) in enumerate(pairwise(times), start=1) if next_one != one + step]
    return [(times[start], end - start) for start, end in pairwise([0, *breaks, len(times)]) if start < end]

"""How numbers come in: `write` keeps samples, whatever happens then; `drain` puts them into their series.

The spool comes first, since one write to it is one disk write for any number of series. A sample leaves it only when it
stands in its series on the disk, so whatever is cut is done again, and doing it again changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from rem_cli.clock import Clock
from rem_cli.errors import RemError
from rem_cli.series import Batch, Rebuilt, Retention, Sample, SeriesError, Store
from rem_cli.series.believed import PATIENCE, believed
from rem_cli.series.naming import file_of
from rem_cli.series.retention import check_retention
from rem_cli.series.samples import Groups, decode, encode, gather, samples_of
from rem_cli.series.spool import Position, Spool, framed, frames

AHEAD = 60.0  # seconds; a series takes no sample that is further ahead of the clock
STORE = "series"  # the consumer that this module is
HELD = "held"  # the file of samples that wait although they were read
KEEP_BYTES = 64 << 20  # of samples that are in their series, to mend damaged files from
KEEP_SECONDS = 7 * 86400.0
_NAMES = 100_000  # that are remembered
_AT_ONCE = 200_000  # samples that are held in memory


class Intake:
    """Where samples go. Any number of processes and threads may write; one at a time drains."""

    def __init__(self, spool: Spool, store: Store, clock: Clock) -> None:
        self.spool = spool
        self.store = store
        self._clock = clock
        self._named: set[str] = set()  # names that were looked at
        self._checked: set[Retention] = set()

    def write(self, samples: Sequence[Sample]) -> None:
        """Keep samples, of any number of series. When this returns they survive a kill and a loss of power.

        Not a number is no sample. Raises:
            SeriesError: nothing was kept; a name or a retention that no series can have, or the disk refuses.
            HeldError: nothing was kept; other writers took all the time.
        """
        known = [one for one in samples if one.value == one.value]
        for series, _, _, retention in known:
            if series not in self._named:
                file_of(series)
                if len(self._named) >= _NAMES:
                    self._named.clear()
                self._named.add(series)
            if retention not in self._checked:
                if problems := check_retention(retention):
                    raise SeriesError(f"{series}: cannot keep it so: {'; '.join(problems)}", hint="mend its retention")
                self._checked.add(retention)
        if known:
            self.spool.append(encode(known))

    def drain(self) -> list[str]:
        """Put what was written into its series; returns a remark for each series that did not take its samples.

        These wait, and so do samples that are ahead of the clock, or of a clock that just leapt ahead. Readers call
        this first, so that they see all that was kept.

        Raises:
            SeriesError: the disk refuses; nothing left the spool.
            HeldError: another process drains for longer than this one waits.
        """
        if not self.spool.segments():
            return []
        with self.spool.turn("drain"):
            said: dict[str, str] = {}
            time = believed(self.spool, self._clock)
            groups: Groups = {}
            before = count = gather(self._held(), groups)
            start = position = self.spool.reached(STORE)
            for after, payload in self.spool.read(start):
                count += gather(payload, groups)
                position = after
                if count >= _AT_ONCE:
                    groups = self._put(groups, said, time.now)
                    count = sum(map(len, groups.values()))
            held = samples_of(self._put(groups, said, time.now))
            if held and time.ahead:
                said[""] = _leapt(len(held), time.ahead)
            if held or before:
                self.spool.note(HELD, framed(encode(held)))
            if position != start:
                self.spool.reach(STORE, position)
                self.spool.forget(STORE, most=KEEP_BYTES, since=self._clock.now() - KEEP_SECONDS)
        return list(said.values())

    def waiting(self) -> list[Sample]:
        """The samples that are kept and in no series yet."""
        new = [one for _, payload in self.spool.read(self.spool.reached(STORE)) for one in decode(payload)]
        return decode(self._held()) + new

    def kept(self, series: str) -> list[Sample]:
        """All samples of a series that the spool still has, oldest write first."""
        every = (one for _, payload in self.spool.read(Position()) for one in decode(payload))
        return [one for one in every if one.series == series] + [
            one for one in decode(self._held()) if one.series == series
        ]

    def repair(self, series: str) -> Rebuilt | None:
        """Make a damaged series anew from its own file and from the spool; None if it is whole."""
        samples = self.kept(series)
        return self.store.rebuild(series, samples, now=self._clock.now())

    def _put(self, groups: Groups, said: dict[str, str], now: float) -> Groups:
        """Write samples into their series; those that must wait."""
        latest = now + AHEAD
        wait: Groups = {}
        for key, points in groups.items():
            if ahead := [point for point in points if point[0] > latest]:
                wait[key] = ahead
        batches = [
            Batch(series, points, kept)  # those ahead are not taken; a series that has no others is not begun
            for (series, kept), points in groups.items()
            if len(wait.get((series, kept), ())) < len(points)
        ]
        for batch, error in self.store.add_all(batches, now=now):
            said[batch.series] = _remark(error)
            wait[batch.series, batch.retention] = list(batch.points)
        return wait

    def _held(self) -> bytes:
        """The samples that waited when last somebody drained."""
        return next((payload for _, _, payload in frames(self.spool.noted(HELD))), b"[]")


def _leapt(count: int, ahead: float) -> str:
    return (
        f"the clock leapt ahead by {ahead:,.0f} s; {count:,} of the samples wait until it has kept to that for "
        f"{PATIENCE / 60:g} minutes (look at it with: date)"
    )


def _remark(error: RemError) -> str:
    return f"{error.message}; its samples wait" + (f" ({error.hint})" if error.hint else "")

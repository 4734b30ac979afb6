"""A duty that takes the numbers of other programs in: Graphite's lines over TCP, statsd's over UDP."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rem_cli.errors import RemError
from rem_cli.reach.listening import Datagrams, Lines
from rem_cli.series.inbound import graphite
from rem_cli.series.inbound.statsd import EVERY, Statsd

if TYPE_CHECKING:
    from rem_cli.clock import Clock
    from rem_cli.series import Sample
    from rem_cli.series.intake import Intake

PREFIX = "inbound"  # the first part of the names of what others send
LOOK = 0.25  # seconds between two looks
_MOST = 100_000  # samples that wait in memory for a spool that cannot be written
Address = tuple[str, int]


class Looked(NamedTuple):
    """What one look brought."""

    kept: int  # samples
    strange: list[str]  # lines that are none
    problem: RemError | None  # what keeps samples from the spool; they wait, and no more are taken


class Inbound:
    """Listens until it is closed. ListenError where it cannot."""

    def __init__(self, intake: Intake, clock: Clock, *, lines: Address | None, statsd: Address | None) -> None:
        self._intake = intake
        self._clock = clock
        self.lines = Lines(lines) if lines else None
        try:
            self.datagrams = Datagrams(statsd) if statsd else None
        except RemError:
            if self.lines:
                self.lines.close()
            raise
        self._statsd = Statsd(PREFIX)
        self._minute = self._now() // EVERY
        self._drained = self._minute
        self._waiting: list[Sample] = []

    def look(self) -> Looked:
        """Take what came, keep it, and only then part from those who have ended: they know by that."""
        strange: list[str] = []
        if len(self._waiting) < _MOST:
            self._take(strange)
        if self._now() // EVERY != self._minute:
            self._waiting += self._statsd.flush(self._minute * EVERY)
            self._minute = self._now() // EVERY
        kept = len(self._waiting)
        try:
            self._intake.write(self._waiting)
            self._waiting = []
            if self.lines:
                self.lines.part()
            if self._drained != self._minute:  # for who reads the files; whoever asks rem sees them at once
                self._drained = self._minute
                self._intake.drain()
        except RemError as error:
            return Looked(0, strange, error)
        return Looked(kept, strange, None)

    def _take(self, strange: list[str]) -> None:
        for line in self.lines.take() if self.lines else ():
            sample = graphite(line.decode(errors="replace"), PREFIX, self._clock.now())
            if sample:
                self._waiting.append(sample)
            elif line.strip():
                strange.append(line.decode(errors="replace"))
        for line in self.datagrams.take() if self.datagrams else ():
            text = line.decode(errors="replace")
            if not self._statsd.take(text):
                strange.append(text)

    def close(self) -> None:
        """Keep what is there, and listen no more."""
        self._waiting += self._statsd.flush(self._now())
        try:
            self._intake.write(self._waiting)
        finally:
            for one in (self.lines, self.datagrams):
                if one:
                    one.close()

    def _now(self) -> int:
        return int(self._clock.now())

"""`rem daemon`: its duties, what it has under way, and how it ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rem_cli.daemon import Duty, Event, Listen
from rem_cli.daemon.hands import Hands, Wake
from rem_cli.daemon.loop import Loop
from rem_cli.daemon.schedules import Active, Schedules
from rem_cli.jobs.claims import Claims
from rem_cli.jobs.due import times
from rem_cli.language.shown import duration
from rem_cli.wire.due import items_here, started_here, through
from rem_cli.wire.duties import Checks, Fetching, LongJobs, Procedures

if TYPE_CHECKING:
    from rem_cli.daemon.notify import Notify
    from rem_cli.jobs.due import Work
    from rem_cli.jobs.tenure import Tenure
    from rem_cli.language import Item
    from rem_cli.reach import Stop
    from rem_cli.wire import Rem
    from rem_cli.wire.source import Source

BEAT = 5.0  # seconds between signs of life; a third of a lease at most
GIVEN_UP = 2  # how often a stop was asked when nothing is waited for any more


class Daemon:
    """One process that does all duties until it is told to stop."""

    def __init__(self, rem: Rem, stop: Stop, listen: Listen, notify: Notify) -> None:
        self.wake = Wake()
        self._rem = rem
        self._stop = stop
        self._listen = listen
        self._notify = notify
        self._reload = False
        self._status = ""
        self._source: tuple[int, Source] | None = None
        self._hands = Hands(self.wake.ring, listen)
        self._schedules = Schedules(Claims(rem.state), rem.clock, self._active, self._begin, listen)
        self._duties: Sequence[Duty] = [
            self._schedules,
            LongJobs(stop, listen, self._ended),
            Procedures(rem, self._hands, stop, listen),
            Checks(stop, listen),
            Fetching(stop, listen),
        ]  # fmt: skip
        self._loop = Loop(self._duties, rem.clock, self._hands.begin, listen)
        self._fed = rem.clock.monotonic()

    def reload(self) -> None:
        """Look at everything at once; safe in a signal handler."""
        self._reload = True
        self.wake.ring()

    def serve(self, drain: float) -> bool:
        """Until somebody wishes it to stop; then what runs may come to its end for `drain` seconds.

        Whether all of it did, before anybody asked it to end.
        """
        self._notify.say(ready=1)
        beat = min(BEAT, (self._notify.watchdog or BEAT) / 2)
        while not self._stop.wished:
            if self._reload:
                self._reload = False
                self._listen(Event("daemon", "reload", "looks at everything anew"))
                self._loop.hurry()
            pause = self._loop.step()
            self._beat("idle")
            self.wake.wait(min(pause, beat))
        self._notify.say(stopping=1)
        self._drain(drain, beat)
        self._schedules.leave()
        self.wake.close()
        return not self._stop.asked

    def _drain(self, drain: float, beat: float) -> None:
        clock, running = self._rem.clock, self._hands.under_way
        text = f"stops; waits up to {duration(drain)} for {', '.join(running)}" if running else "stops"
        self._listen(Event("daemon", "stopping", text))
        ends = clock.monotonic() + drain
        while self._hands.under_way and self._stop.asked < GIVEN_UP:
            if clock.monotonic() >= ends and not self._stop.asked:
                text = f"{duration(drain)} are over: ends {', '.join(self._hands.under_way)}"
                self._listen(Event("daemon", "stopping", text, alarming=True))
                while not self._stop.asked:
                    self._stop.ask()
            self._beat("stopping")
            self.wake.wait(max(0.05, min(beat, ends - clock.monotonic())) if not self._stop.asked else 0.5)

    def _beat(self, idle: str) -> None:
        """A sign of life, for other daemons and for whoever started this one."""
        self._schedules.keep()
        turns = {duty.name for duty in self._duties}
        status = ", ".join(one for one in self._hands.under_way if one not in turns) or idle
        if status != self._status:
            self._notify.say(status=status)
            self._status = status
        now, watchdog = self._rem.clock.monotonic(), self._notify.watchdog
        if watchdog and now - self._fed >= watchdog / 4:
            self._notify.say(watchdog=1)
            self._fed = now

    def _active(self) -> Active | None:
        """What is active now; read anew when that is another generation."""
        number = self._rem.generations.pointed_at()
        generation = self._rem.generations.active() if number is not None else None
        if generation is None:
            return None
        if self._source is None or self._source[0] != generation.number:
            self._source = generation.number, self._rem.active_source()
        source = self._source[1]

        def names(item: Item) -> list[str]:
            return [host.name for host in started_here(source.hosts(source.job(item.path).hosts))]

        return Active(generation.number, int(generation.at), items_here(source), names)

    def _ended(self, job: str) -> None:
        """Look at once at what waits for a run of a job to end."""
        self._schedules.ended(job)
        self._loop.hurry(self._schedules.name)

    def _begin(self, work: Work, tenure: Tenure, active: Active) -> None:
        assert self._source is not None
        source = self._source[1]
        at = times([work.instant])

        def run() -> None:
            ended = through(work, source, tenure, self._stop)
            self._ended(work.job)
            told = {"job": work.job, "due": work.instant, "run": ended.run.id if ended.run else None}
            kind = "ran" if ended.run else "failed"
            text = f"{work.job} of {at}: {ended.said}"
            self._listen(Event("schedules", kind, text, alarming=not ended.good, told=told))

        self._hands.begin(f"{work.job} of {at}", run)

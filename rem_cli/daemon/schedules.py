"""The duty that starts what is due: claims it, gives it to others to run, and says when the next is due."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from rem_cli.clock import Clock
from rem_cli.daemon import Event, Listen
from rem_cli.errors import RemError
from rem_cli.jobs.claims import DAEMON, LEASE, Claims
from rem_cli.jobs.due import Turn, Work, claim_due
from rem_cli.jobs.schedule import Schedule
from rem_cli.jobs.schedule.coming import schedules
from rem_cli.jobs.schedule.decide import ALARMING
from rem_cli.jobs.tenure import Tenure
from rem_cli.language import Item

LOOK = 30.0  # seconds between looks at everything, also at what waits
NEWS = 5.0  # seconds between looks at whether another generation is active, and at what others left


class Active(NamedTuple):
    """What is active."""

    generation: int
    applied: int  # when it became active
    items: Sequence[Item]  # jobs that are started from here, and calendars
    hosts: Callable[[Item], Sequence[str]]  # the names of a job's hosts


class Schedules:
    """The duty `schedules`. `begin` runs a piece of work that was claimed, and never waits for its end."""

    name = "schedules"

    def __init__(
        self,
        claims: Claims,
        clock: Clock,
        active: Callable[[], Active | None],
        begin: Callable[[Work, Tenure, Active], None],
        listen: Listen,
    ) -> None:
        self._claims = claims
        self._clock = clock
        self._active = active
        self._begin = begin
        self._listen = listen
        self._tenure: Tenure | None = None
        self._generation = -1
        self._schedules: dict[str, Schedule] = {}
        self._next: dict[str, float] = {}  # when each job is due
        self._whole = 0.0  # when everything is looked at again, by the clock that never steps
        self._again: set[str] = set()  # jobs that somebody asked to look at
        self._said: set[str] = set()  # jobs of which it was said that something is wrong

    def keep(self) -> None:
        """Keep the lease, from time to time."""
        if self._tenure is not None:
            self._tenure.keep()

    def ended(self, job: str) -> None:
        """A run of a job has ended: what waits for that may begin."""
        self._again.add(job)

    def leave(self) -> None:
        """Let go of the lease, once nothing runs any more."""
        if self._tenure is not None:
            self._tenure.lease.release()

    def turn(self) -> float:
        tenure, active = self._enter(), self._active()
        if active is None:
            return NEWS
        if active.generation != self._generation:
            self._take(active)
        now = self._clock.now()
        asked = [path for path in self._asked(now) if path in self._schedules]
        if asked:
            self._look(active, tenure, asked, int(now))
            for path in asked:
                following = self._schedules[path].next(int(now))
                self._next[path] = following.at if following else float("inf")
        return max(0.0, min([*self._next.values(), self._clock.now() + NEWS]) - self._clock.now())

    def _take(self, active: Active) -> None:
        """Another generation is active."""
        self._schedules, wrong = schedules(active.items)
        self._said.clear()
        for path, error in wrong.items():
            self._wrong(path, error)
        text = f"generation {active.generation} is active: {len(self._schedules)} jobs have a schedule"
        self._listen(Event(self.name, "active", text, told={"generation": active.generation}))
        self._generation, self._next, self._whole = active.generation, {}, 0.0

    def _asked(self, now: float) -> list[str]:
        """Which jobs to look at: what is due, what was asked for, and from time to time all."""
        again, self._again = self._again | self._claims.left(), set()
        if self._clock.monotonic() >= self._whole:
            self._whole = self._clock.monotonic() + LOOK
            return list(self._schedules)
        return [path for path in self._schedules if path in again or self._next.get(path, 0.0) <= now]

    def _enter(self) -> Tenure:
        """The lease under which to claim; another one where it was lost."""
        if self._tenure is not None and self._tenure.lost:
            text = "the lease is over: others may have what this daemon had claimed, so its runs are ended"
            self._listen(Event(self.name, "lost", text, alarming=True))
            self._tenure = None
        if self._tenure is None:
            self._tenure = Tenure(self._claims.enter(DAEMON), LEASE)
        return self._tenure

    def _look(self, active: Active, tenure: Tenure, asked: Sequence[str], now: int) -> None:
        wanted = {*asked}
        items = [one for one in active.items if one.path in wanted or one.process == "builtin calendars"]
        turn = claim_due(items, self._claims, tenure.lease, active.applied, now, active.hosts)
        for work in turn.work:
            self._begin(work, tenure, active)
        self._tell(turn)

    def _tell(self, turn: Turn) -> None:
        for path, error in turn.wrong.items():
            self._wrong(path, error)
        for one in turn.told:
            kind = one.decision.kind
            told = {"job": one.job, "host": one.host or None, "due": list(one.decision.instants)}
            self._listen(Event(self.name, str(kind), one.said, alarming=kind in ALARMING, told=told))

    def _wrong(self, path: str, error: RemError) -> None:
        """Said once a generation, for it stays so until somebody mends it."""
        if path not in self._said:
            self._said.add(path)
            text = f"{path} never runs by itself: {error.message}"
            self._listen(Event(self.name, "wrong", text, alarming=True, told={"job": path}))

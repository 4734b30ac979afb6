"""Daemons that share one SQLite state, on one clock that is moved by hand: they are killed, fall silent and wake.

What a run does is a time that it takes. A killed daemon's runs go on in nobody's hands, as programs do on a host. A
silent one does nothing until it wakes, as a process that was stopped; what its runs had to tell it tells then.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from pathlib import Path

from rem_cli.daemon import Event
from rem_cli.daemon.loop import Loop
from rem_cli.daemon.schedules import Active, Schedules
from rem_cli.jobs.claims import Claims
from rem_cli.jobs.due import Work
from rem_cli.jobs.tenure import Tenure
from rem_cli.language import Item
from rem_cli.state import LockLost, MissingKey
from rem_cli.state.sqlite import SqliteState
from tests.jobs.bench import HandClock
from tests.jobs.schedule.due import instant

BEGIN = instant("2026-06-01T12:00Z")
HOSTS = ("web01", "web02")
Slot = tuple[str, str, int]  # job, host, instant


@dataclass
class World:
    """Everything that happens, and what came of it."""

    folder: Path
    jobs: Mapping[str, tuple[Item, float]]  # each with how long a run of it takes at most
    dice: random.Random
    clock: HandClock = field(default_factory=lambda: HandClock(BEGIN))
    began: Counter[Slot] = field(default_factory=Counter)
    ended: Counter[Slot] = field(default_factory=Counter)
    told: dict[Slot, list[str]] = field(default_factory=dict)
    doubtful: set[Slot] = field(default_factory=set)  # begun by one that was killed or fenced off
    refused: int = 0  # writes of those who were fenced off
    daemons: list[Virtual] = field(default_factory=list)
    _coming: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _number: count[int] = field(default_factory=count)

    def after(self, seconds: float, what: Callable[[], None]) -> None:
        heappush(self._coming, (self.clock.at + seconds, next(self._number), what))

    def start(self) -> None:
        self.daemons.append(Virtual(self))

    def run(self, seconds: float, trouble: float) -> None:
        """Let time go by; `trouble` is how likely something happens to a daemon at each step."""
        end = self.clock.at + seconds
        while self.clock.at < end:
            if self.dice.random() < trouble:
                self._harm()
            pause = 5.0
            for one in self.dice.sample(self.daemons, len(self.daemons)):
                pause = min(pause, one.step())
            at = min(self.clock.at + max(pause, 0.2), self._coming[0][0] if self._coming else end, end)
            self.clock.at = max(self.clock.at, at)
            while self._coming and self._coming[0][0] <= self.clock.at:
                heappop(self._coming)[2]()

    def _harm(self) -> None:
        one = self.dice.choice(self.daemons)
        if self.dice.random() < 0.5:
            one.kill()
            self.daemons.remove(one)
            self.start()
            return
        whole = self.dice.random() < 0.2  # the machine
        seconds = self.dice.choice([3, 20, 75, 120])
        for silent in self.daemons if whole else [one]:
            silent.silent_until = self.clock.at + seconds


class Virtual:
    """One daemon."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._state = SqliteState(world.folder, "here", world.clock)
        self._claims = Claims(self._state)
        self._schedules = Schedules(self._claims, world.clock, self._active, self._begin, self._hear)
        self._loop = Loop([self._schedules], world.clock, lambda what, work: work(), self._hear)
        self._runs: set[tuple[Slot, ...]] = set()  # begun, and not ended
        self.dead = False
        self.silent_until = 0.0

    def step(self) -> float:
        """One look; in how many seconds the next."""
        if self._world.clock.at < self.silent_until:
            return self.silent_until - self._world.clock.at
        self._schedules.keep()
        return self._loop.step()

    def kill(self) -> None:
        self.dead = True
        for slots in self._runs:
            self._world.doubtful.update(slots)

    def _active(self) -> Active:
        items = [item for item, _ in self._world.jobs.values()]
        return Active(1, BEGIN, items, lambda item: HOSTS)

    def _begin(self, work: Work, tenure: Tenure, active: Active) -> None:
        self._world.after(self._world.dice.choice([0.0, 0.5, 4.0]), lambda: self._start(work, tenure))

    def _start(self, work: Work, tenure: Tenure) -> None:
        """The moment before a program starts."""
        if self.dead:
            return
        if self._world.clock.at < self.silent_until:
            self._world.after(self.silent_until - self._world.clock.at, lambda: self._start(work, tenure))
            return
        try:
            self._claims.begin(work.slots, work.instant, 1, tenure.lease)
        except (LockLost, MissingKey):
            self._world.refused += 1
            return
        slots = tuple((work.job, host, work.instant) for host in work.hosts or ("",))
        self._world.began.update(slots)
        self._runs.add(slots)
        longest = self._world.jobs[work.job][1]
        self._world.after(self._world.dice.uniform(0, longest), lambda: self._end(work, slots, tenure))

    def _end(self, work: Work, slots: tuple[Slot, ...], tenure: Tenure) -> None:
        if self.dead:
            return
        if self._world.clock.at < self.silent_until:
            self._world.after(self.silent_until - self._world.clock.at, lambda: self._end(work, slots, tenure))
            return
        self._runs.discard(slots)
        if self._claims.done(work.slots, work.instant, tenure.lease):
            self._world.ended.update(slots)
        else:
            self._world.refused += 1
            self._world.doubtful.update(slots)
        self._schedules.ended(work.job)
        self._loop.hurry()

    def _hear(self, event: Event) -> None:
        if event.kind in ("failed", "wrong"):
            raise AssertionError(event.text)
        for at in event.told.get("due") or ():  # type: ignore[attr-defined]
            slot = (str(event.told["job"]), str(event.told["host"] or ""), int(at))
            self._world.told.setdefault(slot, []).append(event.kind)

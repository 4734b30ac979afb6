"""Many tasks at once on one thread: what the transports that poll have in common."""

from __future__ import annotations

import errno
import select
from abc import ABC, abstractmethod
from collections.abc import Iterator

from rem_cli.clock import Clock
from rem_cli.reach import End, Later, Listener, Outcome, Stop, Target, Task, Work
from rem_cli.reach.poller import READ, Poller
from rem_cli.reach.program import Program
from rem_cli.reach.wrap import UnfitTaskError, wrap

# Errors that mean "too many at once": waiting for one to end helps.
CROWDED = frozenset({errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM, errno.EADDRNOTAVAIL, errno.ENOBUFS})
STOPPED = End(Outcome.CANCELLED, why="the run was stopped before its turn")


class FanOut(ABC):
    """One call of a transport's `run`: takes work as slots become free, and sees every task to its end."""

    def __init__(
        self,
        work: Work,
        listen: Listener,
        *,
        parallel: int,
        stop: Stop,
        clock: Clock,
        poller: Poller,
    ) -> None:
        self.poller = poller
        self.clock = clock
        self._work: Iterator[tuple[Target, Task] | Later] = iter(work)
        self._listen = listen
        self._room = max(1, parallel)
        self._stop = stop
        self._returned: list[tuple[Target, Task]] = []
        self._programs: set[Program] = set()
        self._busy = 0  # tasks taken and not ended
        self._exhausted = False
        self._looks = 0.0  # when work is asked for again at the latest; 0 for no such time

    @abstractmethod
    def start(self, program: Program) -> None:
        """Get `program` to run. OSError with an errno of CROWDED: it is tried again when another has ended."""

    @abstractmethod
    def kill(self, program: Program) -> None:
        """See Driver."""

    @abstractmethod
    def drop(self, program: Program) -> None:
        """Let go of what was held for a program that is over."""

    def run(self) -> None:
        # Edge-triggered: the stop stays readable for others, and each time that somebody asks is told once.
        self.poller.watch(self._stop.fileno(), READ | select.EPOLLET, self._stopped)
        try:
            self._fill()
            while self._busy or not self._exhausted:
                self.poller.turn()
                self._fill()
        finally:
            self.poller.forget(self._stop.fileno())
            for program in list(self._programs):
                self.drop(program)

    def over(self, program: Program, end: End) -> None:
        self._programs.discard(program)
        self.drop(program)
        self._end(program.target, end)

    def arm(self, program: Program) -> None:
        """See Driver."""

        def look() -> None:
            if program.end is None:
                program.tick()
                self.arm(program)

        if program.end is None:
            self.poller.at(program.due(), look)

    def _end(self, target: Target, end: End) -> None:
        self._busy -= 1
        self._listen.ended(target, end)

    def _fill(self) -> None:
        while not self._exhausted and (self._stop.asked or self._busy < self._room):
            item = self._returned.pop() if self._returned else next(self._work, None)
            if item is None:
                self._exhausted = True
                return
            if isinstance(item, Later):
                self._look_again(item.seconds)
                return
            self._busy += 1
            self._take(*item)

    def _look_again(self, seconds: float | None) -> None:
        """Wake up in time. Whatever else wakes the loop asks for work, too."""
        if seconds is None:
            return
        at = self.clock.monotonic() + seconds
        if not self._looks or at < self._looks:
            self._looks = at
            self.poller.at(at, self._looked)

    def _looked(self) -> None:
        self._looks = 0.0

    def _take(self, target: Target, task: Task) -> None:
        if self._stop.asked:
            self._end(target, STOPPED)
            return
        try:
            program = Program(target, task, wrap(task), self._listen, self.clock, self)
        except UnfitTaskError as error:
            self._end(target, End(Outcome.FAILED, why=str(error)))
            return
        self._programs.add(program)
        try:
            self.start(program)
        except OSError as error:
            self._programs.discard(program)
            self.drop(program)
            if error.errno in CROWDED and self._busy > 1:
                self._room = self._busy = self._busy - 1
                self._returned.append((target, task))
                return
            self._end(target, End(Outcome.UNREACHABLE, why=str(error.strerror or error), phase="connect"))

    def _stopped(self, _: int) -> None:
        for program in list(self._programs):
            program.stop(at_once=self._stop.asked > 1)

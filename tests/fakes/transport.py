"""A transport without machines: each host does what its play says, in one thread and in a fixed order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from rem_cli.reach import End, Listener, Outcome, Stop, Stream, Target, Task

OK = End(Outcome.OK, exit=0, seconds=0.1)
UNBEGUN = (Outcome.UNREACHABLE, Outcome.REFUSED)


@dataclass(frozen=True)
class Play:
    """What a host does: what it prints, how it ends, and something to happen while it runs."""

    end: End = OK
    out: bytes = b""
    err: bytes = b""
    during: Callable[[], None] = lambda: None


@dataclass
class PlayTransport:
    """At most `parallel` hosts are begun before the oldest of them ends."""

    plays: Mapping[str, Play]
    tasks: dict[str, Task] = field(default_factory=dict)
    begun: list[str] = field(default_factory=list)
    most: int = 0  # programs at once

    def run(self, work: Iterable[tuple[Target, Task]], listen: Listener, *, parallel: int, stop: Stop) -> None:
        running: list[Target] = []
        for target, task in work:
            self.tasks[target.name] = task
            self.begun.append(target.name)
            if self._play(target).end.outcome not in UNBEGUN:
                listen.started(target)
            running.append(target)
            self.most = max(self.most, len(running))
            if len(running) == parallel:
                self._end(running.pop(0), listen, stop)
        while running:
            self._end(running.pop(0), listen, stop)

    def close(self) -> None:
        """No link is held."""

    def _play(self, target: Target) -> Play:
        return self.plays.get(target.name, Play())

    def _end(self, target: Target, listen: Listener, stop: Stop) -> None:
        play = self._play(target)
        play.during()
        for stream, data in ((Stream.OUT, play.out), (Stream.ERR, play.err)):
            if data:
                listen.output(target, stream, data)
        if stop.asked:
            listen.ended(target, End(Outcome.CANCELLED, why="ended by TERM", phase="run"))
        else:
            listen.ended(target, play.end)

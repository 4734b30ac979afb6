"""A transport without machines: each host does what its play says, in one thread and in a fixed order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from rem_cli.reach import End, Later, Listener, Outcome, Stop, Stream, Target, Task, Work

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

    plays: Mapping[str, Play | list[Play]]  # a list: one after the other
    tasks: dict[str, Task] = field(default_factory=dict)
    begun: list[str] = field(default_factory=list)
    most: int = 0  # programs at once
    sleep: Callable[[float], None] = lambda seconds: None

    def run(self, work: Work, listen: Listener, *, parallel: int, stop: Stop) -> None:
        running: list[tuple[Target, Play]] = []
        taken = iter(work)
        while (item := next(taken, None)) is not None:
            if isinstance(item, Later):
                if running:
                    self._end(*running.pop(0), listen, stop)
                else:
                    assert item.seconds is not None, "nothing runs, and no time is named"
                    self.sleep(item.seconds)
                continue
            target, task = item
            self.tasks[target.name] = task
            self.begun.append(target.name)
            play = self._play(target)
            if play.end.outcome not in UNBEGUN:
                listen.started(target)
            running.append((target, play))
            self.most = max(self.most, len(running))
            if len(running) == parallel:
                self._end(*running.pop(0), listen, stop)
        while running:
            self._end(*running.pop(0), listen, stop)

    def close(self) -> None:
        """No link is held."""

    def _play(self, target: Target) -> Play:
        play = self.plays.get(target.name, Play())
        return play.pop(0) if isinstance(play, list) else play

    def _end(self, target: Target, play: Play, listen: Listener, stop: Stop) -> None:
        play.during()
        for stream, data in ((Stream.OUT, play.out), (Stream.ERR, play.err)):
            if data:
                listen.output(target, stream, data)
        if stop.asked:
            listen.ended(target, End(Outcome.CANCELLED, why="ended by TERM", phase="run"))
        else:
            listen.ended(target, play.end)

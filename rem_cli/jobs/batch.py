"""Some hosts that run together, and how transports see them: where work comes from, and who hears of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from queue import SimpleQueue
from threading import Lock
from typing import NamedTuple

from rem_cli.clock import Clock
from rem_cli.jobs import Result
from rem_cli.jobs.job import Assignment
from rem_cli.jobs.judge import Judge
from rem_cli.jobs.retry import Trying
from rem_cli.reach import End, Later, Outcome, Stop, Stream, Target, Task
from rem_cli.secrets.redact import Redactor
from rem_cli.secrets.redact import Stream as Redacting


@dataclass(slots=True)
class Ear:
    """What one host has said so far, as its transport tells it."""

    said: Mapping[Stream, bytearray]
    hidden: Mapping[Stream, Redacting]  # what comes, on its way to `said`

    @classmethod
    def listening(cls, redactor: Redactor) -> Ear:
        return cls({one: bytearray() for one in Stream}, {one: redactor.stream() for one in Stream})


class Begun(NamedTuple):
    host: str
    at: float


class Said(NamedTuple):
    host: str
    stream: Stream
    data: bytes


class Ended(NamedTuple):
    host: str
    end: End
    result: Result
    at: float
    out: bytes = b""
    err: bytes = b""
    waited: bool = False  # it was told already, as a try that another follows, and none does


class Tried(NamedTuple):
    """A try that was not the last."""

    ended: Ended
    wait: float  # seconds until the next


class Left(NamedTuple):
    """A transport has nothing more to do."""

    local: bool
    problem: BaseException | None


Told = Begun | Said | Ended | Tried | Left


class Batch:
    """Some hosts, and how many of them may fail. Transports pull their work from it and tell it what happens."""

    def __init__(
        self,
        work: Sequence[Assignment],
        judge: Judge,
        allowed: int | None,
        clock: Clock,
        redactor: Redactor,
        trying: Trying | None = None,
    ) -> None:
        self.queue: SimpleQueue[Told] = SimpleQueue()
        self.halted = ""  # why nothing more is started
        self._work = work
        self._judge = judge
        self._allowed = allowed
        self._clock = clock
        self._failed = 0
        self._redactor = redactor
        self._trying = trying
        self._by_name = {one.target.name: one for one in work}
        self._tries: Counter[str] = Counter()
        self._waiting: dict[bool, list[tuple[float, str, Ended]]] = {True: [], False: []}  # heaps, for each transport
        self._open = {True: 0, False: 0}  # handed out to it, and not at their last end
        self._lock = Lock()
        self._ears = {one.target.name: Ear.listening(redactor) for one in work}

    def of(self, local: bool, stop: Stop) -> Iterator[tuple[Target, Task] | Later]:
        """The work of one transport; it ends early when the run does."""
        for one in self._work:
            if one.host.local == local:
                if stop.asked or self.halted:
                    break
                self._open[local] += 1
                yield one.target, one.task
        if self._trying:
            yield from self._again(local, stop)

    def _again(self, local: bool, stop: Stop) -> Iterator[tuple[Target, Task] | Later]:
        """What is tried again, each at its time, until every host is at its last end."""
        waiting = self._waiting[local]
        while self._open[local]:
            if stop.asked or self.halted:
                while waiting:
                    self._ended(local, heappop(waiting)[2]._replace(waited=True))
                if not self._open[local]:
                    return
            left = waiting[0][0] - self._clock.monotonic() if waiting else None
            if left is None or left > 0:
                yield Later(left)
                continue
            one = self._by_name[heappop(waiting)[1]]
            env = {**one.task.env, "REM_TRY": str(self._tries[one.target.name] + 1)}
            yield one.target, replace(one.task, env=env)

    def started(self, target: Target) -> None:
        self.queue.put(Begun(target.name, self._clock.now()))

    def output(self, target: Target, stream: Stream, data: bytes) -> None:
        self._heard(target.name, stream, self._ears[target.name].hidden[stream].feed(data))

    def _heard(self, host: str, stream: Stream, data: bytes) -> None:
        if data:
            self._ears[host].said[stream].extend(data)
            self.queue.put(Said(host, stream, data))

    def ended(self, target: Target, end: End) -> None:
        for stream, rest in self._ears[target.name].hidden.items():
            self._heard(target.name, stream, rest.close())
        out, err = self.said(target.name)
        end, result = self._judge(end, out, err)
        told = Ended(target.name, end, result, self._clock.now(), out, err)
        local = self._by_name[target.name].host.local
        self._tries[target.name] += 1
        wait = self._trying.after(target.name, end, self._tries[target.name], told.at) if self._trying else None
        if wait is None:
            self._ended(local, told)
            return
        self._ears[target.name] = Ear.listening(self._redactor)
        heappush(self._waiting[local], (self._clock.monotonic() + wait, target.name, told))
        self.queue.put(Tried(told, wait))

    def _ended(self, local: bool, told: Ended) -> None:
        self._open[local] -= 1
        if told.end.outcome not in (Outcome.OK, Outcome.CANCELLED):
            self._count()
        self.queue.put(told)

    def said(self, host: str) -> tuple[bytes, bytes]:
        """What a host has printed; asked once, at its end."""
        ear = self._ears.pop(host)
        out, err = (bytes(ear.said[one] + ear.hidden[one].close()) for one in Stream)
        return out, err

    def _count(self) -> None:
        with self._lock:  # both transports count
            self._failed += 1
            if self._allowed is not None and self._failed > self._allowed:
                some = "the first host" if self._allowed == 0 else f"{self._failed} of {len(self._work)} hosts"
                self.halted = self.halted or f"not started: {some} failed, more than max fail allows"

"""Some hosts that run together, and how transports see them: where work comes from, and who hears of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Lock
from typing import NamedTuple

from rem_cli.clock import Clock
from rem_cli.jobs import Result
from rem_cli.jobs.job import Assignment, ResultKind
from rem_cli.jobs.results import judge
from rem_cli.jobs.unsaid import result_without_secrets, without_secrets
from rem_cli.reach import End, Outcome, Stop, Stream, Target, Task
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


class Left(NamedTuple):
    """A transport has nothing more to do."""

    local: bool
    problem: BaseException | None


Told = Begun | Said | Ended | Left


class Batch:
    """Some hosts, and how many of them may fail. Transports pull their work from it and tell it what happens."""

    def __init__(
        self, work: Sequence[Assignment], kind: ResultKind, allowed: int | None, clock: Clock, redactor: Redactor
    ) -> None:
        self.queue: SimpleQueue[Told] = SimpleQueue()
        self.halted = ""  # why nothing more is started
        self._work = work
        self._kind = kind
        self._allowed = allowed
        self._clock = clock
        self._failed = 0
        self._redactor = redactor
        self._lock = Lock()
        self._ears = {one.target.name: Ear.listening(redactor) for one in work}

    def of(self, local: bool, stop: Stop) -> Iterator[tuple[Target, Task]]:
        """The work of one transport; it ends early when the run does."""
        for one in self._work:
            if one.host.local == local:
                if stop.asked or self.halted:
                    return
                yield one.target, one.task

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
        end, result = judge(self._kind, without_secrets(end, self._redactor), out, err)
        result = result_without_secrets(result, self._redactor)
        if end.outcome not in (Outcome.OK, Outcome.CANCELLED):
            self._count()
        self.queue.put(Ended(target.name, end, result, self._clock.now(), out, err))

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

"""A bench to run jobs on: a real state store and real series in a folder, a clock of its own, hosts by plays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from rem_cli.jobs import Origin, Run
from rem_cli.jobs.events import Event
from rem_cli.jobs.job import Host, Job, read_params
from rem_cli.jobs.outbox import Queues
from rem_cli.jobs.records import Records
from rem_cli.jobs.runner import Engines, run
from rem_cli.language import Value
from rem_cli.reach import Stop, Transport
from rem_cli.series import Store
from rem_cli.series.intake import Intake
from rem_cli.series.spool import Spool
from rem_cli.series.whisper import WhisperStore
from rem_cli.state import Queue, State
from rem_cli.state.sqlite import SqliteState
from rem_cli.wire.conditions import evaluate
from tests.fakes.transport import Play, PlayTransport
from tests.jobs.items import host, job

NOON = 1_800_000_000.0
ORIGIN = Origin("7be2d10", 218, "7be2d10", "ana")


@dataclass
class HandClock:
    """A clock that somebody moves by hand."""

    at: float = NOON

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds


@dataclass
class Bench:
    state: State
    store: Store
    folder: Path
    clock: HandClock = field(default_factory=HandClock)
    events: list[Event] = field(default_factory=list)
    stop: Stop = field(default_factory=Stop)
    keep: int = 1_000
    origin: Origin = ORIGIN
    queues: Queues | None = None  # None: of the state
    ssh: PlayTransport = field(default_factory=lambda: PlayTransport({}))
    local: PlayTransport = field(default_factory=lambda: PlayTransport({}))

    @property
    def records(self) -> Records:
        return Records(self.state, self.clock, keep=self.keep)

    @cached_property
    def intake(self) -> Intake:
        return Intake(Spool(self.folder / "spool", clock=self.clock), self.store, self.clock)

    def queue(self, path: str) -> Queue:
        return self.queues(path) if self.queues else self.state.queue(path)

    def hear(self, event: Event) -> None:
        self.events.append(event)

    def run(self, plays: Mapping[str, Play | list[Play]], given: Sequence[str] = (), /, **fields: Value) -> Run:
        """Run a job over SSH on the hosts that the plays name."""
        self.ssh = PlayTransport(plays, sleep=self.clock.sleep)
        return self.run_on([Host.read(host(name)) for name in plays], given, **fields)

    def run_on(self, hosts: Sequence[Host], given: Sequence[str] = (), /, **fields: Value) -> Run:
        it = Job.read(job(**fields))
        transports: dict[str, Transport] = {"ssh": self.ssh, "local": self.local}
        engines = Engines(transports, self.records, self.intake, self.clock, evaluate, self.queue)
        params = read_params(it, given)
        return run(it, hosts, engines=engines, stop=self.stop, listen=self.hear, params=params, origin=self.origin)

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    def close(self) -> None:
        self.state.close()
        self.stop.close()


def bench_in(folder: Path) -> Bench:
    clock = HandClock()
    state = SqliteState(folder / "state", "controller", clock)
    return Bench(state, WhisperStore(folder / "series", clock=clock), folder, clock)

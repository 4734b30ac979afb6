"""Hosts as they are, over the transports: looking at their files, and putting files there."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from rem_cli.errors import RemError
from rem_cli.plan.footprint import SCHEDULES, Looked, Machine, talk
from rem_cli.plan.footprint.scope import scope
from rem_cli.plan.footprint.steps import Step
from rem_cli.reach import Deadlines, End, Outcome, Stop, Stream, Target, Task, Transport

PARALLEL = 50  # hosts at once
LARGEST = 64 << 20  # bytes of an answer
LOOK = Deadlines(run=120.0)
PUT = Deadlines(run=600.0)
# What to do about what a host's kernel says.
_HINTS = {
    "Operation not permitted": "see there whether it is immutable: lsattr",
    "Permission denied": "log in as somebody who may: user: of the host",
    "Read-only file system": "see there how it is mounted: findmnt",
    "No space left on device": "see there what fills it: df -h",
}


class Failed(NamedTuple):
    """Why a host was not looked at, or not changed."""

    reached: bool
    why: str
    hint: str | None = None
    untrusted: bool = False  # its key was not accepted
    stale: bool = False  # it is not as it was when it was looked at
    rolled_back: bool = False  # it was changed, and goes back to what it was


class Put(NamedTuple):
    """What is to be put on a host."""

    machine: Machine
    steps: Sequence[Step]
    looked: Looked


class Staged(NamedTuple):
    """What lies aside on a host, checked there; nothing is in place yet."""

    machine: Machine
    token: str


class Hosts:
    """The hosts of one repository and environment."""

    def __init__(
        self,
        transports: Mapping[str, Transport],
        repository: str,
        environment: str,
        fresh: Callable[[], AbstractContextManager[Mapping[str, Transport]]] | None = None,
    ) -> None:
        """`repository` is its identity, a full commit id; `fresh` makes transports that hold no link yet."""
        self._transports = transports
        self._fresh = fresh
        self._repository = repository
        self._environment = environment

    def look(self, asked: Sequence[tuple[Machine, Sequence[str]]], stop: Stop) -> dict[str, Looked | Failed]:
        """How paths and all that REM owns stand on each host; writes nothing there."""
        work = [
            (
                machine,
                Task(argv=self._words("look", machine), stdin=talk.paths(paths), output_limit=LARGEST, deadlines=LOOK),
            )
            for machine, paths in asked
        ]
        found: dict[str, Looked | Failed] = {}

        def ended(name: str, end: End, answer: bytes) -> None:
            found[name] = failed(end) if end.outcome is not Outcome.OK else _looked(answer)

        self._run(work, ended, lambda: False, stop)
        return found

    def read(self, machine: Machine, path: str, stop: Stop) -> bytes | Failed:
        """The bytes of one file of a host; writes nothing there."""
        task = Task(argv=self._words("read", machine), stdin=talk.paths([path]), output_limit=LARGEST, deadlines=LOOK)
        found: list[bytes | Failed] = []

        def ended(name: str, end: End, answer: bytes) -> None:
            found.append(failed(end) if end.outcome is not Outcome.OK else _content(answer))

        self._run([(machine, task)], ended, lambda: False, stop)
        return found[0]

    def programs(
        self,
        work: Sequence[tuple[Machine, Task]],
        ended: Callable[[str, End, bytes], None],
        halted: Callable[[], bool],
        stop: Stop,
    ) -> None:
        """Run one program on each host, and say as each ends how, with what it wrote; none is begun once `halted`."""
        self._run(work, ended, halted, stop, streams=(Stream.OUT, Stream.ERR))

    def stage(
        self, changes: Sequence[Put], generation: int, failed: Callable[[str, Failed], None], stop: Stop
    ) -> dict[str, Staged]:
        """Lay aside what is to be put, and check it: hosts by name where that went well; `failed` is told of others."""
        work = []
        tokens: dict[str, Staged] = {}
        for one in changes:
            staged = Staged(one.machine, secrets.token_hex(8))
            stdin = talk.stage(one.steps, one.looked, staged.token, generation)
            tokens[one.machine.target.name] = staged
            work.append((one.machine, Task(argv=self._words("stage", *staged), stdin=stdin, deadlines=PUT)))
        well: set[str] = set()

        def over(name: str, end: End, answer: bytes) -> None:
            why = _outcome(end, answer)
            if why is None:
                well.add(name)
            else:
                failed(name, why)

        self._run(work, over, lambda: stop.wished > 0, stop)
        return {name: staged for name, staged in tokens.items() if name in well}

    def leave(self, staged: Sequence[Staged], stop: Stop) -> None:
        """Take away what was staged, as far as that can be done now; the next apply takes away the rest."""
        work = [(one.machine, Task(argv=self._words("leave", *one), deadlines=LOOK)) for one in staged]
        self._run(work, lambda name, end, answer: None, lambda: False, stop)

    def switch(
        self,
        staged: Sequence[Staged],
        ended: Callable[[str, Failed | None], None],
        halted: Callable[[], bool],
        stop: Stop,
        confirm_within: float | None = None,
    ) -> None:
        """Put in place what was staged, and say of each host as it ends how that went. No more are begun once `halted`.

        With `confirm_within` (seconds) a host puts all back by itself unless it is reached anew within that time.
        """
        by_name = {one.machine.target.name: one for one in staged}
        work = []
        for one in staged:
            wait = [] if confirm_within is None else self._waiting(one.machine, confirm_within)
            work.append((one.machine, Task(argv=self._words("switch", *one, *wait), deadlines=PUT)))
        waiting = []

        def over(name: str, end: End, answer: bytes) -> None:
            why = _outcome(end, answer)
            if why is None and confirm_within is not None:
                waiting.append(by_name[name])
            else:
                ended(name, why)

        self._run(work, over, halted, stop)
        if waiting and confirm_within is not None:
            self._confirm(waiting, confirm_within, ended, stop)

    def put(self, changes: Sequence[Put], generation: int, stop: Stop) -> dict[str, Failed]:
        """Change hosts, each as soon as all of it is staged; why not, by name, where that failed."""
        failed: dict[str, Failed] = {}

        def ended(name: str, why: Failed | None) -> None:
            if why is not None:
                failed[name] = why

        self.switch([*self.stage(changes, generation, ended, stop).values()], ended, lambda: False, stop)
        return failed

    def _waiting(self, machine: Machine, within: float) -> list[str]:
        """What a host needs to undo a change by itself."""
        said = machine.item.fields if machine.item is not None else {}
        scheduler = str(said.get("scheduler") or "cron")
        reads = str(said.get("schedule folder") or SCHEDULES[scheduler])
        return [str(math.ceil(within)), scheduler, reads, self._program]

    def _confirm(
        self,
        waiting: Sequence[Staged],
        within: float,
        ended: Callable[[str, Failed | None], None],
        stop: Stop,
    ) -> None:
        """Say on a new link to each host that it can still be reached."""
        assert self._fresh is not None
        limits = replace(LOOK, run=within)
        work = [(one.machine, Task(argv=self._words("confirm", *one), deadlines=limits)) for one in waiting]

        def over(name: str, end: End, answer: bytes) -> None:
            gone = _outcome(end, answer)
            if gone is not None:
                why = f"was not confirmed in {within:.0f} s, so it puts all back: {gone.why}"
                gone = gone._replace(why=why, rolled_back=True)
            ended(name, gone)

        with self._fresh() as transports:
            self._run(work, over, lambda: False, stop, transports)

    @cached_property
    def _program(self) -> str:
        here = Path(__file__).parent
        return (here / "timers.sh").read_text() + "\n" + (here / "host.sh").read_text()

    def _words(self, verb: str, machine: Machine, *more: str) -> tuple[str, ...]:
        folder = scope(self._repository, self._environment, machine.target.name)
        return ("sh", "-c", self._program, "rem", verb, folder, *more)

    def _run(
        self,
        work: Sequence[tuple[Machine, Task]],
        ended: Callable[[str, End, bytes], None],
        halted: Callable[[], bool],
        stop: Stop,
        transports: Mapping[str, Transport] | None = None,
        streams: Sequence[Stream] = (Stream.OUT,),
    ) -> None:
        for reach in ("local", "ssh"):
            tasks = [(machine.target, task) for machine, task in work if machine.local == (reach == "local")]
            if tasks:
                heard = _Ear(ended, streams)
                (transports or self._transports)[reach].run(_until(halted, tasks), heard, parallel=PARALLEL, stop=stop)


def _until(halted: Callable[[], bool], tasks: Sequence[tuple[Target, Task]]) -> Iterator[tuple[Target, Task]]:
    for one in tasks:
        if halted():
            return
        yield one


class _Ear:
    """Listens to one transport."""

    def __init__(self, ended: Callable[[str, End, bytes], None], streams: Sequence[Stream]) -> None:
        self._ended = ended
        self._streams = streams
        self._out: dict[str, bytearray] = {}

    def started(self, target: Target) -> None:
        """Of no interest before it has ended."""

    def output(self, target: Target, stream: Stream, data: bytes) -> None:
        if stream in self._streams:
            self._out.setdefault(target.name, bytearray()).extend(data)

    def ended(self, target: Target, end: End) -> None:
        self._ended(target.name, end, bytes(self._out.pop(target.name, b"")))


def failed(end: End) -> Failed:
    """Why a program did not end well."""
    reached = end.outcome not in (Outcome.UNREACHABLE, Outcome.REFUSED, Outcome.CANCELLED)
    how = f"signal {end.signal}" if end.signal else f"exit {end.exit}" if end.exit is not None else str(end.outcome)
    return Failed(reached, end.why or how, end.hint, end.untrusted)


def _looked(answer: bytes) -> Looked | Failed:
    try:
        return talk.looked(answer)
    except RemError as error:
        return Failed(True, error.message)


def _content(answer: bytes) -> bytes | Failed:
    try:
        return talk.content(answer)
    except RemError as error:
        return Failed(True, error.message)


def _outcome(end: End, answer: bytes) -> Failed | None:
    if end.outcome is not Outcome.OK:
        return failed(end)
    try:
        refused = talk.outcome(answer)
    except RemError as error:
        return Failed(True, error.message)
    if refused is None:
        return None
    hint = next((hint for end, hint in _HINTS.items() if refused.why.endswith(end)), None)
    if "systemctl" in refused.why.partition(":")[0]:
        hint = "see there: systemctl status; a host without systemd says scheduler: cron"
    return Failed(True, refused.why, hint, stale=refused.stale)

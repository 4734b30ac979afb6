"""Fetching what hosts did by themselves: recorded here, and only then taken away there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from rem_cli.errors import RemError
from rem_cli.jobs.job import Host
from rem_cli.jobs.locally.spooled import Spooled, SpoolError, read
from rem_cli.reach import Deadlines, End, Outcome, Stop, Stream, Target, Task, Transport

BUDGET = 16 << 20  # bytes after which a host is asked again for the rest
LARGEST = 64 << 20
PARALLEL = 50  # hosts at once
LIMITS = Deadlines(run=300.0)


class Wanted(NamedTuple):
    """A host that is asked."""

    host: Host
    root: str  # where its jobs lie


class Asked(NamedTuple):
    """What came of asking one host."""

    host: str
    runs: Sequence[int] = ()  # ids of runs that are recorded now, and were not
    failed: str = ""
    hint: str | None = None


Keep = Callable[[str, Spooled], int | None]  # record a host's run; its id, None when it is recorded already


def collect(wanted: Sequence[Wanted], transports: Mapping[str, Transport], keep: Keep, stop: Stop) -> list[Asked]:
    """Ask every host until it has no more, in the order given. Killed at any point, the next call goes on.

    A host is told to forget a run when `keep` has recorded it, now or before.
    """
    told: dict[str, Asked] = {one.host.name: Asked(one.host.name) for one in wanted}
    left = list(wanted)
    while left and not stop.asked:
        answers = _ask(left, transports, {one.host.name: ("pull", b"") for one in left}, stop)
        again: list[Wanted] = []
        known: dict[str, tuple[str, bytes]] = {}
        for one in left:
            name = one.host.name
            try:
                pulled = read(_answer(answers[name]))
            except RemError as error:
                told[name] = told[name]._replace(failed=error.message, hint=error.hint)
                continue
            told[name], kept = _keep_all(told[name], pulled.runs, keep)
            if kept:
                known[name] = "drop", "".join(f"{run}\n" for run in kept).encode()
            if pulled.more:
                again.append(one)
        dropped = _ask([one for one in left if one.host.name in known], transports, known, stop)
        for name, answer in dropped.items():
            try:
                _answer(answer)
            except RemError as error:
                told[name] = told[name]._replace(failed=error.message, hint=error.hint)
        left = [one for one in again if not told[one.host.name].failed]
    return list(told.values())


def _keep_all(asked: Asked, runs: Sequence[Spooled], keep: Keep) -> tuple[Asked, list[str]]:
    """Record what a host told; also the names of what it may forget."""
    ids, kept = list(asked.runs), []
    for run in runs:
        try:
            id = keep(asked.host, run)
        except SpoolError as error:  # one that nobody knows stays there, and the others are recorded
            asked = asked._replace(failed=error.message, hint=error.hint)
            continue
        kept.append(run.name)
        ids += [id] if id is not None else []
    return asked._replace(runs=ids), kept


Answer = tuple[End, bytes]


def _answer(answer: Answer) -> bytes:
    end, said = answer
    if end.outcome is not Outcome.OK:
        raise RemError(end.why or str(end.outcome), hint=end.hint)
    return said


def _ask(
    wanted: Sequence[Wanted],
    transports: Mapping[str, Transport],
    asked: Mapping[str, tuple[str, bytes]],
    stop: Stop,
) -> dict[str, Answer]:
    answers: dict[str, Answer] = {}
    for reach in ("local", "ssh"):
        work: list[tuple[Target, Task]] = []
        for host, root in wanted:
            if host.local == (reach == "local"):
                verb, stdin = asked[host.name]
                argv = ("sh", "-c", _program(), "rem", verb, root, str(BUDGET))
                task = Task(argv=argv, stdin=stdin, output_limit=LARGEST, deadlines=LIMITS)
                work.append((Target(host.name, host.address, host.port, host.user), task))
        if work:
            transports[reach].run(work, _Ear(answers), parallel=PARALLEL, stop=stop)
    cancelled = End(Outcome.CANCELLED, why="it was stopped")
    return {one.host.name: answers.get(one.host.name, (cancelled, b"")) for one in wanted}


class _Ear:
    """Listens to one transport."""

    def __init__(self, answers: dict[str, Answer]) -> None:
        self._answers = answers
        self._out: dict[str, bytearray] = {}

    def started(self, target: Target) -> None:
        """Of no interest before it has ended."""

    def output(self, target: Target, stream: Stream, data: bytes) -> None:
        if stream is Stream.OUT:
            self._out.setdefault(target.name, bytearray()).extend(data)

    def ended(self, target: Target, end: End) -> None:
        self._answers[target.name] = end, bytes(self._out.pop(target.name, b""))


@cache
def _program() -> str:
    here = Path(__file__).parent
    return (here / "alive.sh").read_text() + "\n" + (here / "spool.sh").read_text()

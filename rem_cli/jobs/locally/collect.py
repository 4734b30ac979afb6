"""Fetching what hosts did by themselves: recorded here, and only then taken away there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from rem_cli.errors import RemError
from rem_cli.jobs.ask import Answer, ask
from rem_cli.jobs.job import Assignment, Host
from rem_cli.jobs.locally.spooled import Spooled, SpoolError, read
from rem_cli.reach import Deadlines, Stop, Target, Task, Transport

BUDGET = 16 << 20  # bytes after which a host is asked again for the rest
LARGEST = 64 << 20
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
                pulled = read(answers[name].whole())
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
                answer.whole()
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


def _ask(
    wanted: Sequence[Wanted],
    transports: Mapping[str, Transport],
    asked: Mapping[str, tuple[str, bytes]],
    stop: Stop,
) -> dict[str, Answer]:
    questions = []
    for host, root in wanted:
        verb, stdin = asked[host.name]
        argv = ("sh", "-c", _program(), "rem", verb, root, str(BUDGET))
        task = Task(argv=argv, stdin=stdin, output_limit=LARGEST, deadlines=LIMITS)
        questions.append(Assignment(host, Target(host.name, host.address, host.port, host.user), task))
    answers = ask(questions, transports, stop)
    return {one.host.name: answer for one, answer in zip(wanted, answers, strict=True)}


@cache
def _program() -> str:
    here = Path(__file__).parent
    return (here / "alive.sh").read_text() + "\n" + (here / "spool.sh").read_text()

"""What REM asks of a host about its long jobs, each a task that is over in a moment: `spool.sh` answers."""

from __future__ import annotations

import math
import shlex
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from rem_cli.errors import UsageError
from rem_cli.jobs.detached import LIMIT, Away
from rem_cli.jobs.job import Assignment
from rem_cli.reach import Deadlines, Target, Task
from rem_cli.reach.wrap import unix_line_ends

BUDGET = 4 << 20  # bytes that a host tells at once
LONGEST = 100_000  # bytes of an answer beside those
_MOMENT = 60.0  # seconds


def starting(one: Assignment, folder: str) -> Assignment:
    """The task that leaves `one` running in a folder there; UsageError where no program can be given what it says."""
    task = one.task
    script = unix_line_ends(task.script or b"")[0]
    parts = [_runner().encode(), _head(task, folder).encode("utf-8", "surrogateescape"), script, task.stdin]
    argv = ("sh", "-c", _program(), "rem", "start", folder, str(LIMIT), *(str(len(part)) for part in parts))
    return one._replace(task=Task(argv=argv, stdin=b"".join(parts), deadlines=Deadlines(run=_MOMENT)))


def pulling(some: Sequence[Away]) -> Assignment:
    """The task that has one host tell what is new of its runs."""
    rows = "".join(f"{one.folder} {one.out} {one.err}\n" for one in some)
    return _asking(some, rows, "pull", str(BUDGET))


def cancelling(some: Sequence[Away]) -> Assignment:
    """The task that ends what one host runs."""
    rows = "".join(f"{one.folder} {max(1, round(one.grace * 10))}\n" for one in some)
    return _asking(some, rows, "cancel", seconds=sum(2 * one.grace + 10 for one in some))


def dropping(some: Sequence[Away]) -> Assignment:
    """The task that has one host forget runs."""
    return _asking(some, "".join(f"{one.folder}\n" for one in some), "drop")


def _asking(some: Sequence[Away], rows: str, *words: str, seconds: float = 0.0) -> Assignment:
    host = some[0].host
    argv = ("sh", "-c", _program(), "rem", *words)
    limits = Deadlines(run=_MOMENT + seconds)
    task = Task(argv=argv, stdin=rows.encode(), output_limit=2 * BUDGET + LONGEST * len(some), deadlines=limits)
    return Assignment(host, Target(host.name, host.address, host.port, host.user), task)


def _head(task: Task, folder: str) -> str:
    """What varies, as shell text: each value quoted, and the program as a function."""
    words = ["sh", "-c", task.shell] if task.shell is not None else list(task.argv)
    if task.script is None and (not words or not words[0] or words[0].startswith("-")):
        raise UsageError(f"a program cannot be named {words[0] if words else ''!r}")
    given = {**task.env, "REM_MARK": folder}
    if any("\0" in value for value in (*words, *given.values())):
        raise UsageError(
            f"{task.env.get('REM_JOB', 'the job')} has a value with a NUL byte, which no program can be given"
        )
    program = " ".join(map(shlex.quote, words))
    if task.script is not None:
        program = f'"$work/program" {program}'
    exports = "".join(f"    export {name}={shlex.quote(value)}\n" for name, value in given.items())
    exports += '    export REM_RESULT="$work/result"\n' if task.result else ""
    rows = {
        "mark": folder,
        "limit": str(LIMIT),
        "timeout": str(math.ceil(task.deadlines.run)),
        "grace": str(max(1, round(task.deadlines.grace * 10))),
    }
    text = "".join(f"{name}={value}\n" for name, value in rows.items())
    return f"{text}program() {{\n{exports}    exec setsid {program}\n}}\n"


@cache
def _program() -> str:
    return _texts("spool.sh")


@cache
def _runner() -> str:
    return _texts("run.sh")


def _texts(last: str) -> str:
    here = Path(__file__).parent
    parts = (here.parent / "locally/alive.sh", here / "ending.sh", here / last)
    return "\n".join(part.read_text() for part in parts)

"""What a host tells of the runs that it made by itself. Nothing of it is believed beyond what that host may say."""

from __future__ import annotations

import re
from dataclasses import replace
from hashlib import sha256
from typing import NamedTuple

from rem_cli.errors import RemError
from rem_cli.jobs.judged import exited
from rem_cli.jobs.locally import LIMIT
from rem_cli.reach import End, Outcome, Stream

_NAME = re.compile(r"rem-[a-z0-9-]{1,60}\.[0-9]{1,11}")


class SpoolError(RemError):
    """A host did not answer as spool.sh does."""

    code = "spool"


class Spooled(NamedTuple):
    """One run, as the host kept it."""

    name: str  # of its folder there
    job: str  # the item's path
    instant: int  # at which it was due
    payload: str  # digest of the runner; empty where that is not known
    began: float
    end: End
    out: bytes
    err: bytes


class Pulled(NamedTuple):
    runs: list[Spooled]
    more: bool  # it has more than it may tell at once


def read(answer: bytes) -> Pulled:
    """What `pull` said; SpoolError when it is not whole."""
    runs: list[Spooled] = []
    at = 0
    while True:
        line_end = answer.find(b"\n", at)
        if line_end < 0:
            raise SpoolError("it did not answer to the end")
        row = answer[at:line_end].decode("utf-8", "replace")
        at = line_end + 1
        if row in ("done", "more"):
            return Pulled(runs, row == "more")
        word, *fields = row.split("\t")
        try:
            if word != "run":
                raise ValueError(word)
            sizes = [int(one) for one in fields[1:4]]
            if not all(0 <= one <= LIMIT for one in sizes):
                raise ValueError(sizes)
            parts = [answer[sum(sizes[:place], at) : sum(sizes[: place + 1], at)] for place in range(3)]
            at += sum(sizes)
            runs.append(_run(fields, parts))
        except (ValueError, IndexError, OverflowError):
            raise SpoolError("what it keeps of the runs that it made cannot be read") from None


def of_job(run: Spooled, known: dict[str, str]) -> str | None:
    """The path of the job that a run is of; None when its folder is of no job. `known` are paths by names on hosts."""
    name = run.name.rpartition(".")[0]
    if run.job:
        return run.job if name.endswith("-" + sha256(run.job.encode()).hexdigest()[:10]) else None
    return known.get(name)


def _run(fields: list[str], parts: list[bytes]) -> Spooled:
    name, *_, total, how, status, began, ended, over_out, over_err, payload, job = fields
    instant = int(name.rpartition(".")[2])
    if not _NAME.fullmatch(name):
        raise ValueError(name)
    out, err, result = parts
    dropped = {one: count for one, count in ((Stream.OUT, int(over_out)), (Stream.ERR, int(over_err))) if count > 0}
    seconds = max(0.0, float(int(ended) - int(began)))
    end = _end(how, int(status), seconds, dropped)
    if result and how == "ended":
        end = replace(end, result=result, result_cut=int(total) > len(result))
    return Spooled(name, job, instant, payload, float(int(began)), end, out, err)


def _end(how: str, status: int, seconds: float, dropped: dict[Stream, int]) -> End:
    if how == "ended":
        return replace(exited(status), seconds=seconds, dropped=dropped)
    if how == "late":
        return End(Outcome.TIMED_OUT, why="over its timeout", phase="run", seconds=seconds, dropped=dropped)
    if how == "skipped":
        return End(Outcome.CANCELLED, why="skipped: the run before it went on")
    if how == "lost":
        return End(Outcome.LOST, why="its runner was ended there, as by a restart; what it did is not known")
    return End(Outcome.FAILED, why=f"not started: {how.removeprefix('refused: ')}")

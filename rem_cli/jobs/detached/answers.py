"""What hosts tell of their long jobs. Nothing of it is believed beyond what a host may say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from rem_cli.errors import RemError
from rem_cli.jobs.detached import LIMIT, Away, SpoolError
from rem_cli.jobs.detached.tasks import BUDGET
from rem_cli.jobs.judged import exited
from rem_cli.reach import End, Outcome, Stream

_RESULT = 1 << 20  # bytes
_LOST = {
    "restarted": "the host was restarted while it ran",
    "killed": "its runner was killed there; how the program ended is not known",
    "gone": "nothing of it is left on the host",
}


class Pulled(NamedTuple):
    """What is new of one run."""

    out: bytes
    err: bytes
    more: bool  # there is more than was told at once
    began: float | None  # None: nothing is there that was started
    end: End | None  # None: it goes on


def began(answer: bytes) -> float:
    """When a host started a program, by its own clock; RemError with why it did not."""
    word, _, rest = _row(answer, 0)[0].partition("\t")
    if word == "refused":
        raise RemError(f"not started: {rest}")
    if word != "started" or not rest.isdecimal():
        raise SpoolError("it did not say whether it started the program")
    return float(rest)


def named(word: str, answer: bytes) -> set[str]:
    """The folders of which a host says a word: those that it could not end, or keep; SpoolError when it says no end."""
    rows = answer.decode("utf-8", "replace").splitlines()
    if rows[-1:] != ["done"]:
        raise SpoolError("it did not answer to the end")
    return {row.partition("\t")[2] for row in rows if row.startswith(f"{word}\t")}


def pulled(answer: bytes, asked: Mapping[str, Away]) -> Mapping[str, Pulled]:
    """What a host told of runs that it was asked after, by their folders; SpoolError when that is not whole."""
    found: dict[str, Pulled] = {}
    at = 0
    while True:
        row, at = _row(answer, at)
        if row == "done":
            return found
        word, *fields = row.split("\t")
        try:
            if word != "run":
                raise ValueError(word)
            sizes = [int(one) for one in fields[2:5]]
            if not all(0 <= one <= most for one, most in zip(sizes, (BUDGET, BUDGET, _RESULT), strict=True)):
                raise ValueError(sizes)
            one = asked[fields[0]]
            if one.out + sizes[0] > LIMIT or one.err + sizes[1] > LIMIT:
                raise ValueError(sizes)
            out, err, result = (answer[at + sum(sizes[:place]) : at + sum(sizes[: place + 1])] for place in range(3))
            at += sum(sizes)
            found[fields[0]] = _pulled(fields, out, err, result)
        except (ValueError, LookupError, OverflowError):
            raise SpoolError("what it tells of its long jobs cannot be read") from None


def _row(answer: bytes, at: int) -> tuple[str, int]:
    end = answer.find(b"\n", at)
    if end < 0:
        raise SpoolError("it did not answer to the end")
    return answer[at:end].decode("utf-8", "replace"), end + 1


def _pulled(fields: list[str], out: bytes, err: bytes, result: bytes) -> Pulled:
    _, how, _, _, _, whole, more, began, *told = fields
    since = float(int(began)) or None
    if how == "runs" or int(more):
        return Pulled(out, err, bool(int(more)), since, None)
    if how in ("gone", "unstarted"):
        return Pulled(out, err, False, None, End(Outcome.LOST, why=_LOST["gone"], phase="run"))
    status, _, ended, over_out, over_err, why = told
    over = ((Stream.OUT, int(over_out)), (Stream.ERR, int(over_err)))
    end = replace(
        _end(how, int(status), why),
        seconds=max(0.0, float(int(ended) - int(began))),
        dropped={stream: count for stream, count in over if count > 0},
        result=result if how == "ended" and result else None,
        result_cut=how == "ended" and int(whole) > len(result),
    )
    return Pulled(out, err, False, since, end)


def _end(how: str, status: int, why: str) -> End:
    if how == "ended":
        return exited(status)
    if how == "late":
        return End(Outcome.TIMED_OUT, why="over its timeout", phase="run")
    if how == "cancelled":
        return End(Outcome.CANCELLED, why="cancelled", phase="run")
    return End(Outcome.LOST, why=_LOST[why], phase="run")

"""What a host tells of its long jobs is believed only as far as it may say that."""

from __future__ import annotations

import pytest

from rem_cli.errors import RemError
from rem_cli.jobs.detached import LIMIT, Away, SpoolError
from rem_cli.jobs.detached.answers import began, named, pulled
from rem_cli.jobs.job import HERE

ASKED = {"ab.0": Away(1, 0, "web01", HERE, "ab.0", 5.0, out=LIMIT - 4)}
TOLD = b"run\tab.0\tended\t3\t2\t0\t0\t0\t100\t7\t100\t160\t9\t0\t\nout\xffedone\n"


def test_an_end_has_its_output_its_length_and_what_was_over() -> None:
    one = pulled(TOLD, ASKED)["ab.0"]
    assert (one.out, one.err, one.more, one.began) == (b"out", b"\xffe", False, 100.0)
    assert one.end and (one.end.exit, one.end.seconds, dict(one.end.dropped)) == (7, 60.0, {"stdout": 9})


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        TOLD[:-1],
        TOLD[:-6],
        TOLD.replace(b"ab.0", b"cd.0"),  # a run that it was not asked after
        TOLD.replace(b"\t3\t2", b"\t5\t2") + b"xx",  # more than it may keep
        TOLD.replace(b"\t3\t2", b"\t-3\t2"),
        TOLD.replace(b"\t3\t2", b"\t99999999999\t2"),
        TOLD.replace(b"ended", b"over"),
        TOLD.replace(b"\t100\t7", b"\t1e999\t7"),
        TOLD.replace(b"160", b"9" * 400),
        b"\xff\x00" + TOLD,
        b"run\tab.0\nrun\n",
    ],
)
def test_anything_else_is_refused_and_nothing_of_it_is_taken(answer: bytes) -> None:
    with pytest.raises(SpoolError):
        pulled(answer, ASKED)


@pytest.mark.parametrize("answer", [b"", b"started\tnow\ndone\n", b"started\t\ndone\n", b"welcome\ndone\n"])
def test_a_start_that_is_not_confirmed_is_none(answer: bytes) -> None:
    with pytest.raises(RemError):
        began(answer)


def test_a_refusal_says_why() -> None:
    with pytest.raises(RemError, match="not started: setsid is not installed there"):
        began(b"refused\tsetsid is not installed there\ndone\n")
    assert named("kept", b"kept\tab.0\nsurvives\tcd.0\ndone\n") == {"ab.0"}

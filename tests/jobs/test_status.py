"""The exit status of a run, from how its hosts ended."""

from __future__ import annotations

import pytest

from rem_cli.errors import Status
from rem_cli.jobs.status import Verdict, decide
from rem_cli.jobs.success import Success
from rem_cli.reach import End, Outcome

ENDS = {
    "o": End(Outcome.OK, exit=0),
    "f": End(Outcome.FAILED, exit=1),
    "t": End(Outcome.TIMED_OUT),
    "u": End(Outcome.UNREACHABLE),
    "r": End(Outcome.REFUSED),
    "k": End(Outcome.REFUSED, untrusted=True),
    "c": End(Outcome.CANCELLED),
    "l": End(Outcome.LOST),
}


@pytest.mark.parametrize(
    ("hosts", "interrupted", "status", "why"),
    [
        ("ooo", False, Status.DONE, "3 ok"),
        ("oof", False, Status.SOME_FAILED, "2 ok, 1 failed"),
        ("ou", False, Status.SOME_FAILED, "1 ok, 1 unreachable"),
        ("ot", False, Status.SOME_FAILED, "1 ok, 1 timed out"),
        ("ol", False, Status.SOME_FAILED, "1 ok, 1 lost"),
        ("oc", False, Status.SOME_FAILED, "1 ok, 1 cancelled"),  # max fail cancelled it
        ("ff", False, Status.ALL_FAILED, "2 failed"),
        ("uu", False, Status.ALL_FAILED, "2 unreachable"),
        ("fu", False, Status.ALL_FAILED, "1 failed, 1 unreachable"),
        ("ft", False, Status.ALL_FAILED, "1 failed, 1 timed out"),
        ("lt", False, Status.ALL_FAILED, "1 timed out, 1 lost"),
        ("r", False, Status.ALL_FAILED, "1 refused"),
        ("tt", False, Status.TIMED_OUT, "2 timed out"),
        ("tu", False, Status.TIMED_OUT, "1 timed out, 1 unreachable"),
        ("tc", False, Status.TIMED_OUT, "1 timed out, 1 cancelled"),
        ("ok", False, Status.UNTRUSTED, "the host key is not trusted of b: 1 ok, 1 refused"),
        ("kkkkk", False, Status.UNTRUSTED, "the host key is not trusted of a, b, c and 2 more: 5 refused"),
        ("oc", True, Status.INTERRUPTED, "interrupted: 1 ok, 1 cancelled"),
        ("kc", True, Status.INTERRUPTED, "interrupted: 1 refused, 1 cancelled"),
        ("ol", True, Status.INTERRUPTED, "interrupted: 1 ok, 1 lost"),
        ("oo", True, Status.DONE, "2 ok"),  # it came too late to change anything
        ("of", True, Status.SOME_FAILED, "1 ok, 1 failed"),
    ],
)
def test_the_ends_of_all_hosts_make_one_status(hosts: str, interrupted: bool, status: Status, why: str) -> None:
    """b4; the order of precedence is the order of the list in `decide`."""
    ends = {"abcde"[at]: ENDS[kind] for at, kind in enumerate(hosts)}
    assert decide(ends, interrupted=interrupted) == Verdict(status, why)


@pytest.mark.parametrize(
    ("success", "hosts", "status", "why"),
    [
        ("any", "off", Status.DONE, "1 ok, 2 failed; 1 ok are enough"),
        ("any", "ff", Status.ALL_FAILED, "2 failed; 1 ok are needed"),
        ("any", "tt", Status.TIMED_OUT, "2 timed out; 1 ok are needed"),
        ("quorum", "oof", Status.DONE, "2 ok, 1 failed; 2 ok are enough"),
        ("quorum", "ooff", Status.SOME_FAILED, "2 ok, 2 failed; 3 ok are needed"),
        ("2", "oofff", Status.DONE, "2 ok, 3 failed; 2 ok are enough"),
        ("2", "offff", Status.SOME_FAILED, "1 ok, 4 failed; 2 ok are needed"),
        ("3", "oo", Status.SOME_FAILED, "2 ok; 3 ok are needed"),  # there are not so many
        ("80%", "oooof", Status.DONE, "4 ok, 1 failed; 4 ok are enough"),
        ("81%", "oooof", Status.SOME_FAILED, "4 ok, 1 failed"),  # rounded up, that is all of them
        ("any", "ok", Status.UNTRUSTED, "the host key is not trusted of b: 1 ok, 1 refused"),
    ],
)
def test_so_many_must_be_ok_as_the_job_says(success: str, hosts: str, status: Status, why: str) -> None:
    ends = {"abcde"[at]: ENDS[kind] for at, kind in enumerate(hosts)}
    assert decide(ends, interrupted=False, success=Success.read(success)) == Verdict(status, why)

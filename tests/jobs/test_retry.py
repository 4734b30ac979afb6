"""What failed is tried again: by each host for itself, after waits that grow, and only where that is safe."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from rem_cli.errors import Status
from rem_cli.jobs import Run
from rem_cli.jobs.events import HostRetries
from rem_cli.jobs.retry import Retry, Trying
from rem_cli.reach import End, Outcome
from tests.fakes.transport import OK, Play
from tests.jobs.bench import NOON, Bench

ENDS = {
    "o": OK,
    "u": End(Outcome.UNREACHABLE, why="no route"),
    "r": End(Outcome.REFUSED, why="key not accepted"),
    "k": End(Outcome.REFUSED, untrusted=True),
    "f": End(Outcome.FAILED, exit=1, why="exit status 1"),
    "t": End(Outcome.TIMED_OUT),
    "s": End(Outcome.TIMED_OUT, survivors=True),
    "l": End(Outcome.LOST),
    "c": End(Outcome.CANCELLED),
}
RETRY = {"times": 3, "errors": [], "interval": 10, "backoff": 2, "most": 3600}


def _again(kinds: str, **changed: Any) -> str:
    """Which of these ends are tried again."""
    policy = Retry.read({**RETRY, **changed}, changed.get("idempotent", False))
    assert policy is not None
    return "".join(kind for kind in kinds if policy.again(ENDS[kind], 1))


@pytest.mark.parametrize(
    ("said", "again"),
    [
        ({}, "u"),
        ({"errors": ["refused"]}, "r"),
        ({"errors": ["refused", "failed"]}, "r"),
        ({"idempotent": True}, "uftl"),
        ({"idempotent": True, "errors": ["timed out", "lost"]}, "tl"),
    ],
)
def test_only_what_never_began_is_safe_unless_the_job_says_so(said: dict[str, Any], again: str) -> None:
    """F 84. Nothing is tried again whose programs may still run, or whose host is not who it should be."""
    assert _again("ourkftslc", **said) == again


@pytest.mark.parametrize(
    ("changed", "least", "most"),
    [
        ({}, [5, 10, 20, 40], [10, 20, 40, 80]),
        ({"backoff": 1}, [5, 5, 5, 5], [10, 10, 10, 10]),
        ({"backoff": 3, "most": 60}, [5, 15, 30, 30], [10, 30, 60, 60]),
    ],
)
def test_waits_grow_up_to_a_bound_and_chance_shortens_them(
    changed: dict[str, Any], least: list[float], most: list[float]
) -> None:
    """F 86."""

    class Fixed(Random):
        def random(self) -> float:
            return self.given

        given = 0.0

    policy = Retry.read({**RETRY, **changed}, False)
    assert policy is not None
    low, high = Fixed(), Fixed()
    high.given = 1.0
    assert [policy.wait(tries, low) for tries in range(1, 5)] == least
    assert [policy.wait(tries, high) for tries in range(1, 5)] == most


def test_the_same_run_waits_the_same_and_hosts_part() -> None:
    """F 86."""
    policy = Retry.read(RETRY, False)
    assert policy is not None
    trying = Trying(policy, 7, 5.0)
    waits = {host: trying.after(host, ENDS["u"], 1, NOON) for host in ("web01", "web02")}
    assert waits == {host: trying.after(host, ENDS["u"], 1, NOON) for host in waits}
    assert waits["web01"] != waits["web02"]


def test_a_host_that_was_lost_is_given_time_to_end_its_programs() -> None:
    policy = Retry.read({**RETRY, "interval": 1}, True)
    assert policy is not None
    assert Trying(policy, 7, 30.0).after("web01", ENDS["l"], 1, NOON) == 30.0


def _run(bench: Bench, courses: dict[str, str], **fields: Any) -> Run:
    plays: dict[str, Play | list[Play]] = {
        host: [Play(ENDS[kind], err=f"{kind} {at}\n".encode()) for at, kind in enumerate(kinds)]
        for host, kinds in courses.items()
    }
    return bench.run(plays, **{"retry": RETRY, **fields})


def _told(run: Run) -> dict[str, str]:
    """How each host ended, its last try behind those before it."""
    ends = {one.host: [*(tried.end for tried in one.attempts), one.end] for one in run.hosts}
    return {host: " ".join(str(end.outcome) for end in some if end) for host, some in ends.items()}


def test_each_host_is_tried_for_itself_and_every_try_is_recorded(bench: Bench) -> None:
    run = _run(bench, {"web01": "o", "web02": "uuo", "web03": "uuuu", "web04": "f"})
    assert _told(run) == {
        "web01": "ok",
        "web02": "unreachable unreachable ok",
        "web03": "unreachable unreachable unreachable unreachable",
        "web04": "failed",
    }
    assert (run.status, run.why) == (Status.SOME_FAILED, "2 ok, 1 failed, 1 unreachable")
    assert bench.records.show(run.id) == run
    assert run.hosts[1].attempts[0].said == "u 0"
    assert [(event.host, event.attempt.said) for event in bench.of(HostRetries) if isinstance(event, HostRetries)] == [
        ("web02", "u 0"), ("web03", "u 0"), ("web02", "u 1"), ("web03", "u 1"), ("web03", "u 2"),
    ]  # fmt: skip


def test_a_program_hears_which_try_it_is(bench: Bench) -> None:
    _run(bench, {"web01": "uuo"})
    assert bench.ssh.tasks["web01"].env["REM_TRY"] == "3"


def test_only_the_last_end_counts_towards_max_fail(bench: Bench) -> None:
    run = _run(bench, {"web01": "uo", "web02": "uo"}, **{"max fail": 0})
    assert run.status is Status.DONE


def test_no_try_begins_when_its_run_might_not_have_begun_any_more(bench: Bench) -> None:
    """F 80."""
    bench.origin = replace(bench.origin, due=int(NOON))
    run = _run(bench, {"web01": "uuo"}, deadline=20.0)
    assert _told(run) == {"web01": "unreachable unreachable"}


def test_a_run_that_is_stopped_waits_for_no_try(bench: Bench) -> None:
    plays: dict[str, Play | list[Play]] = {"web01": [Play(ENDS["u"])], "web02": Play(during=bench.stop.ask)}
    run = bench.run(plays, retry=RETRY)
    assert _told(run) == {"web01": "unreachable", "web02": "cancelled"}


def test_a_host_that_waits_when_too_many_failed_is_not_tried_again(bench: Bench) -> None:
    run = _run(bench, {"web01": "uo", "web02": "f"}, **{"max fail": 0})
    assert _told(run) == {"web01": "unreachable", "web02": "failed"}

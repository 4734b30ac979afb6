"""What must hold of a result, or the run has failed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from rem_cli.errors import Status
from rem_cli.language import Item
from rem_cli.reach import End, Outcome
from tests.fakes.transport import Play
from tests.jobs.bench import Bench
from tests.language.tree import resolve

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "cases" / "tests.yaml").read_text())


def _job(fields: dict[str, Any]) -> Item:
    """A job as a package of these fields makes it."""
    text = yaml.safe_dump({"jobs": {"web": {"load": {"command": ["a"], **fields}}}}, sort_keys=False)
    return resolve({"packages/shop.yaml": text}).items["shop/jobs/web/load"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['tests']} {case['out']}"[:80])
def test_a_result_is_held_against_its_tests(bench: Bench, case: dict[str, Any]) -> None:
    item = _job({"tests": case["tests"], "result": case.get("result", "json")})
    status = case.get("exit", 0)
    end = End(Outcome.FAILED if status else Outcome.OK, status, why=f"exit {status}" if status else "")
    end = End(end.outcome, status, why=end.why, seconds=case.get("seconds", 0.1))
    run = bench.run({"web01": Play(end, case["out"].encode())}, **item.fields)
    told = run.hosts[0].end
    assert told is not None
    assert (told.why, told.outcome) == (case.get("why", ""), Outcome.FAILED if "why" in case else Outcome.OK)
    assert run.status is (Status.ALL_FAILED if "why" in case else Status.DONE)


@pytest.mark.parametrize("outcome", [Outcome.TIMED_OUT, Outcome.UNREACHABLE, Outcome.LOST])
def test_what_did_not_come_to_its_end_is_not_tested(bench: Bench, outcome: Outcome) -> None:
    run = bench.run({"web01": Play(End(outcome, why="so it is"))}, **_job({"tests": [{"exit status": [1]}]}).fields)
    assert run.hosts[0].end == End(outcome, why="so it is")


def test_a_host_that_fails_a_test_counts_towards_max_fail(bench: Bench) -> None:
    fields = _job({"tests": [{"output": "x"}], "max fail": 0, "parallel": 1}).fields
    run = bench.run({f"web{at}": Play() for at in range(3)}, **fields)
    assert run.why == "1 failed, 2 cancelled"

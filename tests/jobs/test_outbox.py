"""Results that go into a queue, each once."""

from __future__ import annotations

import json
from typing import Any

from rem_cli.errors import Status
from rem_cli.jobs.outbox import PREFIX, deliver
from rem_cli.reach import End, Outcome
from rem_cli.state import MissingKey, Put, Queue
from tests.fakes.transport import OK, Play
from tests.jobs.bench import NOON, Bench

RESULTS = "shop/queues/results"
PLAYS = {"web01": Play(OK, out=b'{"users": 3}'), "web02": Play(End(Outcome.UNREACHABLE, why="no route"))}


def _told(bench: Bench) -> list[dict[str, Any]]:
    return [json.loads(item.body) for item in bench.state.queue(RESULTS).peek(100)]


def test_a_result_is_one_message(bench: Bench) -> None:
    bench.run(PLAYS, result="json", output=RESULTS)
    first, second = _told(bench)
    assert first == {
        "job": "shop/jobs/web/load", "run": 1, "host": "web01", "commit": "7be2d10", "due": None, "at": NOON,
        "outcome": "ok", "exit": 0, "why": "", "seconds": 0.1, "measures": {"users": 3.0}, "data": {"users": 3},
        "note": "",
    }  # fmt: skip
    assert (second["host"], second["outcome"], second["why"]) == ("web02", "unreachable", "no route")
    assert bench.records.bucket.scan(PREFIX) == []


def test_what_was_never_begun_is_no_result(bench: Bench) -> None:
    bench.run({f"web{at}": Play(End(Outcome.FAILED)) for at in range(3)}, output=RESULTS, parallel=1, **{"max fail": 0})
    assert [one["host"] for one in _told(bench)] == ["web0"]


def test_results_that_no_queue_takes_wait_and_fail_no_job(bench: Bench) -> None:
    def gone(path: str) -> Queue:
        raise MissingKey(f"no queue is {path}", hint="declare it")

    bench.queues = gone
    run = bench.run(PLAYS, result="json", output=RESULTS)
    assert run.notes == [f"no queue is {RESULTS}; results for it wait (declare it)"]
    assert (run.status, len(bench.records.bucket.scan(PREFIX))) == (Status.SOME_FAILED, 2)
    bench.queues = bench.state.queue
    assert bench.run({"web03": Play()}).notes == []
    assert [one["run"] for one in _told(bench)] == [1, 1]


def test_a_kill_between_putting_a_result_and_forgetting_it_puts_nothing_twice(bench: Bench) -> None:
    """Everything of the first run lies in the record once more, as if rem had died before it was forgotten."""
    dropped: list[Put] = []
    runs = bench.records.bucket

    def queue(path: str) -> Queue:
        dropped.extend(Put(entry.key, entry.body or b"") for entry in runs.scan(PREFIX))
        return bench.state.queue(path)

    bench.queues = queue
    bench.run(PLAYS, result="json", output=RESULTS)
    runs.commit(dropped)
    assert len(runs.scan(PREFIX)) == 2
    assert deliver(runs, bench.state.queue) == []
    assert ([one["host"] for one in _told(bench)], runs.scan(PREFIX)) == (["web01", "web02"], [])


def test_a_document_that_is_too_big_is_left_out(bench: Bench) -> None:
    big = json.dumps({"text": "x" * 950_000}).encode()
    bench.run({"web01": Play(OK, out=big)}, result="json", output=RESULTS)
    (told,) = _told(bench)
    assert (told["data"], told["note"]) == (None, "over 900000 bytes, and left out: rem job show 1")

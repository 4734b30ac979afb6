"""`rem job work`: what it says, and how crontabs have it done."""

from __future__ import annotations

import pytest

from rem_cli import wire
from rem_cli.jobs.workers import Fate
from rem_cli.reach import Stop
from rem_cli.wire.working import work_waiting
from tests.cli.conftest import Repository

PACKAGE = """\
package: shop
queues:
  orders: {deliveries: 2}
  others: {}
jobs:
  a:
    pack:
      shell: grep -qv poison
      input: queues/orders
      idempotent: true
      workers: 2
      every: 1s
      retry: {times: 1, interval: 1h}
    idle: {command: ["true"], input: queues/others, idempotent: true}
    plain: {command: ["true"]}
"""
ORDERS = "shop/queues/orders"


@pytest.fixture
def shop(empty: Repository) -> Repository:
    empty.package.write_text(PACKAGE)
    empty.applied()
    for body in ("one", "two", "poison"):
        assert empty.rem("queue", "put", ORDERS, body, "--id", body).status == 0
    return empty


def test_what_waits_is_handled_and_told(shop: Repository) -> None:
    done = shop.rem("job", "work", "shop/jobs/a/pack", "--once")
    lines = sorted(line.split(",")[0] for line in done.out.splitlines())
    assert (done.status, lines) == (5, ["  × poison given back", "  ✓ one done", "  ✓ two done", "2 done"])
    assert done.out.splitlines()[-1] == "2 done, 1 given back"
    again = shop.rem("job", "work", "shop/jobs/a/pack", "--once")
    assert (again.status, again.out) == (0, "no message waits\n")


def test_quiet_says_only_what_is_wrong(shop: Repository) -> None:
    done = shop.rem("job", "work", "shop/jobs/a/pack", "--once", "--quiet")
    assert [line.partition(",")[0] for line in done.out.splitlines()] == ["  × poison given back", "2 done"]


def test_programs_hear_of_each_message(shop: Repository) -> None:
    told = shop.rem("job", "work", "shop/jobs/a/pack", "--once", "--format", "json").document
    assert told["counts"] == {"done": 2, "given back": 1, "dead": 0, "left": 0, "lapsed": 0}
    assert {one["id"]: one["fate"] for one in told["messages"]} == {
        "one": "done", "two": "done", "poison": "given back"
    }  # fmt: skip
    run = next(one["run"] for one in told["messages"] if one["id"] == "poison")
    shown = shop.rem("job", "show", str(run), "--format", "json").document
    assert (shown["message"], shown["hosts"][0]["exit"]) == ("poison", 1)


def test_what_is_due_is_handled_by_the_line_of_a_crontab(shop: Repository) -> None:
    assert shop.rem("job", "run-due", "--quiet").status == 0  # from now on it is looked after
    while not (done := shop.rem("job", "run-due", "--format", "json").document)["runs"]:
        continue
    (handled,) = done["runs"]
    assert (handled["job"], handled["handled"]["done"], handled["handled"]["given back"]) == ("shop/jobs/a/pack", 2, 1)


def test_what_waits_in_all_inputs_is_handled_for_whoever_looks_regularly(shop: Repository) -> None:
    """What the loops of a daemon call."""
    shop.rem("queue", "put", "shop/queues/others", "one")
    stop = Stop()
    with wire.open(shop.root) as rem:
        told = work_waiting(rem, stop, lambda event: None)
    stop.close()
    assert {tally.job: (tally.fates[Fate.DONE], error) for tally, error in told} == {
        "shop/jobs/a/pack": (2, None), "shop/jobs/a/idle": (1, None)
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (
            "job work shop/jobs/a/plain --once", 2,
            "rem: shop/jobs/a/plain has no input\nhint: rem job run shop/jobs/a/plain; or give it an input, a queue\n",
        ),
        (
            "job run shop/jobs/a/idle", 2,
            "rem: shop/jobs/a/idle handles the messages of shop/queues/others\nhint: rem job work shop/jobs/a/idle\n",
        ),
        (
            "job work shop/jobs/a/idle --format json", 2,
            "one document can only be given of work that ends",
        ),
        ("job work shop/jobs/a/idel --once", 9, "did you mean"),
    ],
)  # fmt: skip
def test_what_cannot_be_handled_is_said(shop: Repository, words: str, status: int, said: str) -> None:
    done = shop.rem(*words.split())
    assert done.status == status
    assert said in done.err + done.out

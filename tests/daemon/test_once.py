"""Two daemons on one state, killed and silenced at random: every time of every job is run by one, or told."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from rem_cli.jobs.schedule.read import read
from tests.daemon.virtual import BEGIN, HOSTS, Slot, World
from tests.jobs.items import job

LENGTH = 900.0  # seconds with trouble
QUIET = 400.0  # seconds without, so that all that was begun comes to its end
JOBS = {
    one.path: (one, longest)
    for one, longest in (
        (job("all", cron="* * * * *", overlap="allow", **{"catch up": "all"}), 20),
        (job("latest", every=45, overlap="forbid"), 60),
        (job("queue", every=50, overlap="queue"), 90),
        (job("again", cron="*/2 * * * *", overlap="allow", idempotent=True, **{"catch up": "all"}), 100),
        (job("spread", cron="* * * * *", splay=40, overlap="allow", **{"catch up": "all"}), 10),
        (job("late", every=30, deadline=20.0, overlap="allow", **{"catch up": "all"}), 5),
    )
}


@pytest.mark.parametrize("seed", range(6))
def test_every_time_of_every_job_is_run_once_or_told(tmp_path: Path, seed: int) -> None:
    world = World(tmp_path, JOBS, random.Random(seed))
    world.start()
    world.start()
    world.run(LENGTH, trouble=0.05)
    world.run(QUIET, trouble=0.0)
    for path, (item, _) in JOBS.items():
        schedule = read(item, {})
        assert schedule is not None
        hosts = HOSTS if item.fields.get("splay") else ("",)
        for due in schedule.between(BEGIN + 1, BEGIN + int(LENGTH)):
            for host in hosts:
                _holds(world, (path, host, due.at), idempotent=bool(item.fields.get("idempotent")))


def _holds(world: World, slot: Slot, *, idempotent: bool) -> None:
    began, told = world.began[slot], world.told.get(slot, [])
    ends = [kind for kind in told if kind != "wait"]
    case = f"{slot}: began {began}, ended {world.ended[slot]}, told {told}"
    if idempotent:
        assert began == 1 or slot in world.doubtful, case
        assert world.ended[slot] == 1, case
    else:
        assert began + len([kind for kind in ends if kind != "lost"]) == 1, case
        assert ("lost" in ends) == (slot in world.doubtful), case
        assert world.ended[slot] + ends.count("lost") == began, case


def test_the_troubles_happen(tmp_path: Path) -> None:
    """So that the test above shows something: some were lost, some late, and some refused what they wanted to write."""
    world = World(tmp_path, JOBS, random.Random(8))
    world.start()
    world.start()
    world.run(LENGTH, trouble=0.05)
    kinds = {kind for kinds in world.told.values() for kind in kinds}
    assert kinds >= {"lost", "missed", "skipped", "wait"}
    assert world.refused > 0
    assert max(world.began.values()) > 1

"""Who holds the lock of an environment, how it is taken away, and what Ctrl-C leaves."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from rem_cli.errors import HeldError, NoTargetError
from rem_cli.plan import activate
from rem_cli.plan.activate import activating
from rem_cli.plan.lock import Holder, holder
from rem_cli.plan.locks import break_lock, held
from tests.plan.shop import CLEAN, RESTART, Shop, resolution


def test_a10_who_holds_a_lock_since_when_and_for_what_is_read_without_touching_it(shop: Shop) -> None:
    shop.apply(resolution(RESTART))
    assert held(shop.root) == []
    with activating(shop.generations, "ana", shop.clock) as writer:
        (one,) = held(shop.root)
        assert (one.environment, one.holder) == ("production", writer.lock.holder)
        assert (one.holder.who, one.holder.pid, one.holder.lives) == ("ana", os.getpid(), True)
        assert one.holder.command.startswith("rem")
        assert (one.holder.since, one.holder.heartbeat) == (1700000000.0, 1700000000.0)
    assert held(shop.root) == []


@pytest.mark.parametrize("change", [{"started": 1}, {"pid": 2**22 + 7}], ids=["another with its number", "gone"])
def test_a10_a_dead_holder_is_seen_at_once(shop: Shop, change: dict[str, int]) -> None:
    with activating(shop.generations, "ana", shop.clock) as writer:
        died = replace(writer.lock.holder, **change)  # type: ignore[arg-type]
    path = shop.generations.home / "lock"
    path.write_text(json.dumps(asdict(died)))
    assert holder(path) == died
    assert held(shop.root) == []
    assert shop.apply(resolution(RESTART), who="bo").new


@pytest.mark.parametrize("text", ["", "{", "[]", '{"id": 1}', "null"])
def test_what_is_no_record_names_nobody(shop: Shop, text: str) -> None:
    shop.apply(resolution(RESTART))
    (shop.generations.home / "lock").write_text(text)
    assert held(shop.root) == []


def test_a10_a_broken_lock_is_free_and_its_holder_changes_nothing_more(shop: Shop) -> None:
    first = shop.apply(resolution(RESTART)).generation
    with (
        pytest.raises(HeldError, match="was broken while this held it; nothing more is changed"),
        activating(shop.generations, "ana", shop.clock) as slow,
    ):
        broken = break_lock(shop.root, slow.lock.holder.id, shop.audit, shop.clock, who="bo", why="it hangs")
        assert broken.holder == slow.lock.holder
        assert held(shop.root) == []
        second = shop.apply(resolution(CLEAN), who="bo").generation
        slow.activate(shop.generations.catalog(first), {}, commit=first.commit)
    assert shop.generations.active() == second
    assert shop.generations.numbers() == [1, 2]
    told = shop.audit.records()[1]
    assert (told.action, told.who, told.environment, told.why) == ("break", "bo", "production", "it hangs")
    assert told.outcome.startswith(f"the lock {broken.holder.id} of ana was taken away: rem")
    assert shop.apply(resolution(RESTART)).new
    assert [path.name for path in shop.generations.home.iterdir() if path.name.startswith(".")] == []


def test_a_lock_that_nobody_holds_cannot_be_broken(shop: Shop) -> None:
    with pytest.raises(NoTargetError, match="nobody holds a lock 'x'") as refused:
        break_lock(shop.root, "x", shop.audit, shop.clock, who="bo")
    assert refused.value.hint == "no lock is held"
    with activating(shop.generations, "ana", shop.clock) as writer, pytest.raises(NoTargetError) as refused:
        break_lock(shop.root, "x", shop.audit, shop.clock, who="bo")
    assert refused.value.hint == f"held: {writer.lock.holder.id}"
    assert shop.audit.records() == []


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """How often Ctrl-C comes just before a file of that name is written."""
    times: dict[str, int] = {}
    write = activate.write_atomically

    def interrupting(path: Path, content: bytes, *, mode: int) -> None:
        for _ in range(times.get(path.name, 0)):
            os.kill(os.getpid(), signal.SIGINT)
        write(path, content, mode=mode)

    monkeypatch.setattr(activate, "write_atomically", interrupting)
    return times


@pytest.mark.parametrize("at", ["catalog.json", "active"])
def test_a10_ctrl_c_once_lets_the_change_end_and_be_recorded(shop: Shop, interrupted: dict[str, int], at: str) -> None:
    interrupted[at] = 1
    with pytest.raises(KeyboardInterrupt):
        shop.apply(resolution(RESTART))
    active = shop.generations.active()
    assert active is not None
    assert [(one.action, one.outcome, one.generation) for one in shop.audit.records()] == [("apply", "active", 1)]
    assert held(shop.root) == []


@pytest.mark.parametrize("at", ["catalog.json", "active"])
def test_a10_ctrl_c_twice_stops_now_and_is_recorded(shop: Shop, interrupted: dict[str, int], at: str) -> None:
    first = shop.apply(resolution(RESTART)).generation
    interrupted[at] = 2
    with pytest.raises(KeyboardInterrupt):
        shop.apply(resolution(CLEAN))
    assert shop.generations.active() == first
    assert shop.audit.records()[-1].outcome == "interrupted; nothing was applied"
    interrupted.clear()
    assert shop.apply(resolution(CLEAN)).generation.number == 2


def test_the_record_of_a_holder_tells_one_process_from_a_later_one_with_its_number() -> None:
    mine = Holder("1a2b3c4d", "ana", os.getpid(), 0, "rem apply", 0.0, 0.0)
    assert mine.lives
    assert not replace(mine, started=1).lives

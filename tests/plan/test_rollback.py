"""Going back: the old content as a new generation, and a hold that nothing passes by itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

from rem_cli.errors import GuardedError, NoTargetError
from rem_cli.plan import hold
from rem_cli.plan.audit import Audit
from rem_cli.plan.generations import GenerationError, Generations
from rem_cli.plan.rollback import release, rollback, target
from tests.plan.shop import CLEAN, RESTART, Shop, item, resolution

OLD, NEW = resolution(RESTART), resolution(RESTART, CLEAN)


def back(shop: Shop, wanted: int | str | None = None, why: str = "") -> object:
    to = target(shop.generations, wanted)
    return rollback(to, shop.generations, shop.audit, shop.clock, who="bo", why=why)


@pytest.fixture
def twice(shop: Shop) -> Shop:
    """Two generations, the second active."""
    shop.apply(OLD)
    shop.apply(NEW)
    return shop


def test_a8_a_rollback_is_a_new_generation_with_the_old_content(twice: Shop) -> None:
    back(twice, why="it pages everybody")
    active = twice.generations.active()
    assert active is not None
    assert (active.number, active.who, active.why) == (3, "bo", "it pages everybody")
    assert list(twice.generations.catalog(active).items) == [RESTART.path]
    first = twice.generations.history()[-1]
    assert (active.commit, active.catalog) == (first.commit, first.catalog)


def test_a8_what_was_left_is_held_back_until_it_is_released(twice: Shop) -> None:
    back(twice, why="it pages everybody")
    with pytest.raises(GuardedError) as refused:
        twice.apply_head(NEW)
    assert refused.value.message.startswith("bo rolled back from what ")
    assert "(it pages everybody)" in refused.value.message
    assert release(twice.generations, twice.audit, twice.clock, who="ana")
    assert twice.apply_head(NEW).generation.number == 4


def test_a8_a_commit_that_says_something_else_passes_and_ends_the_hold(twice: Shop) -> None:
    back(twice)
    assert twice.apply(resolution(item(RESTART.path, workers=5))).new
    assert hold.held(twice.generations) is None


def test_a8_another_commit_with_the_held_content_is_held_too(twice: Shop) -> None:
    back(twice)
    with pytest.raises(GuardedError):
        twice.apply(NEW, {"packages/shop/notes.txt": "nothing"})


def test_111_it_is_in_the_audit(twice: Shop) -> None:
    back(twice, why="it pages everybody")
    last = twice.audit.records()[-1]
    assert (last.action, last.outcome, last.who, last.generation) == ("rollback", "active", "bo", 3)
    assert twice.audit.verify(one.anchor for one in twice.generations.history()) == []


def test_back_to_what_is_active_already_changes_nothing(twice: Shop) -> None:
    back(twice, 2)
    assert twice.generations.numbers() == [1, 2]
    assert hold.held(twice.generations) is None


@pytest.mark.parametrize("wanted", [7, "0" * 40])
def test_what_is_not_kept_is_said_with_what_is(twice: Shop, wanted: int | str) -> None:
    with pytest.raises(NoTargetError) as refused:
        target(twice.generations, wanted)
    assert refused.value.message.endswith("is not kept")
    assert refused.value.hint == "kept: 1; any commit: rem apply REV"


def test_before_the_first_apply_there_is_nothing_to_go_back_to(shop: Shop) -> None:
    with pytest.raises(NoTargetError, match="nothing was applied yet"):
        target(shop.generations, None)


def test_a_generation_may_be_named_by_its_commit(twice: Shop) -> None:
    first = twice.generations.history()[-1]
    assert target(twice.generations, first.commit) == first


def test_a_damaged_hold_is_said_and_can_be_lifted(twice: Shop) -> None:
    back(twice)
    (twice.generations.home / "hold").write_bytes(b"{")
    with pytest.raises(GenerationError, match="is damaged"):
        twice.apply_head(NEW)
    assert release(twice.generations, twice.audit, twice.clock, who="ana")


def test_53_a_kill_at_any_point_never_leaves_the_old_content_without_its_hold(twice: Shop) -> None:
    """Cut points: those of `tests.plan.cutting`, in a rollback."""
    twice.checkout.commit()
    program = [sys.executable, "-m", "tests.plan.cutting", str(twice.checkout.root), "back"]
    told = subprocess.run(program, capture_output=True, text=True, check=False)
    assert told.stderr == ""
    cuts = int(told.stdout)
    assert cuts > 30
    seen = set()
    for cut in range(1, cuts + 1):
        killed = twice.checkout.root / str(cut) / ".rem"
        generations, audit = Generations(killed), Audit(killed, twice.clock)
        active = generations.active()
        assert active is not None
        seen.add(active.number)
        held = hold.held(generations)
        assert active.number == 2 or (held is not None and held.generation == 2)

        twice.root, twice.generations, twice.audit = killed, generations, audit
        if active.number == 2:
            back(twice)
        assert [one.number for one in generations.history()][:1] == [3]
        assert hold.held(generations) is not None
        assert twice.apply(resolution(item(RESTART.path, workers=5))).generation.number == 4
        assert audit.verify(one.anchor for one in generations.history()) == []
    assert seen == {2, 3}

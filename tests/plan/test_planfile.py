"""Plans: the same bytes for the same state, and refused as soon as they no longer hold."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rem_cli.errors import StaleError, UsageError
from rem_cli.plan import planfile
from rem_cli.plan.apply import Terms, apply
from rem_cli.plan.catalog import NOTHING, compile_catalog
from rem_cli.plan.diff import changes, values
from tests.plan.shop import CLEAN, RESTART, Shop, item, resolution

OLD, NEW = resolution(RESTART), resolution(item(RESTART.path, workers=3), CLEAN)


def plan(shop: Shop, *, now: str = "2023-11-14T22:13:20.000Z") -> bytes:
    """A plan for NEW at HEAD."""
    active = shop.generations.active()
    old = shop.generations.catalog(active) if active else NOTHING
    new = compile_catalog(NEW, shop.repository.at(shop.repository.resolve()))[0]
    found = changes(old, new)
    return planfile.write(active, new, "production", found, [], values(old, new, found), now=now)


def applied(shop: Shop, text: bytes, resolved: Any = NEW) -> bool:
    commit = shop.repository.resolve()
    terms = Terms(planfile.read(text, "plan.json"))
    tree = shop.repository.at(commit)
    done = apply(resolved, tree, commit, shop.generations, shop.audit, shop.clock, who="ana", terms=terms)
    return done.new


@pytest.fixture
def ready(shop: Shop) -> Shop:
    """One generation, and a newer commit."""
    shop.apply(OLD)
    shop.checkout.commit()
    return shop


def test_a5_a_plan_that_holds_is_applied(ready: Shop) -> None:
    assert applied(ready, plan(ready))
    assert ready.generations.pointed_at() == 2


def test_a5_two_plans_of_one_state_differ_in_their_time_alone(ready: Shop) -> None:
    one, two = plan(ready).decode().split("\n"), plan(ready, now="2030-01-01T00:00:00.000Z").decode().split("\n")
    assert [row for row, other in zip(one, two, strict=True) if row != other] == [
        ' "made at": "2023-11-14T22:13:20.000Z"'
    ]


def test_a5_it_says_what_changes(ready: Shop) -> None:
    told = json.loads(plan(ready))
    assert told["added"] == [CLEAN.path]
    assert told["changed"] == {RESTART.path: {"workers": {"old": 1, "new": 3}}}
    assert told["base"]["generation"] == 1
    assert told["target"]["commit"] == ready.repository.resolve().id


def test_54_another_active_generation_makes_it_stale(ready: Shop) -> None:
    text = plan(ready)
    ready.apply(resolution(item(RESTART.path, workers=9)))
    with pytest.raises(StaleError, match="made when generation 1 was active; now it is generation 2"):
        applied(ready, text)
    assert ready.generations.pointed_at() == 2


def test_54_a_commit_that_says_something_else_makes_it_stale(ready: Shop) -> None:
    with pytest.raises(StaleError, match="does not say what it said"):
        applied(ready, plan(ready), OLD)


def test_54_an_edited_plan_is_refused(ready: Shop) -> None:
    text = plan(ready).replace(b'"new": 3', b'"new": 2')
    with pytest.raises(StaleError, match=r"plan\.json is not as it was written"):
        planfile.read(text, "plan.json")


def test_54_a_plan_of_a_newer_rem_is_refused(ready: Shop) -> None:
    text = plan(ready).replace(b"rem.plan/1", b"rem.plan/2")
    with pytest.raises(StaleError, match="was written by a newer rem"):
        planfile.read(text, "plan.json")


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b"packages:", b'{"schema": 1}', b"[" * 100_000, b"\xff"])
def test_what_is_no_plan_is_said(text: bytes) -> None:
    with pytest.raises(UsageError, match=r"plan\.json is not a plan"):
        planfile.read(text, "plan.json")

"""A plan binds what is on hosts, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from rem_cli.errors import StaleError
from rem_cli.language import Item
from rem_cli.plan import planfile
from rem_cli.plan.apply import Terms
from rem_cli.plan.diff import Changes
from rem_cli.plan.footprint.plans import standing
from rem_cli.plan.planfile import Bound
from tests.plan.footprint.yard import Estate, ends, file, host


def bound(estate: Estate, *items: Item) -> Bound:
    compiled = estate.compiled(*items)
    plans = estate.footprint().plan(compiled.catalog, compiled, refresh=True)
    active = estate.shop.generations.active()
    text = planfile.write(
        active, compiled.catalog, "production", Changes(), [], {}, now="now", hosts=standing(plans)
    )  # fmt: skip
    return planfile.read(text, "x.plan")


def test_54_a_plan_is_applied_as_long_as_the_files_stand_as_they_stood(estate: Estate, tmp_path: Path) -> None:
    items = [host("web01"), file("motd", tmp_path / "motd", content="hello\n")]
    plan = bound(estate, *items)
    assert ends(estate.apply(*items, terms=Terms(bound=plan))) == {"web01": "ok"}


def test_54_a_plan_is_stale_when_a_file_changed_since(estate: Estate, tmp_path: Path) -> None:
    items = [host("web01"), file("motd", tmp_path / "motd", content="hello\n")]
    estate.apply(*items)
    changed = [host("web01"), file("motd", tmp_path / "motd", content="new\n")]
    plan = bound(estate, *changed)
    (tmp_path / "motd").write_text("mine\n")
    with pytest.raises(StaleError) as refused:
        estate.apply(*changed, terms=Terms(bound=plan))
    assert refused.value.message == f"{tmp_path}/motd on web01 changed since the plan was made; nothing was applied"
    assert (tmp_path / "motd").read_text() == "mine\n"


def test_two_plans_of_the_same_hosts_are_the_same(estate: Estate, tmp_path: Path) -> None:
    items = [host("web01"), file("motd", tmp_path / "motd", content="hello\n")]
    assert bound(estate, *items).hosts == bound(estate, *items).hosts

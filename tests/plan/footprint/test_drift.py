"""What somebody changed by hand: told, mended, accepted for a time; and taking over what was there before."""

from __future__ import annotations

from pathlib import Path

import pytest

from rem_cli.errors import GuardedError, NoTargetError
from rem_cli.plan.footprint import record
from rem_cli.plan.footprint.adopt import Adopted, find, take
from rem_cli.plan.footprint.steps import Move
from tests.plan.footprint.yard import Estate, Yard, ends, file, host, moves


@pytest.fixture
def changed(yard: Yard) -> Yard:
    """A file of REM's that somebody changed."""
    yard.put(yard.object("motd"))
    (yard.folder / "motd").write_text("mine\n")
    return yard


def test_drift_is_accepted_up_to_and_with_its_day(changed: Yard) -> None:
    motd = changed.object("motd", accepted_until="2026-11-30", accepted_why="ana tries something")
    (step,) = changed.plan(motd, today="2026-11-30")
    assert (step.move, step.acts, step.why) == (
        Move.ACCEPTED, False, "changed by hand, accepted until 2026-11-30: ana tries something",
    )  # fmt: skip
    (step,) = changed.plan(motd, today="2026-12-01")
    assert (step.move, step.why) == (Move.CHANGE, "content; was accepted until 2026-11-30")


def test_what_the_packages_change_is_not_held_up_by_accepted_drift(changed: Yard) -> None:
    assert moves(changed.plan(changed.object("motd", "new\n", accepted_until="2026-11-30"))) == ["change"]


def test_accepted_drift_stays_when_another_file_changes(changed: Yard) -> None:
    motd = changed.object("motd", accepted_until="2026-11-30")
    assert changed.put(motd, changed.object("issue")) is None
    assert changed.there() == {"issue": "hello\n", "motd": "mine\n"}
    assert moves(changed.plan(motd, changed.object("issue"), today="2026-12-01")) == ["unchanged", "change"]


def adopted(estate: Estate, path: Path, content: str = "hello\n") -> Adopted:
    footprint = estate.footprint()
    catalog = estate.compiled(host("web01"), file("motd", path, content=content))
    return find(footprint, footprint.plan(catalog.catalog, catalog, refresh=True), "web01", str(path))


def test_56_an_adopted_file_is_rems_as_it_is_until_the_next_apply(estate: Estate, tmp_path: Path) -> None:
    path = tmp_path / "motd"
    path.write_text("mine\n")
    found = adopted(estate, path)
    assert found.there == b"mine\n"
    take(estate.footprint(), found, 1)
    assert path.read_text() == "mine\n"
    assert list(record.read(estate.shop.generations).hosts["web01"].files) == [str(path)]
    assert ends(estate.apply(host("web01"), file("motd", path, content="hello\n"))) == {"web01": "ok"}
    assert path.read_text() == "hello\n"


def test_an_adopted_file_is_nobody_elses_any_more(estate: Estate, yard: Yard, tmp_path: Path) -> None:
    other, path = yard.object("motd"), yard.folder / "motd"
    yard.hosts._repository = "cd" * 20
    yard.put(other, yard.object("issue"))
    take(estate.footprint(), adopted(estate, path), 1)
    assert moves(yard.plan(other, yard.object("issue"))) == ["unchanged", "conflict"]
    assert ends(estate.apply(host("web01"), file("motd", path, content="hello\n"))) == {"web01": "unchanged"}


def test_only_what_is_wanted_and_not_rems_is_adopted(estate: Estate, tmp_path: Path) -> None:
    with pytest.raises(GuardedError) as refused:
        adopted(estate, tmp_path / "motd")
    assert refused.value.message == f"{tmp_path}/motd on web01 is REM's, or is not there; nothing is to be adopted"
    (tmp_path / "link").symlink_to("/etc/hostname")
    with pytest.raises(GuardedError) as refused:
        adopted(estate, tmp_path / "link")
    assert refused.value.message == f"{tmp_path}/link on web01 is a symbolic link, which REM does not follow"


def test_what_nothing_wants_is_not_adopted_since_it_would_be_removed(estate: Estate, tmp_path: Path) -> None:
    footprint = estate.footprint()
    catalog = estate.compiled(host("web01"), file("motd", tmp_path / "motd", content="x"))
    with pytest.raises(NoTargetError) as refused:
        find(footprint, footprint.plan(catalog.catalog, catalog, refresh=True), "web01", "/etc/hostname")
    assert refused.value.message == "nothing wants /etc/hostname on web01, so the next apply would remove it"

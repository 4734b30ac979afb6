"""Applying commits: all or nothing, once, by one at a time, and never less than was meant."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from rem_cli.errors import GuardedError, HeldError, InvalidPackagesError, RemError, UntrustedError, UsageError
from rem_cli.plan.activate import KEPT, activating
from rem_cli.plan.audit import Audit
from rem_cli.plan.catalog import CatalogError
from rem_cli.plan.generations import GenerationError, Generations
from tests.plan.shop import CLEAN, RESTART, WRONG, Shop, item, resolution

SCRIPT = "packages/shop/run.sh"


def everything(root: Path) -> dict[str, bytes]:
    """Every file below a folder but the lock, which is touched by whoever takes it."""
    files = [path for path in root.rglob("*") if path.is_file() and path.name != "lock"]
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def test_109_the_first_apply_makes_a_generation_with_who_when_and_why(shop: Shop) -> None:
    applied = shop.apply(resolution(RESTART, CLEAN), who="ana", why="opening")
    active = shop.generations.active()
    assert active == applied.generation
    assert (active.number, active.environment, active.who, active.why, active.at) == (
        1,
        "production",
        "ana",
        "opening",
        1700000000.0,
    )
    assert active.commit == shop.repository.resolve().id
    assert applied.new
    assert applied.changes.added == (CLEAN.path, RESTART.path)
    assert list(shop.generations.catalog(active).items) == [CLEAN.path, RESTART.path]


def test_before_the_first_apply_nothing_is_active_and_nothing_is_made(shop: Shop) -> None:
    assert shop.generations.active() is None
    assert shop.generations.history() == shop.audit.records() == []
    assert not shop.root.exists()


def test_the_next_apply_says_what_changed_and_history_has_both(shop: Shop) -> None:
    shop.apply(resolution(RESTART, CLEAN))
    applied = shop.apply(resolution(item(RESTART.path, workers=9)))
    assert applied.changes.removed == (CLEAN.path,)
    assert applied.changes.changed == {RESTART.path: ("workers",)}
    assert [generation.number for generation in shop.generations.history()] == [2, 1]


def test_110_a6_applying_twice_writes_nothing(shop: Shop) -> None:
    first = shop.apply(resolution(RESTART, scripts=[SCRIPT]), {SCRIPT: "#!/bin/sh\n"})
    before = everything(shop.root)
    second = shop.apply_head(resolution(RESTART, scripts=[SCRIPT]), who="bo")
    assert (second.new, second.generation, bool(second.changes)) == (False, first.generation, False)
    assert everything(shop.root) == before


def test_another_commit_with_the_same_content_is_noted_and_makes_no_generation(shop: Shop) -> None:
    first = shop.apply(resolution(RESTART))
    again = shop.apply(resolution(RESTART), {"README": "more"})
    assert (again.new, again.generation) == (False, first.generation)
    head = shop.repository.resolve().id
    assert shop.generations.commits(first.generation) == (first.generation.commit, head)
    assert shop.generations.commits(shop.apply(resolution(CLEAN)).generation) == (shop.repository.resolve().id,)


def test_scripts_are_read_back_without_git(shop: Shop) -> None:
    applied = shop.apply(resolution(RESTART, scripts=[SCRIPT]), {SCRIPT: "#!/bin/sh\necho hi\n"})
    shutil.rmtree(shop.checkout.root / ".git")
    script = shop.generations.catalog(applied.generation).scripts[SCRIPT]
    assert shop.generations.script(script.sha256) == b"#!/bin/sh\necho hi\n"


def test_a13_packages_with_errors_leave_the_old_generation(shop: Shop) -> None:
    shop.apply(resolution(RESTART))
    before = shop.generations.active()
    with pytest.raises(InvalidPackagesError, match="have 1 error; nothing was applied"):
        shop.apply(resolution(CLEAN, findings=[WRONG]))
    assert shop.generations.active() == before
    assert shop.audit.records()[-1].outcome.startswith("refused: the packages at")


def test_55_a_catalog_without_items_does_not_replace_one_with_some(shop: Shop) -> None:
    shop.apply(resolution(RESTART))
    with pytest.raises(GuardedError, match="the packages hold nothing, and what is active holds 1 items"):
        shop.apply(resolution())
    assert [found.key for found in shop.generations.catalog(shop.generations.history()[0]).of("builtin jobs")] == [
        "restart"
    ]


def test_55_an_empty_catalog_over_one_that_cannot_be_read_is_refused_too(shop: Shop) -> None:
    shop.apply(resolution(RESTART))
    (shop.generations.home / "active").write_text("x")
    with pytest.raises(GuardedError):
        shop.apply(resolution())


def test_a_new_repository_without_items_may_be_applied(shop: Shop) -> None:
    assert shop.apply(resolution()).new
    assert shop.apply(resolution(RESTART)).new


def test_a_commit_with_files_in_rem_s_own_folder_is_refused(shop: Shop) -> None:
    shop.checkout.commit()
    blob = shop.checkout.git("hash-object", "-w", ".gitignore")
    shop.checkout.git("update-index", "--add", "--cacheinfo", f"100644,{blob},.rem/generations/production/active")
    shop.checkout.git("commit", "--quiet", "--message", "planted")
    with pytest.raises(UntrustedError, match=r"has files in \.rem/"):
        shop.apply_head(resolution(RESTART))


def test_a_planted_generation_is_not_believed(shop: Shop) -> None:
    """As `git checkout` leaves it: readable by others."""
    shop.generations.home.mkdir(parents=True)
    (shop.generations.home / "active").write_text("1\n")
    (shop.generations.home / "active").chmod(0o644)
    with pytest.raises(UntrustedError, match="was not made by rem"):
        shop.generations.active()


def test_p10_only_the_user_may_read_what_is_stored(shop: Shop) -> None:
    shop.apply(resolution(RESTART, scripts=[SCRIPT]), {SCRIPT: "x"})
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (shop.root, *shop.root.rglob("*"))}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}


def test_environments_do_not_touch_each_other(shop: Shop) -> None:
    shop.apply(resolution(RESTART))
    staging = Generations(shop.root, "staging")
    assert staging.active() is None
    with pytest.raises(UsageError):
        Generations(shop.root, "../production")


def test_53_the_second_who_applies_is_told_who_does_since_when(shop: Shop) -> None:
    with activating(shop.generations, "ana", shop.clock), pytest.raises(HeldError) as refused:
        shop.apply(resolution(RESTART), who="bo")
    assert re.fullmatch(
        rf"ana is applying since 2023-11-14T22:13:20\+00:00 \(process {os.getpid()}, lock [0-9a-f]{{8}}\)",
        refused.value.message,
    )


def test_53_a_holder_that_died_holds_nobody(shop: Shop) -> None:
    """Cut point: while the lock is held."""
    program = (
        "import os, sys; from pathlib import Path; from rem_cli.clock import SystemClock;"
        "from rem_cli.plan.activate import activating; from rem_cli.plan.generations import Generations\n"
        "with activating(Generations(Path(sys.argv[1])), 'ana', SystemClock()): os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, str(shop.root)], check=False)
    assert b"ana" in (shop.generations.home / "lock").read_bytes()
    assert shop.apply(resolution(RESTART), who="bo").new


def test_a_lock_whose_holder_has_not_said_who_they_are_is_a_lock(shop: Shop) -> None:
    shop.apply(resolution(RESTART))
    with (shop.generations.home / "lock").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(HeldError, match="somebody else"):
            shop.apply(resolution(CLEAN))


def test_53_58_a_kill_at_any_point_leaves_the_old_or_the_new_and_the_next_apply_ends_it(shop: Shop) -> None:
    """Cut points: those of `tests.plan.cutting`."""
    first = shop.apply(resolution(RESTART))
    shop.checkout.commit({SCRIPT: "#!/bin/sh\n"})
    program = [sys.executable, "-m", "tests.plan.cutting", str(shop.checkout.root)]
    told = subprocess.run(program, capture_output=True, text=True, check=False)
    assert told.stderr == ""
    cuts = int(told.stdout)
    assert cuts > 60
    seen = set()
    for cut in range(1, cuts + 1):
        killed = shop.checkout.root / str(cut) / ".rem"
        generations, audit = Generations(killed), Audit(killed, shop.clock)
        active = generations.active()
        assert active is not None
        items = list(generations.catalog(active).items)
        assert items == ([RESTART.path] if active == first.generation else [CLEAN.path, RESTART.path])
        seen.add(active.number)

        shop.root, shop.generations, shop.audit = killed, generations, audit
        ended = shop.apply(resolution(RESTART, CLEAN, scripts=[SCRIPT]))

        assert ended.generation.number == 2
        assert generations.script(generations.catalog(ended.generation).scripts[SCRIPT].sha256) == b"#!/bin/sh\n"
        assert [record.generation for record in audit.records() if record.action == "apply"] == [1, 2]
        assert audit.verify(generation.anchor for generation in generations.history()) == []
        assert not [path for path in killed.rglob("*") if path.name.startswith(".")]
        assert generations.numbers() == [1, 2]
    assert seen == {1, 2}


@pytest.mark.parametrize("failing", range(1, 10))
def test_53_a_full_disk_at_any_write_leaves_a_whole_generation(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    first = shop.apply(resolution(RESTART))
    fsync, calls = os.fsync, iter(range(1, 1000))

    def full(number: int) -> None:
        if next(calls) == failing:
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(number)

    shop.checkout.commit({SCRIPT: "#!/bin/sh\n"})
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RemError, match="no space left on device"):
        shop.apply(resolution(RESTART, CLEAN, scripts=[SCRIPT]))
    active = shop.generations.active()
    assert active is not None
    assert len(shop.generations.catalog(active).items) == (1 if active == first.generation else 2)
    monkeypatch.undo()
    assert shop.apply(resolution(RESTART, CLEAN, scripts=[SCRIPT])).generation.number == 2
    assert shop.audit.verify() == []


@pytest.mark.parametrize("name", ["active", "00000001/generation.json", "00000001/catalog.json"])
def test_what_is_damaged_is_said_and_mended_by_the_next_apply(shop: Shop, name: str) -> None:
    shop.apply(resolution(RESTART))
    (shop.generations.home / name).write_bytes(b"\0damaged")
    with pytest.raises((GenerationError, CatalogError)) as refused:
        shop.generations.catalog(shop.generations.active())  # type: ignore[arg-type]
    assert "rem apply" in (refused.value.hint or "")
    assert shop.apply(resolution(RESTART)).generation.number == 2
    assert shop.generations.active() is not None


def test_a_stored_script_that_was_changed_is_refused_and_mended(shop: Shop) -> None:
    resolved = resolution(RESTART, scripts=[SCRIPT])
    shop.apply(resolved, {SCRIPT: "honest"})
    (stored,) = (shop.root / "scripts").iterdir()
    stored.write_text("forged")
    with pytest.raises(GenerationError, match="is missing or damaged"):
        shop.generations.script(stored.name)
    assert not shop.apply(resolved).new
    assert shop.generations.script(stored.name) == b"honest"


@pytest.mark.parametrize("sha256", ["../../state.sqlite", "", "0" * 64, "x" * 64])
def test_a_script_that_was_never_stored_is_an_error(shop: Shop, sha256: str) -> None:
    shop.apply(resolution(RESTART))
    with pytest.raises(GenerationError):
        shop.generations.script(sha256)


def test_the_last_generations_are_kept(shop: Shop) -> None:
    for number in range(KEPT + 3):
        shop.apply(resolution(item(RESTART.path, workers=number)))
    assert [generation.number for generation in shop.generations.history()] == list(range(KEPT + 3, 3, -1))

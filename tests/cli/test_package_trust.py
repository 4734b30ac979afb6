"""Packages from elsewhere that are not what was locked. Numbers are those of the attack cases."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Repository
from tests.cli.requiring import forget, lock_text, require
from tests.fakes.upstream import Upstream, portal


def test_25_a_moved_tag_is_refused_wherever_it_is_met(locked: Repository, there: Upstream) -> None:
    there.move("v1.0.0", portal("1.0.0", "{}") | {"packages/portal/evil.yaml": "x: 1"})
    before = lock_text(locked)
    for words in (["package", "lock"], ["package", "lock", "--upgrade", "portal"]):
        told = locked.rem(*words)
        assert (told.status, "v1.0.0 of" in told.err, "ask its owners why it moved" in told.err) == (10, True, True)
    forget(locked)
    assert locked.rem("package", "fetch").status == 10
    for command in ("validate", "apply", "diff"):
        locked.commit()
        assert locked.rem(command).status == 10
    assert lock_text(locked) == before


def test_25_a_lock_that_was_edited_to_another_commit_is_refused(locked: Repository, there: Upstream) -> None:
    text = lock_text(locked)
    commit = re.findall('commit = "(.*)"', text)[0]
    other = there.git("rev-parse", "v2.0.0^{commit}")
    (locked.root / "rem.lock").write_text(text.replace(commit, other))
    locked.commit()
    for words in (["validate"], ["apply"], ["show", "shop/things/one"], ["package", "fetch"], ["package", "lock"]):
        told = locked.rem(*words)
        assert (told.status, "rem.lock" in told.err) == (10, True), (words, told.err)
    told = locked.rem("validate", "--format", "json")
    assert told.document["error"]["where"] == "rem.lock:5:1"


def test_72_files_that_are_not_what_was_locked_are_refused(locked: Repository) -> None:
    locked.rem("package", "vendor")
    script = locked.root / "vendor/packages/portal/scripts/greet.sh"
    good = locked.commit()
    for change in (lambda: script.write_text("#!/bin/sh\nrm -rf /\n"), lambda: script.chmod(0o755), script.unlink):
        change()
        locked.commit()
        for command in ("validate", "apply"):
            told = locked.rem(command)
            assert (told.status, "not those that were locked" in told.err) == (10, True)
        locked.git("reset", "--quiet", "--hard", good)
    assert locked.rem("validate").status == 0


def test_72_the_digest_of_the_lock_counts_in_the_cache_too(locked: Repository) -> None:
    text = lock_text(locked)
    (locked.root / "rem.lock").write_text(re.sub("sha256:[0-9a-f]{64}", "sha256:" + "0" * 64, text))
    assert locked.rem("validate").status == 10


def test_72_a_package_here_of_that_name_is_told(locked: Repository) -> None:
    locked.write({"packages/portal.yaml": "title: mine\n"})
    told = locked.rem("validate")
    assert "'portal' is a package of this repository and is required from" in told.out
    assert locked.rem("package", "lock").status == 4


def test_72_a_folder_here_of_that_name_is_told_too(locked: Repository) -> None:
    locked.write({"packages/portal/scripts/greet.sh": "#!/bin/sh\n"})
    told = locked.rem("validate")
    assert (told.status, "rem.lock:5:1: error packages/portal/ holds files here" in told.out) == (4, True)


def test_15_links_in_vendor_and_for_the_lock_are_not_followed(locked: Repository, tmp_path: Path) -> None:
    text = lock_text(locked)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "rem.lock").write_text(text)
    (locked.root / "rem.lock").unlink()
    (locked.root / "rem.lock").symlink_to(outside / "rem.lock")
    assert "rem.lock cannot be used: it is a symbolic link" in locked.rem("validate").out
    (locked.root / "rem.lock").unlink()
    (locked.root / "rem.lock").write_text(text)
    (locked.root / "vendor").symlink_to(outside)
    assert locked.rem("package", "vendor").status in (1, 11)
    assert [path.name for path in outside.iterdir()] == ["rem.lock"]


@pytest.mark.parametrize("vendored", [False, True])
def test_what_others_own_is_not_changed_here(locked: Repository, vendored: bool) -> None:
    if vendored:
        locked.rem("package", "vendor")
    item = "portal/jobs/web/greet"
    for words in (["new", "job", "portal/web/mine", "command=[uptime]"], ["edit", item, "timeout=9s"]):
        told = locked.rem(*words)
        assert told.err == "rem: 'portal' is another repository's and is not changed here\nhint: rem package list\n"
        assert told.status == 11
    for words in (["item", "remove", item], ["item", "move", item, "portal/jobs/web/other"]):
        assert locked.rem(*words).status == 11, words


def test_validate_asks_nobody(locked: Repository, there: Upstream) -> None:
    shutil.rmtree(there.root)
    locked.commit()
    for words in (["validate"], ["show", "shop/things/one"], ["diff"], ["apply"], ["package", "list"]):
        assert locked.rem(*words).status == 0, words


def test_25_a_lock_that_cannot_be_read_is_not_written_over(locked: Repository) -> None:
    text = "<<<<<<< HEAD\n" + lock_text(locked)
    (locked.root / "rem.lock").write_text(text)
    for words in (["package", "lock"], ["package", "fetch"], ["package", "vendor"]):
        told = locked.rem(*words)
        assert (told.status, "rem.lock cannot be used; nothing was done" in told.err) == (4, True)
    assert lock_text(locked) == text
    assert "2 errors in 2 of 2 files" in locked.rem("validate").out


def test_a_repository_without_releases(needing: Repository, tmp_path: Path) -> None:
    bare = Upstream(tmp_path / "bare")
    bare.commit({"packages/portal.yaml": ""})
    require(needing, bare, ">=1")
    assert needing.rem("package", "lock").err.endswith(
        "rem: 'portal' cannot be locked: no released version is >=1; rem.lock is as it was\n"
        "hint: it has no tag vX.Y.Z\n"
    )


@pytest.mark.parametrize("line", ["ProxyCommand touch {0}", 'Match exec "touch {0}"\n  User git'])
def test_39_no_program_of_an_ssh_config_runs_unless_it_is_allowed(line: str, empty: Repository, tmp_path: Path) -> None:
    canary, config = tmp_path / "canary", tmp_path / "ssh_config"
    config.write_text(f"Host *\n  {line.format(canary)}\n")
    empty.package.write_text('package: shop\nrequire: {x: {git: "ssh://git@127.0.0.1:1/x.git", version: ">=1"}}\n')
    told = empty.program("package", "lock", REM_SSH_CONFIG=str(config))
    assert told.status == 1
    assert "is not allowed" in told.err
    assert not canary.exists()
    own = tmp_path / "own.toml"
    own.write_text("allow_proxy_command = true\nallow_match_exec = true\n")
    empty.program("package", "lock", REM_SSH_CONFIG=str(config), REM_CONFIG=str(own))
    assert canary.exists()

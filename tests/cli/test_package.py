"""`rem package`, and every other command with packages from elsewhere."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Repository
from tests.cli.requiring import forget, lines, lock_text, require
from tests.fakes.upstream import Upstream

# --- the way that a team takes


def test_without_a_lock_it_says_what_to_type(needing: Repository) -> None:
    assert lines(needing, "validate")[:3] == [
        "packages/shop/package.yaml:3:3: error 'portal' is required from file:///there and is not in rem.lock REM1704",
        ' 3 │ portal: {git: "file:///there", version: ">=1,<2"}',
        " │ ^^^^^^ rem package lock",
    ]
    assert needing.rem("validate").status == 4


def test_lock_takes_the_smallest_and_everything_works_after_it(needing: Repository) -> None:
    assert lines(needing, "package", "lock") == ["+ portal 1.0.0 file:///there COMMIT", "rem.lock has 1 package", "[0]"]
    assert needing.rem("validate").status == 0
    assert needing.rem("show", "shop/things/one").status == 0
    shown = needing.rem("show", "portal/jobs/web/greet", "--origin").out
    assert "collected, portal@1.0.0/package.yaml:5:8" in shown
    assert lines(needing, "package", "lock") == ["rem.lock has 1 package, as before", "[0]"]


def test_a_new_release_changes_nothing_until_it_is_asked_for(locked: Repository, there: Upstream) -> None:
    there.release("1.2.0")
    before = lock_text(locked)
    assert locked.rem("package", "lock").status == 0
    assert lock_text(locked) == before
    assert lines(locked, "package", "list", "--refresh") == [
        "package version from files required by newer",
        "shop this repository here",
        "portal 1.0.0 file:///there COMMIT cache shop 2.0.0",
        "[0]",
    ]
    assert lines(locked, "package", "lock", "--upgrade", "portal")[0] == "~ portal 1.0.0 -> 1.2.0 file:///there COMMIT"
    assert locked.rem("package", "lock").status == 0
    assert 'version = "1.2.0"' in lock_text(locked)  # it stays


def test_a_range_that_excludes_what_is_locked_is_told_and_locked_anew(locked: Repository, there: Upstream) -> None:
    require(locked, there, ">=1.1")
    assert "rem.lock has 'portal' at 1.0.0, which is not >=1.1" in locked.rem("validate").out
    assert lines(locked, "package", "lock")[0] == "~ portal 1.0.0 -> 1.1.0 file:///there COMMIT"
    require(locked, there, "==2.0.0-rc.1")
    assert lines(locked, "package", "lock")[0] == "~ portal 1.1.0 -> 2.0.0-rc.1 file:///there COMMIT"


def test_what_is_not_required_any_more_is_told_and_goes(locked: Repository) -> None:
    locked.package.write_text("package: shop\n")
    assert "REM1706" in locked.rem("validate").out
    assert lines(locked, "package", "lock") == ["- portal 1.0.0", "rem.lock has 0 packages", "[0]"]
    assert locked.rem("validate").status == 0


def test_another_machine_fetches_what_is_locked_and_nothing_else(locked: Repository, there: Upstream) -> None:
    forget(locked)
    there.release("1.0.1")
    told = locked.rem("validate")
    assert (told.status, "'portal 1.0.0' is neither in vendor/packages/ nor" in told.out) == (4, True)
    assert lines(locked, "package", "list")[2:] == [
        "portal 1.0.0 file:///there COMMIT missing shop", "hint: rem package fetch", "[0]"
    ]  # fmt: skip
    assert lines(locked, "package", "fetch") == [
        "+ portal", "1 package of rem.lock on this machine, 1 of them new", "[0]"
    ]  # fmt: skip
    assert locked.rem("validate").status == 0


def test_vendored_packages_need_nobody(locked: Repository, there: Upstream) -> None:
    assert lines(locked, "package", "vendor") == [
        "+ vendor/packages/portal/package.yaml",
        "+ vendor/packages/portal/scripts/greet.sh",
        "vendor/packages/ holds the 1 package of rem.lock",
        "[0]",
    ]
    forget(locked)
    shutil.rmtree(there.root)
    assert locked.rem("package", "vendor").out == "vendor/packages/ holds the 1 package of rem.lock already\n"
    locked.commit()
    assert locked.rem("validate").status == 0
    assert locked.rem("validate", "--rev", "HEAD").status == 0
    assert (
        "collected, vendor/packages/portal/package.yaml:5:8"
        in locked.rem("show", "portal/jobs/web/greet", "--origin").out
    )
    assert locked.rem("apply").status == 0


def test_a_lock_that_is_not_committed_is_told_when_it_is_not_applied(locked: Repository) -> None:
    locked.commit()
    locked.rem("package", "lock", "--upgrade", "portal")
    told = locked.rem("apply")
    assert "not applied: 1 file of the work tree" in told.err


def test_vendor_makes_it_equal_and_loses_nothing(locked: Repository, there: Upstream) -> None:
    locked.rem("package", "vendor")
    there.release(
        "1.3.0", {"packages/portal/scripts/greet.sh": "#!/bin/sh\n", "packages/portal/package.yaml": "title: x"}
    )
    locked.rem("package", "lock", "--upgrade", "portal")
    refused = locked.rem("package", "vendor")
    assert (refused.status, "is in no commit and would be lost" in refused.err) == (11, True)
    locked.commit()
    left = locked.root / "vendor/packages/left/package.yaml"
    left.parent.mkdir()
    left.write_text("title: mine")
    assert locked.rem("package", "vendor").status == 11
    locked.commit()
    assert lines(locked, "package", "vendor") == [
        "+ vendor/packages/portal/package.yaml",
        "+ vendor/packages/portal/scripts/greet.sh",
        "- vendor/packages/left/package.yaml",
        "vendor/packages/ holds the 1 package of rem.lock",
        "[0]",
    ]
    assert not left.parent.exists()


def test_the_same_commit_and_lock_are_the_same_catalog_vendored_or_not(locked: Repository) -> None:
    locked.commit()
    first = locked.rem("apply", "--format", "json").document["catalog"]
    locked.rem("package", "vendor")
    locked.commit()
    again = locked.rem("apply", "--format", "json").document
    assert (again["new"], again["catalog"]) == (False, first)
    locked.rem("package", "lock", "--upgrade", "portal")
    locked.rem("package", "vendor")
    locked.commit()
    assert locked.rem("apply", "--format", "json").document["new"]


def test_in_ci_the_lock_is_not_changed(locked: Repository, there: Upstream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    assert locked.rem("package", "lock").status == 0
    require(locked, there, ">=1.1")
    before = lock_text(locked)
    refused = locked.rem("package", "lock")
    assert refused.err == (
        "rem: rem.lock is not what the packages require: portal 1.0.0 -> 1.1.0\n"
        "hint: rem package lock, where it can be committed\n"
    )
    assert (refused.status, lock_text(locked)) == (8, before)
    assert locked.rem("package", "lock", "--no-locked").status == 0
    monkeypatch.setenv("CI", "false")
    require(locked, there, ">=2")
    assert locked.rem("package", "lock", "--locked").status == 8
    assert locked.rem("package", "lock").status == 0


def test_offline_goes_by_the_cache(locked: Repository, there: Upstream) -> None:
    locked.rem("package", "lock", "--upgrade", "portal")
    (locked.root / "rem.lock").unlink()
    shutil.rmtree(there.root)
    assert lines(locked, "package", "lock", "--offline")[0] == "+ portal 1.0.0 file:///there COMMIT"
    assert locked.rem("package", "lock").status == 1


# --- packages that require others


@pytest.fixture
def more(tmp_path: Path, there: Upstream) -> Upstream:
    """A repository of two packages: `team` requires its sibling `icons`, and `portal` of another repository."""
    made = Upstream(tmp_path / "more")
    for version, range in (("1.0.0", ">=1"), ("1.1.0", ">=2"), ("1.2.0", "<2")):
        needs = f'{{icons: ">=1", portal: {{git: "{there.url}", version: "{range}"}}}}'
        made.release(version, {"packages/team.yaml": f"require: {needs}\n", "packages/icons.yaml": "title: Icons\n"})
    return made


def test_what_others_require_comes_along(needing: Repository, there: Upstream, more: Upstream) -> None:
    needing.package.write_text(f'require: {{team: {{git: "{more.url}", version: ">=1.1"}}}}\n')
    assert lines(needing, "package", "lock") == [
        "+ icons 1.1.0 file:///more COMMIT",  # its sibling, as it was released with it
        "+ portal 2.0.0 file:///there COMMIT",
        "+ team 1.1.0 file:///more COMMIT",
        "rem.lock has 3 packages",
        "[0]",
    ]
    assert needing.rem("validate").status == 0
    assert lines(needing, "package", "list")[2:4] == [
        "icons 1.1.0 file:///more COMMIT cache team", "portal 2.0.0 file:///there COMMIT cache team"
    ]  # fmt: skip


def test_a_conflict_shows_both_chains(needing: Repository, there: Upstream, more: Upstream) -> None:
    needing.package.write_text(f"""\
require:
  portal:
    git: "{there.url}"
    version: ">=2"
  team:
    git: "{more.url}"
    version: ">=1.2"
""")
    column = 52 + len(there.url)
    assert lines(needing, "package", "lock") == [
        "packages/shop/package.yaml:4:14: error 'shop' requires portal >=2 REM1710",
        ' 4 │ version: ">=2"',
        " │ ^^^^^",
        "packages/shop/package.yaml:7:14: error 'shop' requires team >=1.2, which requires portal <2 "
        f"(team@1.2.0/team.yaml:1:{column}) REM1710",
        ' 7 │ version: ">=1.2"',
        " │ ^^^^^^^",
        "rem: 'portal' cannot be locked: no released version is both >=2 and <2; rem.lock is as it was",
        "hint: the versions there are: 1.0.0, 1.1.0, 2.0.0-rc.1, 2.0.0",
        "[4]",
    ]


@pytest.mark.parametrize(
    ("files", "id", "why"),
    [
        (
            {"packages/other.yaml": ""},
            "REM1711",
            "there is no packages/portal.yaml and no packages/portal/package.yaml",
        ),
        ({"packages/portal.yaml": "version: 3.0.1"}, "REM1712", "it calls itself 3.0.1"),
        ({"packages/portal.yaml": "require: {x: [\n"}, "REM1002", "'portal 3.0.0' cannot be used"),
        ({"packages/portal.yaml": 'require: {x: {git: "ext::sh", version: 1}}'}, "REM1702", "names no program"),
        ({"packages/portal.yaml": "require: {shop: '>=1'}"}, "REM1707", "'shop' is a package of this repository"),
        ({"packages/portal.yaml": "require: {x: '>=9'}"}, "REM1711", "no released version is >=9"),
    ],
)
def test_a_release_that_cannot_be_locked(
    needing: Repository, there: Upstream, files: dict[str, str | bytes], id: str, why: str
) -> None:
    there.git("rm", "-r", "--quiet", "packages")
    there.release("3.0.0", files)
    require(needing, there, ">=3")
    told = needing.rem("package", "lock")
    assert (told.status, id in told.err, why in told.err) == (4, True, True), told.err
    assert not (needing.root / "rem.lock").exists()

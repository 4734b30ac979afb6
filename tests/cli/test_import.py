"""`rem import`: what it writes, what it leaves alone, and what it never does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Repository

INVENTORY = """\
[web]
web01 ansible_host=192.0.2.11 http_port=80
"""


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """A folder with an inventory, outside of the repository."""
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "hosts").write_text(INVENTORY)
    return folder


def files(repository: Repository) -> dict[str, bytes]:
    """All files and their content, but for what git keeps, and REM of what it has checked."""
    found = (path.relative_to(repository.root).as_posix() for path in repository.root.rglob("*") if path.is_file())
    return {
        path: (repository.root / path).read_bytes() for path in found if not path.startswith((".git/", ".rem/cache/"))
    }


def test_it_makes_a_package_that_validates_and_says_what_to_do_next(empty: Repository, beside: Path) -> None:
    told = empty.rem("import", "ansible-inventory", str(beside / "hosts"))
    assert (told.status, told.out, told.err) == (
        0,
        "1 item from 2 lines: 1 carried, 1 approximated, 0 dropped\n"
        "wrote packages/ansible-inventory/package.yaml, packages/ansible-inventory/IMPORT.md\n",
        "hint: read packages/ansible-inventory/IMPORT.md, then: rem validate\n",
    )
    assert empty.rem("validate").status == 0
    shown = empty.rem("show", "ansible-inventory/hosts/web/web01", "--format", "json").document
    assert shown["fields"]["address"] == "192.0.2.11"


def test_the_second_time_nothing_changes(empty: Repository, beside: Path) -> None:
    words = ("import", "ansible-inventory", str(beside / "hosts"), "--into", "old")
    empty.rem(*words)
    before = files(empty)
    told = empty.rem(*words)
    assert (told.status, told.err) == (0, "")
    assert told.out.endswith("packages/old is as this import would leave it; nothing was written\n")
    assert empty.rem(*words, "--format", "json").document["wrote"] == []
    assert files(empty) == before


def test_a_source_that_changed_is_carried_again(empty: Repository, beside: Path) -> None:
    words = ("import", "ansible-inventory", str(beside / "hosts"), "--into", "old")
    empty.rem(*words)
    (beside / "hosts").write_text(INVENTORY + "web02\n")
    assert empty.rem(*words).status == 0
    assert empty.rem("show", "old/hosts/web/web02").status == 0


@pytest.mark.parametrize("name", ["package.yaml", "IMPORT.md"])
def test_what_somebody_edited_is_not_written_over(name: str, empty: Repository, beside: Path) -> None:
    words = ("import", "ansible-inventory", str(beside / "hosts"), "--into", "old")
    empty.rem(*words)
    file = empty.root / "packages/old" / name
    file.write_text(file.read_text().replace("mported", "mported once", 1))
    before = files(empty)
    told = empty.rem(*words)
    assert (told.status, told.err) == (
        11,
        "rem: packages/old was edited since it was imported; nothing was written\n"
        "hint: import into another package with --into NAME, and compare the two\n",
    )
    assert files(empty) == before


def test_a_package_of_ones_own_is_not_written_over(empty: Repository, beside: Path) -> None:
    empty.write({"packages/flat.yaml": "title: mine\n", "packages/mine/hosts.yaml": "web: {}\n"})
    before = files(empty)
    for name in ("flat", "mine", "shop"):
        told = empty.rem("import", "ansible-inventory", str(beside / "hosts"), "--into", name)
        assert told.status == 11
        assert f"there is a package '{name}' already" in told.err
    assert files(empty) == before


def test_an_import_of_something_else_is_not_written_over(empty: Repository, beside: Path) -> None:
    (beside / "more").write_text("[db]\ndb01\n")
    (beside / "config").write_text("Host a\n")
    empty.rem("import", "ansible-inventory", str(beside / "hosts"), str(beside / "more"), "--into", "old")
    before = files(empty)
    less = empty.rem("import", "ansible-inventory", str(beside / "hosts"), "--into", "old")
    other = empty.rem("import", "ssh-config", str(beside / "config"), "--into", "old")
    for told in (less, other):
        assert told.status == 11
        assert "this import would take those items out" in told.err
    assert files(empty) == before


def test_a_link_that_leads_away_is_not_followed(empty: Repository, beside: Path) -> None:
    (empty.root / "packages/old").symlink_to(beside)
    told = empty.rem("import", "ansible-inventory", str(beside / "hosts"), "--into", "old")
    assert told.status == 11
    assert [path.name for path in beside.iterdir()] == ["hosts"]


def test_sources_behind_links_and_devices_are_not_read(empty: Repository, beside: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.cfg").write_text("define host {\n host_name stolen\n}\n")
    (beside / "conf.d").mkdir()
    (beside / "conf.d/away.cfg").symlink_to(tmp_path / "secret.cfg")
    (beside / "nagios.cfg").write_text("cfg_dir=conf.d\ncfg_file=../secret.cfg\ndefine host {\n host_name a\n}\n")
    assert empty.rem("import", "nagios", str(beside / "nagios.cfg")).status == 0
    page = (empty.root / "packages/nagios/IMPORT.md").read_text()
    assert "stolen" not in page
    assert "a symbolic link leads out of the given files' folders" in page
    assert "it is outside of the given files' folders" in page
    told = empty.rem("import", "crontab", "/dev/zero")
    assert (told.status, told.err.splitlines()[0]) == (1, "rem: /dev/zero: this is no regular file")


def test_a_name_that_no_package_can_have_is_refused(empty: Repository, beside: Path) -> None:
    for name in ("../x", ".git", "base", "a\nb", "-x"):
        assert empty.rem("import", "ansible-inventory", str(beside / "hosts"), f"--into={name}").status == 2
    assert not (empty.root.parent / "x").exists()


def test_what_is_no_such_file_says_so(empty: Repository, beside: Path) -> None:
    (beside / "letter").write_text("Dear Ana,\nall is well.\n")
    told = empty.rem("import", "crontab", str(beside / "letter"))
    assert told.status == 1
    assert told.err.startswith(f"rem: no line of {beside}/letter could be carried; is this crontab?\nhint: ")
    assert not (empty.root / "packages/crontab").exists()


def test_a_format_is_asked_for_by_name(empty: Repository) -> None:
    told = empty.rem("import")
    formats = "ansible-inventory, crontab, systemd-timers, nagios, prometheus-rules, ssh-config"
    assert (told.status, told.err) == (
        2,
        f"rem: missing argument 'FORMAT'. Choose from: {formats}\nhint: rem import --help\n",
    )


def test_all_that_was_read_is_named(empty: Repository, beside: Path) -> None:
    (beside / "group_vars").mkdir()
    (beside / "group_vars/web.yml").write_text("ansible_user: ops\n")
    told = empty.rem("import", "ansible-inventory", str(beside / "hosts"), "--format", "json").document
    assert told["read"] == [str(beside / "hosts"), str(beside / "group_vars/web.yml")]
    assert (told["lines"], told["items"]) == ({"carried": 2, "approximated": 1, "dropped": 0}, 1)

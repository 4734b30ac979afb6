"""`rem init` and `rem new`: what they write, and that they write nothing where something is off."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rem_cli.main import main
from tests.cli.conftest import Repository
from tests.cli.terminal import Terminal


def everything(folder: Path) -> dict[str, bytes]:
    """All files and their content, but for what git keeps, and REM of what it has checked."""
    files = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return {path: (folder / path).read_bytes() for path in files if not path.startswith((".git/", ".rem/cache/"))}


def test_a_new_repository_validates(empty: Repository) -> None:
    schemas = {f".schema/{name}" for name in everything(empty.root / ".schema")}
    assert ".schema/package.json" in schemas
    assert everything(empty.root).keys() == {".gitignore", "packages/shop/package.yaml", *schemas}
    assert empty.rem("validate").status == 0


def test_init_again_changes_nothing(empty: Repository) -> None:
    before = everything(empty.root)
    told = empty.rem("init", str(empty.root))
    assert (told.status, told.out) == (0, f"{empty.root} has all that it needs\n")
    assert everything(empty.root) == before


def test_init_keeps_an_ignore_file_without_a_last_line_end(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/.gitignore").write_text("*.pyc")
    assert main(["init", str(tmp_path / "site")]) == 0
    assert (tmp_path / "site/.gitignore").read_text() == "*.pyc\n.rem/\n"


def test_init_writes_through_no_symbolic_link(tmp_path: Path) -> None:
    """Attack 15."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "site").mkdir()
    (tmp_path / "site/packages").symlink_to(tmp_path / "elsewhere")
    assert main(["init", str(tmp_path / "site")]) == 11
    assert list((tmp_path / "elsewhere").iterdir()) == []


FOLDERS = ["1.0", "null", "a: b", "it's", "-rf", "$HOME", "{x}", "#x", "x" * 200, "été", "\x1b[31mred", "..."]


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_of_any_name_becomes_a_repository_that_validates(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", "--", str(tmp_path / name)]) == 0
    capsys.readouterr()
    assert main(["-C", str(tmp_path / name), "validate"]) == 0
    assert "no problem" in capsys.readouterr().out


def test_a_newcomer_gets_from_nothing_to_a_run(empty: Repository) -> None:
    assert empty.rem("new", "host", "shop/web/web01", "reach=local").status == 0
    assert empty.rem("new", "job", "shop/try/load", "script=scripts/load.sh", "hosts=@web", "graph=[load]").status == 0
    empty.applied()
    assert empty.rem("job", "run", "shop/jobs/try/load").status == 0
    assert "load" in empty.rem("series", "list").out


def test_a_new_script_is_made_and_may_be_executed(empty: Repository) -> None:
    told = empty.rem("new", "job", "shop/try/load", "script=scripts/load.sh")
    assert told.out == "wrote packages/shop/package.yaml, packages/shop/scripts/load.sh\n"
    assert os.access(empty.root / "packages/shop/scripts/load.sh", os.X_OK)


def test_a_script_that_is_there_is_left_alone(empty: Repository) -> None:
    empty.write({"packages/shop/scripts/load.sh": "#!/bin/sh\n"})
    told = empty.rem("new", "job", "shop/try/load", "script=scripts/load.sh")
    assert told.out == "wrote packages/shop/package.yaml\n"
    assert (empty.root / "packages/shop/scripts/load.sh").read_text() == "#!/bin/sh\n"


def test_the_package_may_be_left_out_where_there_is_one(empty: Repository) -> None:
    assert empty.rem("new", "host", "web/web01", "reach=local").status == 0
    assert empty.rem("show", "shop/hosts/web/web01").status == 0


def test_the_path_may_be_the_one_that_rem_prints(empty: Repository) -> None:
    assert empty.rem("new", "host", "shop/hosts/web/web01", "reach=local").status == 0
    assert empty.rem("show", "shop/hosts/web/web01").status == 0


def test_a_path_that_misses_its_group_is_not_taken_for_another(empty: Repository) -> None:
    told = empty.rem("new", "host", "shop/web01", "reach=local")
    assert (told.status, told.err) == (
        2, "rem: 'shop/web01' has 2 parts\nhint: hosts take PACKAGE/group/name\n"
    )  # fmt: skip


def test_a_byte_order_mark_and_windows_lines_stay(empty: Repository) -> None:
    empty.package.write_bytes(b"\xef\xbb\xbfpackage: shop\r\n")
    assert empty.rem("new", "host", "web/web01", "reach=local").status == 0
    assert empty.package.read_bytes() == (
        b"\xef\xbb\xbfpackage: shop\r\nhosts:\r\n  web:\r\n    web01:\r\n      reach: local\r\n"
    )


# Each is off in its own way: the words, the status, what is said first.
OFF: dict[str, tuple[list[str], int, str]] = {
    "a value of another type": (["host", "web/a", "port=ssh"], 4, "'ssh' is not a"),
    "a value that is no choice": (["host", "web/a", "reach=locl"], 4, "did you mean 'local'?"),
    "a field that is not there": (["host", "web/a", "adress=x"], 2, "'adress' is not a field of hosts"),
    "two of which one is meant": (["job", "t/a", "command=[x]", "shell=x"], 4, "one of command, shell"),
    "no sign between name and value": (["host", "web/a", "local"], 2, "'local' is not FIELD=VALUE"),
    "a needed field left out": (["job", "t/a"], 2, "jobs need script or command or shell"),
    "a kind that is not there": (["hst", "web/a"], 2, "there is no section 'hst'"),
    "no such package": (["host", "shp/web/a"], 9, "did you mean 'shop'?"),
    "an item that is there": (["host", "web/web01"], 1, "is in packages/shop/package.yaml already"),
    "a package that is there": (["package", "shop"], 2, "there is a package 'shop' already"),
    "a script outside": (["job", "t/a", "script=../../../etc/x.sh"], 4, "outside"),
    "an absolute script": (["job", "t/a", "script=/etc/x.sh"], 4, "/etc/x.sh"),
    "bytes that are no UTF-8": (["host", "web/\udcff", "reach=local"], 2, "is not UTF-8"),
    "a command that is no list": (["job", "t/a", "command=uptime -p"], 4, "write [uptime, -p]"),  # attack 33
    "a host that is an option": (["host", "web/-oProxyCommand=x", "reach=local"], 4, "begin with '-'"),  # attack 32
    "an address that is an option": (["host", "web/a", "address=-oProxyCommand=x"], 4, "address"),
    "a user for a shell": (["host", "web/a", "user=a;b"], 4, "a;b"),
    "a port that is a path": (["host", "web/a", "port=22/../"], 4, "22/../"),
}  # fmt: skip


@pytest.mark.parametrize("case", OFF)
def test_nothing_is_written_for(case: str, shop: Repository) -> None:
    words, status, said = OFF[case]
    before = everything(shop.root)
    told = shop.rem("new", *words)
    assert (told.status, everything(shop.root)) == (status, before)
    assert said in told.err
    assert told.out == ""


NAMES = ["..", ".", ".git", "-rf", "a\nb", "\x1b[31m", "x" * 300, " a", "a ", "", "a/b", "\u202eb", "a\0"]


@pytest.mark.parametrize("kind", ["package", "host", "job"])
@pytest.mark.parametrize("name", [name for name in NAMES if "\0" not in name])
def test_a_name_that_could_do_harm_is_refused(name: str, kind: str, shop: Repository) -> None:
    """Attack 20."""
    before = everything(shop.root)
    words = [name] if kind == "package" else [f"shop/g/{name}", "reach=local" if kind == "host" else "command=[x]"]
    told = shop.rem("new", kind, "--", *words)
    assert told.status in (2, 4, 9)
    assert everything(shop.root) == before
    assert "\x1b" not in told.err


def test_a_package_name_that_leads_outside_is_refused(shop: Repository) -> None:
    """Attack 20."""
    assert shop.rem("new", "package", "../x").status == 2
    assert not (shop.root / "x").exists()


def test_no_script_is_written_through_a_symbolic_link(shop: Repository, tmp_path: Path) -> None:
    """Attack 15."""
    (tmp_path / "elsewhere").mkdir()
    (shop.root / "packages/shop/scripts").symlink_to(tmp_path / "elsewhere")
    before = shop.package.read_text()
    assert shop.rem("new", "job", "t/a", "script=scripts/a.sh").status in (4, 11)
    assert (list((tmp_path / "elsewhere").iterdir()), shop.package.read_text()) == ([], before)


def test_a_problem_that_was_there_before_does_not_stop_it(shop: Repository) -> None:
    shop.write({"packages/other.yaml": "hosts: {web: {x: {reech: 1}}}"})
    assert shop.rem("new", "host", "shop/web/web09", "reach=local").status == 0


def test_what_is_missing_is_asked_for_on_a_terminal(empty: Repository) -> None:
    terminal = Terminal(empty.root, "new", "job", "t/a")
    terminal.hear("script (")
    terminal.type("scripts/load.sh\r")
    assert terminal.end() == 0
    assert "script: scripts/load.sh" in empty.package.read_text()


def test_ctrl_c_at_a_question_writes_nothing(empty: Repository) -> None:
    before = everything(empty.root)
    terminal = Terminal(empty.root, "new", "job", "t/a")
    terminal.hear("script (")
    terminal.type("\x03")
    assert (terminal.end(), everything(empty.root)) == (130, before)

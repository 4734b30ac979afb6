"""`rem schema export` and what of it `rem init` and `rem new` write: files that editors hold packages against."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.cli.conftest import Repository

MODELINE = "# yaml-language-server: $schema=../../.schema/package.json\n"


def test_a_new_repository_has_its_schemas_and_its_package_names_them(empty: Repository) -> None:
    assert empty.package.read_text().startswith(MODELINE)
    assert json.loads((empty.package.parent / "../../.schema/package.json").read_text())["title"] == "a package of REM"
    assert re.fullmatch(r"\d+ files in .schema: all as they should be\n", empty.rem("schema", "export").out)


def test_a_new_package_names_the_schema_where_there_is_one(empty: Repository) -> None:
    assert empty.rem("new", "package", "portal").status == 0
    text = (empty.root / "packages/portal/package.yaml").read_text()
    assert text == f"{MODELINE}package: portal\ntitle: Portal\nversion: 0.1.0\n"


def test_a_new_package_names_no_schema_that_is_not_there(empty: Repository) -> None:
    (empty.root / ".schema/package.json").unlink()
    assert empty.rem("new", "package", "portal").status == 0
    text = (empty.root / "packages/portal/package.yaml").read_text()
    assert text == "package: portal\ntitle: Portal\nversion: 0.1.0\n"


def test_the_first_lines_stay_when_items_are_added(empty: Repository) -> None:
    before = empty.package.read_text()
    assert empty.rem("new", "host", "web/web01", "reach=local").status == 0
    assert empty.package.read_text() == f"{before}hosts:\n  web:\n    web01:\n      reach: local\n"


SECTION = (
    "sections: {rack sheets: {grouped indexes: [{index: null, key field: name}], fields: {name: {type: label}}}}\n"
)


def test_sections_of_ones_own_are_exported(empty: Repository) -> None:
    empty.write({"packages/pages.yaml": SECTION})
    assert (
        empty.rem("schema", "export").out
        == "wrote package.json, rack-sheets.instance.json, rack-sheets.json in .schema\n"
    )
    assert "rack sheets" in json.loads((empty.root / ".schema/package.json").read_text())["else"]["properties"]


def test_a_schema_that_had_to_be_written_is_status_3_where_it_is_asked_for(empty: Repository) -> None:
    empty.write({"packages/pages.yaml": SECTION})
    assert [empty.rem("schema", "export", "--exit-code").status for _ in range(2)] == [3, 0]


def test_files_of_sections_that_are_gone_are_removed_and_no_others(empty: Repository) -> None:
    empty.write({"packages/pages.yaml": SECTION, ".schema/ours.json": '{"$schema": "x"}\n'})
    empty.rem("schema", "export")
    (empty.root / "packages/pages.yaml").unlink()
    told = empty.rem("schema", "export", "--exit-code")
    gone = "removed rack-sheets.instance.json, rack-sheets.json in .schema\n"
    assert (told.status, told.out) == (3, f"wrote package.json in .schema\n{gone}")
    assert (empty.root / ".schema/ours.json").is_file()
    assert not list((empty.root / ".schema").glob("rack*"))


def test_schemas_go_where_they_are_wanted(empty: Repository, tmp_path: Path) -> None:
    told = empty.rem("schema", "export", "--out", str(tmp_path / "a/b"))
    assert told.status == 0
    names = {path.name: path.read_bytes() for path in (tmp_path / "a/b").iterdir()}
    assert names == {path.name: path.read_bytes() for path in (empty.root / ".schema").iterdir()}


def test_a_folder_that_cannot_be_made_is_told(empty: Repository, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    told = empty.rem("schema", "export", "--out", str(tmp_path / "file/x"))
    assert (told.status, told.err) == (1, f"rem: could not write {tmp_path}/file/x: not a directory\n")


def test_nothing_is_written_through_a_symbolic_link(empty: Repository, tmp_path: Path) -> None:
    """Attack 15."""
    (tmp_path / "elsewhere").mkdir()
    for path in (empty.root / ".schema").iterdir():
        path.unlink()
    (empty.root / ".schema").rmdir()
    (empty.root / ".schema").symlink_to(tmp_path / "elsewhere")
    assert empty.rem("schema", "export").status == 11
    assert empty.rem("init", str(empty.root)).status == 11
    assert list((tmp_path / "elsewhere").iterdir()) == []

"""`rem item`: an item goes with all that is its own, takes what its new place says, and leaves nobody behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from rem_cli import wire
from tests.cli.conftest import Repository
from tests.cli.test_new import everything

TEXT = """\
# Ours.
package: shop
sections:
  machines:
    grouped indexes:
      - {index: site, type: label}
      - {index: rack, type: label}
      - {index: null, key field: name}
    fields:
      name: {type: hostname, required: true}
      address: {type: address}
    scripts: {process: builtin inventory}
    sections:
      disks:
        grouped indexes: [{index: null, key field: disk}]
        fields:
          disk: {type: label}
          size: {type: bytes}
machines:
  berlin:
    r1:
      # the first one
      # of all
      db01:   # in the cellar
        site: berlin
        name: db01
        address: '192.0.2.1'
        disks:
          # big
          a: {size: 1 TiB}
        # the end of it

      db02: {address: 192.0.2.2}
    r2: {}
hosts:
  web:
    web01: {reach: local, title: one}  # ours
jobs:
  try:
    good: {script: scripts/good.sh, hosts: "@web,!web01"}
series:
  load: {of: jobs/try/good, field: load}
"""
SITE = "package: site\n"
DB01 = "shop/machines/berlin/r1/db01"


@pytest.fixture
def ours(empty: Repository) -> Repository:
    empty.write({"packages/shop/package.yaml": TEXT, "packages/shop/scripts/good.sh": "#!/bin/sh\n"})
    empty.write({"packages/site/package.yaml": SITE})
    assert empty.rem("validate").status == 0
    return empty


MINE = """\
      # the first one
      # of all
      db01:   # in the cellar
        site: berlin
        name: db01
        address: '192.0.2.1'
        disks:
          # big
          a: {size: 1 TiB}
        # the end of it
"""
COPY = MINE.replace("db01", "db09")


def test_a_copy_takes_what_its_place_says(ours: Repository) -> None:
    told = ours.rem("item", "copy", DB01, "shop/machines/berlin/r2/db09")
    assert (told.status, told.err) == (0, "")
    assert told.out == f"copied {DB01} to shop/machines/berlin/r2/db09\nwrote packages/shop/package.yaml\n"
    assert ours.package.read_text() == TEXT.replace("    r2: {}\n", f"    r2:\n{COPY}")
    assert ours.rem("validate").status == 0


def test_a_move_takes_all_that_is_its_own(ours: Repository) -> None:
    assert ours.rem("item", "move", DB01, "shop/machines/berlin/r2/db09").status == 0
    assert ours.package.read_text() == TEXT.replace(MINE, "").replace("    r2: {}\n", f"    r2:\n{COPY}")


def test_the_last_item_of_a_group_leaves_it_empty(ours: Repository) -> None:
    ours.package.write_text(TEXT.replace(',!web01"', '"'))
    assert ours.rem("item", "remove", "shop/hosts/web/web01").status == 0
    assert "hosts:\n  web: {}\njobs:\n" in ours.package.read_text()


def test_an_item_in_a_line_becomes_one_in_lines_and_back(ours: Repository) -> None:
    ours.package.write_text(
        "hosts:\n  web: {web01: {reach: local, tags: [a]}, web02: {}}\n  db:\n    db01:\n      reach: local\n"
    )
    assert ours.rem("item", "move", "shop/hosts/web/web01", "shop/hosts/db/web01").status == 0
    assert ours.rem("item", "move", "shop/hosts/db/db01", "shop/hosts/web/db01").status == 0
    assert ours.package.read_text() == (
        "hosts:\n  web: {web02: {}, db01: {reach: local}}\n  db:\n    web01: {reach: local, tags: [a]}\n"
    )


def test_into_another_package_it_goes_with_its_paths(ours: Repository) -> None:
    ours.package.write_text(TEXT.replace("series:\n  load: {of: jobs/try/good, field: load}\n", ""))
    assert ours.rem("item", "move", "shop/jobs/try/good", "site/jobs/later/good").status == 0
    assert (ours.root / "packages/site/package.yaml").read_text() == (
        'package: site\njobs:\n  later:\n    good: {script: ../shop/scripts/good.sh, hosts: "@web,!web01"}\n'
    )
    assert "good:" not in ours.package.read_text()
    assert ours.rem("validate").status == 0


def test_beside_its_like_in_a_file_of_the_section(ours: Repository) -> None:
    ours.write({"packages/site/hosts/web.yaml": "web:\r\n  a: {reach: local}\r\n"})
    assert ours.rem("item", "copy", "shop/hosts/web/web01", "site/hosts/web/web09").status == 0
    assert (ours.root / "packages/site/hosts/web.yaml").read_bytes() == (
        b"web:\r\n  a: {reach: local}\r\n  web09: {reach: local, title: one}  # ours\r\n"
    )


def test_an_item_of_an_item(ours: Repository) -> None:
    assert ours.rem("item", "move", f"{DB01}/disks/a", "shop/machines/berlin/r2/db02/disks/b").status == 9
    ours.package.write_text(TEXT.replace("          # big\n", ""))
    assert ours.rem("item", "move", f"{DB01}/disks/a", "shop/machines/berlin/r1/db02/disks/b").status == 0
    text = ours.package.read_text()
    assert "      db02: {address: 192.0.2.2, disks: {b: {size: 1 TiB}}}\n" in text
    assert "        disks: {}\n" in text


def test_a_comment_that_no_line_has_room_for_stays_where_it_is(ours: Repository) -> None:
    told = ours.rem("item", "move", f"{DB01}/disks/a", "shop/machines/berlin/r1/db02/disks/b")
    assert (told.status, ours.package.read_text()) == (1, TEXT)
    assert told.err == (
        "rem: packages/shop/package.yaml:33:7: packages/shop/package.yaml could not be changed without touching its "
        "other lines\n  33 │       db02: {address: 192.0.2.2}\n     │       ^^^^\nhint: put this in it:\n"
        "  machines:\n    berlin:\n      r1:\n        db02:\n          disks:\n            # big\n"
        "            b: {size: 1 TiB}\n"
    )


def test_an_item_does_not_go_into_itself(ours: Repository) -> None:
    inner = "{grouped indexes: [{index: null, key field: b}], fields: {b: {}}}"
    outer = f"{{grouped indexes: [{{index: null, key field: k}}], fields: {{k: {{}}}}, sections: {{bs: {inner}}}}}"
    text = f"sections: {{a: {outer}}}\n"
    ours.package.write_text(text + "a: {x: {}}\n")
    told = ours.rem("item", "move", "shop/a/x", "shop/a/x/bs/y")
    assert (told.status, ours.package.read_text()) == (2, text + "a: {x: {}}\n")
    assert told.err == "rem: 'shop/a/x/bs/y' is in the item itself\nhint: give a path beside it\n"


def test_references_may_name_the_new_path(ours: Repository) -> None:
    before = ours.package.read_text()
    told = ours.rem("item", "move", "shop/jobs/try/good", "shop/jobs/try/better")
    assert (told.status, ours.package.read_text()) == (4, before)
    assert told.err == (
        "packages/shop/package.yaml:42:14: error 'jobs/try/good' would name what is not there REM1330\n"
        "  42 │   load: {of: jobs/try/good, field: load}\n     │              ^^^^^^^^^^^^^\n"
        "rem: 1 reference would dangle; nothing was written\n"
        "hint: rem item move has --update-refs, which lets them name the new path; --yes leaves them\n"
    )
    assert ours.rem("item", "move", "shop/jobs/try/good", "shop/jobs/try/better", "--update-refs").status == 0
    assert ours.package.read_text() == before.replace("    good:", "    better:").replace("try/good,", "try/better,")


def test_references_of_other_packages_too(ours: Repository) -> None:
    ours.write({"packages/site/package.yaml": SITE + "series: {a: {of: shop/jobs/try/good, field: a}}  # s\n"})
    assert ours.rem("item", "move", "shop/jobs/try/good", "site/jobs/t/good", "--update-refs").status == 0
    assert (ours.root / "packages/site/package.yaml").read_text().splitlines()[1:2] == [
        "series: {a: {of: jobs/t/good, field: a}}  # s"
    ]
    assert "of: site/jobs/t/good, field: load" in ours.package.read_text()
    assert ours.rem("validate").status == 0


def test_yes_leaves_references_behind(ours: Repository) -> None:
    assert ours.rem("item", "remove", "shop/jobs/try/good").status == 4
    assert ours.rem("item", "move", "shop/jobs/try/good", "shop/jobs/try/-x", "--yes").status == 2
    assert ours.rem("item", "move", "shop/hosts/web/web01", "shop/hosts/web/a b", "--yes").status == 4
    assert ours.rem("item", "remove", "shop/jobs/try/good", "--yes").status == 0
    assert ours.rem("validate").status == 4


def test_a_selector_that_names_a_host_keeps_it(ours: Repository) -> None:
    told = ours.rem("item", "remove", "shop/hosts/web/web01")
    assert told.status == 11
    assert told.err.startswith(
        "rem: packages/shop/package.yaml:40:44: 1 selector would still name 'web01': "
        "packages/shop/package.yaml:40:44; nothing was written\n"
    )
    assert ours.rem("item", "move", "shop/hosts/web/web01", "shop/hosts/db/web01").status == 0
    assert ours.rem("item", "remove", "shop/hosts/db/web01", "--yes").status == 0


# Each is off in its own way: the words, the status, what is said.
OFF: dict[str, tuple[list[str], int, str]] = {
    "an unlike section": (
        ["copy", DB01, "shop/hosts/web/db01"], 2,
        "rem: 'db01' does not fit: hosts have no site, disks\nhint: rem schema show hosts\n",
    ),
    "an item that is there": (
        ["copy", "shop/hosts/web/web01", DB01], 1, f"there is an item '{DB01}' already\n",
    ),
    "a path that is too short": (
        ["copy", DB01, "shop/machines/berlin"], 2,
        "rem: 'shop/machines/berlin' is too short\nhint: machines take shop/machines/site/rack/name\n",
    ),
    "no such package": (["move", DB01, "shp/machines/a/b/c"], 9, "did you mean 'shop'?"),
    "no such section": (["move", DB01, "shop/machine/a/b/c"], 2, "did you mean 'machines'?"),
    "no such holder": (["move", f"{DB01}/disks/a", "shop/machines/berlin/r1/db03/disks/a"], 9, "berlin/r1/db03'"),
    "no such item": (["move", "shop/hosts/web/web02", "shop/hosts/web/web03"], 9, "did you mean"),
    "a key that could do harm": (["copy", DB01, "shop/machines/berlin/r1/.."], 2, "a key cannot be '..'"),
    "a key that is no hostname": (["copy", DB01, "shop/machines/berlin/r1/-x"], 2, "cannot begin with '-'"),
    "a section that its package cannot use": (
        ["copy", DB01, "site/machines/berlin/r1/db01"], 2, "is not a section of site",
    ),
    "a group": (["remove", "shop/hosts/web"], 9, "is no item but a group of them"),
}  # fmt: skip


@pytest.mark.parametrize("case", OFF)
def test_nothing_is_written_for(case: str, ours: Repository) -> None:
    words, status, said = OFF[case]
    before = everything(ours.root)
    told = ours.rem("item", *words)
    assert (told.status, everything(ours.root), told.out) == (status, before, "")
    assert said in told.err


def test_what_an_anchor_elsewhere_gives_stays(ours: Repository) -> None:
    text = "x: &x {reach: local}\nhosts:\n  web:\n    a: {title: &t one}\n    b: {title: *t, reach: local}\n"
    ours.package.write_text(text.partition("\n")[2])
    told = ours.rem("item", "move", "shop/hosts/web/b", "site/hosts/web/b")
    assert (told.status, ours.package.read_text()) == (1, text.partition("\n")[2])
    assert "'b' uses *t of its file, which packages/site/package.yaml has not" in told.err


@pytest.mark.parametrize("name", ["web01", "web02"])
def test_what_a_specification_says_does_not_go(name: str, ours: Repository) -> None:
    ours.write({
        "packages/plan.yaml": "specification: true\nhosts: {web: {web01: {}, web02: {}}}\n",
        "packages/one.yaml": "of: plan\nhosts: {web: {web01: {title: one}}}\n",
    })  # fmt: skip
    before = everything(ours.root)
    told = ours.rem("item", "move", f"one/hosts/web/{name}", "one/hosts/web/web09")
    assert (told.status, everything(ours.root)) == (2, before)
    assert "packages/plan.yaml" in told.err


def test_a_kill_between_two_files_loses_nothing(ours: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new place is whole before the old one is touched; the same command then says what is left to do."""
    written: list[str] = []
    real = wire.write

    def killed(path: Path, content: bytes, *, mode: int = 0o666) -> None:
        if written:
            raise KeyboardInterrupt
        written.append(path.name)
        real(path, content, mode=mode)

    monkeypatch.setattr(wire, "write", killed)
    assert ours.rem("item", "move", "shop/hosts/web/web01", "site/hosts/web/web01").status == 130
    monkeypatch.undo()
    assert ours.package.read_text() == TEXT
    assert "    web01: {reach: local, title: one}  # ours\n" in (ours.root / "packages/site/package.yaml").read_text()
    told = ours.rem("item", "move", "shop/hosts/web/web01", "site/hosts/web/web01")
    assert (told.status, "hint: both say the same: rem item remove shop/hosts/web/web01\n" in told.err) == (1, True)

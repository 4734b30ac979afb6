"""`rem edit`: one value changes, every other byte stays; asked for on a terminal, refused where it does not fit."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Repository
from tests.cli.terminal import Terminal
from tests.cli.test_new import everything

TEXT = """\
# Ours.
package: shop
hosts:
  web:
    # the first one
    web01:   {reach: local, address: '192.0.2.11'}  # in the cellar
    web02:
      reach: local   # for now
      title: "1.10"
      tags:
        - a   # one
        - b
jobs:
  try:
    good: {command: [echo, hello], hosts: "@web", timeout: 5m}
"""
WEB02 = "shop/hosts/web/web02"


@pytest.fixture
def ours(empty: Repository) -> Repository:
    empty.package.write_text(TEXT)
    return empty


# The words, and what becomes of which line.
EDITS: dict[str, tuple[list[str], str, str]] = {
    "a value in quotes": (
        ["shop/hosts/web/web01", "address=192.0.2.12"], "address: '192.0.2.11'", "address: '192.0.2.12'",
    ),
    "a new field goes where the order of edit puts it": (
        ["shop/hosts/web/web01", "port=22"], "address: '192.0.2.11'", "address: '192.0.2.11', port: 22",
    ),
    "a comment stays behind its value": ([WEB02, "reach=ssh"], "local   # for now", "ssh   # for now"),
    "a number in quotes stays one": ([WEB02, "title=1.20"], 'title: "1.10"', 'title: "1.20"'),
    "one element of a list": ([WEB02, "tags=[a, c]"], "        - b\n", "        - c\n"),
    "a field goes out": ([WEB02, "title="], '      title: "1.10"\n', ""),
    "a field goes out by its option": ([WEB02, "--unset", "title"], '      title: "1.10"\n', ""),
    "a word with dashes": (["shop/jobs/try/good", "max-fail=0"], "timeout: 5m", "timeout: 5m, max fail: 0"),
    "what is there already": ([WEB02, "title=1.10", "port="], "", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", EDITS)
def test_every_other_byte_stays(case: str, ours: Repository) -> None:
    words, old, new = EDITS[case]
    told = ours.rem("edit", *words)
    assert (told.status, told.err) == (0, "")
    assert ours.package.read_text() == (TEXT.replace(old, new, 1) if old else TEXT)
    assert ours.rem("validate").status == 0


def test_it_says_what_it_changed(ours: Repository) -> None:
    told = ours.rem("edit", WEB02, "reach=ssh", "title=", "port=22")
    assert told.out == (
        "reach: local → ssh\ntitle: 1.10 → (nothing)\nport: (nothing) → 22\nwrote packages/shop/package.yaml\n"
    )
    assert ours.rem("edit", WEB02, "reach=ssh").out == "nothing to change\n"


def test_a_field_written_with_dashes_is_found(ours: Repository) -> None:
    ours.package.write_text("jobs: {t: {a: {command: [x], max_fail: 3}}}\n")
    assert ours.rem("edit", "shop/jobs/t/a", "max fail=4").status == 0
    assert ours.package.read_text() == "jobs: {t: {a: {command: [x], max_fail: 4}}}\n"


def test_an_item_in_a_file_of_its_section(ours: Repository) -> None:
    ours.write({"packages/shop/hosts/db.yaml": "db:\r\n  db01: {reach: local}\r\n"})
    assert ours.rem("edit", "shop/hosts/db/db01", "port=22").status == 0
    assert (ours.root / "packages/shop/hosts/db.yaml").read_bytes() == b"db:\r\n  db01: {reach: local, port: 22}\r\n"


# Each is off in its own way: the words, the status, the whole of what is said.
OFF: dict[str, tuple[list[str], int, str]] = {
    "a value of another type": (
        [WEB02, "port=ssh"], 4, "\n  13 │       port: ssh\n     │             ^^^ a whole number, from 1 to 65535\n",
    ),
    "a value out of its range": ([WEB02, "port=70000"], 4, "error 70000 is more than 65535 REM1301"),
    "a field that is not there": (
        [WEB02, "prt=22"], 2, "rem: 'prt' is not a field of hosts\nhint: did you mean 'port'?\n",
    ),
    "a field of its place": (
        [WEB02, "group=db"], 2, f"rem: 'group' is what the item's place says\nhint: rem item move {WEB02} …\n",
    ),
    "an item that is not there": (["shop/hosts/web/web03", "port=22"], 9, "did you mean 'shop/hosts/web/web01'"),
    "nothing to change, off a terminal": (
        [WEB02], 2, f"rem: there is nothing to change\nhint: name fields: rem edit {WEB02} reach=…\n",
    ),
    "no sign between name and value": ([WEB02, "port"], 2, "rem: 'port' is not FIELD=VALUE\n"),
    "a needed field taken out": (["shop/jobs/try/good", "command="], 4, "'good' has none of script, command, shell"),
    "bytes that are no UTF-8": ([WEB02, "title=\udcff"], 2, "is not UTF-8"),
}  # fmt: skip


@pytest.mark.parametrize("case", OFF)
def test_nothing_is_written_for(case: str, ours: Repository) -> None:
    words, status, said = OFF[case]
    before = everything(ours.root)
    told = ours.rem("edit", *words)
    assert (told.status, everything(ours.root), told.out) == (status, before, "")
    assert said in told.err


def test_a_change_that_an_alias_would_share_is_refused(ours: Repository) -> None:
    text = "hosts:\n  web:\n    a: &a {reach: local}\n    b: *a\n"
    ours.package.write_text(text)
    told = ours.rem("edit", "shop/hosts/web/b", "reach=ssh")
    assert (told.status, ours.package.read_text()) == (1, text)
    assert told.err == (
        "rem: packages/shop/package.yaml:4:8: 'b' is an alias; a change in it would be one at its anchor\n"
        "   4 │     b: *a\n     │        ^^\nhint: write by hand: reach: ssh\n"
    )


SPECIFICATION = """\
package: plan
specification: true
hosts:
  web:
    web01: {reach: local, title: one, tags: [a]}
    web02: {reach: local}
"""
INSTANCE = """\
package: shop
of: plan
hosts:
  web:
    web01: {title: ours, +tags: [b]}
"""
# The words, and what becomes of the instance.
OVER: dict[str, tuple[list[str], str, str]] = {
    "a field of its own": (["web01", "title=two"], "title: ours", "title: two"),
    "a field of the specification": (["web01", "reach=ssh"], "[b]}", "[b], reach: ssh}"),
    "a field goes back to the specification's": (["web01", "title="], "title: ours, ", ""),
    "a field of the specification goes out": (["web01", "reach="], "[b]}", "[b], reach: !unset }"),
    "an item of the specification": (
        ["web02", "reach=ssh", "title=two"], "[b]}\n", "[b]}\n    web02:\n      reach: ssh\n      title: two\n",
    ),
    "a field that the specification's item has not": (["web02", "title="], "", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", OVER)
def test_an_instance_says_its_own_over_its_specification(case: str, ours: Repository) -> None:
    words, old, new = OVER[case]
    ours.write({"packages/plan.yaml": SPECIFICATION, "packages/shop/package.yaml": INSTANCE})
    told = ours.rem("edit", f"shop/hosts/web/{words[0]}", *words[1:])
    assert (told.status, told.err) == (0, "")
    assert ours.package.read_text() == (INSTANCE.replace(old, new, 1) if old else INSTANCE)
    assert (ours.root / "packages/plan.yaml").read_text() == SPECIFICATION
    assert ours.rem("validate").status == 0


def test_an_item_of_a_specification_is_changed_there(ours: Repository) -> None:
    ours.write({"packages/plan.yaml": SPECIFICATION, "packages/shop/package.yaml": INSTANCE})
    assert ours.rem("edit", "plan/hosts/web/web02", "port=22").status == 0
    assert (ours.root / "packages/plan.yaml").read_text() == SPECIFICATION.replace("local}", "local, port: 22}")
    assert ours.rem("show", "shop/hosts/web/web02").out.count("22") == 1
    told = ours.rem("edit", "plan/hosts/web/web02", "port=ssh")
    assert (told.status, "'ssh' is not a port" in told.err) == (4, True)


def test_a_list_that_adds_to_another_is_changed_by_hand(ours: Repository) -> None:
    ours.write({"packages/plan.yaml": SPECIFICATION, "packages/shop/package.yaml": INSTANCE})
    told = ours.rem("edit", "shop/hosts/web/web01", "tags=[c]")
    assert (told.status, ours.package.read_text()) == (2, INSTANCE)
    assert told.err == (
        "rem: '+tags' adds to a list that another file begins\n"
        "hint: change it by hand, in line 5 of packages/shop/package.yaml\n"
    )


def test_a_bad_value_of_another_item_does_not_hide_this_one(ours: Repository) -> None:
    ours.write({"packages/other.yaml": "hosts: {web: {x: {reach: local, port: 70000}}}"})
    assert ours.rem("edit", WEB02, "port=70000").status == 4


def test_a_bad_value_can_be_mended(ours: Repository) -> None:
    ours.package.write_text("hosts: {web: {web02: {reach: local, port: '22'}}}\n")
    assert ours.rem("edit", WEB02, "port=22").status == 0
    assert ours.package.read_text() == "hosts: {web: {web02: {reach: local, port: 22}}}\n"


def test_nothing_is_written_through_a_symbolic_link(ours: Repository) -> None:
    """Attack 15."""
    elsewhere = ours.root.parent / "elsewhere"
    (ours.root / "packages/shop").rename(elsewhere)
    (ours.root / "packages/shop").symlink_to(elsewhere)
    assert ours.rem("edit", WEB02, "port=22").status in (9, 11)
    assert (elsewhere / "package.yaml").read_text() == TEXT


def test_the_file_keeps_its_permissions(ours: Repository) -> None:
    ours.package.chmod(0o640)
    assert ours.rem("edit", WEB02, "port=22").status == 0
    assert ours.package.stat().st_mode & 0o777 == 0o640


class Asked(Terminal):
    """`rem edit` asking for the fields of a host."""

    def __init__(self, ours: Repository, path: str = WEB02) -> None:
        super().__init__(ours.root, "--color", "never", "edit", path)

    def answer(self, question: str, answer: str) -> None:
        self.hear(f"{question}: ")
        self.said = ""
        self.type(f"{answer}\r")


NAME, TITLE, TAGS = "name (hostname) [web02]", "title (text) [1.10]", "tags (list of label) [[a, b]]"
ADDRESS, PORT, USER, REACH = "address (address)", "port (port)", "user (login)", "reach (choice) [local]"
ITSELF = [
    "runs locally (boolean)",
    "scheduler (choice)",
    *(f"{name} folder (host path)" for name in ("schedule", "rem")),
    "time zone (time zone)",
]
HOST = [NAME, TITLE, TAGS, ADDRESS, PORT, USER, REACH, *ITSELF]


def test_it_asks_in_the_order_of_edit(ours: Repository) -> None:
    asked = Asked(ours)
    for question in HOST:
        asked.answer(question, {TITLE: "Two", REACH: "ssh"}.get(question, ""))
    asked.hear("title: 1.10 → Two\r\nreach: local → ssh\r\nwrite this? [y/n]: ")
    asked.type("y\r")
    assert asked.end() == 0
    assert ours.package.read_text() == TEXT.replace('"1.10"', '"Two"').replace("local   #", "ssh   #")


def test_a_no_at_the_end_writes_nothing(ours: Repository) -> None:
    asked = Asked(ours)
    for question in HOST:
        asked.answer(question, "22" if question == PORT else "")
    asked.answer("write this? [y/n]", "n")
    assert (asked.end(), ours.package.read_text()) == (0, TEXT)


def test_it_explains_goes_back_and_takes_out(ours: Repository) -> None:
    asked = Asked(ours)
    asked.answer(NAME, "<")
    asked.answer(NAME, "")
    asked.answer(TITLE, "Wrong")
    asked.answer(TAGS, "<")
    asked.answer("title (text) [Wrong]", "-")
    asked.answer(TAGS, "?")
    asked.hear("Words to select it by, as in tag=db.")
    for question in HOST[2:]:
        asked.answer(question, "")
    asked.hear("title: 1.10 → (nothing)")
    asked.answer("write this? [y/n]", "y")
    assert asked.end() == 0
    assert ours.package.read_text() == TEXT.replace('      title: "1.10"\n', "")


def test_an_answer_that_does_not_fit_is_asked_for_again(ours: Repository) -> None:
    asked = Asked(ours)
    for question in HOST[:4]:
        asked.answer(question, "")
    asked.answer(PORT, "ssh")
    asked.hear("'ssh' is not a port; a whole number, from 1 to 65535")
    for question in HOST[4:]:
        asked.answer(question, "22" if question == PORT else "")
    asked.answer("write this? [y/n]", "y")
    assert asked.end() == 0
    assert "      port: 22\n" in ours.package.read_text()


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["ctrl-c", "ctrl-d"])
@pytest.mark.parametrize("question", [*HOST, "write this? [y/n]"])
def test_leaving_midway_writes_nothing(question: str, key: str, ours: Repository) -> None:
    asked = Asked(ours)
    for one in HOST:
        if one == question:
            break
        asked.answer(one, "Two" if one == TITLE else "")
    asked.hear(f"{question}: ")
    asked.type(key)
    assert (asked.end(), ours.package.read_text()) == (130, TEXT)


def test_a_file_that_changes_meanwhile_is_left_as_it_is(ours: Repository) -> None:
    asked = Asked(ours)
    for question in HOST:
        asked.answer(question, "Two" if question == TITLE else "")
    asked.hear("write this? [y/n]: ")
    theirs = TEXT + "# theirs\n"
    ours.package.write_text(theirs)
    asked.type("y\r")
    assert (asked.end(), ours.package.read_text()) == (8, theirs)


WIZARD = """\
package: shop
sections:
  racks:
    grouped indexes: [{index: null, key field: rack}]
    fields:
      rack: {type: label}
      site: {type: label, info: Where it stands.}
      units: {type: count, range: [1, 60]}
      notes: {type: text}
    edit:
      pages:
        - Place: [{Rack: [rack, site]}]
        - Size: [{Height: [units]}]
racks:
  r1: {site: berlin}  # the old one
"""


def test_a_wizard_goes_page_by_page_and_back(empty: Repository) -> None:
    empty.package.write_text(WIZARD)
    asked = Asked(empty, "shop/racks/r1")
    asked.hear("1 of 3: Place")
    asked.answer("rack (label) [r1]", "")
    asked.answer("site (label) [berlin]", "")
    asked.hear("2 of 3: Size")
    asked.answer("units (count)", "<")
    asked.hear("1 of 3: Place")
    asked.answer("site (label) [berlin]", "hamburg")
    asked.answer("units (count)", "70")
    asked.hear("70 is more than 60")
    asked.answer("units (count)", "42")
    asked.hear("3 of 3: Other")
    asked.answer("notes (text)", "")
    asked.hear("site: berlin → hamburg\r\nunits: (nothing) → 42\r\n")
    asked.answer("write this? [y/n]", "yes")
    assert asked.end() == 0
    assert empty.package.read_text() == WIZARD.replace("{site: berlin}", "{site: hamburg, units: 42}")


def test_a_wizard_that_is_left_writes_nothing(empty: Repository) -> None:
    empty.package.write_text(WIZARD)
    asked = Asked(empty, "shop/racks/r1")
    asked.answer("rack (label) [r1]", "")
    asked.answer("site (label) [berlin]", "hamburg")
    asked.hear("units (count): ")
    asked.type("\x03")
    assert (asked.end(), empty.package.read_text()) == (130, WIZARD)

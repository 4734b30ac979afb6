"""`rem section add`: a shape of one's own, which validates and takes items at once."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Repository
from tests.cli.test_new import everything

BEFORE = "# Ours.\npackage: shop\n"
WORDS = [
    "section", "add", "shop/machines", "--layers", "site/rack/name", "--process", "builtin inventory",
    "--info", "What stands: here", "address=address", "tags={type: list of label, default: []}", "name=hostname",
]  # fmt: skip
AFTER = (
    BEFORE
    + """\
sections:
  machines:
    info: "What stands: here"
    grouped indexes: [{index: site, type: label}, {index: rack, type: label}, {index: null, key field: name}]
    fields:
      name: {type: hostname}
      address: {type: address}
      tags: {type: list of label, default: []}
    scripts:
      process: builtin inventory
"""
)


@pytest.fixture
def ours(empty: Repository) -> Repository:
    empty.package.write_text(BEFORE)
    return empty


def test_it_is_written_and_takes_items(ours: Repository) -> None:
    told = ours.rem(*WORDS)
    assert (told.status, told.out) == (0, "wrote packages/shop/package.yaml\n")
    assert ours.package.read_text() == AFTER
    assert ours.rem("new", "machine", "shop/berlin/r1/db01", "address=192.0.2.1").status == 0
    assert ours.rem("show", "shop/machines/berlin/r1/db01").status == 0
    assert ours.rem("validate").status == 0


def test_a_second_one_goes_beside_the_first(ours: Repository) -> None:
    assert ours.rem(*WORDS).status == 0
    assert ours.rem("section", "add", "shop/our-notes", "text=text").status == 0
    assert ours.package.read_text() == AFTER + (
        "  our notes:\n    grouped indexes: [{index: null, key field: name}]\n    fields:\n"
        "      name: {type: label, required: true}\n      text: {type: text}\n"
    )


def test_a_file_of_sections_takes_it(ours: Repository) -> None:
    ours.write(
        {"packages/shop/sections.yaml": "a: {grouped indexes: [{index: null, key field: k}], fields: {k: {}}}\n"}
    )
    assert ours.rem("section", "add", "shop/b").out == "wrote packages/shop/sections.yaml\n"
    assert ours.rem("validate").status == 0


# Each is off in its own way: the words, the status, what is said.
OFF: dict[str, tuple[list[str], int, str]] = {
    "no such type": (["shop/machines", "port=prt"], 4, "did you mean 'port'?"),
    "a word of packages": (["shop/version"], 4, "a section cannot be called 'version'"),
    "no section": (["shop"], 2, "rem: 'shop' is not PACKAGE/SECTION\nhint: like shop/machines\n"),
    "no such package": (["shp/machines"], 9, "did you mean 'shop'?"),
    "a name that could do harm": (["shop/.git"], 2, "a key cannot begin with '.git'"),
    "no sign between name and type": (["shop/machines", "port"], 2, "'port' is not FIELD=VALUE"),
    "layers of nothing": (["shop/machines", "--layers", "a//b"], 2, "'a//b' is no row of layers"),
}  # fmt: skip


@pytest.mark.parametrize("case", OFF)
def test_nothing_is_written_for(case: str, ours: Repository) -> None:
    words, status, said = OFF[case]
    before = everything(ours.root)
    told = ours.rem("section", "add", *words)
    assert (told.status, everything(ours.root), told.out) == (status, before, "")
    assert said in told.err


def test_one_that_is_there_is_refused(ours: Repository) -> None:
    assert ours.rem(*WORDS).status == 0
    told = ours.rem(*WORDS)
    assert (told.status, "'sections/machines' is in packages/shop/package.yaml already" in told.err) == (1, True)

"""`rem fmt`: what it writes, what it only says, and that it touches nothing but texts of packages."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Repository
from tests.cli.test_new import everything

UNEVEN = "hosts:\n    web:  \n        # one\n        web01: {reach: local}"
EVEN = "hosts:\n  web:\n    # one\n    web01: {reach: local}\n"


@pytest.fixture
def uneven(empty: Repository) -> Repository:
    empty.write({"packages/shop/hosts.yaml": UNEVEN.partition("\n")[2], "packages/other.yaml": UNEVEN})
    empty.write({"packages/shop/scripts/data.yaml": "a:  \n", "notes.yaml": "a:  \n"})
    return empty


def test_it_writes_every_text_of_a_package(uneven: Repository) -> None:
    told = uneven.rem("fmt")
    assert (told.status, told.out) == (0, "2 files changed, 1 file is even\n")
    assert told.err == "wrote packages/other.yaml\nwrote packages/shop/hosts.yaml\n"
    assert (uneven.root / "packages/other.yaml").read_text() == EVEN
    assert (uneven.root / "packages/shop/scripts/data.yaml").read_text() == "a:  \n"
    assert (uneven.root / "notes.yaml").read_text() == "a:  \n"
    assert uneven.rem("fmt").out == "3 files are even\n"


def test_check_writes_nothing_and_says_so_with_its_status(uneven: Repository) -> None:
    before = everything(uneven.root)
    told = uneven.rem("fmt", "--check")
    assert (told.status, everything(uneven.root)) == (3, before)
    assert told.err == "would change packages/other.yaml\nwould change packages/shop/hosts.yaml\n"
    assert uneven.rem("fmt").status == 0
    assert uneven.rem("fmt", "--check").status == 0


def test_diff_shows_and_writes_nothing(uneven: Repository) -> None:
    before = everything(uneven.root)
    told = uneven.rem("fmt", "--diff", str(uneven.root / "packages/other.yaml"))
    assert (told.status, everything(uneven.root)) == (0, before)
    assert told.out == (
        "--- packages/other.yaml\n+++ packages/other.yaml\n@@ -1,4 +1,4 @@\n hosts:\n"
        "-    web:  \n-        # one\n-        web01: {reach: local}\n+  web:\n+    # one\n+    web01: {reach: local}\n"
        "1 file would change\n"
    )


def test_a_folder_means_the_texts_in_it(uneven: Repository) -> None:
    assert uneven.rem("fmt", str(uneven.root / "packages/shop")).err == "wrote packages/shop/hosts.yaml\n"


@pytest.mark.parametrize("path", ["nowhere", "notes.yaml", "..", "packages/shop/scripts/data.yaml"])
def test_what_is_no_text_of_a_package_is_refused(path: str, uneven: Repository) -> None:
    told = uneven.rem("fmt", str(uneven.root / path))
    assert (told.status, "is no text of a package" in told.err) == (9, True)


@pytest.mark.parametrize("text", [b"a: [  \n", b"a: \xff  \n", b"\xff\xfea"], ids=["syntax", "no UTF-8", "UTF-16"])
def test_a_text_with_a_problem_stays_and_is_named(text: bytes, uneven: Repository) -> None:
    uneven.write({"packages/other.yaml": text})
    told = uneven.rem("fmt")
    assert (told.status, told.out) == (0, "1 file changed, 1 file left alone, 1 file is even\n")
    assert "packages/other.yaml: it has problems of its own: rem validate\n" in told.err
    assert (uneven.root / "packages/other.yaml").read_bytes() == text


def test_the_line_that_names_the_schema_stays(uneven: Repository) -> None:
    line = "# yaml-language-server: $schema=../x.json\n"
    uneven.write({"packages/other.yaml": line + UNEVEN})
    assert uneven.rem("fmt").status == 0
    assert (uneven.root / "packages/other.yaml").read_text() == line + EVEN

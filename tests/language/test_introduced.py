"""What a change brought and what was there: texts before, texts after, and the lines that are told."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from rem_cli.language.introduced import introduced
from tests.language.tree import resolve

SHOP = "packages/shop.yaml"
OLD = "jobs:\n  web:\n    a: {command: [w], timeout: 90}\n    b: {command: [w], title: x}\n"


@dataclass(frozen=True)
class Case:
    name: str
    before: dict[str, str]
    now: dict[str, str]
    told: list[str]


CASES = [
    Case("nothing changed", {SHOP: OLD}, {SHOP: OLD}, []),
    Case("lines came above it", {SHOP: OLD}, {SHOP: f"# one\n# more\n{OLD}"}, []),
    Case("another problem beside it", {SHOP: OLD}, {SHOP: OLD.replace("title", "titel")}, [f"{SHOP}:4:23 REM1203"]),
    Case("it was mended", {SHOP: OLD}, {SHOP: OLD.replace("90", "90s")}, []),
    Case(
        "the same once more, first or last of the two",
        {SHOP: OLD},
        {SHOP: OLD + "    c: {command: [w], timeout: 90}\n"},
        [f"{SHOP}:5:32 REM1301"],
    ),
    Case("its line was changed", {SHOP: OLD}, {SHOP: OLD.replace("[w]", "[v]", 1)}, [f"{SHOP}:3:32 REM1301"]),
    Case("its file has another name", {SHOP: OLD}, {"packages/store.yaml": OLD}, []),
    Case(
        "its file was split",
        {SHOP: OLD},
        {
            "packages/shop/package.yaml": "package: shop\n",
            "packages/shop/jobs.yaml": "web:\n  a: {command: [w], timeout: 90}\n",
        },
        [],
    ),
    Case(
        "it was copied to a new file",
        {SHOP: OLD},
        {SHOP: OLD, "packages/store.yaml": OLD},
        ["packages/store.yaml:3:32 REM1301"],
    ),
    Case(
        "it went to a file that was there",
        {SHOP: OLD, "packages/store.yaml": "title: x\n"},
        {SHOP: "", "packages/store.yaml": OLD},
        ["packages/store.yaml:3:32 REM1301"],
    ),
    Case(
        "a line that a message names moved",
        {SHOP: "title: a\ntitle: b\n"},
        {SHOP: "# one\ntitle: a\ntitle: b\n"},
        [],
    ),
    Case(
        "two of one kind became three",
        {SHOP: "title: a\ntitle: a\ntitle: a\n"},
        {SHOP: "title: a\ntitle: a\ntitle: a\ntitle: a\n"},
        [f"{SHOP}:4:1 REM1004"],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_only_what_a_change_brought_is_told(case: Case) -> None:
    now, before = resolve(case.now).findings, resolve(case.before).findings
    found = introduced(now, before, paths=case.now, paths_before=case.before)
    assert [f"{one.place} {one.id}" for one in found] == case.told

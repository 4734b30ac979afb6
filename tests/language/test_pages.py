"""The page of each finding: there is one for every id, and its examples are what they say.

An example is the text of `packages/shop.yaml`, unless lines like `# packages/shop/jobs.yaml` part it into files.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rem_cli import shipped
from rem_cli.alerts.oncall.findings import timely
from rem_cli.shipped import Page
from tests.language.tree import resolve

NOW = 1_772_409_600  # 2026-03-02T00:00:00Z, for what hangs on the day
PAGES = shipped.finding_pages()
SOURCES = sorted((Path(__file__).parents[2] / "rem_cli").rglob("*.py"))
_EXAMPLE = re.compile(r"^(?:#+ |\*\*)?(Wrong|Right):?(?:\*\*)?\n\n?```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"^# (packages/\S+)\n", re.MULTILINE)
EXAMPLES = [(page.id, *found) for page in PAGES.values() for found in _EXAMPLE.findall(page.text)]


def test_every_finding_has_a_page_and_every_page_a_finding() -> None:
    said = {id for path in SOURCES for id in re.findall(r'"(REM[0-9]{4})"', path.read_text())}
    assert {*PAGES} == said


@pytest.mark.parametrize("page", PAGES.values(), ids=lambda page: page.id)
def test_a_page_has_a_title_of_one_line_and_a_reason(page: Page) -> None:
    paragraphs = [part for part in page.text.partition("Wrong")[0].split("\n\n") if part]
    assert re.fullmatch(r"[^a-z\n][^\n]{5,90}[^.]", page.title)
    assert paragraphs
    assert [line for line in page.text.splitlines() if len(line) > 120] == []


@pytest.mark.parametrize(("id", "kind", "text"), EXAMPLES, ids=[f"{id}-{kind}" for id, kind, _ in EXAMPLES])
def test_what_a_page_calls_wrong_is_found_and_what_it_calls_right_is_not(id: str, kind: str, text: str) -> None:
    first, *rest = _FILE.split(text)
    files = dict(zip(rest[::2], rest[1::2], strict=True)) if rest else {"packages/shop.yaml": first}
    tree = resolve(files)
    found = [one.id for one in (*tree.findings, *timely(tree.timed(), NOW))]
    assert id in found if kind == "Wrong" else found == []

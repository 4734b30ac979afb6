"""Packages at random, made of sound ones: none raises, each finding has its place and its mend, in bounded work.

Lines are taken out, doubled, swapped and indented anew, as in an editor that was left in a hurry; and pieces of texts
are put where they do not belong.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rem_cli import shipped
from rem_cli.language import Resolution
from tests.language.tree import resolve

FILE = "packages/shop.yaml"
FORTY = (Path(__file__).parents[1] / "cli" / "forty-mistakes.yaml").read_text()
SOUND = [
    *((shipped.folder("packages") / name).read_text() for name in ("demo/package.yaml", "base/sections/jobs.yaml")),
    *re.findall(r"Right:\n\n```yaml\n(.*?)```", "".join(page.text for page in shipped.finding_pages().values()), re.S),
]
STEPS = 2_000  # calls of functions, for a line and what it may lead to; a line of a sound package takes up to 350
BREAKS = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # libyaml ends lines at more than a line feed


class Work:
    """Counts the calls of functions while it is entered: a measure of time that no other program can change."""

    def __init__(self) -> None:
        self.calls = 0

    def _count(self, frame: FrameType, event: str, argument: Any) -> None:
        self.calls += event in ("call", "c_call")

    def __enter__(self) -> Work:
        sys.setprofile(self._count)
        return self

    def __exit__(self, *raised: object) -> None:
        sys.setprofile(None)


def held(text: str) -> Resolution:
    """What a text gives: everything that each finding must have, and no more work than its lines are worth."""
    with Work() as work:
        found = resolve({FILE: text})
    lines = BREAKS.split(text)
    assert work.calls < STEPS * (len(lines) + 10)
    for one in found.findings:
        place = one.place
        assert place.file == FILE
        assert 1 <= place.line <= len(lines), one
        assert 1 <= place.column <= len(lines[place.line - 1]) + 1, one
        assert place.text in ("", lines[place.line - 1]), one
        assert place.width <= max(0, len(lines[place.line - 1]) - place.column + 1), one
        assert one.hint, one
    assert len({(one.id, one.place) for one in found.findings}) == len(found.findings)
    return found


def changed(line: str, blanks: int, data: st.DataObject) -> list[str]:
    """One line, as a person in a hurry leaves it."""
    how = data.draw(st.sampled_from(["gone", "twice", "indented", "cut", "joined", "tab", "commented"]))
    if how == "gone":
        return []
    if how == "twice":
        return [line, line]
    if how == "indented":
        return [" " * blanks + line.lstrip()]
    if how == "cut":
        return [line[: data.draw(st.integers(0, len(line)))]]
    if how == "joined":
        return [line.replace(": ", data.draw(st.sampled_from([":", " ", ": : ", " : - "])), 1)]
    return ["\t" + line.lstrip() if how == "tab" else f"# {line}"]


@pytest.mark.parametrize("text", SOUND)
def test_a_sound_package_takes_the_work_that_it_should(text: str) -> None:
    held(text)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.data())
def test_lines_left_in_a_hurry_are_told(data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from(SOUND)).splitlines()
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, max(0, len(lines) - 1)))
        if data.draw(st.booleans()) and lines:
            other = data.draw(st.integers(0, len(lines) - 1))
            lines[at], lines[other] = lines[other], lines[at]
        elif lines:
            lines[at : at + 1] = changed(lines[at], data.draw(st.integers(0, 9)), data)
    held("\n".join(lines))


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.data())
def test_pieces_put_where_they_do_not_belong_are_told(data: st.DataObject) -> None:
    text = FORTY
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(text)))
        piece = text[start : start + data.draw(st.integers(0, 40))]
        at = data.draw(st.integers(0, len(text)))
        put = data.draw(st.one_of(st.just(piece), st.text("[]{}:-?*&!<#|>'\"%@`, \n\t\\$~\u2028\x85é", max_size=6)))
        text = text[:at] + put + text[at + data.draw(st.integers(0, 10)) :]
    held(text)

"""Texts at random: none raises, each finding has its place."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.language.tree import resolve

FILE = "packages/shop.yaml"
GOOD = (Path(__file__).parents[1] / "cli" / "forty-mistakes.yaml").read_text()


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.data())
def test_no_text_makes_it_raise_and_every_finding_has_its_place(data: st.DataObject) -> None:
    """A text with pieces cut out, doubled and put elsewhere; libyaml ends lines at more than a line feed."""
    text = GOOD
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(text)))
        piece = text[start : start + data.draw(st.integers(0, 40))]
        at = data.draw(st.integers(0, len(text)))
        put = data.draw(st.one_of(st.just(piece), st.text("[]{}:-?*&!<#|>'\"%@`, \n\t\\$~\u2028\x85é", max_size=6)))
        text = text[:at] + put + text[at + data.draw(st.integers(0, 10)) :]
    found = resolve({FILE: text}).findings
    lines = re.split("\r\n|[\n\r\x85\u2028\u2029]", text)
    assert [one for one in found if one.place.text and one.place.text != lines[one.place.line - 1]] == []
    assert [one for one in found if one.place.column > len(one.place.text) + 1] == []

"""Keys and spots of a text, also of one that does not parse; `¦` is where somebody types."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rem_cli.errors import Place
from rem_cli.lsp.outline import Role, Spot, outline, spot
from rem_cli.lsp.text import Position, Text

WHOLE = """\
# a comment
package: shop
hosts: &h
  web:
    web01: {address: 192.0.2.11, tags: [a, "b c"]}   # why
    "web 02":
      address: x
      tags:
      - a
      - b
jobs:
  t:
    a:
      info: |
        no: key
          here: neither
      env: {
        A: 1,
        B: {C: 2}
      }
      hosts: '@web'
links:
  - {kind: a, to: b}
  - kind: c
    to: d
"""


def test_every_key_has_its_path() -> None:
    assert [entry.path for entry in outline(WHOLE).entries if entry.start < entry.end] == [
        ("package",), ("hosts",), ("hosts", "web"),
        ("hosts", "web", "web01"), ("hosts", "web", "web01", "address"), ("hosts", "web", "web01", "tags"),
        ("hosts", "web", "web 02"), ("hosts", "web", "web 02", "address"), ("hosts", "web", "web 02", "tags"),
        ("jobs",), ("jobs", "t"), ("jobs", "t", "a"), ("jobs", "t", "a", "info"), ("jobs", "t", "a", "env"),
        ("jobs", "t", "a", "env", "A"), ("jobs", "t", "a", "env", "B"), ("jobs", "t", "a", "env", "B", "C"),
        ("jobs", "t", "a", "hosts"), ("links",),
        ("links", 0, "kind"), ("links", 0, "to"), ("links", 1, "kind"), ("links", 1, "to"),
    ]  # fmt: skip


def test_every_scalar_has_its_place() -> None:
    found = outline(WHOLE)
    values = {entry.path: WHOLE[entry.value : entry.value_end] for entry in found.entries}
    assert values["hosts", "web", "web01", "address"] == "192.0.2.11"
    assert values["hosts", "web", "web01", "tags", 1] == '"b c"'
    assert values["hosts", "web", "web 02", "tags", 1] == "b"
    assert values["jobs", "t", "a", "hosts"] == "'@web'"
    assert found.keys["hosts", "web"] == ["web01", "web 02"]


def test_an_entry_reaches_to_the_end_of_what_it_holds() -> None:
    entry = outline(WHOLE).by_path["hosts", "web", "web 02"]
    assert WHOLE[entry.start : entry.last] == '"web 02":\n      address: x\n      tags:\n      - a\n      - b'


KEY, VALUE, NOTHING = Role.KEY, Role.VALUE, Role.NOTHING
SPOTS = [
    ("¦", KEY, (), ""),
    ("pack¦", KEY, (), "pack"),
    ("jobs:\n  ¦", KEY, ("jobs",), ""),
    ("jobs:\n  t:\n    a:\n      ¦", KEY, ("jobs", "t", "a"), ""),
    ("jobs:\n  t:\n    a:\n      x: 1\n      ti¦", KEY, ("jobs", "t", "a"), "ti"),
    ("jobs:\n  t:\n    a:\n      x: 1\n\n¦", KEY, (), ""),
    ("jobs:\n  t:\n    a:\n      x: 1\n    ¦", KEY, ("jobs", "t"), ""),
    ("jobs:\n  t:\n    a:\n      kind: ¦", VALUE, ("jobs", "t", "a", "kind"), ""),
    ("jobs:\n  t:\n    a:\n      kind: pi¦", VALUE, ("jobs", "t", "a", "kind"), "pi"),
    ("jobs:\n  t:\n    a: {kind: pi¦", VALUE, ("jobs", "t", "a", "kind"), "pi"),
    ("jobs:\n  t:\n    a: {kind: ping, ¦", KEY, ("jobs", "t", "a"), ""),
    ("jobs:\n  t:\n    a: {kind: ping, ti¦}", KEY, ("jobs", "t", "a"), "ti"),
    ("jobs:\n  t:\n    a: {tags: [x, y¦", VALUE, ("jobs", "t", "a", "tags", 1), "y"),
    ("jobs:\n  t:\n    a: {tags: [x, ¦", VALUE, ("jobs", "t", "a", "tags", 1), ""),
    ("jobs:\n  t:\n    a:\n      tags:\n        - x\n        - y¦", VALUE, ("jobs", "t", "a", "tags", 1), "y"),
    ("jobs:\n  t:\n    a:\n      tags:\n      - ¦", VALUE, ("jobs", "t", "a", "tags", 0), ""),
    ("a: [\nb:\n  ¦", KEY, ("b",), ""),
    ("a: {x: 1\nb:\n  ¦", KEY, ("b",), ""),
    ('a: "open\nb:\n  ¦', KEY, ("b",), ""),
    ("a:\n  nocolon\n  ¦", KEY, ("a",), ""),
    ("a: |\n  te¦", NOTHING, ("a",), ""),
    ("a: 1 # no¦", NOTHING, ("a",), ""),
    ("# no¦", NOTHING, (), ""),
    ("a: {x: 1}¦", NOTHING, ("a",), ""),
    ("a: x y¦", VALUE, ("a",), "x y"),
    ("a:¦", NOTHING, ("a",), ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "role", "path", "word"), SPOTS)
def test_a_spot_says_what_is_typed_there(text: str, role: Role, path: tuple[str | int, ...], word: str) -> None:
    at = text.index("¦")
    found = spot(text, at)
    assert (found.role, found.path) == (role, path)
    assert role is NOTHING or text[found.start : at] == word


@settings(derandomize=True, deadline=None)
@given(st.text(alphabet="ab:-[]{},\"' #|\n&*!", max_size=60))
def test_no_text_keeps_it_from_an_outline(text: str) -> None:
    found = outline(text)
    for entry in found.entries:
        assert 0 <= entry.start <= entry.end <= entry.value <= entry.value_end <= len(text)
        assert entry.last <= len(text) + 1
    assert isinstance(spot(text, len(text) // 2), Spot)


LINES = "é𝄞: a\r\nb\x85: c\n𝄞𝄞: d"


@settings(derandomize=True)
@given(st.integers(0, len(LINES)))
def test_an_offset_is_found_again_by_its_place(offset: int) -> None:
    text = Text(LINES)
    again = text.offset(text.position(offset))
    assert again == offset or LINES[again:offset] == "\r"


def test_columns_are_utf_16_units_and_lines_are_the_editors() -> None:
    text = Text(LINES)
    assert text.position(LINES.index("a")) == Position(0, 5)
    # To YAML the line after U+0085 is the third, to an editor it is still the second.
    assert text.span(Place("a.yaml", 3, 3, 1)) == (Position(1, 4), Position(1, 5))
    assert text.span(Place("a.yaml", 4, 1, 2)) == (Position(2, 0), Position(2, 4))
    assert text.span(Place("a.yaml", 4, 1, 0)) == (Position(2, 0), Position(2, 7))
    assert text.span(Place("a.yaml", 99, 99, 9)) == (Position(2, 7), Position(2, 7))

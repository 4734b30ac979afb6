"""Lines out of bytes, safe to show."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rem_cli.jobs.events import LONGEST_LINE, Lines, plain
from rem_cli.reach import Stream


def _all(chunks: list[bytes]) -> list[str]:
    lines = Lines()
    whole = [line for chunk in chunks for line in lines.feed(Stream.OUT, chunk)]
    return whole + [line for _, line in lines.flush()]


@settings(derandomize=True, deadline=None)
@given(st.lists(st.text("aé€😀\n\t", max_size=30).map(str.encode), max_size=5), st.integers(1, 7))
def test_lines_do_not_depend_on_where_the_bytes_were_cut(texts: list[bytes], size: int) -> None:
    whole = b"".join(texts)
    cut = [whole[at : at + size] for at in range(0, len(whole), size)]
    assert _all(cut) == _all([whole]) == whole.decode().removesuffix("\n").split("\n" if whole else None)


def test_the_last_line_needs_no_end() -> None:
    lines = Lines()
    assert lines.feed(Stream.ERR, b"one\r\ntw") == ["one"]
    assert lines.flush() == [(Stream.ERR, "tw")]


def test_streams_do_not_mix() -> None:
    lines = Lines()
    lines.feed(Stream.OUT, b"o")
    assert lines.feed(Stream.ERR, b"e\n") == ["e"]
    assert lines.feed(Stream.OUT, b"k\n") == ["ok"]


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_line_without_end_is_told_in_pieces(end: bytes) -> None:
    """Attack 35."""
    told = _all([b"x" + "é".encode() * LONGEST_LINE + end])
    assert "".join(told) == "x" + "é" * LONGEST_LINE
    assert max(len(line.encode()) for line in told) <= LONGEST_LINE


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("plain text, é and 😀", "plain text, é and 😀"),
        ("a\tb", "a\tb"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]52;c;cm0gLXJm\x07", ""),
        ("\x1bP1$r0m\x1b\\x", "x"),
        ("\x1bc reset", " reset"),
        ("\x1b]0;never ended", "␛]0;never ended"),
        ("\x9b31mred", "red"),
        ("50%\r99%", "50%␍99%"),
        ("secret\x08\x08\x08\x08\x08\x08public", "secret␈␈␈␈␈␈public"),
        ("\x00\x07\x7f\x85", "␀␇␡�"),
        ("user\u202egnp.exe\u2066", "user�gnp.exe�"),
        ("a\u2028b\ufeff", "a�b�"),
        ("\U0001f468\u200d\U0001f469", "\U0001f468\u200d\U0001f469"),
        ("\ud800", "�"),
    ],
)
def test_no_text_commands_the_terminal(given: str, shown: str) -> None:
    """Attack 43."""
    assert plain(given) == shown


def test_bytes_that_are_no_text_are_shown_as_such() -> None:
    assert plain(b"a\xffb") == "a�b"


@settings(derandomize=True, deadline=None)
@given(st.text())
def test_whatever_comes_nothing_unseen_is_left(text: str) -> None:
    assert all(one.isprintable() or one in "\t\u200c\u200d" or one.isspace() for one in plain(text))
    assert not set(plain(text)) & set(map(chr, [*range(9), *range(10, 32), *range(127, 160), 0x2028, 0x2029]))


@pytest.mark.parametrize("piece", ["\x1b", "\x1b]", "\x1b[0", "\x1b[ ", "\x9d0;"])
def test_no_text_takes_long(piece: str) -> None:
    assert plain(piece * (200_000 // len(piece)))

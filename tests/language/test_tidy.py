"""`tidy` changes blanks and nothing else, once."""

from __future__ import annotations

import pytest

from rem_cli.language.tidy import tidy

# What is special about it: the text, and the text in REM's layout.
FORMS: dict[str, tuple[str, str]] = {
    "nothing to do": ("# c\na:\n  b: 1  # d\n\n  c: [ 1,2 ]\n", "# c\na:\n  b: 1  # d\n\n  c: [ 1,2 ]\n"),
    "no text": ("", ""),
    "only blank lines": ("\n \n", ""),
    "only a comment": ("# c  ", "# c\n"),
    "no last line end": ("a: 1", "a: 1\n"),
    "many last line ends": ("a: 1\n\n  \n\n", "a: 1\n"),
    "blanks at ends of lines": ("a: 1  \n  \nb: # c \t\n  c: 2\t\n", "a: 1\n\nb: # c\n  c: 2\n"),
    "blanks in a literal text stay": ("a: |\n  x  \n   \n  y\nb: 1 \n", "a: |\n  x  \n   \n  y\nb: 1\n"),
    "blanks in quotes stay": ('a: "x  \n  y"\n', 'a: "x  \n  y"\n'),
    "empty lines that a literal text keeps": ("a: |+\n  x\n\n\n", "a: |+\n  x\n\n\n"),
    "a literal text without its end": ("a: |\n  x", "a: |\n  x"),
    "windows lines": ("a: 1 \r\nb: 2\r\n", "a: 1\r\nb: 2\r\n"),
    "mostly windows lines": ("a: 1\r\nb: 2\r\nc: 3\n", "a: 1\r\nb: 2\r\nc: 3\r\n"),
    "a byte order mark": ("\ufeffa: 1 \n", "\ufeffa: 1\n"),
    "four blanks": ("a:\n    b:\n        c: 1\n    d: 2\n", "a:\n  b:\n    c: 1\n  d: 2\n"),
    "uneven blanks": ("a:\n   b: 1\nc:\n d:\n      e: 1\n", "a:\n  b: 1\nc:\n  d:\n    e: 1\n"),
    "a list of lines": ("a:\n    - b: 1\n      c: 2\n    -   d: 3\n", "a:\n  - b: 1\n    c: 2\n  -   d: 3\n"),
    "a list as deep as its key": ("a:\n    b:\n    - 1\n    - c:\n          d: 1\n",
                                  "a:\n  b:\n  - 1\n  - c:\n      d: 1\n"),
    "a literal text goes along": ("a:\n    b: |\n        x\n          y\n\n        z\n    c: 1\n",
                                  "a:\n  b: |\n      x\n        y\n\n      z\n  c: 1\n"),
    "lines of a flow go along": ("a:\n    b: {c: 1,\n        d: 2}\n", "a:\n  b: {c: 1,\n      d: 2}\n"),
    "comments go along": ("a:\n    # b\n    b: 1\n    # end\n# c\nc: 1\n", "a:\n  # b\n  b: 1\n  # end\n# c\nc: 1\n"),
    "anchors and tags": ("a: &a\n    b: !!str 1\nc:\n    <<: *a\n", "a: &a\n  b: !!str 1\nc:\n  <<: *a\n"),
    "a mark of the document": ("---\na:\n    b: 1\n...\n", "---\na:\n  b: 1\n...\n"),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_it_is_laid_out_evenly(form: str) -> None:
    old, new = FORMS[form]
    assert tidy("p.yaml", old).text == new
    assert tidy("p.yaml", new).text == new


def test_a_text_that_cannot_be_read_stays() -> None:
    assert tidy("p.yaml", "a: [ \n") == ("a: [ \n", ("it has problems of its own: rem validate",))


def test_it_says_what_it_left() -> None:
    assert tidy("p.yaml", "a: |\n  x").kept == ("the last line end could not be changed without changing what it says",)

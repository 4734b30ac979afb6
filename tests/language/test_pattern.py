"""Patterns: the same answers as the language's own matcher, and no pattern that hangs."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rem_cli.language import pattern

ATOM = st.sampled_from(["a", "b", "-", ".", "[ab]", "[^a]", r"\d", r"\w", r"\S", "^", "$", "[a-c1]", r"\.", "[]a]"])


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    repeated = st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,}", "{0,2}", "*?"]))
    return st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map("|".join),
        inner.map(lambda one: f"({one})"),
        repeated.map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
    )


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.recursive(ATOM, _grown, max_leaves=8), st.text("ab1-.\n", max_size=6))
def test_it_agrees_with_a_backtracking_matcher(text: str, name: str) -> None:
    expected = re.search(text.replace("$", r"\Z"), name, re.DOTALL | re.ASCII) is not None
    assert pattern.compile(text).found_in(name) is expected


@pytest.mark.parametrize("text", ["(a+)+$", "^(a|a)*$", "(a|aa)+$", "(.*a){20}$", "(a?){90}a{90}$"])
def test_a_pattern_that_makes_others_backtrack_for_hours_ends(text: str) -> None:
    """Attack 12."""
    assert not pattern.compile(text).found_in("a" * 80 + "!")


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        (r"db(\d+", 2, "this `(` is never closed"),
        ("db)", 2, "this `)` closes nothing"),
        ("[a-", 0, "this `[` is never closed"),
        ("*db", 0, "`*` repeats nothing"),
        (r"(a)\1", 3, r"`\1` is not known here"),
        ("(?=a)", 0, "only `(?:` may follow `(` here: nothing can look around"),
        ("a{5,2}", 1, "this range runs backwards"),
        ("a{x}", 1, "write {2}, {2,} or {2,5}"),
        ("[z-a]", 3, "this range runs backwards"),
        ("((a{99}){99}){99}", 12, "the pattern is too large once its repetitions are written out"),
        ("(" * 60 + ")" * 60, 51, "groups are nested more than 50 deep"),
        ("a" * 201, 200, "a pattern has at most 200 characters"),
        ("a\\", 2, "the pattern ends too early"),
    ],
)
def test_a_pattern_that_cannot_be_read_is_refused_at_its_place(text: str, at: int, says: str) -> None:
    with pytest.raises(pattern.PatternError) as refused:
        pattern.compile(text)
    assert (str(refused.value), refused.value.at) == (says, at)

"""Versions and ranges: the order of Semantic Versioning, and what a range lets in."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rem_cli.language.ranges import MOST_BOUNDS, meant_range, parse_range
from rem_cli.language.versions import Version, parse_tag, parse_version

# The example of semver.org, section 11, from the smallest on; then releases.
ASCENDING = [
    *("1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11"),
    *("1.0.0-rc.1", "1.0.0", "1.0.1", "1.2", "1.9.9", "1.10", "2", "2.0.0.1", "10.0.0"),
]


def version(text: str) -> Version:
    found = parse_version(text)
    assert found is not None
    return found


numbers = st.lists(st.integers(0, 3), min_size=1, max_size=3).map(lambda some: ".".join(map(str, some)))
versions = st.builds(lambda some, before: some + before, numbers, st.sampled_from(["", "", "-rc.1", "-a"]))
bounds = st.builds(lambda sign, some: sign + some, st.sampled_from([">=", "<=", ">", "<", "==", ""]), versions)
ranges = st.lists(bounds, min_size=1, max_size=3).map(",".join)


@pytest.mark.parametrize("number", range(len(ASCENDING) - 1))
def test_versions_ascend(number: int) -> None:
    assert version(ASCENDING[number]) < version(ASCENDING[number + 1])


def test_what_is_not_written_is_zero() -> None:
    assert version("1") == version("1.0.0") == version("1.0.0.0")
    assert str(version("1.0")) == "1.0"


@pytest.mark.parametrize("text", ["", "v1.0.0", "1.", "1.0.0-", "1.0.0+build", "1.0.0.0.0", "-1", "1e3", "1.0\n", "١"])
def test_what_is_no_version(text: str) -> None:
    assert parse_version(text) is None


@pytest.mark.parametrize(
    ("tag", "named"),
    [
        ("v2.1.0", "2.1.0"),
        ("v2.1.0-rc.1", "2.1.0-rc.1"),
        ("2.1.0", None),  # another tool's
        ("v2.1", None),
        ("v02.1.0", None),  # would be one version under two tags
        ("v2.1.0+linux", None),
        ("v2.1.0\n", None),
    ],
)
def test_a_tag_names_a_version(tag: str, named: str | None) -> None:
    found = parse_tag(tag)
    assert (str(found) if found else None) == named


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        (">=2,<3", ["2", "2.9.9"], ["1.9", "3", "3.0.0-rc.1", "2.5.0-rc.1"]),
        ("1.4", ["1.4.0"], ["1.4.1", "1.4.0-rc.1"]),
        ("==1.4.0-rc.1", ["1.4.0-rc.1"], ["1.4.0", "1.4.0-rc.2"]),
        (">=1.4.0-rc.1,<2", ["1.4.0-rc.1", "1.4.0-rc.2", "1.4.0", "1.9"], ["1.5.0-rc.1", "1.4.0-beta"]),
        (" >1 , <= 2 ", ["1.0.1", "2"], ["1", "2.0.1"]),
    ],
)
def test_a_range_lets_in(text: str, inside: list[str], outside: list[str]) -> None:
    found = parse_range(text)
    assert found is not None
    assert [one for one in [*inside, *outside] if found.admits(version(one))] == inside


@pytest.mark.parametrize("text", ["", ",", ">=1,", "^1", "newest", ">=", "!=1", ">=1 <2", ",".join(["<2"] * 17)])
def test_what_is_no_range(text: str) -> None:
    assert parse_range(text) is None


def test_a_range_has_at_most_so_many_bounds() -> None:
    assert parse_range(",".join(["<2"] * MOST_BOUNDS)) is not None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("^1.2", ">=1.2,<2"),
        ("^1", ">=1,<2"),
        ("^0.3.1", ">=0.3.1,<0.4"),
        ("~1.2.3", ">=1.2.3,<1.3"),
        ("~>2", ">=2,<3"),
        ("~=1.4", ">=1.4,<1.5"),
        ("newest", None),
    ],
)
def test_the_shorthand_of_other_tools_is_written_out(text: str, meant: str | None) -> None:
    assert meant_range(text) == meant
    assert meant is None or parse_range(meant) is not None


@given(ranges, st.lists(versions, max_size=8))
@settings(derandomize=True, deadline=None)
def test_an_empty_range_lets_nothing_in(text: str, some: list[str]) -> None:
    found = parse_range(text)
    assert found is not None
    if found.empty:
        assert [one for one in some if found.admits(version(one))] == []


@given(versions, versions, versions)
@settings(derandomize=True, deadline=None)
def test_the_order_is_total(one: str, two: str, three: str) -> None:
    a, b, c = sorted(map(version, (one, two, three)))
    assert a <= b <= c
    assert a <= c
    assert (a == b) == (not a < b and not b < a)

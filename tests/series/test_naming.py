"""A series has a safe file, and the file tells the series."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rem_cli.series import SeriesError
from rem_cli.series.naming import file_of, name_of

HOSTILE = [  # attack 20
    "../x",
    "..",
    ".",
    ".git",
    "-rf",
    "a\nb",
    "nul\0byte",
    "x" * 300,
    "é" * 150,
    "." * 300,
    "C:\\x",
    "%2e%2e",
    "~root",
    "a~b",
    "x.wsp",
    "x.wsp.damaged-1",
    " ",
    "\ud800",
    "\udcff",
    "-" * 500,
]


def test_a_plain_name_is_its_path() -> None:
    assert file_of("shop/jobs/web/load/web01/users") == "shop/jobs/web/load/web01/users.wsp"


def test_a_space_or_a_dot_is_percent_encoded() -> None:
    assert file_of("shop watch/web01.shop.example") == "shop%20watch/web01%2Eshop%2Eexample.wsp"


@pytest.mark.parametrize("part", HOSTILE)
def test_no_part_leaves_the_folder_hides_or_looks_like_an_option(part: str) -> None:
    pieces = file_of(f"{part}/{part}").split("/")
    assert all(0 < len(piece) <= 255 and piece[0] not in "-." for piece in pieces)


@pytest.mark.parametrize("part", HOSTILE)
def test_the_name_comes_back_from_the_file(part: str) -> None:
    assert name_of(file_of(f"a/{part}/b")) == f"a/{part}/b"


@given(st.lists(st.text(min_size=1, max_size=400).filter(lambda part: "/" not in part), min_size=1, max_size=2))
@settings(derandomize=True, deadline=None, max_examples=300)
def test_every_name_comes_back_from_its_file(parts: list[str]) -> None:
    name = "/".join(parts)
    try:
        file = file_of(name)
    except SeriesError:
        return
    assert name_of(file) == name


@pytest.mark.parametrize("name", ["", "/", "a//b", "/a", "a/"])
def test_an_empty_part_is_refused(name: str) -> None:
    with pytest.raises(SeriesError, match="empty part"):
        file_of(name)


def test_a_name_longer_than_any_path_is_refused() -> None:
    with pytest.raises(SeriesError, match="is too long"):
        file_of("x/" * 2000 + "x")


@pytest.mark.parametrize("file", ["a.b.wsp", "a", ".a.wsp", "a.wsp.new", "%zz.wsp", "%2e.wsp", "-a.wsp", "%ff.wsp"])
def test_a_file_that_is_not_of_this_store_has_no_name(file: str) -> None:
    assert name_of(file) is None

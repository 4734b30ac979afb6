"""What can be kept in one file is said in words."""

from __future__ import annotations

import pytest

from rem_cli.series import Archive, Retention
from rem_cli.series.retention import check_retention, file_bytes


def kept(*archives: tuple[int, int]) -> Retention:
    return Retention(tuple(Archive(step, span) for step, span in archives))


@pytest.mark.parametrize(
    "retention",
    [kept((60, 86400)), kept((60, 604800), (300, 7776000), (3600, 157680000)), kept((1, 2))],
)
def test_a_sound_retention_has_no_problems(retention: Retention) -> None:
    assert check_retention(retention) == []


@pytest.mark.parametrize(
    ("retention", "problem"),
    [
        (kept(), "a retention needs at least one archive"),
        (kept((0, 60)), "a step is at least 1 s, not 0 s"),
        (kept((-60, 60)), "a step is at least 1 s, not -60 s"),
        (kept((60, 90)), "a span of 90 s is not a multiple of its step of 60 s"),
        (kept((60, 60)), "a span of 60 s holds fewer than two steps of 60 s"),
        (kept((60, 0)), "a span of 0 s holds fewer than two steps of 60 s"),
        (kept((300, 600), (60, 6000)), "archives go from fine to coarse: a step of 60 s comes after 300 s"),
        (kept((60, 600), (60, 6000)), "archives go from fine to coarse: a step of 60 s comes after 60 s"),
        (kept((60, 600), (90, 9000)), "a step of 90 s is not a multiple of 60 s"),
        (
            kept((60, 6000), (300, 6000)),
            "each archive reaches further back than the one before: 6000 s comes after 6000 s",
        ),
        (kept((60, 120), (300, 6000)), "120 s of 60 s do not fill one step of 300 s"),
        (kept((1, 360_000_000)), "the file would have 4,320,000,028 bytes; Whisper ends at 4,294,967,295"),
        (
            kept((86400, 86400 * 60_000)),
            "a span of 5184000000 s is longer than the 4294967295 s that Whisper can tell apart",
        ),
    ],
)
def test_each_problem_is_a_sentence(retention: Retention, problem: str) -> None:
    assert check_retention(retention) == [problem]


def test_all_problems_are_told_at_once() -> None:
    assert len(check_retention(kept((60, 600), (90, 540)))) == 2


def test_the_size_of_the_file_is_known_before_it_is_made() -> None:
    assert file_bytes(kept((60, 86400), (300, 2592000), (3600, 157680000))) == 646_612

"""A store of Whisper files keeps the contract."""

from __future__ import annotations

import fcntl
import stat
from pathlib import Path

import pytest

from rem_cli.errors import HeldError
from rem_cli.series import Aggregate, Archive, NoSeries, Point, Retention, SeriesError
from rem_cli.series.whisper import WhisperStore
from tests.series.conftest import MINUTES, NOW


def values(store: WhisperStore, start: float, end: float, now: float = NOW) -> list[float | None]:
    return list(store.fetch("a", start, end, now=now).values)


def add(store: WhisperStore, *points: tuple[int, float], retention: Retention = MINUTES, now: float = NOW) -> int:
    return store.add("a", [Point(*point) for point in points], retention=retention, now=now)


def test_points_come_back_at_their_steps(store: WhisperStore) -> None:
    add(store, (NOW - 130, 1.0), (NOW, 3.0))
    got = store.fetch("a", NOW - 180, NOW, now=NOW)
    assert got.step == 60
    assert dict(zip(range(got.start, got.end, got.step), got.values, strict=True)) == {
        1_699_999_860: 1.0,
        1_699_999_920: None,
        1_699_999_980: 3.0,
    }


def test_the_last_of_two_values_at_one_time_wins(store: WhisperStore) -> None:  # 14
    add(store, (NOW, 1.0), (NOW, 2.0))
    assert values(store, NOW - 60, NOW) == [2.0]


def test_a_value_written_again_replaces_the_first(store: WhisperStore) -> None:
    add(store, (NOW, 1.0))
    add(store, (NOW, 2.0))
    assert values(store, NOW - 60, NOW) == [2.0]


def test_points_in_any_order_are_taken(store: WhisperStore) -> None:
    assert add(store, (NOW - 60, 2.0), (NOW, 3.0), (NOW - 120, 1.0)) == 3
    assert values(store, NOW - 180, NOW) == [1.0, 2.0, 3.0]


def test_a_point_more_than_a_minute_ahead_is_not_taken(store: WhisperStore) -> None:
    assert add(store, (NOW + 60, 1.0), (NOW + 61, 2.0)) == 1


def test_a_point_in_the_far_future_leaves_history_alone(store: WhisperStore) -> None:
    add(store, *((NOW - 60 * age, 1.0) for age in range(50)))
    before = store.info("a").file.read_bytes()
    assert add(store, *((NOW + 60 * ahead, 2.0) for ahead in range(2, 200))) == 0
    assert store.info("a").file.read_bytes() == before


def test_a_point_older_than_the_retention_is_not_taken(store: WhisperStore) -> None:
    assert add(store, (NOW - 86400, 1.0), (0, 1.0), (-5, 1.0)) == 0


def test_not_a_number_is_not_taken(store: WhisperStore) -> None:  # 9
    assert add(store, (NOW, float("nan")), (NOW - 60, float("inf"))) == 1


def test_a_time_after_2106_is_not_taken(store: WhisperStore) -> None:
    assert add(store, (2**32, 1.0), now=2**32) == 0


def test_a_late_point_just_inside_the_span_does_not_erase_the_newest(store: WhisperStore) -> None:
    add(store, (NOW, 7.0))
    late = NOW - 3600 + 1  # seconds inside the hour, yet its slot in the ring is that of now
    assert add(store, (late, 1.0)) == 1
    assert values(store, NOW - 60, NOW) == [7.0]
    assert values(store, late - 300, late, now=NOW) == [1.0]  # it went to the archive of five minutes


def test_a_late_point_does_not_erase_one_that_was_written_ahead_of_the_clock(store: WhisperStore) -> None:
    add(store, (NOW + 60, 7.0))
    add(store, (NOW + 60 - 3600, 1.0))
    assert values(store, NOW, NOW + 60, now=NOW + 60) == [7.0]


def test_a_late_point_in_the_same_batch_does_not_erase_the_newest(store: WhisperStore) -> None:
    add(store, (NOW + 60, 7.0), (NOW + 60 - 3600, 1.0))
    assert values(store, NOW, NOW + 60, now=NOW + 60) == [7.0]


def test_a_sparse_series_reaches_its_coarse_archive(store: WhisperStore) -> None:
    hourly = Retention((Archive(60, 86400), Archive(3600, 2592000)))
    for hour in range(48):
        add(store, (NOW + 3600 * hour, float(hour)), retention=hourly, now=NOW + 3600 * hour)
    end = NOW + 47 * 3600
    assert values(store, end - 48 * 3600, end, now=end) == [float(hour) for hour in range(48)]


@pytest.mark.parametrize(
    ("aggregate", "expected"),
    [("average", 2.0), ("sum", 6.0), ("last", 2.0), ("max", 3.0), ("min", 1.0)],
)
def test_the_coarse_value_is_made_by_the_aggregate(store: WhisperStore, aggregate: str, expected: float) -> None:
    start = NOW - NOW % 300 - 7200
    points = [Point(start, 1.0), Point(start + 60, 3.0), Point(start + 120, 2.0)]
    retention = Retention(MINUTES.archives, Aggregate(aggregate))
    store.add("a", points, retention=retention, now=start + 120)
    assert values(store, start - 1, start) == [expected]


def test_a_range_before_the_retention_is_empty(store: WhisperStore) -> None:
    add(store, (NOW, 1.0))
    assert values(store, NOW - 10**6, NOW - 10**6 + 60) == []


def test_a_range_after_now_is_empty(store: WhisperStore) -> None:
    add(store, (NOW, 1.0))
    assert values(store, NOW + 100, NOW + 200) == []


def test_an_empty_series_has_no_values_and_no_newest(store: WhisperStore) -> None:
    add(store)
    assert values(store, NOW - 120, NOW) == [None, None]
    assert store.newest("a") is None


def test_a_range_that_ends_before_it_starts_is_refused(store: WhisperStore) -> None:
    add(store)
    with pytest.raises(SeriesError, match="ends before it starts"):
        values(store, NOW, NOW - 1)


def test_a_long_range_reads_the_same_as_its_parts(store: WhisperStore) -> None:
    week = Retention((Archive(60, 7 * 86400),))
    add(store, *((NOW - 60 * age, float(age)) for age in range(0, 7 * 1440, 3)), retention=week)
    parts = [values(store, NOW - 60 * age, NOW - 60 * (age - 100)) for age in range(10_000, 0, -100)]
    assert values(store, NOW - 600_000, NOW) == [value for part in parts for value in part]


def test_the_newest_is_the_latest_time_whatever_was_written_last(store: WhisperStore) -> None:
    add(store, (NOW, 1.0))
    add(store, (NOW - 600, 2.0))
    assert store.newest("a") == Point(NOW - NOW % 60, 1.0)


def test_the_newest_of_old_values_alone_is_found_in_the_coarse_archive(store: WhisperStore) -> None:
    add(store, (NOW - 7200, 5.0))
    assert store.newest("a") == Point((NOW - 7200) // 300 * 300, 5.0)


def test_the_file_tells_its_own_retention(store: WhisperStore) -> None:
    add(store)
    add(store, retention=Retention((Archive(1, 100),)))
    assert store.retention("a") == MINUTES


def test_the_summary_counts_what_each_archive_knows(store: WhisperStore) -> None:
    add(store, (NOW - 600, 1.0), (NOW, 2.0))
    summary = store.info("a")
    assert [(each.archive.step, each.known) for each in summary.holdings] == [(60, 2), (300, 2)]
    assert summary.bytes == summary.file.stat().st_size == 16 + 24 + 12 * (60 + 288)


def test_the_summary_leaves_out_what_the_ring_has_outlived(store: WhisperStore) -> None:
    add(store, (NOW, 1.0))
    add(store, (NOW + 7230, 2.0), now=NOW + 7230)
    assert store.info("a").holdings[0].known == 1


def test_names_are_those_of_the_files_sorted(store: WhisperStore, tmp_path: Path) -> None:
    hostile = ["shop/web01", "shop/a.b", "../x", "-rf", "x" * 300, "é\n", ".git"]
    for name in hostile:
        store.add(name, [], retention=MINUTES, now=NOW)
    assert store.names() == sorted(hostile)
    assert {path.name for path in tmp_path.iterdir()} == {"series"}


def test_a_store_that_was_never_written_has_no_names(store: WhisperStore) -> None:
    assert store.names() == []


def test_names_leave_out_files_that_are_no_series(store: WhisperStore, tmp_path: Path) -> None:
    add(store)
    for other in ["note.txt", "b.wsp.new", "c.wsp.damaged-1", "d.e.wsp"]:
        (tmp_path / "series" / other).write_bytes(b"")
    (tmp_path / "series/link.wsp").symlink_to(tmp_path / "series/a.wsp")
    assert store.names() == ["a"]


@pytest.mark.parametrize("question", ["fetch", "newest", "retention", "info", "check"])
def test_a_series_that_is_not_there_is_said_so(store: WhisperStore, question: str) -> None:
    ask = {"fetch": lambda: values(store, 0, NOW)}.get(question, lambda: getattr(store, question)("a"))
    with pytest.raises(NoSeries, match="there is no series 'a'") as error:
        ask()
    assert error.value.hint == "rem series list"


def test_a_retention_that_cannot_be_kept_is_refused_and_makes_no_file(store: WhisperStore) -> None:
    with pytest.raises(SeriesError, match="a step of 90 s is not a multiple of 60 s"):
        add(store, retention=Retention((Archive(60, 6000), Archive(90, 9000))))
    assert store.names() == []


def test_files_and_folders_are_for_their_owner_only(store: WhisperStore) -> None:  # P10
    store.add("shop/web01", [], retention=MINUTES, now=NOW)
    file = store.info("shop/web01").file
    assert [stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent)] == [0o600, 0o700]


def test_a_link_in_the_place_of_a_file_is_not_followed(store: WhisperStore, tmp_path: Path) -> None:  # P10
    store.add("b", [], retention=MINUTES, now=NOW)
    (tmp_path / "series/a.wsp").symlink_to(tmp_path / "series/b.wsp")
    with pytest.raises(SeriesError, match="cannot write"):
        add(store, (NOW, 1.0))
    assert store.newest("b") is None


def test_a_dangling_link_in_the_place_of_a_file_is_not_followed(store: WhisperStore, tmp_path: Path) -> None:  # P10
    (tmp_path / "series").mkdir()
    (tmp_path / "series/a.wsp").symlink_to(tmp_path / "outside")
    with pytest.raises(SeriesError, match="cannot write"):
        add(store, (NOW, 1.0))
    assert not (tmp_path / "outside").exists()


def test_a_second_writer_waits_only_so_long(store: WhisperStore) -> None:
    add(store)
    with store.info("a").file.open("r+b") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(HeldError, match="another process has kept the series locked") as error:
            add(store, (NOW, 1.0))
    assert error.value.hint is not None and "fuser" in error.value.hint


def test_reading_does_not_wait_for_a_writer(store: WhisperStore) -> None:
    add(store, (NOW, 1.0))
    with store.info("a").file.open("r+b") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert values(store, NOW - 60, NOW) == [1.0]

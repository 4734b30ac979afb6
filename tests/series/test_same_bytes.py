"""The files are those of the whisper library, byte for byte, and read the same."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import whisper
from hypothesis import given, settings
from hypothesis import strategies as st

from rem_cli.series import Aggregate, Archive, Point, Retention
from rem_cli.series.archive import decode, decode_long
from rem_cli.series.whisper import WhisperStore
from tests.series.conftest import MINUTES, NOW


@st.composite
def retentions(draw: st.DrawFn) -> Retention:
    step = draw(st.sampled_from([1, 2, 10, 60]))
    points = draw(st.integers(2, 40))
    archives = [Archive(step, step * points)]
    for _ in range(draw(st.integers(0, 3))):
        factor = draw(st.integers(2, min(points, 6)))
        step *= factor
        points = archives[-1].span // step + draw(st.integers(2, 20))
        archives.append(Archive(step, step * points))
    return Retention(tuple(archives), draw(st.sampled_from(Aggregate)))


VALUES = st.one_of(
    st.floats(allow_nan=False, width=64),
    st.sampled_from([0.0, -0.0, 1.0, 0.1, 1e308, -1e308, 5e-324]),
)


@dataclass
class Batch:
    later: int  # seconds since the batch before
    points: list[tuple[int, float]]  # seconds before now (below 0: after), value


BATCHES = st.lists(
    st.builds(
        Batch,
        st.integers(0, 400),
        st.lists(st.tuples(st.one_of(st.integers(-60, 120), st.integers(0, 20_000)), VALUES), min_size=1, max_size=40),
    ),
    min_size=1,
    max_size=6,
)


def safe(retention: Retention, now: int, points: dict[int, float], newest: int) -> Iterator[tuple[int, float]]:
    """The points that the library handles safely: none just inside a span, where it would hit the newest slot."""
    for at, value in points.items():
        if not any(
            now - archive.span - archive.step <= at <= newest - archive.span + archive.step
            for archive in retention.archives
        ):
            yield at, value


@given(retentions(), BATCHES)
@settings(derandomize=True, deadline=None, max_examples=400)
def test_every_write_leaves_the_bytes_that_the_library_leaves(retention: Retention, batches: list[Batch]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = WhisperStore(Path(folder))
        theirs = str(Path(folder, "theirs"))
        shape = [(archive.step, archive.points) for archive in retention.archives]
        whisper.create(theirs, shape, xFilesFactor=0.0, aggregationMethod=retention.aggregate)
        now = newest = NOW
        for batch in batches:
            now += batch.later
            points = {now - age: value for age, value in batch.points}
            newest = max(newest, now + 60)
            points = dict(safe(retention, now, points, newest))
            if points:
                whisper.update_many(theirs, list(points.items()), now)
            store.add("ours", [Point(at, value) for at, value in points.items()], retention=retention, now=now)

            assert Path(folder, "ours.wsp").read_bytes() == Path(theirs).read_bytes()

            for start, end in [(now - 60, now), (now - 5000, now - 70), (0, now), (now, now), (now - 3, now + 99)]:
                info, values = whisper.fetch(theirs, start, end, now) or ((0, 0, 0), [])
                ours = store.fetch("ours", start, end, now=now)
                assert list(map(repr, ours.values)) == [repr(v) if v == v else "None" for v in values]
                assert not values or (ours.start, ours.end, ours.step) == info


@given(st.integers(5, 60), st.integers(1, 200), st.integers(0, 30), st.sampled_from(Aggregate))
@settings(derandomize=True, deadline=None, max_examples=100)
def test_a_ring_that_turns_over_many_times_keeps_the_same_bytes(
    slots: int, count: int, gap: int, aggregate: Aggregate
) -> None:
    retention = Retention((Archive(1, slots), Archive(2, 2 * slots), Archive(10, 20 * slots)), aggregate)
    with tempfile.TemporaryDirectory() as folder:
        store = WhisperStore(Path(folder))
        theirs = str(Path(folder, "theirs"))
        whisper.create(theirs, [(a.step, a.points) for a in retention.archives], 0.0, aggregate)
        for index in range(count):
            now = NOW + index + index // 7 * gap
            whisper.update(theirs, index / 3, now, now)
            store.add("ours", [Point(now, index / 3)], retention=retention, now=now)
        assert Path(folder, "ours.wsp").read_bytes() == Path(theirs).read_bytes()


def test_the_library_reads_what_was_written(store: WhisperStore, tmp_path: Path) -> None:
    store.add("a/b", [Point(NOW - 60, 1.5), Point(NOW, 2.5)], retention=MINUTES, now=NOW)
    _, values = whisper.fetch(str(tmp_path / "series/a/b.wsp"), NOW - 180, NOW, NOW)
    assert values == [None, 1.5, 2.5]


def test_the_library_tells_the_same_of_the_file(store: WhisperStore, tmp_path: Path) -> None:
    store.add("a", [], retention=MINUTES, now=NOW)
    told = whisper.info(str(tmp_path / "series/a.wsp"))
    assert (told["aggregationMethod"], told["xFilesFactor"], told["maxRetention"]) == ("average", 0.0, 86400)
    assert [(each["secondsPerPoint"], each["points"]) for each in told["archives"]] == [(60, 60), (300, 288)]


def test_a_new_file_has_the_bytes_of_a_file_that_the_library_made(store: WhisperStore, tmp_path: Path) -> None:
    store.add("a", [], retention=MINUTES, now=NOW)
    whisper.create(str(tmp_path / "theirs"), [(60, 60), (300, 288)], 0.0, "average")
    assert (tmp_path / "series/a.wsp").read_bytes() == (tmp_path / "theirs").read_bytes()


@pytest.mark.parametrize("enough", [0.5, 1.0])
def test_a_file_that_asks_for_more_known_values_gets_them(store: WhisperStore, tmp_path: Path, enough: float) -> None:
    (tmp_path / "series").mkdir()
    ours, theirs = tmp_path / "series/a.wsp", tmp_path / "theirs"
    for file in (ours, theirs):
        whisper.create(str(file), [(60, 60), (300, 288)], enough, "sum")
    points = [(NOW - NOW % 300 - 60 * index, float(index)) for index in (1, 2, 3, 6, 7, 8, 9, 10, 11, 16)]
    whisper.update_many(str(theirs), points, NOW)
    store.add("a", [Point(at, value) for at, value in points], retention=MINUTES, now=NOW)
    assert ours.read_bytes() == theirs.read_bytes()


@given(st.lists(st.tuples(st.booleans(), st.floats(width=64)), min_size=1, max_size=50))
@settings(derandomize=True, deadline=None)
def test_reading_with_and_without_numpy_gives_the_same_values(slots: list[tuple[bool, float]]) -> None:
    import struct

    data = b"".join(
        struct.pack("!Ld", NOW + 60 * index if here else NOW - 99 * 60, value)
        for index, (here, value) in enumerate(slots)
    )
    assert list(map(repr, decode(data, NOW, 60))) == list(map(repr, decode_long(data, NOW, 60)))

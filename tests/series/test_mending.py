"""Damage is found wherever it lies, nothing that is whole is lost, and the damaged file stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rem_cli.series import Aggregate, Archive, Point, Rebuilt, Retention, Sample
from rem_cli.series.archive import SLOT
from rem_cli.series.whisper import WhisperStore
from tests.series.conftest import NOW
from tests.series.spooling import intake_in

KEPT = Retention((Archive(60, 3600), Archive(300, 86400)))
FINE = 16 + 2 * 12  # where the first slot lies


def samples(minutes: int) -> list[Sample]:
    return [Sample("a", NOW - 60 * age, float(age), KEPT) for age in reversed(range(minutes))]


def values(store: WhisperStore) -> list[list[float | None]]:
    return [list(store.fetch("a", NOW - span, NOW, now=NOW).values) for span in (3600, 86400)]


def flip(data: bytes, byte: int, bit: int = 6) -> bytes:
    return data[:byte] + bytes([data[byte] ^ (1 << bit)]) + data[byte + 1 :]


HARM: dict[str, Callable[[bytes], bytes]] = {
    "cut in the coarse archive": lambda data: data[:-1200],
    "cut in the fine archive": lambda data: data[:400],
    "too long": lambda data: data + b"more",
    "a header that makes no sense": lambda data: b"\xff" * 16 + data[16:],
    "an archive list that makes no sense": lambda data: flip(data, 17),
    "the first time": lambda data: flip(data, FINE + 3, 0),
    "another time": lambda data: flip(data, FINE + 7 * SLOT.size + 3, 0),
    "nothing at all": lambda data: b"",
    "another file": lambda data: b"# nothing to see here\n" * 500,
}


@pytest.mark.parametrize("harm", HARM)
def test_a_damaged_file_is_made_anew_from_itself_and_from_the_spool(tmp_path: Path, harm: str) -> None:
    intake = intake_in(tmp_path)
    intake.write(samples(50))
    intake.drain()
    store = intake.store
    assert isinstance(store, WhisperStore)
    whole, file = values(store), tmp_path / "series/a.wsp"
    assert (store.check("a"), intake.repair("a")) == ([], None)
    file.write_bytes(HARM[harm](file.read_bytes()))
    harmed = file.read_bytes()
    assert len(store.check("a")) == 1
    rebuilt = intake.repair("a")
    assert rebuilt is not None
    assert (rebuilt.aside, rebuilt.spooled) == (tmp_path / "series/a.wsp.damaged-1", 50)
    assert rebuilt.aside.read_bytes() == harmed
    assert (store.check("a"), values(store)) == ([], whole)


@pytest.mark.parametrize(
    ("harm", "saved"),
    [
        ("cut in the coarse archive", 61), ("cut in the fine archive", 30), ("the first time", 60),
        ("a header that makes no sense", 0), ("another time", 60),
    ],
)  # fmt: skip
def test_without_the_spool_what_is_whole_in_the_file_is_saved(tmp_path: Path, harm: str, saved: int) -> None:
    """Fifty minutes and eleven times five of them; only a slot that was hit is lost."""
    store = WhisperStore(tmp_path)
    points = [Point(one.at, one.value) for one in samples(50)]
    store.add("a", points, retention=KEPT, now=NOW)
    before = values(store)[0]
    file = tmp_path / "a.wsp"
    file.write_bytes(HARM[harm](file.read_bytes()))
    rebuilt = store.rebuild("a", [], now=NOW)
    assert rebuilt == Rebuilt(file.with_name("a.wsp.damaged-1"), saved, 0)
    if saved:
        after = values(store)[0]
        assert all(one in (None, other) for one, other in zip(after, before, strict=True))
    else:
        assert store.names() == []


def test_coarse_values_that_a_file_held_are_not_made_of_what_the_spool_still_has(tmp_path: Path) -> None:
    """Three hours ago five samples made a value; the spool forgot four of them."""
    store = WhisperStore(tmp_path)
    then = NOW - NOW % 300 - 10800
    old = [Point(then + 60 * place, float(place)) for place in range(5)]
    store.add("a", old, retention=KEPT, now=then + 300)
    store.add("a", [Point(NOW, 7.0)], retention=KEPT, now=NOW)
    file = tmp_path / "a.wsp"
    file.write_bytes(file.read_bytes() + b"!")
    store.rebuild("a", [Sample("a", then + 240, 4.0, KEPT), Sample("a", NOW, 7.0, KEPT)], now=NOW)
    assert store.fetch("a", then - 300, then, now=NOW).values == [2.0]
    assert store.newest("a") == Point(NOW - NOW % 60, 7.0)


def test_every_damaged_file_stays(tmp_path: Path) -> None:
    store = WhisperStore(tmp_path)
    for number in (1, 2, 3):
        store.add("a", [Point(NOW, 1.0)], retention=KEPT, now=NOW)
        (tmp_path / "a.wsp").write_bytes(b"harm %d" % number)
        rebuilt = store.rebuild("a", [], now=NOW)
        assert rebuilt is not None
        assert rebuilt.aside.read_bytes() == b"harm %d" % number
    assert len(list(tmp_path.iterdir())) == 3


LONGER = Retention((Archive(60, 7200), Archive(300, 172800)))
RESIZES = {
    "longer": (LONGER, False),
    "a coarse archive more": (Retention((*KEPT.archives, Archive(3600, 864000))), False),
    "finer": (Retention((Archive(10, 3600), Archive(60, 7200), Archive(300, 86400))), False),
    "shorter": (Retention((Archive(60, 3600), Archive(300, 7200))), True),
    "coarser": (Retention((Archive(300, 86400),)), True),
    "another aggregate": (Retention(KEPT.archives, Aggregate.MAX), True),
}


@pytest.fixture
def day(tmp_path: Path) -> Iterator[WhisperStore]:
    """A store with a day of minutes, as they came."""
    store = WhisperStore(tmp_path)
    for hour in range(24):
        now = NOW - 3600 * (23 - hour)
        points = [Point(now - 60 * age, float(hour)) for age in range(60)]
        store.add("a", points, retention=KEPT, now=now)
    yield store


@pytest.mark.parametrize("kind", RESIZES)
def test_another_retention_keeps_the_history(day: WhisperStore, tmp_path: Path, kind: str) -> None:
    retention, lossy = RESIZES[kind]
    before = (tmp_path / "a.wsp").read_bytes()
    resized = day.resize("a", retention, now=NOW)
    assert resized is not None
    assert (resized.old, resized.new, day.retention("a")) == (KEPT, retention, retention)
    assert (resized.aside is not None) is lossy
    if resized.aside:
        assert resized.aside.read_bytes() == before
    assert day.check("a") == []
    assert day.resize("a", retention, now=NOW) is None
    for archive in retention.archives:
        got = day.fetch("a", NOW - min(archive.span, 80000), NOW, now=NOW)
        known = [value for value in got.values if value is not None]
        assert known == sorted(known)
        assert known[-1] == 23.0
    longest = min(retention.archives[-1].span, 82800)
    oldest = next(value for value in day.fetch("a", NOW - longest + 600, NOW, now=NOW).values if value is not None)
    assert oldest == pytest.approx(23 - longest // 3600 + 1, abs=1)


def test_a_coarse_value_is_not_put_where_the_fine_archive_knows_that_nothing_was(tmp_path: Path) -> None:
    store = WhisperStore(tmp_path)
    store.add("a", [Point(NOW - NOW % 300 + 120, 1.0)], retention=KEPT, now=NOW)
    store.resize("a", LONGER, now=NOW)
    assert store.info("a").holdings[0].known == 1


def test_a_sum_stays_the_same_over_a_resize(tmp_path: Path) -> None:
    store = WhisperStore(tmp_path)
    kept = Retention((Archive(60, 3600), Archive(300, 86400)), Aggregate.SUM)
    start = NOW - NOW % 3600
    for now in range(start - 36000, start, 3600):
        points = [Point(now + 60 * place, 1.0) for place in range(60)]
        store.add("a", points, retention=kept, now=now + 3599)
    store.resize("a", Retention((Archive(60, 7200), Archive(3600, 172800)), Aggregate.SUM), now=start)
    got = store.fetch("a", start - 36001, start - 3600, now=start).values
    assert got == [60.0] * 10


@given(st.integers(0, 16 + 24 + 60 * 12 + 288 * 12 - 1), st.integers(0, 7))
@settings(derandomize=True, deadline=None, max_examples=150)
def test_a_flipped_bit_in_a_time_or_a_header_is_found_and_mended(byte: int, bit: int) -> None:
    """In a value it cannot be seen; there the spool or a file system with checksums has to tell."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        store = WhisperStore(Path(folder))
        points = [Point(one.at, one.value) for one in samples(60)]
        store.add("a", points, retention=KEPT, now=NOW)
        file = Path(folder, "a.wsp")
        data = file.read_bytes()
        file.write_bytes(flip(data, byte, bit))
        offset = (byte - FINE) % SLOT.size
        found = _checked(store)
        if byte >= FINE and offset < 4:
            slot = data[byte - offset : byte - offset + 4]
            ring = 60 if byte < FINE + 60 * SLOT.size else 300
            span = KEPT.archives[0].span if ring == 60 else KEPT.archives[1].span
            changed = int.from_bytes(flip(data, byte, bit)[byte - offset : byte - offset + 4])
            hidden = changed != 0 and (changed - int.from_bytes(slot)) % span == 0 and slot != bytes(4)
            first = byte - offset in (FINE, FINE + 60 * SLOT.size)
            assert bool(found) is not hidden or first
        elif byte >= FINE:
            assert found == []
        if found and found != ["foreign"]:
            rebuilt = store.rebuild("a", samples(60), now=NOW)
            assert rebuilt is not None
            assert store.check("a") == []
            assert store.fetch("a", NOW - 3600, NOW, now=NOW).values == [float(age) for age in reversed(range(60))]


def _checked(store: WhisperStore) -> list[str]:
    from rem_cli.series import SeriesError

    try:
        return store.check("a")
    except SeriesError:  # an aggregate that other tools write
        return ["foreign"]

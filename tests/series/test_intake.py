"""Nothing that was acknowledged is lost: killed at any step, out of room, with a wrong clock, with a damaged series."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import pytest

from rem_cli.series import Aggregate, Archive, Point, Retention, Sample, SeriesError
from rem_cli.series.intake import Intake
from rem_cli.series.spool import Spool
from rem_cli.series.whisper import WhisperStore
from tests.jobs.bench import HandClock
from tests.series import spooling
from tests.series.cutting import results
from tests.series.spooling import KEPT, NOW, batch, intake_in

STEPS = ["mkdir", "open", "pwrite", "fsync", "fdatasync", "rename", "ftruncate", "posix_fallocate", "sync_all"]


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_any_step_loses_nothing_that_was_acknowledged(tmp_path: Path, step: str) -> None:
    """Cut before every one of these calls of four writes and two drains of twenty series."""
    spooling.run("cut", tmp_path, step)
    *cut, whole = results(tmp_path)
    assert (whole / "acknowledged").read_text() == "0\n1\n2\n3\n"
    assert cut
    for root in cut:
        intake = intake_in(root)
        assert (intake.drain(), intake.waiting()) == ([], [])
        told = root / "acknowledged"
        for turn in told.read_text().split() if told.exists() else ():
            for sample in batch(int(turn)):
                assert intake.store.fetch(sample.series, sample.at - 60, sample.at, now=NOW).values == [sample.value]
        spooling.work(root)  # the whole work again changes nothing but what is missing
        assert everything(root) == everything(whole)


def everything(root: Path) -> list[Sequence[float | None]]:
    store = intake_in(root).store
    return [store.fetch(name, NOW - span, NOW, now=NOW).values for name in store.names() for _, span in KEPT.archives]


def test_no_room_is_told_and_nothing_of_it_is_kept(tmp_path: Path) -> None:
    message, hint = spooling.run("full", tmp_path).splitlines()
    assert message == f"cannot write to the spool of samples {tmp_path}/spool: file too large"
    assert hint == f"free some space: df -h {tmp_path}/spool"
    intake = intake_in(tmp_path)
    assert intake.waiting() == batch(0)
    assert intake.spool.unreadable() == []
    intake.write(batch(1))
    assert intake.waiting() == batch(0) + batch(1)


def test_writers_and_drainers_at_once_lose_nothing(tmp_path: Path) -> None:
    spooling.run("together", tmp_path)
    intake = intake_in(tmp_path)
    assert intake.drain() == []
    assert intake.store.fetch("a", NOW - 60 * 40, NOW, now=NOW).values == [1.0] * 40


def test_samples_ahead_of_the_clock_wait_for_it(tmp_path: Path) -> None:
    """The clock was set back by a day after they were taken."""
    intake = intake_in(tmp_path)
    intake.write(batch(0))
    early = intake_in(tmp_path, at=NOW - 86400)
    assert early.drain() == []
    assert early.store.names() == []
    assert early.waiting() == batch(0)
    assert intake.drain() == []
    assert intake.store.newest("shop/web00/load") == Point(NOW - NOW % 60, 0.0)
    assert intake.waiting() == []


class LeapingClock(HandClock):
    """A clock that somebody sets, on a machine that runs on."""

    leap = 0.0

    def now(self) -> float:
        return self.at + self.leap


def leaping(tmp_path: Path) -> tuple[Intake, LeapingClock]:
    clock = LeapingClock(NOW)
    return Intake(Spool(tmp_path / "spool"), WhisperStore(tmp_path / "series"), clock), clock


YEARS = 4 * 365 * 86400.0


def test_a_clock_that_leaps_ahead_and_back_costs_no_old_value(tmp_path: Path) -> None:
    """A later time takes the slot of an old one; here an hour later, a turn of the finest archive."""
    intake, clock = leaping(tmp_path)
    intake.write([Sample("a", NOW - 60 * age, float(age), KEPT) for age in range(50)])
    assert intake.drain() == []
    clock.at += 60
    clock.leap = YEARS
    intake.write([Sample("a", int(clock.now()), 99.0, KEPT)])
    (remark,) = intake.drain()
    assert remark == (
        "the clock leapt ahead by 126,144,000 s; 1 of the samples wait until it has kept to that for 10 minutes "
        "(look at it with: date)"
    )
    clock.leap = 0.0
    clock.at += 60
    assert intake.drain() == []
    got = intake.store.fetch("a", NOW - 3000, NOW, now=clock.now()).values
    assert got == [float(age) for age in reversed(range(50))]


def test_a_leap_that_stays_is_believed(tmp_path: Path) -> None:
    """As after a start with a wrong clock, which a time server then sets."""
    intake, clock = leaping(tmp_path)
    intake.write(batch(0))
    intake.drain()
    clock.leap = YEARS
    at = int(clock.now())
    intake.write([Sample("a", at, 1.0, KEPT)])
    for minutes, told in ((0, 1), (9, 1), (10, 0), (10, 0)):
        clock.at = NOW + 60 * minutes
        assert len(intake.drain()) == told
    assert intake.store.newest("a") == Point(at - at % 60, 1.0)


def test_a_machine_that_was_off_is_no_leap(tmp_path: Path) -> None:
    """Its running time began anew."""
    intake, clock = leaping(tmp_path)
    intake.write(batch(0))
    intake.drain()
    clock.at, clock.leap = 100.0, NOW + YEARS
    intake.write([Sample("a", int(clock.now()), 1.0, KEPT)])
    assert intake.drain() == []
    assert intake.waiting() == []


def test_a_damaged_series_keeps_its_samples_waiting_and_no_others(tmp_path: Path) -> None:
    intake = intake_in(tmp_path)
    file = tmp_path / "series/shop/web00/load.wsp"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"no series")
    intake.write(batch(0))
    (remark,) = intake.drain()
    assert remark.startswith(f"shop/web00/load: the file {file} has 9 bytes, less than a header; its samples wait (")
    assert intake.waiting() == batch(0)[:1]
    assert len(intake.store.names()) == 3
    intake.write(batch(1)[:1])
    file.unlink()
    assert intake.drain() == []
    assert intake.store.fetch("shop/web00/load", NOW - 120, NOW, now=NOW).values == [1.0, 0.0]
    assert intake.waiting() == []


def test_late_samples_are_aggregated_before_they_reach_a_coarse_archive(tmp_path: Path) -> None:
    """They waited until the finest archive no longer reached them: their average is kept, not the last of them."""
    kept = Retention((Archive(60, 3600), Archive(300, 86400)), Aggregate.AVERAGE)
    at = NOW - NOW % 300 - 7200
    intake = intake_in(tmp_path)
    intake.write([Sample("a", at + 60 * place, float(place), kept) for place in range(5)])
    assert intake.drain() == []
    assert intake.store.fetch("a", at - 300, at, now=NOW).values == [2.0]


def test_what_waited_for_a_day_erases_nothing_newer(tmp_path: Path) -> None:
    """An hour is a turn of the finest archive: the old sample has the slot of the new one."""
    intake = intake_in(tmp_path)
    intake.write([Sample("a", NOW, 2.0, KEPT)])
    intake.drain()
    intake.write([Sample("a", NOW - 3600, 1.0, KEPT)])
    intake.drain()
    assert intake.store.newest("a") == Point(NOW - NOW % 60, 2.0)


@pytest.mark.parametrize(
    ("sample", "message"),
    [
        (Sample("a//b", NOW, 1.0, KEPT), "'a//b' is no name of a series: it has an empty part"),
        (Sample("a", NOW, 1.0, Retention(())), "a: cannot keep it so: a retention needs at least one archive"),
    ],
)
def test_what_no_series_can_take_is_refused_and_nothing_with_it_is_kept(
    tmp_path: Path, sample: Sample, message: str
) -> None:
    intake = intake_in(tmp_path)
    with pytest.raises(SeriesError) as error:
        intake.write([*batch(0), sample])
    assert error.value.message == message
    assert intake.waiting() == []


def test_not_a_number_is_no_sample_and_infinity_is_one(tmp_path: Path) -> None:
    intake = intake_in(tmp_path)
    intake.write([Sample("a", NOW, math.nan, KEPT), Sample("b", NOW, math.inf, KEPT)])
    assert intake.drain() == []
    assert intake.store.names() == ["b"]
    assert intake.store.newest("b") == Point(NOW - NOW % 60, math.inf)


def test_nothing_at_all_touches_no_disk(tmp_path: Path) -> None:
    intake = intake_in(tmp_path)
    intake.write([])
    assert intake.drain() == []
    assert list(tmp_path.iterdir()) == []


def test_what_is_in_its_series_is_kept_to_mend_from(tmp_path: Path) -> None:
    intake = intake_in(tmp_path)
    for turn in range(3):
        intake.write(batch(turn))
        intake.drain()
    assert [one.value for one in intake.kept("shop/web02/load")] == [0.02, 1.02, 2.02]

"""Killed, out of space, or damaged: nothing is lost silently."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import whisper

from rem_cli.series import DamagedSeries, Point, SeriesError
from rem_cli.series.whisper import WhisperStore
from tests.series import cutting
from tests.series.conftest import MINUTES, NOW
from tests.series.cutting import RETENTION, results


@pytest.mark.parametrize("history", [0, 200], ids=["empty", "full"])
@pytest.mark.parametrize("call", ["pwrite", "fdatasync"])
def test_a_killed_write_is_healed_by_the_same_points_again(tmp_path: Path, call: str, history: int) -> None:
    """Cut before every pwrite of an add, in all three archives, and before its fdatasync."""
    before = [Point(NOW - 3600 - 60 * age, 1.0) for age in range(history)]
    WhisperStore(tmp_path / "start").add("b/a", before, retention=RETENTION, now=NOW - 3600)
    cutting.run("cut", tmp_path, call)
    *cut, whole = results(tmp_path)
    for root in cut:
        cutting.add(root)
        assert (root / "b/a.wsp").read_bytes() == (whole / "b/a.wsp").read_bytes()
    assert len(cut) >= {"pwrite": 10, "fdatasync": 1}[call]


@pytest.mark.parametrize("call", ["mkdir", "open", "pwrite", "fsync", "rename", "ftruncate", "posix_fallocate"])
def test_a_kill_while_a_series_is_made_leaves_none_or_a_whole_one(tmp_path: Path, call: str) -> None:
    """Cut before every one of these calls of the first add."""
    (tmp_path / "start").mkdir()
    cutting.run("cut", tmp_path, call)
    *cut, whole = results(tmp_path)
    assert cut
    for root in cut:
        store = WhisperStore(root)
        assert all(store.retention(name) == RETENTION for name in store.names())
        cutting.add(root)
        assert (root / "b/a.wsp").read_bytes() == (whole / "b/a.wsp").read_bytes()
        assert [path.name for path in (root / "b").iterdir()] == ["a.wsp"]


def test_no_room_for_a_new_series_is_said_and_leaves_no_file(tmp_path: Path) -> None:
    message, hint = cutting.run("full", tmp_path).splitlines()
    assert message == f"b/a: cannot create {tmp_path}/b/a.wsp: file too large"
    assert hint == f"free some space and run it again: df -h {tmp_path}"
    assert list((tmp_path / "b").iterdir()) == []


def test_eight_writers_at_once_lose_no_point(tmp_path: Path) -> None:
    cutting.run("together", tmp_path)
    got = WhisperStore(tmp_path).fetch("a", NOW - 60 * 40, NOW, now=NOW)
    assert got.values == [1.0] * 40
    assert [path.name for path in tmp_path.iterdir()] == ["a.wsp"]


DAMAGE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda data: b"", "has 0 bytes, less than a header"),
    "no more than a header's start": (lambda data: data[:10], "has 10 bytes, less than a header"),
    "cut in the header": (lambda data: data[:30], "makes no sense"),
    "cut by whole points": (lambda data: data[:-24], "has 4,192 bytes where its header says 4,216"),
    "too long": (lambda data: data + bytes(12), "has 4,228 bytes where its header says 4,216"),
    "zeroes": (lambda data: bytes(len(data)), "makes no sense"),
    "an aggregate that does not exist": (lambda data: b"\0\0\0\x09" + data[4:], "makes no sense"),
    "64 archives": (lambda data: data[:15] + b"\x40" + data[16:], "makes no sense"),
    "4 thousand million archives": (lambda data: data[:12] + b"\xff" * 4 + data[16:], "makes no sense"),
    "a step of nothing": (lambda data: data[:20] + bytes(4) + data[24:], "makes no sense"),
    "steps that do not divide": (lambda data: data[:20] + b"\0\0\0\x3d" + data[24:], "do not fit each other"),
    "a longest span that is not": (lambda data: data[:4] + b"\0\0\0\x01" + data[8:], "do not fit each other"),
    "not a number in the header": (lambda data: data[:8] + b"\x7f\xc0\0\0" + data[12:], "makes no sense"),
    "a flipped bit in the base": (lambda data: data[:43] + bytes([data[43] ^ 1]) + data[44:], "damaged first value"),
    "a text file": (lambda data: b"# nothing to see here\n" * 20, "makes no sense"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_found_when_reading_and_writing_and_said(store: WhisperStore, kind: str) -> None:
    harm, said = DAMAGE[kind]
    store.add("a", [Point(NOW, 1.0)], retention=MINUTES, now=NOW)
    file = store.info("a").file
    file.write_bytes(harm(file.read_bytes()))
    harmed = file.read_bytes()
    with pytest.raises(DamagedSeries, match=said) as error:
        store.fetch("a", NOW - 60, NOW, now=NOW)
    with pytest.raises(DamagedSeries, match=said):
        store.add("a", [Point(NOW, 1.0)], retention=MINUTES, now=NOW)
    assert error.value.hint == "rem series repair a"
    assert store.check("a")
    assert file.read_bytes() == harmed


def test_a_damaged_series_does_not_hide_the_others(store: WhisperStore) -> None:
    for name in ("a", "b"):
        store.add(name, [Point(NOW, 1.0)], retention=MINUTES, now=NOW)
    store.info("a").file.write_bytes(b"")
    assert store.names() == ["a", "b"]
    assert store.newest("b") is not None


def test_a_file_of_another_tool_is_not_called_damaged(store: WhisperStore, tmp_path: Path) -> None:
    (tmp_path / "series").mkdir()
    whisper.create(str(tmp_path / "series/a.wsp"), [(60, 60)], 0.0, "absmax")
    with pytest.raises(SeriesError, match="aggregates by absmax") as error:
        store.newest("a")
    assert not isinstance(error.value, DamagedSeries)


def test_a_folder_in_the_place_of_a_file_is_said(store: WhisperStore, tmp_path: Path) -> None:
    (tmp_path / "series/a.wsp").mkdir(parents=True)
    with pytest.raises(SeriesError, match=r"cannot write .*is a directory"):
        store.add("a", [], retention=MINUTES, now=NOW)

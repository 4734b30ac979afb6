"""What a spool took, it gives back: after a kill, behind damage, to several at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rem_cli.errors import HeldError
from rem_cli.series import SeriesError
from rem_cli.series.spool import Position, Spool, framed, frames


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool", segment=100, patience=0.05)


BEGINNING = Position()


def payloads(spool: Spool, after: Position = BEGINNING) -> list[bytes]:
    return [payload for _, payload in spool.read(after)]


def test_what_was_appended_is_read_in_order_over_segments(spool: Spool) -> None:
    wrote = [bytes([65 + number]) * 40 for number in range(9)]
    for payload in wrote:
        spool.append(payload)
    assert payloads(spool) == wrote
    assert spool.segments() == [1, 2, 3, 4, 5]


def test_a_consumer_goes_on_where_it_was(spool: Spool) -> None:
    for payload in (b"one", b"two", b"three"):
        spool.append(payload)
    (first, _), *_ = spool.read(Position())
    spool.reach("series", first)
    assert payloads(spool, spool.reached("series")) == [b"two", b"three"]
    assert spool.reached("another") == Position()


@pytest.mark.parametrize("left", [1, 7, 11, 12, 30])
def test_a_frame_that_was_cut_hides_nothing(spool: Spool, left: int) -> None:
    """`left` bytes of the last frame reached the disk; the next writer is another process, or the same one."""
    spool.append(b"a" * 20)
    file = spool.folder / "0000000001.spool"
    with file.open("ab") as torn:
        torn.write(framed(b"b" * 20)[:left])
    for other in (spool, Spool(spool.folder, segment=100)):
        other.append(b"c" * 20)
    assert payloads(spool) == [b"a" * 20, b"c" * 20, b"c" * 20]
    assert spool.unreadable() == [(file, left)]


@pytest.mark.parametrize("byte", [0, 5, 9, 15])
def test_damage_in_the_middle_loses_one_frame_alone(spool: Spool, byte: int) -> None:
    """A flipped bit in the payload of the first, in the length, the checksum and the payload of the second."""
    for payload in (b"one", b"two", b"three"):
        spool.append(payload)
    file = spool.folder / "0000000001.spool"
    data = bytearray(file.read_bytes())
    data[len(framed(b"one")) + byte - 1] ^= 4
    file.write_bytes(bytes(data))
    assert b"three" in payloads(spool)
    assert spool.unreadable()[0][0] == file
    assert set(payloads(spool)) <= {b"one", b"two", b"three"}


def test_a_payload_that_looks_like_a_frame_is_none() -> None:
    inner = framed(b"inner")
    assert [payload for _, _, payload in frames(framed(inner) + framed(b"next"))] == [inner, b"next"]


def test_segments_go_when_all_have_passed_them_and_none_is_needed(spool: Spool) -> None:
    for _ in range(8):
        spool.append(b"x" * 100)
    spool.reach("series", Position(7, 0))
    spool.reach("sink-graphite", Position(4, 0))
    spool.forget("series", most=0, since=0)
    assert spool.segments() == [4, 5, 6, 7, 8]
    spool.part("sink-graphite")
    spool.forget("series", most=3 * 112, since=0)
    assert spool.segments() == [6, 7, 8]
    os.utime(spool.folder / "0000000006.spool", (1, 1))
    spool.forget("series", most=10**9, since=1000)
    assert spool.segments() == [7, 8]


def test_a_sink_that_does_not_answer_fills_no_disk(spool: Spool) -> None:
    for _ in range(8):
        spool.append(b"x" * 100)
    spool.reach("series", Position(7, 0))
    spool.reach("sink-graphite", Position(2, 0))
    spool.forget("series", most=0, since=0, longest=4 * 112)
    assert spool.segments() == [5, 6, 7, 8]


def test_numbers_go_on_though_the_segments_were_taken_away(spool: Spool) -> None:
    """Else a consumer would look behind what is new."""
    spool.append(b"one")
    spool.reach("series", Position(3, 15))
    (spool.folder / "0000000001.spool").unlink()
    spool.append(b"two")
    assert payloads(spool, spool.reached("series")) == [b"two"]


def test_a_damaged_mark_begins_anew(spool: Spool) -> None:
    spool.append(b"one")
    spool.note("series.at", b"\0\0\0")
    assert payloads(spool, spool.reached("series")) == [b"one"]


def test_a_lock_that_somebody_keeps_is_told(spool: Spool) -> None:
    spool.append(b"one")
    with spool.turn("append"), pytest.raises(HeldError) as error:
        spool.append(b"two")
    assert error.value.message == "another process has kept the spool of samples locked for 0.05 s"
    assert error.value.hint == f"see who with: fuser -v {spool.folder}/append.lock"


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("not a folder")
    with pytest.raises(SeriesError) as error:
        Spool(tmp_path / "spool").append(b"one")
    assert error.value.message == f"cannot write to the spool of samples {tmp_path}/spool: file exists"
    assert error.value.hint == f"look at it with: ls -ld {tmp_path}/spool"

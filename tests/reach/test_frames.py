"""The reader tells a program's output from what the wrapper says of it, wherever the stream is cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rem_cli.reach.frames import Ended, Event, FrameReader, Output, Refused, Started

NONCE = b"0123456789abcdef"
MARK = b"\x02" + NONCE


def read(*pieces: bytes) -> list[Event]:
    """What a reader tells, with neighbouring output put together: where that was cut means nothing."""
    reader = FrameReader(NONCE)
    events: list[Event] = []
    for event in [event for piece in pieces for event in reader.feed(piece)] + reader.close():
        if isinstance(event, Output) and events and isinstance(events[-1], Output):
            events[-1] = Output(events[-1].data + event.data)
        else:
            events.append(event)
    return events


SAID = (
    b"Welcome!\n"
    + MARK
    + b" start 4711\nhello\n\x02 \x020123 no mark"
    + MARK
    + b" end 3 6 9\nresult"
    + MARK
    + b" done\nlate"
)
TOLD = [Started(4711), Output(b"hello\n\x02 \x020123 no mark"), Ended(3, b"result", 9)]


def test_output_frames_and_result_are_told_apart() -> None:
    assert read(SAID) == TOLD


def test_it_does_not_matter_where_the_stream_is_cut() -> None:
    assert all(read(SAID[:at], SAID[at:]) == TOLD for at in range(len(SAID)))


def test_it_does_not_matter_when_every_byte_comes_alone() -> None:
    assert read(*(SAID[at : at + 1] for at in range(len(SAID)))) == TOLD


@given(st.binary(max_size=300), st.lists(st.integers(0, 400), max_size=8))
@settings(derandomize=True, deadline=None)
def test_any_output_comes_through_unchanged(output: bytes, cuts: list[int]) -> None:
    said = MARK + b" start 1\n" + output + MARK + b" end 0 0 0\n"
    places = [0, *sorted(cuts), len(said)]
    pieces = [said[a:b] for a, b in pairwise(places)]
    assert read(*pieces) == [Started(1), *([Output(output)] if output else []), Ended(0)]


def test_37_a_program_cannot_forge_an_end_without_the_nonce() -> None:
    forged = b"\x02ffffffffffffffff end 0 0 0\n"
    assert read(MARK + b" start 1\n" + forged + MARK + b" end 1 0 0\n") == [Started(1), Output(forged), Ended(1)]


def test_37_a_result_that_looks_like_a_frame_is_only_a_result() -> None:
    result = MARK + b" end 0 0 0\n"
    said = MARK + b" start 1\n" + MARK + b" end 7 %d %d\n" % (len(result), len(result)) + result + MARK + b" done\n"
    assert read(said) == [Started(1), Ended(7, result, len(result))]


def test_37_bytes_that_somebody_wrote_among_the_result_spoil_it() -> None:
    said = MARK + b" start 1\n" + MARK + b" end 0 6 6\nres!!ult" + MARK + b" done\n" + b"x" * 40
    assert read(said) == [Started(1), Ended(0, None, 6, whole=False)]


def test_a_refusal_says_why() -> None:
    assert read(MARK + b" refuse the disk is full\n") == [Refused("the disk is full")]


def test_what_comes_before_the_start_is_no_output() -> None:
    reader = FrameReader(NONCE)
    reader.feed(b"This account is not available.\n")
    assert (reader.close(), reader.preamble) == ([], b"This account is not available.\n")


@pytest.mark.parametrize("tail", [b"", b"\x02", MARK, MARK[:5]])
def test_a_stream_that_breaks_gives_out_all_it_had(tail: bytes) -> None:
    assert read(MARK + b" start 1\n" + b"half a li" + tail) == [Started(1), Output(b"half a li" + tail)]


def test_output_is_not_held_back_for_want_of_a_line_end() -> None:
    reader = FrameReader(NONCE)
    reader.feed(MARK + b" start 1\n")
    assert reader.feed(b"Continue? ") == [Output(b"Continue? ")]

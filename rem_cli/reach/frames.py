"""Reads what the wrapper of `wrap.py` says among a program's output: bytes in, events out."""

from __future__ import annotations

from typing import NamedTuple

STX = b"\x02"
FRAME_LIMIT = 4096  # bytes of a frame's line
PREAMBLE_KEPT = 4096  # bytes of what came before the first frame, for messages


class Started(NamedTuple):
    group: int  # process group of the program and the wrapper


class Refused(NamedTuple):
    why: str


class Output(NamedTuple):
    data: bytes


class Ended(NamedTuple):
    """`status` as the shell tells it: 128 + n when signal n ended the program."""

    status: int
    result: bytes | None = None
    total: int = 0  # bytes of the result file; more than `result` holds when that was cut
    whole: bool = True  # False: something else was written among the result's bytes


Event = Started | Refused | Output | Ended


class FrameReader:
    """Takes what the wrapper sends, in pieces cut anywhere, and tells it apart. Keeps no more than a frame.

    `begun` is for standard error, where no start is announced. After the end nothing more is told.
    """

    def __init__(self, nonce: bytes, *, begun: bool = False) -> None:
        self.preamble = b""  # what login scripts printed before the wrapper ran
        self._marker = STX + nonce + b" "
        self._begun = begun
        self._over = False
        self._held = b""  # what may yet turn out to be a frame
        self._ended: Ended | None = None  # its result is still to come
        self._size = 0

    def feed(self, data: bytes) -> list[Event]:
        events: list[Event] = []
        self._held += data
        while not self._over and (self._result(events) if self._ended else self._text(events)):
            pass
        if self._over:
            self._held = b""
        return events

    def close(self) -> list[Event]:
        """No more comes: give out what was held back."""
        held, self._held = self._held, b""
        return [Output(held)] if held and self._begun and not self._over and not self._ended else []

    def _text(self, events: list[Event]) -> bool:
        """Tell of the text and the frame that begin what is held. False: more is needed."""
        at = self._held.find(self._marker)
        if at < 0:
            at = self._possible_marker()
            self._tell(events, self._held[:at])
            self._held = self._held[at:]
            return False
        self._tell(events, self._held[:at])
        self._held = self._held[at:]
        line_end = self._held.find(b"\n", len(self._marker), FRAME_LIMIT)
        if line_end < 0:
            return False
        frame, self._held = self._held[len(self._marker) : line_end], self._held[line_end + 1 :]
        self._frame(events, frame.decode("utf-8", "replace"))
        return True

    def _possible_marker(self) -> int:
        """Where a marker that is not all here yet may begin."""
        at = self._held.find(STX, max(0, len(self._held) - len(self._marker) + 1))
        while at >= 0 and not self._marker.startswith(self._held[at:]):
            at = self._held.find(STX, at + 1)
        return at if at >= 0 else len(self._held)

    def _tell(self, events: list[Event], text: bytes) -> None:
        if not self._begun:
            self.preamble = (self.preamble + text)[-PREAMBLE_KEPT:]
        elif text:
            events.append(Output(text))

    def _frame(self, events: list[Event], frame: str) -> None:
        word, _, rest = frame.partition(" ")
        if word == "start":
            self._begun = True
            events.append(Started(int(rest)))
        elif word == "refuse":
            self._over = True
            events.append(Refused(rest))
        elif word == "end":
            status, self._size, total = (int(number) for number in rest.split())
            if self._size:
                self._ended = Ended(status, total=total)
            else:
                self._over = True
                events.append(Ended(status))

    def _result(self, events: list[Event]) -> bool:
        assert self._ended is not None
        trailer = self._marker + b"done\n"
        if len(self._held) < self._size + len(trailer):
            return False
        result, after = self._held[: self._size], self._held[self._size :]
        whole = after.startswith(trailer)
        events.append(Ended(self._ended.status, result if whole else None, self._ended.total, whole))
        self._over = True
        return True

"""The journal before Whisper: what is written here is on the disk before anybody is told that it is kept.

The folder holds segments, files named by their number, that are only ever appended to:

    segment = frames, one after another
    frame   = the four bytes MAGIC, u32 length, u32 CRC-32 of the payload (little-endian), the payload

A frame that was cut by a kill, or bytes that went bad, do not hide what follows: the reader looks for the next whole
frame, and the writer goes on in a new segment rather than behind a torn end. Whoever reads to do something with what is
here (a consumer) notes how far it came; a segment goes when all have passed it and it is no longer needed for mending.
"""

from __future__ import annotations

import fcntl
import os
import shlex
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from rem_cli.clock import Clock, SystemClock
from rem_cli.errors import HeldError
from rem_cli.series import SeriesError
from rem_cli.series.disk import FULL, make_folders, replace, sync_folder, write_all

MAGIC = b"rem\x1e"
HEAD = struct.Struct("<4sLL")
ENDING = ".spool"
SEGMENT = 1 << 20  # bytes from which on the next frame begins a new segment
LONGEST = 1 << 30  # bytes that are kept for sinks that do not answer
SINK = "sink-"  # begins the names of consumers that hand over to other stores
_PATIENCE = 10.0  # seconds to wait for another writer


class Position(NamedTuple):
    """Between two frames."""

    segment: int = 0
    offset: int = 0  # bytes


def framed(payload: bytes) -> bytes:
    return HEAD.pack(MAGIC, len(payload), zlib.crc32(payload)) + payload


def frames(data: bytes, start: int = 0) -> Iterator[tuple[int, int, bytes]]:
    """(first byte, byte after the last, payload) of each whole frame; what is not one is passed over."""
    while True:
        start = data.find(MAGIC, start)
        if start < 0 or start + HEAD.size > len(data):
            return
        _, length, checksum = HEAD.unpack_from(data, start)
        payload = data[start + HEAD.size : start + HEAD.size + length]
        if len(payload) == length and zlib.crc32(payload) == checksum:
            end = start + HEAD.size + length
            yield start, end, payload
            start = end
        else:
            start += 1


class Spool:
    """A spool in a folder. Any number of processes and threads may append and read; those that append take turns."""

    def __init__(
        self, folder: Path, *, clock: Clock | None = None, patience: float = _PATIENCE, segment: int = SEGMENT
    ) -> None:
        self.folder = folder
        self._clock = clock or SystemClock()
        self._patience = patience  # seconds
        self._segment = segment  # bytes
        self._known = Position()  # where the last frame that is known to be whole ends

    def append(self, payload: bytes) -> None:
        """Write one frame. When this returns it is on the disk; an error leaves nothing of it behind.

        Raises:
            SeriesError: no room, no right to write.
            HeldError: other writers took all the time that this one had.
        """
        with self._translated("write to"):
            make_folders(self.folder)
            with self.turn("append"):
                number, fd, end = self._tail()
                try:
                    try:
                        write_all(fd, framed(payload), end)
                        os.fdatasync(fd)
                    except OSError:
                        os.ftruncate(fd, end)
                        raise
                    self._known = Position(number, end + HEAD.size + len(payload))
                finally:
                    os.close(fd)

    def read(self, after: Position) -> Iterator[tuple[Position, bytes]]:
        """Every whole frame after a position, each with the position behind it."""
        with self._translated("read"):
            for number in self.segments():
                if number < after.segment:
                    continue
                data = self._path(number).read_bytes()
                for _, end, payload in frames(data, after.offset if number == after.segment else 0):
                    yield Position(number, end), payload

    def reached(self, consumer: str) -> Position:
        """How far a consumer came; the beginning for one that is new."""
        try:
            segment, offset = self.noted(f"{consumer}.at").split()
            return Position(int(segment), int(offset))
        except ValueError:
            return Position()

    def reach(self, consumer: str, position: Position) -> None:
        """Note how far a consumer came, on the disk."""
        self.note(f"{consumer}.at", b"%d %d\n" % position)

    def note(self, name: str, data: bytes) -> None:
        """Keep a small file of a consumer, whole or not at all, on the disk."""
        with self._translated("write to"):
            replace(self.folder / name, data)

    def noted(self, name: str) -> bytes:
        """What was noted last; nothing for a name that is new."""
        with self._translated("read"):
            try:
                return (self.folder / name).read_bytes()
            except FileNotFoundError:
                return b""

    def segments(self) -> list[int]:
        """The numbers of the segments, oldest first."""
        try:
            names = os.listdir(self.folder)
        except FileNotFoundError:
            return []
        stems = (name.removesuffix(ENDING) for name in names if name.endswith(ENDING))
        return sorted(int(stem) for stem in stems if stem.isdecimal())

    def consumers(self) -> list[str]:
        """Whoever notes how far it came here."""
        return [path.stem for path in self.folder.glob("*.at")]

    def part(self, consumer: str) -> None:
        """Forget a consumer; what it has not read is not kept for it any longer."""
        with self._translated("write to"):
            (self.folder / f"{consumer}.at").unlink(missing_ok=True)

    def forget(self, first: str, *, most: int, since: float, longest: int = LONGEST) -> None:
        """Delete the oldest segments that all consumers have passed: those beyond `most` bytes or from before `since`.

        Beyond `longest` bytes it is enough that the `first` one has passed them: the disk is not filled for a sink
        that does not answer.
        """
        passed = min(self.reached(one).segment for one in {first, *self.consumers()})
        with self._translated("clear"):
            files = [(number, self._path(number).stat()) for number in self.segments()]
            total = sum(file.st_size for _, file in files)
            for number, file in files:
                old = total > most or file.st_mtime < since
                if number >= self.reached(first).segment or not (total > longest or (number < passed and old)):
                    return
                self._path(number).unlink()
                total -= file.st_size

    def unreadable(self) -> list[tuple[Path, int]]:
        """Segments that hold bytes which are no whole frame, and how many; a cut write leaves some, too."""
        found = []
        with self._translated("read"):
            for number in self.segments():
                data = self._path(number).read_bytes()
                bad = len(data) - sum(end - start for start, end, _ in frames(data))
                if bad:
                    found.append((self._path(number), bad))
        return found

    @contextmanager
    def turn(self, what: str) -> Iterator[None]:
        """Hold the lock of this name, one for each process and thread."""
        path = self.folder / f"{what}.lock"
        with self._translated("lock"):
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            deadline = None
            while True:
                try:
                    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    deadline = deadline or self._clock.monotonic() + self._patience
                    if self._clock.monotonic() >= deadline:
                        raise HeldError(
                            f"another process has kept the spool of samples locked for {self._patience:g} s",
                            hint=f"see who with: fuser -v {shlex.quote(str(path))}",
                        ) from None
                    self._clock.sleep(0.002)
            yield
        finally:
            os.close(fd)

    def _tail(self) -> tuple[int, int, int]:
        """The segment to append to, open, and where it ends."""
        number = max(self.segments(), default=0)
        if number:
            fd = os.open(self._path(number), os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            size = os.fstat(fd).st_size
            if size < self._segment and self._whole(number, fd, size):
                return number, fd, size
            os.close(fd)
        # Never a number that a consumer has passed, though somebody took the segments away.
        marks = [self.reached(path.stem).segment for path in self.folder.glob("*.at")]
        number = max([number, *marks]) + 1
        fd = os.open(self._path(number), os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        sync_folder(self.folder)
        return number, fd, 0

    def _whole(self, number: int, fd: int, size: int) -> bool:
        """Whether a segment ends with a whole frame."""
        known = self._known.offset if number == self._known.segment else 0
        if size == known:
            return True
        ends = [end for _, end, _ in frames(os.pread(fd, size - known, known))]
        return known + max(ends, default=0) == size

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:010d}{ENDING}"

    @contextmanager
    def _translated(self, doing: str) -> Iterator[None]:
        """Foreign errors end here."""
        try:
            yield
        except OSError as error:
            where = shlex.quote(str(self.folder))
            hint = f"free some space: df -h {where}" if error.errno in FULL else f"look at it with: ls -ld {where}"
            reason = (error.strerror or str(error)).lower()
            raise SeriesError(f"cannot {doing} the spool of samples {self.folder}: {reason}", hint=hint) from error

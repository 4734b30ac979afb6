"""Series kept in Whisper files, one each, that Graphite's tools can read."""

from __future__ import annotations

import fcntl
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rem_cli.clock import Clock, SystemClock
from rem_cli.errors import HeldError, RemError
from rem_cli.series import (
    Batch,
    DamagedSeries,
    Holding,
    NoSeries,
    Point,
    Range,
    Rebuilt,
    Resized,
    Retention,
    Sample,
    SeriesError,
    Summary,
)
from rem_cli.series import archive as files
from rem_cli.series.disk import FULL, make_folders, sync_all, sync_folder
from rem_cli.series.naming import ENDING, file_of, name_of
from rem_cli.series.refit import loses, refit
from rem_cli.series.replacing import is_made, make, refill, replace, set_aside
from rem_cli.series.retention import check_retention
from rem_cli.series.salvage import layout_in, problems, readable
from rem_cli.series.writing import fill, write

if TYPE_CHECKING:
    from rem_cli.series import Values

_PATIENCE = 10.0  # seconds to wait for another writer of the same series
_LONG = 200  # slots from which numpy is the faster way to read, once it is loaded
_LOADING = 1_000_000  # slots that are read without numpy in the time that loading it takes
_FEW = 16  # series that are synced one by one; beyond, the whole file system at once costs less


class WhisperStore:
    """Series under one folder. Any number of processes may read and write; writers of one series take turns."""

    def __init__(self, root: Path, *, clock: Clock | None = None, patience: float = _PATIENCE) -> None:
        self._root = root
        self._clock = clock or SystemClock()
        self._patience = patience  # seconds
        self._read_plainly = 0  # slots

    def names(self) -> list[str]:
        """Every series, sorted."""
        with self._translated("", self._root, "list"):
            return sorted(name for file in _walk(self._root, "") if (name := name_of(file)) is not None)

    def add(self, name: str, points: Sequence[Point], *, retention: Retention, now: float) -> int:
        """Write points, making the series if there is none. See the contract."""
        return self._add(Batch(name, points, retention), int(now))

    def add_all(self, batches: Sequence[Batch], *, now: float) -> list[tuple[Batch, RemError]]:
        """Write points of many series. See the contract."""
        failed: list[tuple[Batch, RemError]] = []
        many = len(batches) > _FEW
        made = self._prepared(batches) if many else {}
        for batch in batches:
            try:
                self._add(batch, int(now), gather=True, sync=not many, made=made.get(batch.series))
            except RemError as error:
                failed.append((batch, error))
        if many and len(failed) < len(batches):
            with self._translated("", self._root, "write"):
                sync_all(self._root)
        return failed

    def _prepared(self, batches: Sequence[Batch]) -> dict[str, int]:
        """Lay a whole file beside the place of each series that is not there, all onto the disk at once; its inode."""
        made: dict[str, int] = {}
        for name, _, retention in batches:
            path = self._path(name)
            if os.path.lexists(path) or check_retention(retention):
                continue
            with suppress(RemError), self._translated(name, path, "create"):
                make_folders(path.parent, sync=False)
                with self._locked(name, path.with_name(path.name + ".new"), os.O_CREAT) as fd:
                    make(fd, retention)
                    made[name] = os.fstat(fd).st_ino
        if made:
            with self._translated("", self._root, "write"):
                sync_all(self._root)
        return made

    def _add(self, batch: Batch, now: int, *, gather: bool = False, sync: bool = True, made: int | None = None) -> int:
        name, path = batch.series, self._path(batch.series)
        if not os.path.lexists(path):
            self._create(name, path, batch.retention, made)
        with self._translated(name, path, "write"), self._locked(name, path) as fd:
            layout = files.read_layout(fd)
            taken = write(fd, layout, batch.points, now, gather=gather)
            if taken and sync:
                os.fdatasync(fd)
            return taken

    def fetch(self, name: str, start: float, end: float, *, now: float) -> Range:
        """The values after `start` up to and with `end`. See the contract.

        A range before the longest archive or after `now` comes back empty.
        """
        first, last, step, data = self._slots(name, start, end, now)
        values = self._decode(data, first, step) if data else [None] * ((last - first) // step)
        return Range(first, last, step, values)

    def columns(self, name: str, start: float, end: float, *, now: float) -> tuple[int, int, Values]:
        """The same as (start, step, array). See the contract."""
        import numpy as np

        first, last, step, data = self._slots(name, start, end, now)
        values = files.decode_array(data, first, step) if data else np.full((last - first) // step, np.nan)
        return first, step, values

    def _slots(self, name: str, start: float, end: float, now: float) -> tuple[int, int, int, bytes]:
        """First time, the one after the last, step, and the slots; none of these for an empty archive."""
        if start > end:
            raise SeriesError(f"{name}: the range ends before it starts", hint="swap its two times")
        with self._opened(name) as fd:
            layout = files.read_layout(fd)
            ring, first, last = files.window(layout, int(start), int(end), int(now))
            base = files.read_base(fd, ring)
            data = files.read_slots(fd, ring, base, first, (last - first) // ring.step) if base else b""
        return first, last, ring.step, data

    def retention(self, name: str) -> Retention:
        """What the file itself says."""
        with self._opened(name) as fd:
            return files.read_layout(fd).retention()

    def newest(self, name: str) -> Point | None:
        """The value with the latest time, None when empty; from the finest archive that has any."""
        with self._opened(name) as fd:
            for ring in files.read_layout(fd).rings:
                if points := files.read_ring(fd, ring):
                    return Point(*points[-1])
        return None

    def info(self, name: str) -> Summary:
        """Everything the file says of itself. Reads all of it: 1 ms for 50,000 slots or so."""
        with self._opened(name) as fd:
            layout = files.read_layout(fd)
            holdings = []
            for ring, archive in zip(layout.rings, layout.retention().archives, strict=True):
                points = files.read_ring(fd, ring)
                oldest, newest = (Point(*points[0]), Point(*points[-1])) if points else (None, None)
                holdings.append(Holding(archive, len(points), oldest, newest))
        return Summary(name, self._path(name), layout.bytes, layout.aggregate, layout.enough, tuple(holdings))

    def check(self, name: str) -> list[str]:
        """What is wrong with a file. See the contract. Reads all of it: 1 ms for 50,000 slots or so."""
        with self._opened(name) as fd:
            return problems(_whole(fd))

    def rebuild(self, name: str, samples: Sequence[Sample], *, now: float) -> Rebuilt | None:
        """Make a damaged file anew. See the contract."""
        path = self._path(name)
        with self._translated(name, path, "rebuild"), self._locked(name, path) as fd:
            data = _whole(fd)
            if not problems(data):
                return None
            layout = layout_in(data)
            if layout is None and samples:
                meant = files.layout_of(files.header_of(samples[-1].retention))
                layout = meant if len(data) == meant.bytes else None
            held = readable(data, layout, int(now)) if layout else []
            kept = layout.retention() if layout else samples[-1].retention if samples else None
            if kept is None:
                return Rebuilt(set_aside(path), 0, 0)
            fills = partial(refill, retention=kept, held=held, samples=samples, now=int(now))
            aside = replace(path, kept, fills, aside="damaged")
            assert aside is not None
            return Rebuilt(aside, sum(map(len, held)), len(samples))

    def resize(self, name: str, retention: Retention, *, now: float) -> Resized | None:
        """Keep a series in another way. See the contract."""
        if wrong := check_retention(retention):
            raise SeriesError(f"{name}: cannot keep it so: {'; '.join(wrong)}", hint="mend its retention")
        path = self._path(name)
        with self._translated(name, path, "resize"), self._locked(name, path) as fd:
            layout = files.read_layout(fd)
            old = layout.retention()
            if old == retention:
                return None
            held = readable(_whole(fd), layout, int(now))
            made = refit(old, held, retention)
            fills = partial(fill, layout=files.layout_of(files.header_of(retention)), rings=made)
            aside = "before" if loses(old, held, retention) else ""
            return Resized(name, old, retention, replace(path, retention, fills, aside=aside))

    def _path(self, name: str) -> Path:
        return self._root / file_of(name)

    def _decode(self, data: bytes, start: int, step: int) -> list[float | None]:
        count = len(data) // files.SLOT.size
        if count >= _LONG and ("numpy" in sys.modules or self._read_plainly + count >= _LOADING):
            return files.decode_long(data, start, step)
        self._read_plainly += count
        return files.decode(data, start, step)

    @contextmanager
    def _opened(self, name: str) -> Iterator[int]:
        path = self._path(name)
        with self._translated(name, path, "read"):
            fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                yield fd
            finally:
                os.close(fd)

    @contextmanager
    def _locked(self, name: str, path: Path, flags: int = 0) -> Iterator[int]:
        """The open file that is at `path` while the lock is held: another writer may put a new one there."""
        while True:
            fd = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | flags, 0o600)
            try:
                self._lock(name, fd)
                if _is_at(path, os.fstat(fd)):
                    yield fd
                    return
            finally:
                os.close(fd)

    def _lock(self, name: str, fd: int) -> None:
        deadline = None
        while True:
            try:
                return fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                deadline = deadline or self._clock.monotonic() + self._patience
                if self._clock.monotonic() >= deadline:
                    raise HeldError(
                        f"{name}: another process has kept the series locked for {self._patience:g} s",
                        hint=f"see who with: fuser -v {shlex.quote(str(self._path(name)))}",
                    ) from None
                self._clock.sleep(0.005)

    def _create(self, name: str, path: Path, retention: Retention, made: int | None) -> None:
        """Make an empty file: beside, whole, on disk, and only then under its name; `made` is the inode of one."""
        if wrong := check_retention(retention):
            raise SeriesError(f"{name}: cannot keep it so: {'; '.join(wrong)}", hint="mend its retention")
        new = path.with_name(path.name + ".new")
        with self._translated(name, path, "create"):
            make_folders(path.parent)
            with self._locked(name, new, os.O_CREAT) as fd:
                if path.exists():  # another writer was faster
                    new.unlink()
                    return
                try:
                    if os.fstat(fd).st_ino != made or not is_made(fd, retention):
                        make(fd, retention)
                        os.fsync(fd)
                    new.rename(path)
                except OSError:
                    new.unlink()
                    raise
            if made is None:
                sync_folder(path.parent)

    @contextmanager
    def _translated(self, name: str, path: Path, doing: str) -> Iterator[None]:
        """Foreign errors end here."""
        of_series = f"{name}: " if name else ""
        try:
            yield
        except FileNotFoundError:
            raise NoSeries(f"there is no series '{name}'", hint="rem series list") from None
        except files.NotWholeError as error:
            raise DamagedSeries(
                f"{of_series}the file {path} {error}", hint=f"rem series repair {shlex.quote(name)}"
            ) from None
        except files.ForeignError as error:
            raise SeriesError(
                f"{of_series}the file {path} {error}",
                hint=f"whisper-set-aggregation-method.py {shlex.quote(str(path))} average",
            ) from None
        except OSError as error:
            hint = f"look at it with: ls -ld {shlex.quote(str(path.parent))} {shlex.quote(str(path))}"
            if error.errno in FULL:
                hint = f"free some space and run it again: df -h {shlex.quote(str(self._root))}"
            reason = (error.strerror or str(error)).lower()
            raise SeriesError(f"{of_series}cannot {doing} {path}: {reason}", hint=hint) from error


def _walk(folder: Path, prefix: str) -> Iterator[str]:
    """The files below a folder, relative to it; links are not followed."""
    try:
        entries = os.scandir(folder)
    except FileNotFoundError:
        return
    with entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path), f"{prefix}{entry.name}/")
            elif entry.name.endswith(ENDING) and entry.is_file(follow_symlinks=False):
                yield prefix + entry.name


def _is_at(path: Path, file: os.stat_result) -> bool:
    try:
        return os.path.samestat(path.lstat(), file)
    except FileNotFoundError:
        return False


def _whole(fd: int) -> bytes:
    return os.pread(fd, os.fstat(fd).st_size, 0)

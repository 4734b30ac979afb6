"""A new Whisper file in the place of another, which stays beside it where something of it would be lost."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rem_cli.series import Retention, Sample
from rem_cli.series.archive import header_of, layout_of
from rem_cli.series.disk import sync_folder, write_all
from rem_cli.series.retention import file_bytes
from rem_cli.series.salvage import Rings
from rem_cli.series.writing import fill, write


def make(fd: int, retention: Retention) -> None:
    """Turn an open file into an empty series whose every block is reserved, so that later writes find their room."""
    os.ftruncate(fd, 0)  # a creation that was cut may have left something
    size = file_bytes(retention)
    os.posix_fallocate(fd, 0, size)
    write_all(fd, header_of(retention), 0)


def is_made(fd: int, retention: Retention) -> bool:
    """Whether `make` came to its end in an open file."""
    header = header_of(retention)
    return os.fstat(fd).st_size == file_bytes(retention) and os.pread(fd, len(header), 0) == header


def replace(path: Path, retention: Retention, fills: Callable[[int], None], *, aside: str = "") -> Path | None:
    """Put a new file, filled by `fills`, in the place of `path`; the old one stays as `aside`-1 (2, 3 …) where asked.

    Whoever calls holds the lock on the old file. A kill leaves the old file or the new one under its name, whole.
    """
    new = path.with_name(path.name + ".new")
    fd = os.open(new, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        make(fd, retention)
        fills(fd)
        os.fsync(fd)
    except BaseException:
        new.unlink()
        raise
    finally:
        os.close(fd)
    kept = None
    if aside:
        kept = next(one for one in asides(path, aside) if not os.path.lexists(one))
        os.link(path, kept)
        sync_folder(path.parent)
    new.rename(path)
    sync_folder(path.parent)
    return kept


def set_aside(path: Path) -> Path:
    """Rename a damaged file to a name that no series has; where it is now."""
    aside = next(one for one in asides(path, "damaged") if not os.path.lexists(one))
    path.rename(aside)
    sync_folder(path.parent)
    return aside


def refill(fd: int, *, retention: Retention, held: Rings, samples: Sequence[Sample], now: int) -> None:
    """Write what a damaged file still held, and the samples that the spool still has, into an empty file.

    A coarse value that the file held was made of all samples of its time, and the spool may have only some of them:
    it stays, but where the finest archive covers its whole time.
    """
    layout = layout_of(header_of(retention))
    coarsest = layout.rings[-1].step
    oldest = layout.rings[0].oldest(now)
    covered = oldest + -oldest % coarsest
    points = [(one.at, one.value) for one in samples]
    write(fd, layout, [point for point in points if point[0] < covered], now, gather=True)
    if held:
        fill(fd, layout, held)
    write(fd, layout, [point for point in points if point[0] >= covered], now)


def asides(path: Path, word: str) -> Iterator[Path]:
    """`….wsp.damaged-1`, `….wsp.damaged-2` …"""
    number = 1
    while True:
        yield path.with_name(f"{path.name}.{word}-{number}")
        number += 1

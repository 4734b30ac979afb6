"""Bytes onto the disk, so that they are there when a call returns."""

from __future__ import annotations

import errno
import os
from pathlib import Path

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def write_all(fd: int, data: bytes, offset: int) -> None:
    """Write all of it at an offset; OSError where there is no room for some of it."""
    while data:
        written = os.pwrite(fd, data, offset)
        if not written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        data = data[written:]
        offset += written


def make_folders(folder: Path, *, sync: bool = True) -> None:
    """Make a folder and those above it, and see each new one onto the disk."""
    if folder.is_dir():
        return
    make_folders(folder.parent, sync=sync)
    folder.mkdir(mode=0o700, exist_ok=True)
    if sync:
        sync_folder(folder.parent)


def replace(path: Path, data: bytes) -> None:
    """Put a file in the place of another, or of none: after a kill it is the old one or the new one, whole."""
    new = path.with_name(path.name + ".new")
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        write_all(fd, data, 0)
        os.fsync(fd)
    finally:
        os.close(fd)
    new.rename(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """See the names in a folder onto the disk."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def sync_all(folder: Path) -> None:
    """See all that was written to the file system of a folder onto the disk, with syncfs(2): for many files at once."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if libc.syncfs(fd):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    finally:
        os.close(fd)

"""Folders and files that only the user who runs REM can read or change, and that no other user can have put there."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from rem_cli.errors import UntrustedError


def private_folder(path: Path) -> None:
    """Make sure that `path` is a folder of mode 0700 that belongs to us.

    UntrustedError when it is a symbolic link or belongs to another user: whatever is in it may be theirs. OSError when
    it cannot be made.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if own_folder(path).st_mode & 0o077:
        path.chmod(0o700)


def own_folder(path: Path) -> os.stat_result:
    """What `path` is: a folder of ours. UntrustedError when it is a symbolic link or belongs to another user."""
    about = os.lstat(path)
    _check(path, about, stat.S_ISDIR(about.st_mode), "folder")
    return about


def open_private(path: Path, flags: int) -> int:
    """Open a file in a private folder, made with mode 0600 when `flags` say so; a descriptor, never through a link.

    UntrustedError when it is no regular file, belongs to another user, or may be read by others. REM never makes such
    a file, but `git checkout` does, when somebody has committed one in its place.
    """
    try:
        number = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    except OSError:
        if path.is_symlink() or path.exists():
            about = os.lstat(path)
            _check(path, about, stat.S_ISREG(about.st_mode), "regular file")
        raise
    try:
        _check_file(path, os.fstat(number))
    except BaseException:
        os.close(number)
        raise
    return number


def private_file(path: Path, *, make: bool = False) -> None:
    """Hold a file to the same as `open_private` does, and open none that is there already.

    Whoever closes a descriptor of a file gives up every lock that this process has on it (fcntl(2)), also those by
    which SQLite, in another thread, keeps other processes from it. FileNotFoundError, unless it is to be made.
    """
    if make and not os.path.lexists(path):
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    _check_file(path, os.lstat(path))


def _check_file(path: Path, about: os.stat_result) -> None:
    _check(path, about, stat.S_ISREG(about.st_mode), "regular file")
    if about.st_mode & 0o077:
        raise UntrustedError(
            f"{path} was not made by rem: others may read or change it",
            hint=f"if you put it there: chmod go= {path}; else see what did: git log -- {path}",
        )


def _check(path: Path, about: os.stat_result, is_kind: bool, kind: str) -> None:
    if not is_kind:
        raise UntrustedError(f"{path} is no {kind}", hint=f"see what put it there: ls -ld {path}")
    if about.st_uid != os.geteuid():
        raise UntrustedError(
            f"{path} belongs to another user (uid {about.st_uid})",
            hint=f"run rem as its owner, or: chown -R $USER {path}",
        )

"""What was found before, in files that only their owner can write: `.rem/cache/`.

A file that is damaged, from another REM, copied from elsewhere or not ours alone counts as no file. So does a state
folder that is not there: nothing is made that was not made before by somebody who wanted state to be kept.

`verdict-<tree>`: every finding of one tree. `packages-<kind>`: the packages of the last tree of that kind, each with
what its outcome rests on. `heads-<commit>`: the packages of one commit, each with the key of what it says.
`parts-<number>`: what packages say, by these keys.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import rem_cli
from rem_cli.check.sealed import opened, sealed
from rem_cli.errors import RemError
from rem_cli.state.private import open_private, private_folder

MOST_VERDICTS = 32  # files
MOST_BYTES = 64 << 20  # of one file

_MARK = b"rem cache 1\n"
_NUMBERS = 16  # bytes: device and inode of the file itself, so that a copy of it is none


class Cache:
    """Files of one state folder, written by one REM; `rests_on` is what else every answer depends on."""

    def __init__(self, state_folder: Path | None, rests_on: Iterable[Path] = ()) -> None:
        """Without a state folder nothing is kept."""
        self._folder = (state_folder or Path()) / "cache"
        self._usable = state_folder is not None and _ours(state_folder)
        self._head = _MARK + _engine(rests_on) if self._usable else b""

    def get(self, name: str) -> Any:
        """What was put under a name; None when there is nothing to be trusted."""
        if not self._usable:
            return None
        try:
            number = open_private(self._folder / name, os.O_RDONLY)
        except (OSError, RemError):
            return None
        with open(number, "rb", buffering=0) as file:
            about = os.fstat(number)
            content = file.read() if about.st_size <= MOST_BYTES else b""
        head = self._head + _numbers(about)
        return opened(memoryview(content)[len(head) :]) if content.startswith(head) else None

    def put(self, name: str, content: Any) -> None:
        """Keep plain values under a name; nothing happens where that cannot be."""
        body = sealed(content)
        if not self._usable or len(body) > MOST_BYTES:
            return
        new = self._folder / f"{name}.{os.getpid()}.new"
        with suppress(OSError, RemError):
            private_folder(self._folder)
            try:
                number = open_private(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
                with open(number, "wb", buffering=0) as file:
                    file.write(self._head + _numbers(os.fstat(number)) + body)
                new.rename(self._folder / name)
            finally:
                new.unlink(missing_ok=True)
            self._evict(name.partition("-")[0])

    def _evict(self, kind: str) -> None:
        """Of what is kept of single trees drop the oldest, and what a kill left half written."""
        if kind in ("verdict", "heads"):
            known = sorted((path.stat().st_mtime, path) for path in self._folder.glob(f"{kind}-*"))
            for _, path in known[:-MOST_VERDICTS]:
                path.unlink(missing_ok=True)


def _ours(folder: Path) -> bool:
    """Whether a folder is there and nobody else can put anything into it."""
    try:
        about = os.lstat(folder)
    except OSError:
        return False
    return stat.S_ISDIR(about.st_mode) and about.st_uid == os.geteuid() and not about.st_mode & 0o022


def _numbers(about: os.stat_result) -> bytes:
    return b"".join(number.to_bytes(_NUMBERS // 2, "big") for number in (about.st_dev, about.st_ino))


def _engine(rests_on: Iterable[Path]) -> bytes:
    """Which REM this is: its version, its Python, and every file that decides what a package means.

    Libraries do as well: YAML, the time zones. One is put in place of another by a change of the folder they lie in.
    """
    told = [rem_cli.__version__, sys.version]
    libraries = [path for path in sys.path if path.endswith(("site-packages", "dist-packages")) and os.path.isdir(path)]
    told += [f"{path} {os.stat(path).st_mtime_ns}" for path in libraries]
    for folder in (Path(__file__).parent, Path(__file__).parent.parent / "language", *rests_on):
        for where, _, names in sorted(os.walk(folder)):
            for name in sorted(names):
                if name.endswith((".py", ".yaml")):
                    about = os.stat(os.path.join(where, name))
                    told.append(f"{where}/{name} {about.st_size} {about.st_mtime_ns}")
    return hashlib.blake2b("\n".join(told).encode("utf-8", "surrogateescape"), digest_size=16).digest()

"""Why taking a lock need not wait for the disk, although the number of its fence must never come again.

No lease outlives the boot, so a lock that a power cut forgets was free by then in any case. Of the fences, one in so
many is on the disk before anybody has it; and whoever takes the first lock after a boot leaves out more numbers than
can have been given between two of these.
"""

from __future__ import annotations

import os
from pathlib import Path
from threading import get_ident
from typing import TYPE_CHECKING

from rem_cli.state import StoreDown
from rem_cli.state.here import boot, place
from rem_cli.state.private import open_private

if TYPE_CHECKING:
    from rem_cli.state.sqlite.file import StoreFile

UNSYNCED = 100  # fences that one lock may give without a word from the disk
LEAP = 100_000  # numbers that are left out at a boot: those of a thousand locks at once


class Boot:
    """The boot in which a store's last fence was given, in the file at `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._begun = ""  # the boot of which this process knows that it is written down

    def begin(self, file: StoreFile) -> None:
        """See to it that no fence of an earlier boot comes again; nothing to do but once in a boot. StoreDown."""
        now = boot(place())
        if now and self._begun == now:
            return
        try:
            known = self._known()
            if known is not None and known != now:
                with file.writing(ring=False) as database:
                    database.execute("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'value'", (LEAP,))
            if known != now:
                self._write(now)
        except OSError as error:
            words = os.strerror(error.errno or 0).lower()
            raise StoreDown(f"could not write {self._path}: {words}", hint=f"df -h {self._path.parent}") from error
        self._begun = now

    def _known(self) -> str | None:
        """None for a new store, and for one of an older rem, whose fences were all on the disk."""
        try:
            number = open_private(self._path, os.O_RDONLY)
        except FileNotFoundError:
            return None
        with open(number, encoding="utf-8", errors="replace") as told:
            return told.read()

    def _write(self, now: str) -> None:
        """On the disk when it returns: whole, or not at all."""
        new = self._path.with_name(f"{self._path.name}.{os.getpid()}.{get_ident()}")
        with open(open_private(new, os.O_RDWR | os.O_CREAT | os.O_TRUNC), "w", encoding="utf-8") as told:
            told.write(now)
            told.flush()
            os.fsync(told.fileno())
        new.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

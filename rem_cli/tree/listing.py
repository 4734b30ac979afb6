"""What stands below a folder of the work tree, each with a stamp that changes when it does.

The stamp of a folder changes with the names in it (POSIX: mtime and ctime of a directory are marked for update by
whatever makes, renames or removes an entry). So a folder with the stamp of before need not be listed again, and a tree
whose stamps are all the same is the same.
"""

from __future__ import annotations

import stat
from operator import attrgetter
from typing import NamedTuple

from rem_cli.tree import Entry, Kind

# Of `os.stat_result`: mode, size in bytes, mtime and ctime in ns since the epoch, inode.
Stamp = tuple[int, int, int, int, int]
stamp = attrgetter("st_mode", "st_size", "st_mtime_ns", "st_ctime_ns", "st_ino")


class Listing(NamedTuple):
    """Paths below the root with their stamps. As a file counts whatever is no folder, and a submodule."""

    folders: dict[str, Stamp]
    files: dict[str, Stamp]

    def entries(self) -> dict[str, Entry]:
        """What `Tree.entries` tells of it, by path, sorted."""
        return {path: _entry(path, self.files[path]) for path in sorted(self.files)}

    def kinds(self) -> dict[str, str]:
        """What each path is, sorted by path."""
        known = {mode: str(_kind(mode)) for mode in {about[0] for about in self.files.values()}}
        return {path: known[self.files[path][0]] for path in sorted(self.files)}


def _kind(mode: int) -> Kind:
    if stat.S_ISREG(mode):
        return Kind.FILE
    return Kind.LINK if stat.S_ISLNK(mode) else Kind.MODULE if stat.S_ISDIR(mode) else Kind.OTHER


def _entry(path: str, about: Stamp) -> Entry:
    mode, size, *times, inode = about
    kind = _kind(mode)
    if kind is not Kind.FILE:
        return Entry(path, kind, "", 0)
    return Entry(path, kind, "", size, bool(mode & stat.S_IXUSR), (*times, inode))

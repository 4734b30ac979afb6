"""The files as they stand on disk, read so that nothing outside the repository can be reached.

Every folder on the way to a file is opened by itself, by descriptor, and never through a symbolic link: a link that is
put in place after a check meets the same refusal as one that was there before.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from rem_cli.tree import Entry, Kind, TreeError
from rem_cli.tree.limits import check_path, check_sizes

DEEPEST = 64  # folders below each other
MOST = 1_000_000  # entries

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC  # a FIFO must not hold us


class WorkTree:
    """A Tree of the files below `root`, each read anew when it is asked for."""

    commit: str | None = None
    label = "the work tree"

    def __init__(self, root: Path) -> None:
        self._root = root

    def entries(self, under: str = "packages") -> Mapping[str, Entry]:
        """What stands below a folder now. A folder with a `.git` of its own is a submodule; `.git` is not listed."""
        above, _, name = under.rpartition("/")
        try:
            folder = _open_folder(self._root, above)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise _unreadable(under, error) from error
        try:
            found = {entry.path: entry for entry in self._walk(folder, above, name)}
        finally:
            os.close(folder)
        return dict(sorted(found.items()))

    def read(self, path: str) -> bytes:
        return self.read_many([path])[path]

    def read_many(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        contents: dict[str, bytes] = {}
        total = 0
        open_path, open_folder = "", -1  # the last folder stays open, for the next file in it
        try:
            for path in paths:
                check_path(path)
                above, _, name = path.rpartition("/")
                if open_folder < 0 or above != open_path:
                    if open_folder >= 0:
                        os.close(open_folder)
                        open_folder = -1
                    open_folder, open_path = _open_folder(self._root, above), above
                contents[path] = _read(open_folder, name, path, total)
                total += len(contents[path])
        except OSError as error:
            raise _unreadable(path, error) from error
        finally:
            if open_folder >= 0:
                os.close(open_folder)
        return contents

    def _walk(self, folder: int, above: str, only: str) -> Iterator[Entry]:
        """Entries below `folder`, or of its one entry `only`."""
        count = 0
        stack: list[tuple[str, tuple[str, ...]]] = [(above, (only,) if only else ())]
        while stack:
            path, names = stack.pop()
            here = os.dup(folder) if path == above else _open_folder(self._root, path)
            try:
                names = names or tuple(os.listdir(here))
                if path and ".git" in names:
                    yield Entry(path, Kind.MODULE, "", 0)
                    continue
                for name in names:
                    count += 1
                    below = f"{path}/{name}" if path else name
                    entry = _entry(here, name, below)
                    if entry is not None:
                        yield entry
                    elif name != ".git" and below != ".rem":
                        stack.append((below, ()))
                if count > MOST or path.count("/") > DEEPEST:
                    raise TreeError(f"too many files or folders below {path!r}", hint="move them out of the packages")
            except FileNotFoundError:  # the one entry asked for is not there
                continue
            except OSError as error:
                raise _unreadable(path, error) from error
            finally:
                os.close(here)


def _entry(folder: int, name: str, path: str) -> Entry | None:
    """What one name is; None for a folder."""
    about = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if stat.S_ISDIR(about.st_mode):
        return None
    if stat.S_ISREG(about.st_mode):
        return Entry(path, Kind.FILE, "", about.st_size, bool(about.st_mode & stat.S_IXUSR))
    return Entry(path, Kind.LINK if stat.S_ISLNK(about.st_mode) else Kind.OTHER, "", 0)


def _open_folder(root: Path, path: str) -> int:
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for name in filter(None, path.split("/")):
        try:
            below = os.open(name, _FOLDER, dir_fd=folder)
        finally:
            os.close(folder)
        folder = below
    return folder


def _read(folder: int, name: str, path: str, before: int) -> bytes:
    number = os.open(name, _FILE, dir_fd=folder)
    with open(number, "rb", buffering=0) as file:
        about = os.fstat(number)
        if not stat.S_ISREG(about.st_mode):
            raise TreeError(f"{path!r} is no regular file", where=path)
        check_sizes(path, about.st_size, before)
        return file.read(about.st_size)  # one that grows meanwhile is read as long as it was


def _unreadable(path: str, error: OSError) -> TreeError:
    if isinstance(error, FileNotFoundError):
        return TreeError(f"there is no file {path!r} in the work tree", where=path)
    if error.errno in (errno.ELOOP, errno.ENOTDIR):
        return TreeError(f"{path!r} is, or lies behind, a symbolic link or a file; neither is followed", where=path)
    return TreeError(f"could not read {path!r} in the work tree: {os.strerror(error.errno or 0).lower()}", where=path)

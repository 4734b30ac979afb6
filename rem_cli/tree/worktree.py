"""The files as they stand on disk, read so that nothing outside the repository can be reached.

Every folder on the way to a file is opened by itself, by descriptor, and never through a symbolic link: a link that is
put in place after a check meets the same refusal as one that was there before.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from rem_cli.tree import Entry, TreeError
from rem_cli.tree.limits import check_path, check_sizes
from rem_cli.tree.listing import Listing, Stamp, stamp

DEEPEST = 64  # folders below each other
MOST = 1_000_000  # entries

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC  # a FIFO must not hold us


def find_root(start: Path) -> Path:
    """The nearest folder at or above `start` that holds `.git`; TreeError when there is none."""
    here = start.resolve()
    for folder in (here, *here.parents):
        if (folder / ".git").exists():
            return folder
    raise TreeError(f"{here} is not in a git repository", hint="rem init")


class WorkTree:
    """A Tree of the files below `root`, each read anew when it is asked for."""

    commit: str | None = None
    label = "the work tree"

    def __init__(self, root: Path) -> None:
        self._root = root

    def entries(self, under: str = "packages") -> Mapping[str, Entry]:
        """What stands below a folder now. A folder with a `.git` of its own is a submodule; `.git` is not listed."""
        return self.listing(under=under).entries()

    def listing(self, before: Listing | None = None, *, under: str = "packages") -> Listing:
        """The same with stamps. Of a folder with the stamp that it had `before`, no name is read again."""
        above, _, name = under.rpartition("/")
        try:
            folder = _open_folder(self._root, above)
        except FileNotFoundError:
            return Listing({}, {})
        except OSError as error:
            raise _unreadable(under, error) from error
        try:
            found = self._again(folder, before) if before and before.folders and not above else None
            if found is None:
                found = Listing({}, {})
                self._list(folder, above, name, found)
        finally:
            os.close(folder)
        return found

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

    def _again(self, root: int, before: Listing) -> Listing | None:
        """What stands there now, by the names of `before`; None where folders came, went or became something else."""
        try:
            folders = _stamps(root, before.folders)
            changed = {path for path, now in folders.items() if now != before.folders[path]}
            if not changed:
                return Listing(folders, _stamps(root, before.files))
            files = _stamps(root, (path for path in before.files if path.rpartition("/")[0] not in changed))
            for path in changed:
                inner = {one for one in before.folders if one.rpartition("/")[0] == path}
                if not self._names(path, inner, files):
                    return None
        except OSError:
            return None
        return Listing(folders, files)

    def _names(self, path: str, inner: set[str], files: dict[str, Stamp]) -> bool:
        """Add the files of one folder; whether the folders in it are still the `inner` ones."""
        folder = _open_folder(self._root, path)
        try:
            names = os.listdir(folder)
            found = {f"{path}/{name}": about for name, about in _stamps(folder, names).items()}
        finally:
            os.close(folder)
        below = {one for one, about in found.items() if stat.S_ISDIR(about[0])}
        files.update((one, about) for one, about in found.items() if one not in below)
        return below == inner and ".git" not in names

    def _list(self, folder: int, path: str, only: str, found: Listing) -> None:
        """Add what stands below an open folder, or its one entry `only`."""
        try:
            if path.count("/") > DEEPEST or len(found.files) > MOST:
                raise TreeError(f"too many files or folders below {path!r}", hint="move them out of the packages")
            here = stamp(os.fstat(folder))  # before the names: what comes later gives it another one
            names = [only] if only else os.listdir(folder)
            if path and ".git" in names:
                found.files[path] = here
                return
            if not only:
                found.folders[path] = here
            for name in names:
                below = f"{path}/{name}" if path else name
                try:
                    about = os.stat(name, dir_fd=folder, follow_symlinks=False)
                except FileNotFoundError:
                    continue
                if not stat.S_ISDIR(about.st_mode):
                    found.files[below] = stamp(about)
                elif name != ".git" and below != ".rem":
                    inner = os.open(name, _FOLDER, dir_fd=folder)
                    try:
                        self._list(inner, below, "", found)
                    finally:
                        os.close(inner)
        except OSError as error:
            raise _unreadable(path, error) from error


def _stamps(folder: int, paths: Iterable[str]) -> dict[str, Stamp]:
    """Stamps by path below an open folder. OSError."""
    look, wanted = os.stat, list(paths)
    return dict(zip(wanted, [stamp(look(path, dir_fd=folder, follow_symlinks=False)) for path in wanted], strict=True))


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

"""The files that an import reads: what was named, and what lies below its folder; no device, and no link away."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from rem_cli.importers.sources import MAX_FILE, MAX_FILES, Refused, Sources


def open_sources(names: Sequence[str]) -> Sources:
    """The sources that were typed; a folder stands for the files directly in it. Refused."""
    given: list[tuple[str, str]] = []
    for name in names:
        path = os.path.abspath(name)  # noqa: PTH100 (a link is what its name says until it is read)
        if os.path.isdir(path):
            inside = sorted(one for one in _entries(path) if not one.startswith(".") and not one.endswith("~"))
            found = [one for one in inside if os.path.isfile(os.path.join(path, one))]
            if not found:
                raise Refused(f"there is no file in the folder {name}")
            given += [(os.path.join(path, one), os.path.join(name, one)) for one in found]
        else:
            given.append((path, name))
    typed = dict(given)
    roots = [os.path.realpath(os.path.dirname(path)) for path in typed]

    def fetch(path: str) -> bytes:
        real = os.path.realpath(path)
        if path not in typed and not any(Path(real).is_relative_to(root) for root in roots):
            raise Refused("a symbolic link leads out of the given files' folders")
        return _bytes(path, typed.get(path, path))

    return Sources(given, fetch, _below)


def _entries(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError as error:
        raise Refused(f"could not read the folder: {_words(error)}", where=folder) from error


def _below(folder: str) -> list[str]:
    """Every file below a folder; folders behind symbolic links are not entered."""
    found: list[str] = []
    for root, folders, files in os.walk(folder):
        folders.sort()
        found += [os.path.join(root, name) for name in sorted(files)]
        if len(found) > MAX_FILES:
            raise Refused(f"more than {MAX_FILES:,} files below this folder")
    return found


def _bytes(path: str, name: str) -> bytes:
    try:
        number = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with open(number, "rb") as file:
            if not stat.S_ISREG(os.fstat(number).st_mode):
                raise Refused("this is no regular file", where=name)
            return file.read(MAX_FILE + 1)
    except OSError as error:
        raise Refused(f"could not be read: {_words(error)}", where=name) from error


def _words(error: OSError) -> str:
    return os.strerror(error.errno or 0).lower()

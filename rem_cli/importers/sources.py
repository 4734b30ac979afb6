"""The texts of an import: the given files, and what they include below the given files' folders, within a budget."""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rem_cli.errors import RemError

MAX_FILE = 5 << 20  # bytes of one file
MAX_ALL = 20 << 20  # bytes of all files
MAX_LINE = 65_536  # characters; nobody writes or reads a longer one
MAX_FILES = 2_000  # given and included


class Refused(RemError):
    """A source that is not read, and why."""

    code = "refused-source"


@dataclass(frozen=True)
class Text:
    """One source: its path, how it is called in messages, and what it holds."""

    path: str  # absolute
    name: str  # as typed, or below the folder as typed
    content: str

    @property
    def lines(self) -> list[str]:
        """The lines without their ends; line 1 is the first."""
        return [line.removesuffix("\r") for line in self.content.split("\n")]

    @property
    def folder(self) -> str:
        return posixpath.dirname(self.path)


class Sources:
    """The given files, and a reader of files beside them.

    `given` are absolute paths with the names they were typed by. `fetch` gives a file's bytes and `listing` the paths
    of all files below a folder; both raise Refused.
    """

    def __init__(
        self,
        given: Sequence[tuple[str, str]],
        fetch: Callable[[str], bytes],
        listing: Callable[[str], Sequence[str]],
    ) -> None:
        self._fetch = fetch
        self._listing = listing
        self._roots = {posixpath.dirname(path): posixpath.dirname(name) for path, name in given}
        self._seen: set[str] = set()
        self._bytes = 0
        self.given: list[Text] = []
        for path, name in given:
            if path not in self._seen:
                self.given.append(self._read(path, name))

    def follow(self, target: str, folder: str) -> Text:
        """A file that a source names, relative to `folder`; Refused with the reason when it is not read."""
        path = self.within(target, folder)
        if path in self._seen:
            raise Refused("it was read already")
        return self._read(path, self._shown(path))

    def below(self, target: str, folder: str, pattern: str = "*") -> list[str]:
        """Paths of the files below a folder that a source names, sorted, whose names match; Refused."""
        root = self.within(target, folder)
        return sorted(path for path in self._listing(root) if fnmatch.fnmatchcase(posixpath.basename(path), pattern))

    def matching(self, pattern: str, folder: str) -> list[str]:
        """Paths that a shell pattern means, sorted; `*` does not match `/`. Refused."""
        whole = posixpath.normpath(posixpath.join(folder, pattern))
        fixed = posixpath.dirname(whole)
        while any(sign in fixed for sign in "*?["):
            fixed = posixpath.dirname(fixed)
        depth = whole.count("/")
        found = self._listing(self.within(fixed, "/"))
        return sorted(path for path in found if path.count("/") == depth and _matches(path, whole))

    def is_read(self, path: str) -> bool:
        return path in self._seen

    def within(self, target: str, folder: str) -> str:
        """The absolute path of what a source names; Refused when it is outside of the given files' folders."""
        if "\0" in target:
            raise Refused("its name holds a NUL character")
        path = posixpath.normpath(posixpath.join(folder, target))
        if not any(path == root or path.startswith(root.rstrip("/") + "/") for root in self._roots):
            raise Refused("it is outside of the given files' folders; give it as a FILE of its own")
        return path

    def _shown(self, path: str) -> str:
        root = max((root for root in self._roots if path.startswith(root.rstrip("/") + "/")), key=len)
        return posixpath.join(self._roots[root], posixpath.relpath(path, root))

    def _read(self, path: str, name: str) -> Text:
        if len(self._seen) >= MAX_FILES:
            raise Refused(f"more than {MAX_FILES:,} files", where=name)
        self._seen.add(path)
        raw = self._fetch(path)
        self._bytes += len(raw)
        if len(raw) > MAX_FILE:
            raise Refused(f"the file has {len(raw):,} bytes, more than {MAX_FILE >> 20} MiB", where=name)
        if self._bytes > MAX_ALL:
            raise Refused(f"the files have more than {MAX_ALL >> 20} MiB together", where=name)
        return Text(path, name, _decoded(raw, name))


def _matches(path: str, pattern: str) -> bool:
    parts = zip(path.split("/"), pattern.split("/"), strict=True)
    return all(fnmatch.fnmatchcase(part, one) for part, one in parts)


def _decoded(raw: bytes, name: str) -> str:
    if raw.startswith(b"\x7fELF"):
        raise Refused("this is a program; an import executes nothing", where=name)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        found = f"byte 0x{raw[error.start]:02x} in line {line} is not UTF-8"
        raise Refused(found, hint="save the file as UTF-8", where=name) from None
    long = next((number for number, row in enumerate(text.split("\n"), 1) if len(row) > MAX_LINE), None)
    if long is not None:
        raise Refused(f"line {long} has more than {MAX_LINE:,} characters", where=name)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise Refused(f"there is a NUL byte in line {line}", hint="is this a text file?", where=name)
    return text

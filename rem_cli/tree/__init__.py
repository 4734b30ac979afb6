"""The repository as {path: bytes} at a revision, or as the work tree stands: the contract, and what is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple, Protocol

from rem_cli.errors import RemError

LOCK = "rem.lock"  # names the packages of other repositories that one takes in
VENDOR = "vendor/packages"  # where copies of them lie


class TreeError(RemError):
    """The repository could not be read."""

    code = "tree"


class Kind(StrEnum):
    FILE = "file"
    LINK = "symbolic link"
    MODULE = "submodule"
    OTHER = "neither a file nor a folder"  # a FIFO, device or socket in the work tree


class Entry(NamedTuple):
    """One path below the root. Folders are not listed."""

    path: str  # "packages/shop/package.yaml"; always `/`, never a leading one
    kind: Kind
    blob: str  # git's id of the content: 40 or 64 hex digits; "" in the work tree until it is asked for
    size: int  # bytes; 0 where unknown
    executable: bool = False
    stamp: tuple[int, ...] = ()  # in the work tree: changes when the file does (mtime and ctime in ns, inode)


class Commit(NamedTuple):
    id: str  # full
    parents: tuple[str, ...]
    author: str  # "Ana <ana@example.org>"
    at: float  # committer time, seconds since the epoch
    subject: str


class Link(NamedTuple):
    """A commit as a part of history."""

    id: str  # full
    parents: tuple[str, ...]


class Tree(Protocol):
    """Files at one moment."""

    commit: str | None  # full id; None for the work tree
    label: str  # for people: "a3f9c2e", "the work tree"

    def entries(self, under: str = "packages") -> Mapping[str, Entry]:
        """Everything below a folder, by path, sorted. Symbolic links and submodules are listed, never followed."""

    def read(self, path: str) -> bytes:
        """A file's bytes. TreeError when there is none, when it is no regular file, or over 64 MiB."""

    def read_many(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """Many files in one go."""

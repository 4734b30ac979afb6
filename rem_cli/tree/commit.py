"""The files of one commit, read as blobs.

They come from two commands, whatever their number: one listing, one `git cat-file --batch` (its protocol:
git-cat-file(1), BATCH OUTPUT). Each content is hashed again, so that a tree is what its commit id says or an error.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping

from rem_cli.tree import Commit, Entry, Kind, TreeError
from rem_cli.tree.command import Git
from rem_cli.tree.limits import READ_LIMIT, check_path, check_sizes

LISTING_LIMIT = 64 << 20  # bytes of one listing: some 500,000 files

_KINDS = {"100644": Kind.FILE, "100755": Kind.FILE, "100664": Kind.FILE, "120000": Kind.LINK, "160000": Kind.MODULE}


class CommitTree:
    """A Tree of the blobs of one commit; it never changes."""

    def __init__(self, git: Git, commit: Commit) -> None:
        self.commit: str | None = commit.id
        self.label = commit.id[:7]
        self._id = commit.id
        self._git = git
        self._listed: dict[str, Mapping[str, Entry]] = {}

    def entries(self, under: str = "packages") -> Mapping[str, Entry]:
        if under not in self._listed:
            self._listed[under] = self._list(under)
        return self._listed[under]

    def read(self, path: str) -> bytes:
        return self.read_many([path])[path]

    def read_many(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        wanted = [self._entry(path) for path in dict.fromkeys(paths)]
        total = 0
        for entry in wanted:
            check_sizes(entry.path, entry.size, total)
            total += entry.size
        asked = "".join(f"{entry.blob}\n" for entry in wanted).encode("ascii")
        answer = self._git.run("cat-file", "--batch", stdin=asked, limit=READ_LIMIT + 100 * len(wanted)).out
        contents: dict[str, bytes] = {}
        at = 0
        for entry in wanted:
            start = answer.find(b"\n", at) + 1
            header = answer[at:start].split()
            content = answer[start : start + entry.size]
            if header[1:2] != [b"blob"] or blob_id(content, len(self._id)) != entry.blob:
                raise TreeError(f"the content of {entry.path!r} at {self.label} is missing or damaged", hint="git fsck")
            contents[entry.path] = content
            at = start + entry.size + 1
        return contents

    def _entry(self, path: str) -> Entry:
        check_path(path)
        for listed in self._listed.values():
            if path in listed:
                entry = listed[path]
                break
        else:
            found = self._list(path)
            if path not in found:
                raise TreeError(f"there is no file {path!r} at {self.label}", where=path)
            entry = found[path]
        if entry.kind is not Kind.FILE:
            raise TreeError(f"{path!r} at {self.label} is a {entry.kind}, which is not followed", where=path)
        return entry

    def _list(self, under: str) -> Mapping[str, Entry]:
        words = ("ls-tree", "-r", "-l", "-z", "--full-tree", self._id, "--", *([under] if under else []))
        answer = self._git.run(*words, limit=LISTING_LIMIT)
        entries = {}
        for line in answer.out.split(b"\0")[:-1]:
            about, _, name = line.partition(b"\t")
            mode, _, blob, size = about.decode("ascii").split()
            path = os.fsdecode(name)
            check_path(path)
            kind = _KINDS.get(mode, Kind.OTHER)
            entries[path] = Entry(path, kind, blob, int(size) if size.isdigit() else 0, mode == "100755")
        return dict(sorted(entries.items()))


def blob_id(content: bytes, digits: int) -> str:
    """Git's id of a file's content (gitformat-pack: sha1 of 40 hex digits, or sha256 of 64, over a header and it)."""
    algorithm = hashlib.sha256 if digits == 64 else hashlib.sha1
    return algorithm(b"blob %d\0%b" % (len(content), content)).hexdigest()

"""What no tree gives out, wherever it reads from: paths that lead away, and more bytes than packages need."""

from __future__ import annotations

from rem_cli.tree import TreeError

FILE_LIMIT = 64 << 20  # bytes of one file
READ_LIMIT = 512 << 20  # bytes of all files read in one go


def check_path(path: str) -> None:
    """TreeError unless `path` is one that git itself would put into a work tree: relative, plain, outside of `.git`."""
    names = path.split("/")
    if "\0" in path or any(name in ("", ".", "..") or name.lower() == ".git" for name in names):
        raise TreeError(f"{path!r} is not a path inside the repository", where=path)


def check_sizes(path: str, size: int, before: int) -> None:
    """TreeError when a file of `size` bytes is too large, by itself or after the `before` bytes read already."""
    if size > FILE_LIMIT:
        raise TreeError(f"{path!r} has {size >> 20} MiB, more than {FILE_LIMIT >> 20}", where=path)
    if before + size > READ_LIMIT:
        raise TreeError(
            f"the files to read have more than {READ_LIMIT >> 20} MiB together", hint="keep data out of the packages"
        )

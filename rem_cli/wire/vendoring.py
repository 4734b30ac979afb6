"""Makes `vendor/packages/` hold the files of the packages that the lock names, and nothing else."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rem_cli.errors import GuardedError, RemError
from rem_cli.language.lock import Locked
from rem_cli.plan.fetching import fetch
from rem_cli.plan.packages import held_files
from rem_cli.tree import VENDOR, Entry, Tree
from rem_cli.tree.write import write_atomically

if TYPE_CHECKING:
    from rem_cli.wire.reading import Reading


@dataclass(frozen=True)
class Vendored:
    """Paths that were written and taken away."""

    wrote: tuple[str, ...]
    removed: tuple[str, ...]
    packages: int


def vendor(rem: Reading, locked: Mapping[str, Locked]) -> Vendored:
    """Write what differs. GuardedError when a file would be lost that no commit has, or a link leads elsewhere."""
    tree = rem.repository.worktree()
    wanted: dict[str, tuple[bytes, bool]] = {}
    for one in locked.values():
        for path, (entry, content) in _files(rem, tree, one).items():
            inner = path.removeprefix(f"{VENDOR}/").removeprefix("packages/")
            wanted[f"{VENDOR}/{inner}"] = content, entry.executable
    there = tree.entries(VENDOR)
    contents = tree.read_many([path for path in wanted if path in there])
    stale = [path for path in there if path not in wanted]
    differing = [
        path
        for path, (content, executable) in wanted.items()
        if path not in there or (contents[path], there[path].executable) != (content, executable)
    ]
    lost = [*stale, *(path for path in differing if path in there)]
    _refuse_uncommitted(rem, lost)
    for path in [*stale, *differing]:
        _refuse_link(rem.root, path)
    for path in lost:
        _remove(rem.root, path)
    for path in differing:
        content, executable = wanted[path]
        (rem.root / path).parent.mkdir(parents=True, exist_ok=True)
        write_atomically(rem.root / path, content, mode=0o777 if executable else 0o666)
    return Vendored(tuple(differing), tuple(stale), len(locked))


def _files(rem: Reading, tree: Tree, one: Locked) -> Mapping[str, tuple[Entry, bytes]]:
    """A package's files: the copies, when they are what is locked already, so that nobody is asked."""
    try:
        return held_files(tree, one, VENDOR)
    except RemError:
        fetch(rem.elsewhere.remotes, {one.name: one})
        return held_files(rem.elsewhere.remotes.at(one.git, one.commit), one)


def _refuse_uncommitted(rem: Reading, paths: Collection[str]) -> None:
    if not paths:
        return
    try:
        changed = set(rem.repository.changed(rem.repository.resolve(), VENDOR))
    except RemError:  # there is no commit yet
        changed = set(paths)
    if lost := sorted(changed & set(paths)):
        raise GuardedError(
            f"{lost[0]} is in no commit and would be lost; nothing was written",
            hint=f"commit it, or take it away: rm -r {VENDOR}",
        )


def _refuse_link(root: Path, path: str) -> None:
    for above in Path(path).parents:
        if (root / above).is_symlink():
            raise GuardedError(f"{above} is a symbolic link; nothing was written", hint=f"ls -ld {above}")


def _remove(root: Path, path: str) -> None:
    """Take a file away, and the folders that are empty then."""
    (root / path).unlink()
    for above in Path(path).parents:
        if above == Path(VENDOR) or any((root / above).iterdir()):
            break
        (root / above).rmdir()

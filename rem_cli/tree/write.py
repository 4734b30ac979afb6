"""The few things that REM writes: a new repository, a commit of the demonstration, a file as a whole."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path

from rem_cli.tree import TreeError
from rem_cli.tree.command import Git, without_git_variables


def init(root: Path) -> None:
    """Make a git repository with the branch `main`; nothing happens where one is already."""
    if (root / ".git").exists():
        return
    import git

    root.mkdir(parents=True, exist_ok=True)
    try:
        with without_git_variables():
            git.Git(root.resolve()).init(initial_branch="main")  # Repo.init would expand a `$` in the folder's name
    except git.GitError as error:
        raise TreeError(f"could not make a repository in {root}: {_words(error)}") from error


def commit_all(root: Path, message: str, author: str) -> str:
    """Commit every file that git does not ignore, as `author` ("Ana <ana@example.org>"); the new commit's full id.

    No hook, no filter, no signing.
    """
    import git

    listing = Git(root.resolve()).run("ls-files", "-z", "--cached", "--others", "--exclude-standard").out
    listed = {os.fsdecode(path) for path in listing.split(b"\0")[:-1]}
    present = sorted(path for path in listed if os.path.lexists(root / path))
    name, _, address = author.partition(" <")
    actor = git.Actor(name, address.rstrip(">"))
    try:
        with without_git_variables(), git.Repo(root.resolve(), expand_vars=False) as repository:
            repository.index.add(present)
            if gone := sorted(listed - set(present)):
                repository.index.remove(gone)
            return repository.index.commit(message, author=actor, committer=actor, skip_hooks=True).hexsha
    except git.GitError as error:
        raise TreeError(f"could not commit in {root}: {_words(error)}") from error


def write_atomically(path: Path, content: bytes, *, mode: int = 0o666) -> None:
    """Make `path` hold `content`, whole or not at all, also when the machine dies meanwhile.

    An existing file keeps its permissions; a new one gets `mode` less the umask. Neither a symbolic link nor anything
    else that is no regular file is written through or replaced: TreeError.
    """
    try:
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        _replace(folder, path, content, mode)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        os.close(folder)


def _replace(folder: int, path: Path, content: bytes, mode: int) -> None:
    old = _permissions(folder, path)
    beside = f".{path.name[:200]}.{secrets.token_hex(4)}"
    number = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode, dir_fd=folder)
    try:
        with open(number, "wb") as file:
            if old is not None:
                os.fchmod(number, old)
            file.write(content)
            file.flush()
            os.fsync(number)
        os.rename(beside, path.name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(beside, dir_fd=folder)
        raise
    os.fsync(folder)


def _permissions(folder: int, path: Path) -> int | None:
    try:
        about = os.stat(path.name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(about.st_mode):
        raise TreeError(f"{path} is no regular file and was left as it is", where=str(path))
    return stat.S_IMODE(about.st_mode)


def _unwritable(path: Path, error: OSError) -> TreeError:
    return TreeError(f"could not write {path}: {os.strerror(error.errno or 0).lower()}", where=str(path))


def _words(error: Exception) -> str:
    return " ".join(str(error).split())

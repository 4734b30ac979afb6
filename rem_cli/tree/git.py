"""A git repository: its commits, and its files at one of them or as they stand."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from rem_cli.tree import Commit, Kind, Link, Tree, TreeError, signature
from rem_cli.tree.command import Git
from rem_cli.tree.commit import CommitTree, blob_id
from rem_cli.tree.worktree import WorkTree

FOLDER = "signers"  # whose files say who may sign the next commit
_FORMAT = "%H%x00%P%x00%an <%ae>%x00%ct%x00%s"
_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_UNSTEADY = re.compile(r"[\x00-\x20\x7f:*?\[\\]|@\{|\^\{/|^-|^$")  # no ref name, or one that names by chance


class GitRepository:
    """The repository whose `.git` lies in `root`. No program but a hardened `git` is run, and nothing is written."""

    def __init__(self, root: Path, git: Git | None = None) -> None:
        """`git` is how it is asked, where that is not the plain way."""
        self.root = root.resolve()
        self._git = git or Git(self.root)

    def resolve(self, rev: str = "HEAD") -> Commit:
        """The commit that a branch, tag or commit id names now; TreeError when none or more than one could be meant.

        Searches (`:/text`) and what depends on the reflog (`@{-1}`) are refused: they name by chance.
        """
        if _UNSTEADY.search(rev):
            raise TreeError(f"{rev!r} does not name one commit", hint="give a branch, a tag or a commit id")
        answer = self._git.run(
            "rev-parse", "--verify", "--end-of-options", f"{rev}^{{commit}}", accept=(0, 128), limit=1 << 16
        )
        if answer.status != 0:
            raise self._unresolved(rev)
        if "is ambiguous" in answer.err and not _ID.fullmatch(rev):
            raise TreeError(
                f"{rev!r} names more than one thing", hint=f"say which: refs/heads/{rev}, refs/tags/{rev} or a full id"
            )
        return self._commits(answer.out.decode("ascii").strip(), 1)[0]

    def at(self, commit: Commit) -> Tree:
        """The files at a commit."""
        return CommitTree(self._git, commit)

    def worktree(self) -> Tree:
        """The files as they stand."""
        return WorkTree(self.root)

    def log(self, limit: int, under: str = "packages") -> list[Commit]:
        """The last commits of the present branch that changed something below a folder, newest first."""
        return self._commits(self.resolve().id, limit, under)

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether commit `new` descends from commit `old` (full ids), or is it.

        TreeError when a shallow clone has not the history to tell.
        """
        for commit in (old, new):
            if not _ID.fullmatch(commit):
                raise TreeError(f"{commit!r} is not a full commit id")
        if self._git.run("merge-base", "--is-ancestor", old, new, accept=(0, 1, 128)).status == 0:
            return True
        if self._shallow():
            raise TreeError(f"the history of {self.root} is cut off (shallow clone)", hint="git fetch --unshallow")
        return False

    def identity(self, commit: str) -> str:
        """What names this repository in every clone of it: the first commit from which `commit` (full id) descends.

        TreeError for a shallow clone, which does not have it.
        """
        if self._shallow():
            raise TreeError(f"the history of {self.root} is cut off (shallow clone)", hint="git fetch --unshallow")
        return (
            self._git.run("rev-list", "--max-parents=0", "--first-parent", "--end-of-options", commit)
            .out.decode("ascii")
            .split()[0]
        )

    def between(self, old: str, new: str) -> list[Link]:
        """Every commit that `new` has and `old` has not (full ids), parents first."""
        answer = self._git.run("rev-list", "--topo-order", "--reverse", "--parents", "--end-of-options", new, f"^{old}")
        return [
            Link(words[0], tuple(words[1:]))
            for row in answer.out.decode("ascii").splitlines()
            if (words := row.split())
        ]

    def signers(self, commit: str) -> dict[str, bytes]:
        """The files of `signers/` at a commit, by name."""
        tree = CommitTree(self._git, self.resolve(commit))
        files = {path: entry for path, entry in tree.entries(FOLDER).items() if entry.kind is Kind.FILE}
        contents = tree.read_many(path for path in files if path.count("/") == 1)
        return {path.rpartition("/")[2]: content for path, content in contents.items()}

    def signer(self, commit: str, signers: Mapping[str, bytes]) -> str:
        """Who signed a commit, with the key; UntrustedError when it is nobody of `signers`."""
        found = self.resolve(commit)
        signed = signature.part(self._git.run("cat-file", "commit", found.id).out)
        who = signature.verify(signed, signers, found.at)
        return f"{who.who} ({who.key})"

    def changed(self, commit: Commit, under: str = "packages") -> list[str]:
        """Paths whose work tree content, kind or executable bit differs from the commit; files git ignores left out.

        Compared by hashing the files here: `git status` would run filters and file system monitors.
        """
        then, now = self.at(commit).entries(under), self.worktree().entries(under)
        added = now.keys() - then.keys()
        differing = (then.keys() - now.keys()) | (added - self._ignored(added))
        same_size = []
        for path in then.keys() & now.keys():
            old, new = then[path], now[path]
            if (old.kind, old.executable) != (new.kind, new.executable):
                differing.add(path)
            elif old.kind is Kind.FILE:
                if old.size == new.size:
                    same_size.append(path)
                else:
                    differing.add(path)
        for path, content in self.worktree().read_many(sorted(same_size)).items():
            if blob_id(content, len(commit.id)) != then[path].blob:
                differing.add(path)
        return sorted(differing)

    def _ignored(self, paths: Iterable[str]) -> set[str]:
        asked = b"".join(os.fsencode(f"./{path}") + b"\0" for path in sorted(paths))
        if not asked:
            return set()
        answer = self._git.run("check-ignore", "--no-index", "-z", "--stdin", stdin=asked, accept=(0, 1))
        return {os.fsdecode(path).removeprefix("./") for path in answer.out.split(b"\0")[:-1]}

    def _commits(self, id: str, limit: int, *paths: str) -> list[Commit]:
        options = ("--no-commit-header", "--encoding=UTF-8", f"--format={_FORMAT}", f"--max-count={limit}")
        answer = self._git.run("rev-list", *options, "--end-of-options", id, "--", *paths)
        commits = []
        for line in answer.out.decode(errors="replace").split("\n")[:-1]:
            commit, parents, author, at, subject = line.split("\0")
            commits.append(Commit(commit, tuple(parents.split()), author, float(at), subject))
        return commits

    def _shallow(self) -> bool:
        return self._git.run("rev-parse", "--is-shallow-repository").out.strip() == b"true"

    def _unresolved(self, rev: str) -> TreeError:
        if self._git.run("rev-list", "--max-count=1", "--all", limit=1 << 16).out == b"":
            return TreeError(f"{self.root} has no commit yet", hint="git add --all && git commit -m 'first packages'")
        if self._shallow():
            return TreeError(f"{rev!r} is not in this shallow clone", hint="git fetch --unshallow")
        return TreeError(f"there is no revision {rev!r} in {self.root}", hint="git log --oneline --all")

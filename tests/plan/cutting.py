"""Applies a catalog again and again, killed a little later each time; `python -m tests.plan.cutting FOLDER [back]`.

Cut points: before each call that reaches the file system (open, write, fsync, rename, mkdir, remove, lock …) on the way
from taking the lock to the last line of the audit. `FOLDER/.rem` is copied to `FOLDER/<n>/.rem`, where the n-th try is
killed at its n-th call.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path
from types import FrameType

from rem_cli.clock import SystemClock
from rem_cli.plan.apply import apply
from rem_cli.plan.audit import Audit
from rem_cli.plan.generations import Generations
from rem_cli.plan.rollback import rollback, target
from rem_cli.tree.git import GitRepository
from tests.plan.shop import CLEAN, RESTART, resolution

CALLS = {
    "open",
    "write",
    "fsync",
    "rename",
    "mkdir",
    "rmdir",
    "unlink",
    "flock",
    "ftruncate",
    "pwrite",
    "close",
    "chmod",
}
SCRIPT = "packages/shop/run.sh"


def apply_once(root: Path, checkout: Path) -> None:
    """The change that is cut: a new item and a new script."""
    repository = GitRepository(checkout)
    commit = repository.resolve()
    resolved = resolution(RESTART, CLEAN, scripts=[SCRIPT])
    clock = SystemClock()
    tree = repository.at(commit)
    tree.read_many(tree.entries())
    cut_from_here(int(root.parent.name))
    apply(resolved, tree, commit, Generations(root), Audit(root, clock), clock, who="bo")


def back_once(root: Path, checkout: Path) -> None:
    """A rollback that is cut."""
    generations = Generations(root)
    clock = SystemClock()
    to = target(generations, None)
    cut_from_here(int(root.parent.name))
    rollback(to, generations, Audit(root, clock), clock, who="bo")


def cut_from_here(after: int) -> None:
    seen = 0

    def count(frame: FrameType, event: str, arg: object) -> None:
        nonlocal seen
        if event == "c_call" and getattr(arg, "__name__", "") in CALLS:
            seen += 1
            if seen == after:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(count)


def main(folder: Path, what: str) -> None:
    for cut in range(1, 1000):
        root = folder / str(cut) / ".rem"
        shutil.copytree(folder / ".rem", root)
        child = os.fork()
        if child == 0:
            {"apply": apply_once, "back": back_once}[what](root, folder)
            sys.setprofile(None)
            os._exit(0)
        if os.waitpid(child, 0)[1] == 0:
            print(cut)
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]), (sys.argv[2:] or ["apply"])[0])

"""Children that write series and are killed; run as a program of its own, because only a single thread may fork.

python -m tests.series.cutting cut FOLDER CALL     a child for each call of os.CALL, killed just before it
python -m tests.series.cutting together FOLDER     eight writers of one series at once
python -m tests.series.cutting full FOLDER         one with no room; prints what it is told
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType

from rem_cli.series import Aggregate, Archive, Point, Retention, SeriesError
from rem_cli.series.whisper import WhisperStore

NOW = 1_700_000_000
RETENTION = Retention((Archive(60, 3600), Archive(300, 86400), Archive(3600, 864000)), Aggregate.SUM)
# Gaps, two archives, the ring's end: many separate writes.
POINTS = [Point(NOW - 60 * age, float(age)) for age in (0, 1, 2, 5, 6, 20, 50, 51, 55, 100, 101, 190)]


def add(root: Path) -> None:
    WhisperStore(root).add("b/a", POINTS, retention=RETENTION, now=NOW)


def cut(folder: Path, call: str) -> None:
    """From FOLDER/start make FOLDER/0, FOLDER/1 …, each cut one call later; the last one got through."""
    for nth in range(200):
        root = folder / str(nth)
        shutil.copytree(folder / "start", root)
        child = os.fork()
        if not child:
            kill_before(os, call, nth)
            add(root)
            os._exit(0)
        if not os.WIFSIGNALED(os.waitpid(child, 0)[1]):
            return


def kill_before(module: ModuleType, call: str, nth: int) -> None:
    real, left = getattr(module, call), [nth]

    def counted(*args: object, **kwargs: object) -> object:
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **kwargs)

    setattr(module, call, counted)


def results(folder: Path) -> list[Path]:
    """The folders of the children, in the order of their cuts; the last one was not cut."""
    return sorted((each for each in folder.iterdir() if each.name.isdigit()), key=lambda each: int(each.name))


def together(folder: Path) -> None:
    children = []
    for writer in range(8):
        child = os.fork()
        if not child:
            store = WhisperStore(folder)
            for turn in range(5):
                store.add("a", [Point(NOW - 60 * (8 * turn + writer), 1.0)], retention=RETENTION, now=NOW)
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 8


def full(folder: Path) -> None:
    """The kernel itself refuses: a limit on the size of files stands for the end of the disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
    try:
        add(folder)
    except SeriesError as error:
        print(error.message, error.hint, sep="\n")


def run(*words: object) -> str:
    """Run this module as a program and give what it prints."""
    command = [sys.executable, "-m", "tests.series.cutting", *map(str, words)]
    top = Path(__file__).parents[2]
    return subprocess.run(command, cwd=top, check=True, capture_output=True, text=True, timeout=60).stdout


if __name__ == "__main__":
    {"cut": cut, "together": together, "full": full}[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])

"""Children that write samples and drain them, and are killed; a program of its own, as only a single thread may fork.

python -m tests.series.spooling cut FOLDER CALL    a child for each call of os.CALL or sync_all, killed just before it
python -m tests.series.spooling full FOLDER        a write with no room; prints what it is told
python -m tests.series.spooling together FOLDER    eight writers and drainers at once
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

from rem_cli.errors import RemError
from rem_cli.series import Aggregate, Archive, Retention, Sample, whisper
from rem_cli.series.intake import Intake
from rem_cli.series.spool import Spool
from rem_cli.series.whisper import WhisperStore
from tests.jobs.bench import HandClock
from tests.series.cutting import kill_before

NOW = 1_700_000_000
KEPT = Retention((Archive(60, 3600), Archive(300, 86400)), Aggregate.SUM)
SERIES = [f"shop/web{number:02d}/load" for number in range(3)]


def intake_in(folder: Path, at: float = NOW, segment: int = 4000) -> Intake:
    clock = HandClock(at)
    return Intake(Spool(folder / "spool", segment=segment), WhisperStore(folder / "series", clock=clock), clock)


def batch(turn: int) -> list[Sample]:
    return [Sample(series, NOW - 60 * turn, turn + place / 100, KEPT) for place, series in enumerate(SERIES)]


def work(folder: Path) -> None:
    """Four writes, each noted in `acknowledged` when it returned, and two drains, the second one synced at once."""
    intake = intake_in(folder, segment=300)
    with (folder / "acknowledged").open("a") as told:
        for turn in range(4):
            intake.write(batch(turn))
            told.write(f"{turn}\n")
            told.flush()
            if turn % 2:
                whisper._FEW = 16 if turn == 1 else 2
                assert intake.drain() == []


def cut(folder: Path, call: str) -> None:
    """FOLDER/0, FOLDER/1 …, each cut one call later; the last one got through."""
    for nth in range(1000):
        root = folder / str(nth)
        root.mkdir()
        child = os.fork()
        if not child:
            kill_before(whisper if call == "sync_all" else os, call, nth)
            work(root)
            os._exit(0)
        if not os.WIFSIGNALED(os.waitpid(child, 0)[1]):
            return


def full(folder: Path) -> None:
    """The kernel itself refuses: a limit on the size of files stands for the end of the disk."""
    intake = intake_in(folder)
    intake.write(batch(0))
    size = (folder / "spool/0000000001.spool").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, resource.RLIM_INFINITY))
    try:
        intake.write(batch(1))
    except RemError as error:
        print(error.message, error.hint, sep="\n")


def together(folder: Path) -> None:
    children = []
    for writer in range(8):
        child = os.fork()
        if not child:
            intake = intake_in(folder)
            for turn in range(5):
                intake.write([Sample("a", NOW - 60 * (8 * turn + writer), 1.0, KEPT)])
                intake.drain()
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 8


def run(*words: object) -> str:
    """Run this module as a program and give what it prints."""
    command = [sys.executable, "-m", "tests.series.spooling", *map(str, words)]
    top = Path(__file__).parents[2]
    return subprocess.run(command, cwd=top, check=True, capture_output=True, text=True, timeout=120).stdout


if __name__ == "__main__":
    {"cut": cut, "together": together, "full": full}[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])

"""Our Whisper files against the whisper library, in turn in one run: CPU medians and their ratio.

    python -m benchmarks.series [--rounds N] [--write]

"Locked and synced" is what `add` always does; the library does it only where LOCK and AUTOFLUSH are switched on.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import whisper

from benchmarks.measure import machine, publish
from rem_cli.series import Archive, Point, Retention
from rem_cli.series import archive as files
from rem_cli.series.whisper import WhisperStore
from rem_cli.series.writing import write

NOW = 1_700_000_000
DAY, YEAR = 86_400, 365 * 86_400
RETENTION = Retention((Archive(60, DAY), Archive(300, YEAR), Archive(3600, 5 * YEAR)))
SHAPE = [(archive.step, archive.points) for archive in RETENTION.archives]


Batch = Callable[[int], tuple[list[tuple[int, float]], int]]  # turn: points and now


def medians(rounds: int, *acts: Callable[[int], object]) -> list[float]:
    """The median CPU time of each act, in microseconds, all acts taking turns."""
    spent: list[list[float]] = [[] for _ in acts]
    for turn in range(rounds):
        for act, times in zip(acts, spent, strict=True):
            start = time.process_time_ns()
            act(turn)
            times.append((time.process_time_ns() - start) / 1000)
    return [statistics.median(times) for times in spent]


def row(what: str, theirs: float, ours: float, how: str) -> str:
    return f"| {what} | {how} | {theirs:,.1f} | {ours:,.1f} | {theirs / ours:.1f} |"


def main() -> None:
    parse = argparse.ArgumentParser(prog="python -m benchmarks.series", description=str(__doc__).partition("\n")[0])
    parse.add_argument("--rounds", type=int, default=2000)
    parse.add_argument("--write", action="store_true", help="into docs/performance.md")
    given = parse.parse_args()
    lines = [
        f"Measured on {machine()}; median CPU µs of up to {given.rounds} turns.",
        "",
        "| | how | whisper µs | rem µs | times faster |",
        "| --- | --- | ---: | ---: | ---: |",
        *measured(given.rounds),
        "",
        "Again: `python -m benchmarks.series`",
    ]
    publish("series", lines, write=given.write)


def measured(rounds: int) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        store, theirs = WhisperStore(Path(folder)), str(Path(folder, "theirs"))
        whisper.create(theirs, list(SHAPE), 0.0, "average")
        old = [(NOW - age, float(age % 977)) for age in range(0, YEAR, 300)]
        new = [(NOW - age, float(age % 977)) for age in range(0, DAY, 60)]
        for points in (old, new):
            whisper.update_many(theirs, points, NOW)
            store.add("ours", [Point(*point) for point in points], retention=RETENTION, now=NOW)
        bare = Path(folder, "bare")  # a file of its own: pages that were just synced are dearer to write
        bare.write_bytes(store.info("ours").file.read_bytes())
        with bare.open("r+b", buffering=0) as file:
            return [*reads(store, theirs), *writes(store, theirs, file.fileno(), rounds)]


def writes(store: WhisperStore, theirs: str, fd: int, rounds: int) -> Iterator[str]:
    for count in (1, 60, 1440):

        def batch(turn: int, count: int = count) -> tuple[list[tuple[int, float]], int]:
            now = NOW + turn * 60
            return [(now - 60 * age, 1.5) for age in range(count)], now

        def add(turn: int, batch: Batch = batch) -> None:
            points, now = batch(turn)
            store.add("ours", [Point(*point) for point in points], retention=RETENTION, now=now)

        def library(turn: int, count: int = count, batch: Batch = batch) -> None:
            points, now = batch(turn)
            if count == 1:
                whisper.update(theirs, points[0][1], points[0][0], now)
            else:
                whisper.update_many(theirs, points, now)

        def bare(turn: int, batch: Batch = batch) -> None:
            write(fd, files.read_layout(fd), *batch(turn))

        turns = rounds if count < 1000 else rounds // 10 + 1
        them, us = medians(turns, library, bare)
        yield row(f"write {count}", them, us, "the writing alone, file open")
        whisper.LOCK = whisper.AUTOFLUSH = True
        them, us = medians(turns // 4, library, add)
        yield row(f"write {count}", them, us, "both locked and synced")
        whisper.LOCK = whisper.AUTOFLUSH = False


def reads(store: WhisperStore, theirs: str) -> Iterator[str]:
    for how in ("without numpy", "with numpy"):
        for what, span in (("fetch 1 day of 60 s", DAY), ("fetch 1 year of 300 s", YEAR)):
            fresh = WhisperStore(store.info("ours").file.parent)  # one that has read a lot loads numpy by itself
            them, us = medians(
                300 if span == DAY else 7,
                lambda turn, span=span: whisper.fetch(theirs, NOW - span, NOW, NOW),
                lambda turn, span=span, store=fresh: store.fetch("ours", NOW - span, NOW, now=NOW),
            )
            yield row(what, them, us, how)
        import numpy  # noqa: F401


if __name__ == "__main__":
    main()

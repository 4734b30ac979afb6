"""Numbers coming in and being asked: the spool, the draining into files, and questions, beside the whisper library.

    python -m benchmarks.intake [--series N] [--write]

The library does what carbon-cache does with an hour's points of each metric, without carbon's network: create and
update_many; and a fetch with a mean in Python. It syncs nothing; the spool syncs each batch, the draining all files.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import whisper

from benchmarks.measure import machine, publish
from rem_cli.clock import SystemClock
from rem_cli.series import Archive, Retention, Sample
from rem_cli.series.intake import Intake
from rem_cli.series.query import Window
from rem_cli.series.query.evaluate import evaluate
from rem_cli.series.query.stored import Stored
from rem_cli.series.spool import Spool
from rem_cli.series.whisper import WhisperStore

KEPT = Retention((Archive(60, 2 * 86400), Archive(300, 30 * 86400)))
SHAPE = [(archive.step, archive.points) for archive in KEPT.archives]
EACH = 60  # points of a series
HOURS = 24


def timed(act: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - wall, time.process_time() - cpu


def row(what: str, spent: tuple[float, float], points: int) -> str:
    wall, cpu = spent
    return f"| {what} | {points / wall:,.0f} | {cpu / points * 1e6:.2f} |"


def main() -> None:
    parse = argparse.ArgumentParser(prog="python -m benchmarks.intake", description=str(__doc__).partition("\n")[0])
    parse.add_argument("--series", type=int, default=1000)
    parse.add_argument("--write", action="store_true", help="into docs/performance.md")
    given = parse.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measured = _measured(Path(folder), given.series)
    again = "Again: `python -m benchmarks.intake --write`"
    publish(
        "intake", [f"Measured on {machine()}; {given.series:,} series.", "", *measured, "", again], write=given.write
    )


def _measured(folder: Path, count: int) -> list[str]:
    intake = Intake(Spool(folder / "spool"), WhisperStore(folder / "series"), SystemClock())
    start = int(time.time()) // 3600 * 3600 - HOURS * 3600
    names = [f"shop/jobs/load/web{number:05d}/users" for number in range(count)]
    theirs = [str(folder / f"theirs{number}.wsp") for number in range(count)]

    def accept(hour: int) -> None:
        for minute in range(EACH):
            at = start + hour * 3600 + 60 * minute
            intake.write([Sample(name, at, float(place + minute), KEPT) for place, name in enumerate(names)])

    def library(hour: int) -> None:
        for place, file in enumerate(theirs):
            if not hour:
                whisper.create(file, list(SHAPE), 0.0, "average")
            points = [(start + hour * 3600 + 60 * minute, float(place + minute)) for minute in range(EACH)]
            whisper.update_many(file, points)

    rows = ["| | points a second | CPU µs a point |", "| --- | ---: | ---: |"]
    total = count * EACH
    rows.append(row("accepted, each minute of all series synced", timed(lambda: accept(0)), total))
    rows.append(row("into new files", timed(intake.drain), total))
    accept(1)
    rows.append(row("into files that are there", timed(intake.drain), total))
    rows.append(row("the library: new files", timed(lambda: library(0)), total))
    rows.append(row("the library: files that are there", timed(lambda: library(1)), total))
    spool = sum(file.stat().st_size for file in (folder / "spool").glob("*.spool")) / (2 * total)
    for hour in range(2, HOURS):
        accept(hour)
        intake.drain()
    return [
        *rows,
        "",
        f"A point takes {spool:.0f} bytes in the spool, and 12 in each archive of its file.",
        "",
        *_asked(intake, count, start),
    ]


def _asked(intake: Intake, count: int, start: int) -> list[str]:
    window = Window(start, start + HOURS * 3600)
    rows = [f"| asked of {count:,} series, a day of minutes each | ms | CPU ms |", "| --- | ---: | ---: |"]
    source = Stored(intake.store, lambda selector: [], time.time())
    source.match("**")  # the names are listed once
    for question in ("averageSeries(**/users)", "highestMax(**/users, 10)", "sumSeries(perSecond(**/users))"):
        wall, cpu = timed(lambda question=question: evaluate(question, source, window))
        rows.append(f"| `{question}` | {wall * 1000:.0f} | {cpu * 1000:.0f} |")

    def library() -> None:
        found = [whisper.fetch(str(file), *window)[1] for file in intake_files(intake)]
        for column in zip(*found, strict=True):
            known = [value for value in column if value is not None]
            _ = sum(known) / len(known) if known else None

    wall, cpu = timed(library)
    return [*rows, f"| the library's fetch, and a mean in Python | {wall * 1000:.0f} | {cpu * 1000:.0f} |"]


def intake_files(intake: Intake) -> list[Path]:
    return sorted((intake.spool.folder.parent / "series").rglob("*.wsp"))


if __name__ == "__main__":
    main()

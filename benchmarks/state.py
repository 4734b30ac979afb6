"""REM's state beside other stores: operations a second of eight processes at once, and how evenly they got them.

    python -m benchmarks.state [--rounds N] [--seconds S] [--write]

A round asks every store for every kind of work, one after the other, each in a store that begins empty. Redis and
PostgreSQL come from the distribution; their clients and litequeue are installed by name (redis, psycopg[binary],
litequeue). What is not there is left out and said.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks import stores
from benchmarks.measure import machine, publish
from rem_cli.clock import SystemClock
from rem_cli.state.sqlite import SqliteState

PROCESSES = 8
KINDS = {"enqueue": "enqueue", "work": "claim + ack", "swap": "compare-and-set", "count": "count", "lock": "lock"}
STORES: dict[str, Callable[[Path], Any]] = {
    "rem": stores.Rem,
    f"rem, {stores.BATCH} a transaction": lambda folder: stores.Rem(folder, stores.BATCH),
    "redis, fsync always": stores.Redis,
    "PostgreSQL": stores.Postgres,
    "litequeue": stores.Litequeue,
}
SERVERS = {"redis, fsync always": stores.redis_server, "PostgreSQL": stores.postgres_server}
ONLY_QUEUES = ("litequeue", f"rem, {stores.BATCH} a transaction")
FILL = 0.6  # of a round's time goes into putting what is then worked off


def _one(name: str, kind: str, folder: Path, seconds: float, begin: Any, told: Any) -> None:
    """One process: as many operations as it gets done, and the longest it waited for one."""
    store = STORES[name](folder)
    act = getattr(store, kind)
    begin.wait()
    done, longest, ends = 0, 0.0, time.monotonic() + seconds
    while (start := time.monotonic()) < ends:
        many = act()
        if kind == "work" and not many:
            break
        done += many
        longest = max(longest, time.monotonic() - start)
    told.put((done, time.monotonic() - ends + seconds, longest))


def together(name: str, kind: str, folder: Path, seconds: float) -> tuple[float, int, float]:
    """Operations a second of all processes, those of the unluckiest, and the longest wait in seconds."""
    spawn = multiprocessing.get_context("spawn")
    begin, told = spawn.Barrier(PROCESSES), spawn.Queue()
    arguments = (name, kind, folder, seconds, begin, told)
    processes = [spawn.Process(target=_one, args=arguments) for _ in range(PROCESSES)]
    for process in processes:
        process.start()
    ends = [told.get() for _ in processes]
    for process in processes:
        process.join()
    return sum(done / took for done, took, _ in ends), min(done for done, _, _ in ends), max(w for _, _, w in ends)


def measured(rounds: int, seconds: float) -> tuple[dict[tuple[str, str], list[tuple[float, int, float]]], set[str]]:
    """What each store did of each kind, round after round; and what was not there."""
    found: dict[tuple[str, str], list[tuple[float, int, float]]] = {}
    missing: set[str] = set()
    for _ in range(rounds):
        for name in STORES:
            with tempfile.TemporaryDirectory() as scratch, contextlib.ExitStack() as stack:
                server = SERVERS.get(name, lambda folder: contextlib.nullcontext(""))
                if trouble := stack.enter_context(server(Path(scratch))):
                    missing.add(f"{name} ({trouble})")
                    continue
                for kind in KINDS if name not in ONLY_QUEUES else ("enqueue", "work"):
                    one = together(name, kind, Path(scratch), seconds * (1 if kind == "enqueue" else FILL))
                    found.setdefault((name, kind), []).append(one)
    return found, missing


def idle(seconds: float) -> float:
    """The share of a processor that a watcher takes while nothing happens."""
    with tempfile.TemporaryDirectory() as scratch:
        state = SqliteState(Path(scratch), "bench", SystemClock())
        state.bucket("b").put("a", b"")
        with closing(state.bucket("b").watch(after=state.bucket("b").get("a").revision)) as watch:
            watch.next(0.01)
            before = resource.getrusage(resource.RUSAGE_SELF)
            watch.next(seconds)
            after = resource.getrusage(resource.RUSAGE_SELF)
        state.close()
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / seconds


def _write_times(folder: Path, count: int, told: Any) -> None:
    state = SqliteState(folder, "other", SystemClock())
    for number in range(count):
        time.sleep(0.02)
        state.bucket("b").put("a", b"%d" % number)
        told.put(time.monotonic())
    state.close()


def lateness(count: int) -> list[float]:
    """After how many seconds a watcher has each commit of another process in hand."""
    spawn = multiprocessing.get_context("spawn")
    told, late = spawn.Queue(), []
    with tempfile.TemporaryDirectory() as scratch:
        state = SqliteState(Path(scratch), "bench", SystemClock())
        writer = spawn.Process(target=_write_times, args=(Path(scratch), count, told))
        writer.start()
        with closing(state.bucket("b").watch()) as watch:
            for _ in range(count):
                while not watch.next(10):
                    pass
                seen = time.monotonic()
                late.append(seen - told.get())
        writer.join()
        state.close()
    return late


def report(rounds: int, seconds: float) -> list[str]:
    load = os.getloadavg()[0]
    found, missing = measured(rounds, seconds)
    quiet = f"The machine was not quiet: load {load:.1f} when it began. " if load > 0.5 else ""
    lines = [
        f"Measured on {machine()}; {PROCESSES} processes, operations a second, median of {rounds} rounds.",
        f"{quiet}In brackets: times what rem does.",
        "",
        "| | " + " | ".join(KINDS.values()) + " | longest wait ms |",
        "| --- |" + " ---: |" * (len(KINDS) + 1),
        *(_row(found, name) for name in STORES if (name, "enqueue") in found),
    ]
    least = min(one[1] for kind in KINDS for one in found["rem", kind])
    late = sorted(lateness(200))
    lines += [
        "",
        f"The unluckiest of rem's processes did {least:,} operations in {seconds * FILL:.1f} s. A watcher that waits "
        f"takes {idle(20) * 100:.2f} % of a processor and has another process's commit in hand after "
        f"{statistics.median(late) * 1000:.1f} ms, 99 of 100 times within {late[int(len(late) * 0.99)] * 1000:.1f} ms.",
    ]
    if missing:
        lines += ["", f"Not there: {', '.join(sorted(missing))}."]
    return [*lines, "", "Again: `python -m benchmarks.state`"]


def _row(found: dict[tuple[str, str], list[tuple[float, int, float]]], name: str) -> str:
    cells = [_cell(found, name, kind) for kind in KINDS]
    longest = max(one[2] for kind in KINDS for one in found.get((name, kind), []))
    return f"| {f'**{name}**' if name == 'rem' else name} | {' | '.join(cells)} | {longest * 1000:,.0f} |"


def _cell(found: dict[tuple[str, str], list[tuple[float, int, float]]], name: str, kind: str) -> str:
    if (name, kind) not in found:
        return ""
    rate, ours = (statistics.median(one[0] for one in found[who, kind]) for who in (name, "rem"))
    return f"{rate:,.0f}" + (f" ({rate / ours:.1f})" if name != "rem" else "")


def main() -> None:
    parse = argparse.ArgumentParser(prog="python -m benchmarks.state", description=str(__doc__).partition("\n")[0])
    parse.add_argument("--rounds", type=int, default=3)
    parse.add_argument("--seconds", type=float, default=3.0)
    parse.add_argument("--write", action="store_true", help="into docs/performance.md")
    given = parse.parse_args()
    publish("state", report(given.rounds, given.seconds), write=given.write)


if __name__ == "__main__":
    main()

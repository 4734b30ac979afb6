"""What a machine says of itself: processors, memory, disks, networks, as its kernel tells it in /proc.

One POSIX shell program reads it, on this machine or over SSH, and leaves nothing behind; what it prints is read here.
Sources: proc(5), Documentation/admin-guide/iostats.rst and Documentation/accounting/psi.rst of Linux.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from rem_cli.collect import Conversation, Counter, Reading, Target, program
from rem_cli.reach import Outcome, Task

PROGRAM = Path(__file__).with_name("read.sh").read_text()
TICKS = 100  # a second, of all times that Linux tells users
SECTOR = 512  # bytes, whatever the disk's own are
NOT_DISKS = ("loop", "ram", "zram", "fd", "sr", "dm-")
NOT_FULL = ("tmpfs", "devtmpfs", "udev", "overlay", "none", "shm")  # devices of file systems that nobody fills
MODES = {"user": 0, "system": 2, "iowait": 4, "steal": 7}  # fields of a line of /proc/stat


def collect(target: Target) -> Conversation:
    """It is up when the program ran to its end."""
    ran = yield program(target, Task(shell=PROGRAM))
    if ran.end.outcome is not Outcome.OK:
        return Reading({}, up=False, why=ran.end.why or str(ran.end.outcome))
    return read(ran.out.decode("utf-8", "replace"))


def read(text: str) -> Reading:
    """Measures out of what the program printed."""
    files: dict[str, str] = {}
    for part in f"\n{text}".split("\n== ")[1:]:
        name, _, content = part.partition("\n")
        files[name.strip()] = content
    if "end" not in files:
        return Reading({}, up=False, why="what it told was cut")
    values: dict[str, float] = {}
    counters: dict[str, Counter] = {}
    uptime = None
    if "uptime" in files:
        values["uptime"] = float(files["uptime"].split()[0])
        uptime = int(values["uptime"] * 100) % (1 << 32)
    values.update(_memory(_table(files.get("meminfo", ""))))
    values.update(_load(files))
    values.update(_full(files))
    values.update(_pressure(files))
    counters.update(_processors(files.get("stat", "")))
    counters.update(_disks(files.get("diskstats", "")))
    counters.update(_network(files.get("net/dev", "")))
    counters.update(_kernel(files))
    return Reading(values, counters, uptime)


def _memory(told: Mapping[str, int]) -> Iterator[tuple[str, float]]:
    total, free = told.get("MemTotal"), told.get("MemAvailable")
    if total and free is not None:
        yield "memory bytes", total * 1024.0
        yield "memory available bytes", free * 1024.0
        yield "memory used percent", 100 * (1 - free / total)
    for word, name in (("Buffers", "buffers"), ("Cached", "cached"), ("Dirty", "dirty"), ("Slab", "slab")):
        if word in told:
            yield f"memory {name} bytes", told[word] * 1024.0
    if swap := told.get("SwapTotal"):
        yield "swap used percent", 100 * (1 - told.get("SwapFree", 0) / swap)


def _load(files: Mapping[str, str]) -> Iterator[tuple[str, float]]:
    words = files.get("loadavg", "").split()
    if len(words) >= 4:
        yield from zip(("load 1", "load 5", "load 15"), map(float, words[:3]), strict=True)
        running, _, all = words[3].partition("/")
        yield "processes running", float(running)
        yield "processes", float(all)
    for line in files.get("stat", "").splitlines():
        if line.startswith("procs_blocked "):
            yield "processes blocked", float(line.split()[1])
    handles = files.get("sys/fs/file-nr", "").split()
    if len(handles) == 3 and int(handles[2]):
        yield "open files", float(handles[0])
        yield "open files percent", 100 * int(handles[0]) / int(handles[2])


def _full(files: Mapping[str, str]) -> Iterator[tuple[str, float]]:
    """How full disks are, by where they are mounted; `df` counts what only root may use as used."""
    for line in files.get("blocks", "").splitlines()[1:]:
        words = line.split(None, 5)
        if len(words) == 6 and words[0] not in NOT_FULL and words[1].isdigit() and int(words[1]):
            used, free = int(words[2]), int(words[3])
            yield f"disk {words[5]} free bytes", free * 1024.0
            yield f"disk {words[5]} used percent", 100 * used / (used + free) if used + free else 100.0
    for line in files.get("inodes", "").splitlines()[1:]:
        words = line.split(None, 5)
        if len(words) == 6 and words[0] not in NOT_FULL and words[1].isdigit() and int(words[1]):
            yield f"disk {words[5]} inodes used percent", 100 * int(words[2]) / int(words[1])
    disks = {line.split(None, 5)[-1] for line in files.get("blocks", "").splitlines()[1:] if line.strip()}
    for line in files.get("self/mounts", "").splitlines():
        words = line.split()
        if len(words) > 3 and words[0] not in NOT_FULL and (place := words[1].replace("\\040", " ")) in disks:
            yield f"disk {place} read-only", float("ro" in words[3].split(","))


def _pressure(files: Mapping[str, str]) -> Iterator[tuple[str, float]]:
    """Share of the last minute in which something waited."""
    for what in ("cpu", "memory", "io"):
        for line in files.get(f"pressure/{what}", "").splitlines():
            words = dict(word.split("=") for word in line.split()[1:])
            if line.startswith("some ") and "avg60" in words:
                yield f"pressure {what} percent", float(words["avg60"])


def _processors(stat: str) -> Iterator[tuple[str, Counter]]:
    lines = [line.split() for line in stat.splitlines()]
    count = sum(words[0].startswith("cpu") and words[0] != "cpu" for words in lines if words) or 1
    for words in lines:
        if words and words[0] == "cpu":
            ticks = [int(word) for word in words[1:]]
            share = 100 / TICKS / count
            for mode, at in MODES.items():
                if at < len(ticks):
                    yield f"cpu {mode} percent", Counter(ticks[at], scale=share)
            busy = sum(ticks[:8]) - sum(ticks[3:5])  # guests are in user already; not idle, not waiting
            yield "cpu busy percent", Counter(busy, scale=share)
        if words and words[0] in ("ctxt", "processes"):
            yield {"ctxt": "context switches", "processes": "processes started"}[words[0]], Counter(int(words[1]))


def _disks(text: str) -> Iterator[tuple[str, Counter]]:
    for line in text.splitlines():
        words = line.split()
        if len(words) < 14 or words[2].startswith(NOT_DISKS):
            continue
        name, numbers = words[2], [int(word) for word in words[3:14]]
        yield f"device {name} reads", Counter(numbers[0])
        yield f"device {name} read bytes", Counter(numbers[2], scale=SECTOR)
        yield f"device {name} writes", Counter(numbers[4])
        yield f"device {name} written bytes", Counter(numbers[6], scale=SECTOR)
        yield f"device {name} busy percent", Counter(numbers[9], scale=0.1)  # of milliseconds


def _network(text: str) -> Iterator[tuple[str, Counter]]:
    for line in text.splitlines()[2:]:
        name, _, rest = line.partition(":")
        numbers = rest.split()
        if len(numbers) < 16 or name.strip() == "lo":
            continue
        for at, what in ((0, "received"), (8, "sent")):
            for word, step in (("bytes", 0), ("packets", 1), ("errors", 2), ("drops", 3)):
                yield f"network {name.strip()} {what} {word}", Counter(int(numbers[at + step]))


def _kernel(files: Mapping[str, str]) -> Iterator[tuple[str, Counter]]:
    told = dict(line.split()[:2] for line in files.get("vmstat", "").splitlines() if len(line.split()) == 2)
    for word, name in (("oom_kill", "out of memory kills"), ("pswpin", "swap pages in"), ("pswpout", "swap pages out")):
        if word in told:
            yield name, Counter(int(told[word]))
    heads: list[str] = []
    for line in files.get("net/snmp", "").splitlines():
        words = line.split()
        if words[:1] == ["Tcp:"]:
            if heads and "RetransSegs" in heads:
                yield "tcp segments sent again", Counter(int(words[heads.index("RetransSegs")]))
            heads = words


def _table(text: str) -> dict[str, int]:
    """`Name:   123 kB` lines."""
    found = {}
    for line in text.splitlines():
        name, _, rest = line.partition(":")
        words = rest.split()
        if words and words[0].isdigit():
            found[name] = int(words[0])
    return found

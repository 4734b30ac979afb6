"""A listener that remembers, and what tests ask of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from rem_cli.reach import End, Stop, Stream, Target, Task, Transport


@dataclass
class Heard:
    """What one target gave."""

    started: int = 0
    out: bytes = b""
    err: bytes = b""
    ends: list[End] = field(default_factory=list)

    @property
    def end(self) -> End:
        (end,) = self.ends
        return end


@dataclass
class Recorder:
    """Keeps everything by the target's name; the `on_` callbacks may act in the middle of a run."""

    heard: dict[str, Heard] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)  # names, as they ended
    on_start: Callable[[Target], None] | None = None
    on_output: Callable[[Target, bytes], None] | None = None
    on_end: Callable[[Target], None] | None = None

    def __getitem__(self, name: str) -> Heard:
        return self.heard.setdefault(name, Heard())

    def started(self, target: Target) -> None:
        self[target.name].started += 1
        if self.on_start is not None:
            self.on_start(target)

    def output(self, target: Target, stream: Stream, data: bytes) -> None:
        assert self[target.name].started and not self[target.name].ends
        if stream is Stream.OUT:
            self[target.name].out += data
        else:
            self[target.name].err += data
        if self.on_output is not None:
            self.on_output(target, data)

    def ended(self, target: Target, end: End) -> None:
        self[target.name].ends.append(end)
        self.order.append(target.name)
        if self.on_end is not None:
            self.on_end(target)


def run_all(transport: Transport, work: list[tuple[Target, Task]], *, parallel: int = 20) -> Recorder:
    """Run everything and remember it."""
    listen, stop = Recorder(), Stop()
    try:
        transport.run(work, listen, parallel=parallel, stop=stop)
    finally:
        stop.close()
    return listen


def run_one(transport: Transport, target: Target, task: Task) -> Heard:
    return run_all(transport, [(target, task)])[target.name]


def processes_with(word: str) -> list[str]:
    """Command lines of living processes that hold `word`."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
        except OSError:
            continue
        if word.encode() in words:
            found.append(words.replace(b"\0", b" ").decode())
    return found

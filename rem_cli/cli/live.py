"""A run while it runs: each host's lines as they come, and a progress bar; on a terminal only, beside the answer."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType, TracebackType
from typing import Any, Self

from rem_cli.cli import show
from rem_cli.jobs.events import Event, Finished, HostEnded, HostRetries, HostStarted, Line, Started
from rem_cli.jobs.retry import UNBEGUN
from rem_cli.reach import Outcome, Stop


class Stopping(Stop):
    """A run's stop, which knows whether it was SIGTERM that asked."""

    terminated = False


@contextmanager
def stopping(says: str = "", patience: int = 0) -> Iterator[Stopping]:
    """Ctrl-C and SIGTERM ask the run to stop; the second time it stops waiting for the ends. `says` is told at once."""
    stop = Stopping(patience)

    def ask(number: int, frame: FrameType | None) -> None:
        stop.terminated = stop.terminated or number == signal.SIGTERM
        stop.ask()
        if stop.wished == 1:
            show.note(says or "stopping: ending what runs; once more stops waiting for it")

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        stop.close()


class Face(AbstractContextManager["Face"]):
    """Listens to a run and shows it."""

    def __init__(self, hosts: int, *, enabled: bool) -> None:
        self._hosts = hosts
        self._shows = enabled and sys.stderr.isatty()
        self._draws = self._shows and show.colored(sys.stderr)  # a bar is made of escape sequences
        self._bar: Any = None
        self._counts = {"running": 0, "ok": 0, "bad": 0}
        self._width = 0

    def __enter__(self) -> Self:
        if self._draws:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            console = Console(stderr=True, highlight=False, markup=False, emoji=False, color_system="standard")
            columns = (BarColumn(bar_width=24), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
            self._bar = Progress(*columns, console=console, transient=True)
            self._task = self._bar.add_task(self._text(), total=self._hosts)
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._bar:
            self._bar.stop()

    def hear(self, event: Event) -> None:
        """One event of the run."""
        if not self._shows:
            return
        match event:
            case Started(run):
                self._width = min(24, max((len(host.host) for host in run.hosts), default=0))
                self._say("", f"run {run.id} of {run.job}")
            case HostStarted():
                self._counts["running"] += 1
            case Line(host=host, text=text):
                self._say(host, text)
            case HostRetries(host=host, attempt=attempt, wait=wait):
                self._counts["running"] -= attempt.end.outcome not in UNBEGUN
                self._say(host, f"{attempt.end.why or attempt.end.outcome}; again in {show.span(wait)}")
            case HostEnded(host=ended):
                self._counts["running"] -= ended.started is not None
                good = ended.end is not None and ended.end.outcome is Outcome.OK
                self._counts["ok" if good else "bad"] += 1
                if not good and ended.end:
                    self._say(
                        ended.host, f"{ended.end.outcome}: {ended.end.why}" if ended.end.why else ended.end.outcome
                    )
            case Finished():
                return
        if self._bar:
            self._bar.update(self._task, completed=self._counts["ok"] + self._counts["bad"], description=self._text())

    def _say(self, host: str, text: str) -> None:
        if not self._bar:
            show.note(*([show.clean(host).ljust(self._width), " "] if host else []), text)
            return
        from rich.text import Text

        row = Text(f"{show.clean(host).ljust(self._width)} ", style="cyan") if host else Text("")
        self._bar.console.print(row.append(show.clean(text), style="default"))

    def _text(self) -> str:
        counts = self._counts
        done = counts["ok"] + counts["bad"]
        failed = f", {counts['bad']} not" if counts["bad"] else ""
        return f"{done} of {self._hosts}: {counts['ok']} ok{failed}, {counts['running']} running"

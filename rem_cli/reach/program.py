"""One task on one target, from being sent to its end: what every transport does alike.

The transports move bytes; this decides what they mean. A transport calls `begin`, `take`, `closed` and `broke` as
things happen, `tick` when `due` has come, and `stop` when the run is stopped. It is called back as `Driver` says.
"""

from __future__ import annotations

from typing import Any, Protocol

from rem_cli.clock import Clock
from rem_cli.reach import End, Listener, Outcome, Stream, Target, Task
from rem_cli.reach.frames import Ended, Event, FrameReader, Output, Refused, Started
from rem_cli.reach.wrap import Wrapped, kill_command

SIGNALS = {1: "HUP", 2: "INT", 3: "QUIT", 4: "ILL", 5: "TRAP", 6: "ABRT", 7: "BUS", 8: "FPE", 9: "KILL", 10: "USR1"}
SIGNALS |= {11: "SEGV", 12: "USR2", 13: "PIPE", 14: "ALRM", 15: "TERM", 24: "XCPU", 25: "XFSZ", 31: "SYS"}
KILL_EXTRA = 5.0  # seconds to open a channel for it, on top of twice the grace and the time to connect
CONVERTED = "the script has CRLF line ends and was converted; save it with LF"


class Driver(Protocol):
    """The transport's side of a program."""

    def kill(self, program: Program) -> None:
        """Run `program.kill_command` on its machine, over a new link if need be, and report to `program.killed`."""

    def arm(self, program: Program) -> None:
        """Call `program.tick` when `program.due` has come, which just came closer, and again until it is over."""

    def over(self, program: Program, end: End) -> None:
        """The program needs no more attention."""


class Program:
    """Its state. Times are the clock's monotonic seconds."""

    def __init__(
        self, target: Target, task: Task, wrapped: Wrapped, listen: Listener, clock: Clock, driver: Driver
    ) -> None:
        self.target = target
        self.task = task
        self.wrapped = wrapped
        self.group: int | None = None  # process group, once it runs
        self.end: End | None = None
        self._listen = listen
        self._clock = clock
        self._driver = driver
        self._readers = {
            Stream.OUT: FrameReader(wrapped.nonce),
            Stream.ERR: FrameReader(wrapped.nonce, begun=True),
        }
        self._told: dict[Stream, int] = {Stream.OUT: 0, Stream.ERR: 0}  # bytes given to the listener
        self._dropped: dict[Stream, int] = {}
        self._early = b""  # standard error from before the start, for messages
        self._asked = False  # the machine was asked to run it
        self._asked_at = 0.0
        self._started_at = 0.0
        self._heard_at = 0.0
        self._ended: Ended | None = None
        self._errors_over = False
        self._ending: tuple[Outcome, str] | None = None  # why we end it, when we do
        self._kill_until: float | None = None
        self._killed = False
        self._closed = False

    @property
    def kill_command(self) -> str:
        assert self.group is not None
        return kill_command(self.group, self.wrapped.mark, self.task.deadlines.grace)

    def begin(self) -> None:
        """The machine was asked to run it."""
        self._asked, self._asked_at = True, self._clock.monotonic()
        self._driver.arm(self)

    def take(self, stream: Stream, data: bytes) -> None:
        """It wrote `data`."""
        self._heard_at = self._clock.monotonic()
        for event in self._readers[stream].feed(data):
            self._hear(stream, event)
        if self._ended is not None and self._errors_over:
            self._finish_by_itself()

    def closed(self, status: int | None = None, signal: str | None = None) -> None:
        """The channel or the pipes ended in good order, and say this about the wrapper."""
        self._flush()
        self._closed = True
        if self.end is not None:
            return
        if self._ended is not None or (self._ending and self.group is not None):
            self._finish_by_itself()
        elif self.group is None:
            self._finish(Outcome.FAILED, why=self._no_start(status), phase="run")
        elif signal is not None or (status or 0) > 128:
            name = signal or SIGNALS.get((status or 0) - 128, str(status))
            self._finish(Outcome.FAILED, why=f"ended by signal {name}", signal=name)
        else:
            self._finish(Outcome.LOST, why="the link ended without a word on how the program ended", phase="run")

    def broke(self, why: str) -> None:
        """The link is gone. What runs on is ended over another link, if there is a way."""
        self._flush()
        self._closed = True
        if self.end is not None:
            return
        if self._ended is not None and self._ending is None:
            self._finish_by_itself()
        elif self.group is None:
            self._finish(Outcome.UNREACHABLE, why=why, phase="channel")
        elif self._ending is None:
            self._end_it(Outcome.LOST, why)
        elif self._killed:
            self._finish_killed(survivors=False)

    def refused(self, why: str) -> None:
        """The machine would not run it at all."""
        if self.end is None:
            self._finish(Outcome.FAILED, why=why, phase="channel")

    def fail(self, end: End) -> None:
        """It never got to the machine, for the reason that `end` gives."""
        if self.end is None:
            self.end = end if self._ending is None else End(self._ending[0], why=self._ending[1])
            self._driver.over(self, self.end)

    def due(self) -> float:
        """When `tick` is wanted."""
        limits = self.task.deadlines
        if self._kill_until is not None:
            return self._kill_until
        if self.group is None:
            return self._asked_at + limits.channel
        run = self._started_at + limits.run
        return run if limits.idle is None else min(run, self._heard_at + limits.idle)

    def tick(self) -> None:
        """See what time it is."""
        if self.end is not None or self._clock.monotonic() < self.due():
            return
        limits = self.task.deadlines
        if self._kill_until is not None:
            self._finish_killed(survivors=not self._killed)
        elif self.group is None:
            why = f"the host did not start the program in {limits.channel:g} s"
            self._finish(Outcome.UNREACHABLE, why=why, phase="channel")
        elif self._clock.monotonic() >= self._started_at + limits.run:
            self._end_it(Outcome.TIMED_OUT, f"still running after {limits.run:g} s")
        else:
            self._end_it(Outcome.TIMED_OUT, f"no output for {limits.idle:g} s")

    def stop(self, *, at_once: bool = False) -> None:
        """The run was stopped: end the program, or with `at_once` give up on it."""
        if self.end is not None:
            return
        if at_once:
            self._ending = (Outcome.CANCELLED, "the run was stopped")
            self._finish_killed(survivors=self.group is not None)
        elif self._ending is None:
            self._end_it(Outcome.CANCELLED, "the run was stopped")

    def killed(self, status: int | None, output: bytes = b"") -> None:
        """The kill command ended: see `kill_command`. None: it could not be run."""
        if self.end is not None or self._ending is None:
            return
        outcome, why = self._ending
        if status == 2:
            left = ", ".join(word.split("/")[2] for word in output.decode("ascii", "replace").split() if "/" in word)
            self._ending = (outcome, f"{why}; a process left the group and lives: {left}")
        self._killed = status == 0
        if self._killed:
            if outcome is Outcome.LOST:
                self._ending = (outcome, f"{why}; the program was ended over another link")
            # What the program still said is on its way, ahead of the channel's end.
            self._kill_until = self._clock.monotonic() + 1.0
            if self._ended is not None or self._closed:
                self._finish_by_itself()
            else:
                self._driver.arm(self)
        else:
            self._finish_killed(survivors=True)

    def _end_it(self, outcome: Outcome, why: str) -> None:
        self._ending = (outcome, why)
        if not self._asked:
            self._finish(outcome, why=why)
        if self.group is None:
            return  # its group is not known yet; the start or the channel's deadline comes first
        limits = self.task.deadlines
        self._kill_until = self._clock.monotonic() + 2 * limits.grace + limits.connect + KILL_EXTRA
        self._driver.arm(self)
        self._driver.kill(self)

    def _hear(self, stream: Stream, event: Event) -> None:
        if isinstance(event, Output):
            self._tell(stream, event.data)
        elif isinstance(event, Started):
            self._start(event.group)
        elif isinstance(event, Refused):
            self._finish(Outcome.FAILED, why=event.why, phase="run")
        elif stream is Stream.ERR:
            self._errors_over = True
        else:
            self._ended = event

    def _start(self, group: int) -> None:
        self.group = group
        self._started_at = self._heard_at
        self._listen.started(self.target)
        if self._early:
            early, self._early = self._early, b""
            self._tell(Stream.ERR, early)
        if self._ending is not None:
            self._end_it(*self._ending)
        else:
            self._driver.arm(self)

    def _tell(self, stream: Stream, data: bytes) -> None:
        if self.group is None:
            self._early = (self._early + data)[-4096:]
            return
        room = self.task.output_limit - self._told[stream]
        if len(data) > room:
            self._dropped[stream] = self._dropped.get(stream, 0) + len(data) - room
            data = data[:room]
        if data:
            self._told[stream] += len(data)
            self._listen.output(self.target, stream, bytes(data))

    def _flush(self) -> None:
        for stream, reader in self._readers.items():
            for event in reader.close():
                if self.end is None:
                    self._hear(stream, event)

    def _no_start(self, status: int | None) -> str:
        said = (self._early or self._readers[Stream.OUT].preamble).decode("utf-8", "replace").strip().splitlines()
        return "the host did not start the program: " + (said[-1] if said else f"its shell ended with status {status}")

    def _finish_by_itself(self) -> None:
        """It ended, whether because we wanted it to or not."""
        if self._kill_until is not None and not self._killed:
            return  # others of its group may live on: the kill command will tell
        if self._ending is not None:
            self._finish_killed(survivors=False)
            return
        assert self._ended is not None
        status = self._ended.status
        signal = SIGNALS.get(status - 128)
        result: dict[str, Any] = {
            "result": self._ended.result,
            "result_cut": self._ended.total > len(self._ended.result or b""),
        }
        if not self._ended.whole:
            why = "the result did not come through whole: something else wrote among it"
            self._finish(Outcome.FAILED, why=why, exit=status)
        elif status == 0:
            self._finish(Outcome.OK, exit=0, **result)
        elif signal is not None:
            self._finish(Outcome.FAILED, why=f"ended by signal {signal}", signal=signal, **result)
        else:
            self._finish(Outcome.FAILED, why=f"exit status {status}", exit=status, **result)

    def _finish_killed(self, *, survivors: bool) -> None:
        assert self._ending is not None
        outcome, why = self._ending
        if survivors and self.group is not None and "lives" not in why:
            why = f"{why}; what it started could not be confirmed dead (process group {self.group})"
        self._finish(outcome, why=why, phase="run" if self.group is not None else "", survivors=survivors)

    def _finish(self, outcome: Outcome, *, why: str = "", phase: str = "", **more: Any) -> None:
        if self.end is not None:
            return
        if self.group is None and self._ending is not None:
            outcome, why = self._ending  # stopped before it ever ran
        seconds = self._clock.monotonic() - self._started_at if self.group is not None else 0.0
        hint = CONVERTED if self.wrapped.converted else None
        dropped = dict(self._dropped)
        self.end = End(outcome, why=why, hint=hint, phase=phase, seconds=seconds, dropped=dropped, **more)
        self._driver.over(self, self.end)

"""The same tasks on this machine, as child processes in sessions of their own."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Callable
from functools import partial

from rem_cli.clock import Clock
from rem_cli.reach import Listener, Stop, Stream, Work
from rem_cli.reach.fanout import FanOut
from rem_cli.reach.poller import READ, WRITE, Poller
from rem_cli.reach.program import Program
from rem_cli.reach.wrap import COMMAND_ARGV

PIECE = 1 << 16  # bytes; what a pipe holds


class LocalTransport:
    """Runs every task on this machine, whatever the target's address."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def run(self, work: Work, listen: Listener, *, parallel: int, stop: Stop) -> None:
        """See `Transport.run`."""
        poller = Poller(self._clock)
        try:
            LocalFanOut(work, listen, parallel=parallel, stop=stop, clock=self._clock, poller=poller).run()
        finally:
            poller.close()

    def close(self) -> None:
        """Nothing is kept between runs."""


class Child:
    """A child process whose pipes are polled.

    `heard` gets what it writes, and `ended` its status (negative: the signal that ended it) with everything heard
    before. Processes that it left behind may hold the pipes open; nobody waits for those.
    """

    def __init__(
        self,
        words: tuple[str, ...],
        stdin: bytes,
        poller: Poller,
        heard: Callable[[Stream, bytes], None],
        ended: Callable[[int], None],
    ) -> None:
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            words, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, start_new_session=True, cwd=_home()
        )
        assert self._process.stdin and self._process.stdout and self._process.stderr
        self._poller = poller
        self._heard = heard
        self._ended = ended
        self._rest = memoryview(stdin)
        self._input: int | None = self._process.stdin.fileno()
        self._outputs = {self._process.stdout.fileno(): Stream.OUT, self._process.stderr.fileno(): Stream.ERR}
        self._handle: int | None = os.pidfd_open(self._process.pid)
        for fd in (self._input, *self._outputs):
            os.set_blocking(fd, False)
        for fd in self._outputs:
            poller.watch(fd, READ, partial(self._ready, fd))
        poller.watch(self._handle, READ, lambda _: self._reap())
        poller.watch(self._input, WRITE, lambda _: self._write())
        self._write()

    def let_go(self) -> None:
        """Close the pipes. The process is not ended by this, only waited for if it has ended."""
        for fd in (*self._outputs, self._handle, self._input):
            if fd is not None:
                self._poller.forget(fd)
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        if self._handle is not None:
            os.close(self._handle)
        self._outputs, self._handle, self._input = {}, None, None
        if self._process.poll() is None:
            _orphans.append(self._process)

    def _write(self) -> None:
        if self._input is None:
            return
        try:
            while self._rest:
                self._rest = self._rest[os.write(self._input, self._rest[:PIECE]) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            pass  # it does not want the rest
        self._poller.forget(self._input)
        self._input = None
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()

    def _ready(self, fd: int, _: int) -> None:
        self._read(fd)

    def _read(self, fd: int) -> bool:
        """Take one piece. False when there is none, now or ever."""
        try:
            data = os.read(fd, PIECE)
        except BlockingIOError:
            return False
        if data:
            self._heard(self._outputs[fd], data)
        else:
            self._poller.forget(fd)
            del self._outputs[fd]
        return bool(data)

    def _reap(self) -> None:
        for fd in list(self._outputs):
            # The callback may let go of everything, so look each time.
            while fd in self._outputs and self._read(fd):
                pass
        if self._handle is not None:
            self._poller.forget(self._handle)
            self._ended(self._process.wait())


class LocalFanOut(FanOut):
    """One run on this machine."""

    _children: dict[Program, list[Child]]

    def run(self) -> None:
        self._children = {}
        _reap_orphans()
        super().run()

    def start(self, program: Program) -> None:
        def ended(status: int) -> None:
            program.closed(status if status >= 0 else 128 - status)

        program.begin()
        child = Child(COMMAND_ARGV, program.wrapped.stdin, self.poller, program.take, ended)
        self._children[program] = [child]

    def kill(self, program: Program) -> None:
        said: list[bytes] = []

        def ended(status: int) -> None:
            program.killed(status, b"".join(said))

        words = ("sh", "-c", program.kill_command)
        try:
            killer = Child(words, b"", self.poller, lambda _, data: said.append(data), ended)
        except OSError:
            program.killed(None)
        else:
            self._children[program].append(killer)

    def drop(self, program: Program) -> None:
        for child in self._children.pop(program, ()):
            child.let_go()


_orphans: list[subprocess.Popen[bytes]] = []  # let go of while they still ran; to be waited for some day


def _reap_orphans() -> None:
    _orphans[:] = [process for process in _orphans if process.poll() is None]


def _home() -> str | None:
    """Where a login shell would start: programs find the same surroundings here as over SSH."""
    return os.environ.get("HOME") or None

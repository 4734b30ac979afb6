"""Programs over links: one run of many tasks over SSH, on one thread."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from rem_cli.clock import Clock
from rem_cli.reach import End, Listener, Outcome, ReachError, Stop, Stream, Work
from rem_cli.reach.fanout import FanOut
from rem_cli.reach.program import Program
from rem_cli.reach.ssh.channels import Channel
from rem_cli.reach.ssh.link import GONE, UP, Link
from rem_cli.reach.ssh.links import Links, Waiting
from rem_cli.reach.ssh.setup import Setup
from rem_cli.reach.wrap import COMMAND

PROGRAMS_A_LINK = 8  # sshd allows ten sessions (MaxSessions); the rest is for ending programs
KILLS_A_LINK = 2
TRIES = 7  # to open a channel on a host that has opened others
FIRST_PAUSE = 0.02  # seconds before the next try; doubled each time


@dataclass
class Load:
    """What runs on one link."""

    limit: int = PROGRAMS_A_LINK
    proven: bool = False  # a channel was opened
    running: int = 0
    waiting: deque[Job] = field(default_factory=deque)
    kills: int = 0
    to_kill: deque[Job] = field(default_factory=deque)


class Job:
    """A program on its link, and the channels that serve it."""

    def __init__(self, run: LoopFanOut, program: Program) -> None:
        self.program = program
        self.link: Link | None = None
        self.running = False
        self.tries = 0
        self.channels: list[Channel] = []
        self.waiting = Waiting(self._up, self._gone)
        self.killing: Waiting | None = None  # for a link to end the program over, when its own is gone
        self._run = run

    def _up(self, link: Link) -> None:
        self.link = link
        self._run.place(self, link)

    def _gone(self, end: End) -> None:
        self.program.fail(end)

    # From the program's channel.

    def opened(self) -> None:
        self._run.opened(self)

    def heard(self, stream: Stream, data: bytes) -> None:
        self.program.take(stream, data)

    def ended(self, status: int | None, signal: str | None) -> None:
        self.program.closed(status, signal)

    def failed(self, why: str) -> None:
        self._run.not_opened(self, why)

    def lost(self, why: str) -> None:
        self.program.broke(why)


class Kill:
    """The channel that ends a program's process group."""

    def __init__(self, job: Job, over: Callable[[], None]) -> None:
        self._job = job
        self._over = over
        self._said = b""

    def opened(self) -> None: ...

    def heard(self, stream: Stream, data: bytes) -> None:
        self._said = (self._said + data)[-4096:] if stream is Stream.OUT else self._said

    def ended(self, status: int | None, signal: str | None) -> None:
        self._job.program.killed(status, self._said)
        self._over()

    def failed(self, why: str) -> None:
        self.lost(why)

    def lost(self, why: str) -> None:
        self._job.program.killed(None)
        self._over()


class LoopFanOut(FanOut):
    """One run over SSH."""

    links: Links
    _jobs: dict[Program, Job]
    _loads: dict[Link, Load]

    def over_links(self, links: Links) -> None:
        """Run everything over `links`."""
        self.links, self._jobs, self._loads = links, {}, {}
        self.run()

    def start(self, program: Program) -> None:
        job = self._jobs[program] = Job(self, program)
        self._reach(job)

    def _reach(self, job: Job) -> None:
        job.link = None
        try:
            self.links.want(job.program.target, job.program.task.deadlines, job.waiting)
        except ReachError as error:
            job.program.fail(End(Outcome.UNREACHABLE, why=error.message, hint=error.hint, phase="connect"))

    def place(self, job: Job, link: Link) -> None:
        load = self._loads.setdefault(link, Load())
        load.waiting.append(job)
        self._serve(link, load)

    def opened(self, job: Job) -> None:
        assert job.link is not None
        self._loads[job.link].proven = True

    def not_opened(self, job: Job, why: str) -> None:
        """The host opened no channel. One that opened others has only too many for now: it is asked again."""
        assert job.link is not None
        link, load = job.link, self._loads[job.link]
        if not load.proven or job.tries == TRIES:
            job.program.refused(f"the host opened no channel: {why}")
            return
        load.running -= 1
        load.limit = max(1, load.running)
        job.running = False
        job.channels.clear()
        # sshd counts a session for a moment after it has told us of its end.
        pause = FIRST_PAUSE * 2**job.tries
        job.tries += 1
        self.poller.at(self.clock.monotonic() + pause, lambda: self._place_again(job, link))

    def _place_again(self, job: Job, link: Link) -> None:
        if job.program.end is None:
            self.place(job, link)

    def kill(self, program: Program) -> None:
        job = self._jobs[program]

        def up(link: Link) -> None:
            self._loads.setdefault(link, Load()).to_kill.append(job)
            self._serve_kills(link)

        if job.link is not None and job.link.phase == UP:
            up(job.link)
            return
        job.killing = Waiting(up, lambda _: program.killed(None))
        try:
            self.links.want(program.target, program.task.deadlines, job.killing)
        except ReachError:
            program.killed(None)

    def drop(self, program: Program) -> None:
        job = self._jobs.pop(program, None)
        if job is None:
            return
        for channel in job.channels:
            channel.close()
        if job.killing is not None:
            self.links.give_up(job.killing)
        if job.link is None:
            self.links.give_up(job.waiting)
            return
        load = self._loads[job.link]
        if job.running:
            load.running -= 1
        elif job in load.waiting:
            load.waiting.remove(job)
        self._serve(job.link, load)

    def _serve(self, link: Link, load: Load) -> None:
        while link.phase == GONE and load.waiting:
            self._reach(load.waiting.popleft())
        while link.phase == UP and load.waiting and load.running < load.limit:
            job = load.waiting.popleft()
            load.running += 1
            job.running = True
            job.program.begin()
            job.channels.append(link.run(COMMAND, job, job.program.wrapped.stdin))

    def _serve_kills(self, link: Link) -> None:
        load = self._loads[link]

        def over() -> None:
            load.kills -= 1
            self._serve_kills(link)

        while load.to_kill and load.kills < KILLS_A_LINK:
            job = load.to_kill.popleft()
            if job.program.end is None:
                load.kills += 1
                job.channels.append(link.run(job.program.kill_command, Kill(job, over)))


class LoopEngine:
    """A `Transport` that works on one thread."""

    def __init__(self, setup: Setup, clock: Clock) -> None:
        self._clock = clock
        self._links = Links(setup, clock)

    def run(self, work: Work, listen: Listener, *, parallel: int, stop: Stop) -> None:
        """See `Transport.run`."""
        poller = self._links.poller
        run = LoopFanOut(work, listen, parallel=parallel, stop=stop, clock=self._clock, poller=poller)
        run.over_links(self._links)

    def close(self) -> None:
        """Drop all links."""
        self._links.close()

"""Questions that only blocking calls answer: names of hosts, and programs. Threads ask, the loop hears the answers."""

from __future__ import annotations

import os
import socket
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from threading import Lock, Thread

from rem_cli.reach import End, Outcome, Stop, Stream, Target, Task, Transport
from rem_cli.reach.asks import Done, Failed, Ran, Resolve, Resolved, Run, Tell
from rem_cli.reach.poller import READ, Poller

AT_ONCE = 16  # names
PARALLEL = 50  # programs


class Bell:
    """Calls from other threads, made in the loop's own."""

    def __init__(self, poller: Poller) -> None:
        self._poller = poller
        self._calls: deque[Callable[[], None]] = deque()
        self._fd = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        poller.watch(self._fd, READ, lambda _: self._rung())
        self._open = True
        self._lock = Lock()  # nobody rings while it is closed: its number may be another's then

    def call(self, what: Callable[[], None]) -> None:
        """From any thread: have it called soon; after `close` it never is."""
        self._calls.append(what)
        with self._lock:
            if self._open:
                os.eventfd_write(self._fd, 1)

    def close(self) -> None:
        with self._lock:
            self._open = False
            self._poller.forget(self._fd)
            os.close(self._fd)

    def _rung(self) -> None:
        os.eventfd_read(self._fd)
        while self._calls:
            self._calls.popleft()()


class Names:
    """Looks names of hosts up, each once."""

    def __init__(self, bell: Bell, lookup: Callable[[str], str] | None = None) -> None:
        self._bell = bell
        self._lookup = lookup or look_up
        self._known: dict[str, Resolved | Failed] = {}
        self._asking: dict[str, list[Done]] = {}
        self._waiting: deque[str] = deque()
        self._threads = 0

    def ask(self, question: object, done: Done, tell: Tell | None) -> None:
        assert isinstance(question, Resolve)
        name = question.name
        if tell:
            tell(f"look up {name}")
        known = self._known.get(name)
        if known is not None:
            done(known)
            return
        if name in self._asking:
            self._asking[name].append(done)
            return
        self._asking[name] = [done]
        self._waiting.append(name)
        if self._threads < AT_ONCE:
            self._threads += 1
            Thread(target=self._work, daemon=True).start()

    def close(self) -> None:
        self._waiting.clear()

    def _work(self) -> None:
        while True:
            try:
                name = self._waiting.popleft()
            except IndexError:
                break
            answer: Resolved | Failed
            try:
                answer = Resolved(self._lookup(name))
            except OSError as error:
                answer = Failed(f"'{name}' has no address: {(error.strerror or str(error)).lower()}")
            self._bell.call(partial(self._found, name, answer))
        self._bell.call(self._left)

    def _left(self) -> None:
        self._threads -= 1

    def _found(self, name: str, answer: Resolved | Failed) -> None:
        self._known[name] = answer
        for done in self._asking.pop(name):
            done(answer)


def look_up(name: str) -> str:
    """A name's first address; OSError."""
    return str(socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)[0][4][0])


class Programs:
    """Runs programs by transports: all that are asked for in one turn of the loop together."""

    def __init__(self, bell: Bell, transports: Callable[[], Mapping[str, Transport]]) -> None:
        self._bell = bell
        self._transports = transports
        self._stop = Stop()
        self._asked: dict[str, list[tuple[Run, Done, Tell | None]]] = {"local": [], "ssh": []}
        self._busy: dict[str, Thread] = {}

    def ask(self, question: object, done: Done, tell: Tell | None) -> None:
        assert isinstance(question, Run)
        waiting = self._asked["local" if question.local else "ssh"]
        waiting.append((question, done, tell))
        if len(waiting) == 1:
            self._bell.call(self._start)

    def close(self) -> None:
        """End what runs, and wait for that."""
        self._stop.ask()
        for thread in list(self._busy.values()):
            thread.join()
        self._stop.close()

    def _start(self) -> None:
        for reach, asked in self._asked.items():
            if asked and reach not in self._busy:
                batch = list(asked)
                asked.clear()
                thread = Thread(target=self._run, args=(reach, self._transports()[reach], batch), daemon=True)
                self._busy[reach] = thread
                thread.start()

    def _run(self, reach: str, transport: Transport, batch: Sequence[tuple[Run, Done, Tell | None]]) -> None:
        ear = _Ear()
        work: list[tuple[Target, Task]] = []
        for number, (run, done, tell) in enumerate(batch):
            name = f"{run.target.name}#{number}"  # of one host several may run
            ear.of[name] = self._told(done, tell)
            if tell:
                self._bell.call(lambda tell=tell, run=run: tell(_said(run)))  # type: ignore[misc]
            work.append((run.target._replace(name=name), run.task))
        why = "it was stopped"
        try:
            transport.run(work, ear, parallel=PARALLEL, stop=self._stop)
        except Exception as error:  # of this machine, and all have the same
            why = str(error)
        for answer in ear.of.values():
            answer(Failed(why, here=True))
        self._bell.call(lambda: self._ended(reach))

    def _ended(self, reach: str) -> None:
        del self._busy[reach]
        self._start()

    def _told(self, done: Done, tell: Tell | None) -> Callable[[Ran | Failed], None]:
        def answered(answer: Ran | Failed) -> None:
            if tell and isinstance(answer, Ran):
                self._bell.call(lambda: tell(_told(answer)))
            self._bell.call(lambda: done(answer))

        return answered


class _Ear:
    """Listens to one transport."""

    def __init__(self) -> None:
        self.of: dict[str, Callable[[Ran | Failed], None]] = {}
        self._said: dict[tuple[str, Stream], bytearray] = {}

    def started(self, target: Target) -> None:
        """Of no interest before it has ended."""

    def output(self, target: Target, stream: Stream, data: bytes) -> None:
        self._said.setdefault((target.name, stream), bytearray()).extend(data)

    def ended(self, target: Target, end: End) -> None:
        out, err = (bytes(self._said.pop((target.name, stream), b"")) for stream in (Stream.OUT, Stream.ERR))
        answer = self.of.pop(target.name)
        unreached = end.outcome in (Outcome.UNREACHABLE, Outcome.REFUSED)
        answer(Failed(end.why, hint=end.hint) if unreached else Ran(end, out, err))


def _said(run: Run) -> str:
    task = run.task
    what = " ".join(task.argv) if task.argv and task.script is None else "a program"
    return f"run {what[:100]} {'here' if run.local else f'on {run.target.address} over SSH'}"


def _told(ran: Ran) -> str:
    end = ran.end
    return f"it ended: {end.why or end.outcome}, {len(ran.out)} bytes in {end.seconds:.2f} s"

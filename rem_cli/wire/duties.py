"""The duties that need engines: procedures, checks, and what hosts did by themselves."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from rem_cli import wire
from rem_cli.daemon import Event, Listen
from rem_cli.errors import HeldError, RemError, Status
from rem_cli.procedures import Fate
from rem_cli.wire.collecting import collect_from
from rem_cli.wire.long_jobs import fetch_long_jobs

if TYPE_CHECKING:
    from rem_cli.daemon.hands import Hands
    from rem_cli.reach import Stop
    from rem_cli.wire import Rem

GLANCE = 2.0  # seconds between looks at runs of procedures
FETCH = 60.0  # seconds between looks at what hosts did, and at whether there are checks now
LONG = 10.0  # seconds between looks at long jobs that go on
NEWS = 5.0  # seconds between looks at whether something is active
CHECK = 1.0  # seconds between two turns of checks at least
FIRST_PAUSE = 5.0  # seconds for a run of a procedure that could not be driven; twice as long each time
LONGEST_PAUSE = 600.0


class Procedures:
    """Goes on with every run that has something to do and that nobody drives."""

    name = "procedures"

    def __init__(self, rem: Rem, hands: Hands, stop: Stop, listen: Listen) -> None:
        self._rem = rem
        self._hands = hands
        self._stop = stop
        self._listen = listen
        self._driven: set[int] = set()
        self._failed: dict[int, tuple[int, float]] = {}  # how often, and until when it is left alone

    def turn(self) -> float:
        now = self._rem.clock.monotonic()
        for id in self._rem.procedures.due():
            if id not in self._driven and self._failed.get(id, (0, 0.0))[1] <= now:
                self._driven.add(id)
                self._hands.begin(f"procedure run {id}", partial(self._drive, id))
        return GLANCE

    def _drive(self, id: int) -> None:
        try:
            with wire.open() as rem:
                head = rem.procedures.journals.head(id)
                run, look = rem.procedures.drive(
                    id, stop=self._stop, listen=lambda line: None, jobs=lambda event: None, patience=0.0, who="daemon"
                )
        except HeldError:  # somebody else was faster
            return
        except RemError as error:
            self._pause(id, error)
            return
        finally:
            self._driven.discard(id)
        self._failed.pop(id, None)
        waits = f"waits: {look.why}" if look else "was let go"
        text = f"run {id} of {head.procedure} {run.fate or waits}"
        bad = run.fate not in ("", Fate.SUCCEEDED)
        told = {"run": id, "procedure": head.procedure, "fate": run.fate or None}
        self._listen(Event(self.name, run.fate or "waits", text, alarming=bad, told=told))

    def _pause(self, id: int, error: RemError) -> None:
        """Leave a run alone for a while that could not be driven."""
        often = self._failed.get(id, (0, 0.0))[0] + 1
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (often - 1))
        self._failed[id] = often, self._rem.clock.monotonic() + pause
        text = f"run {id} cannot go on: {error.message}; again in {pause:.0f} s"
        self._listen(Event(self.name, "failed", text, alarming=True, told={"run": id}))


class Fetching:
    """Fetches what hosts that start jobs by themselves have done."""

    name = "fetching"

    def __init__(self, stop: Stop, listen: Listen) -> None:
        self._stop = stop
        self._listen = listen

    def turn(self) -> float:
        with wire.open() as rem:
            if rem.generations.active() is None:
                return FETCH
            asked = collect_from(rem, None, self._stop)
            runs = [(one.host, rem.records.show(id)) for one in asked for id in one.runs]
        for host, run in runs:
            text = f"{run.job} on {host}: run {run.id}: {run.why}"
            told = {"run": run.id, "job": run.job, "host": host}
            self._listen(Event(self.name, "ran", text, alarming=run.status != Status.DONE, told=told))
        for one in asked:
            if one.failed:  # hosts like these are away often
                told_of = {"host": one.host}
                self._listen(Event(self.name, "away", f"{one.host} could not be asked: {one.failed}", told=told_of))
        return FETCH


class LongJobs:
    """Fetches what long jobs tell, and records their ends."""

    name = "long jobs"

    def __init__(self, stop: Stop, listen: Listen, ended: Callable[[str], None]) -> None:
        """`ended` hears the path of a job of which a run has ended: what waits for that may begin."""
        self._stop = stop
        self._listen = listen
        self._ended = ended

    def turn(self) -> float:
        with wire.open() as rem:
            fetched = fetch_long_jobs(rem, self._stop)
        for run in fetched.ended:
            self._ended(run.job)
            text = f"{run.job}: run {run.id}: {run.why}"
            told = {"run": run.id, "job": run.job}
            self._listen(Event(self.name, "ran", text, alarming=run.status != Status.DONE, told=told))
        for one in fetched.unheard:
            self._listen(Event(self.name, "away", f"{one.host} could not be asked: {one.why}", told={"host": one.host}))
        return LONG if fetched.going else NEWS


class Checks:
    """Makes the checks that are due."""

    name = "collect"

    def __init__(self, stop: Stop, listen: Listen) -> None:
        self._stop = stop
        self._listen = listen
        self._wrong: set[str] = set()  # said already

    def turn(self) -> float:
        from rem_cli.wire import polling

        with wire.open() as rem:
            turn = polling.collect(rem, self._stop) if rem.generations.active() else None
        if turn is None:  # nothing is active, or another process makes them
            return NEWS
        wrong = {f"{path} is not checked: {error.message}" for path, error in turn.wrong.items()} | {*turn.failed}
        for text in sorted(wrong - self._wrong):
            self._listen(Event(self.name, "wrong", text, alarming=True))
        self._wrong = wrong
        if turn.outcomes:
            told = {"checks": len(turn.outcomes), "down": len(turn.down), "numbers": turn.samples}
            text = f"{told['checks']} checks, {told['down']} down, {told['numbers']} numbers kept"
            self._listen(Event(self.name, "checked", text, told=told))
            return CHECK
        return FETCH if turn.next is None else min(FETCH, max(CHECK, turn.next))

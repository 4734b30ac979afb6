"""Workers that share one queue: each takes a message, has the job run for it, and says that it is done.

A message is with one worker at a time. Its claim is a lease that is renewed while its run goes on, so that of a worker
that was killed it comes free; whoever has it next first ends what that one left running. What fails is given back, to
be handed out again after a wait; what has failed as often as its queue allows is dead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from threading import BoundedSemaphore, Event, Lock, Thread
from typing import NamedTuple

from rem_cli.errors import RemError, Status
from rem_cli.jobs import Run
from rem_cli.jobs.retry import Retry
from rem_cli.reach import Outcome, Stop
from rem_cli.state import Claim, ClaimLapsed, Queue, StateError

SHARE = 3  # a claim is renewed when this part of its lease has gone
WAIT = 1.0  # seconds that an idle worker waits for a message before it looks whether it shall stop
REST = Retry(times=1, interval=5.0, backoff=2, most=300.0, errors=frozenset(), idempotent=True)
AGAIN = Retry(times=1, interval=30.0, backoff=2, most=3600.0, errors=frozenset(), idempotent=True)


class Fate(StrEnum):
    """What became of a message."""

    DONE = "done"
    BACK = "given back"
    DEAD = "dead"
    LEFT = "left"  # its programs may still run: it comes again when its lease is over
    LAPSED = "lapsed"  # its lease was over before its run was: another has it by now


class Handled(NamedTuple):
    """A message that a worker had."""

    worker: str
    id: str
    delivery: int  # how often it was handed out, this time included
    run: Run | None  # None: it was not begun
    fate: Fate
    why: str = ""  # it is not done


class Idle(NamedTuple):
    """A worker that takes no messages, for no host answers."""

    worker: str
    why: str


class UnsureError(RemError):
    """An earlier run may still handle the message."""

    code = "unsure"


class Hands(NamedTuple):
    """What a worker does its work with; both are called in the worker's own thread."""

    name: str
    ready: Callable[[Stop], str]  # why its hosts cannot be used now; empty when they can
    handle: Callable[[Claim, Stop], Run]  # run the job for a message; UnsureError


@dataclass
class Shift:
    """How long workers work: until `stop`, until the queue is empty (`once`), and for so many messages at most."""

    stop: Stop
    once: bool = False
    most: int | None = None
    _lock: Lock = field(default_factory=Lock)
    _taken: int = 0

    @property
    def over(self) -> bool:
        """Whether no message is taken any more; those in hand are handled to their end, unless the stop was asked."""
        return self.stop.wished > 0

    def rest(self, seconds: float) -> None:
        """Wait, but no longer than until the shift is over."""
        while seconds > 0 and not self.over:
            self.stop.wait(min(seconds, WAIT))
            seconds -= WAIT

    def next(self) -> bool:
        """Whether one more message may be taken; it counts."""
        with self._lock:
            if self.over or (self.most is not None and self._taken >= self.most):
                return False
            self._taken += 1
            return True

    def untaken(self) -> None:
        """There was none."""
        with self._lock:
            self._taken -= 1


class Shop:
    """The workers of one queue, whose messages are handed out `deliveries` times at most, for `lease` seconds."""

    def __init__(self, queue: Queue, lease: float, deliveries: int, again: Retry | None) -> None:
        self._queue = queue
        self._lease = lease
        self._deliveries = deliveries
        self._again = again or AGAIN

    def work(
        self, hands: Sequence[Hands], shift: Shift, listen: Callable[[Handled | Idle], None], *, at_once: int
    ) -> None:
        """Let workers work until the shift is over; `listen` hears of every message, from one thread at a time.

        What a worker raises ends the others in good order, and is raised then.
        """
        room, telling = BoundedSemaphore(at_once), Lock()

        def tell(event: Handled | Idle) -> None:
            with telling:
                listen(event)

        def one(hand: Hands) -> None:
            try:
                self._worker(hand, shift, tell, room)
            except BaseException:
                shift.stop.ask()
                raise

        with ThreadPoolExecutor(len(hands)) as pool:
            for done in [pool.submit(one, hand) for hand in hands]:
                done.result()

    def _worker(
        self, hand: Hands, shift: Shift, tell: Callable[[Handled | Idle], None], room: BoundedSemaphore
    ) -> None:
        chance, failed = Random(hand.name), 0
        ready = False
        while not shift.over:
            why = "" if ready else hand.ready(shift.stop)
            if why:
                tell(Idle(hand.name, why))
                failed += 1
                if shift.once:
                    return
                shift.rest(REST.wait(min(failed, 10), chance))
                continue
            ready = True
            if not shift.next():
                return
            with room:
                handled = self._message(hand, shift, chance)
            if handled is None:
                shift.untaken()
                if shift.once:
                    return
                continue
            ready, failed = handled.run is not None and _reached(handled.run), 0
            tell(handled)

    def _message(self, hand: Hands, shift: Shift, chance: Random) -> Handled | None:
        claims = self._queue.claim(1, lease=self._lease, wait=0.0 if shift.once else WAIT)
        if not claims:
            return None
        claim = claims[0]
        held = _Held(self._queue, claim.token, self._lease, shift.stop)
        with held:
            try:
                run = hand.handle(claim, held.ours)
            except UnsureError as error:
                return Handled(hand.name, claim.id, claim.tries, None, Fate.LEFT, error.message)
        fate = self._settle(claim, run, held, chance)
        why = next((host.end.why for host in run.hosts if host.end and host.end.why), run.why)
        return Handled(hand.name, claim.id, claim.tries, run, fate, "" if fate is Fate.DONE else why)

    def _settle(self, claim: Claim, run: Run, held: _Held, chance: Random) -> Fate:
        """Say what became of a message. Whoever lost its lease has nothing to say any more."""
        if held.lapsed:
            return Fate.LAPSED
        try:
            if run.status is Status.DONE:
                self._queue.ack(claim.token)
                return Fate.DONE
            if any(host.end and (host.end.survivors or host.end.outcome is Outcome.LOST) for host in run.hosts):
                return Fate.LEFT
            self._queue.give_back(claim.token, after=self._again.wait(claim.tries, chance))
        except ClaimLapsed:
            return Fate.LAPSED
        return Fate.DEAD if claim.tries >= self._deliveries else Fate.BACK


def _reached(run: Run) -> bool:
    """Whether a program ran anywhere, so that the host need not be asked again."""
    return any(host.started is not None for host in run.hosts)


class _Held:
    """Keeps a message's lease while its run goes on, and ends the run when the lease is lost or the shift is over."""

    def __init__(self, queue: Queue, token: str, lease: float, stop: Stop) -> None:
        self.ours = Stop()
        self.lapsed = False
        self._queue = queue
        self._token = token
        self._every = lease / SHARE
        self._lease = lease
        self._stop = stop
        self._over = Event()
        self._keepers = [Thread(target=one, daemon=True) for one in (self._keep, self._pass_on)]

    def __enter__(self) -> _Held:
        for keeper in self._keepers:
            keeper.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for keeper in self._keepers:
            keeper.join()
        self.ours.close()

    def _keep(self) -> None:
        while not self._over.wait(self._every):
            try:
                self._queue.extend(self._token, lease=self._lease)
            except ClaimLapsed:
                self.lapsed = True
                self.ours.ask()
                return
            except StateError:  # a disk may have room again before the lease is over
                continue

    def _pass_on(self) -> None:
        told = 0
        while not self._over.is_set():
            for _ in range(self._stop.asked - told):
                with suppress(OSError):
                    self.ours.ask()
            told = max(told, self._stop.asked)
            self._over.wait(0.2)

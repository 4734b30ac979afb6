"""The engine: many conversations at once, on one thread and one loop.

Only conversations that began a short while ago count against the window: one that waits for a machine that may be dead
holds nobody up.
"""

from __future__ import annotations

import ipaddress
from collections import deque
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import Any, NamedTuple

from rem_cli.clock import Clock
from rem_cli.collect import Collector, Conversation, NoAnswer, Reading
from rem_cli.collect.checks import Check
from rem_cli.errors import RemError
from rem_cli.reach import Stop
from rem_cli.reach.asks import Failed, Resolve, Resolved, Tell, Wires
from rem_cli.reach.poller import READ, Poller, Timer

WINDOW = 200  # conversations that began in the last PATIENCE; the kernel keeps their answers if all come at once
PATIENCE = 0.25  # seconds; four times what an answer takes that comes from far away
MOST = 3000  # conversations at all


class Outcome(NamedTuple):
    """What came of one check."""

    check: Check
    at: float  # when it was known, in seconds since the epoch
    seconds: float  # from its first question
    reading: Reading | None  # None: nothing is known of the target, for a reason that lies here
    lost: float = 0.0  # percent of the questions that nobody answered
    why: str = ""
    hint: str | None = None


class Start(NamedTuple):
    """A check, and when it may begin."""

    check: Check
    after: float = 0.0  # seconds from the start of the turn
    retries: int = 0  # how often a question is asked again that nothing came back to
    tell: Tell | None = None


class _Talk:
    """One conversation."""

    __slots__ = ("asked", "began", "conversation", "left", "lost", "over", "question", "start", "young")

    def __init__(self, start: Start, conversation: Conversation, began: float) -> None:
        self.start = start
        self.conversation = conversation
        self.began = began
        self.young = True
        self.over = False
        self.asked = self.lost = 0
        self.question: Any = None
        self.left = start.retries


class Engine:
    """Makes checks."""

    def __init__(
        self, wires: Wires, poller: Poller, clock: Clock, collector: Callable[[str], Collector], *, window: int = WINDOW
    ) -> None:
        self._wires = wires
        self._poller = poller
        self._clock = clock
        self._collector = collector
        self._window = window
        self._order: deque[_Talk] = deque()  # the young ones, and some that are over, by when they began
        self._young = 0
        self._talks: set[_Talk] = set()
        self._tell: Callable[[Outcome], None] = lambda outcome: None
        self._wake: Timer | None = None

    def gather(
        self, starts: Iterable[Start], tell: Callable[[Outcome], None], *, seconds: float, stop: Stop
    ) -> list[Check]:
        """Make checks and tell the outcome of each as it is known; those that were not over after `seconds`.

        Starts come in the order of their `after`.
        """
        self._tell = tell
        began = self._clock.monotonic()
        waiting = deque(starts)
        alarm = self._poller.at(began + seconds, _nothing)
        self._poller.watch(stop.fileno(), READ, lambda _: None)
        try:
            while True:
                now = self._clock.monotonic()
                if stop.asked or now - began >= seconds:
                    break
                self._begin(waiting, began, now)
                if not waiting and not self._talks:
                    break
                self._poller.turn()
        finally:
            self._poller.forget(stop.fileno())
            alarm.cancel()
        cut = [talk.start.check for talk in self._talks]
        for talk in self._talks:
            talk.over = True
            talk.conversation.close()
        self._talks.clear()
        return [*cut, *(start.check for start in waiting)]

    def _begin(self, waiting: deque[Start], began: float, now: float) -> None:
        """Begin as many as the window lets, and see that the loop wakes for the next."""
        order = self._order
        while order and (order[0].over or now - order[0].began >= PATIENCE):
            talk = order.popleft()
            if talk.young:
                talk.young = False
                self._young -= 1
        while waiting and self._young < self._window and len(self._talks) < MOST:
            if began + waiting[0].after > now:
                break
            self._start(waiting.popleft(), now)
        if self._wake:
            self._wake.cancel()
            self._wake = None
        if waiting:
            due = began + waiting[0].after
            full = self._young >= self._window and order
            self._wake = self._poller.at(max(due, order[0].began + PATIENCE) if full else max(due, now), _nothing)

    def _start(self, start: Start, now: float) -> None:
        try:
            conversation = self._collector(start.check.kind)(start.check.target)
        except RemError as error:
            why = Failed(error.message, error.hint, here=True)
            self._tell(Outcome(start.check, self._clock.now(), 0.0, None, 0.0, why.why, why.hint))
            return
        talk = _Talk(start, conversation, now)
        self._talks.add(talk)
        self._order.append(talk)
        self._young += 1
        self._go_on(talk, partial(next, conversation))

    def _go_on(self, talk: _Talk, step: Callable[[], Any]) -> None:
        """Let the collector take one step: to its next question, or to its end."""
        try:
            question = step()
        except StopIteration as end:
            self._end(talk, end.value)
        except NoAnswer as error:
            failed = error.failed
            self._end(talk, None if failed.here else Reading({}, up=False, why=failed.why), failed.hint, failed.why)
        except RemError as error:
            self._end(talk, None, error.hint, error.message)
        except Exception as error:  # one collector's mistake costs no other check
            self._end(talk, None, "report it with: rem collect --explain HOST", f"its collector failed: {error!r}")
        else:
            talk.left = talk.start.retries
            self._ask(talk, question)

    def _ask(self, talk: _Talk, question: Any) -> None:
        talk.question = question
        wires, address = self._wires, getattr(question, "address", None)
        if address is not None and not numeric(address):
            done = partial(self._resolved, talk)
            wires[Resolve].ask(Resolve(address), done, talk.start.tell)
            return
        talk.asked += 1
        wires[type(question)].ask(question, partial(self._answered, talk), talk.start.tell)

    def _resolved(self, talk: _Talk, answer: object) -> None:
        if talk.over:
            return
        if isinstance(answer, Resolved):
            self._ask(talk, talk.question._replace(address=answer.address))
        else:
            self._answered(talk, answer)

    def _answered(self, talk: _Talk, answer: object) -> None:
        if talk.over:
            return
        if not isinstance(answer, Failed):
            self._go_on(talk, partial(talk.conversation.send, answer))
            return
        talk.lost += answer.silent
        if answer.silent and talk.left:
            talk.left -= 1
            self._ask(talk, talk.question)
            return
        self._go_on(talk, partial(talk.conversation.throw, NoAnswer(answer)))

    def _end(self, talk: _Talk, reading: Reading | None, hint: str | None = None, why: str = "") -> None:
        talk.over = True
        self._talks.discard(talk)
        if talk.young:
            talk.young = False
            self._young -= 1
        lost = 100.0 * talk.lost / talk.asked if talk.asked else 0.0
        if reading is not None:
            why = reading.why
            lost = lost if reading.lost is None else reading.lost
        seconds = self._clock.monotonic() - talk.began
        self._tell(Outcome(talk.start.check, self._clock.now(), seconds, reading, lost, why, hint))


@lru_cache(maxsize=8192)
def numeric(address: str) -> bool:
    """Whether an address is one, and no name."""
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return False
    return True


def _nothing() -> None:
    """Wakes the loop."""

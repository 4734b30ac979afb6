"""Asks duties in their turn. Who does a turn is an argument, and so is time: a test does it at once, on a clock of its
own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from rem_cli.clock import Clock
from rem_cli.daemon import Duty, Event, Listen
from rem_cli.errors import RemError
from rem_cli.language.shown import duration

FIRST_PAUSE = 1.0  # seconds after a duty failed; twice as long each time
LONGEST_PAUSE = 300.0

Begin = Callable[[str, Callable[[], None]], None]  # do it, now or in a thread of its own; the text says what it is


@dataclass
class _Post:
    """A duty, and when it is asked again."""

    duty: Duty
    due: float  # by the clock that never steps
    under_way: bool = False
    failures: int = 0  # one after another


class Loop:
    """Every duty in its own time: one that takes long or fails keeps no other from its turn."""

    def __init__(self, duties: Sequence[Duty], clock: Clock, begin: Begin, listen: Listen) -> None:
        self._clock = clock
        self._begin = begin
        self._listen = listen
        self._posts = [_Post(duty, clock.monotonic()) for duty in duties]

    def step(self) -> float:
        """Begin the turns that are due; in how many seconds the next one is."""
        now = self._clock.monotonic()
        for post in self._posts:
            if not post.under_way and post.due <= now:
                post.under_way = True
                self._begin(post.duty.name, partial(self._turn, post))
        waiting = [post.due for post in self._posts if not post.under_way]
        return max(0.0, min(waiting, default=now + LONGEST_PAUSE) - self._clock.monotonic())

    def hurry(self, name: str | None = None) -> None:
        """Ask a duty, or all, at once."""
        for post in self._posts:
            if name in (None, post.duty.name):
                post.due = self._clock.monotonic()

    def _turn(self, post: _Post) -> None:
        try:
            pause = post.duty.turn()
        except Exception as error:  # whatever it is, the other duties go on
            pause = self._failed(post, error)
        else:
            if post.failures:
                self._listen(Event(post.duty.name, "recovered", "works again", alarming=True))
            post.failures = 0
        post.due = self._clock.monotonic() + pause
        post.under_way = False

    def _failed(self, post: _Post, error: Exception) -> float:
        post.failures += 1
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (post.failures - 1))
        why = error.message if isinstance(error, RemError) else f"rem failed: {type(error).__name__}: {error}"
        self._listen(Event(post.duty.name, "failed", f"{why}; again in {duration(pause)}", alarming=True))
        return pause

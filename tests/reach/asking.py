"""One question at a time, to a wire on a loop of its own."""

from __future__ import annotations

from collections.abc import Callable

from rem_cli.clock import Clock, SystemClock
from rem_cli.reach.asks import Wire
from rem_cli.reach.poller import Poller


def ask(make: Callable[[Poller, Clock], Wire], *questions: object, told: list[str] | None = None) -> list[object]:
    """The answers to questions that are all asked at once, in the order of the questions."""
    poller, clock = Poller(SystemClock()), SystemClock()
    wire = make(poller, clock)
    answers: dict[int, list[object]] = {at: [] for at in range(len(questions))}
    try:
        for at, question in enumerate(questions):
            wire.ask(question, answers[at].append, told.append if told is not None else None)
        while not all(answers.values()):
            poller.turn()
    finally:
        wire.close()
        poller.close()
    assert [len(one) for one in answers.values()] == [1] * len(questions)
    return [one[0] for one in answers.values()]

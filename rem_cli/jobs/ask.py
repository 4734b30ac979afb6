"""Asking many hosts something short: all over their own transport, each answer whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rem_cli.errors import RemError
from rem_cli.jobs.job import Assignment
from rem_cli.reach import End, Outcome, Stop, Stream, Target, Transport

PARALLEL = 50  # hosts at once


class Answer(NamedTuple):
    end: End
    out: bytes = b""

    def whole(self) -> bytes:
        """What it said; RemError with why it did not."""
        if self.end.outcome is not Outcome.OK:
            raise RemError(self.end.why or str(self.end.outcome), hint=self.end.hint)
        return self.out


def ask(
    questions: Sequence[Assignment], transports: Mapping[str, Transport], stop: Stop, *, parallel: int = PARALLEL
) -> list[Answer]:
    """The answers, in the order of the questions, of which no two have the same target."""
    ear = _Ear()
    for reach in ("local", "ssh"):
        work = [(one.target, one.task) for one in questions if one.host.local == (reach == "local")]
        if work:
            try:
                transports[reach].run(work, ear, parallel=parallel, stop=stop)
            except RemError as error:  # no key, no ssh_config: it concerns all of them, and nobody beside them
                end = End(Outcome.UNREACHABLE, why=error.message, hint=error.hint, phase="connect")
                ear.answers |= {target: Answer(end) for target, _ in work if target not in ear.answers}
    cancelled = Answer(End(Outcome.CANCELLED, why="it was stopped"))
    return [ear.answers.get(one.target, cancelled) for one in questions]


class _Ear:
    """Listens to transports."""

    def __init__(self) -> None:
        self.answers: dict[Target, Answer] = {}
        self._out: dict[Target, bytearray] = {}

    def started(self, target: Target) -> None:
        """Of no interest before it has ended."""

    def output(self, target: Target, stream: Stream, data: bytes) -> None:
        if stream is Stream.OUT:
            self._out.setdefault(target, bytearray()).extend(data)

    def ended(self, target: Target, end: End) -> None:
        self.answers[target] = Answer(end, bytes(self._out.pop(target, b"")))

"""Echoes by fping, which may ping where we may not: all that are asked for in one turn of the loop together.

Source: fping(8), `-C` and `-q`: a line for each target on standard error, `ADDRESS : MS MS -`, `-` for an echo that
did not come back.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence
from functools import partial
from threading import Thread

from rem_cli.reach.asks import Done, Echo, Echoes, Failed, Tell
from rem_cli.reach.threads import Bell

_GRACE = 10.0  # seconds beyond what its own limits come to


class Fping:
    """Asks for echoes."""

    def __init__(self, bell: Bell, program: str = "fping") -> None:
        self._bell = bell
        self._program = program
        self._asked: list[tuple[Echo, Done, Tell | None]] = []
        self._running: set[subprocess.Popen[str]] = set()

    def ask(self, question: object, done: Done, tell: Tell | None) -> None:
        assert isinstance(question, Echo)
        self._asked.append((question, done, tell))
        if len(self._asked) == 1:
            self._bell.call(self._start)

    def close(self) -> None:
        self._asked.clear()
        for process in list(self._running):
            process.kill()

    def _start(self) -> None:
        """One process for all that are asked alike."""
        kinds: dict[tuple[int, float, float], list[tuple[Echo, Done, Tell | None]]] = {}
        for one in self._asked:
            echo = one[0]
            kinds.setdefault((echo.packets, echo.timeout, echo.gap), []).append(one)
        self._asked.clear()
        for same in kinds.values():
            Thread(target=self._run, args=(same,), daemon=True).start()

    def _run(self, asked: Sequence[tuple[Echo, Done, Tell | None]]) -> None:
        echo = asked[0][0]
        limits = ["-t", f"{echo.timeout * 1000:.0f}", "-p", f"{max(20.0, echo.gap * 1000):.0f}"]
        words = [self._program, "-C", str(echo.packets), "-q", "-i", "1", *limits]
        addresses = sorted({one.address for one, _, _ in asked})
        answers: dict[str, Echoes] = {}
        why = "fping said nothing of it"
        try:
            process = subprocess.Popen(
                words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
            )
            self._running.add(process)
            wait = echo.packets * (echo.timeout + echo.gap) + len(addresses) * 0.002 + _GRACE
            _, said = process.communicate("\n".join(addresses) + "\n", timeout=wait)
            self._running.discard(process)
            answers = dict(read(said.splitlines(), echo.packets))
        except (OSError, subprocess.TimeoutExpired) as error:
            why = f"fping: {error}"
        for one, done, tell in asked:
            answer = answers.get(one.address) or Failed(why, here=True)
            self._bell.call(partial(_told, done, tell, answer))


def _told(done: Done, tell: Tell | None, answer: Echoes | Failed) -> None:
    if tell:
        tell(f"fping says: {answer.why if isinstance(answer, Failed) else [*answer.times]}")
    done(answer)


def read(lines: Iterable[str], packets: int) -> Iterable[tuple[str, Echoes]]:
    """What fping told of each address."""
    for line in lines:
        address, colon, rest = line.partition(" : ")
        words = rest.split()
        if colon and len(words) == packets:
            try:
                times = [None if word == "-" else float(word) / 1000 for word in words]
            except ValueError:  # a remark about the address
                continue
            yield address.strip(), Echoes(times)

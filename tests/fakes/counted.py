"""A transport that notes what it was asked to run, and lets another do it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rem_cli.reach import Listener, Stop, Target, Task, Transport


class Counted:
    def __init__(self, real: Transport) -> None:
        self._real = real
        self.tasks: list[tuple[str, Task]] = []  # by the target's name, in order

    def run(self, work: Iterable[tuple[Target, Task]], listen: Listener, *, parallel: int, stop: Stop) -> None:
        def noted() -> Iterator[tuple[Target, Task]]:
            for target, task in work:
                self.tasks.append((target.name, task))
                yield target, task

        self._real.run(noted(), listen, parallel=parallel, stop=stop)

    def close(self) -> None:
        self._real.close()

    def verbs(self) -> list[tuple[str, str]]:
        """Which host was asked to do what: `look`, `stage`; without the programs of packages."""
        return [(name, task.argv[4]) for name, task in self.tasks if task.argv[3:4] == ("rem",)]

"""Alerts, wired: what fires of the service levels, what is decided of it, and what people say meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from rem_cli.alerts import Board, Decision, Episode, Firing, Line
from rem_cli.alerts.decide import decide
from rem_cli.alerts.kept import Boards
from rem_cli.alerts.read import alarms, mark
from rem_cli.errors import RemError
from rem_cli.sla import State
from rem_cli.sla.flapping import Flapping
from rem_cli.sla.judge import newest
from rem_cli.state import StaleRevision
from rem_cli.wire import Rem
from rem_cli.wire.levels import host_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rem_cli.alerts import Alarm
    from rem_cli.sla.report import Row
    from rem_cli.wire.levels import Levels, Looked

A = TypeVar("A")
TRIES = 100


class Alerting:
    """The alerts of the active generation, and the board of the shared state."""

    def __init__(self, rem: Rem) -> None:
        self._rem = rem
        self.alarms: Mapping[str, Alarm] = alarms(rem.active_source().catalog.items.values())

    @property
    def boards(self) -> Boards:
        return Boards(self._rem.state)

    def board(self) -> Board:
        """As it stands; nothing is made where nothing was kept."""
        if not (self._rem.state_folder / "state.sqlite").is_file():
            return Board()
        return self.boards.read().board

    def turn(self, levels: Levels, looked: Sequence[Looked], now: float) -> Decision:
        """Decide after a look at all service levels, and keep it."""
        told = [(one, found) for one in looked for found in self._firing(one)]
        objectives = self._objectives(levels, now)
        firing = [found for one, found in told if one.verdict.state is State.BREACHED]
        firing += [found for row, found in objectives if row.missed or row.burning]
        known = {found.mark for _, found in (*told, *objectives)}
        failing = self._failing(levels, looked, now)

        def once(boards: Boards) -> Decision:
            kept = boards.read()
            bad = {one.mark for one in firing}
            flaps = {name: kept.flaps.get(name, Flapping()).after(name in bad) for name in known}
            gone = [one.mark for one in kept.board.episodes.values() if one.closed is None and one.mark not in known]
            flapping = [name for name, one in flaps.items() if one.flaps]
            done = decide(
                kept.board, self.alarms, firing, now, failing=failing, causes=self._causes(looked), flapping=flapping,
                superseded=gone,
            )  # fmt: skip
            boards.decided(kept, done, flaps)
            return done

        return self._tried(once)

    def change(self, how: Callable[[Board, float], tuple[Board, Sequence[Line], A]]) -> A:
        """Let somebody change the board; what they are to be told."""

        def once(boards: Boards) -> A:
            kept = boards.read()
            board, lines, said = how(kept.board, self._rem.clock.now())
            boards.write(kept, board, lines)
            return said

        return self._tried(once)

    def lines(self, episode: Episode) -> list[Line]:
        """What happened to an episode."""
        return [one for one in self.boards.journal() if one.episode == episode.id]

    def _tried(self, once: Callable[[Boards], A]) -> A:
        for _ in range(TRIES):
            try:
                return once(self.boards)
            except StaleRevision:
                continue  # somebody else was first: decide anew, from what they left
        raise RemError(f"others changed the alerts {TRIES} times meanwhile", hint="run this again")

    def _firing(self, one: Looked) -> Sequence[Firing]:
        """What fires when a service level is breached: nothing where it names no alert."""
        path = one.level.alert
        if path is None or path not in self.alarms:
            return ()
        rule = one.level.rule
        labels = {"host": host_of(one.level, one.series), "service level": rule.path.rpartition("/")[2]}
        return (Firing(mark(path, rule.path, rule.digest, one.series), path, one.seen.why, labels),)

    def _objectives(self, levels: Levels, now: float) -> list[tuple[Row, Firing]]:
        """What fires when an objective is missed, or its budget used up too fast."""
        named = [one for _, one in levels.levels() if one.objective is not None and one.alert in self.alarms]
        found: list[tuple[Row, Firing]] = []
        for one in named:
            for row in levels.report(int(now), one.rule.path):
                labels = {"host": host_of(one, row.series), "service level": one.rule.path.rpartition("/")[2]}
                alert = one.alert or ""
                name = mark(alert, one.rule.path, f"objective {one.objective}", row.series)
                found.append((row, Firing(name, alert, _short_of(row), labels)))
        return found

    def _causes(self, looked: Sequence[Looked]) -> dict[str, str]:
        """What alerts, and the service levels that fire them, are a consequence of."""
        own = {path: one.suppress for path, one in self.alarms.items() if one.suppress}
        levels = {one.level.rule.path: own.get(one.level.alert or "", "") for one in looked}
        return own | {path: cause for path, cause in levels.items() if cause}

    def _failing(self, levels: Levels, looked: Sequence[Looked], now: float) -> set[str]:
        """Of what alerts say is their cause, what fails for certain: a service level, or a check whose `up` is 0."""
        breached = {one.level.rule.path for one in looked if one.verdict.state is State.BREACHED}
        causes = {one.suppress for one in self.alarms.values() if one.suppress}
        return {path for path in causes if path in breached or self._down(levels, path, now)}

    def _down(self, levels: Levels, path: str, now: float) -> bool:
        names = [name for name in levels.names if name.startswith(f"{path}/") and name.endswith("/up")]
        last = [newest(levels.points(name, now)) for name in names]
        return any(one is not None and one.value < 1 for one in last)


def _short_of(row: Row) -> str:
    """How far an objective is missed, or how fast its budget goes."""
    available = "nothing" if row.available is None else f"{row.available:.4g}%"
    rate = f", and the budget burns {row.burn:.1f} times too fast" if row.burning and row.burn is not None else ""
    return f"{available} of {row.terms.objective:g}% was well{rate}"

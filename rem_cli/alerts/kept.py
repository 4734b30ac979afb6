"""The board in the shared state, in the bucket `alerts`, with a journal of every decision.

    head                    rises with each change; whoever writes must have seen the last
    episode/<mark>          the last episode of each mark
    group/<digest>          a group, with its key
    silence/0000000012      one silence or downtime
    flap/<mark>             the last looks at what comes and goes
    topic/journal/…         what happened, and why; one line each
    outbox/<key>            a notice that is to be sent

A decision, its lines and its notices are one commit: of two that decide at once one is told to look again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any

from rem_cli.alerts import Ack, Board, Decision, Episode, Group, Line, Notice
from rem_cli.alerts.silence import Matcher, Silence
from rem_cli.sla.flapping import Flapping
from rem_cli.state import Change, Drop, MissingKey, Put, State
from rem_cli.state import Line as Message
from rem_cli.state.values import topic_prefix

BUCKET = "alerts"
JOURNAL = "journal"


@dataclass(frozen=True)
class Kept:
    """The board as it was read, and what must not have changed since."""

    board: Board
    flaps: Mapping[str, Flapping]
    revision: int
    number: int  # of changes


class Boards:
    """The board of one state store."""

    def __init__(self, state: State) -> None:
        self.bucket = state.bucket(BUCKET)

    def read(self) -> Kept:
        try:
            head = self.bucket.get("head")
            told, revision = json.loads(head.body or b"{}"), head.revision
        except MissingKey:
            told, revision = {}, 0
        episodes = {one.mark: one for one in map(_episode, self._all("episode/"))}
        groups = {
            one["key"]: Group(tuple(one["told"]), tuple(one["flapping"]), one["sent"]) for one in self._all("group/")
        }
        silences = tuple(map(_silence, self._all("silence/")))
        flaps = {one["mark"]: Flapping(tuple(one["changes"]), one["flaps"], one["bad"]) for one in self._all("flap/")}
        board = Board(episodes, groups, silences, float(told.get("settled", 0.0)))
        return Kept(board, flaps, revision, int(told.get("number", 0)))

    def write(
        self, was: Kept, board: Board, lines: Iterable[Line], notices: Iterable[Notice] = (), flaps: Any = None
    ) -> None:
        """Keep a board with what happened, if anything did. StaleRevision when somebody has written since."""
        lines, notices = list(lines), list(notices)
        changes: list[Change] = [*_changed("episode/", was.board.episodes, board.episodes, asdict)]
        changes += _changed("group/", _groups(was.board), _groups(board), dict)
        changes += _changed("silence/", _silences(was.board), _silences(board), asdict)
        if flaps is not None:
            changes += _changed("flap/", _flaps(was.flaps), _flaps(flaps), dict)
        changes += [Put(f"outbox/{one.key}", _body({**one._asdict(), "episodes": _ids(one, board)})) for one in notices]
        number = was.number
        for one in lines:
            number += 1
            changes.append(Message(JOURNAL, f"{number:012d}", _body(one._asdict())))
        if changes or board.settled != was.board.settled:
            head = _body({"number": number, "settled": board.settled})
            self.bucket.commit([Put("head", head, was.revision), *changes])

    def decided(self, was: Kept, decision: Decision, flaps: Mapping[str, Flapping]) -> None:
        """Keep what was decided, and put its notices in the outbox."""
        self.write(was, decision.board, decision.lines, decision.notices, flaps)

    def journal(self) -> list[Line]:
        """Every line, in order."""
        return [Line(**json.loads(one.body or b"{}")) for one in self.bucket.since(0, topic_prefix(JOURNAL))]

    def outbox(self) -> list[dict[str, Any]]:
        return self._all("outbox/")

    def _all(self, prefix: str) -> list[dict[str, Any]]:
        return [json.loads(entry.body or b"{}") for entry in self.bucket.scan(prefix)]


def _changed(prefix: str, was: Mapping[str, Any], now: Mapping[str, Any], told: Any) -> list[Change]:
    puts: list[Change] = [Put(prefix + key, _body(told(one))) for key, one in now.items() if was.get(key) != one]
    return puts + [Drop(prefix + key) for key in was if key not in now]


def _ids(one: Notice, board: Board) -> list[str]:
    return [board.episodes[mark].id for mark in (*one.firing, *one.resolved) if mark in board.episodes]


def _flaps(some: Mapping[str, Flapping]) -> dict[str, dict[str, Any]]:
    """Those that changed lately; of the others there is nothing to remember."""
    return {
        mark: {"mark": mark, "changes": list(one.changes), "flaps": one.flaps, "bad": one.bad}
        for mark, one in some.items()
        if any(one.changes) or one.bad
    }


def _groups(board: Board) -> dict[str, dict[str, Any]]:
    """Groups under a key that is never too long for one of the state."""
    return {
        sha256(key.encode()).hexdigest()[:24]: {"key": key, **asdict(one)} for key, one in board.groups.items()
    }  # fmt: skip


def _silences(board: Board) -> dict[str, Silence]:
    return {f"{one.number:010d}": one for one in board.silences}


def _body(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told, separators=(",", ":"), allow_nan=False).encode()


def _episode(told: dict[str, Any]) -> Episode:
    return replace(Episode(**told), acks=tuple(Ack(*one) for one in told["acks"]))


def _silence(told: dict[str, Any]) -> Silence:
    matchers = tuple(Matcher(*one) for one in told.pop("matchers"))
    matched = tuple(told.pop("matched"))
    return Silence(matchers=matchers, matched=matched, **told)

"""Conversations of version 3: an agent's engine and clock are learned first, and kept for the next turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rem_cli.clock import Clock
from rem_cli.reach.asks import Failed, Get, Got, User
from rem_cli.reach.snmp import ber, usm
from rem_cli.reach.snmp.usm import Engine

_SAID = {
    usm.LEVEL: "the agent does not take this level of security",
    usm.UNKNOWN_USER: "the agent knows no such user",
    usm.DIGEST: "the agent does not take the password: authentication",
    usm.DECRYPTION: "the agent does not take the password: privacy",
}


class Secure:
    """What is known of engines. `notes` is read at first and written as it changes; it holds no key."""

    def __init__(self, clock: Clock, notes: dict[str, Any]) -> None:
        self._clock = clock
        self._notes = notes
        self._engines: dict[str, Engine] = {}
        self._fresh: set[str] = set()  # told in this process

    def known(self, get: Get) -> bool:
        """Whether an agent has told its engine in this turn."""
        return _where(get) in self._fresh

    def message(self, get: Get, id: int) -> bytes:
        """A question to an agent: to what it is about, or first for its engine."""
        assert isinstance(get.identity, User)
        engine = self._engine(_where(get))
        if engine is None:
            return usm.discovery(id)
        tag, a, b = (ber.GET_BULK, get.once, get.repetitions) if get.repetitions else (ber.GET, 0, 0)
        return usm.sealed(get.identity, engine, id, tag, tuple(get.oids), a, b, self._clock.monotonic())

    def id(self, data: bytes) -> tuple[int, Callable[[Get], Got | Failed | None]]:
        """The id of an answer, and how it is opened by whoever asked; ValueError, IndexError."""
        head = usm.parsed(data)
        return head.id, lambda get: self._opened(data, head, get)

    def _opened(self, data: bytes, head: usm.Header, get: Get) -> Got | Failed | None:
        """What an agent says; None when it told what the question lacked, and it can be asked anew."""
        user = get.identity
        assert isinstance(user, User)
        where = _where(get)
        engine = self._engine(where)
        said, at = usm.scoped(data, head, user, head.engine)
        id, error, index, start, end = ber.pdu(said, at)
        varbinds = ber.varbinds(said, start, end)
        genuine = usm.genuine(data, head, user, head.engine) if user.digest else True
        if said[at] == ber.REPORT:
            return self._report(where, head, varbinds, genuine, engine)
        if engine is None or head.engine != engine.id or not genuine:
            raise ValueError("an answer that anybody could have made")
        if user.secret and not head.flags & usm.ENCRYPTED:
            raise ValueError("an answer in the clear")
        if id != head.id:
            raise ValueError("an answer to another question")
        return Got(varbinds, error, index)

    def _report(
        self, where: str, head: usm.Header, varbinds: list[Any], genuine: bool, engine: Engine | None
    ) -> Failed | None:
        name = varbinds[0][0] if varbinds else b""
        kind = name[len(usm.STATS)] if name.startswith(usm.STATS) and len(name) > len(usm.STATS) else 0
        if kind == usm.UNKNOWN_ENGINE and head.engine and (engine is None or engine.id != head.engine):
            self._learn(where, head)
            return None
        if kind == usm.WINDOW and engine is not None and engine.id == head.engine:
            if not genuine:
                raise ValueError("a clock that anybody could have told")
            self._learn(where, head)
            return None
        if kind in _SAID:
            return Failed(_SAID[kind], hint="look at its credentials")
        return Failed(f"the agent reports {ber.dotted(name) if name else 'nothing'}")

    def _engine(self, where: str) -> Engine | None:
        engine = self._engines.get(where)
        if engine is None and where in self._notes:
            try:
                id, boots, time, at = self._notes[where]
                gone = self._clock.now() - at
                engine = Engine(bytes.fromhex(id), int(boots), int(time + gone), self._clock.monotonic())
                self._engines[where] = engine
            except (ValueError, TypeError):
                del self._notes[where]
        return engine

    def _learn(self, where: str, head: usm.Header) -> None:
        self._engines[where] = Engine(head.engine, head.boots, head.time, self._clock.monotonic())
        self._notes[where] = [head.engine.hex(), head.boots, head.time, self._clock.now()]
        self._fresh.add(where)


def _where(get: Get) -> str:
    return f"{get.address} {get.port}"

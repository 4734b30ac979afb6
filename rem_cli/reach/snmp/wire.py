"""Questions to many agents, each with an id by which its answer is known."""

from __future__ import annotations

import random
import socket
from functools import partial
from typing import Any

from rem_cli.clock import Clock
from rem_cli.reach.asks import Community, Done, Failed, Get, Got, Tell
from rem_cli.reach.buffers import widen
from rem_cli.reach.poller import READ, Poller, Timer
from rem_cli.reach.snmp import ber
from rem_cli.reach.snmp.secure import Secure

_TAKEN = 256  # datagrams in one turn of the loop
_SOON = 1.0  # seconds after which a question is sent again, at the latest


class Sent:
    """One question on its way."""

    __slots__ = ("data", "done", "get", "ids", "tell", "timer")

    def __init__(self, get: Get, done: Done, tell: Tell | None) -> None:
        self.get = get
        self.done = done
        self.tell = tell
        self.data = b""
        self.ids: list[int] = []
        self.timer: Timer | None = None


class Snmp:
    """Asks agents. `notes` holds what is known of engines of version 3, and is kept between turns."""

    def __init__(self, poller: Poller, clock: Clock, notes: dict[str, Any] | None = None) -> None:
        self._poller = poller
        self._clock = clock
        self._sockets: dict[int, socket.socket] = {}
        self._sent: dict[int, Sent] = {}  # by id
        self._id = random.SystemRandom().randrange(1 << 24, 1 << 30)
        self._secure = Secure(clock, notes if notes is not None else {})

    def ask(self, question: object, done: Done, tell: Tell | None) -> None:
        assert isinstance(question, Get)
        sent = Sent(question, done, tell)
        if isinstance(question.identity, Community):
            self._plainly(sent, question.identity)
        else:
            self._securely(sent)

    def close(self) -> None:
        for one in self._sockets.values():
            self._poller.forget(one.fileno())
            one.close()
        self._sockets.clear()
        self._sent.clear()

    def _plainly(self, sent: Sent, who: Community) -> None:
        get = sent.get
        tag, a, b = _numbers(get, who.version)
        before, after = ber.request(who.version, who.word, tag, tuple(get.oids), a, b)
        id = self._next(sent)
        self._send(sent, before + id.to_bytes(4, "big") + after)

    def _securely(self, sent: Sent) -> None:
        id = self._next(sent)
        self._send(sent, self._secure.message(sent.get, id))

    def _next(self, sent: Sent) -> int:
        self._id = self._id + 1 & 0x7FFFFFFF
        self._sent[self._id] = sent
        sent.ids.append(self._id)
        return self._id

    def _send(self, sent: Sent, data: bytes) -> None:
        get = sent.get
        sent.data = data
        if self._out(sent):
            if sent.timer:
                sent.timer.cancel()
            soon = min(get.timeout / 2, _SOON)
            sent.timer = self._poller.at(self._clock.monotonic() + soon, partial(self._again, sent, soon))

    def _out(self, sent: Sent) -> bool:
        """Send what there is; False when it could not be, and that was told."""
        get = sent.get
        try:
            self._socket(get.address).sendto(sent.data, (get.address, get.port))
        except OSError as error:
            self._end(sent, Failed((error.strerror or str(error)).lower()))
            return False
        if sent.tell:
            sent.tell(f"{_said(get)} to {get.address} port {get.port}, {len(sent.data)} bytes")
        return True

    def _again(self, sent: Sent, waited: float) -> None:
        """A datagram may be lost: the same once more, with the same id."""
        if self._out(sent):
            left = self._clock.monotonic() + sent.get.timeout - waited
            sent.timer = self._poller.at(left, partial(self._late, sent))

    def _late(self, sent: Sent) -> None:
        why, hint = f"no answer in {sent.get.timeout:g} s", None
        if isinstance(sent.get.identity, Community):
            hint = "a wrong community is answered by silence, too"
        elif self._secure.known(sent.get):
            why = f"it tells its engine, and then nothing in {sent.get.timeout:g} s"
            hint = "a wrong password for privacy is answered by silence"
        if sent.tell:
            sent.tell(why)
        self._end(sent, Failed(why, hint=hint, silent=True))

    def _socket(self, address: str) -> socket.socket:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        one = self._sockets.get(family)
        if one is None:
            one = self._sockets[family] = socket.socket(family, socket.SOCK_DGRAM)
            one.setblocking(False)
            widen(one)
            self._poller.watch(one.fileno(), READ, partial(self._ready, one))
        return one

    def _ready(self, one: socket.socket, _: int) -> None:
        receive = one.recvfrom
        for _turn in range(_TAKEN):
            try:
                data, sender = receive(65535)
            except BlockingIOError:
                return
            except OSError:
                continue
            try:
                self._heard(data, sender)
            except (ValueError, IndexError):  # broken, or none of ours: the right one may still come
                continue
            if one.fileno() < 0:
                return

    def _heard(self, data: bytes, sender: tuple[Any, ...]) -> None:
        if data[ber.header(data, 0)[0] + 2] == 3:
            self._secret(data, sender)
            return
        id, error, index, start, end = ber.opened(data)
        sent = self._whose(id, sender)
        if sent is not None and isinstance(sent.get.identity, Community):
            self._told(sent, data, Got(ber.varbinds(data, start, end), error, index))

    def _whose(self, id: int, sender: tuple[Any, ...]) -> Sent | None:
        """The question that is answered: by its id, from where it was sent to."""
        sent = self._sent.get(id)
        if (
            sent is None
            or sent.get.port != sender[1]
            or sent.get.address.partition("%")[0] != sender[0].partition("%")[0]
        ):
            return None
        return sent

    def _secret(self, data: bytes, sender: tuple[Any, ...]) -> None:
        answer: Got | Failed | None
        id, opens = self._secure.id(data)
        sent = self._whose(id, sender)
        if sent is None or isinstance(sent.get.identity, Community):
            return
        answer = opens(sent.get)
        if answer is None:  # its engine is known now, or its clock: ask anew
            if len(sent.ids) > 3:
                self._end(sent, Failed("its engine and its clock are never the ones it told"))
                return
            if sent.tell:
                sent.tell(f"it tells its engine and its clock, {len(data)} bytes")
            self._securely(sent)
        else:
            self._told(sent, data, answer)

    def _told(self, sent: Sent, data: bytes, answer: Got | Failed) -> None:
        if sent.tell:
            what = answer.why if isinstance(answer, Failed) else _counted(answer)
            sent.tell(f"{what} from {sent.get.address}, {len(data)} bytes")
        self._end(sent, answer)

    def _end(self, sent: Sent, answer: Got | Failed) -> None:
        if sent.timer:
            sent.timer.cancel()
        for id in sent.ids:
            self._sent.pop(id, None)
        sent.done(answer)


def _numbers(get: Get, version: int) -> tuple[int, int, int]:
    """The kind of a question, and the two numbers behind its id."""
    if not get.repetitions:
        return ber.GET, 0, 0
    return (ber.GET_NEXT, 0, 0) if version == 1 else (ber.GET_BULK, get.once, get.repetitions)


def _said(get: Get) -> str:
    what = f"get the {get.repetitions} after each of" if get.repetitions else "get"
    names = ", ".join(ber.dotted(name) for name in get.oids[:3])
    return f"{what} {names}{f' and {len(get.oids) - 3} more' if len(get.oids) > 3 else ''}"


def _counted(got: Got) -> str:
    return f"error {got.error} at {got.at}" if got.error else f"{len(got.varbinds)} objects"

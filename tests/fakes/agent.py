"""An SNMP agent that can be told how to go wrong. Its messages are pysnmp's: no line of it is REM's own.

with Agent(interfaces=2) as agent:      # on 127.0.0.1, some port: agent.address, agent.port
    agent.set("1.3.6.1.2.1.1.5.0", rfc1902.OctetString("sw1"))
    agent.drop = 1                      # the next question is not answered
"""

from __future__ import annotations

import socket
from bisect import bisect_right
from collections.abc import Callable
from threading import Thread
from typing import Any, Self

from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto import api, rfc1902
from pysnmp.proto.rfc1905 import endOfMibView, noSuchInstance

Name = tuple[int, ...]
TOO_BIG, NO_SUCH_NAME = 1, 2
GET, GET_NEXT, GET_BULK = 0, 1, 5  # numbers of PDUs
TABLE: Name = (1, 3, 6, 1, 2, 1, 2, 2, 1)
MORE: Name = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)


def name(text: str) -> Name:
    return tuple(int(part) for part in text.split("."))


class Agent:
    """Answers questions of versions 1 and 2c for one community."""

    def __init__(self, host: str = "127.0.0.1", *, community: str = "public", interfaces: int = 0) -> None:
        self.community = community
        self.objects: dict[Name, Any] = {}
        self.asked: list[list[Name]] = []
        self.drop = 0  # questions that are not answered
        self.twice = False  # each answer comes twice
        self.stuck = False  # names do not grow
        self.elsewhere = False  # answers come from another port
        self.most = 65_000  # bytes of an answer
        self.mangle: Callable[[bytes], bytes] = lambda data: data
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, 0))
        self.address, self.port = self._socket.getsockname()
        self.set("1.3.6.1.2.1.1.3.0", rfc1902.TimeTicks(360_000))
        for number in range(1, interfaces + 1):
            self.interface(number, f"eth{number}", 1000 * number)
        self._thread = Thread(target=self._loop, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", (self.address, self.port))
        self._thread.join()
        self._socket.close()

    def set(self, text: str, value: Any) -> None:
        self.objects[name(text)] = value

    def interface(self, index: int, called: str, octets: int, *, speed: int = 1000) -> None:
        """A row of ifTable and of ifXTable."""
        self.objects[(*TABLE, 8, index)] = rfc1902.Integer32(1)
        for column in (13, 14, 19, 20):
            self.objects[(*TABLE, column, index)] = rfc1902.Counter32(column)
        self.objects[(*MORE, 1, index)] = rfc1902.OctetString(called)
        for column in (6, 10):
            self.objects[(*MORE, column, index)] = rfc1902.Counter64(octets + column)
        self.objects[(*MORE, 15, index)] = rfc1902.Gauge32(speed)

    def _loop(self) -> None:
        while True:
            data, sender = self._socket.recvfrom(65_535)
            if not data:
                return
            answer = self._answer(data)
            if answer is None:
                continue
            if self.drop:
                self.drop -= 1
                continue
            for _ in range(2 if self.twice else 1):
                if self.elsewhere:
                    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
                        other.sendto(self.mangle(answer), sender)
                else:
                    self._socket.sendto(self.mangle(answer), sender)

    def _answer(self, data: bytes) -> bytes | None:
        version = int(api.decodeMessageVersion(data))
        of = api.PROTOCOL_MODULES[version]
        message, _ = decoder.decode(data, asn1Spec=of.Message())
        if bytes(of.apiMessage.get_community(message)).decode() != self.community:
            return None
        asked = of.apiMessage.get_pdu(message)
        kind = asked.tagSet[-1].tagId
        reply = of.apiMessage.get_response(message)
        pdu = of.apiMessage.get_pdu(reply)
        names = [tuple(one) for one, _ in of.apiPDU.get_varbinds(asked)]
        self.asked.append(names)
        if kind == GET_BULK:
            once = int(of.apiBulkPDU.get_non_repeaters(asked))
            told = self._bulk(names, once, int(of.apiBulkPDU.get_max_repetitions(asked)))
        else:
            told = [(one, self.objects.get(one)) if kind == GET else self._next(one, version) for one in names]
        missing = next((at for at, (_, value) in enumerate(told, 1) if value is None), 0)
        if version == 0 and missing:
            of.apiPDU.set_error_status(pdu, NO_SUCH_NAME)
            of.apiPDU.set_error_index(pdu, missing)
            of.apiPDU.set_varbinds(pdu, of.apiPDU.get_varbinds(asked))
        else:
            nothing = noSuchInstance if kind == GET else endOfMibView
            of.apiPDU.set_varbinds(pdu, [(one, nothing if value is None else value) for one, value in told])
        answer: bytes = encoder.encode(reply)
        if len(answer) > self.most:
            of.apiPDU.set_error_status(pdu, TOO_BIG)
            of.apiPDU.set_varbinds(pdu, [])
            answer = encoder.encode(reply)
        return answer

    def _bulk(self, names: list[Name], once: int, times: int) -> list[tuple[Name, Any]]:
        told = [self._next(one) for one in names[:once]]
        cursor = names[once:]
        for _ in range(times):
            row = [self._next(one) for one in cursor]
            told += row
            cursor = [one for one, _ in row]
        return told

    def _next(self, after: Name, version: int = 1) -> tuple[Name, Any]:
        if self.stuck and after in self.objects:
            return after, self.objects[after]
        # Version 1 has no counters of 64 bits: they are passed over (RFC 3584, section 4.2.2.1).
        known = sorted(one for one, value in self.objects.items() if version or type(value) is not rfc1902.Counter64)
        at = bisect_right(known, after)
        return (known[at], self.objects[known[at]]) if at < len(known) else (after, None)

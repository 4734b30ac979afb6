"""The same questions by pysnmp, for agents that speak what our own messages do not: DES, AES with 192 and 256 bits.

It is a hundred times slower and takes a third of a second to load; nothing of it is loaded before the first question.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from functools import partial
from threading import Thread
from typing import Any

from rem_cli.reach.asks import Community, Done, Failed, ForeignGet, Got, Tell, User, Varbind
from rem_cli.reach.snmp import ber
from rem_cli.reach.threads import Bell

DIGESTS = {
    "md5": "USM_AUTH_HMAC96_MD5", "sha1": "USM_AUTH_HMAC96_SHA", "sha224": "USM_AUTH_HMAC128_SHA224",
    "sha256": "USM_AUTH_HMAC192_SHA256", "sha384": "USM_AUTH_HMAC256_SHA384", "sha512": "USM_AUTH_HMAC384_SHA512",
}  # fmt: skip
CIPHERS = {
    "AES": "USM_PRIV_CFB128_AES", "AES-192": "USM_PRIV_CFB192_AES", "AES-256": "USM_PRIV_CFB256_AES",
    "DES": "USM_PRIV_CBC56_DES", "3DES": "USM_PRIV_CBC168_3DES",
}  # fmt: skip
LACKING = "pysnmp is not installed"


class Foreign:
    """Asks agents by pysnmp, in a thread with a loop of its own."""

    def __init__(self, bell: Bell) -> None:
        self._bell = bell
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: Thread | None = None

    def ask(self, question: object, done: Done, tell: Tell | None) -> None:
        assert isinstance(question, ForeignGet)
        if self._loop is None:
            try:
                import pysnmp.hlapi.v3arch.asyncio as library
            except ImportError:
                done(Failed(LACKING, hint="pip install 'rem-cli[snmp]'", here=True))
                return
            logging.getLogger("pysnmp").setLevel(logging.CRITICAL)  # what it has to say comes as an answer
            self._loop = asyncio.new_event_loop()
            self._engine = library.SnmpEngine()
            self._thread = Thread(target=self._loop.run_forever, daemon=True)
            self._thread.start()
        if tell:
            tell(f"by pysnmp: {len(question.oids)} objects from {question.address} port {question.port}")
        asyncio.run_coroutine_threadsafe(self._asked(question, done, tell), self._loop)

    def close(self) -> None:
        if self._loop and self._thread:
            asyncio.run_coroutine_threadsafe(self._closed(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    async def _closed(self) -> None:
        self._engine.close_dispatcher()
        for _ in range(3):  # turns of the loop until its sockets are closed, too
            await asyncio.sleep(0)

    async def _asked(self, question: ForeignGet, done: Done, tell: Tell | None) -> None:
        answer: Got | Failed
        try:
            answer = await self._answer(question)
        except Exception as error:  # whatever it raises, it is about this question
            answer = Failed(f"pysnmp: {error}")
        if tell:
            said = answer.why if isinstance(answer, Failed) else f"{len(answer.varbinds)} objects"
            self._bell.call(partial(tell, said))
        self._bell.call(partial(done, answer))

    async def _answer(self, question: ForeignGet) -> Got | Failed:
        import pysnmp.hlapi.v3arch.asyncio as library

        kind = library.Udp6TransportTarget if ":" in question.address else library.UdpTransportTarget
        target = await kind.create((question.address, question.port), timeout=question.timeout, retries=0)
        objects = [library.ObjectType(library.ObjectIdentity(ber.dotted(name))) for name in question.oids]
        common = (self._engine, _who(library, question.identity), target, library.ContextData())
        if question.repetitions:
            asked = library.bulk_cmd(*common, question.once, question.repetitions, *objects, lookupMib=False)
        else:
            asked = library.get_cmd(*common, *objects, lookupMib=False)
        wrong, status, index, told = await asked
        if wrong:
            said = str(wrong)[:1].lower() + str(wrong)[1:]
            silent = "timeout" in said.lower() or "no snmp response" in said.lower()
            why = f"no answer in {question.timeout:g} s" if silent else said
            return Failed(why, silent=silent)
        return Got(_plain(told), int(status), int(index))


def _who(library: Any, who: Community | User) -> Any:
    if isinstance(who, Community):
        return library.CommunityData(who.word.decode(), mpModel=who.version - 1)
    keys: dict[str, Any] = {}
    if who.digest:
        keys = {"authKey": who.password.decode(), "authProtocol": getattr(library, DIGESTS[who.digest])}
    if who.secret:
        keys |= {"privKey": who.secret.decode(), "privProtocol": getattr(library, CIPHERS[who.cipher])}
    return library.UsmUserData(who.name.decode(), **keys)


def _plain(told: Sequence[Any]) -> list[Varbind]:
    """Values as our own messages give them: by their tags in BER."""
    from pyasn1.codec.ber import encoder

    found: list[Varbind] = []
    for name, value in told:
        data = encoder.encode(value)
        start, end = ber.header(data, 0)
        number = data[0] in ber.NUMBERS
        plain = int.from_bytes(data[start:end], "big", signed=data[0] == ber.INTEGER) if number else data[start:end]
        found.append((ber.oid(str(name)), data[0], plain))
    return found

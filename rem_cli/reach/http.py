"""Pages of the web by libcurl: its multi interface on our loop, phases as it measures them.

libcurl is loaded with the first page. It looks names up by itself, without holding up the others.
"""

from __future__ import annotations

import calendar
import ssl
import time
from functools import partial
from typing import Any

from rem_cli.clock import Clock
from rem_cli.reach.asks import Done, Failed, Fetch, Fetched, Tell
from rem_cli.reach.poller import READ, WRITE, Poller, Timer

AGENT = "rem"
_HEADERS = 64 << 10  # bytes
_DATE = "%b %d %H:%M:%S %Y GMT"


class Http:
    """Asks for pages."""

    def __init__(self, poller: Poller, clock: Clock, authorities: str | None = None) -> None:
        """`authorities` is a file of those that are trusted; without it, the system's are."""
        import pycurl

        self._curl = pycurl
        self._poller = poller
        self._clock = clock
        self._timer: Timer | None = None
        self._watched: set[int] = set()
        self._pages: dict[Any, _Page] = {}
        usual = ssl.get_default_verify_paths()
        self._file = authorities or usual.cafile
        self._folder = None if authorities else usual.capath
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._socket)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._time)

    def ask(self, question: object, done: Done, tell: Tell | None) -> None:
        assert isinstance(question, Fetch)
        page = _Page(question, done, tell)
        handle = self._handle(page)
        self._pages[handle] = page
        self._multi.add_handle(handle)

    def close(self) -> None:
        for handle in list(self._pages):
            self._multi.remove_handle(handle)
            handle.close()
        self._pages.clear()
        self._multi.close()
        if self._timer:
            self._timer.cancel()
        for fd in self._watched:
            self._poller.forget(fd)

    def _handle(self, page: _Page) -> Any:
        curl, question = self._curl, page.question
        one = curl.Curl()
        one.setopt(curl.URL, question.url.encode())
        one.setopt(curl.WRITEFUNCTION, page.body_comes)
        one.setopt(curl.HEADERFUNCTION, page.header_comes)
        one.setopt(curl.FOLLOWLOCATION, question.follow > 0)
        one.setopt(curl.MAXREDIRS, question.follow)
        one.setopt(curl.PROTOCOLS, curl.PROTO_HTTP | curl.PROTO_HTTPS)
        one.setopt(curl.REDIR_PROTOCOLS, curl.PROTO_HTTP | curl.PROTO_HTTPS)
        one.setopt(curl.TIMEOUT_MS, max(1, int(question.timeout * 1000)))
        one.setopt(curl.NOSIGNAL, 1)
        one.setopt(curl.ACCEPT_ENCODING, "")
        one.setopt(curl.FRESH_CONNECT, 1)  # what a visitor meets who comes for the first time
        one.setopt(curl.FORBID_REUSE, 1)
        one.setopt(curl.HTTPHEADER, [f"User-Agent: {AGENT}", *question.headers])
        one.setopt(curl.OPT_CERTINFO, 1)
        if question.to:
            one.setopt(curl.CONNECT_TO, [f"::[{question.to}]:" if ":" in question.to else f"::{question.to}:"])
        if self._file:
            one.setopt(curl.CAINFO, self._file)
        if self._folder:
            one.setopt(curl.CAPATH, self._folder)
        if page.tell:
            one.setopt(curl.VERBOSE, 1)
            one.setopt(curl.DEBUGFUNCTION, page.told)
        return one

    def _socket(self, what: int, fd: int, multi: Any, data: Any) -> None:
        """libcurl wants to hear of a socket, of other things of it, or no more."""
        if fd in self._watched:
            self._poller.forget(fd)
            self._watched.discard(fd)
        if what != self._curl.POLL_REMOVE:
            mask = (READ if what & self._curl.POLL_IN else 0) | (WRITE if what & self._curl.POLL_OUT else 0)
            self._poller.watch(fd, mask, partial(self._ready, fd))
            self._watched.add(fd)

    def _time(self, milliseconds: int) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if milliseconds >= 0:
            self._timer = self._poller.at(self._clock.monotonic() + milliseconds / 1000, self._timed)

    def _timed(self) -> None:
        self._timer = None
        self._act(self._curl.SOCKET_TIMEOUT, 0)

    def _ready(self, fd: int, mask: int) -> None:
        curl = self._curl
        what = (curl.CSELECT_IN if mask & READ else 0) | (curl.CSELECT_OUT if mask & WRITE else 0)
        self._act(fd, what or curl.CSELECT_ERR)

    def _act(self, fd: int, what: int) -> None:
        self._multi.socket_action(fd, what)
        while True:
            left, good, bad = self._multi.info_read()
            for handle in good:
                self._end(handle, 0, "")
            for handle, number, why in bad:
                self._end(handle, number, why)
            if not left:
                return

    def _end(self, handle: Any, number: int, why: str) -> None:
        page = self._pages.pop(handle, None)
        if page is None:
            return
        answer = page.answer(self._curl, handle, number, why)
        self._multi.remove_handle(handle)
        handle.close()
        page.done(answer)


class _Page:
    """One question on its way."""

    def __init__(self, question: Fetch, done: Done, tell: Tell | None) -> None:
        self.question = question
        self.done = done
        self.tell = tell
        self.body = bytearray()
        self.headers = 0
        self.cut = False

    def body_comes(self, data: bytes) -> int | None:
        self.body += data[: self.question.limit - len(self.body)]
        self.cut = len(self.body) >= self.question.limit
        return 0 if self.cut and data else None  # 0 ends it

    def header_comes(self, data: bytes) -> int | None:
        self.headers += len(data)
        return 0 if self.headers > _HEADERS else None

    def told(self, kind: int, data: bytes) -> None:
        """libcurl's own words (0), headers that come (1), headers that go (2); no bodies."""
        assert self.tell
        sign = {0: "*", 1: "<", 2: ">"}.get(kind)
        secret = {name.partition(":")[0].lower() for name in self.question.headers}
        for line in data.decode("utf-8", "replace").splitlines() if sign else ():
            name = line.partition(":")[0].strip().lower()
            if line.strip():
                self.tell(f"{sign} {name}: (not told)" if kind == 2 and name in secret else f"{sign} {line.rstrip()}")

    def answer(self, curl: Any, handle: Any, number: int, why: str) -> Fetched | Failed:
        if number and not self.cut:
            return _failed(curl, number, why, self.question.timeout)
        return Fetched(
            status=handle.getinfo(curl.RESPONSE_CODE),
            body=bytes(self.body),
            url=handle.getinfo(curl.EFFECTIVE_URL),
            name=handle.getinfo(curl.NAMELOOKUP_TIME),
            connect=handle.getinfo(curl.CONNECT_TIME),
            tls=handle.getinfo(curl.APPCONNECT_TIME),
            first=handle.getinfo(curl.STARTTRANSFER_TIME),
            seconds=handle.getinfo(curl.TOTAL_TIME),
            expires=_expires(handle.getinfo(curl.INFO_CERTINFO)),
        )


def _failed(curl: Any, number: int, why: str, timeout: float) -> Failed:
    """libcurl's refusal in words."""
    if number == curl.E_OPERATION_TIMEDOUT:
        return Failed(f"no answer in {timeout:g} s", silent=True)
    said = why[:1].lower() + why[1:].rstrip(".")
    if number == curl.E_COULDNT_CONNECT:
        said = "connection refused" if "refused" in why.lower() or "connect to server" in why.lower() else said
    return Failed(said)


def _expires(chain: Any) -> float | None:
    """When the first certificate of a chain to end does so; what cannot be read is not counted."""
    ends = []
    for certificate in chain or ():
        for name, value in certificate:
            if name == "Expire date":
                try:
                    ends.append(calendar.timegm(time.strptime(value, _DATE)))
                except ValueError:
                    continue
    return float(min(ends)) if ends else None

"""One connection to one host: connect, introduce, exchange keys, log in, and carry channels. Driven by a Poller."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import subprocess
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from rem_cli.clock import Clock
from rem_cli.reach import Deadlines, End, Outcome
from rem_cli.reach.fanout import CROWDED
from rem_cli.reach.poller import READ, READY, WRITE, Poller, Timer
from rem_cli.reach.ssh.channels import QUEUE_LIMIT, Channel, Channels, ChannelUser
from rem_cli.reach.ssh.config import HostSettings
from rem_cli.reach.ssh.keys import Key
from rem_cli.reach.ssh.known_hosts import Distrust, KnownHosts
from rem_cli.reach.ssh.login import Login, LoginRefusedError
from rem_cli.reach.ssh.packets import PacketError
from rem_cli.reach.ssh.protocol import DISCONNECT, NotSshError, PeerError
from rem_cli.reach.ssh.resolver import Address, Answer, Resolver

RECEIVE = 1 << 18  # bytes a turn
KEEPALIVE = 15.0  # seconds
MISSED = 3  # keepalives without an answer, and the link is lost
IDLE, CONNECT, BANNER, HANDSHAKE, LOGIN, UP, GONE = "", "connect", "banner", "handshake", "login", "up", "gone"


class LinkKeeper(Protocol):
    """Who opens links, and hears when one is up or gone."""

    poller: Poller
    clock: Clock
    resolver: Resolver

    def up(self, link: Link) -> None: ...

    def gone(self, link: Link, end: End) -> None:
        """`end` is why. Channels have been told already."""


class HostKeyError(PeerError):
    """The host's key is not trusted."""

    def __init__(self, distrust: Distrust) -> None:
        super().__init__(distrust.why)
        self.distrust = distrust


class Link:
    """See above. `phase` is one of the words of End, or UP or GONE."""

    def __init__(
        self,
        settings: HostSettings,
        deadlines: Deadlines,
        keeper: LinkKeeper,
        known_hosts: KnownHosts,
        keys: Iterator[Key],
        complaints: Callable[[], str],
    ) -> None:
        self.settings = settings
        self.phase = IDLE
        self._limits = {
            CONNECT: min(deadlines.connect, settings.connect_timeout or deadlines.connect),
            BANNER: deadlines.banner,
            HANDSHAKE: deadlines.handshake,
            LOGIN: deadlines.login,
        }
        self._keeper = keeper
        self._known_hosts = known_hosts
        self._complaints = complaints
        from rem_cli.reach.ssh.driven import make_protocol  # loads paramiko

        self._protocol: Any = make_protocol(self, known_hosts.kinds(settings.key_name, settings.port))
        self._login = Login(settings.user, keys, self._send, self._signature_algorithms)
        self._channels = Channels(self._send, self._may_send_data)
        self._socket: socket.socket | None = None
        self._addresses: deque[Address] = deque()
        self._timer: Timer | None = None
        self._mask = 0
        self._feeding = False
        self._proxy: subprocess.Popen[bytes] | None = None

    # Opening.

    def connect(self) -> None:
        """Connect to the host itself, or run its proxy command. OSError only for an errno of CROWDED."""
        self._enter(CONNECT)
        if self.settings.proxy_command is not None:
            ours, theirs = socket.socketpair()
            with theirs:
                words = ["sh", "-c", f"exec {self.settings.proxy_command}"]
                self._proxy = subprocess.Popen(
                    words, stdin=theirs.fileno(), stdout=theirs.fileno(), start_new_session=True
                )
            self.attach(ours)
        else:
            self._keeper.resolver.resolve(self.settings.host, self.settings.port, self._resolved)

    def attach(self, link: socket.socket) -> None:
        """Speak over `link`, which is connected."""
        if self.phase == IDLE:
            self._enter(CONNECT)
        self._adopt(link, READ)
        self._connected()

    def _resolved(self, answer: Answer) -> None:
        if self.phase == GONE:
            return
        if isinstance(answer, OSError):
            self.fail(Outcome.UNREACHABLE, f"the name {self.settings.host} is not known ({answer.strerror or answer})")
        else:
            self._addresses = deque(answer)
            self._try_next(None)

    def _try_next(self, failed: OSError | None) -> None:
        """Connect to the next address, or give up with why the last one failed."""
        if not self._addresses:
            why = (failed.strerror or str(failed)).lower() if failed else "the name has no address"
            self.fail(Outcome.UNREACHABLE, f"{self.settings.host} port {self.settings.port}: {why}")
            return
        family, address = self._addresses.popleft()
        link = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        error = link.connect_ex(address)
        if error in CROWDED:
            link.close()
            raise OSError(error, os.strerror(error))
        self._adopt(link, WRITE)

    def _adopt(self, link: socket.socket, mask: int) -> None:
        link.setblocking(False)
        self._socket, self._mask = link, mask
        self._keeper.poller.watch(link.fileno(), mask, self._ready)

    def _connected(self) -> None:
        self._quick_ack()
        self._enter(BANNER)
        self._protocol.begin()
        self._flush()

    # Using.

    def run(self, command: str, user: ChannelUser, stdin: bytes = b"") -> Channel:
        """Run a command, with `stdin` as all its input."""
        return self._channels.run(command, user, stdin)

    def reach(self, host: str, port: int, user: ChannelUser) -> Channel:
        """A connection from this host onward."""
        return self._channels.reach(host, port, user)

    @property
    def idle(self) -> bool:
        return self.phase == UP and not len(self._channels)

    def still_there(self) -> bool:
        """Whether a link that was left alone for a while still stands, as far as can be told without asking."""
        try:
            return self._socket is not None and self._socket.recv(1, socket.MSG_PEEK) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False

    def close(self) -> None:
        """Drop it without a word to anybody."""
        self.phase = GONE
        if self._timer is not None:
            self._timer.cancel()
        if self._socket is not None:
            self._keeper.poller.forget(self._socket.fileno())
            self._socket.close()
            self._socket = None
        if self._proxy is not None:
            self._proxy.kill()
            self._proxy.wait()
            self._proxy = None

    def fail(self, outcome: Outcome, why: str, hint: str | None = None, *, untrusted: bool = False) -> None:
        """Give the link up."""
        if self.phase == GONE:
            return
        end = End(outcome, why=why, hint=hint, phase=self.phase.replace(UP, "run"), untrusted=untrusted)
        self.close()
        self._channels.lost(why)
        self._keeper.gone(self, end)

    # Being driven.

    def _enter(self, phase: str) -> None:
        if self.phase == GONE:
            return
        self.phase = phase
        if self._timer is not None:
            self._timer.cancel()
        after, call = (KEEPALIVE, self._keep_alive) if phase == UP else (self._limits[phase], self._late)
        self._timer = self._keeper.poller.at(self._keeper.clock.monotonic() + after, call)

    def _late(self) -> None:
        seconds = f"{self._limits[self.phase]:g} s"
        why = {
            CONNECT: f"no answer in {seconds}",
            BANNER: f"it took the connection but did not introduce itself in {seconds}",
            HANDSHAKE: f"the key exchange did not end in {seconds}",
            LOGIN: f"the login did not end in {seconds}",
        }[self.phase]
        self.fail(Outcome.UNREACHABLE, why)

    def _keep_alive(self) -> None:
        if self._channels.unanswered >= MISSED:
            self.fail(Outcome.LOST, f"the host has not answered for {KEEPALIVE * MISSED:g} s")
            return
        if len(self._channels):
            self._channels.keepalive()
        if self.phase == UP:
            self._enter(UP)

    def _ready(self, mask: int) -> None:
        if self.phase == CONNECT:
            self._finish_connecting()
            return
        if mask & WRITE:
            self._flush()
        if mask & READY and self._socket is not None:
            self._receive(self._socket)

    def _finish_connecting(self) -> None:
        assert self._socket is not None
        error = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if not error:
            self._connected()
            return
        self._keeper.poller.forget(self._socket.fileno())
        self._socket.close()
        self._socket = None
        try:
            self._try_next(OSError(error, os.strerror(error)))
        except OSError as crowded:
            self.fail(Outcome.UNREACHABLE, str(crowded.strerror))

    def _receive(self, link: socket.socket) -> None:
        try:
            data = link.recv(RECEIVE)
        except BlockingIOError:
            return
        except OSError as error:
            self._broken((error.strerror or str(error)).lower())
            return
        if not data:
            self._broken("the host closed the connection")
            return
        self._quick_ack()
        self._feed(data)
        self._flush()

    def _hear_last_words(self, link: socket.socket) -> None:
        """What a host said before it hung up on what we said."""
        with contextlib.suppress(OSError):
            data = link.recv(RECEIVE)
            if data and not self._feeding:
                self._feed(data)

    def _feed(self, data: bytes) -> None:
        self._feeding = True
        try:
            self._protocol.feed(data)
        except HostKeyError as error:
            self.fail(Outcome.REFUSED, error.distrust.why, error.distrust.hint, untrusted=True)
        except LoginRefusedError as error:
            self._refused(str(error))
        except NotSshError as error:
            why = f"what answers on port {self.settings.port} is not SSH: it said {str(error)!r}"
            self.fail(Outcome.UNREACHABLE, why)
        except (PacketError, struct.error, IndexError) as error:
            self._broken(f"what the host sent makes no sense: {error}")
        finally:
            self._feeding = False

    def _refused(self, why: str) -> None:
        complaints = self._complaints()
        hint = f"check user {self.settings.user!r} and the keys: ssh -v {self.settings.name}"
        self.fail(Outcome.REFUSED, f"{why} ({complaints})" if complaints else why, hint)

    def _broken(self, why: str) -> None:
        said = (self._protocol.said or self._protocol.packets.unread)[:80].decode("utf-8", "replace").strip()
        if self.phase == BANNER and said:
            why = f"what answers on port {self.settings.port} is not SSH: it said {said!r}"
        elif self.phase in (BANNER, HANDSHAKE, LOGIN):
            why = f"{why} in the middle of the {self.phase}"
        self.fail(Outcome.LOST if self.phase == UP else Outcome.UNREACHABLE, why)

    def _send(self, payload: bytes) -> None:
        if self.phase == GONE:
            return
        self._protocol.send(payload)
        if not self._feeding:
            self._flush()

    def _may_send_data(self) -> bool:
        return self._protocol.packets.queued < QUEUE_LIMIT and not self._protocol.held

    def _flush(self) -> None:
        if self._socket is None:
            return
        try:
            done = self._protocol.packets.flush(self._socket)
            if done and self.phase == UP:
                self._feeding = True  # what is pumped goes out here, once
                self._channels.pump_all()
                self._feeding = False
                done = self._protocol.packets.flush(self._socket)
        except OSError as error:
            self._hear_last_words(self._socket)
            self._broken((error.strerror or str(error)).lower())
            return
        mask = READ if done else READ | WRITE
        if mask != self._mask and self._socket is not None:
            self._mask = mask
            self._keeper.poller.change(self._socket.fileno(), mask)

    def _quick_ack(self) -> None:
        """Answer at once: until a command runs, sshd sends small pieces and waits for each to be confirmed."""
        if self._socket is not None and self.phase != UP and self._socket.family != socket.AF_UNIX:
            with contextlib.suppress(OSError):
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

    def _signature_algorithms(self) -> str:
        said = self._protocol.server_extensions.get("server-sig-algs", b"")
        return said.decode("ascii", "replace") if isinstance(said, bytes) else str(said)

    # What the protocol tells.

    def introduced(self) -> None:
        self._enter(HANDSHAKE)

    def host_key(self, kind: str, blob: bytes) -> None:
        settings = self.settings
        distrust = self._known_hosts.distrust(settings.name, settings.key_name, settings.port, kind, blob)
        if distrust is not None:
            raise HostKeyError(distrust)

    def encrypted(self) -> None:
        self._enter(LOGIN)
        self._login.begin(self._protocol.session_id)

    def message(self, number: int, payload: bytes) -> None:
        if number == DISCONNECT:
            self._disconnected(payload)
        elif self.phase == LOGIN:
            if not self._login.take(number, payload) and number >= 50:
                raise PacketError(f"message {number} came before the login was over")
            if self._login.done:
                self._enter(UP)
                self._keeper.up(self)
        elif self.phase == UP:
            self._channels.message(number, payload)

    def _disconnected(self, payload: bytes) -> None:
        (length,) = struct.unpack_from(">I", payload, 5)
        said = payload[9 : 9 + min(length, 200)].decode("utf-8", "replace")
        if self.phase == LOGIN:
            raise LoginRefusedError(f"the host hung up: {said}")
        self._broken(f"the host hung up: {said}")

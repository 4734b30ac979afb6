"""What can be asked of the network, and what comes back: the contract between collectors and wires.

A question is a value, and so is its answer. A wire asks many questions at once on one loop and says each answer once;
whatever goes wrong with one question is a `Failed`, never an exception.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from socket import socket
from typing import NamedTuple, Protocol

from rem_cli.reach import End, Target, Task


class Failed(NamedTuple):
    """No answer, or none that counts."""

    why: str  # "no answer in 2 s", "connection refused"
    hint: str | None = None
    silent: bool = False  # nothing came back at all: worth asking again
    here: bool = False  # this machine is at fault, and nothing is known of the other one


class Echo(NamedTuple):
    """Is a machine there?"""

    address: str  # numeric
    packets: int = 3
    timeout: float = 5.0  # seconds for each
    gap: float = 0.2  # seconds from one to the next


class Echoes(NamedTuple):
    """Seconds until each echo came back, by the kernel's clock; None for one that did not come in time."""

    times: Sequence[float | None]


class Connect(NamedTuple):
    """Does a port answer, and what does it say first?"""

    address: str  # numeric
    port: int
    timeout: float = 5.0
    listen: bool = False  # wait for the first line, too
    limit: int = 4096  # bytes of it
    say: bytes = b""  # as soon as it stands
    framed: bool = False  # what comes is two bytes of its length and then that much
    keep: bool = False  # give the open connection back


class Connected(NamedTuple):
    seconds: float  # until the connection stood
    said: bytes = b""
    kept: socket | None = None  # the connection, where it was to be kept; whoever asked closes it


class Shake(NamedTuple):
    """What certificates does a server show?"""

    address: str  # numeric
    port: int
    name: str  # that it is asked for, and that its certificate must be of; empty: that of nobody
    timeout: float = 5.0


class Shaken(NamedTuple):
    connect: float  # seconds until the connection stood
    seconds: float  # and from then until both sides agreed
    chain: Sequence[bytes]  # certificates in DER, the server's own first
    trusted: str  # empty, or why it cannot be trusted
    version: str  # "TLSv1.3"


class Fetch(NamedTuple):
    """A page of the web."""

    url: str
    timeout: float = 5.0
    to: str = ""  # connect to this address, whatever the URL's host is; numeric
    headers: Sequence[str] = ()  # "Name: value"; never told
    follow: int = 5  # times that it may send us elsewhere
    limit: int = 1 << 20  # bytes of the body


class Fetched(NamedTuple):
    """Seconds count from the first question's start; those of steps that a page did not need are 0."""

    status: int
    body: bytes
    url: str  # where it was found
    name: float  # until the name was looked up
    connect: float
    tls: float
    first: float  # until the first byte
    seconds: float
    expires: float | None  # when its certificate ends, in seconds since the epoch


class Query(NamedTuple):
    """A record of the domain name system."""

    address: str  # of the server; numeric
    name: str
    type: str = "A"
    port: int = 53
    timeout: float = 5.0


class Records(NamedTuple):
    code: str  # "NOERROR", "NXDOMAIN"
    records: Sequence[str]  # of the type that was asked for, as text
    least: int | None  # seconds that the shortest may be kept
    seconds: float


class Community(NamedTuple):
    """Who asks, to an agent of SNMP version 1 or 2c."""

    version: int = 2
    word: bytes = b"public"


class User(NamedTuple):
    """Who asks, to an agent of SNMP version 3."""

    name: bytes
    digest: str = ""  # hashlib's name; empty: not authenticated
    password: bytes = b""
    secret: bytes = b""  # of the cipher; empty: not encrypted
    cipher: str = "AES"  # with 128 bits; pysnmp knows others


Varbind = tuple[bytes, int, int | bytes]  # an object's name and its value's tag, as BER has them, and the value


class Get(NamedTuple):
    """Objects of an agent by their names in BER; or, with `repetitions`, those after them, as GETBULK has it."""

    address: str  # numeric
    oids: Sequence[bytes]
    identity: Community | User = Community()
    port: int = 161
    timeout: float = 5.0
    repetitions: int = 0
    once: int = 0  # so many of the first objects only once


class ForeignGet(NamedTuple):
    """The same, asked by pysnmp."""

    address: str  # numeric
    oids: Sequence[bytes]
    identity: Community | User = Community()
    port: int = 161
    timeout: float = 5.0
    repetitions: int = 0
    once: int = 0


class Got(NamedTuple):
    """What an agent says, in its order; `error` and `at` (its index) are those of RFC 3416, 0 when all is well."""

    varbinds: Sequence[Varbind]
    error: int = 0
    at: int = 0


class Resolve(NamedTuple):
    """The address of a name, as every other program of this machine finds it."""

    name: str


class Resolved(NamedTuple):
    address: str


class Run(NamedTuple):
    """A program, here or on a host."""

    target: Target
    task: Task
    local: bool = True  # as a process of this machine


class Ran(NamedTuple):
    end: End
    out: bytes
    err: bytes


Done = Callable[[object], None]  # is given an answer, or Failed
Tell = Callable[[str], None]  # is told of every exchange, in a line each


class Wire(Protocol):
    """Asks questions of one kind. All calls come from the loop's own thread."""

    def ask(self, question: object, done: Done, tell: Tell | None) -> None:
        """Begin to ask; `done` is called once, later or at once."""

    def close(self) -> None:
        """Ask no more, and let go of sockets. What was not answered never is."""


Wires = Mapping[type, Wire]

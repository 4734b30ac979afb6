"""What REM owns on hosts: whole files, each of them known to be REM's, and nothing else.

A kind (`Kind`) says which files an item of the packages wants on a host. All that follows is the same for every kind:
how the files stand there (`Looked`), what is to be done (`steps.decide`), and doing it (`rollout`). Adding a kind is
writing that one function and naming it in `wire`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from rem_cli.language import Item, Value
from rem_cli.reach import Target

# Where a host's scheduler looks for files, unless the host says another folder.
SCHEDULES = {"cron": "/etc/cron.d", "systemd": "/etc/systemd/system"}


class Machine(NamedTuple):
    """A host as the footprint needs it."""

    target: Target
    local: bool  # reached as processes of this machine, and not over SSH
    item: Item | None = None  # None for one that is no longer in the packages


@dataclass(frozen=True, slots=True)
class Object:
    """One whole file that is wanted on one host."""

    kind: str  # the word of its kind, "file"
    path: str  # whole, on the host: its identity there
    item: str  # the path of the item that wants it
    content: bytes = field(repr=False)
    mode: int = 0o644
    owner: str = ""  # empty: whoever logs in
    group: str = ""
    check: tuple[str, ...] = ()  # argv that is given the staged file's path; it is put in place when this succeeds
    keep: bool = False  # it stays, and is REM's no longer, when nothing wants it any more
    parents: bool = False  # make the folders that are missing above it, closed to others where it is `guarded`
    guarded: bool = False  # it is run: no folder above it may be written by anybody else
    accepted_until: str = ""  # a date: what somebody changed by hand is left alone up to and with that day
    accepted_why: str = ""


class Content(Protocol):
    """What kinds read, all of it of the commit that is applied."""

    def file(self, path: str) -> bytes:
        """A file that an item names, by its path from the repository's root."""

    def render(self, path: str, values: Mapping[str, Value]) -> bytes:
        """A template of the repository with its values; TemplateError."""

    def close(self) -> None:
        """Everything was read."""


class Kind(NamedTuple):
    """How items of one process become files."""

    process: str  # "builtin files"
    objects: Callable[[Item, Machine, Content], Iterable[Object]]
    wants: Callable[[Item], bool] = lambda item: True  # whether an item of the process means files at all
    on: Callable[[Item], bool] = lambda host: True  # whether there are any on a host
    unless: str = ""  # a field without which `on` says no


class Owned(NamedTuple):
    """What a host's manifest says of one path: REM put it there."""

    kind: str
    sha256: str
    mode: int
    generation: int
    keep: bool
    path: str


class Seen(NamedTuple):
    """How a path stands on a host."""

    how: str  # "none", "file", "link", "folder", "other", "away", "nowhere", "closed"; host.sh says what they mean
    sha256: str = ""
    mode: int = 0
    owner: str = ""
    group: str = ""
    text: str = ""  # as the host said it, for comparing


@dataclass(frozen=True)
class Looked:
    """How the files of REM stand on one host."""

    user: str  # who logs in
    group: str
    owned: Mapping[str, Owned]  # by path; what an apply that was killed had switched counts
    seen: Mapping[str, Seen]  # of every path that is wanted or owned
    others: Mapping[str, str] = field(default_factory=dict)  # paths of other repositories or environments, with whose
    idle: Mapping[str, str] = field(default_factory=dict)  # timers that do not run, by path: "disabled", "stopped"
    state: str = ""  # digest of what the host keeps, so that a second writer is noticed
    unfinished: bool = False  # an apply was killed there; the next one takes away what it left

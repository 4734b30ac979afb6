"""Copies of other nodes' buckets: what a store that replicates promises.

Every bucket has one writer a node: what a node writes it numbers itself, and others hold as a copy that they never
change. So a join is a copy and needs nobody's consent. A copy knows up to which position it goes, of which epoch (a
random word of the store that wrote it), and when its writer was last heard of.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from rem_cli.state.errors import StateError
from rem_cli.state.values import Entry


class Copy(NamedTuple):
    """How far a node's part of a bucket is known here."""

    bucket: str
    origin: str  # the node that writes it
    epoch: str
    position: int  # the origin's revision up to which everything is here
    base: int  # the origin's last revision when this copy was begun: what was forgotten before does not matter to it
    heard: float  # seconds since the epoch, when the origin was heard of, by way of others too


class Batch(NamedTuple):
    """Changes of one node's part of a bucket, by revision. `after` is the position that they follow on."""

    bucket: str
    origin: str
    epoch: str
    base: int
    after: int
    upto: int
    entries: Sequence[Entry]


class NotTheSame(StateError):
    """A store is not the one that a copy was begun of: restored from a backup, or made anew."""

    code = "restored"


def same_name(node: str) -> StateError:
    """Two stores that call themselves the same would be one writer to everybody else."""
    return StateError(
        f"both ends call themselves {node!r}; nothing was carried",
        hint="give one of them another name: REM_NODE, or node in its config.toml",
    )


class Replica(Protocol):
    """A store that gives and takes copies."""

    node: str

    def copies(self, bucket: str | None = None) -> list[Copy]:
        """What is known of others here; and of ourselves, with our own head as the position."""

    def copied(self, bucket: str, origin: str) -> list[Entry]:
        """The live entries of another node's part of a bucket, by revision."""

    def changes(self, bucket: str, origin: str, known: Copy | None, size: int) -> Batch | None:
        """What follows on what another store knows, at most about `size` bytes; None for nothing.

        Begins anew (`after` 0) where tombstones were forgotten that it has not heard of. NotTheSame.
        """

    def apply(self, batch: Batch, heard: float, *, afresh: bool = False) -> int:
        """Take it over, in one transaction with the position; how many entries. 0 where it follows on something else.

        `afresh`: another epoch, or a position behind the one here, replaces the copy. NotTheSame.
        """

    def heard(self, origin: str, at: float) -> None:
        """A node was heard of, and everything of it is here."""

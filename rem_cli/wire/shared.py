"""What the active packages declare as shared, each with what is kept under its path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rem_cli.errors import GuardedError, NoTargetError
from rem_cli.language.names import nearest

if TYPE_CHECKING:
    from rem_cli.language import Item
    from rem_cli.state import Bucket, Counter, Entry, Holding, Lease, Queue, State
    from rem_cli.wire import Rem

KEEPING = ("state", "queues", "counters")  # sections whose items keep something
TOPIC = "messages"  # of a bucket whose item says `topic: true`
_LIST = "rem state list"


@dataclass(frozen=True)
class Values:
    """The values, or the messages of the topic, of one item."""

    path: str
    topic: bool
    bucket: Bucket
    keep: float | None  # seconds

    def sweep(self, now: float) -> None:
        """Forget what is older than the item says."""
        if self.keep is not None:
            self.bucket.sweep(now - self.keep)


class Shared:
    """Finds by path; NoTargetError with the nearest where no active package declares it."""

    def __init__(self, rem: Rem) -> None:
        self._rem = rem

    @property
    def _state(self) -> State:
        return self._rem.state

    def declared(self, section: str) -> dict[str, Item]:
        """All items that are of a kind, by path, whatever the section is called that they stand in."""
        return {item.path: item for item in self._rem.active_source().catalog.of(f"builtin {section}")}

    def values(self, path: str) -> Values:
        item = self._item("state", path)
        fields: Any = item.fields
        return Values(item.path, bool(fields.get("topic")), self._state.bucket(item.path), fields.get("keep"))

    def queue(self, path: str) -> tuple[str, Queue]:
        """The queue's whole path, and the queue, held to its item's bounds."""
        from rem_cli.state import Terms

        item = self._item("queues", path)
        fields: Any = item.fields
        drop_oldest = fields["when full"] == "drop oldest"
        terms = Terms(fields["bound"], drop_oldest, fields["deliveries"], fields["lease"])
        return item.path, self._state.queue(item.path, terms)

    def counter(self, path: str) -> tuple[str, Counter]:
        item = self._item("counters", path)
        return item.path, self._state.counter(item.path)

    def acquire(self, path: str, *, wait: float | None, why: str) -> Lease:
        """One slot of a lock, for its lease; LockHeld when none comes free in `wait` seconds, else as declared."""
        item = self._item("locks", path)
        fields: Any = item.fields
        seconds = fields["wait"] if wait is None else wait
        bucket = self._state.bucket(item.path)
        return bucket.acquire(item.key, fields["lease"], wait=seconds, why=why, slots=fields["slots"])

    def patience(self, path: str) -> float:
        """How many seconds one more waits for a lock."""
        fields: Any = self._item("locks", path).fields
        return float(fields["wait"])

    def slots(self, path: str) -> int:
        """How many may hold a lock at once."""
        fields: Any = self._item("locks", path).fields
        return int(fields["slots"])

    def copy(self, path: str, node: str) -> tuple[Values, list[Entry], float]:
        """What another node wrote, as it is known here, and for how many seconds that node was not heard of."""
        values = self.values(path)
        known = {one.origin: one for one in self._rem.replica.copies(values.path) if one.origin != self._state.node}
        if node not in known:
            near = nearest(node, known)
            hint = (
                f"did you mean '{near}'?" if near else f"known: {', '.join(known) or 'none; rem replicate pull HOST'}"
            )
            raise NoTargetError(f"there is no copy of what {node!r} has in {values.path}", hint=hint)
        age = max(0.0, self._rem.clock.now() - known[node].heard)
        return values, self._rem.replica.copied(values.path, node), age

    def carried(self, paths: Sequence[str]) -> list[str]:
        """The whole paths of what may be carried to other nodes; all of it where none is named."""
        from rem_cli.plan.find import find

        declared = self.declared("state") | self.declared("counters")
        if not declared:
            raise NoTargetError("no active package has state or counters", hint="rem schema show state")
        return [find(declared, path).path for path in paths] if paths else [*declared]

    def left(self) -> list[Holding]:
        """What is kept although no active package declares it any more."""
        items = self._rem.active_catalog().items
        return [held for held in self._state.holdings() if "/" in held.name and held.name not in items]

    def put_away(self, path: str, *, keep: bool) -> tuple[Path | None, int]:
        """Take what a removed item left out of the store, into a file where `keep`; the file, and how many entries.

        NoTargetError where nothing was left, GuardedError while the active packages declare it.
        """
        from rem_cli.state.archive import write_archive

        if path in self._rem.active_catalog().items:
            raise GuardedError(
                f"the active packages declare {path}; nothing was put away",
                hint=f"rem item remove {path}, then commit and rem apply",
            )
        left = [held for held in self.left() if held.name == path]
        if not left:
            near = nearest(path, [held.name for held in self.left()])
            raise NoTargetError(f"nothing is kept under {path!r}", hint=f"did you mean '{near}'?" if near else _LIST)
        at = datetime.fromtimestamp(self._rem.clock.now(), UTC).isoformat()
        file, count = None, sum(held.size for held in left)
        for held in left if keep else []:
            file, _ = write_archive(self._state, held, self._rem.state_folder / "archive", at)
        self._state.forget(path)
        return file, count

    def _item(self, section: str, path: str) -> Item:
        from rem_cli.plan.find import find

        declared = self.declared(section)
        if not declared:
            hint = f"write a section '{section}' in a package, then: rem apply; rem schema show {section}"
            raise NoTargetError(f"no active package has {section}", hint=hint)
        return find(declared, path)

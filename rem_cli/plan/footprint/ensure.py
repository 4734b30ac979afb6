"""What must be so on hosts beyond files: one program tells whether it is so, another brings it about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from rem_cli.errors import InvalidPackagesError
from rem_cli.language import Item, Value
from rem_cli.plan.footprint.hosts import Failed

PROCESS = "builtin ensure"


@dataclass(frozen=True, slots=True)
class Ensure:
    """One item of the section `ensure`."""

    item: str  # its path
    check: tuple[str, ...]  # argv; changes nothing
    apply: tuple[str, ...]  # argv
    user: str = ""  # who runs both; empty: whoever logs in
    timeout: float = 300.0  # seconds, for each
    after: tuple[str, ...] = ()  # paths of items, of this section or of files

    @classmethod
    def read(cls, item: Item) -> Ensure:
        said = item.fields
        return cls(
            item.path,
            _words(said.get("check")),
            _words(said.get("apply")),
            str(said.get("user") or ""),
            float(str(said.get("timeout") or 300)),
            _words(said.get("after")),
        )


class How(StrEnum):
    """How an item stands on a host."""

    UNCHECKED = "unchecked"
    SO = "so"
    NOT_SO = "not so"
    MADE_SO = "made so"
    FAILED = "failed"


class Ensured(NamedTuple):
    """One item on one host."""

    ensure: Ensure
    how: How = How.UNCHECKED
    failed: Failed | None = None  # why it is not known, or was not brought about


def in_order(items: Sequence[Item]) -> list[Ensure]:
    """Every item after those that it names in `after`, else by path; InvalidPackagesError when they go in a circle."""
    ensures = {item.path: Ensure.read(item) for item in sorted(items, key=lambda item: item.path)}
    found: dict[str, Ensure] = {}
    for start in ensures:
        way = [start]
        while way:
            waits = next((one for one in ensures[way[-1]].after if one in ensures and one not in found), None)
            if waits in way:
                shown = " → ".join([*way[way.index(waits) :], waits])
                raise InvalidPackagesError(
                    f"each of these waits for the next, so none can be first: {shown}; nothing was applied",
                    hint="take one of them out of an 'after'",
                )
            if waits is None:
                found.setdefault(way[-1], ensures[way.pop()])
            else:
                way.append(waits)
    return list(found.values())


def told(ensured: Iterable[Ensured]) -> list[Mapping[str, Value]]:
    """For programs: what was found or done, each item by its path."""
    return [
        {"item": one.ensure.item, "how": str(one.how), "why": one.failed.why if one.failed else ""} for one in ensured
    ]


def _words(value: Value) -> tuple[str, ...]:
    return tuple(str(word) for word in value) if isinstance(value, list) else ()

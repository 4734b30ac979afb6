"""The verdict on a tree that was checked before: none of its texts is read to say so.

A commit never changes. That the work tree is the one of before is told by the stamps of its files and folders, as git
tells an unchanged file. Where one is so young that it could change once more without another stamp, nothing is kept.

This is all that an unchanged tree costs, so nothing is loaded here that only a changed one needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from rem_cli.check import COARSE, Asked, Verdict, settled
from rem_cli.tree.listing import Listing

if TYPE_CHECKING:
    from rem_cli.language import Finding
    from rem_cli.language.timed import Timed

_TREE = "verdict-tree"


class Recalled(NamedTuple):
    """What is known of a tree before any text of it is read."""

    verdict: Verdict | None  # None: it must be checked
    listing: Listing | None = None  # of a work tree as it stands


def recall(asked: Asked) -> Recalled:
    """The verdict that was kept of a tree, if it is still the same one."""
    if asked.tree.commit:
        return Recalled(_heard(asked.cache.get(_name(asked.tree.commit))))
    look = getattr(asked.tree, "listing", None)
    if look is None:  # texts that are nowhere on disk: they have no stamps
        return Recalled(None)
    kept = asked.cache.get(_TREE)
    if kept is None:
        return Recalled(None, look())
    folders, files = (dict(zip(paths, stamps, strict=True)) for paths, stamps in kept[:2])
    newest, told = kept[2:]
    before = Listing(folders, files)
    now = look(before)
    same = now == before and (newest < asked.now - COARSE or _still(now, asked.now) is not None)
    return Recalled(_heard(told) if same else None, now)


def keep(asked: Asked, listing: Listing | None, found: Verdict) -> None:
    """Remember what was found in a tree; its listing is the one that was made before its texts were read."""
    if asked.tree.commit:
        asked.cache.put(_name(asked.tree.commit), _told(found))
    elif listing is not None and (newest := _still(listing, asked.now)) is not None:
        plain = [(list(part), list(part.values())) for part in listing]
        asked.cache.put(_TREE, (*plain, newest, _told(found)))


def _name(commit: str) -> str:
    return f"verdict-{commit}"


def _still(listing: Listing, now: int) -> int | None:
    """A time after which nothing has changed, where whatever changes from now on gets another stamp; else None."""
    old = now - COARSE
    young = [one[2:4] for part in listing for one in part.values() if one[2] >= old or one[3] >= old]
    return max(map(max, young), default=old - 1) if all(settled(times, now) for times in young) else None


def _told(found: Verdict) -> tuple[Any, ...]:
    rows: list[tuple[Any, ...]] = []
    if found.findings:
        from rem_cli.check.rows import finding_rows

        rows = finding_rows(found.findings)
    timed: list[tuple[Any, ...]] = []
    if found.timed:
        from rem_cli.check.rows import timed_rows

        timed = timed_rows(found.timed)
    return rows, found.items, found.files, found.packages, sorted(found.scripts), found.environments, timed


def _heard(told: Any) -> Verdict | None:
    if told is None:
        return None
    rows, items, files, packages, scripts, environments, rows_timed = told
    findings: tuple[Finding, ...] = ()
    if rows:
        from rem_cli.check.rows import findings_of

        findings = findings_of(rows)
    timed: tuple[Timed, ...] = ()
    if rows_timed:
        from rem_cli.check.rows import timed_of

        timed = timed_of(rows_timed)
    return Verdict(findings, items, files, packages, frozenset(scripts), environments, timed)

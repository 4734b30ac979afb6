"""How people on duty are named, and how the proof of a role account is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rem_cli.cli import moments
from rem_cli.cli import show as out

if TYPE_CHECKING:
    from rem_cli.alerts.oncall.shares import Proof

MOST = 10  # gaps that are listed before the rest is counted


def name(path: str) -> str:
    """Whom people know by the key of a contact."""
    return path.rpartition("/")[2]


def names(paths: Sequence[str]) -> str:
    return ", ".join(map(name, paths)) or "nobody"


def proved(proofs: Sequence[Proof], days: int, now: int) -> None:
    """Each role account: whether somebody is always there, the gaps, and the hours of each person."""
    if not proofs:
        out.line("No package has a role account: rem schema show role-accounts")
    for number, one in enumerate(proofs):
        if number:
            out.line("")
        good = not one.gaps
        said = f"somebody is always on duty for {days} days" if good else out.counted(len(one.gaps), "gap")
        mark = (out.glyph("ok"), "green") if good else (out.glyph("bad"), "red")
        out.line(mark, " ", (one.duty.path, "bold"), f": {said}")
        for gap in one.gaps[:MOST]:
            span = " – ".join(moments.told(at, one.duty.zone, now) for at in (gap.begin, gap.end))
            out.line("    ", (f"nobody {span}", "red"), f"  {moments.long(gap.end - gap.begin)}")
        if len(one.gaps) > MOST:
            out.line(f"    and {len(one.gaps) - MOST} more: --format json has them all")
        for share in one.shares:
            parts = f"{moments.long(share.nights)} at night, {moments.long(share.weekends)} at weekends"
            out.line(f"    {name(share.contact)}  {moments.long(share.all)}", (f", {parts}", "dim"))


def proof(one: Proof) -> dict[str, Any]:
    """A proof for programs; hours."""
    return {
        "role account": one.duty.path,
        "gaps": [{"from": out.instant(gap.begin), "until": out.instant(gap.end)} for gap in one.gaps],
        "shares": [
            {"contact": share.contact, "hours": share.all / 3600, "nights": share.nights / 3600,
             "weekends": share.weekends / 3600}
            for share in one.shares
        ],
    }  # fmt: skip

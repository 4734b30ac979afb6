"""How what happens on hosts is told: what would be done there, and how it ended on each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rem_cli.cli import show
from rem_cli.errors import Status
from rem_cli.plan.footprint.ensure import Ensured, How
from rem_cli.plan.footprint.ensure import told as ensured_document
from rem_cli.plan.footprint.plans import Plan
from rem_cli.plan.footprint.record import Ended
from rem_cli.plan.footprint.rollout import Done
from rem_cli.plan.footprint.steps import Move, Step

MOST = 40  # files of a host that are listed before the rest is counted
_SIGNS = {
    Move.CREATE: ("+", "green"),
    Move.CHANGE: ("~", "yellow"),
    Move.REMOVE: ("-", "red"),
    Move.RELEASE: ("·", "dim"),
    Move.ACCEPTED: ("·", "dim"),
    Move.CONFLICT: ("!", "red"),
    Move.BLOCKED: ("!", "red"),
}
_ENSURED = {
    How.NOT_SO: ("~", "yellow"),
    How.MADE_SO: ("~", "yellow"),
    How.FAILED: ("!", "red"),
}
_GLYPHS = {
    Ended.OK: ("ok", "green"),
    Ended.UNREACHABLE: ("blind", "blue"),
    Ended.SKIPPED: ("blind", "yellow"),
}


def planned(plans: Sequence[Plan], *, refreshed: bool, checked: bool) -> None:
    """What would be done on hosts; hosts on which it is the same, once."""
    telling = [plan for plan in plans if plan.failed or any(map(_tells, [*plan.steps, *plan.ensured]))]
    same: dict[tuple[object, ...], list[Plan]] = {}
    for plan in telling:
        same.setdefault((plan.failed, *map(_said, plan.steps), *plan.ensured), []).append(plan)
    for group in same.values():
        first = group[0]
        show.line(("on ", "dim"), _names([plan.name for plan in group]))
        if first.failed:
            show.line("    ", (show.glyph("blind"), "blue"), f" not looked at: {first.failed.why}")
        _steps(first.steps)
        _ensures(first.ensured)
    waiting = sum(one.how is How.UNCHECKED for plan in plans for one in plan.ensured)
    if waiting:
        why = "what they come after is not so yet, or the host was not asked" if checked else "rem diff --refresh"
        show.note(("? unchecked: ", "yellow"), f"{show.counted(waiting, 'check')} of ensure: {why}")
    if plans and not refreshed:
        note = "hosts were not asked: this is how the last apply left them; to look now: rem diff --refresh"
        show.note(("? unchecked: ", "yellow"), note)


def ended(done: Sequence[Done]) -> None:
    """How it ended on hosts; those on which it ended alike, once. Nothing of hosts where nothing was to be done."""
    same: dict[tuple[object, ...], list[Done]] = {}
    for one in done:
        if one.ended is not Ended.UNCHANGED:
            same.setdefault((one.ended, one.why, *map(_said, one.steps), *one.ensured), []).append(one)
    for group in same.values():
        first = group[0]
        glyph, color = _GLYPHS.get(first.ended, ("bad", "red"))
        why = f": {first.why}" if first.why else ""
        show.line(
            (show.glyph(glyph), color), f" {_names([one.host for one in group])}  ", (f"{first.ended}{why}", "dim")
        )
        _steps(first.steps if first.ended is Ended.OK else ())
        _ensures([one for one in first.ensured if one.how is How.MADE_SO])
    for hint in list(dict.fromkeys(one.hint for one in done if one.hint))[:3]:
        show.hint(hint)


def counts(done: Sequence[Done]) -> str:
    """`2 hosts ok, 1 failed`; empty when no host was concerned."""
    counted = {ended: sum(one.ended is ended for one in done) for ended in Ended}
    told = [(count, str(ended)) for ended, count in counted.items() if count]
    return ", ".join(show.counted(n, "host") + f" {w}" if at == 0 else f"{n} {w}" for at, (n, w) in enumerate(told))


def status(done: Sequence[Done]) -> Status:
    """What an apply exits with, for what became of its hosts."""
    bad = [one for one in done if one.ended in (Ended.FAILED, Ended.UNREACHABLE, Ended.ROLLED_BACK)]
    if any(one.untrusted for one in bad):
        return Status.UNTRUSTED
    if not bad:
        return Status.DONE
    return Status.SOME_FAILED if any(one.ended.good for one in done) else Status.ALL_FAILED


def plan_document(plans: Sequence[Plan], *, refreshed: bool) -> list[dict[str, Any]]:
    """What would be done, for programs."""
    return [
        {
            "host": plan.name,
            "checked": refreshed and plan.failed is None,
            "why": plan.failed.why if plan.failed else "",
            "files": list(_documents(plan.steps)),
            "ensure": ensured_document(plan.ensured),
        }
        for plan in plans
    ]


def document(done: Sequence[Done]) -> list[dict[str, Any]]:
    """How it ended, for programs."""
    return [
        {
            "host": one.host,
            "outcome": str(one.ended),
            "why": one.why,
            "files": list(_documents(one.steps)),
            "ensure": ensured_document(one.ensured),
        }
        for one in done
    ]


def _documents(steps: Sequence[Step]) -> Iterator[dict[str, Any]]:
    for step in steps:
        if step.move is not Move.UNCHANGED:
            yield {
                "path": step.path,
                "move": str(step.move),
                "item": step.item,
                "why": step.why,
                "by hand": step.by_hand,
            }


def _steps(steps: Sequence[Step]) -> None:
    telling = [step for step in steps if step.move is not Move.UNCHANGED]
    width = min(max((len(step.path) for step in telling), default=0), 48)
    for step in telling[:MOST]:
        sign, color = _SIGNS[step.move]
        hand = "changed by hand since" if step.by_hand and not step.why.endswith("by hand") else ""
        about = "; ".join(filter(None, [step.why, hand])) or step.item
        beside = ("  ", (about, "dim")) if about else ()
        show.line("    ", (sign, color), " ", step.path.ljust(width) if about else step.path, *beside)
    if len(telling) > MOST:
        show.line((f"      and {len(telling) - MOST} more files: --format json has them all", "dim"))


def _ensures(ensured: Sequence[Ensured]) -> None:
    for one in ensured:
        if _tells(one):
            sign, color = _ENSURED[one.how]
            why = one.failed.why.removeprefix(f"{one.ensure.item}: ") if one.failed else str(one.how)
            show.line("    ", (sign, color), f" {one.ensure.item}", (f"  {why}", "dim"))


def _tells(one: object) -> bool:
    if isinstance(one, Step):
        return one.move is not Move.UNCHANGED
    return isinstance(one, Ensured) and one.how in _ENSURED


def _said(step: Step) -> tuple[object, ...]:
    return step.move, step.path, step.why, step.by_hand, step.item


def _names(names: Sequence[str]) -> str:
    more = len(names) - 8
    return " ".join(names[:8]) + (f" and {more} more" if more > 0 else "")

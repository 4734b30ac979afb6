"""How a run ends, and what is taken back before it ends badly."""

from __future__ import annotations

from rem_cli.procedures import Fate, Result
from rem_cli.procedures.moves import Move, Write
from rem_cli.procedures.sight import Sight
from rem_cli.procedures.standing import DO, UNDO, Step


def unwind(sight: Sight) -> list[Move]:
    """Nothing is open any more: the run has ended well, or what it changed is taken back, the newest first."""
    run = sight.run
    last = run.in_branch("")[-1]
    if last.over == "left" and not last.next and not sight.halted:
        return [_ended(Fate.SUCCEEDED, last.action(DO).result.why if sight.definition.states[last.state].text("succeed")
                       else "")]  # fmt: skip
    for one in to_undo(sight):
        told = sight.attempt(one, UNDO, "")
        if not isinstance(told, Result):
            return told
        if told.outcome != "ok":
            why = f"'{one.state}' could not be taken back: {told.why or told.outcome}"
            return [_ended(Fate.COMPENSATION_FAILED, why)]
    if run.cancelled:
        return [_ended(Fate.CANCELLED, sight.why_stopped(last))]
    if run.overdue:
        return [_ended(Fate.TIMED_OUT, sight.why_stopped(last))]
    if run.capped:
        return [_ended(Fate.FAILED, sight.why_stopped(last))]
    return [_ended(Fate.FAILED, f"'{last.state}': {last.error.why or last.error.outcome}")]


def to_undo(sight: Sight) -> list[Step]:
    """The steps that changed something or may have, and have a way back that was not gone yet; the newest first."""
    steps = [
        one
        for one in sight.run.steps
        if sight.definition.states[one.state].text("compensate")
        and (one.action(DO).ok or one.action(DO).unknown)
        and not one.undone
    ]
    return sorted(steps, key=lambda one: -one.settled)


def _ended(fate: Fate, why: str) -> Write:
    return Write("ended", {"fate": str(fate), "why": why}, why or str(fate))

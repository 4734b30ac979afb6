"""What people say to a run: each is a line of its journal, or refused with the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from shlex import quote
from uuid import uuid4

from rem_cli.errors import UsageError
from rem_cli.language import Value
from rem_cli.language.names import nearest
from rem_cli.procedures import Fate, RefusedError
from rem_cli.procedures.definition import Definition, Kind
from rem_cli.procedures.journal import Head, Journals, LostRunError
from rem_cli.procedures.moves import Act, Write
from rem_cli.procedures.standing import Standing, Step, replay
from rem_cli.state import StaleRevision

ANSWERS = ("done", "again", "failed")


def approve(journals: Journals, id: int, who: str, *, agree: bool, why: str = "") -> None:
    """Agree to what a run waits with, or decline it."""

    def line(run: Standing, definition: Definition) -> Write:
        one = _approvable(id, run, definition, who, agree, journals.clock.now())
        kind = "approved" if agree else "declined"
        return Write(kind, {"step": one.number, "who": who, "why": why, "digest": definition.digest}, why or kind)

    _say(journals, id, line)


def going(journals: Journals, id: int, act: Act, run: int) -> None:
    """An act has become a long job, which nothing has started yet; LostRunError when the act is another's by now."""

    def line(standing: Standing, _: Definition) -> Write:
        action = standing.step(act.step).action(act.action)
        if not action.open or action.attempt != act.attempt:
            raise LostRunError(f"run {id} was taken over by another process", hint=f"rem procedure follow {id}")
        told: dict[str, Value] = {"step": act.step, "action": act.action, "run": run}
        return Write("going", told, f"job run {run} goes on by itself")

    _say(journals, id, line)


def may_approve(journals: Journals, id: int, who: str, *, agree: bool) -> None:
    """RefusedError where `approve` would say so."""
    run, definition = _read(journals, id)
    _approvable(id, run, definition, who, agree, journals.clock.now())


def waiting(journals: Journals, id: int) -> list[str]:
    """The state that waits for an approval, if there is one."""
    run, definition = _read(journals, id)
    return [one.state for one in run.open if _waits_for_approval(run, definition, one)][:1]


def _approvable(id: int, run: Standing, definition: Definition, who: str, agree: bool, now: float) -> Step:
    waiting = [one for one in run.open if _waits_for_approval(run, definition, one)]
    if not waiting:
        raise RefusedError(f"run {id} waits for no approval{_ended(run)}", hint=f"rem procedure show {id}")
    one = waiting[0]
    approval = definition.states[one.state].approval
    if one.due is not None and now >= one.due:
        raise RefusedError(f"the approval of '{one.state}' has expired", hint=f"rem procedure follow {id}")
    if agree and approval.two_person and who == run.who:
        hint = f"somebody of {approval.role_account} runs: rem procedure approve {id}"
        raise RefusedError(f"{who} started run {id}, and '{one.state}' needs another person", hint=hint)
    return one


def signal(journals: Journals, id: int, name: str, who: str, *, data: Value = None, given: str | None = None) -> bool:
    """Give a run a signal, also before it waits for it; False for one whose id it had before."""

    def line(run: Standing, definition: Definition) -> Write | None:
        if name not in definition.signals:
            near = nearest(name, definition.signals)
            known = f"its signals: {', '.join(definition.signals)}" if definition.signals else "it waits for none"
            raise RefusedError(
                f"{definition.path} waits for no signal '{name}'", hint=f"did you mean '{near}'?" if near else known
            )
        if run.fate:
            raise RefusedError(f"run {id} waits for no signal{_ended(run)}", hint=f"rem procedure show {id}")
        if any(one.text("id") == mark for one in run.signals):
            return None
        return Write("signal", {"name": name, "id": mark, "data": data, "who": who}, f"from {who}")

    mark = given or uuid4().hex
    return _say(journals, id, line)


def cancel(journals: Journals, id: int, who: str, why: str) -> None:
    """Stop a run: what is under way is ended, and what was changed is taken back."""

    def line(run: Standing, definition: Definition) -> Write | None:
        if run.fate:
            raise RefusedError(f"run {id} cannot be cancelled{_ended(run)}", hint=f"rem procedure show {id}")
        if run.compensating:
            raise RefusedError(f"run {id} takes back what it changed, which is not stopped", hint="wait for its end")
        if run.cancelled:
            return None
        return Write("cancel", {"who": who, "why": why}, why or f"{who} cancels it")

    _say(journals, id, line)


def redrive(journals: Journals, id: int, who: str, answer: str | None) -> None:
    """Go on with a run that failed, from the states that failed; or answer what a run asks."""

    def line(run: Standing, definition: Definition) -> Write:
        parked = [one for one in run.open if one.parked and not one.answer]
        if parked:
            if answer is None:
                raise UsageError(f"'{parked[0].state}': {parked[0].parked}", hint=f"--take-as {'|'.join(ANSWERS)}")
            return Write("answered", {"step": parked[0].number, "as": answer, "who": who}, f"{who} says so")
        if answer is not None:
            raise RefusedError(f"run {id} asks nothing", hint=f"rem procedure show {id}")
        _may_redrive(id, run, definition)
        return Write("redriven", {"who": who}, f"{who} lets it go on")

    _say(journals, id, line)
    head = journals.head(id)
    if head.fate:
        journals.renew(replace(head, fate="", ended=None))


def _may_redrive(id: int, run: Standing, definition: Definition) -> None:
    if not run.fate:
        raise RefusedError(f"run {id} goes on", hint=f"rem procedure follow {id}")
    anew = f"start it anew: rem procedure start {quote(definition.path)}"
    if run.fate == Fate.SUCCEEDED:
        raise RefusedError(f"run {id} has succeeded; nothing of it failed", hint=anew)
    if run.fate != Fate.COMPENSATION_FAILED and any(one.undone for one in run.steps):
        raise RefusedError(f"run {id} has taken back what it changed, so nothing is left to go on from", hint=anew)
    last = [one for one in run.steps if one.over == "failed"]
    if run.fate != Fate.COMPENSATION_FAILED and last and definition.states[last[-1].state].kind is Kind.FAIL:
        raise RefusedError(f"run {id} was led to '{last[-1].state}', which fails", hint=anew)


def _say(journals: Journals, id: int, line: Callable[[Standing, Definition], Write | None]) -> bool:
    """Append what `line` makes of where a run stands; once more when somebody else wrote in between."""
    while True:
        head: Head = journals.head(id)
        lines, _ = journals.lines(id)
        write = line(replay(lines), journals.definition(head.digest))
        if write is None:
            return False
        try:
            journals.append(replace(head, look=None, waits="", away=()), [write])
            return True
        except StaleRevision:
            continue


def _read(journals: Journals, id: int) -> tuple[Standing, Definition]:
    head = journals.head(id)
    return replay(journals.lines(id)[0]), journals.definition(head.digest)


def _waits_for_approval(run: Standing, definition: Definition, one: Step) -> bool:
    return definition.states[one.state].kind is Kind.APPROVE and one.number not in run.approvals


def _ended(run: Standing) -> str:
    return f": it has ended, {run.fate}" if run.fate else ""

"""How a run of a procedure is told: line by line while it goes on, and whole afterwards."""

from __future__ import annotations

from shlex import quote
from typing import Any

from rem_cli.cli import show
from rem_cli.procedures import OK, Line
from rem_cli.procedures.definition import Definition, Kind
from rem_cli.procedures.journal import Head
from rem_cli.procedures.moves import Look
from rem_cli.procedures.standing import DO, Standing, Step

_ACTIONS = {"enter": "entered", "exit": "left", "undo": "taken back", "check": "looked at"}
_SAID = {
    "signal": "signal {name} from {who}",
    "approved": "approved by {who}",
    "declined": "declined by {who}",
    "cancel": "cancelled by {who}",
    "redriven": "{who} lets it go on from what failed",
    "answered": "{who} says: {as}",
    "torn": "the journal's last line was not whole and was cut off",
}


class Face:
    """Hears the lines of one run, and tells those that people want to know."""

    def __init__(self, run: Standing, definition: Definition, *, enabled: bool) -> None:
        self.run = run
        self._enabled = enabled
        self._width = max((len(name) for name in definition.states), default=0)
        self._began: dict[tuple[int, str], float] = {}

    def hear(self, line: Line) -> None:
        """One more line of the journal."""
        self.run.take(line)
        if not self._enabled:
            return
        if line.kind in _SAID:
            said = _SAID[line.kind].format(**{name: str(value) for name, value in line.told.items()})
            show.line("  ", (show.glyph("change"), "cyan"), f" {said}")
        elif line.kind == "intent":
            self._began[line.count("step"), line.text("action")] = line.at
        elif line.kind == "result":
            self._result(line)
        elif line.kind == "going":
            name = self.run.step(line.count("step")).state.ljust(self._width)
            told = f"job run {line.count('run')} goes on by itself: rem job follow {line.count('run')}"
            show.line("  ", (show.glyph("runs"), "cyan"), f" {name}  ", (told, "dim"))
        elif line.kind in ("again", "unknown", "parked", "overdue"):
            name = self.run.step(line.count("step")).state if line.count("step") else ""
            show.line("  ", (show.glyph("blind"), "yellow"), f" {name.ljust(self._width)}  {line.text('because')}")

    def _result(self, line: Line) -> None:
        step = self.run.step(line.count("step"))
        good = line.text("outcome") == OK
        glyph, color = ("ok", "green") if good else ("bad", "red")
        action = _ACTIONS.get(line.text("action"), "")
        began = self._began.get((line.count("step"), line.text("action")))
        took = f", {show.span(line.at - began)}" if began is not None else ""
        why = line.text("why")
        told = (
            f"{why or action or OK}{took}" if good else f"{action and f'not {action}, '}{line.text('outcome')}: {why}"
        )
        name = step.state.ljust(self._width)
        which = f" ({show.clean(step.each)})" if step.each is not None else ""
        show.line("  ", (show.glyph(glyph), color), f" {name}{which}  ", (told, "dim" if good else ""))


def begun(head: Head) -> None:
    """The first line of what is told of a run."""
    show.line(
        ("run ", "bold"), (str(head.id), "bold"), f" of {head.procedure}, definition ", (head.digest[:12], "cyan")
    )


def summary(head: Head, definition: Definition, run: Standing, look: Look | None) -> None:
    """How it ended, or what it waits for."""
    show.line("")
    if run.fate:
        took = show.span((run.ended or run.began) - run.began)
        why = f": {run.why}" if run.why else ""
        show.line((run.fate, "bold green" if run.fate == "succeeded" else "bold red"), f"{why}, {took}")
    elif look is not None:
        until = f", at {show.when(look.at)}" if look.at is not None and look.kind == "wait" else ""
        show.line(("waits", "bold yellow"), f": {look.why}{until}")
        show.hint(_next_command(head, definition, run, look))
    else:
        show.line(("let go", "bold yellow"))
        show.hint(f"rem procedure follow {head.id}")


def _next_command(head: Head, definition: Definition, run: Standing, look: Look) -> str:
    if any(one.parked and not one.answer for one in run.open):
        return f"look whether it was done, then: rem procedure redrive {head.id} --take-as done|again|failed"
    for one in run.open if look.kind == "people" else []:
        state = definition.states[one.state]
        if state.kind is Kind.APPROVE:
            return f"rem procedure approve {head.id}"
        if state.kind is Kind.SIGNAL:
            return f"rem procedure signal {head.id} {quote(state.text('signal'))}"
    return f"rem procedure follow {head.id}"


def table(run: Standing) -> None:
    """Every step of a run, in the order in which they began."""
    rows = [
        [one.number, _name(one), outcome(one), attempts(one), show.when(one.at), why(one) or _job(one)]
        for one in run.steps
    ]
    show.table(("step", "state", "outcome", "attempts", "since", "why"), rows)


def _name(one: Step) -> str:
    """`4.0 install (web01)`"""
    each = f"({one.each})" if one.each is not None else ""
    return " ".join(filter(None, [one.branch, one.state, each]))


def _job(one: Step) -> str:
    """Where there is more to read of it."""
    action = one.action(DO)
    run = action.away or action.result.told.get("run")
    return f"job run {run}{', which goes on' if action.away else ''}" if run else ""


def outcome(one: Step) -> str:
    if one.undone:
        return "taken back"
    if one.over == "left":
        return f"caught {one.error.outcome}" if one.error.outcome else OK
    if one.over == "failed":
        return one.error.outcome
    return "asks" if one.parked and not one.answer else "goes on"


def attempts(one: Step) -> int:
    return one.action(DO).attempt


def why(one: Step) -> str:
    return one.error.why or (one.parked if not one.over else "") or one.action(DO).result.why


def document(head: Head, run: Standing, look: Look | None) -> dict[str, Any]:
    """A run for programs."""
    return row(head) | {
        "fate": run.fate or None,
        "why": run.why or None,
        "who": run.who,
        "params": dict(run.params),
        "ended": show.instant(run.ended) if run.ended is not None else None,
        "redriven": run.redriven,
        "waits": {"why": look.why, "at": show.instant(look.at) if look.at is not None else None} if look else None,
        "steps": [_step(one) for one in run.steps],
    }


def _step(one: Step) -> dict[str, Any]:
    result = one.action(DO).result
    return {
        "step": one.number, "branch": one.branch, "state": one.state, "each": one.each, "since": show.instant(one.at),
        "outcome": outcome(one), "why": why(one) or None, "next": one.next or None,
        "actions": {
            name: {"attempt": action.attempt, "outcome": action.result.outcome or None, "unknown": action.unknown}
            for name, action in one.actions.items() if action.attempt or action.result.outcome
        },
        "result": dict(result.told) or None,
    }  # fmt: skip


def row(head: Head) -> dict[str, Any]:
    """A run in a list."""
    return {
        "run": head.id,
        "procedure": head.procedure,
        "digest": head.digest,
        "fate": head.fate or None,
        "state": head.state,
        "began": show.instant(head.began),
        "driven": f"{head.holder.node}:{head.holder.pid}" if head.holder else None,
        "look": show.instant(head.look) if head.look is not None and not head.fate else None,
    }

"""Everything a decision looks at: the definition, where the run stands, the time; and what follows from these alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from rem_cli.language import Value
from rem_cli.language.shown import duration
from rem_cli.procedures import Error, Evaluate, ProcedureError, Result
from rem_cli.procedures.definition import Definition, Kind, State
from rem_cli.procedures.moves import Act, Look, Move, Write
from rem_cli.procedures.standing import DO, Standing, Step


@dataclass(frozen=True)
class Sight:
    definition: Definition
    run: Standing
    now: float
    evaluate: Evaluate

    def due(self, state: State) -> float | None:
        """When a state that begins now has waited enough; None for one that waits for no moment."""
        if state.kind is Kind.WAIT:
            return self.now + (state.seconds("wait") or 0.0)
        if state.kind is Kind.UNTIL:
            moment = datetime.fromisoformat(state.text("until"))
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        return self.now + state.approval.expires if state.kind is Kind.APPROVE else None

    @property
    def halted(self) -> str:
        """Why the whole run goes no further, as the class of an error; empty while it does."""
        if self.run.cancelled:
            return str(Error.CANCELLED)
        if self.run.overdue:
            return "procedure timed out"
        return "too many states" if self.run.capped else ""

    def stopped(self, one: Step) -> str:
        """Why a step goes no further for a reason that is not its own; empty while it does."""
        if self.halted:
            return self.halted
        parent = self.run.parent(one.branch)
        while parent is not None:
            if parent.overdue or any(self.failed(name) for name in self.branches(parent)):
                return str(Error.CANCELLED)
            parent = self.run.parent(parent.branch)
        return ""

    def why_stopped(self, one: Step) -> str:
        if self.run.cancelled:
            return self.run.cancelled.text("why") or f"cancelled by {self.run.cancelled.text('who')}"
        if self.run.overdue:
            return f"the procedure takes longer than {duration(self.definition.timeout)}"
        if self.run.capped:
            return f"more than {self.definition.most_steps} states ('most steps')"
        return "another branch failed" if one.branch else "it was stopped"

    def branches(self, one: Step) -> list[str]:
        return [f"{one.number}.{place}" for place in range(len(one.starts or ()))]

    def failed(self, branch: str) -> Step | None:
        """The step that a branch failed with."""
        steps = self.run.in_branch(branch)
        return steps[-1] if steps and steps[-1].over == "failed" else None

    def ended(self, branch: str) -> bool:
        """Whether a branch that was begun goes no further."""
        last = self.run.in_branch(branch)[-1]
        return last.over == "failed" or (last.over == "left" and (not last.next or bool(self.stopped(last))))

    def branch_result(self, branch: str) -> Value:
        """What a branch came to, as its parent's result tells it."""
        steps = self.run.in_branch(branch)
        if not steps:
            return {"outcome": str(Error.CANCELLED), "why": "it had not begun"}
        return {"state": steps[-1].state, **_told(steps[-1])}

    def data(self, one: Step) -> dict[str, Value]:
        """What expressions may name. Of a state in several branches, the result of the own branch counts."""
        chain = [one.branch]
        while (parent := self.run.parent(chain[-1])) is not None:
            chain.append(parent.branch)
        done = [step for step in self.run.steps if step.action(DO).result.outcome]
        results: dict[str, Value] = {step.state: _told(step) for step in done if step.branch not in chain}
        results |= {step.state: _told(step) for step in done if step.branch in chain}
        caught = [
            step for step in self.run.steps if step.over == "left" and step.error.outcome and step.branch in chain
        ]
        failure = caught[-1] if caught else None
        return {
            "params": dict(self.run.params),
            "results": results,
            "each": one.each,
            "failure": {
                "state": failure.state if failure else "",
                "error": failure.error.outcome if failure else "",
                "why": failure.error.why if failure else "",
            },
        }

    def given(self, one: Step) -> dict[str, str]:
        """What the jobs of a step are given; ProcedureError when an expression has no value."""
        state = self.definition.states[one.state]
        given = state.texts("with")
        data = self.data(one) if state.texts("take") else {}
        for name, text in state.texts("take").items():
            given[name] = as_text(self.evaluate(text, data))
        return given

    def away(self, one: Step) -> list[Look]:
        """That a step waits for long jobs."""
        runs = [action.away for action in one.actions.values() if action.open and action.away]
        return [Look(None, f"it waits for the long job of job run {run}", "away") for run in runs]

    def attempt(self, one: Step, name: str, stop: str) -> Result | list[Move]:
        """What an action that a program does needs next, or how it ended for good."""
        action = one.action(name)
        if action.open:
            return [*self.away(one)]
        if action.unknown:
            return self._act(one, name, action.attempt, "nobody knows whether it was done; it is done again")
        if not action.result.outcome:
            return self._act(one, name, action.attempt + 1, f"'{one.state}' {_SAID.get(name, 'begins')}")
        if action.ok or stop:
            return action.result
        if action.again is not None:
            if self.now >= action.again:
                return self._act(one, name, action.attempt + 1, f"again after '{action.result.outcome}'")
            return [Look(action.again, f"then '{one.state}' is tried again")]
        for place, retry in enumerate(self.definition.states[one.state].retry):
            if retry.fits(action.result.outcome):
                before = action.tried.get(place, 0)
                if before >= retry.times:
                    break
                due = self.now + retry.delay(before)
                why = f"'{action.result.outcome}' is tried again, {before + 1} of {retry.times}"
                told: Mapping[str, Value] = {"step": one.number, "action": name, "matcher": place, "due": due}
                return [Write("again", told, why)]
        return action.result

    def _act(self, one: Step, name: str, attempt: int, why: str) -> Result | list[Move]:
        try:
            given = self.given(one)
        except ProcedureError as error:
            return Result(Error.CANNOT_TELL, error.message)
        return [Act(one.number, name, attempt, one.state, given, why)]


_SAID = {"enter": "is entered", "exit": "is left", "undo": "is taken back", "check": "is looked at"}


def _told(step: Step) -> dict[str, Value]:
    result = step.action(DO).result
    return {"data": None, "numbers": {}, "exit": None, **result.told, "outcome": result.outcome, "why": result.why}


def as_text(value: Value) -> str:
    """A value as a program is given it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    raise ProcedureError(f"a parameter is a text or a number, not {'nothing' if value is None else 'a list or a map'}")

"""What a run does next: a function of its definition, its journal and the time.

`step` looks at every step that is open and says what each of them needs. Nothing here is done, and nothing is asked
but the arguments; the engine writes the lines, does the acts and asks again.
"""

from __future__ import annotations

from collections.abc import Iterable

from rem_cli.language import Value
from rem_cli.language.shown import duration
from rem_cli.procedures import OK, UNCAUGHT, Error, Evaluate, Line, Result
from rem_cli.procedures.definition import RUNS, Definition, Kind, State
from rem_cli.procedures.moves import Halt, Look, Move, Write
from rem_cli.procedures.outcome import outcome, settle, unknown
from rem_cli.procedures.sight import Sight
from rem_cli.procedures.standing import CHECK, DO, ENTER, EXIT, Standing, Step, replay
from rem_cli.procedures.undo import unwind


def step(definition: Definition, journal: Iterable[Line], now: float, evaluate: Evaluate) -> list[Move]:
    """The moves that follow from a journal."""
    return decide(Sight(definition, replay(journal), now, evaluate))


def decide(sight: Sight) -> list[Move]:
    """The moves that follow from where a run stands. Lines come alone: what follows from them is asked for next."""
    run, definition = sight.run, sight.definition
    if run.fate:
        return []
    if not run.steps:
        return [_enter(sight, "", definition.start, "it starts there")]
    if not run.overdue and not run.compensating and sight.now >= run.began + definition.timeout:
        return [Write("overdue", {"step": 0}, f"the procedure takes longer than {duration(definition.timeout)}")]
    moves = [move for one in run.open for move in _of_step(sight, one)]
    moves = moves or _onward(sight, "")
    if not moves and not run.open:
        moves = unwind(sight)
    written = [move for move in moves if isinstance(move, Write)]
    return [*written[:1]] if written else [*moves, *_deadline(sight)]


def lost(run: Standing) -> list[Write]:
    """What is to be written when an engine takes a run over: whatever was begun is not known to have been done."""
    return [
        Write("unknown", {"step": one.number, "action": name}, "whoever began it is gone, and left no result")
        for one in run.steps
        for name, action in one.actions.items()
        if action.open and not action.away
    ]


def _deadline(sight: Sight) -> list[Look]:
    if sight.run.overdue or sight.run.compensating:
        return []
    return [Look(sight.run.began + sight.definition.timeout, "then the procedure has taken too long", "deadline")]


def _enter(sight: Sight, branch: str, name: str, why: str, each: Value = None) -> Write:
    if len(sight.run.steps) >= sight.definition.most_steps:
        return Write("capped", {}, f"more than {sight.definition.most_steps} states ('most steps')")
    told: dict[str, Value] = {"step": len(sight.run.steps) + 1, "branch": branch, "state": name}
    if each is not None:
        told["each"] = each
    due = sight.due(sight.definition.states[name])
    if due is not None:
        told["due"] = due
    return Write("entered", told, why)


def _of_step(sight: Sight, one: Step) -> list[Move]:
    """What one open step needs: entered, done, left by its exit, and so over."""
    state = sight.definition.states[one.state]
    stop = sight.stopped(one)
    timeout = state.seconds("timeout")
    looks: list[Move] = []
    if timeout is not None and not one.overdue and not stop and not one.action(DO).result.outcome:
        if sight.now >= one.at + timeout:
            return [Write("overdue", {"step": one.number}, f"'{one.state}' takes longer than {duration(timeout)}")]
        looks.append(Look(one.at + timeout, f"then '{one.state}' has taken too long", "deadline"))
    for name in (ENTER, DO, CHECK):
        if one.action(name).open and (stop or one.overdue):
            return [Halt(one.number, name, stop or str(Error.TIMED_OUT)), *sight.away(one)]
    return [*_to_the_end(sight, one, state, stop), *looks]


def _to_the_end(sight: Sight, one: Step, state: State, stop: str) -> list[Move]:
    """Entered, done, and, whatever became of that, left by its exit."""
    if any(one.action(name).open for name in (ENTER, DO, CHECK, EXIT)):
        return [*sight.away(one)]
    error: Result | None = None
    if state.text("enter") and not one.action(ENTER).ok:
        if stop and not one.action(ENTER).attempt:
            return [_failed(one, Result(stop, sight.why_stopped(one)))]
        told = sight.attempt(one, ENTER, stop)
        if not isinstance(told, Result):
            return told
        error = None if told.outcome == OK else told
    if error is None:
        moves = _do(sight, one, state, stop)
        if moves is not None:
            return moves
        error = _error(sight, one, stop)
    if state.text("exit") and not one.action(EXIT).ok:
        told = sight.attempt(one, EXIT, "")
        if not isinstance(told, Result):
            return told
        if told.outcome != OK:
            error = error or Result(told.outcome, f"exit: {told.why}")
    return [_conclude(one, state, error)]


def _do(sight: Sight, one: Step, state: State, stop: str) -> list[Move] | None:
    """What the state itself needs; None once it is settled."""
    action = one.action(DO)
    if state.kind in RUNS:
        if action.unknown:
            return None if stop else unknown(sight, one, state)
        if stop and not action.attempt:
            return [settle(one, Result(stop, sight.why_stopped(one)))]
        told = sight.attempt(one, DO, stop or ("overdue" if one.overdue else ""))
        return None if isinstance(told, Result) and action.result.outcome else _written(one, told)
    if action.result.outcome:
        return None
    if one.starts is not None:
        return _fan(sight, one, state, stop)
    if stop:
        return [settle(one, Result(stop, sight.why_stopped(one)))]
    if one.overdue and state.kind is not Kind.SIGNAL:
        return [settle(one, Result(Error.TIMED_OUT, f"'{one.state}' took too long"))]
    return outcome(sight, one, state)


def _written(one: Step, told: Result | list[Move]) -> list[Move]:
    """An attempt that cannot even be made is a result as well."""
    return [settle(one, told)] if isinstance(told, Result) else told


def _error(sight: Sight, one: Step, stop: str) -> Result | None:
    """Why a settled step failed; None when it did not. What was stopped failed by what stopped it."""
    action = one.action(DO)
    if action.ok:
        return None
    if stop:
        return Result(stop, sight.why_stopped(one))
    if one.overdue and action.result.outcome != Error.TIMED_OUT:  # ended by us, and that is why
        timeout = sight.definition.states[one.state].seconds("timeout") or 0.0
        return Result(Error.TIMED_OUT, f"it took longer than {duration(timeout)}")
    return action.result


def _fan(sight: Sight, one: Step, state: State, stop: str) -> list[Move]:
    """The branches of a step: begun, gone on with, and what they come to once all have ended."""
    assert one.starts is not None
    names = [f"{one.number}.{place}" for place in range(len(one.starts))]
    failed = [name for name in names if sight.failed(name)]
    going = [name for name in names if sight.run.in_branch(name) and not sight.ended(name)]
    moves: list[Move] = [move for name in going for move in _onward(sight, name)]
    if moves:
        return moves
    halted = stop or one.overdue or failed
    waiting = [place for place, name in enumerate(names) if not sight.run.in_branch(name)]
    most = state.fields.get("at once")
    if waiting and not halted and len(going) < (most if isinstance(most, int) else len(names)):
        place = waiting[0]
        each = one.values[place] if one.values else None
        return [_enter(sight, names[place], one.starts[place], f"a branch of '{one.state}'", each)]
    if going:
        return [Look(None, f"'{one.state}' waits for its branches")]
    results: list[Value] = [sight.branch_result(name) for name in names]
    if stop:
        return [settle(one, Result(stop, sight.why_stopped(one), {"branches": results}))]
    if one.overdue:
        return [settle(one, Result(Error.TIMED_OUT, f"'{one.state}' took too long", {"branches": results}))]
    if failed:
        first = min((sight.failed(name) for name in failed), key=lambda last: last.settled if last else 0)
        assert first is not None
        return [settle(one, Result(first.error.outcome, f"'{first.state}': {first.error.why}", {"branches": results}))]
    return [settle(one, Result(OK, "all branches have ended", {"branches": results}))]


def _onward(sight: Sight, branch: str) -> list[Move]:
    """The next state of a branch whose last one was left."""
    last = sight.run.in_branch(branch)[-1]
    if last.over != "left" or not last.next or sight.stopped(last):
        return []
    return [_enter(sight, branch, last.next, f"'{last.state}' leads there", last.each)]


def _conclude(one: Step, state: State, error: Result | None) -> Write:
    if error is None:
        chosen = one.action(DO).result.told.get("next")
        onward = chosen if isinstance(chosen, str) else state.text("next")
        return Write("left", {"step": one.number, "next": onward}, "done")
    if error.outcome not in UNCAUGHT:
        for catch in state.catch:
            if catch.fits(error.outcome):
                told: dict[str, Value] = {"step": one.number, "next": catch.next}
                told |= {"error": str(error.outcome), "why": error.why}
                return Write("left", told, f"'{error.outcome}' is caught")
    return _failed(one, error)


def _failed(one: Step, error: Result) -> Write:
    return Write("failed", {"step": one.number, "error": str(error.outcome), "why": error.why}, error.why)

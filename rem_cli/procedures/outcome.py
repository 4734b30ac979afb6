"""How each kind of state settles: what it waits for, and what it comes to."""

from __future__ import annotations

from rem_cli.language import Value
from rem_cli.procedures import OK, Error, ProcedureError, Result
from rem_cli.procedures.definition import FANS, Kind, State
from rem_cli.procedures.moves import Look, Move, Write
from rem_cli.procedures.sight import Sight
from rem_cli.procedures.standing import CHECK, DO, Step


def settle(one: Step, result: Result) -> Write:
    """The line that says what a state came to."""
    told = {**result.told, "step": one.number, "action": DO, "outcome": str(result.outcome), "why": result.why}
    return Write("result", told, result.why)


def outcome(sight: Sight, one: Step, state: State) -> list[Move]:
    """What a state that runs no program needs next."""
    if state.kind in FANS:
        return [_fanned(sight, one, state)]
    if state.kind in (Kind.WAIT, Kind.UNTIL):
        assert one.due is not None
        return [settle(one, Result(OK, "waited"))] if sight.now >= one.due else [Look(one.due, "then it has waited")]
    if state.kind is Kind.APPROVE:
        return [_approval(sight, one)]
    if state.kind is Kind.SIGNAL:
        return [_signal(sight, one, state)]
    if state.kind is Kind.CHOICE:
        return [settle(one, _chosen(sight, one, state))]
    if state.kind is Kind.SUCCEED:
        return [settle(one, Result(OK, state.text("succeed")))]
    return [settle(one, Result(Error.FAILED, state.text("fail")))]


def unknown(sight: Sight, one: Step, state: State) -> list[Move]:
    """What becomes of a task that was begun and of which nobody knows whether it was done, as `on unknown` says."""
    action = one.action(DO)
    if one.answer == "done":
        return [settle(one, Result(OK, "somebody said that it was done"))]
    if one.answer == "failed":
        return [settle(one, Result(Error.UNKNOWN, "somebody said that it was not done"))]
    if one.answer == "again" or state.text("on unknown") == "retry":
        return _list(sight.attempt(one, DO, ""), one)
    if state.text("on unknown") == "check":
        told = sight.attempt(one, CHECK, "")
        if not isinstance(told, Result):
            return told
        if told.outcome == OK:
            return [settle(one, Result(OK, "its check says that it was done"))]
        if told.told.get("exit") == 1:
            return _list(sight.attempt(one, DO, ""), one)
        return _ask(one, f"its check cannot tell: {told.why or told.outcome}")
    return _ask(one, f"attempt {action.attempt} was begun, and nobody knows whether it was done")


def _list(told: Result | list[Move], one: Step) -> list[Move]:
    return [settle(one, told)] if isinstance(told, Result) else told


def _ask(one: Step, why: str) -> list[Move]:
    told: dict[str, Value] = {"step": one.number, "why": why}
    return [Look(None, one.parked, "people")] if one.parked else [Write("parked", told, why)]


def _approval(sight: Sight, one: Step) -> Move:
    line = sight.run.approvals.get(one.number)
    assert one.due is not None
    if line is not None and line.at < one.due:
        said = f"{line.kind} by {line.text('who')}"
        if line.kind == "approved":
            return settle(one, Result(OK, said, {"who": line.text("who")}))
        return settle(one, Result(Error.DECLINED, f"{said}: {line.text('why')}" if line.text("why") else said))
    if sight.now >= one.due:
        return settle(one, Result(Error.EXPIRED, "nobody agreed in time"))
    return Look(
        one.due, f"it waits for approval by {sight.definition.states[one.state].approval.role_account}", "people"
    )


def _signal(sight: Sight, one: Step, state: State) -> Move:
    for line in sight.run.signals:
        if line.text("name") == state.text("signal") and line.text("id") not in sight.run.used:
            told = {"signal": line.text("id"), "data": line.told.get("data")}
            return settle(one, Result(OK, f"signal from {line.text('who')}", told))
    if one.overdue:
        return settle(one, Result(Error.TIMED_OUT, f"no signal '{state.text('signal')}' came in time"))
    return Look(None, f"it waits for the signal '{state.text('signal')}'", "people")


def _chosen(sight: Sight, one: Step, state: State) -> Result:
    data = sight.data(one)
    try:
        for branch in state.branches:
            if sight.evaluate(branch.when, data) is True:
                return Result(OK, branch.when, {"next": branch.next})
    except ProcedureError as error:
        return Result(Error.CANNOT_TELL, error.message)
    if state.text("otherwise"):
        return Result(OK, "otherwise", {"next": state.text("otherwise")})
    return Result(Error.NO_MATCH, "nothing of the choice is true, and it has no 'otherwise'")


def _fanned(sight: Sight, one: Step, state: State) -> Move:
    if state.kind is Kind.PARALLEL:
        starts: list[Value] = list(state.starts)
        return Write("fanned", {"step": one.number, "starts": starts, "values": []}, "its branches begin")
    try:
        value = sight.evaluate(state.text("for each"), sight.data(one))
    except ProcedureError as error:
        return settle(one, Result(Error.CANNOT_TELL, error.message))
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, list) or len(value) > sight.definition.most_steps:
        what = "no list" if not isinstance(value, list) else f"a list of {len(value)}, more than 'most steps'"
        return settle(one, Result(Error.CANNOT_TELL, f"'{state.text('for each')}' is {what}"))
    starts = [state.text("do")] * len(value)
    return Write("fanned", {"step": one.number, "starts": starts, "values": value}, f"{len(value)} values")

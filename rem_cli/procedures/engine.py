"""Drives runs: the journal before every effect, one engine a run, and whatever was cut off taken up again.

An intent is in the journal before its action begins, the result after. What an engine finds begun without a result is
unknown, and its state says what becomes of it. While actions run in threads, one thread writes, and looks every so
often for what others wrote: a signal, an approval, a cancel.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from math import inf
from queue import Empty, SimpleQueue
from threading import Thread

from rem_cli.clock import Clock
from rem_cli.jobs.tenure import Tenure
from rem_cli.language import Value
from rem_cli.procedures import Error, Evaluate, Line, Result
from rem_cli.procedures.definition import Definition, pack
from rem_cli.procedures.holding import Hold, LostLockError, holding, take
from rem_cli.procedures.journal import LEASE, Head, Journals, LostRunError
from rem_cli.procedures.machine import decide, lost
from rem_cli.procedures.moves import Act, Halt, Look, Move, Write
from rem_cli.procedures.sight import Sight
from rem_cli.procedures.standing import Standing
from rem_cli.reach import Stop
from rem_cli.state import StaleRevision

GLANCE = 0.2  # seconds between looks at what others wrote
AGAIN = 10.0  # seconds until a run that waits for a lock asks again
AWAY = 0.5  # seconds between looks at a long job, while somebody waits for it
RESULT_LIMIT = 64 << 10  # bytes that a state may leave for the states after it

Perform = Callable[[Definition, int, Act, Stop], Result]
Listen = Callable[[Line], None]
Returned = Callable[[int], Result | None]  # how the run of a long job ended; None while it goes on
Recall = Callable[[int, str], None]  # have the run of a long job ended, and why


@dataclass
class Engine:
    """What a run is driven with. `perform` does one act and never raises for what goes wrong with it.

    A result without an outcome says that the act goes on by itself, as a line of the journal has it: a long job.
    """

    journals: Journals
    perform: Perform
    evaluate: Evaluate
    clock: Clock
    returned: Returned = lambda run: None
    recall: Recall = lambda run, why: None
    hold: Hold | None = None
    slots: Callable[[str], int] = lambda path: 1


@dataclass
class _Under:
    """An act under way."""

    act: Act
    stop: Stop
    halted: str = ""


@dataclass
class _Driving:
    engine: Engine
    head: Head
    definition: Definition
    run: Standing
    stop: Stop
    listen: Listen
    done: SimpleQueue[tuple[Act, Result]] = field(default_factory=SimpleQueue)
    under: dict[tuple[int, str], _Under] = field(default_factory=dict)
    recalled: set[int] = field(default_factory=set)  # runs of long jobs
    tenures: Sequence[Tenure] = ()  # of its locks


def drive(engine: Engine, id: int, *, stop: Stop, listen: Listen, patience: float) -> tuple[Standing, Look | None]:
    """Go on with a run until it ends, waits for somebody, or waits longer than `patience` seconds.

    Where it stands then, and what it waits for: None when it has ended, or when `stop` was asked. A stop that is only
    wished for begins nothing more, and lets what is under way come to its end. HeldError while another process drives
    it, LostRunError when another one has taken it over.
    """
    head, run, written = claim(engine.journals, id)
    for line in written:
        listen(line)
    driving = _Driving(engine, head, engine.journals.definition(head.digest), run, stop, listen)
    try:
        look = _held(driving, patience)
    except BaseException:
        for one in driving.under.values():
            one.stop.ask()
        with suppress(StaleRevision):
            engine.journals.release(driving.head)
        raise
    _release(driving, look)
    return driving.run, look


def claim(journals: Journals, id: int) -> tuple[Head, Standing, list[Line]]:
    """Take a run over: torn lines are cut off, and what was begun without a result is marked as unknown.

    Where the run stands then, and the lines that were written to say so.
    """
    head = journals.claim(id)
    lines, torn = journals.lines(id)
    run = Standing()
    for line in lines:
        run.take(line)
    writes: list[Write] = []
    if torn or head.lines != len(lines):
        head = journals.cut(head, len(lines), torn)
        writes.append(Write("torn", {"lines": torn}, "the journal's end could not be read and was cut off"))
    writes += lost(run)
    written: list[Line] = []
    if writes:
        head, written = journals.append(head, writes)
        for line in written:
            run.take(line)
    return head, run, written


def _held(driving: _Driving, patience: float) -> Look | None:
    """Go on once the run has its locks."""
    engine, definition = driving.engine, driving.definition
    if not definition.locks or engine.hold is None:
        return _loop(driving, patience)
    until = engine.clock.now() + patience
    while True:
        try:
            driving.head, why = take(
                engine.journals, driving.head, {one: engine.slots(one) for one in definition.locks}
            )
        except StaleRevision:
            _refresh(driving)
            continue
        if not why:
            with holding(engine.hold, driving.head, definition.locks) as found:
                if not isinstance(found, str):
                    driving.tenures = found
                    return _loop(driving, max(0.0, until - engine.clock.now()))
                why = found
        if driving.stop.asked or driving.run.cancelled or engine.clock.now() >= until:
            return None if driving.stop.asked else Look(engine.clock.now() + AGAIN, why)
        driving.stop.wait(GLANCE)
        _refresh(driving)


def _loop(driving: _Driving, patience: float) -> Look | None:
    engine = driving.engine
    until = engine.clock.now() + patience
    while True:
        if any(one.lost for one in driving.tenures):
            _give_up(driving)
            text = f"run {driving.head.id} has lost a lock; what ran under it was ended, and may be done or not"
            raise LostLockError(text, hint=f"rem locks list, then: rem procedure follow {driving.head.id}")
        _take_back(driving)
        moves = decide(Sight(driving.definition, driving.run, engine.clock.now(), engine.evaluate))
        wished = driving.stop.wished > 0
        if driving.stop.asked or (wished and not driving.under):
            _give_up(driving)
            return None
        writes = [move for move in moves if isinstance(move, Write)]
        acts = [move for move in moves if isinstance(move, Act) and not wished]
        if writes or acts:
            if _append(driving, [*writes, *(act.intent for act in acts)]):
                for act in acts:
                    _begin(driving, act)
            continue
        if driving.run.fate:
            return None
        for move in moves:
            if isinstance(move, Halt):
                _halt(driving, move)
        look = _next(moves)
        if driving.under:
            _await(driving)
        elif look.kind == "wait" and look.at is not None and look.at - engine.clock.now() <= patience:
            driving.stop.wait(min(max(0.0, look.at - engine.clock.now()), GLANCE))
            _refresh(driving)
        elif look.kind == "away" and engine.clock.now() < until:
            driving.stop.wait(AWAY)
            _refresh(driving)
        else:
            return look


def waits_for(sight: Sight) -> Look | None:
    """What a run waits for that nobody drives; None when it has ended, or has something to do."""
    moves = decide(sight)
    return _next(moves) if moves and all(isinstance(move, Look) for move in moves) else None


def _next(moves: Sequence[Move]) -> Look:
    """What is waited for. A wait that ends by itself counts before people, people before a time that runs out."""
    looks = [move for move in moves if isinstance(move, Look)]
    order = {"wait": 0, "away": 1, "people": 2, "deadline": 3}
    looks = [look for look in looks if look.at is not None or look.kind != "wait"] or looks
    first = min(looks, key=lambda look: (order[look.kind], look.at or inf), default=Look(None, "it waits"))
    return first._replace(at=min((look.at for look in looks if look.at is not None), default=None))


def _append(driving: _Driving, writes: Sequence[Write]) -> bool:
    """Write lines; False when somebody else wrote before, whose lines are taken in and decide anew."""
    try:
        driving.head, lines = driving.engine.journals.append(driving.head, writes)
    except StaleRevision:
        _refresh(driving)
        return False
    for line in lines:
        _take(driving, line)
    return True


def _take(driving: _Driving, line: Line) -> None:
    driving.run.take(line)
    driving.listen(line)


def _refresh(driving: _Driving) -> None:
    """Take in what others have written; LostRunError when one of them drives the run now."""
    journals = driving.engine.journals
    head = journals.head(driving.head.id)
    if head.fence != driving.head.fence:
        raise LostRunError(f"run {head.id} was taken over by another process", hint=f"rem procedure follow {head.id}")
    if head.revision != driving.head.revision:
        lines, _ = journals.lines(head.id)
        for line in lines[driving.run.lines :]:
            _take(driving, line)
        driving.head = head
    if head.until - driving.engine.clock.now() < LEASE / 2:
        with suppress(StaleRevision):
            driving.head = journals.renew(driving.head)


def _begin(driving: _Driving, act: Act) -> None:
    one = _Under(act, Stop())
    driving.under[act.step, act.action] = one

    def work() -> None:
        driving.done.put((act, driving.engine.perform(driving.definition, driving.head.id, act, one.stop)))

    Thread(target=work, daemon=True).start()


def _take_back(driving: _Driving) -> None:
    """The results of long jobs that have ended."""
    for step, name, number in driving.run.away:
        result = driving.engine.returned(number)
        if result is not None:
            _settle(driving, step.number, name, result)


def _halt(driving: _Driving, halt: Halt) -> None:
    away = driving.run.step(halt.step).action(halt.action).away
    if away and away not in driving.recalled:
        driving.recalled.add(away)
        driving.engine.recall(away, halt.why)
    one = driving.under.get((halt.step, halt.action))
    if one is not None and not one.halted:
        one.halted = halt.why
        one.stop.ask()


def _await(driving: _Driving) -> None:
    """The next result, or what others wrote meanwhile."""
    try:
        act, result = driving.done.get(timeout=GLANCE)
    except Empty:
        _refresh(driving)
        return
    driving.under.pop((act.step, act.action)).stop.close()
    if result.outcome:
        _settle(driving, act.step, act.action, result)
    else:
        _refresh(driving)


def _settle(driving: _Driving, step: int, action: str, result: Result) -> None:
    """Write down how an action ended."""
    told: dict[str, Value] = {"step": step, "action": action, "outcome": str(result.outcome), "why": result.why}
    size = len(pack(dict(result.told)))
    if size > RESULT_LIMIT:
        why = f"its result has {size:,} bytes, more than {RESULT_LIMIT:,}"
        told |= {"outcome": str(Error.RESULT_TOO_LARGE), "why": why}
    else:
        told = {**result.told, **told}
    while not _append(driving, [Write("result", told, result.why)]):
        pass


def _give_up(driving: _Driving) -> None:
    """Somebody stops this engine, not the run: what is under way is ended, and is unknown to whoever goes on."""
    for one in driving.under.values():
        one.stop.ask()
    while driving.under:
        act, _ = driving.done.get()
        driving.under.pop((act.step, act.action)).stop.close()


def _release(driving: _Driving, look: Look | None) -> None:
    """Let go of the run; its head says where it stands and when to look again."""
    run = driving.run
    state = ", ".join(one.state for one in run.open if one.starts is None) or (run.steps[-1].state if run.steps else "")
    waits = look.why if look else ""
    while True:
        head = replace(
            driving.head, fate=run.fate, ended=run.ended, look=look and look.at, state=state, waits=waits,
            away=tuple(number for _, _, number in run.away),
        )  # fmt: skip
        try:
            driving.engine.journals.release(head)
            break
        except StaleRevision:
            _refresh(driving)
    if run.fate:
        driving.engine.journals.prune()

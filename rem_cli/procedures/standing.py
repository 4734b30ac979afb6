"""Where a run stands: its journal's lines, taken one after the other.

A run is a tree of branches. The main one is called ""; the state of step 3 that begins several calls them "3.0", "3.1"
and so on. In each branch one step follows the other; a step is one visit of a state.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from rem_cli.language import Value
from rem_cli.procedures import OK, Line, Result

ENTER, DO, CHECK, EXIT, UNDO = "enter", "do", "check", "exit", "undo"
NOTHING = Result("")


@dataclass
class Action:
    """One thing that a step does, with all of its attempts."""

    attempt: int = 0
    open: bool = False  # there is an intent, and no result yet
    away: int = 0  # the run of a long job that it waits for, whoever drives it
    unknown: bool = False  # whoever began it is gone: nobody knows whether it was done
    result: Result = NOTHING  # of the last attempt; its outcome is empty as long as there is none
    again: float | None = None  # when it is tried once more
    tried: dict[int, int] = field(default_factory=dict)  # by the place of a retry: how often it was used

    @property
    def ok(self) -> bool:
        return self.result.outcome == OK


@dataclass
class Step:
    """One visit of a state."""

    number: int
    branch: str
    state: str
    at: float
    due: float | None = None  # when a wait is over, or an approval expires
    each: Value = None  # the value that its branch is about
    actions: dict[str, Action] = field(default_factory=dict)
    starts: list[str] | None = None  # of the branches that it began
    values: list[Value] = field(default_factory=list)  # for each: theirs
    overdue: bool = False
    parked: str = ""  # what a person is asked
    answer: str = ""  # and what they said: done, again, failed
    over: str = ""  # "left" or "failed"; empty while it goes on
    next: str = ""  # where it was left for; empty: its branch ends there
    error: Result = NOTHING  # why it failed, also where that was caught
    settled: int = 0  # the number of the line that settled what it does
    undone: bool = False

    def action(self, name: str) -> Action:
        """To be read; one that was never begun is an empty one."""
        return self.actions.get(name) or Action()


@dataclass
class Standing:
    """What the lines come to."""

    procedure: str = ""
    digest: str = ""
    who: str = ""
    params: dict[str, str] = field(default_factory=dict)
    began: float = 0.0
    steps: list[Step] = field(default_factory=list)
    signals: list[Line] = field(default_factory=list)
    used: set[str] = field(default_factory=set)  # ids of signals that a state has taken
    approvals: dict[int, Line] = field(default_factory=dict)  # by step
    cancelled: Line | None = None
    overdue: bool = False
    capped: bool = False
    redriven: int = 0
    fate: str = ""
    why: str = ""
    ended: float | None = None
    torn: int = 0  # lines at the end that could not be read
    lines: int = 0

    @property
    def open(self) -> list[Step]:
        return [step for step in self.steps if not step.over]

    @property
    def compensating(self) -> bool:
        return any(UNDO in step.actions for step in self.steps)

    @property
    def away(self) -> list[tuple[Step, str, int]]:
        """What waits for a long job: the step, the action's name, and the job's run."""
        return [
            (one, name, action.away)
            for one in self.steps
            for name, action in one.actions.items()
            if action.open and action.away
        ]

    def step(self, number: int) -> Step:
        return self.steps[number - 1]

    def in_branch(self, branch: str) -> list[Step]:
        return [step for step in self.steps if step.branch == branch]

    def parent(self, branch: str) -> Step | None:
        """The step that began a branch."""
        return self.step(int(branch.partition(".")[0])) if branch else None

    def below(self, step: Step) -> list[Step]:
        """The steps of all branches that a step began."""
        return [one for one in self.steps if one.branch.partition(".")[0] == str(step.number)]

    def take(self, line: Line) -> None:
        """One more line."""
        self.lines = line.number + 1
        handler = _TAKE.get(line.kind)
        if handler is not None:  # a line of a newer REM says nothing to this one
            handler(self, line)


def replay(lines: Iterable[Line]) -> Standing:
    """Where a run stands after these lines."""
    standing = Standing()
    for line in lines:
        standing.take(line)
    return standing


def _started(run: Standing, line: Line) -> None:
    run.procedure, run.digest, run.who, run.began = (
        line.text("procedure"),
        line.text("digest"),
        line.text("who"),
        line.at,
    )
    params = line.told.get("params")
    run.params = {name: str(value) for name, value in params.items()} if isinstance(params, dict) else {}


def _entered(run: Standing, line: Line) -> None:
    due = line.told.get("due")
    step = Step(len(run.steps) + 1, line.text("branch"), line.text("state"), line.at, each=line.told.get("each"))
    step.due = float(due) if isinstance(due, int | float) else None
    run.steps.append(step)


def _action(run: Standing, line: Line) -> Action:
    """The action that a line is about, to be changed."""
    return run.step(line.count("step")).actions.setdefault(line.text("action"), Action())


def _intent(run: Standing, line: Line) -> None:
    action = _action(run, line)
    action.attempt, action.open, action.unknown = line.count("attempt"), True, False
    action.result, action.again, action.away = NOTHING, None, 0


def _going(run: Standing, line: Line) -> None:
    _action(run, line).away = line.count("run")


def _result(run: Standing, line: Line) -> None:
    step = run.step(line.count("step"))
    action = _action(run, line)
    told = {name: value for name, value in line.told.items() if name not in _SAID}
    action.open, action.unknown, action.away = False, False, 0
    action.result = Result(line.text("outcome"), line.text("why"), told)
    if line.text("action") == DO:
        step.settled, step.parked, step.answer = line.number, "", ""
    if line.text("action") == UNDO and action.ok:
        step.undone = True
    if isinstance(signal := line.told.get("signal"), str):
        run.used.add(signal)


_SAID = ("step", "action", "outcome", "why", "because")  # of a result; the rest is what it had to tell


def _unknown(run: Standing, line: Line) -> None:
    action = _action(run, line)
    action.open, action.unknown = False, True
    run.step(line.count("step")).settled = line.number


def _again(run: Standing, line: Line) -> None:
    action = _action(run, line)
    due = line.told["due"]
    assert isinstance(due, int | float)
    action.again = float(due)
    place = line.count("matcher")
    action.tried[place] = action.tried.get(place, 0) + 1


def _fanned(run: Standing, line: Line) -> None:
    step = run.step(line.count("step"))
    starts, values = line.told.get("starts"), line.told.get("values")
    step.starts = [str(one) for one in starts] if isinstance(starts, list) else []
    step.values = list(values) if isinstance(values, list) else []


def _overdue(run: Standing, line: Line) -> None:
    number = line.count("step")
    if number:
        run.step(number).overdue = True
    else:
        run.overdue = True


def _parked(run: Standing, line: Line) -> None:
    run.step(line.count("step")).parked = line.text("why")


def _answered(run: Standing, line: Line) -> None:
    run.step(line.count("step")).answer = line.text("as")


def _over(run: Standing, line: Line) -> None:
    step = run.step(line.count("step"))
    step.over, step.next = line.kind, line.text("next")
    if line.text("error"):
        step.error = Result(line.text("error"), line.text("why"))


def _signal(run: Standing, line: Line) -> None:
    run.signals.append(line)


def _decided(run: Standing, line: Line) -> None:
    run.approvals.setdefault(line.count("step"), line)


def _cancel(run: Standing, line: Line) -> None:
    run.cancelled = run.cancelled or line


def _capped(run: Standing, line: Line) -> None:
    run.capped = True


def _ended(run: Standing, line: Line) -> None:
    run.fate, run.why, run.ended = line.text("fate"), line.text("why"), line.at


def _redriven(run: Standing, line: Line) -> None:
    """Once more from what failed; what was finished stays as it is."""
    run.redriven += 1
    run.fate, run.why, run.ended = "", "", None
    stuck = [step for step in run.steps if UNDO in step.actions and not step.undone]
    for step in stuck:  # the run ends as it would have, once this is taken back
        step.actions[UNDO] = Action(step.actions[UNDO].attempt)
    if stuck:
        return
    run.cancelled, run.overdue, run.capped, run.began = None, False, False, line.at
    for step in run.steps:
        if step.over == "failed":
            step.over, step.error, step.overdue = "", NOTHING, False
            if step.due is not None and step.due <= line.at:  # an approval that expired
                step.due += line.at - step.at
            run.approvals.pop(step.number, None)
            step.at = line.at
            step.actions = {name: _fresh(name, action) for name, action in step.actions.items()}


def _fresh(name: str, action: Action) -> Action:
    """An action that is to be done once more; its attempts go on counting, so that no key comes twice."""
    return action if name == DO and action.ok else Action(action.attempt)


_TAKE = {
    "started": _started, "entered": _entered, "intent": _intent, "going": _going, "result": _result,
    "unknown": _unknown,
    "again": _again, "fanned": _fanned, "overdue": _overdue, "parked": _parked, "answered": _answered,
    "left": _over, "failed": _over, "signal": _signal, "approved": _decided, "declined": _decided,
    "cancel": _cancel, "capped": _capped, "ended": _ended, "redriven": _redriven,
}  # fmt: skip

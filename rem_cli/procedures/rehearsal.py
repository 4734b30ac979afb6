"""A procedure tried out on paper: answers given, time made up, the same decisions as in a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rem_cli.language import Item, Value
from rem_cli.procedures import OK, Error, Evaluate, Line, Result
from rem_cli.procedures.definition import Definition
from rem_cli.procedures.machine import decide
from rem_cli.procedures.moves import Act, Halt, Look, Write
from rem_cli.procedures.sight import Sight
from rem_cli.procedures.standing import DO, UNDO, Standing

BEGAN = 1_767_225_600.0  # 2026-01-01T00:00:00Z; any moment would do
MOST_LINES = 100_000


@dataclass(frozen=True)
class Scenario:
    """What happens to a run, and what must come of it."""

    item: str
    procedure: str
    by: str
    params: Mapping[str, str]
    answers: Mapping[str, Sequence[Mapping[str, Any]]]  # by "drain" or "drain undo"
    said: Sequence[Mapping[str, Any]]
    path: Sequence[str]
    fate: str
    undone: Sequence[str]

    @classmethod
    def read(cls, item: Item) -> Scenario:
        told: Mapping[str, Any] = item.fields
        return cls(
            item.path, told["of"], told["by"], told["params"], told["answers"], told["said"], told["path"],
            told["fate"], told["undone"],
        )  # fmt: skip


@dataclass(frozen=True)
class Course:
    """How a scenario went."""

    scenario: Scenario
    run: Standing
    undone: Sequence[str]
    seconds: float  # of made-up time

    @property
    def path(self) -> list[str]:
        return [one.state for one in self.run.steps]

    @property
    def fate(self) -> str:
        return self.run.fate or "waits"

    @property
    def wrong(self) -> list[str]:
        """What did not go as expected, a line each; none when all did."""
        told = []
        want, got = list(self.scenario.path), self.path
        if want != got:
            place = next(
                (at for at, (a, b) in enumerate(zip(want, got, strict=False)) if a != b), min(len(want), len(got))
            )
            expected = f"'{want[place]}'" if place < len(want) else "no further state"
            came = f"'{got[place]}'" if place < len(got) else "nothing"
            before = f"after '{got[place - 1]}'" if place else "first"
            told.append(f"{before} {expected} was expected, and {came} came")
        if self.scenario.fate != self.fate:
            why = f": {self.run.why}" if self.run.why else ""
            told.append(f"it was to end as '{self.scenario.fate}', and is '{self.fate}'{why}")
        if list(self.scenario.undone) != list(self.undone):
            told.append(f"taken back was to be {_named(self.scenario.undone)}, and was {_named(self.undone)}")
        return told


def _named(names: Sequence[str]) -> str:
    return ", ".join(names) or "nothing"


@dataclass
class _Stage:
    definition: Definition
    scenario: Scenario
    evaluate: Evaluate
    run: Standing = field(default_factory=Standing)
    now: float = BEGAN
    under: dict[tuple[int, str], tuple[float, Result]] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)
    undone: list[str] = field(default_factory=list)

    def write(self, kind: str, told: Mapping[str, Value]) -> None:
        self.run.take(Line(self.run.lines, self.now, 0, kind, told))


def rehearse(definition: Definition, params: Mapping[str, str], scenario: Scenario, evaluate: Evaluate) -> Course:
    """Go through a scenario, to the end of the run or until nothing more would happen."""
    stage = _Stage(definition, scenario, evaluate)
    stage.write("started", {"procedure": definition.path, "who": scenario.by, "params": dict(params)})
    events = sorted(scenario.said, key=lambda one: float(one["after"]))
    while not stage.run.fate and stage.run.lines < MOST_LINES:
        moves = decide(Sight(definition, stage.run, stage.now, evaluate))
        writes = [move for move in moves if isinstance(move, Write)]
        acts = [move for move in moves if isinstance(move, Act)]
        halts = [move for move in moves if isinstance(move, Halt)]
        for write in writes:
            stage.write(write.kind, write.told)
        for act in acts:
            _begin(stage, act)
        for halt in halts:
            stage.under[halt.step, halt.action] = (stage.now, Result(Error.CANCELLED, halt.why))
        if not (writes or acts) and not _on(stage, events, [move for move in moves if isinstance(move, Look)]):
            break
    return Course(scenario, stage.run, stage.undone, stage.now - BEGAN)


def _begin(stage: _Stage, act: Act) -> None:
    name = act.state if act.action == DO else f"{act.state} {act.action}"
    answers = stage.scenario.answers.get(name, ())
    place = stage.used.get(name, 0)
    stage.used[name] = place + 1
    answer: Mapping[str, Any] = (
        answers[place] if place < len(answers) else {"outcome": OK, "exit": 0, "data": {}, "takes": 1.0}
    )
    good = answer["outcome"] == OK
    exit = answer.get("exit")
    exit = int(not good) if exit is None else exit
    told = {"exit": exit, "data": answer["data"]}
    stage.write("intent", act.intent.told)
    why = "" if good else f"exit {exit}"
    stage.under[act.step, act.action] = (stage.now + answer["takes"], Result(answer["outcome"], why, told))


def _on(stage: _Stage, events: list[Mapping[str, Any]], looks: Sequence[Look]) -> bool:
    """Let time pass until something happens; False when nothing would."""
    ends = [at for at, _ in stage.under.values()]
    times = [*ends, *(look.at for look in looks if look.at is not None), *(BEGAN + one["after"] for one in events[:1])]
    if not times:
        return False
    quiet = not stage.under and not events and all(look.kind != "wait" for look in looks)
    if quiet and stage.scenario.fate == "waits":
        return False  # for people, as it should; nobody comes
    stage.now = max(stage.now, min(times))
    for (number, action), (at, result) in list(stage.under.items()):
        if at <= stage.now:
            del stage.under[number, action]
            if action == UNDO and result.outcome == OK:
                stage.undone.append(stage.run.step(number).state)
            told = {**result.told, "step": number, "action": action, "outcome": str(result.outcome), "why": result.why}
            stage.write("result", told)
            return True
    if events and BEGAN + events[0]["after"] <= stage.now:
        _said(stage, events.pop(0))
    return True


def _said(stage: _Stage, said: Mapping[str, Any]) -> None:
    """What somebody says; where nobody waits for it, it is as if it had been refused."""
    if said.get("signal"):
        stage.write(
            "signal", {"name": said.get("signal"), "id": str(stage.run.lines), "data": said["data"], "who": "somebody"}
        )
    elif said.get("cancel"):
        stage.write("cancel", {"who": said.get("cancel"), "why": ""})
    else:
        _decided(stage, said)


def _decided(stage: _Stage, said: Mapping[str, Any]) -> None:
    who = said.get("approve") or said.get("decline")
    for one in stage.run.open:
        state = stage.definition.states[one.state]
        if state.fields.get("approve") is None or one.number in stage.run.approvals:
            continue
        if said.get("approve") and state.approval.two_person and who == stage.run.who:
            continue
        stage.write("approved" if said.get("approve") else "declined", {"step": one.number, "who": who, "why": ""})
        return

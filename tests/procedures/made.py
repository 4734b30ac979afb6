"""Procedures as packages write them, and runs of them with hands that do what a test says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from rem_cli.language import Value
from rem_cli.procedures import OK, Line, Result
from rem_cli.procedures.definition import Definition, document_of, read
from rem_cli.procedures.engine import Engine, drive
from rem_cli.procedures.journal import Journals
from rem_cli.procedures.moves import Act, Look
from rem_cli.procedures.standing import Standing, replay
from rem_cli.procedures.start import params_of
from rem_cli.reach import Stop
from rem_cli.state import State
from rem_cli.state.memory import MemoryState
from rem_cli.wire.conditions import evaluate
from tests.jobs.bench import NOON, HandClock
from tests.language.tree import resolve

JOBS = """\
jobs:
  ops:
    one: {command: [one], params: {version: null}}
    two: {command: [two]}
    three: {command: [three]}
    back: {command: [back]}
    open: {command: [open]}
    close: {command: [close]}
role accounts:
  shop on call:
    time zone: UTC
    shifts: {always: {contacts: [ana]}}
    last resort: [ana]
contacts:
  ana: {channels: [{email: ana@shop.example}]}
"""


def definition(text: str, others: Mapping[str, str] | None = None) -> Definition:
    """The procedure `shop/procedures/ops/release` whose words are `text`; it has no finding."""
    shown = yaml.safe_dump({"procedures": {"ops": {"release": yaml.safe_load(text)}}}, sort_keys=False)
    found = resolve({"packages/shop/package.yaml": f"package: shop\n{JOBS}{shown}", **(others or {})})
    assert [f"{one.place} {one.message}" for one in found.findings] == []
    item = found.items["shop/procedures/ops/release"]
    states = [one for one in found.items.values() if one.path.startswith(f"{item.path}/states/")]
    return read(document_of(item, states, found.items, dict.fromkeys(found.scripts, "0" * 64)))


Hand = Callable[[Act, Stop], Result]


def failed(error: str = "failed", exit: int | None = 1) -> Result:
    return Result(error, f"exit {exit}", {"exit": exit})


@dataclass
class Bench:
    """A state store, a clock that is moved by hand, and hands that write down what they did."""

    definition: Definition
    answers: dict[str, list[Result | Hand]] = field(default_factory=dict)  # by "state" or "state action"
    state: State = field(default_factory=lambda: MemoryState("here", HandClock()))
    clock: HandClock = field(default_factory=HandClock)
    did: list[str] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    look: Look | None = None
    stop: Stop = field(default_factory=Stop)

    @property
    def journals(self) -> Journals:
        return Journals(self.state, self.clock)

    @property
    def engine(self) -> Engine:
        return Engine(self.journals, self._perform, evaluate, self.clock)

    def start(self, who: str = "ana", **params: str) -> int:
        given = [f"{name}={value}" for name, value in params.items()]
        return self.journals.begin(self.definition, params_of(self.definition, given), who, {}).id

    def drive(self, id: int = 1, patience: float = 0.0) -> Standing:
        run, self.look = drive(self.engine, id, stop=self.stop, listen=lambda line: None, patience=patience)
        return run

    def run(self, who: str = "ana", **params: str) -> Standing:
        return self.drive(self.start(who, **params))

    def lines(self, id: int = 1) -> list[Line]:
        return self.journals.lines(id)[0]

    def standing(self, id: int = 1) -> Standing:
        return replay(self.lines(id))

    def _perform(self, definition: Definition, number: int, act: Act, stop: Stop) -> Result:
        name = act.state if act.action == "do" else f"{act.state} {act.action}"
        self.did.append(name)
        self.acts.append(act)
        answers = self.answers.get(name, [])
        answer = answers.pop(0) if answers else Result(OK)
        return answer if isinstance(answer, Result) else answer(act, stop)


def bench(text: str, answers: Mapping[str, Sequence[Result | Hand]] | None = None, **more: Any) -> Bench:
    return Bench(definition(text), {name: list(given) for name, given in (answers or {}).items()}, **more)


def path(run: Standing) -> list[str]:
    """The states of a run in the order in which they were entered, each with how it was left."""
    return [f"{one.state}: {one.error.outcome or one.over or 'open'}" for one in run.steps]


def line(number: int, kind: str, /, at: float = NOON, **told: Value) -> Line:
    return Line(number, at, 1, kind, told)

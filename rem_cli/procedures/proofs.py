"""What can be proved of a procedure before it ever runs; every doubt is a finding with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rem_cli.errors import Place
from rem_cli.language import Finding, Severity
from rem_cli.language.at import At
from rem_cli.language.held import Held
from rem_cli.language.names import nearest
from rem_cli.language.shown import duration
from rem_cli.procedures import UNCAUGHT, Error
from rem_cli.procedures.definition import ENDS, FANS, RUNS, Kind, State, kind_of
from rem_cli.procedures.ways import circle, ends, reached

Names = Callable[[str], Sequence[str]]  # that an expression rests on
MOST_STATES = 200  # nobody reads more; and what is proved of them is bounded
DATA = ("params", "results", "each", "failure")
_NAMED = re.compile(
    r"""\b(params|results)(?:\.([A-Za-z_]\w*)|\[\s*(?:"([^"]*)"|'([^']*)')\s*\])|"[^"]*"|'[^']*'""",
)
# Words that say something only in some states.
_ONLY: Mapping[str, tuple[Kind, ...]] = {
    "otherwise": (Kind.CHOICE,),
    "do": (Kind.FOR_EACH,),
    "with": RUNS,
    "take": RUNS,
    "retry": RUNS,
    "check": RUNS,
    "on unknown": RUNS,
    "idempotent": RUNS,
    "at once": FANS,
    "next": tuple(kind for kind in Kind if kind not in (*ENDS, Kind.CHOICE)),
    "catch": tuple(kind for kind in Kind if kind not in ENDS),
    "timeout": tuple(kind for kind in Kind if kind not in (*ENDS, Kind.CHOICE, Kind.APPROVE)),
}


def prove(procedure: Held, held: Sequence[Held], names: Names) -> Iterator[Finding]:
    """Every finding of one procedure. `names` tells what an expression rests on."""
    if len(held) > MOST_STATES:
        text = f"it has {len(held)} states, more than {MOST_STATES}"
        yield Finding("REM2414", text, procedure.at.key_place, "cut it into several procedures")
        return
    states = {}
    for one in held:
        kind = kind_of(one.item.fields)
        if kind is None:
            return  # the language has said so
        states[one.item.key] = State(one.item.key, kind, one.item.fields)
    seen = _Seen(procedure, {one.item.key: one for one in held}, states, names)
    missing = list(_missing(seen))
    yield from missing
    if not missing:  # a way that leads nowhere would seem to be wrong in many more ways
        yield from _ways(seen)
    for name, state in states.items():
        yield from _state(seen, name, state)
        yield from _expressions(seen, name, state)


@dataclass(frozen=True)
class _Seen:
    procedure: Held
    held: Mapping[str, Held]
    states: Mapping[str, State]
    names: Names

    def of(self, name: str, *path: str | int) -> Place:
        """Where a value of a state is written; the state itself, where it is not."""
        at: At = self.held[name].at
        for step in path:
            own = self.held[name].own if at is self.held[name].at else None
            if own is not None and step in own:
                at = own[str(step)]
            elif own is None and at.data is not None and step in _steps(at):
                at = at.child(step)
            else:
                return at.key_place if at is self.held[name].at else at.place
        return at.key_place if at is self.held[name].at else at.place


def _steps(at: At) -> Sequence[str | int]:
    return list(at.data) if isinstance(at.data, dict) else range(len(at.data)) if isinstance(at.data, list) else ()


def _missing(seen: _Seen) -> Iterator[Finding]:
    """Ways to states that are not there."""
    start = str(seen.procedure.item.fields.get("start"))
    named: list[tuple[str, Place]] = [(start, seen.procedure.own["start"].place)]
    for name, state in seen.states.items():
        named += [(state.text(word), seen.of(name, word)) for word in ("next", "otherwise", "do") if state.text(word)]
        named += [(one.next, seen.of(name, "choice", at, "next")) for at, one in enumerate(state.branches)]
        named += [(one.next, seen.of(name, "catch", at, "next")) for at, one in enumerate(state.catch)]
        named += [(one, seen.of(name, "parallel", at)) for at, one in enumerate(state.words("parallel"))]
    for wanted, place in named:
        if wanted not in seen.states:
            near = nearest(wanted, seen.states)
            hint = f"did you mean '{near}'?" if near else f"its states: {', '.join(seen.states) or 'none'}"
            yield Finding("REM2401", f"there is no state '{wanted}'", place, hint)


def _ways(seen: _Seen) -> Iterator[Finding]:
    """What can never be reached, never ends, or goes round."""
    start = str(seen.procedure.item.fields.get("start"))
    there = reached(seen.states, start)
    for name in seen.states:
        if name not in there:
            yield Finding(
                "REM2402", f"nothing leads to '{name}'", seen.of(name), "let a state lead to it, or take it out"
            )
    ending = ends(seen.states)
    for name in there:
        if name not in ending:
            hint = "let one of the states after it lead to an end"
            yield Finding("REM2403", f"from '{name}' there is no way to an end", seen.of(name), hint)
            break  # the others are in the same circle, or lead into it
    round_and_round = circle(seen.states, start)
    if round_and_round and round_and_round[0] in ending and "most steps" not in seen.procedure.own:
        shown = " → ".join([*round_and_round, round_and_round[0]])
        hint = "say 'most steps' of the procedure: how many states it goes through at most"
        yield Finding(
            "REM2405", f"it can go round: {shown}, and nothing bounds how often", seen.of(round_and_round[0]), hint
        )
    yield from _branches(seen, start)


def _branches(seen: _Seen, start: str) -> Iterator[Finding]:
    """Branches that lead into the states that come after they have been joined."""
    fans = {name: state for name, state in seen.states.items() if state.kind in FANS}
    starts = dict.fromkeys([start, *(one for state in fans.values() for one in state.starts)])
    scopes = {one: frozenset(reached(seen.states, one, into=False)) for one in starts}
    for name, state in fans.items():
        around = [scope for scope in scopes.values() if name in scope]
        for place, first in enumerate(state.starts):
            outside = next((scope for scope in around if not scope.isdisjoint(scopes[first])), None)
            if outside is not None:
                where = seen.of(name, "parallel", place) if state.kind is Kind.PARALLEL else seen.of(name, "do")
                both = next(one for one in reached(seen.states, first, into=False) if one in outside)
                text = f"the branch '{first}' leads to '{both}', which stands outside of '{name}'"
                hint = f"let the branch end before that: '{name}' goes on by its own 'next'"
                yield Finding("REM2411", text, where, hint)


def _state(seen: _Seen, name: str, state: State) -> Iterator[Finding]:
    """What is off in one state alone."""
    own = seen.held[name].own
    for word, kinds in _ONLY.items():
        if word in own and own[word].data is not None and state.kind not in kinds:
            text = f"'{word}' says nothing in a state of kind '{state.kind}'"
            yield Finding("REM2412", text, own[word].key_place, "take it out")
    if state.kind is Kind.FOR_EACH and not state.text("do"):
        yield Finding("REM2412", "'for each' says nothing without 'do'", seen.of(name), "do: the state for each value")
    if state.kind is Kind.CHOICE and not state.text("otherwise") and not _whole(state):
        hint = "add otherwise: the state to go on with when nothing is true"
        yield Finding("REM2404", f"of the choice '{name}' nothing may be true", seen.of(name, "choice"), hint)
    if state.kind is Kind.SIGNAL and state.seconds("timeout") is None:
        hint = "timeout: how long it waits at most; catch: [{errors: [timed out], next: …}] says what then"
        text = f"'{name}' waits for its signal without an end"
        yield Finding("REM2406", text, seen.of(name, "signal"), hint, severity=Severity.WARNING)
    if state.fields.get("changes") is True and not state.text("compensate"):
        hint = "compensate: the job that takes it back; or changes: false, if nothing has to be"
        yield Finding("REM2407", f"'{name}' changes something and has no way back", seen.of(name, "changes"), hint)
    yield from _unknown(seen, name, state)
    longest = seen.procedure.item.fields.get("timeout")
    wait = state.seconds("wait")
    if wait is not None and isinstance(longest, int | float) and wait >= longest:
        text = f"'{name}' waits for {duration(wait)}, and the whole procedure may take {duration(longest)}"
        yield Finding("REM2413", text, seen.of(name, "wait"), "give the procedure a longer timeout")
    for word in ("retry", "catch"):
        for at, one in enumerate(state.records(word)):
            for place, error in enumerate(one["errors"]):
                yield from _error(error, seen.of(name, word, at, "errors", place))


def _unknown(seen: _Seen, name: str, state: State) -> Iterator[Finding]:
    policy = state.text("on unknown")
    where = seen.of(name, "on unknown")
    if policy == "retry" and state.fields.get("idempotent") is not True:
        hint = "say idempotent: true where that is so; else on unknown: check or ask"
        yield Finding("REM2408", f"'{name}' may be done twice, and does not say that this does no harm", where, hint)
    if policy == "check" and not state.text("check"):
        yield Finding("REM2408", f"'{name}' has no check to ask", where, "check: a script, status 0 done, 1 not done")


def _error(error: str, place: Place) -> Iterator[Finding]:
    known = [str(one) for one in Error if one != Error.CANCELLED]
    if error in UNCAUGHT:
        yield Finding("REM2409", f"no state catches '{error}': it ends the whole run", place, "take it out")
    elif error not in known:
        near = nearest(error, known)
        yield Finding("REM2409", f"'{error}' is no class of errors", place,
                      f"did you mean '{near}'?" if near else f"one of {', '.join(known)}")  # fmt: skip


def _whole(state: State) -> bool:
    """Whether one of the conditions is always true: `true`, or one beside its opposite."""
    said = ["".join(one.when.split()) for one in state.branches]
    return "true" in said or any(f"!({one})" in said or f"!{one}" in said for one in said)


def _expressions(seen: _Seen, name: str, state: State) -> Iterator[Finding]:
    """Names in expressions that stand for nothing."""
    params = seen.procedure.item.fields.get("params")
    known = {"params": list(params) if isinstance(params, dict) else [], "results": list(seen.states)}
    written = [(one.when, seen.of(name, "choice", at, "when")) for at, one in enumerate(state.branches)]
    written += [(text, seen.of(name, "take", key)) for key, text in state.texts("take").items()]
    if state.kind is Kind.FOR_EACH:
        written.append((state.text("for each"), seen.of(name, "for each")))
    for text, place in written:
        for variable in seen.names(text):
            if variable not in DATA:
                near = nearest(variable, DATA)
                hint = f"did you mean '{near}'?" if near else f"a text stands in quotes: \"'{variable}'\""
                yield Finding("REM2410", f"'{variable}' is nothing that a run knows: {', '.join(DATA)}", place, hint)
        for found in _NAMED.finditer(text):
            if not found[1]:
                continue
            key = next(part for part in found.groups()[1:] if part is not None)
            if key not in known[found[1]]:
                what = "parameter of the procedure" if found[1] == "params" else "state"
                near = nearest(key, known[found[1]])
                hint = f"did you mean '{near}'?" if near else f"there is {', '.join(known[found[1]]) or 'none'}"
                yield Finding("REM2410", f"'{key}' is no {what}", place, hint)

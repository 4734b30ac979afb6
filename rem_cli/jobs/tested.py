"""What must hold of a program's result, as its job says, or the program has failed however it ended.

A program that did not come to its own end (timed out, lost, never begun) is not tested: that says enough.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from rem_cli.errors import RemError
from rem_cli.jobs import Measure, Result
from rem_cli.language import Item, Value
from rem_cli.language.names import nearest
from rem_cli.language.pattern import compile as compile_pattern
from rem_cli.language.tolerance import Tolerance
from rem_cli.reach import End, Outcome

Evaluate = Callable[[str, Mapping[str, Value]], Value]  # an expression's value; RemError when it has none

NAMES = ("data", "measures", "exit", "seconds", "output")  # that a condition may speak of
SHOWN = 3  # values that a condition rests on
_ENDED = (Outcome.OK, Outcome.FAILED)
_NAMED = re.compile(rf"\b(?:{'|'.join(NAMES)})\b(?:\.[A-Za-z_]\w*(?!\s*\()|\[\s*(?:\"[^\"]*\"|'[^']*'|\d+)\s*\])*")


class Test(NamedTuple):
    """One thing that must hold. Exactly one of the four is set; `field` belongs to the tolerance."""

    tolerance: Tolerance | None = None
    field: str | None = None  # a measure; None: how long the program ran
    exits: tuple[int, ...] | None = None
    output: str | None = None
    condition: str | None = None


def tests_of(item: Item) -> tuple[Test, ...]:
    """The tests of a job, in their order."""
    return tuple(_read(one) for one in _records(item.fields.get("tests")))


def _records(value: Value) -> list[Any]:
    return value if isinstance(value, list) else []


def _read(record: Mapping[str, Any]) -> Test:
    tolerance, exits = record.get("out of tolerance"), record.get("exit status")
    return Test(
        Tolerance.read(tolerance) if tolerance is not None else None,
        record.get("field"),
        tuple(exits) if exits is not None else None,
        record.get("output"),
        record.get("condition"),
    )


def accepted(tests: Sequence[Test], end: End) -> End:
    """The end, judged by the exit statuses that the tests name instead of by 0."""
    named = [one.exits for one in tests if one.exits is not None]
    if not named or end.exit is None or end.outcome not in _ENDED:
        return end
    if all(end.exit in exits for exits in named):
        return replace(end, outcome=Outcome.OK, why="")
    fine = [str(one) for one in named[0] if all(one in exits for exits in named)]
    return replace(end, outcome=Outcome.FAILED, why=f"its tests allow exit {' or '.join(fine) or 'of no status'}")


def failures(tests: Sequence[Test], end: End, result: Result, out: bytes, evaluate: Evaluate) -> list[str]:
    """What does not hold of a result, a sentence each; the exit status is not looked at again."""
    return list(_failures(tests, end, result, out, evaluate))


def _failures(tests: Sequence[Test], end: End, result: Result, out: bytes, evaluate: Evaluate) -> Iterator[str]:
    data = _known(end, result, out) if any(one.condition for one in tests) else {}
    for test in tests:
        if test.tolerance is not None:
            yield from _out_of_tolerance(test.tolerance, test.field, end, result)
        elif test.output is not None:
            if not compile_pattern(test.output).found_in(out.decode(errors="replace")):
                yield f"standard output does not match '{test.output}'"
        elif test.condition is not None:
            yield from _not_true(test.condition, data, evaluate)


def _out_of_tolerance(tolerance: Tolerance, field: str | None, end: End, result: Result) -> Iterator[str]:
    name = field or "duration"
    measure = result.measures.get(field) if field else Measure(end.seconds, "s")
    if measure is None:
        near = nearest(name, result.measures)
        yield f"its result has no '{name}' to test" + (f", but '{near}'" if near else "")
    elif measure.value is None:
        yield f"{name} has no value to test"
    else:
        try:
            out = tolerance.out(measure.value, measure.unit)
        except ValueError as error:
            yield f"{name} {error}"
            return
        if out:
            told = f"{measure.value:.12g} {measure.unit}" if field else f"{measure.value:.3g} s"
            yield f"{name} is {told.rstrip()}, out of tolerance: {tolerance.text}"


def _not_true(condition: str, data: Mapping[str, Value], evaluate: Evaluate) -> Iterator[str]:
    try:
        value = evaluate(condition, data)
    except RemError as error:
        yield error.message
        return
    if value is not True:
        where = ", ".join(_values(condition, data, evaluate))
        yield f"'{condition}' is {_plain(value)}" + (f", with {where}" if where else "")


def _values(condition: str, data: Mapping[str, Value], evaluate: Evaluate) -> Iterator[str]:
    """What a condition rests on, as `data.free = 3`."""
    named = dict.fromkeys(found[0] for found in _NAMED.finditer(condition))
    for name in [one for one in named if one != "output"][:SHOWN]:
        try:
            value = evaluate(name, data)
        except RemError:
            continue
        if not isinstance(value, dict | list):
            yield f"{name} = {_plain(value)}"


def _plain(value: Value) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return repr(value) if isinstance(value, str) else f"{value}"


def _known(end: End, result: Result, out: bytes) -> Mapping[str, Value]:
    """What a condition may speak of, by the words of NAMES."""
    return {
        "data": result.data,
        "measures": {name: one.value for name, one in result.measures.items()},
        "exit": end.exit,
        "seconds": end.seconds,
        "output": out.decode(errors="replace"),
    }

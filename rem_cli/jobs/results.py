"""What a program had to say for itself: its numbers, read from what it handed over.

Values of a nested JSON document are named by their keys with a space between: `{"disk": {"root": 3}}` is the measure
`disk root`. An object of just `value` and `unit` is one measure. Booleans count as 1 and 0; null, NaN and infinities
are no data; text and lists stay in the document and make no measure.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import NoReturn

from rem_cli.errors import Place
from rem_cli.jobs import Measure, Result, ResultError, nagios, prometheus
from rem_cli.jobs.job import ResultKind
from rem_cli.language import Value
from rem_cli.reach import End, Outcome, Stream

MOST_MEASURES = 10_000
MOST_NESTED = 50  # objects and lists in one another
SHOWN = 200  # characters of a line that could not be read

RAN = (Outcome.OK, Outcome.FAILED)


def read(kind: ResultKind, end: End, out: bytes, err: bytes = b"") -> Result:
    """The result of a program that ended by itself; ResultError says where it is not what the job declared.

    A program that failed may leave its result out, and its half-written one is a remark and no further error. Of a
    program that did not end by itself there is no result.
    """
    if kind is ResultKind.NONE or end.outcome not in RAN:
        return Result()
    if kind is ResultKind.NAGIOS:
        return nagios.read(end, _text(out, "standard output", strict=False), err.decode(errors="replace"))
    try:
        return _document(kind, end, out)
    except ResultError as error:
        if end.outcome is Outcome.OK:
            raise
        return Result(note=f"{error.where}: {error.message}" if error.where else error.message)


def judge(kind: ResultKind, end: End, out: bytes, err: bytes) -> tuple[End, Result]:
    """The result, and the end: a program that ended well without the result that it owes has failed.

    The end no longer holds the result's bytes.
    """
    kept = replace(end, result=None)
    try:
        return kept, read(kind, end, out, err)
    except ResultError as error:
        why = f"{error.where}: {error.message}" if error.where else error.message
        return replace(kept, outcome=Outcome.FAILED, why=why, hint=error.hint), Result()


def _document(kind: ResultKind, end: End, out: bytes) -> Result:
    if kind is ResultKind.FILE:
        if end.result is None:
            return Result()
        if end.result_cut:
            raise ResultError("the result file is over its limit and was cut", hint="write less to REM_RESULT")
        return _json(end.result, "REM_RESULT")
    if end.dropped.get(Stream.OUT):
        raise ResultError("standard output is the result, and was cut at its limit", hint="print less")
    if kind is ResultKind.PROMETHEUS:
        return prometheus.read(_text(out, "standard output"))
    if not out.strip() and end.outcome is Outcome.FAILED:
        return Result()
    return _json(out, "standard output")


def _json(body: bytes, source: str) -> Result:
    text = _text(body, source)
    if not text.strip():
        raise ResultError(f"{source} is empty where a JSON document was declared", hint="the least is {}")
    try:
        data = json.loads(text, parse_constant=lambda _: None, parse_int=_whole, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        line = text.split("\n")[error.lineno - 1]
        where = Place(source, error.lineno, error.colno, 1, line[:SHOWN])
        raise ResultError(f"the result is not JSON: {_lower(error.msg)}", where=where) from None
    except RecursionError:
        raise ResultError(f"the result is nested more than {MOST_NESTED} deep", where=source) from None
    except _Twice as error:
        raise ResultError(f"the result has '{error}' twice in one object", where=source) from None
    if not isinstance(data, dict):
        raise ResultError("the result is not an object", hint='write {"name": number, …}', where=source)
    data = _object(data, source, 0)
    measures: dict[str, Measure] = {}
    for name, measure in _measures(data, ""):
        if name in measures:
            raise ResultError(f"two values of the result are both called '{name}'", where=source)
        measures[name] = measure
        if len(measures) > MOST_MEASURES:
            raise ResultError(f"the result has more than {MOST_MEASURES} numbers", where=source)
    return Result(measures, data)


def _measures(data: dict[str, Value], above: str) -> Iterator[tuple[str, Measure]]:
    for key, value in data.items():
        name = f"{above} {key}" if above else key
        match value:
            case {"value": int() | float() | None as number, "unit": str(unit), **others} if not others:
                yield name, Measure(number if number is None else float(number), unit)
            case dict():
                yield from _measures(value, name)
            case int() | float():
                yield name, Measure(float(value))
            case None:
                yield name, Measure(None)


def _object(data: dict[str, Value], source: str, depth: int) -> dict[str, Value]:
    """The object with nothing in it that cannot be stored and said again: no infinity, no half of a character."""
    return {_whole_characters(key): _storable(value, source, depth + 1) for key, value in data.items()}


def _storable(value: Value, source: str, depth: int) -> Value:
    if depth > MOST_NESTED:
        raise ResultError(f"the result is nested more than {MOST_NESTED} deep", where=source)
    match value:
        case dict():
            return _object(value, source, depth)
        case list():
            return [_storable(one, source, depth + 1) for one in value]
        case str():
            return _whole_characters(value)
        case float() if not math.isfinite(value):
            return None
        case _:
            return value


def _whole_characters(text: str) -> str:
    return text.encode(errors="replace").decode()


class _Twice(ValueError):
    """A key stands twice in one object."""


def _once(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
    made: dict[str, Value] = {}
    for key, value in pairs:
        if key in made:
            raise _Twice(key)
        made[key] = value
    return made


def _whole(digits: str) -> int | float:
    # Over 300 digits it is beyond any float, and Python refuses to read over 4,300.
    return int(digits) if len(digits) < 300 else math.copysign(math.inf, -1 if digits.startswith("-") else 1)


def _text(body: bytes, source: str, *, strict: bool = True) -> str:
    try:
        return body.decode("utf-8-sig", "strict" if strict else "replace")
    except UnicodeDecodeError as error:
        _not_text(body, error, source)


def _not_text(body: bytes, error: UnicodeDecodeError, source: str) -> NoReturn:
    before = body[: error.start]
    column = error.start - (before.rfind(b"\n") + 1) + 1
    where = Place(source, before.count(b"\n") + 1, column, 1)
    raise ResultError("the result is not UTF-8", where=where)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]

"""The type `condition`: an expression of CEL, checked for its form and its functions. Evaluating one cannot loop."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import cel

from rem_cli.language import Value
from rem_cli.language.at import Misfit
from rem_cli.language.names import nearest
from rem_cli.language.types import CodeType

LONGEST = 1_000  # characters; the parser's memory grows with how deep an expression is nested
FUNCTIONS = (
    *("size", "has", "contains", "startsWith", "endsWith", "matches", "min", "max", "int", "uint", "double", "string"),
    *("bytes", "bool", "duration", "timestamp", "type", "all", "exists", "exists_one", "map", "filter"),
    *("getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear"),
    *("getHours", "getMinutes", "getSeconds", "getMilliseconds"),
)
_BROUGHT = re.compile(r"\.(?:map|filter|all|exists|exists_one)\(\s*(\w+)\s*,")
_PLACE = re.compile(r"<input>:(\d+):(\d+): (?:Syntax error: )?([^\n]*)")


def read(text: str) -> str:
    """An expression as it is written. Misfit."""
    if len(text) > LONGEST:
        raise Misfit(f"a condition has at most {LONGEST:,} characters")
    if not text.strip():
        raise Misfit("a condition is not empty", 'like "value > 3 && up"')
    try:
        program = cel.compile(text)
    except ValueError as error:
        raise _misfit(text, str(error)) from None
    for name in program.functions():
        if name[:1].isalpha() and name not in FUNCTIONS:
            near = nearest(name, FUNCTIONS)
            hint = (
                f"did you mean '{near}'?" if near else "CEL's own functions: size, has, contains, startsWith, matches …"
            )
            raise Misfit(f"'{name}' is not a function of conditions", hint)
    return text


def evaluate(text: str, data: Mapping[str, Value]) -> Value:
    """The value of an expression over named data. Misfit, when it has none: a name is not there, kinds do not fit."""
    try:
        return _plain(_compiled(text).execute(dict(data)))
    except KeyError as error:
        raise Misfit(f"in '{text}' there is no {error}") from None
    except Exception as error:  # the library raises whatever the operation would in Python
        raise Misfit(f"'{text}' has no value: {' '.join(str(error).split())[:160]}") from None


def names(text: str) -> list[str]:
    """The names that an expression rests on; of `params.x` it is `params`. Those that a macro brings are left out."""
    brought = set(_BROUGHT.findall(text))
    return [name for name in _compiled(text).variables() if name not in brought]


@lru_cache(maxsize=1_000)
def _compiled(text: str) -> Any:
    return cel.compile(text)


def _plain(value: Any) -> Value:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    raise Misfit(f"it gives a {type(value).__name__}, which is no value of JSON")


def _misfit(text: str, told: str) -> Misfit:
    """What the parser says, in one line, with the place in the expression."""
    found = _PLACE.search(told)
    if not found:
        return Misfit("this condition cannot be read", 'like "value > 3 && up"')
    column, what = int(found[2]), found[3]
    rest = text.splitlines()[int(found[1]) - 1][column - 1 :] if text.count("\n") + 1 >= int(found[1]) else ""
    if not rest.strip():
        return Misfit("this condition ends too early", 'like "value > 3 && up"')
    hint = "write == to compare" if re.match(r"=(?!=)", rest) else what[:120]
    return Misfit(f"this condition cannot be read from '{rest[:30]}' on (character {column})", hint)


TYPE = CodeType(read)

"""The type `condition`: an expression of CEL, checked for its form and its functions. Evaluating one cannot loop."""

from __future__ import annotations

import re

import cel

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

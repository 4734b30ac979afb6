"""The text that Prometheus scrapes. Source: Prometheus documentation, "Exposition formats", text format 0.0.4.

A measure is called as its line calls it: `http_requests_total{code="200"}`. Times in the text are not used: a result
is of the moment when its program ended.
"""

from __future__ import annotations

import math
import re

from rem_cli.errors import Place
from rem_cli.jobs import Measure, Result, ResultError

# Atomic groups and possessive repeats, so that no line costs more than its length.
SAMPLE = re.compile(
    r"""(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*+)
    (?>[ \t]*+(?P<labels>\{[^"}]*+(?:"(?:[^"\\]|\\.)*+"[^"}]*+)*+\})[ \t]*+|[ \t]++)
    (?P<value>[^\s{]++)(?:[ \t]++(?P<time>-?\d+(?:\.\d+)?))?(?:[ \t]++\#.*)?[ \t]*$""",
    re.VERBOSE,
)
LABEL = re.compile(r'[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*("(?:[^"\\]|\\.)*")[ \t]*(?:,|$)')
MOST_MEASURES = 10_000
SHOWN = 200  # characters of a line that could not be read


def read(text: str) -> Result:
    """The measures of an exposition; ResultError points at the line that is none."""
    measures: dict[str, Measure] = {}
    units: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip()
        if line.startswith("#"):
            words = line.split(None, 3)
            if words[1:2] == ["UNIT"] and len(words) == 4:  # OpenMetrics says it
                units[words[2]] = words[3]
            continue
        if not line:
            continue
        name, labels, value = _sample(line, number)
        measures[name + labels] = Measure(value, units.get(name, ""))
        if len(measures) > MOST_MEASURES:
            raise ResultError(f"the result has more than {MOST_MEASURES} numbers", where="standard output")
    return Result(measures)


def _sample(line: str, number: int) -> tuple[str, str, float | None]:
    match = SAMPLE.match(line)
    if match is None:
        raise _unread(line, number, 1, "this is no sample", 'write: name{label="value"} number')
    try:
        value = float(match["value"].replace("_", "?"))  # Python would read 1_000
    except ValueError:
        raise _unread(line, number, match.start("value") + 1, f"'{match['value']}' is no number") from None
    inside = (match["labels"] or "{}")[1:-1]
    labels, at = [], 0
    while inside[at:].strip():
        label = LABEL.match(inside, at)
        if label is None:
            raise _unread(line, number, match.start("labels") + at + 2, "this is no label", 'write: label="value"')
        labels.append(f"{label[1]}={label[2]}")
        at = label.end()
    named = "{" + ",".join(labels) + "}" if labels else ""
    return match["name"], named, value if math.isfinite(value) else None


def _unread(line: str, number: int, column: int, says: str, hint: str | None = None) -> ResultError:
    return ResultError(says, hint=hint, where=Place("standard output", number, column, 1, line[:SHOWN]))

"""What a program printed, as a reading: JSON, a Nagios plug-in, Prometheus text, lines of Graphite."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping

from rem_cli.collect import CollectError, Counter, NoAnswer, Reading
from rem_cli.jobs import Result, ResultError, nagios, prometheus, results
from rem_cli.jobs.job import ResultKind
from rem_cli.language import Value
from rem_cli.reach import Outcome
from rem_cli.reach.asks import Failed, Ran

KINDS = ("json", "nagios", "prometheus", "graphite")
_COUNTERS = ("counter", "histogram", "summary")
_TYPE = re.compile(r"^#[ \t]+TYPE[ \t]+(\S+)[ \t]+(\S+)[ \t]*$", re.MULTILINE)
_FAMILY = re.compile(r"(.*?)(?:_total|_count|_sum|_bucket)?(\{.*)?", re.DOTALL)


def reading(kind: str, ran: Ran, declared: Value = None) -> Reading:
    """The reading of a program that ended. `declared` are the measures that its collector names.

    NoAnswer, as the fault of this machine, for a program that was broken or could not be run: that says nothing of
    what it was to look at.
    """
    end = ran.end
    if end.outcome not in (Outcome.OK, Outcome.FAILED):
        return Reading({}, up=False, why=end.why or str(end.outcome))
    if end.exit in (126, 127):
        why = "its program cannot be run" if end.exit == 126 else "there is no such program"
        raise NoAnswer(Failed(why, hint=_first(ran.err) or None, here=True))
    out = ran.out.decode("utf-8", "replace")
    if kind == "nagios":
        return _nagios(nagios.read(end, out, ran.err.decode("utf-8", "replace")))
    if end.outcome is Outcome.FAILED:
        said = _first(ran.err)
        return Reading({}, up=False, why=f"{end.why or 'it failed'}{': ' if said else ''}{said}")
    try:
        if kind == "graphite":
            return Reading(dict(_graphite(out)))
        if kind == "prometheus":
            return exposed(out)
        return _declared(results.read(ResultKind.JSON, end, ran.out, ran.err), declared)
    except ResultError as error:
        where = f"{error.where}: " if error.where else ""
        raise NoAnswer(Failed(f"{where}{error.message}", hint=error.hint, here=True)) from None


def exposed(text: str) -> Reading:
    """What is scraped: a family that its text calls a counter becomes rates. ResultError."""
    kinds = dict(_TYPE.findall(text))
    values: dict[str, float] = {}
    counters: dict[str, Counter] = {}
    for name, measure in prometheus.read(text).measures.items():
        if measure.value is None:
            continue
        bare = name.partition("{")[0]
        family = _FAMILY.fullmatch(bare)
        assert family is not None  # it matches anything
        if kinds.get(bare, kinds.get(family[1])) in _COUNTERS:
            counters[name] = Counter(measure.value)
        else:
            values[name] = measure.value
    return Reading(values, counters)


def _nagios(result: Result) -> Reading:
    """A warning is no failure yet. What is unknown is not down either."""
    data = result.data
    assert isinstance(data, dict)
    status, text = str(data["status"]), str(data["text"])
    if status == "unknown":
        raise NoAnswer(Failed(result.note or text or "the plug-in says unknown", here=True))
    values, counters = {"status": float(nagios.STATUSES.index(status))}, {}
    for name, measure in result.measures.items():
        if measure.value is not None and measure.unit == "c":
            counters[name] = Counter(measure.value)
        elif measure.value is not None:
            values[name] = measure.value
    return Reading(values, counters, up=status != "critical", why=text if status == "critical" else "")


def _declared(result: Result, declared: Value) -> Reading:
    """Of measures that a collector declares, only those, and counters as such."""
    said = {name: measure.value for name, measure in result.measures.items() if measure.value is not None}
    named = (
        {str(one["name"]): bool(one.get("counter")) for one in declared if isinstance(one, dict)}
        if (isinstance(declared, list))
        else {}
    )
    if not named:
        return Reading(said)
    values = {name: value for name, value in said.items() if named.get(name) is False}
    return Reading(values, {name: Counter(value) for name, value in said.items() if named.get(name)})


def _graphite(text: str) -> Iterator[tuple[str, float]]:
    """`path value [time]`; a time is not used. CollectError names the first line that is none."""
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words:
            continue
        try:
            value = float(words[1].replace("_", "?"))
        except (IndexError, ValueError):
            raise CollectError(f"line {number} is no `path value time`: {line[:100]}") from None
        if math.isfinite(value):
            yield words[0], value


def _first(text: bytes) -> str:
    """The first line that says something."""
    lines = text.decode("utf-8", "replace").splitlines()
    return next((line.strip()[:200] for line in lines if line.strip()), "")


def environment(target: str, address: str, takes: Mapping[str, Value], given: Mapping[str, Value]) -> dict[str, str]:
    """The variables that a program is given; CollectError when one that must be given is not."""
    unknown = [name for name in given if name not in takes]
    if unknown and takes:
        raise CollectError(f"its collector takes no '{unknown[0]}'", hint=f"it takes {', '.join(takes)}")
    values = {**takes, **given}
    missing = [name for name, value in values.items() if value is None]
    if missing:
        raise CollectError(f"its collector must be given {', '.join(missing)}", hint=f"with: {{{missing[0]}: …}}")
    named = {"LC_ALL": "C.UTF-8", "REM_HOST": target, "REM_ADDRESS": address}
    for name, value in values.items():
        word = "".join(one if one.isascii() and one.isalnum() else "_" for one in name).upper()
        named[f"REM_PARAM_{word}"] = str(value)
    return named

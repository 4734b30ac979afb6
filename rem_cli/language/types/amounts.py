"""Amounts with their units: spans of time, bytes, shares, how long numbers are kept, and when one is out of bounds."""

from __future__ import annotations

import re
from typing import Any

from rem_cli.language import Value
from rem_cli.language.at import At, Misfit
from rem_cli.language.shown import archives as spans
from rem_cli.language.types.type import Type, within

_DURATION = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,9})?)(ms|s|m|h|d|w|y)").match
_DURATIONS = re.compile(r"([0-9]{1,12}(\.[0-9]{1,9})?(ms|s|m|h|d|w|y)){1,7}").fullmatch
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}


def seconds(text: str) -> float | int:
    """`90s`, `1h30m`, `500ms`, `7d` as seconds; a year is 365 days. Misfit."""
    at, total = 0, 0.0
    while at < len(text):
        part = _DURATION(text, at)
        if not part and text.isdecimal():
            raise Misfit(f"'{text}' has no unit", f"write {text}s or {text}m")
        if not part:
            joined = "".join(text.split())
            hint = f"write {joined}" if _DURATIONS(joined) else "a number with its unit, like 90s, 5m, 2h or 7d"
            raise Misfit(f"'{text[:80]}' is not a duration", hint)
        total += float(part[1]) * _SECONDS[part[2]]
        at = part.end()
    if not text:
        raise Misfit("a duration is not empty", "a number with its unit, like 90s, 5m, 2h or 7d")
    return int(total) if total == int(total) else round(total, 3)


def duration(raw: At, type: Type) -> float | int:
    if isinstance(raw.data, (int, float)) and not isinstance(raw.data, bool):
        hint = f"write {raw.data:g}s or {raw.data:g}m" if raw.data > 0 else "write 90s, 5m, 2h or 7d"
        raise Misfit(f"{raw.shown} has no unit", hint)
    return within(seconds(raw.written()), type, raw)


_BYTES = re.compile(r"([0-9]{1,16}(?:\.[0-9]{1,9})?)\s*(B|[kKMGT]i?B?)?\Z").match
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def size(raw: At, type: Type) -> int:
    text = raw.written()
    found = _BYTES(text)
    if not found:
        raise Misfit(f"'{text}' is not an amount of bytes", "a number with its unit, like 512 MiB or 20 GB")
    return int(within(_bytes(found), type, raw))


def _bytes(found: re.Match[str]) -> int:
    unit = (found[2] or "B").rstrip("B")
    return int(float(found[1]) * (1024 if unit.endswith("i") else 1000) ** _POWERS[unit.rstrip("i").lower()])


_PERCENT = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,12})?)\s*%").fullmatch


def percent(raw: At, type: Type) -> float:
    found = _PERCENT(raw.written())
    if not found:
        raise Misfit(f"'{raw.shown}' is not a percentage", "a number and %, like 99.9%")
    return float(within(float(found[1]), type, raw))


def retention(raw: At, type: Type) -> Value:
    """Whisper archives, `60s:7d, 5m:90d`: a value every STEP, kept for SPAN; saved as [[step, span], …] in seconds."""
    parts = raw.data if isinstance(raw.data, list) else [p.strip() for p in raw.written().split(",")]
    archives: list[Any] = []
    for part in parts:
        step, colon, span = str(part).partition(":")
        if not colon:
            raise Misfit(f"'{part}' is not a retention", "STEP:SPAN, like 60s:7d")
        archives.append([int(seconds(step)), int(seconds(span))])
    problem = _archives_problem(archives)
    if problem:
        sorts = archives != (better := sorted(archives)) and not _archives_problem(better)
        raise Misfit(problem, f'write "{spans(better)}"' if sorts else "finest first, like 60s:7d, 5m:90d, 1h:5y")
    return archives


def _archives_problem(archives: list[Any]) -> str | None:
    """What keeps archives from being a Whisper file; None when they can be one."""
    before: list[int] | None = None
    for step, span in archives:
        if step < 1 or span < 2 * step:
            return f"an archive of {span} s holds no two steps of {step} s"
        if span % step:
            return f"{span} s is no whole number of steps of {step} s"
        if before and (step % before[0] or step == before[0]):
            return f"a step of {step} s is no multiple of the finer {before[0]} s"
        if before and span <= before[1]:
            return "a coarser archive reaches further back than a finer one"
        if before and before[1] < step:
            return f"the finer archive is too short to fill one step of {step} s"
        before = [step, span]
    return None


_RATE = re.compile(r"([0-9]{1,9})\s*/\s*(\S{1,30})").fullmatch


def rate(raw: At, type: Type) -> Value:
    """So many in a span of time, `10/1h`; saved as [count, seconds]."""
    found = _RATE(raw.written())
    if not found or int(found[1]) == 0:
        raise Misfit(f"'{raw.shown}' is not a rate", "COUNT/SPAN, like 10/1h")
    span = seconds(found[2])
    if span <= 0:
        raise Misfit(f"'{raw.shown}' has no span of time", "COUNT/SPAN, like 10/1h")
    return [int(found[1]), span]


_COMPARED = re.compile(r"(>=|<=|!=|>|<|=)\s*(\S.{0,60})").fullmatch
_BETWEEN = re.compile(r"(outside|inside)\s+(\S.{0,60}?)\s*\.\.\s*(\S.{0,60})").fullmatch
_PLAIN = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?").fullmatch
_LIKE = 'like "> 500ms", "<= 20%" or "outside 10..20"'


def tolerance(raw: At, type: Type) -> Value:
    """When a measure is out of bounds, as {is, bounds, unit}; the unit is s, B (bytes), % or none."""
    text = raw.written().strip()
    compared, between = _COMPARED(text), _BETWEEN(text)
    if not compared and not between:
        hint = f'write "> {text}" or "< {text}"' if _measure(text) else _LIKE
        raise Misfit(f"'{raw.shown}' says nothing of what is out of tolerance", hint)
    found = compared or between
    assert found is not None
    bounds, units = [], set()
    for part in found.groups()[1:]:
        measured = _measure(part.strip())
        if measured is None:
            raise Misfit(f"'{part.strip()}' is not a bound", "a number, or one with a unit, like 500ms, 20% or 5 GiB")
        bounds.append(measured[0])
        units.add(measured[1])
    if len(units) > 1:
        raise Misfit(
            f"'{raw.shown}' compares {' with '.join(sorted(unit or 'a plain number' for unit in units))}", _LIKE
        )
    if len(bounds) == 2 and bounds[0] >= bounds[1]:
        raise Misfit(f"'{raw.shown}' runs backwards", f'write "{found[1]} {found[3].strip()}..{found[2]}"')
    return {"is": found[1], "bounds": list(bounds), "unit": units.pop()}


def _measure(text: str) -> tuple[int | float, str] | None:
    """A bound as a number of its base unit, and that unit: s, B, % or none."""
    if _PLAIN(text):
        return (float(text) if "." in text else int(text)), ""
    if found := _PERCENT(text):
        return float(found[1]), "%"
    if _DURATIONS(text):
        return seconds(text), "s"
    found = _BYTES(text)
    return (_bytes(found), "B") if found else None

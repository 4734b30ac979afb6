"""What a job's schedule says that its author may not have meant: warnings, for nothing of it is wrong in itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rem_cli.language import Finding, Severity, Value
from rem_cli.language.held import Held
from rem_cli.language.shown import duration

KINDS = ("once", "every", "cron")
ABOUT = ("time zone", "clock change", "calendar", "splay", "catch up", "catch up window", "late", "overlap", "deadline")
_PROCESS = "builtin jobs"
_SIZES = ((0, "minute", 60), (1, "hour", 24))  # of which field a step is, and how many there are


def unmeant(items: Mapping[str, Held]) -> Iterator[Finding]:
    """Warnings about the schedules of one package's jobs."""
    for held in items.values():
        if held.item.process == _PROCESS:
            fields = held.item.fields
            kind = next((name for name in KINDS if fields.get(name) is not None), None)
            if kind is not None:
                yield from _scheduled(held, kind, fields)
            elif any(fields.get(name) is not None for name in ABOUT):
                yield from _never(held)


def _never(held: Held) -> Iterator[Finding]:
    name = next((name for name in ABOUT if name in held.own and held.item.fields.get(name) is not None), None)
    if name and not any(kind in held.own for kind in KINDS):  # one that is wrong has a finding of its own
        text = f"'{name}' changes nothing: '{held.item.key}' has no schedule, so it runs only when it is told to"
        yield _warning("REM2106", text, held, name, "add once, every or cron", on_key=True)


def _scheduled(held: Held, kind: str, fields: Mapping[str, Value]) -> Iterator[Finding]:
    if kind == "cron":
        yield from _days(held, str(fields["cron"]))
        yield from _steps(held, str(fields["cron"]))
    yield from _splay(held, fields)
    if fields.get("clock change") is not None:
        yield from _needless(held, kind, fields)
    elif fields.get("time zone") not in (None, "UTC"):
        from rem_cli.language import clocks

        said = clocks.hit(kind, str(fields[kind]), str(fields["time zone"]))
        if said:
            hint = "right after the gap, and once; clock change: {} says that it is meant, or choose another time"
            yield _warning("REM2101", said, held, kind, hint)


def _days(held: Held, text: str) -> Iterator[Finding]:
    _, _, day, _, weekday = text.split()
    if not day.startswith("*") and not weekday.startswith("*"):
        said = f"due on days {day} of the month and also on each weekday {weekday}: to cron, either is enough"
        hint = f"for days that are both, leave the weekday * and give it a calendar with days: [{weekday}]"
        hint = hint if weekday.isalpha() else "for days that are both, leave the weekday * and give it a calendar"
        yield _warning("REM2102", said, held, "cron", hint)


def _steps(held: Held, text: str) -> Iterator[Finding]:
    parts = text.split()
    for place, name, size in _SIZES:
        star, _, step = parts[place].partition("/")
        if star == "*" and step and size % int(step):
            short = size % int(step)
            after = "hour" if name == "minute" else "day"
            said = f"'{parts[place]}' starts anew each {after}: the last wait of it is {short} {name}s, not {int(step)}"
            hint = (
                f"every: {int(step)}{name[0]} keeps the distance" if parts[place + 1 :] == ["*"] * (4 - place) else None
            )
            yield _warning("REM2105", said, held, "cron", hint or f"a step that divides {size} keeps the distance")


def _splay(held: Held, fields: Mapping[str, Value]) -> Iterator[Finding]:
    splay, every = fields.get("splay"), fields.get("every")
    if isinstance(splay, int | float) and isinstance(every, int | float) and splay >= every:
        said = f"hosts spread over {duration(splay)} would start when the next run, {duration(every)} later, is due"
        yield _warning("REM2104", said, held, "splay", f"less than {duration(every)}")


def _needless(held: Held, kind: str, fields: Mapping[str, Value]) -> Iterator[Finding]:
    from rem_cli.language import clocks

    why = clocks.indifferent(kind, str(fields[kind]), str(fields.get("time zone") or "UTC"))
    if why and "clock change" in held.own:
        yield _warning(
            "REM2103", f"'clock change' changes nothing: {why}", held, "clock change", "take it out", on_key=True
        )


def _warning(id: str, message: str, held: Held, name: str, hint: str, *, on_key: bool = False) -> Finding:
    at = held.own.get(name, held.at)
    place = at.key_place if on_key or name not in held.own else at.place
    return Finding(id, message, place, hint=hint, severity=Severity.WARNING)

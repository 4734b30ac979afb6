"""What must hold of a sink: it says nothing that its kind ignores, and its patterns of series can be read."""

from __future__ import annotations

from collections.abc import Iterator

from rem_cli.errors import UsageError
from rem_cli.language import Finding, Severity
from rem_cli.language.held import Held
from rem_cli.series.query.patterns import matched

_IGNORED = {"graphite": ("credentials",), "remote write": ("port", "format")}


def prove(sink: Held) -> Iterator[Finding]:
    """Every finding of one sink."""
    fields = sink.item.fields
    for kind, names in _IGNORED.items():
        for name in names if fields.get(kind) else ():
            if name in sink.own:
                text = f"'{name}' changes nothing: a sink with {kind} does not read it"
                yield Finding("REM2901", text, sink.own[name].key_place, "take it out", severity=Severity.WARNING)
    patterns = fields.get("series")
    for pattern in patterns if isinstance(patterns, list) and "series" in sink.own else ():
        problem, hint = _wrong(str(pattern))
        if problem:
            yield Finding("REM2902", problem, sink.own["series"].place, hint)


def _wrong(pattern: str) -> tuple[str, str]:
    """What is wrong with a pattern, and what to write instead."""
    if any(part.startswith(("@", "!")) for part in pattern.split("/")):
        return f"'{pattern}' selects hosts, and a sink knows only paths", "name the hosts with *, ? or {one,two}"
    try:
        matched(pattern, [], lambda selector: [])
    except UsageError as error:
        return f"'{pattern}' is no pattern: {error.message}", error.hint or ""
    return "", ""

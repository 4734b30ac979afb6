"""Alerts of which each is a consequence of the next: in a circle nobody would ever be told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rem_cli.language import Finding
from rem_cli.language.timed import Timed


def circles(items: Sequence[Timed]) -> Iterator[Finding]:
    """Each circle of `suppress while failing` once, where its first alert by path stands."""
    alerts = {one.path: one for one in items if one.process == "builtin alerts"}
    above = {path: str(one.fields.get("suppress while failing") or "") for path, one in alerts.items()}
    for start in sorted(alerts):
        way = [start]
        while (cause := above.get(way[-1], "")) and cause not in way:
            way.append(cause)
        if cause == start and start == min(way):
            names = [path.rpartition("/")[2] for path in (*way, start)]
            text = f"it is its own cause: {' → '.join(names)}; when all of them fire nobody is told"
            yield Finding("REM3201", text, alerts[start].place, hint="take one suppress while failing out")

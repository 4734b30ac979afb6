"""What the engine can do with the items of a section: the words that `process: builtin …` may say.

A word that no part of REM acts on yet is known all the same, so that packages can be written and checked; whoever
applies them is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rem_cli.language import Item

HOSTS = "hosts"  # the field by which items of any kind choose hosts
LOCALLY = "runs locally"  # the field of hosts that start their jobs by themselves
PREFIX = "builtin "

ACTED_ON = (
    *("inventory", "jobs", "series", "files", "ensure", "calendars", "state", "queues", "counters", "locks"),
    *("procedures", "states", "scenarios", "shifts", "overrides", "monitors", "collectors", "sinks", "slas"),
    *("alerts", "role accounts"),
)
KEPT = (  # known, checked and in the catalog, but nothing acts on them yet
    *("contacts", "replication", "http pages", "http rpc", "dashboards", "widgets"),
)
KNOWN = (*ACTED_ON, *KEPT)

# Fields of items that are acted on, but this part of them is not.
FIELDS_KEPT = {
    "counters": ("graph",),
    "slas": (
        *("start within", "finish within", "not faster than"),
        *("page within", "acknowledge within", "resolve within", "respond"),
    ),
    "alerts": ("template",),
}


def kept(items: Iterable[Item]) -> dict[str, int]:
    """What is kept and not acted on yet, each with how many: items by their section, else fields of items that are."""
    counts: dict[str, int] = {}
    for item in items:
        process = item.process.removeprefix(PREFIX)
        if process in KEPT:
            name = item.section.rpartition("/")[2]
            counts[name] = counts.get(name, 0) + 1
        for field in FIELDS_KEPT.get(process, ()):
            if item.fields.get(field) not in (None, False):
                name = f"{field} of {item.section.rpartition('/')[2]}"
                counts[name] = counts.get(name, 0) + 1
    return counts


def told(counts: Mapping[str, int]) -> str:
    """The same in one line, for people; empty when everything is acted on."""
    names = ", ".join(f"{name} ({count})" for name, count in sorted(counts.items()))
    return f"kept, not acted on yet: {names}" if names else ""

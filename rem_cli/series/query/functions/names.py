"""What traces are called."""

from __future__ import annotations

import re
from dataclasses import replace

from rem_cli.errors import UsageError
from rem_cli.series.query import Trace
from rem_cli.series.query.registry import LIST, Asked, Kind, Param, function

NODES = Param("nodes", Kind.NODE, many=True)


@function("alias", takes=[LIST, Param("newName", Kind.TEXT)])
def alias(asked: Asked, traces: list[Trace], name: str) -> list[Trace]:
    """Call every series so."""
    return [replace(trace, name=name) for trace in traces]


@function("aliasByNode", "aliasByTags", takes=[LIST, NODES])
def alias_by_node(asked: Asked, traces: list[Trace], *nodes: int | str) -> list[Trace]:
    """Call each by parts of its path, counted from 0, or from -1 backwards: -2 is the host, -1 the measure."""
    return [replace(trace, name="/".join(part_of(trace, node) for node in nodes)) for trace in traces]


@function("aliasByMetric", takes=[LIST])
def alias_by_metric(asked: Asked, traces: list[Trace]) -> list[Trace]:
    """Call each by the last part of its path, the measure."""
    return [replace(trace, name=part_of(trace, -1)) for trace in traces]


@function("aliasSub", takes=[LIST, Param("search", Kind.TEXT), Param("replace", Kind.TEXT)])
def alias_sub(asked: Asked, traces: list[Trace], search: str, by: str) -> list[Trace]:
    """Put another text in the place of what a regular expression finds in the names; `\\1` is its first group."""
    try:
        return [replace(trace, name=re.sub(search, by, trace.name)) for trace in traces]
    except (re.error, IndexError) as error:
        raise UsageError(f"'{search}' by '{by}': {error}", hint="see the regular expressions of Python") from None


def part_of(trace: Trace, node: int | str) -> str:
    """A part of the path of a trace."""
    parts = trace.path.split("/")
    if isinstance(node, str) or not -len(parts) <= node < len(parts):
        raise UsageError(f"{trace.path} has no part {node}", hint=f"it has {len(parts)}, from 0 to {len(parts) - 1}")
    return parts[node]

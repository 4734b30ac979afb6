"""Plug-ins: installed distributions that bring types, of which only those that the operator names are ever loaded.

A distribution brings them by entry points of the group `rem.types`, each naming a CodeType. What a package repository
says is never asked.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from typing import Any

from rem_cli.language.names import vocabulary
from rem_cli.language.types import CodeType, Type, reading

GROUP = "rem.types"


class State(StrEnum):
    ON = "on"
    NOT_ALLOWED = "installed but not allowed"
    FAILED = "failed"


@dataclass(frozen=True)
class Plugin:
    """One distribution, and the types that it brings."""

    name: str  # of the distribution
    version: str
    state: State
    brings: tuple[str, ...]  # names of types
    why: str = ""  # it failed
    types: tuple[Type, ...] = ()  # of one that is on or failed: also those that cannot be checked


def allowed(names: Iterable[str]) -> list[Plugin]:
    """The plug-ins that the operator names, loaded."""
    return [_named(name) for name in dict.fromkeys(names)]


def others(names: Iterable[str]) -> list[Plugin]:
    """Installed ones that the operator does not name; none of their code is touched."""
    known = {_plain(name) for name in names}
    found: dict[str, Plugin] = {}
    for distribution in metadata.distributions():
        points = _points(distribution)
        name = distribution.metadata["Name"] or ""
        if points and _plain(name) not in known:
            brings = tuple(vocabulary(point.name) for point in points)
            found.setdefault(_plain(name), Plugin(name, distribution.version, State.NOT_ALLOWED, brings))
    return [found[name] for name in sorted(found)]


def _plain(name: str) -> str:
    """Names of distributions are one name whatever their case and signs."""
    return name.lower().replace("_", "-").replace(".", "-")


def _points(distribution: metadata.Distribution) -> Sequence[metadata.EntryPoint]:
    return sorted(distribution.entry_points.select(group=GROUP), key=lambda point: point.name)


def _named(name: str) -> Plugin:
    try:
        distribution = metadata.distribution(name)
    except (metadata.PackageNotFoundError, ValueError):
        return Plugin(name, "", State.FAILED, (), "it is not installed")
    points = _points(distribution)
    brings = tuple(vocabulary(point.name) for point in points)
    if not points:
        why = f"it brings nothing: it has no entry points of the group {GROUP}"
        return Plugin(name, distribution.version, State.FAILED, (), why)
    types, problems = [], []
    for point, type_name in zip(points, brings, strict=True):
        found = _load(point)
        if isinstance(found, CodeType):
            types.append(_type(type_name, found))
        else:
            problems.append(f"{type_name}: {found}")
            types.append(Type(type_name, lambda raw, type: raw.data, problem=f"plug-in {name}: {found}"))
    state = State.FAILED if problems else State.ON
    return Plugin(name, distribution.version, state, brings, "; ".join(problems), tuple(types))


def _load(point: metadata.EntryPoint) -> CodeType | str:
    """A type from its entry point, or why there is none."""
    try:
        with redirect_stdout(io.StringIO()):  # standard output is the answer's
            found: Any = point.load()
    except (Exception, SystemExit) as error:
        told = " ".join(f"{error.__class__.__name__}: {error}".split())[:200]
        return "".join(c for c in told if c.isprintable())
    if not isinstance(found, CodeType):
        return f"{point.value} is a {found.__class__.__name__}, not a CodeType"
    texts = (found.info, found.widget, *found.good, *found.bad)
    if not callable(found.read) or not all(isinstance(text, str) for text in texts):
        return f"{point.value} is a CodeType whose read is no function, or whose words are no texts"
    return found


def _type(name: str, code: CodeType) -> Type:
    return Type(
        name,
        reading(lambda: code),
        process="code",
        info=code.info,
        widget=code.widget,
        good=code.good,
        bad=code.bad,
        show=code.show,
    )

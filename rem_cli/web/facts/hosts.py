"""Hosts: all of them, and one with what it measured and what ran there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rem_cli import wire
from rem_cli.errors import NoTargetError
from rem_cli.jobs.job import Host as Machine
from rem_cli.language.names import nearest
from rem_cli.language.shown import written
from rem_cli.plan.catalog import Catalog
from rem_cli.plan.footprint import record
from rem_cli.reach import Outcome
from rem_cli.web.facts import At
from rem_cli.web.facts.problems import Problem, standing
from rem_cli.web.facts.states import State

RUNS = 20  # of the newest that are looked through for a host


@dataclass(frozen=True)
class Row:
    name: str
    path: str
    link: str
    layers: tuple[str, ...]
    reached: str
    state: State


@dataclass(frozen=True)
class Hosts:
    asked: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Ran:
    run: int
    job: str
    at: At | None
    outcome: str
    good: bool


@dataclass(frozen=True)
class Host:
    name: str
    path: str
    crumbs: tuple[str, ...]
    sentence: str
    reached: str
    fields: tuple[tuple[str, str], ...]
    problems: tuple[Problem, ...]
    measures: tuple[tuple[str, tuple[str, ...]], ...]  # a job or check, with the series that it keeps of this host
    ran: tuple[Ran, ...]
    applied: str
    applied_at: At | None


def hosts(rem: wire.Rem, catalog: Catalog, asked: str = "") -> Hosts:
    """Every host whose name or path holds what was asked for."""
    known = standing(rem, catalog).hosts
    rows = []
    for item in catalog.of("builtin inventory"):
        one = Machine.read(item)
        if asked.lower() in item.path.lower() or asked.lower() in one.name.lower():
            state = known.get(one.name, State.OK)
            layers = tuple(item.layers.values())
            rows.append(Row(one.name, item.path, f"/hosts/{item.path}", layers, _reached(one), state))
    return Hosts(asked, tuple(rows))


def host(rem: wire.Rem, catalog: Catalog, path: str) -> Host:
    """One host; NoTargetError with the nearest."""
    item = catalog.items.get(path)
    if item is None or item.process != "builtin inventory":
        near = nearest(path, [one.path for one in catalog.of("builtin inventory")])
        raise NoTargetError(f"there is no host at '{path}'", hint=f"did you mean {near}?" if near else "see /hosts")
    one = Machine.read(item)
    known = standing(rem, catalog)
    problems = tuple(problem for problem in known.problems if one.name in problem.hosts)
    left = record.read(rem.generations).hosts.get(one.name)
    return Host(
        one.name,
        item.path,
        (item.package, item.section, *item.layers.values()),
        _sentence(one.name, problems),
        _reached(one),
        tuple((name, text) for name, text in written(item, rem.base.sections).items() if item.fields.get(name)),
        problems,
        tuple(_measures(rem.series.names(), one.name)),
        tuple(_ran(rem, one.name)),
        f"{left.ended}{': ' + left.why if left.why else ''}" if left else "has no files of REM's",
        At(left.at) if left and left.at else None,
    )


def _sentence(name: str, problems: Sequence[Problem]) -> str:
    if not problems:
        return f"{name} has no trouble that we know of."
    first = problems[0]
    more = f", and {len(problems) - 1} more" if len(problems) > 1 else ""
    return f"{name}: {first.title}, {first.what}{more}."


def _reached(one: Machine) -> str:
    if one.local:
        return "this machine"
    user = f"{one.user}@" if one.user else ""
    return f"{user}{one.address}" + (f":{one.port}" if one.port else "")


def _measures(names: Sequence[str], host: str) -> list[tuple[str, tuple[str, ...]]]:
    found: dict[str, list[str]] = {}
    for name in names:
        parts = name.split("/")
        if len(parts) > 2 and parts[-2] == host:
            found.setdefault("/".join(parts[:-2]), []).append(name)
    return [(of, tuple(series)) for of, series in sorted(found.items())]


def _ran(rem: wire.Rem, name: str) -> list[Ran]:
    ran = []
    for run in rem.records.recent(RUNS) if rem.state_folder.is_dir() else ():
        for one in rem.records.show(run.id).hosts:
            if one.host.partition("#")[0] == name:
                outcome = str(one.end.outcome) if one.end else str(run.state)
                at = At(one.started) if one.started is not None else None
                ran.append(Ran(run.id, run.job, at, outcome, bool(one.end and one.end.outcome is Outcome.OK)))
    return ran

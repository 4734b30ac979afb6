"""The first page: is anything wrong, who has it, since when, what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from rem_cli import wire
from rem_cli.jobs import RunState
from rem_cli.jobs.schedule.coming import coming, schedules
from rem_cli.plan.catalog import Catalog
from rem_cli.web.facts import At
from rem_cli.web.facts.oncall import Role, oncall
from rem_cli.web.facts.problems import Problem, Standing, standing
from rem_cli.web.facts.shell import Active, active
from rem_cli.web.facts.states import State
from rem_cli.words import counted

MOST = 50  # problems of a part that are listed before the rest is counted
CHANGES = 5
COMING = 5
FIRST = 300  # hosts that are drawn before the rest is counted


@dataclass(frozen=True)
class Part:
    """Problems that a person treats alike."""

    title: str
    about: str
    problems: tuple[Problem, ...]
    more: int = 0


@dataclass(frozen=True)
class Square:
    host: str
    state: State
    link: str


@dataclass(frozen=True)
class Group:
    """Hosts of one outermost layer."""

    name: str
    squares: tuple[Square, ...]
    more: int
    told: str


@dataclass(frozen=True)
class Next:
    at: At
    job: str
    note: str


@dataclass(frozen=True)
class Running:
    run: int
    job: str
    began: At
    who: str


@dataclass(frozen=True)
class Now:
    sentence: str
    wrong: str
    since: At | None
    parts: tuple[Part, ...]
    groups: tuple[Group, ...]
    changes: tuple[Active, ...]
    duties: tuple[Role, ...]
    next: tuple[Next, ...]
    running: tuple[Running, ...]


def now(rem: wire.Rem, catalog: Catalog) -> Now:
    """Everything that the first page says."""
    known = standing(rem, catalog)
    due, _ = schedules(catalog.items.values())
    begin = int(rem.clock.now()) + 1
    runs = rem.records.recent(200) if rem.state_folder.is_dir() else []
    loud = known.of(State.FIRING)
    jobs, checks = len(catalog.of("builtin jobs")), len(catalog.of("builtin monitors"))
    things = counted(jobs, "job") + (f" and {counted(checks, 'check')}" if checks else "")
    return Now(
        sentence=_sentence(known, anything=bool(catalog.items)),
        wrong=f"{len(loud)} of {things}" if loud else "nothing",
        since=min((one.since for one in known.problems), default=None),
        parts=tuple(_parts(known)),
        groups=tuple(groups(catalog, known)),
        changes=tuple(active(one) for one in rem.generations.history()[:CHANGES]),
        duties=oncall(rem, catalog, 1).roles,
        next=tuple(
            Next(At(one.instant.at), one.job, one.instant.note) for one in islice(coming(due, begin, None, 1), COMING)
        ),
        running=tuple(
            Running(run.id, run.job, At(run.began), run.origin.who) for run in runs if run.state is RunState.RUNNING
        ),
    )


def _sentence(known: Standing, *, anything: bool) -> str:
    loud, handled, blind = known.of(State.FIRING), known.of(State.HANDLED), known.of(State.BLIND)
    if not anything:
        return "Nothing is active yet."
    if loud:
        one = "One problem needs a person." if len(loud) == 1 else f"{len(loud)} problems need a person."
    elif blind:
        one = "Nothing needs a person, as far as we can see."
    else:
        one = "Nothing needs a person."
    return f"{one} {counted(len(handled), 'is', 'are')} being handled." if handled else one


def _parts(known: Standing) -> Sequence[Part]:
    told = (
        ("Needs a person", "", State.FIRING),
        ("Being handled", "", State.HANDLED),
        ("Can wait", "", State.WAITING),
        ("We cannot see", "neither good nor bad", State.BLIND),
    )
    parts = []
    for title, about, state in told:
        if found := known.of(state):
            parts.append(Part(title, about, tuple(found[:MOST]), max(0, len(found) - MOST)))
    return parts


def groups(catalog: Catalog, known: Standing) -> Sequence[Group]:
    """Every host, by its outermost layer; the worst state of each."""
    found: dict[str, list[Square]] = {}
    for item in catalog.of("builtin inventory"):
        name = str(item.fields.get("name") or item.key)
        group = next(iter(item.layers.values()), item.package)
        state = known.hosts.get(name, State.OK)
        found.setdefault(group, []).append(Square(name, state, f"/hosts/{item.path}"))
    made = []
    for group, squares in sorted(found.items()):
        bad = [one.host for one in squares if one.state is not State.OK]
        told = f"{len(squares) - len(bad)} of {len(squares)} without trouble"
        told += f", not {', '.join(bad[:3])}" + (f" and {len(bad) - 3} more" if len(bad) > 3 else "") if bad else ""
        made.append(Group(group, tuple(squares[:FIRST]), max(0, len(squares) - FIRST), told))
    return made

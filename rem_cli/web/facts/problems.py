"""What is wrong now, in the order of what a person must do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from rem_cli import wire
from rem_cli.collect.memory import Memory
from rem_cli.errors import Status
from rem_cli.jobs import Run, RunState
from rem_cli.jobs.status import counted
from rem_cli.plan.catalog import Catalog
from rem_cli.plan.footprint import record
from rem_cli.reach import Outcome
from rem_cli.web.facts import At
from rem_cli.web.facts.alerts import alerts
from rem_cli.web.facts.states import State
from rem_cli.words import counted as counted_of

LOOKED = 500  # of the newest runs
LOADED = 20  # failing jobs whose hosts are looked up


@dataclass(frozen=True)
class Problem:
    """One thing that is not as it should be."""

    state: State
    title: str
    path: str
    link: str
    since: At
    what: str  # the fact: "2 of 3 hosts failed: exit 1"
    next: str = ""  # who has it, or what comes
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Standing:
    """All problems, and what is known of each host."""

    problems: tuple[Problem, ...]
    hosts: Mapping[str, State]  # those that something is known of

    def of(self, *states: State) -> list[Problem]:
        return [one for one in self.problems if one.state in states]


def standing(rem: wire.Rem, catalog: Catalog) -> Standing:
    """How things stand; costs as much as there are problems, and the newest runs."""
    known = rem.state_folder.is_dir()
    runs = rem.records.recent(LOOKED) if known else []
    problems, hosts = _of_jobs(rem, catalog, runs)
    problems += [
        *_of_alerts(rem, catalog, hosts),
        *_of_checks(rem, catalog, hosts),
        *_of_hosts(rem),
        *(_of_procedures(rem) if known else ()),
    ]
    order = {state: place for place, state in enumerate(State)}
    problems.sort(key=lambda one: (order[one.state], -one.since))
    return Standing(tuple(problems), hosts)


def _of_jobs(rem: wire.Rem, catalog: Catalog, runs: Sequence[Run]) -> tuple[list[Problem], dict[str, State]]:
    problems: list[Problem] = []
    hosts: dict[str, State] = {}
    for path, latest, since in failing(run for run in runs if run.job in catalog.items):
        item = catalog.items[path]
        bad: tuple[str, ...] = ()
        if len(problems) < LOADED:
            shown = rem.records.show(latest.id).hosts
            bad = tuple(host.host for host in shown if host.end is None or host.end.outcome is not Outcome.OK)
            blind = {host.host for host in shown if host.end is None or host.end.outcome is Outcome.UNREACHABLE}
            hosts |= {name: State.BLIND if name in blind else State.FIRING for name in bad}
        told = counted({Outcome(name): count for name, count in latest.counts.items()}) or latest.why
        state = State.FIRING if latest.state is RunState.FINISHED else State.BLIND
        what = told if state is State.FIRING else "it is not known how the last run ended"
        title = str(item.fields.get("title") or item.key)
        link = f"/runs/{latest.id}"
        problems.append(
            Problem(state, title, path, link, At(since), what, "" if latest.why == what else latest.why, bad)
        )
    return problems, hosts


def failing(runs: Iterable[Run]) -> Iterator[tuple[str, Run, float]]:
    """Jobs whose last run did not end well: the job, that run, and since when it is so. `runs`: the newest first."""
    jobs: dict[str, list[Run]] = {}
    for run in runs:
        if run.state is not RunState.RUNNING:
            jobs.setdefault(run.job, []).append(run)
    for job, found in jobs.items():
        bad = []
        for run in found:
            if run.status == Status.DONE:
                break
            bad.append(run)
        if bad:
            yield job, bad[0], bad[-1].began


def _of_alerts(rem: wire.Rem, catalog: Catalog, hosts: dict[str, State]) -> Iterator[Problem]:
    """What fires, whoever has it."""
    for one in alerts(rem, catalog).open:
        if one.host:
            hosts.setdefault(one.host, one.state)
        title = f"{one.title} on {one.host}" if one.host else one.title
        has = f"{', '.join(one.who)} has it" if one.who else one.held or "nobody has it"
        affected = (one.host,) if one.host else ()
        yield Problem(one.state, title, one.alert, f"/alerts/{one.id}", one.since, one.why, has, affected)


def _of_checks(rem: wire.Rem, catalog: Catalog, hosts: dict[str, State]) -> Iterator[Problem]:
    """Checks that did not answer when they were made last."""
    memory = Memory(rem.state_folder / "collect/memory.json")
    memory.read()
    for name, known in memory.known.items():
        path, _, host = name.rpartition("/")
        item = catalog.items.get(path)
        if item is None or not known.failures:
            continue
        hosts.setdefault(host, State.FIRING)
        every = item.fields.get("every")
        apart = float(every) if isinstance(every, (int, float)) else 0.0
        since = At(rem.clock.now() - apart * known.failures)
        yield Problem(
            State.FIRING, f"{item.fields.get('title') or item.key} on {host} does not answer", path,
            f"/graphs?q={quote(name)}", since, f"failed {counted_of(known.failures, 'time')} in a row",
            f"rem collect --explain {host}", (host,),
        )  # fmt: skip


def _of_hosts(rem: wire.Rem) -> Iterator[Problem]:
    """Hosts that are not as what is active wants them."""
    known = record.read(rem.generations)
    for name, left in known.hosts.items():
        if not left.ended.good and left.at:
            why = left.why or str(left.ended)
            yield Problem(
                State.WAITING, f"{name} is not as the packages want it", name, f"/hosts?q={name}", At(left.at), why,
                "rem apply --resume", (name,),
            )  # fmt: skip


def _of_procedures(rem: wire.Rem) -> Iterator[Problem]:
    """Runs of procedures that wait for a person."""
    for head in rem.procedures.journals.heads():
        if not head.fate and head.waits:
            yield Problem(
                State.FIRING, f"{head.procedure.rpartition('/')[2]} waits", head.procedure, "/jobs", At(head.began),
                f"run {head.id} at {head.state}: {head.waits}", f"rem procedure show {head.id}",
            )  # fmt: skip

"""`rem job`: run a job, and read back what its runs did."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from rem_cli import wire
from rem_cli.cli import app as root
from rem_cli.cli import collect, due, following, freezing, live, options, run_due, runs, work
from rem_cli.cli import show as out
from rem_cli.cli.person import who as who
from rem_cli.errors import GuardedError, NoTargetError, Status
from rem_cli.jobs import Run, documents
from rem_cli.jobs.status import so_far
from rem_cli.reach import Outcome

app = root.group("Jobs and their runs.")

Number = Annotated[int, typer.Argument(metavar="RUN", help="A run's number.")]


@app.callback()
def job() -> None:
    """Jobs and their runs."""


@app.command()
def run(
    path: options.Item,
    hosts: Annotated[str | None, typer.Option(metavar="SELECTOR", help="As in web*,!web3,@group,tag=db.")] = None,
    param: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="A parameter of the job.")] = None,
    batch: options.Batch = None,
    max_fail: options.MaxFail = None,
    parallel: Annotated[int | None, typer.Option(metavar="N", min=1, help="How many hosts at once.")] = None,
    timeout: Annotated[str | None, typer.Option(metavar="TIME", help="Longest time on a host, like 90s.")] = None,
    tree: Annotated[bool, typer.Option("--tree", help="The work tree instead of the active generation.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No live output and no progress.")] = False,
    format: options.AsFormat = options.Format.TEXT,
) -> int:
    """Run one job now, on its hosts or on others, and say how each host ended.

    Statuses: 0 all ok, 5 some failed, 6 all failed or unreachable, 9 no host, 10 a host key is not trusted, 124 timed
    out, 130 interrupted.
    """
    with wire.open() as rem:
        source = rem.work_tree_source() if tree else rem.active_source()
        limit = options.seconds(timeout, "--timeout") if timeout else None
        asked = source.job(path).changed(batch=batch, max_fail=max_fail, parallel=parallel, timeout=limit)
        chosen = source.hosts(hosts if hosts is not None else asked.hosts)
        show_live = not quiet and format is options.Format.TEXT
        face = live.Face(len(chosen) * asked.workers, enabled=show_live)
        with face, live.stopping() as stop:
            done = rem.run(source, asked, chosen, param or [], stop=stop, listen=face.hear, who=who())
        outputs = rem.records.gather(done.id)
        if format is options.Format.JSON:
            out.document("run", documents.whole(done, outputs))
        else:
            runs.result(done, outputs, most=runs.LINES)
    if stop.terminated:
        return Status.TERMINATED
    return so_far(done)


@app.command()
def retry(
    run: Number,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No live output and no progress.")] = False,
    format: options.AsFormat = options.Format.TEXT,
) -> int:
    """Run a job once more with the same parameters, on those hosts of a run that did not end well.

    The job is the active one, as it is now. Statuses as those of rem job run; 0 also where all hosts had ended well.
    """
    with wire.open() as rem:
        before = rem.records.show(run)
        if before.ended is None:
            raise GuardedError(f"run {run} has not ended", hint=f"rem job follow {run}, or rem job cancel {run}")
        source = rem.active_source()
        asked = source.job(before.job)
        bad = {
            one.host.partition("#")[0] for one in before.hosts if one.end is None or one.end.outcome is not Outcome.OK
        }
        if not bad:
            _nothing(before, format)
            return Status.DONE
        here = source.hosts(None)
        chosen = here if bad == {here[0].name} else [host for host in source.hosts("*") if host.name in bad]
        if not chosen:
            raise NoTargetError(f"no package has {', '.join(sorted(bad))} any more", hint="rem host list")
        given = [f"{name}={value}" for name, value in before.params.items()]
        face = live.Face(len(chosen) * asked.workers, enabled=not quiet and format is options.Format.TEXT)
        with face, live.stopping() as stop:
            done = rem.run(source, asked, chosen, given, stop=stop, listen=face.hear, who=who())
        outputs = rem.records.gather(done.id)
    if format is options.Format.JSON:
        out.document("run", documents.whole(done, outputs))
    else:
        runs.result(done, outputs, most=runs.LINES)
    return Status.TERMINATED if stop.terminated else so_far(done)


def _nothing(run: Run, format: options.Format) -> None:
    if format is options.Format.JSON:
        out.document("run", documents.brief(run))
    else:
        out.line(f"all hosts of run {run.id} ended well: nothing to do")


@app.command(name="list")
def list_(
    path: Annotated[str | None, typer.Argument(metavar="PATH", help="Runs of this job only.")] = None,
    limit: options.Limit = 20,
    jobs: Annotated[bool, typer.Option("--jobs", help="The jobs of the active generation instead of runs.")] = False,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """List the last runs, newest first."""
    with wire.open() as rem:
        if jobs:
            items = rem.active_source().catalog.of("builtin jobs")
            _listed("jobs", [_about(item) for item in items], ("job", "hosts", "title"), format)
            return
        recent = rem.records.recent(limit, job=path)
        now = rem.clock.now()
    if format is options.Format.JSON:
        out.document("runs", {"runs": [documents.brief(one) for one in recent]})
    elif not recent:
        out.line("No run yet: rem job run PACKAGE/jobs/GROUP/NAME")
    else:
        out.table(("run", "job", "state", "hosts", "began", "took"), [runs.row(one, now) for one in recent])


app.command(name="next")(due.next_)
app.command(name="work")(work.work)
app.command(name="run-due")(run_due.run_due)
app.command(name="freeze")(freezing.freeze)
app.command(name="thaw")(freezing.thaw)
app.command(name="collect")(collect.collect)


@app.command()
def follow(run: Number, format: options.AsFormat = options.Format.TEXT) -> int:
    """Tell what a run prints, from its beginning and on until it ends; Ctrl-C leaves it running.

    Of a long job lines come as they are printed; of others when a host has ended. A link that breaks is made again, and
    no line comes twice. The status is the run's own, or 130.
    """
    from rem_cli.wire.long_jobs import follow

    text = format is options.Format.TEXT
    listen = following.Lines().hear if text else lambda event: None
    with wire.open() as rem, live.stopping("the run goes on; nobody follows it here any longer") as stop:
        done = follow(rem, run, listen, following.unheard, stop)
        outputs = rem.records.gather(run)
    if not text:
        out.document("run", documents.whole(done, outputs))
    elif done.ended is not None:
        following.summary(done)
    if stop.asked and done.ended is None:
        return Status.TERMINATED if stop.terminated else Status.INTERRUPTED
    return so_far(done)


@app.command()
def cancel(
    run: Number,
    lost: Annotated[bool, typer.Option("--lost", help="Take hosts that cannot be asked any more as lost.")] = False,
    format: options.AsFormat = options.Format.TEXT,
) -> int:
    """End a run wherever it runs: TERM to each program's process group, its grace, KILL.

    Statuses: 0 it has ended, also when it had before, 5 some hosts could not be asked, 6 none could, 11 nobody can end
    it from here.
    """
    from rem_cli.wire.long_jobs import cancel_run

    with wire.open() as rem, live.stopping() as stop:
        before = rem.records.show(run)
        done, missing = cancel_run(rem, run, who(), stop, lost=lost)
        outputs = rem.records.gather(run)
    if format is options.Format.JSON:
        out.document("run", documents.whole(done, outputs))
    elif before.ended is not None:
        out.line(f"run {run} has ended before: {done.why}")
    else:
        runs.result(done, outputs, most=runs.LINES)
    return following.cancelled(done, missing)


@app.command()
def show(
    run: Number,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Tell what a run did on each host, with all of its output; identical outputs once."""
    with wire.open() as rem:
        told = rem.records.show(run)
        outputs = rem.records.gather(run)
    if format is options.Format.JSON:
        out.document("run", documents.whole(told, outputs))
        return
    runs.result(told, outputs, most=None)


def _about(item: Any) -> dict[str, Any]:
    return {"job": item.path, "hosts": item.fields.get("hosts") or "here", "title": item.fields.get("title") or ""}


def _listed(name: str, rows: list[dict[str, Any]], columns: tuple[str, ...], format: options.Format) -> None:
    if format is options.Format.JSON:
        out.document(name, {name: rows})
    else:
        out.table(columns, [[row[column] for column in columns] for row in rows], ("bold",))

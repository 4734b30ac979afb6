"""`rem procedure`: long-running work in states, started, followed, and told what people have to say."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from rem_cli import wire
from rem_cli.cli import app as root
from rem_cli.cli import live, machines, options, rehearsals, steps
from rem_cli.cli import show as out
from rem_cli.cli.person import who
from rem_cli.errors import HeldError, NoTargetError, Status, UsageError
from rem_cli.procedures import Fate

app = root.group("Long-running work in states.")

Run = Annotated[int, typer.Argument(metavar="RUN", help="A run's number.")]
Wait = Annotated[str, typer.Option("--wait", metavar="TIME", help="The longest wait that is sat out here.")]
Why = Annotated[str, typer.Option(metavar="TEXT", help="The reason, for the record.")]
PATIENCE = "1h"


@app.callback()
def procedure() -> None:
    """Long-running work in states."""


@app.command()
def start(
    path: options.Item,
    param: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="A parameter.")] = None,
    wait: Wait = PATIENCE,
    format: options.AsFormat = options.Format.TEXT,
) -> int:
    """Start a procedure of the active generation, and go on with it until it ends or waits for somebody.

    Statuses: 0 succeeded or waits, 1 failed or cancelled, 124 timed out, 130 let go by Ctrl-C.
    """
    with wire.open() as rem:
        head = rem.procedures.start(rem.active_source(), path, param or [], who())
        return _drive(rem, head.id, wait, format)


@app.command()
def follow(
    run: Annotated[
        int | None, typer.Argument(metavar="[RUN]", help="Its number; without it every run that is due.")
    ] = None,
    wait: Wait = PATIENCE,
    format: options.AsFormat = options.Format.TEXT,
) -> int:
    """Go on with a run that nobody drives, or watch it while somebody does."""
    with wire.open() as rem:
        if run is not None:
            return _drive(rem, run, wait, format)
        with live.stopping() as stop:
            rem.procedures.fetch(stop)
        due = rem.procedures.due()
        statuses = [_drive(rem, id, wait, format, row=True) for id in due]
    if not due and format is options.Format.TEXT:
        out.line("No run is due.")
    return max(statuses, default=0)


def _drive(rem: wire.Rem, id: int, wait: str, format: options.Format, *, row: bool = False) -> int:
    """Go on with a run and tell how it went; the exit status that it means."""
    patience = options.seconds(wait, "--wait")
    head = rem.procedures.journals.head(id)
    definition = rem.procedures.journals.definition(head.digest)
    text = format is options.Format.TEXT
    face = steps.Face(rem.procedures.standing(id)[0], definition, enabled=text)
    if text:
        steps.begun(head)
    with live.stopping() as stop:
        try:
            run, look = rem.procedures.drive(
                id, stop=stop, listen=face.hear, jobs=lambda event: None, patience=patience, who=who()
            )
        except HeldError as held:
            if text:
                out.note(held.message)
            run, look = rem.procedures.watch(id, told=face.run.lines, stop=stop, listen=face.hear)
    if text:
        steps.summary(head, definition, run, look)
    else:
        out.document("procedure-run", steps.document(rem.procedures.journals.head(id), run, look), row=row)
    if stop.asked:
        return Status.TERMINATED if stop.terminated else Status.INTERRUPTED
    return _status(run.fate)


def _status(fate: str) -> int:
    if fate == Fate.TIMED_OUT:
        return Status.TIMED_OUT
    return Status.DONE if fate in ("", Fate.SUCCEEDED) else Status.FAILED


@app.command(name="list")
def list_(
    path: Annotated[str | None, typer.Argument(metavar="PATH", help="Runs of this procedure only.")] = None,
    limit: options.Limit = 20,
    procedures: Annotated[bool, typer.Option("--procedures", help="The active procedures instead of runs.")] = False,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """List the last runs, newest first."""
    with wire.open() as rem:
        if procedures:
            items = rem.active_source().catalog.of("builtin procedures")
            rows: list[dict[str, Any]] = [
                {"procedure": item.path, "title": item.fields.get("title") or ""} for item in items
            ]
            _listed("procedures", rows, ("procedure", "title"), format)
            return
        heads = [one for one in rem.procedures.journals.heads() if path in (None, one.procedure)][:limit]
        now = rem.clock.now()
    if format is options.Format.JSON:
        out.document("procedure-runs", {"runs": [steps.row(one) for one in heads]})
    elif not heads:
        out.line("No run yet: rem procedure start PACKAGE/procedures/GROUP/NAME")
    else:
        told = [
            [one.id, one.procedure, one.fate or ("goes on" if one.holder else "waits"), one.state,
             f"{out.age(now - one.began)} ago"]
            for one in heads
        ]  # fmt: skip
        out.table(("run", "procedure", "fate", "state", "began"), told)


def _listed(name: str, rows: list[dict[str, Any]], columns: tuple[str, ...], format: options.Format) -> None:
    if format is options.Format.JSON:
        out.document(name, {name: rows})
    else:
        out.table(columns, [[row[column] for column in columns] for row in rows], ("bold",))


@app.command()
def show(
    what: Annotated[str, typer.Argument(metavar="RUN|PATH", help="A run's number, or a procedure.")],
    svg: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw the states into this file.")] = None,
    tree: Annotated[bool, typer.Option("--tree", help="The work tree instead of the active generation.")] = False,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Tell what a run did, state by state; or draw the states of a procedure."""
    with wire.open() as rem:
        if not what.isdecimal():
            source = rem.work_tree_source() if tree else rem.active_source()
            machines.tell(rem.procedures.definition(source, what), svg, format)
            return
        head = rem.procedures.journals.head(int(what))
        definition = rem.procedures.journals.definition(head.digest)
        run, look = rem.procedures.standing(head.id)
    wrote = machines.draw_to(svg, definition) if svg else None
    if format is options.Format.JSON:
        out.document("procedure-run", steps.document(head, run, look))
        return
    steps.begun(head)
    steps.table(run)
    steps.summary(head, definition, run, look)
    if wrote:
        out.line("wrote ", (wrote, "bold"))


@app.command()
def approve(
    run: Run,
    decline: Annotated[bool, typer.Option("--decline", help="Say no.")] = False,
    why: Why = "",
    yes: options.Yes = False,
    format: options.AsFormat = options.Format.TEXT,
) -> int:
    """Agree to what a run waits with, after a look at what would run; then go on with it."""
    from rem_cli.procedures import said

    with wire.open() as rem:
        journals = rem.procedures.journals
        said.may_approve(journals, run, who(), agree=not decline)
        if not decline and not yes:
            definition = journals.definition(journals.head(run).digest)
            before = rem.procedures.last_good(run)
            for state in said.waiting(journals, run):
                machines.ahead(definition, state, before)
            if not sys.stdin.isatty():
                raise UsageError("nobody was asked", hint=f"rem procedure approve {run} --yes, or --decline")
            if not typer.confirm("Shall it go on?", err=True):
                return Status.FAILED
        said.approve(journals, run, who(), agree=not decline, why=why)
        return _drive(rem, run, PATIENCE, format)


@app.command()
def signal(
    run: Run,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A signal that one of its states waits for.")],
    data: Annotated[str | None, typer.Option(metavar="JSON", help="What goes with it.")] = None,
    id: Annotated[
        str | None, typer.Option("--id", metavar="TEXT", help="Its own name: a second one counts once.")
    ] = None,
    format: options.AsFormat = options.Format.TEXT,
) -> int:
    """Give a run a signal, also before it waits for it; then go on with the run."""
    from rem_cli.procedures import said

    try:
        told = json.loads(data) if data is not None else None
    except ValueError as error:
        raise UsageError(f"--data is no JSON: {error}", hint="""like --data '{"version": "1.2"}'""") from None
    with wire.open() as rem:
        if not said.signal(rem.procedures.journals, run, name, who(), data=told, given=id):
            out.note(f"run {run} had this signal before")
        return _drive(rem, run, PATIENCE, format)


@app.command()
def cancel(run: Run, why: Why = "", format: options.AsFormat = options.Format.TEXT) -> int:
    """Stop a run: what is under way is ended, what it changed is taken back."""
    from rem_cli.procedures import said

    with wire.open() as rem:
        said.cancel(rem.procedures.journals, run, who(), why)
        _drive(rem, run, PATIENCE, format)
    return Status.DONE


@app.command()
def redrive(
    run: Run,
    take_as: Annotated[
        str | None, typer.Option(metavar="done|again|failed", help="The answer to a run that asks whether it was done.")
    ] = None,
    wait: Wait = PATIENCE,
    format: options.AsFormat = options.Format.TEXT,
) -> int:
    """Go on with a run that failed, from the states that failed; or answer what a run asks."""
    from rem_cli.procedures import said

    if take_as is not None and take_as not in said.ANSWERS:
        raise UsageError(f"--take-as is {', '.join(said.ANSWERS)}, not '{take_as}'")
    with wire.open() as rem:
        said.redrive(rem.procedures.journals, run, who(), take_as)
        return _drive(rem, run, wait, format)


@app.command()
def test(
    path: Annotated[str | None, typer.Argument(metavar="PATH", help="A procedure; left out, all of them.")] = None,
    active: options.Active = False,
    format: options.AsFormat = options.Format.TEXT,
) -> int:
    """Go through the scenarios of packages on made-up time: nothing is run.

    Statuses: 0 all went as expected, 5 some did not, 6 none did, 9 there is no scenario.
    """
    with wire.open() as rem:
        source = rem.active_source() if active else rem.work_tree_source()
        courses = rem.procedures.rehearse(source, path)
    if not courses:
        raise NoTargetError(
            "there is no scenario", hint="write one in the section scenarios: rem schema show scenarios"
        )
    if format is options.Format.JSON:
        out.document("procedure-tests", {"scenarios": [rehearsals.document(course) for course in courses]})
    else:
        rehearsals.tell(courses)
    wrong = sum(bool(course.wrong) for course in courses)
    return Status.DONE if not wrong else Status.ALL_FAILED if wrong == len(courses) else Status.SOME_FAILED


@app.command()
def replay(
    what: Annotated[str | None, typer.Argument(metavar="RUN|PATH", help="A run or a procedure; left out, all.")] = None,
    limit: options.Limit = 100,
    active: options.Active = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Status 3 where a run goes another way.")] = False,
    format: options.AsFormat = options.Format.TEXT,
) -> int:
    """Hold recorded runs against the work tree: would they have gone the same way? Nothing is run."""
    with wire.open() as rem:
        source = rem.active_source() if active else rem.work_tree_source()
        found = rem.procedures.replay(source, what, limit)
    if format is options.Format.JSON:
        out.document("procedure-replay", {"runs": [rehearsals.parted(head, part) for head, part in found]})
    else:
        rehearsals.tell_parted(found)
    return Status.DIFFERENT if exit_code and any(part for _, part in found) else Status.DONE

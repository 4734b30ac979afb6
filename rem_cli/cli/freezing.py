"""`rem job freeze` and `rem job thaw`: a time in which nothing scheduled starts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rem_cli import wire
from rem_cli.cli import options, show
from rem_cli.cli.person import who
from rem_cli.errors import NoTargetError

if TYPE_CHECKING:
    from rem_cli.jobs.schedule.frozen import Freeze
    from rem_cli.language import Item

Paths = Annotated[
    list[str] | None, typer.Argument(metavar="[PATH]...", help="Jobs, or what they lie in; left out, all.")
]
SHOWN = 3  # jobs that are named


def freeze(
    paths: Paths = None,
    lasting: Annotated[str | None, typer.Option("--for", metavar="TIME", help="How long; else until a thaw.")] = None,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Told to whoever asks why nothing runs.")] = "",
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Start nothing that is scheduled, until it is thawed or for a time.

    What is due meanwhile does not run later either. What runs goes on, and rem job run starts what it is told to. Jobs
    with freeze exempt: true run as ever.
    """
    from rem_cli.jobs.freezes import Freezes

    with wire.open() as rem:
        items = [one for one in rem.active_source().catalog.of("builtin jobs") if _scheduled(one)]
        chosen = [_chosen(path, items) for path in paths or [""]]
        now = int(rem.clock.now())
        until = now + int(options.seconds(lasting, "--for")) if lasting else None
        made = Freezes(rem.state).freeze(chosen, now, until, who(), reason)
        elsewhere = _elsewhere(rem, made)
    below = {one: [item for item in items if one.covers(item.path)] for one in made}
    exempt = sorted({item.path for some in below.values() for item in some if item.fields.get("freeze exempt")})
    if format is options.Format.JSON:
        show.document("freeze", {"frozen": [document(one) for one in made], "exempt": exempt, "on hosts": elsewhere})
        return
    for one in made:
        show.line("froze ", (named(one), "bold"), f" ({show.counted(len(below[one]), 'scheduled job')}), {_end(one)}")
    if exempt:
        show.note(f"exempt, and run all the same: {_some(exempt)}")
    if elsewhere:
        show.note(("started by their hosts, which no freeze here reaches: ", "yellow"), _some(elsewhere))


def thaw(paths: Paths = None, format: options.AsFormat = options.Format.TEXT) -> None:
    """Let what is scheduled start again, from now on; what was due meanwhile does not run."""
    from rem_cli.jobs.freezes import Freezes

    with wire.open() as rem:
        freezes, now = Freezes(rem.state), int(rem.clock.now())
        held = freezes.now(now)
        for path in paths or []:
            if path.strip("/") not in {one.path for one in held}:
                raise _not_frozen(path, held)
        ended = freezes.thaw([path.strip("/") for path in paths or []], now)
    if format is options.Format.JSON:
        show.document("thaw", {"thawed": [document(one) for one in ended]})
        return
    for one in ended:
        show.line("thawed ", (named(one), "bold"), f", frozen {one.said}, after {show.age(now - one.since)}")
    if not ended:
        show.line("Nothing is frozen.")


def tell(one: Freeze, now: float) -> None:
    """A freeze that holds, in a status."""
    show.line("  ", ("frozen: ", "yellow"), f"{named(one)}, {_end(one)}; {one.said}, {show.age(now - one.since)} ago")


def named(one: Freeze) -> str:
    return one.path or "all jobs"


def document(one: Freeze) -> dict[str, Any]:
    until = show.instant(one.until) if one.until is not None else None
    return {"path": one.path or None, "since": show.instant(one.since), "until": until, "who": one.who, "why": one.why}


def _end(one: Freeze) -> str:
    return f"until {show.when(one.until)}" if one.until is not None else "until it is thawed"


def _some(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
    return ", ".join(paths[:SHOWN]) + more


def _scheduled(item: Item) -> bool:
    return any(item.fields.get(kind) is not None for kind in ("once", "every", "cron"))


def _chosen(path: str, items: Sequence[Item]) -> str:
    """A path that scheduled jobs have or lie below; NoTargetError."""
    from rem_cli.language.names import nearest

    chosen = path.strip("/")
    if not chosen or any(f"{item.path}/".startswith(f"{chosen}/") for item in items):
        return chosen
    steps = [item.path.split("/") for item in items]
    above = sorted({"/".join(names[:depth]) for names in steps for depth in range(1, len(names) + 1)})
    near = nearest(chosen, above)
    raise NoTargetError(
        f"no scheduled job is at or below '{path}'; nothing was frozen",
        hint=f"did you mean {near}?" if near else "rem job next",
    )


def _not_frozen(path: str, held: Sequence[Freeze]) -> NoTargetError:
    """Why there is nothing to thaw at a path."""
    around = next((one for one in held if one.covers(path.strip("/"))), None)
    if around is not None:
        hint = f"rem job thaw{f' {around.path}' if around.path else ''}"
        return NoTargetError(f"'{path}' is frozen with {named(around)}, and thaws with it", hint=hint)
    frozen = ", ".join(map(named, held))
    return NoTargetError(f"'{path}' is not frozen", hint=f"frozen: {frozen}" if frozen else "nothing is frozen")


def _elsewhere(rem: wire.Rem, made: Sequence[Freeze]) -> list[str]:
    """Jobs that hosts start by themselves."""
    from rem_cli.wire.due import items_here

    source = rem.active_source()
    here = {item.path for item in items_here(source)}
    paths = [item.path for item in source.catalog.of("builtin jobs") if item.path not in here]
    return [path for path in paths if any(one.covers(path) for one in made)]

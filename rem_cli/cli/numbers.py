"""Which series a typed target means, and over which time: shared by `graph` and `series`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from rem_cli import wire
from rem_cli.errors import NoTargetError
from rem_cli.jobs.samples import OWN
from rem_cli.language.names import nearest

Last = Annotated[str, typer.Option(metavar="TIME", help="How far back, like 1h or 30d.")]
Target = Annotated[str, typer.Argument(metavar="PATH", help="A series, or what stands before it: a job, a host of it.")]


def meant(names: Sequence[str], target: str) -> list[str]:
    """The series at or below a path; a path may leave out its beginning. NoTargetError with the nearest."""
    wanted = target.strip("/").split("/")
    found = [name for name in names if name.split("/")[: len(wanted)] == wanted]
    if not found:
        found = [name for name in names if _holds(name.split("/"), wanted)]
    if found:
        return found
    if not names:
        raise NoTargetError("there is no series yet", hint="run a job; its field 'graph' names results to keep")
    near = nearest(target, names) or nearest(target, {name.rpartition("/")[0] for name in names})
    raise NoTargetError(
        f"there is no series at '{target}'", hint=f"did you mean '{near}'?" if near else "rem series list"
    )


def _holds(name: Sequence[str], wanted: Sequence[str]) -> bool:
    return any(list(name[at : at + len(wanted)]) == list(wanted) for at in range(len(name) - len(wanted) + 1))


def asked_for(names: Sequence[str], target: str) -> list[str]:
    """Without what is kept of every job, unless the target names that or there is nothing else."""
    own = [name for name in names if name.rpartition("/")[2].startswith(OWN)]
    return list(names) if OWN in target or len(own) == len(names) else [name for name in names if name not in own]


def ready(rem: wire.Rem) -> list[str]:
    """All series, after the samples that still wait were put into them; what could not be is told."""
    from rem_cli.wire.numbers import settle

    for problem in settle(rem):
        from rem_cli.cli import show

        show.note(("series:", "yellow"), f" {problem}")
    return rem.series.names()

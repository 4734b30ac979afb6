"""`rem series send`: numbers handed over to other stores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rem_cli import wire
from rem_cli.cli import live, numbers, options, show
from rem_cli.errors import Status

if TYPE_CHECKING:
    from rem_cli.wire.sinks import Handed


def send(format: options.AsFormat = options.Format.TEXT) -> int:
    """Send the sinks of the active packages what they have not got yet; what they do not take waits in the spool.

    Statuses: 0 all took what there was, 5 some did not, 6 none did.
    """
    from rem_cli.wire.sinks import hand_over

    with wire.open() as rem, live.stopping() as stop:
        numbers.ready(rem)
        handed = hand_over(rem, stop)
    if format is options.Format.JSON:
        show.document("series-send", {"sinks": [_document(one) for one in handed]})
    else:
        _tell(handed)
    bad = [one for one in handed if one.problem]
    if not bad:
        return Status.INTERRUPTED if stop.asked else Status.DONE
    return Status.ALL_FAILED if len(bad) == len(handed) else Status.SOME_FAILED


def _tell(handed: Sequence[Handed]) -> None:
    if not handed:
        show.line("There is no sink: a package says where numbers go with the section sinks.")
    for one in handed:
        parts = [f"{show.counted(one.samples, 'sample')} taken"]
        parts += [f"{one.refused:,} refused, or some of them"] if one.refused else []
        parts += [f"{one.waiting:,} wait"] if one.waiting else []
        show.line((one.sink, "bold"), ": ", ", ".join(parts))
        if one.problem:
            show.note(("sinks:", "yellow"), f" {one.problem.message}")
            if one.problem.hint:
                show.hint(one.problem.hint)


def _document(one: Handed) -> dict[str, object]:
    problem = one.problem.message if one.problem else None
    return {
        "sink": one.sink, "taken": one.samples, "refused": one.refused, "waiting": one.waiting, "problem": problem
    }  # fmt: skip

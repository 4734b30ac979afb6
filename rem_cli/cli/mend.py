"""`rem series check`, `repair` and `resize`: files that came to harm, or are kept otherwise than packages say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from rem_cli import wire
from rem_cli.cli import numbers, options, show
from rem_cli.errors import RemError, Status
from rem_cli.language.shown import archives
from rem_cli.series import Resized, Retention
from rem_cli.wire import keeping

Below = Annotated[str, typer.Argument(metavar="PATH", help="Only what is at or below it.")]


def check(path: Below = "", format: options.AsFormat = options.Format.TEXT) -> int:
    """Look for damage in the files of series and in the spool, and for samples that wait.

    Statuses: 0 all is whole, 5 some series are damaged, 6 all are.
    """
    with wire.open() as rem:
        names = _meant(rem, path)
        kept = keeping.kept_in(rem.active_catalog())
        said, otherwise = {}, []
        for name in names:
            try:
                said[name] = rem.series.check(name)
                wanted = kept(name) if not said[name] else None
                if wanted and wanted != rem.series.retention(name):
                    otherwise.append(name)
            except RemError as error:
                said[name] = [error.message]
        unreadable, waiting = rem.intake.spool.unreadable(), len(rem.intake.waiting())
    bad = {name: some for name, some in said.items() if some}
    if format is options.Format.JSON:
        spool = [{"file": str(file), "bytes": size} for file, size in unreadable]
        told = [{"series": name, "damage": some, "otherwise": name in otherwise} for name, some in said.items()]
        show.document("series-check", {"series": told, "spool": spool, "waiting": waiting})
    else:
        for name, some in bad.items():
            show.line((name, "bold"), ": ", ("the file " + "; ".join(some), "red"))
        for file, size in unreadable:
            show.line((str(file), "bold"), f": {size:,} bytes are no whole sample; a cut write leaves some, too")
        show.line(
            f"{show.counted(len(names), 'series', 'series')}, {len(bad)} damaged; {_samples(waiting)} in the spool"
        )
        for name in otherwise:
            show.note((name, "bold"), " is kept otherwise than packages say")
        if bad or otherwise:
            show.hint("; ".join(["rem series repair"] * bool(bad) + ["rem series resize"] * bool(otherwise)))
    return _status(len(bad), len(names))


def repair(path: Below = "", format: options.AsFormat = options.Format.TEXT) -> int:
    """Make damaged files anew from what is whole in them and from the spool; each is set aside, never deleted.

    Statuses: 0 all are whole now, 5 some could not be made, 6 none could.
    """
    with wire.open() as rem:
        done, failed = keeping.repair(rem, _meant(rem, path))
        numbers.ready(rem)
    if format is options.Format.JSON:
        told = [
            {"series": name, "aside": str(one.aside), "saved": one.saved, "spooled": one.spooled} for name, one in done
        ]
        show.document("series-repair", {"repaired": told, "failed": _failed(failed)})
    else:
        for name, one in done:
            begun = f"{show.counted(one.saved, 'value')} of the file, {_samples(one.spooled)} of the spool"
            show.line((name, "bold"), f": {begun if one.saved or one.spooled else 'begins anew with its next sample'}")
            show.line(("  set aside: ", "dim"), str(one.aside))
        tell([], [one.error for one in failed])
        if not done and not failed:
            show.line("No series is damaged.")
    return _status(len(failed), len(failed) + len(done))


def resize(path: Below = "", format: options.AsFormat = options.Format.TEXT) -> int:
    """Keep series as the active packages say, with their history; rem apply does this for those that it changes.

    Where the new way has no place for some of the history, the old file stays beside the new one.
    """
    with wire.open() as rem:
        numbers.ready(rem)
        kept = keeping.kept_in(rem.active_catalog())
        done, failed = keeping.resize(rem, _meant(rem, path), kept)
    if format is options.Format.JSON:
        show.document("series-resize", {"resized": document(done), "failed": _failed(failed)})
    else:
        tell(done, [one.error for one in failed])
        if not done and not failed:
            show.line("Every series is kept as the active packages say.")
    return _status(len(failed), len(failed) + len(done))


def tell(resized: Sequence[Resized], unsized: Sequence[RemError]) -> None:
    """Series that are kept in another way now, and those that are not."""
    for one in resized:
        show.line((one.series, "bold"), f": {_written(one.old)} → {_written(one.new)}")
        if one.aside:
            show.line(("  what has no place in it stays in ", "dim"), str(one.aside))
    for error in unsized:
        show.note(("series:", "yellow"), f" {error.message}")
        if error.hint:
            show.hint(error.hint)


def document(resized: Sequence[Resized]) -> list[dict[str, str | None]]:
    """The same for programs."""
    return [{"series": one.series, "aside": str(one.aside) if one.aside else None} for one in resized]


def _meant(rem: wire.Rem, path: str) -> Sequence[str]:
    names = rem.series.names()
    return numbers.meant(names, path) if path else names


def _written(retention: Retention) -> str:
    return f"{archives([list(one) for one in retention.archives])} ({retention.aggregate})"


def _samples(count: int) -> str:
    return show.counted(count, "sample")


def _failed(failed: Sequence[keeping.Failed]) -> list[dict[str, str]]:
    return [{"series": one.series, "message": one.error.message} for one in failed]


def _status(bad: int, of: int) -> Status:
    if not bad:
        return Status.DONE
    return Status.ALL_FAILED if bad == of else Status.SOME_FAILED

"""The values of one retention as those of another: nothing that the new one can hold is left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rem_cli.series import Archive, Retention
from rem_cli.series.salvage import Rings
from rem_cli.series.writing import COMPUTE


def refit(old: Retention, held: Rings, new: Retention) -> Rings:
    """What each archive of `new` holds, from what each of `old` `held`.

    A value of an archive is made of the finest old one that covers its whole step. Where only coarser ones reach,
    each of their values stands once, at its own time.
    """
    newest = max((at for ring in held for at in ring), default=0)
    return [_archive(one, old, held, COMPUTE[new.aggregate], newest) for one in new.archives]


def loses(old: Retention, held: Rings, new: Retention) -> bool:
    """Whether some value, or how finely it was known, has no place in the new retention."""
    newest = max((at for ring in held for at in ring), default=0)
    for archive, ring in zip(old.archives, held, strict=True):
        fine = [one for one in new.archives if one.step <= archive.step and archive.step % one.step == 0]
        reach = max((one.span for one in fine), default=0)
        if any(at <= newest - reach for at in ring):
            return True
    return old.aggregate is not new.aggregate and len(old.archives) > 1 and any(held[1:])


def _archive(
    archive: Archive,
    old: Retention,
    held: Sequence[Mapping[int, float]],
    compute: Callable[[Sequence[float]], float],
    newest: int,
) -> dict[int, float]:
    step = archive.step
    oldest = (newest // step - archive.points + 1) * step
    made: dict[int, float] = {}
    until = newest + 1  # what is later, a finer archive covers
    for source, ring in zip(old.archives, held, strict=True):
        since = newest - newest % source.step - source.span + source.step
        groups: dict[int, list[float]] = {}
        for at, value in ring.items():
            groups.setdefault(at - at % step, []).append(value)
        made.update({at: compute(some) for at, some in groups.items() if max(oldest, since) <= at < until})
        until = min(until, since)
    return dict(sorted(made.items()))

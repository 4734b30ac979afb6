"""The one place where numbers of checks are handed over to become series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import islice

from rem_cli.collect.checks import Check
from rem_cli.errors import RemError
from rem_cli.jobs.samples import series_name
from rem_cli.series import Sample
from rem_cli.series.intake import Intake

MOST = 1000  # numbers of one check that are kept unless it names them: each is a file, and hosts choose their names


def samples(check: Check, at: float, values: Mapping[str, float]) -> list[Sample]:
    """What a check keeps of its measures: those that it names, else the first in the order of the collector."""
    if check.measures is None and len(values) > MOST:
        values = dict(islice(values.items(), MOST))
    wanted, kept, usual, start, at = check.measures, check.kept, check.retention, check.name, int(at)
    return [
        Sample(start + _part(measure), at, value, kept.get(measure, usual))
        for measure, value in values.items()
        if wanted is None or measure in wanted or measure in ALWAYS
    ]


@lru_cache(maxsize=4096)
def _part(measure: str) -> str:
    """What a series' name ends with; few measures are those of many targets."""
    return series_name("", "", measure)[1:]


ALWAYS = ("up", "lost percent", "poll ms")


def keep(intake: Intake, found: Sequence[Sample], *, drain: bool) -> Sequence[str]:
    """Hand samples over: they survive whatever comes, and go into their series, now or when somebody wants to read.

    What keeps some from that, once each.
    """
    try:
        intake.write(found)
        return intake.drain() if drain else ()
    except RemError as error:
        return [f"{error.message} ({error.hint})" if error.hint else error.message]

"""Long jobs: started on their hosts in sessions of their own, and fetched from there until they have ended.

On a host each has a folder below `~/.local/state/rem/runs/`, whose name nobody guesses; see `run.sh`. What was fetched
of it is kept here from the first byte on, so that neither a cut link nor a killed controller loses or doubles any.
"""

from __future__ import annotations

from typing import NamedTuple

from rem_cli.errors import RemError
from rem_cli.jobs.job import Host

LIMIT = 16 << 20  # bytes of each stream that a host keeps of a run


class SpoolError(RemError):
    """A host did not answer as spool.sh does."""

    code = "spool"


class Away(NamedTuple):
    """One host of a run, or one worker of a host, whose program runs there by itself."""

    run: int
    place: int  # among the run's hosts
    name: str  # what it is called in the run: `web01`, `web01#2`
    host: Host
    folder: str  # of it there
    grace: float  # seconds between TERM and KILL
    began: float | None = None  # when it was started; None: it was asked for, and not confirmed
    unsure: bool = False  # whoever asked for it got no answer
    out: int = 0  # bytes of standard output that are kept here
    err: int = 0
    over: bool = False  # its end is recorded here, and its folder may go
    cancelled: str = ""  # by whom
    revision: int = 0  # of this in the store

"""The locks of all environments: who holds them, and how one is taken away from who hangs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rem_cli.clock import Clock
from rem_cli.errors import NoTargetError
from rem_cli.plan.audit import Audit, Record
from rem_cli.plan.lock import Holder, holder


@dataclass(frozen=True)
class Held:
    """One lock that somebody holds."""

    environment: str
    holder: Holder
    path: Path


def held(root: Path) -> Sequence[Held]:
    """Every lock of the REM folder `root` whose holder lives, by environment. Nothing is locked to find out."""
    homes = root / "generations"
    names = sorted(os.listdir(homes)) if homes.is_dir() else []
    found = ((name, homes / name / "lock") for name in names)
    return [Held(name, one, path) for name, path in found if (one := holder(path)) is not None and one.lives]


def break_lock(root: Path, id: str, audit: Audit, clock: Clock, *, who: str, why: str = "") -> Held:
    """Take a lock away from its holder, who changes nothing more; NoTargetError when nobody holds it.

    It is recorded before it is done.
    """
    there = held(root)
    found = next((one for one in there if one.holder.id == id), None)
    if found is None:
        ids = ", ".join(one.holder.id for one in there)
        raise NoTargetError(f"nobody holds a lock '{id}'", hint=f"held: {ids}" if ids else "no lock is held")
    told = f"the lock {id} of {found.holder.who} was taken away: {found.holder.command}"
    audit.add(Record("break", told, who, environment=found.environment, why=why))
    # Out of sight: the next writer makes a new file, and takes away those whose names begin with a point.
    found.path.rename(found.path.with_name(f".broken-{id}"))
    return found

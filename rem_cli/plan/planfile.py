"""A plan that binds: what an apply would change, written down, and refused when it no longer holds.

One JSON document in canonical order: two plans of the same state have the same bytes but for `made at`. `digest` is the
sha256 of all the rest, so that an edited plan is seen.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rem_cli.errors import StaleError, UsageError
from rem_cli.language import Value
from rem_cli.plan.catalog import Catalog
from rem_cli.plan.diff import Changes, Meaning
from rem_cli.plan.generations import Generation

SCHEMA = 1
_NAME = "rem.plan/"
_FREE = ("made at", "digest")  # no part of the digest


# How each file of each host stood, and what was to be done with it; None for a host that could not be asked.
Standing = Mapping[str, Mapping[str, Sequence[str]] | None]


@dataclass(frozen=True)
class Bound:
    """What an apply by a plan holds to."""

    environment: str
    generation: int | None  # the active one when it was made; None when nothing was active
    base: str | None  # that one's catalog, by its hash
    commit: str  # full id
    catalog: str  # the commit's, by its hash
    hosts: Standing = field(default_factory=dict)


def write(
    old: Generation | None,
    new: Catalog,
    environment: str,
    changes: Changes,
    meaning: Sequence[Meaning],
    fields: Mapping[str, Mapping[str, tuple[Value, Value]]],
    *,
    now: str,
    hosts: Standing | None = None,
) -> bytes:
    """The plan's file. `fields` are the changed ones of each changed item, before and after; `now` is RFC 3339."""
    body: dict[str, Any] = {
        "schema": f"{_NAME}{SCHEMA}",
        "environment": environment,
        "base": {"generation": old.number if old else None, "catalog": old.catalog if old else None},
        "target": {"commit": new.commit, "catalog": new.hash},
        "added": list(changes.added),
        "removed": list(changes.removed),
        "changed": {
            path: {name: {"old": was, "new": now} for name, (was, now) in pairs.items()}
            for path, pairs in fields.items()
        },
        "scripts": {
            path: {"how": how, "sha256": new.scripts[path].sha256 if path in new.scripts else None}
            for path, how in changes.scripts.items()
        },
        "meaning": [one._asdict() for one in meaning],
        "hosts": dict(hosts or {}),
    }
    body["digest"] = _digest(body)
    body["made at"] = now
    return json.dumps(body, indent=1, ensure_ascii=True).encode() + b"\n"


def read(text: bytes, name: str) -> Bound:
    """What a plan's file binds; UsageError when it is none, StaleError when it was edited or is of a newer REM."""
    try:
        body = json.loads(text)
        schema = int(re.fullmatch(rf"{_NAME}([0-9]{{1,6}})", body["schema"])[1])  # type: ignore[index]
        if schema > SCHEMA:
            raise StaleError(f"{name} was written by a newer rem", hint="apply it with that rem, or make a new plan")
        if body["digest"] != _digest(body):
            raise StaleError(f"{name} is not as it was written", hint="make a new plan: rem diff REV --out FILE")
        base, target = body["base"], body["target"]
        bases = (base["generation"], base["catalog"])
        return Bound(body["environment"], *bases, target["commit"], target["catalog"], body.get("hosts", {}))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError(f"{name} is not a plan", hint="rem diff REV --out FILE writes one") from error


def hold_to(bound: Bound, active: Generation | None, catalog: Catalog) -> None:
    """StaleError when what is active, or what the commit says, is another than when the plan was made."""
    again = "make a new plan: rem diff REV --out FILE"
    if (active.number if active else None, active.catalog if active else None) != (bound.generation, bound.base):
        was = f"generation {bound.generation}" if bound.generation else "nothing"
        now = f"generation {active.number}" if active else "nothing"
        raise StaleError(f"the plan was made when {was} was active; now it is {now}; nothing was applied", hint=again)
    if catalog.hash != bound.catalog:
        text = f"{bound.commit[:7]} does not say what it said when the plan was made; nothing was applied"
        raise StaleError(text, hint=f"another version of rem made it? {again}")


def hold_hosts(bound: Bound, now: Standing) -> None:
    """StaleError when a file on a host is not as it was when the plan was made, or another thing would be done."""
    for host in sorted(bound.hosts.keys() | now.keys()):
        was, here = bound.hosts.get(host, {}), now.get(host, {})
        if was is None or here is None:
            what = None if was == here else f"{host} could {'' if was is None else 'not '}be asked"
        else:
            paths = (path for path in sorted(was.keys() | here.keys()) if was.get(path) != here.get(path))
            path = next(paths, None)
            what = None if path is None else f"{path} on {host} changed"
        if what:
            again = "make a new plan: rem diff REV --out FILE"
            raise StaleError(f"{what} since the plan was made; nothing was applied", hint=again)


def _digest(body: Mapping[str, Any]) -> str:
    rest = {name: value for name, value in body.items() if name not in _FREE}
    return hashlib.sha256(json.dumps(rest, separators=(",", ":")).encode()).hexdigest()

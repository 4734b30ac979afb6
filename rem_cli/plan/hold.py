"""A hold: content that somebody rolled back from, to which nothing returns by itself."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from rem_cli.plan.generations import GenerationError, Generations
from rem_cli.tree.write import write_atomically


@dataclass(frozen=True, slots=True)
class Hold:
    """What is held back, and who said so."""

    catalog: str  # the hash of the content
    commit: str  # that it was compiled from
    generation: int  # in which it was active
    who: str
    why: str
    at: float  # seconds since the epoch


def held(generations: Generations) -> Hold | None:
    """The hold of an environment; GenerationError when its file is damaged."""
    text = generations.file("hold")
    if text is None:
        return None
    try:
        told = json.loads(text)
        return Hold(**{field.name: told[field.name] for field in fields(Hold)})
    except (ValueError, KeyError, TypeError) as error:
        path = _path(generations)
        raise GenerationError(f"{path} is damaged", hint="rem release takes it away") from error


def put(generations: Generations, hold: Hold) -> None:
    """Hold content back. Whoever calls this holds the environment's lock."""
    write_atomically(_path(generations), json.dumps(asdict(hold)).encode() + b"\n", mode=0o600)


def lift(generations: Generations) -> bool:
    """Take the hold away; whether there was one. Whoever calls this holds the environment's lock."""
    path = _path(generations)
    there = os.path.lexists(path)
    path.unlink(missing_ok=True)
    return there


def _path(generations: Generations) -> Path:
    return generations.home / "hold"

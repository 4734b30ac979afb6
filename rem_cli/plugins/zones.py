"""The type `time zone`: names of the tzdata distribution, the same on every machine."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

from rem_cli.language.at import Misfit
from rem_cli.language.names import nearest
from rem_cli.language.types import CodeType


@lru_cache
def names() -> frozenset[str]:
    """Every zone of the database, links too."""
    return frozenset(resources.files("tzdata").joinpath("zones").read_text("utf-8").split())


def read(text: str) -> str:
    """The name of a zone. Misfit."""
    if text in names():
        return text
    folded = {name.lower(): name for name in names()}
    place = {name.rpartition("/")[2].lower(): name for name in sorted(names())}
    near = folded.get(text.lower()) or place.get(text.lower().replace(" ", "_")) or nearest(text, sorted(names()))
    hint = f"did you mean '{near}'?" if near else "a name of the time zone database, like Europe/Berlin or UTC"
    raise Misfit(f"'{text[:80]}' is not a time zone", hint)


TYPE = CodeType(read)

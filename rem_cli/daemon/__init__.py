"""What is to be done again and again by one process that lives long: the contract of duties, and what they tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple, Protocol


class Event(NamedTuple):
    """Something that a duty has to tell."""

    duty: str  # its name; "daemon" for the process itself
    kind: str  # one word: ran, missed, failed, …
    text: str  # one line for people
    alarming: bool = False  # told also where nothing else is
    told: Mapping[str, object] = MappingProxyType({})  # the same for programs


Listen = Callable[[Event], None]


class Duty(Protocol):
    """One kind of work, such as starting what is due."""

    name: str

    def turn(self) -> float:
        """Do what is due by now; in how many seconds to be asked again.

        What it raises is told, and it is asked again later and later; other duties hear nothing of it. It never begins
        anew before it has returned, and what takes longer than a look it gives to somebody else.
        """

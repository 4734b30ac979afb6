"""Silences and downtimes: which alerts nobody is told of for a while. They hide notices and never states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from rem_cli.language import pattern
from rem_cli.language.types.places import matcher_of

LINGER = 300.0  # seconds that all must be clear before `until cleared` is over
LONGEST = 30 * 86_400.0  # of any silence


class Matcher(NamedTuple):
    """A label and what it must be. A label that is missing is the empty text; a pattern matches the whole of it."""

    label: str
    compared: str
    value: str

    def has(self, labels: Mapping[str, str]) -> bool:
        there = labels.get(self.label, "")
        if self.compared in ("=", "!="):
            return (there == self.value) == (self.compared == "=")
        return pattern.compile(self.value).matches(there) == (self.compared == "=~")

    def __str__(self) -> str:
        return f"{self.label}{self.compared}{self.value}"


@dataclass(frozen=True)
class Silence:
    """From `begin` up to `end`, which does not belong to it. Two that lie over each other are each for itself."""

    number: int
    matchers: tuple[Matcher, ...]
    begin: float
    end: float
    who: str
    why: str = ""
    cleared: bool = False  # over as soon as all that it ever matched is clear for a while, and at `end` in any case
    linger: float = LINGER
    downtime: bool = False  # planned: what fires in it was to be expected
    lasts: float | None = None  # of a flexible downtime: so long from the first failure in its time
    started: float | None = None  # when that was
    matched: tuple[str, ...] = ()  # marks
    clear: float | None = None  # since when all of them are

    def __post_init__(self) -> None:
        if not self.matchers:
            raise ValueError("a silence without a matcher would hide everything")

    def hides(self, labels: Mapping[str, str], now: float) -> bool:
        """Whether nobody is told of an alert with these labels."""
        if self.lasts is not None:
            if self.started is None or not self.started <= now < self.started + self.lasts:
                return False
        elif not self.begin <= now < self.end:
            return False
        return all(one.has(labels) for one in self.matchers)

    def after(self, firing: Mapping[str, Mapping[str, str]], now: float) -> Silence:
        """The same, knowing what fires now: the labels by mark."""
        mine = [mark for mark, labels in firing.items() if all(one.has(labels) for one in self.matchers)]
        here = self
        if self.lasts is not None and self.started is None and mine and self.begin <= now < self.end:
            here = replace(here, started=now)
        if not self.cleared or not self.begin <= now < self.end:
            return here
        known = tuple(dict.fromkeys((*self.matched, *mine)))
        if not known or any(mark in firing for mark in known):
            return replace(here, matched=known, clear=None)
        since = now if self.clear is None else self.clear
        over = now - since >= self.linger
        return replace(here, matched=known, clear=since, end=now if over else self.end)

    @property
    def span(self) -> tuple[int, int]:
        """From when until when it hides; of a flexible one that has not begun, no time at all."""
        if self.lasts is None:
            return int(self.begin), int(self.end)
        started = self.begin if self.started is None else self.started
        return int(started), int(started if self.started is None else started + self.lasts)

    @property
    def word(self) -> str:
        kind = "in downtime" if self.downtime else "silenced"
        return f"{kind} by {self.who}{f': {self.why}' if self.why else ''}"


def matcher(text: str) -> Matcher:
    """A matcher as it is typed; Misfit."""
    told = matcher_of(text, text[:80])
    return Matcher(str(told["label"]), str(told["is"]), str(told["value"]))


def hiding(silences: Sequence[Silence], labels: Mapping[str, str], now: float) -> Silence | None:
    """The first that hides an alert."""
    return next((one for one in silences if one.hides(labels, now)), None)

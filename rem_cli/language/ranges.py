"""Ranges of versions: `>=2,<3`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from rem_cli.language.versions import NUMBERS, PRE, Version, parse_version

MOST_BOUNDS = 16  # of one range; two are usual

_BOUND = re.compile(rf"(>=|<=|>|<|==|=)?\s*({NUMBERS}{PRE})", re.ASCII)
_CARET = re.compile(r"(\^|~>?|~=)\s*([0-9]{1,9})((?:\.[0-9]{1,9}){0,2})", re.ASCII)


@dataclass(frozen=True)
class Bound:
    sign: str  # ">=", "<=", ">", "<", "=="
    version: Version

    def __str__(self) -> str:
        return f"{self.sign}{self.version}"

    def keeps(self, version: Version) -> bool:
        if self.sign == ">=":
            return version >= self.version
        if self.sign == "<=":
            return version <= self.version
        if self.sign == ">":
            return version > self.version
        return version < self.version if self.sign == "<" else version == self.version


@dataclass(frozen=True)
class Range:
    """Bounds that all hold: `>=2,<3`."""

    bounds: tuple[Bound, ...]

    def __str__(self) -> str:
        return ",".join(map(str, self.bounds))

    def admits(self, version: Version) -> bool:
        """Whether a version is in the range; a pre-release only where a bound names one of the same three numbers."""
        return self.broken(version) is None and (version.final or version.numbers in self._named)

    def broken(self, version: Version) -> Bound | None:
        """The first bound that a version does not keep."""
        return next((bound for bound in self.bounds if not bound.keeps(version)), None)

    @cached_property
    def _named(self) -> set[tuple[int, ...]]:
        return {bound.version.numbers for bound in self.bounds if not bound.version.final}

    @cached_property
    def empty(self) -> bool:
        """Whether no version at all can be in it."""
        exact = [bound.version for bound in self.bounds if bound.sign == "=="]
        if exact:
            return not self.admits(exact[0])
        low = max((bound.version for bound in self.bounds if bound.sign[0] == ">"), default=None)
        high = min((bound.version for bound in self.bounds if bound.sign[0] == "<"), default=None)
        if low is None or high is None:
            return False
        both = {bound.sign for bound in self.bounds if bound.version in (low, high)}
        return low > high or (low == high and both != {">=", "<="})


def parse_range(text: str) -> Range | None:
    """Bounds with commas between them; a version alone means exactly that one. None when it is no range."""
    parts = text.split(",", MOST_BOUNDS)
    if len(parts) > MOST_BOUNDS:
        return None
    bounds = []
    for part in parts:
        match = _BOUND.fullmatch(part.strip())
        version = parse_version(match[2]) if match else None
        if match is None or version is None:
            return None
        bounds.append(Bound(match[1] if match[1] and match[1] != "=" else "==", version))
    return Range(tuple(bounds))


def meant_range(text: str) -> str | None:
    """The bounds for a range in the shorthand of another tool: `^1.2` is `>=1.2,<2`."""
    match = _CARET.fullmatch(text.strip())
    if match is None:
        return None
    minor = match[3].split(".")[1:2]
    if match[1] == "^" or not minor:
        return f">={match[2]}{match[3]},<{int(match[2]) + 1}" if match[2] != "0" or not minor else _next(match)
    return _next(match)


def _next(match: re.Match[str]) -> str:
    minor = int(match[3].split(".")[1])
    return f">={match[2]}{match[3]},<{match[2]}.{minor + 1}"

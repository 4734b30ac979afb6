"""Patterns whose cost is bounded by their own size times the text's length, whatever they say.

A backtracking matcher can be made to run for hours by a pattern of twenty characters. This one follows all ways
through the pattern at once (Ken Thompson, "Regular Expression Search Algorithm", CACM 11:6, 1968), so there is no
such pattern. What cannot be matched that way (back references, looking around) is refused.

Known: literals, `.`, classes, `\\d \\w \\s` and their opposites, groups, `|`, `* + ? {m} {m,} {m,n}`, `^` and `$`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

MOST_CHARACTERS = 200  # of a pattern
MOST_STEPS = 2_000  # of a program; repetitions are written out
MOST_NESTED = 50  # groups in groups
MOST_KNOWN = 5_000  # transitions that are remembered from one text to the next

Accepts = Callable[[str], bool]


class PatternError(ValueError):
    """What is wrong with a pattern, and at which of its characters (counted from 0)."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


class Step(NamedTuple):
    """One step of a program: take a character, or go on at other steps, or hold only at an edge of the text."""

    kind: str  # "take", "fork", "start", "end", "match"
    accepts: Accepts | None = None
    ways: tuple[int, ...] = ()  # where to go on, relative to this step


@dataclass(frozen=True, slots=True)
class Pattern:
    text: str
    steps: tuple[Step, ...]
    known: dict[tuple[frozenset[int], str, bool], frozenset[int]] = field(default_factory=dict, compare=False)

    def matches(self, text: str) -> bool:
        """Whether the pattern matches the whole text."""
        alive = self._reached([0], first=True, last=not text)
        for at, letter in enumerate(text, 1):
            taken = [step + 1 for step in alive if (accepts := self.steps[step].accepts) and accepts(letter)]
            alive = self._reached(taken, first=False, last=at == len(text))
        return self._matched in alive

    def found_in(self, text: str) -> bool:
        """Whether the pattern matches anywhere in the text."""
        alive = self._reached([0], first=True, last=not text)
        for at, letter in enumerate(text, 1):
            if self._matched in alive:
                return True
            alive = self._after(alive, letter, last=at == len(text))
        return self._matched in alive

    @property
    def _matched(self) -> int:
        return len(self.steps) - 1

    def _after(self, alive: frozenset[int], letter: str, *, last: bool) -> frozenset[int]:
        """The steps alive after one more character; a match may also begin after it."""
        known = self.known.get((alive, letter, last))
        if known is not None:
            return known
        taken = [step + 1 for step in alive if (accepts := self.steps[step].accepts) and accepts(letter)]
        reached = self._reached([0, *taken], first=False, last=last)
        if len(self.known) < MOST_KNOWN:
            self.known[alive, letter, last] = reached
        return reached

    def _reached(self, waiting: list[int], *, first: bool, last: bool) -> frozenset[int]:
        """The steps, and every one that can be reached from them without taking a character."""
        reached: set[int] = set()
        while waiting:
            here = waiting.pop()
            if here in reached:
                continue
            reached.add(here)
            what = self.steps[here]
            if what.kind == "fork":
                waiting += [here + way for way in what.ways]
            elif (what.kind == "start" and first) or (what.kind == "end" and last):
                waiting.append(here + 1)
        return frozenset(reached)


def compile(text: str) -> Pattern:
    """Read a pattern; PatternError."""
    if len(text) > MOST_CHARACTERS:
        raise PatternError(f"a pattern has at most {MOST_CHARACTERS} characters", MOST_CHARACTERS)
    reader = _Reader(text)
    steps = reader.either(0)
    if reader.at < len(text):
        raise PatternError("this `)` closes nothing", reader.at)
    return Pattern(text, (*steps, Step("match")))


class _Reader:
    """Reads a pattern from left to right; each method returns the steps of what it read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def peek(self) -> str:
        return self.text[self.at] if self.at < len(self.text) else ""

    def take(self) -> str:
        letter = self.peek()
        if not letter:
            raise PatternError("the pattern ends too early", self.at)
        self.at += 1
        return letter

    def either(self, depth: int) -> list[Step]:
        if depth > MOST_NESTED:
            raise PatternError(f"groups are nested more than {MOST_NESTED} deep", self.at)
        left = self.row(depth)
        while self.peek() == "|":
            self.take()
            right = self.row(depth)
            over_right = Step("fork", ways=(len(right) + 1,))
            left = self.bounded([Step("fork", ways=(1, len(left) + 2)), *left, over_right, *right])
        return left

    def row(self, depth: int) -> list[Step]:
        steps: list[Step] = []
        while self.peek() not in ("", "|", ")"):
            atom = self.atom(depth)
            steps = self.bounded(steps + self.repeated(atom))
        return steps

    def atom(self, depth: int) -> list[Step]:
        start, letter = self.at, self.take()
        if letter == "(":
            if self.peek() == "?":
                self.take()
                if self.take() != ":":
                    raise PatternError("only `(?:` may follow `(` here: nothing can look around", start)
            inner = self.either(depth + 1)
            if self.peek() != ")":
                raise PatternError("this `(` is never closed", start)
            self.take()
            return inner
        if letter in "*+?{":
            raise PatternError(f"`{letter}` repeats nothing", start)
        if letter == "^":
            return [Step("start")]
        if letter == "$":
            return [Step("end")]
        if letter == ".":
            return [Step("take", lambda _: True)]
        if letter == "[":
            return [Step("take", self.letters(start))]
        if letter == "\\":
            return [Step("take", self.escape()[0])]
        return [Step("take", letter.__eq__)]

    def escape(self) -> tuple[Accepts, str]:
        """What `\\x` accepts, and the character itself where it stands for one."""
        letter = self.take()
        kinds: dict[str, Accepts] = {"d": _digit, "w": _word, "s": str.isspace}
        if letter.lower() in kinds:
            kind = kinds[letter.lower()]
            return (kind, "") if letter.islower() else (lambda one: not kind(one), "")
        if letter.isalnum():
            raise PatternError(f"`\\{letter}` is not known here", self.at - 2)
        return letter.__eq__, letter

    def letters(self, start: int) -> Accepts:
        """The inside of `[…]`."""
        without = self.peek() == "^"
        if without:
            self.take()
        accepted: list[Accepts] = []
        while self.peek() != "]" or not accepted:
            if not self.peek():
                raise PatternError("this `[` is never closed", start)
            accept, low = self.letter_of_class()
            if (
                low
                and self.text[self.at : self.at + 1] == "-"
                and self.text[self.at + 1 : self.at + 2] not in ("", "]")
            ):
                self.take()
                _, high = self.letter_of_class()
                if not high or high < low:
                    raise PatternError("this range runs backwards", self.at - 1)
                accept = _between(low, high)
            accepted.append(accept)
        self.take()
        return lambda one: any(accept(one) for accept in accepted) != without

    def letter_of_class(self) -> tuple[Accepts, str]:
        letter = self.take()
        return self.escape() if letter == "\\" else (letter.__eq__, letter)

    def repeated(self, atom: list[Step]) -> list[Step]:
        while self.peek() in ("*", "+", "?", "{"):
            least, most = self.times()
            steps = self.bounded(atom, least) * least
            if most is None:
                steps += [Step("fork", ways=(1, len(atom) + 2)), *atom, Step("fork", ways=(-len(atom) - 1,))]
            else:
                maybe = [Step("fork", ways=(1, len(atom) + 1)), *atom]
                steps += self.bounded(maybe, most - least) * (most - least)
            atom = self.bounded(steps)
            if self.peek() == "?":  # lazy: the same texts match
                self.take()
        return atom

    def times(self) -> tuple[int, int | None]:
        start, letter = self.at, self.take()
        if letter != "{":
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[letter]
        close = self.text.find("}", start)
        least, comma, most = self.text[start + 1 : max(close, start + 1)].partition(",")
        if close < 0 or not _number(least) or not (most == "" or _number(most)):
            raise PatternError("write {2}, {2,} or {2,5}", start)
        self.at = close + 1
        low, high = int(least), int(most) if most else None
        if comma and high is not None and high < low:
            raise PatternError("this range runs backwards", start)
        return low, high if comma else low

    def bounded(self, steps: list[Step], times: int = 1) -> list[Step]:
        if len(steps) * times > MOST_STEPS:
            raise PatternError("the pattern is too large once its repetitions are written out", self.at)
        return steps


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 5


def _digit(one: str) -> bool:
    return one in "0123456789"


def _word(one: str) -> bool:
    return one == "_" or one.isalnum()


def _between(low: str, high: str) -> Accepts:
    return lambda one: low <= one <= high

"""Versions, ordered as Semantic Versioning 2.0.0 orders them (semver.org, section 11)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

NUMBERS = r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,3}"
PRE = r"(?:-([0-9A-Za-z-]{1,64}(?:\.[0-9A-Za-z-]{1,64}){0,7}))?"
_VERSION = re.compile(f"({NUMBERS}){PRE}", re.ASCII)
_TAG = re.compile(r"v((?:0|[1-9][0-9]{0,8})(?:\.(?:0|[1-9][0-9]{0,8})){2}" + PRE + ")", re.ASCII)

# An identifier of a pre-release: numbers before words, each among themselves.
Identifier = tuple[int, int, str]


@dataclass(frozen=True, order=True)
class Version:
    """`2.1.0`, `1.4`, `3.0.0-rc.1`; what is not written is zero, so 1.4 and 1.4.0 are the same version."""

    numbers: tuple[int, ...]
    final: bool  # a pre-release is smaller than what it leads to
    before: tuple[Identifier, ...]
    text: str = field(compare=False)

    def __str__(self) -> str:
        return self.text


def parse_version(text: str) -> Version | None:
    """A version of one to four numbers, perhaps with a pre-release; None when it is none."""
    match = _VERSION.fullmatch(text)
    return _version(match[0], match[1], match[2]) if match else None


def parse_tag(tag: str) -> Version | None:
    """The version that a git tag names: `v`, three numbers without leading zeros, perhaps a pre-release."""
    match = _TAG.fullmatch(tag)
    return parse_version(match[1]) if match else None


def _version(text: str, numbers: str, before: str | None) -> Version:
    padded = [int(number) for number in numbers.split(".")]
    padded += [0] * (4 - len(padded))
    words = tuple(_identifier(word) for word in before.split(".")) if before else ()
    return Version(tuple(padded), before is None, words, text)


def _identifier(word: str) -> Identifier:
    return (0, int(word), "") if word.isdigit() else (1, 0, word)

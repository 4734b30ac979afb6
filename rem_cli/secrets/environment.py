"""Secrets in this process's own environment, from which no program that it starts inherits them."""

from __future__ import annotations

import os
from collections.abc import Iterable

_taken: dict[str, str] = {}


def take(name: str) -> str | None:
    """The value of a variable, None when it is not set; children begun from now on do not get it."""
    if name in os.environ:
        _taken[name] = os.environ.pop(name)
    return _taken.get(name)


def withhold(names: Iterable[str]) -> None:
    """Let no child inherit these."""
    for name in names:
        take(name)

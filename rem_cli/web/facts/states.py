"""How a thing stands, in the few words that every page uses."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """One shape, one word and one colour each, the same everywhere."""

    FIRING = "firing"
    HANDLED = "handled"
    WAITING = "waiting"
    BLIND = "no data"
    OK = "ok"

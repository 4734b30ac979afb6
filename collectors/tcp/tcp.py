"""Does a port answer, how soon, and does it say what it should."""

from __future__ import annotations

from rem_cli.collect import Conversation, Reading, Target, matches
from rem_cli.reach.asks import Connect


def collect(target: Target) -> Conversation:
    """With `expect` the first line that the port says is read, too."""
    expect = target.text("expect")
    answer = yield Connect(target.address, target.count("port"), target.timeout, listen=bool(expect))
    values = {"duration": answer.seconds, "connect ms": answer.seconds * 1000}
    if expect and not matches(expect, answer.said):
        return Reading(values, up=False, why=f"it does not say {expect}")
    return Reading(values)

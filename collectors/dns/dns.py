"""Does a name server answer, how soon, and does it say what it should."""

from __future__ import annotations

from rem_cli.collect import Conversation, Reading, Target, matches
from rem_cli.reach.asks import Query, Records


def collect(target: Target) -> Conversation:
    """Each host is a name server; `name` is what it is asked for, `record` of which type."""
    query = Query(
        target.address, target.text("name"), target.text("record", "A"), target.count("port", 53), target.timeout
    )
    answer: Records = yield query
    values = {"duration": answer.seconds, "records": float(len(answer.records))}
    if answer.least is not None:
        values["kept seconds"] = float(answer.least)
    if answer.code != "NOERROR":
        return Reading(values, up=False, why=f"{query.name} is {answer.code}")
    if not answer.records:
        return Reading(values, up=False, why=f"{query.name} has no {query.type} record")
    expect = target.text("expect")
    if expect and not any(matches(expect, one.encode()) for one in answer.records):
        return Reading(values, up=False, why=f"{', '.join(answer.records)} does not match {expect}")
    return Reading(values)

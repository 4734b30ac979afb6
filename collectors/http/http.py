"""Is a page there, is it the right one, and how long does each step to it take."""

from __future__ import annotations

from rem_cli.collect import Conversation, Reading, Target, matches
from rem_cli.reach.asks import Fetch, Fetched


def collect(target: Target) -> Conversation:
    """A page of another status than those expected, or without what it must hold, is down."""
    to = target.address if target.fields.get("hosts") is not None else ""  # each host is asked for the same page
    headers = [f"Authorization: Bearer {target.secret}"] if target.secret else []
    page: Fetched = yield Fetch(target.text("url"), target.timeout, to, headers)
    values = {
        "duration": page.seconds,
        "name ms": page.name * 1000,
        "connect ms": (page.connect - page.name) * 1000,
        "first byte ms": page.first * 1000,
        "status": float(page.status),
        "bytes": float(len(page.body)),
    }
    if page.tls:
        values["tls ms"] = (page.tls - page.connect) * 1000
    if page.expires is not None:
        values["certificate days"] = (page.expires - target.now) / 86400
    why = wrong(target, page)
    return Reading(values, up=not why, why=why)


def wrong(target: Target, page: Fetched) -> str:
    """Why a page is not the one that is expected; empty when it is."""
    wanted = target.words("expect status")
    if str(page.status) not in wanted if wanted else not 200 <= page.status < 400:
        return f"status {page.status}"
    expect = target.text("expect")
    return f"the page does not match {expect}" if expect and not matches(expect, page.body) else ""

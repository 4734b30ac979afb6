"""Carrying copies between two stores: push, pull and what the far end answers.

A request and its reply are a line of JSON each, over whatever brings them there. Every request names what the asker
knows, and every reply is taken over together with its position, so that a cut anywhere costs nothing but asking again.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rem_cli.state import Entry, StateError
from rem_cli.state.copies import Batch, Copy, NotTheSame, Replica, same_name

SCHEMA = "rem.replicate/1"
SIZE = 4 << 20  # bytes of changes in one request or reply, about

Ask = Callable[[bytes], bytes]  # a request to the far end; its reply
Known = dict[tuple[str, str], Copy]


@dataclass
class Moved:
    """What an exchange carried."""

    far: str  # the node at the far end
    entries: int = 0
    requests: int = 0


def pull(here: Replica, ask: Ask, buckets: Sequence[str], now: float, *, afresh: bool = False) -> Moved:
    """Take over what the far end has and we have not; StateError."""
    moved, begun = Moved(""), set[tuple[str, str]]()
    while True:
        known = [one for one in _others(here, buckets, here.node) if not afresh or one[:2] in begun]
        wish = {"ask": "changes", "node": here.node, "buckets": [*buckets], "known": [list(one) for one in known]}
        reply = _asked(ask, wish)
        moved.far, moved.requests = reply["node"], moved.requests + 1
        batches = [_batch(told) for told in reply["batches"]]
        begun |= {batch[:2] for batch in batches}
        taken = sum(here.apply(batch, now, afresh=afresh) for batch in batches)
        moved.entries += taken
        if not batches or not taken:
            here.heard(moved.far, now)
            return moved


def push(here: Replica, ask: Ask, buckets: Sequence[str], *, afresh: bool = False) -> Moved:
    """Give the far end what we have and it has not; StateError."""
    batches: list[Batch] = []
    moved, begun = Moved(""), set[tuple[str, str]]()
    while True:
        wish = {"ask": "apply", "node": here.node, "buckets": [*buckets], "afresh": afresh}
        reply = _asked(ask, {**wish, "batches": [_told(batch) for batch in batches]})
        moved.far, moved.requests = reply["node"], moved.requests + 1
        moved.entries += reply["taken"]
        if batches and not reply["taken"]:
            return moved
        known = {name: one for name, one in _known(reply["known"]).items() if not afresh or name in begun}
        batches = _batches(here, known, buckets, moved.far)
        begun |= {batch[:2] for batch in batches}
        if not batches:
            return moved


def compare(here: Replica, ask: Ask, buckets: Sequence[str]) -> tuple[str, list[Copy], list[Copy]]:
    """The far node, what we know, and what it knows."""
    reply = _asked(ask, {"ask": "apply", "node": here.node, "buckets": [*buckets], "batches": [], "heard": False})
    return reply["node"], _of(here, buckets), [Copy(*told) for told in reply["known"]]


def answer(here: Replica, request: bytes, now: float) -> bytes:
    """The reply to a request of another store, a refusal too."""
    try:
        wish = json.loads(request)
        if wish.get("schema") != SCHEMA:
            raise StateError(f"the other rem speaks {wish.get('schema')!r} and this one {SCHEMA!r}", hint="update one")
        if wish["node"] == here.node:
            raise same_name(here.node)
        said = _changes(here, wish) if wish["ask"] == "changes" else _applied(here, wish, now)
    except StateError as error:
        said = {"error": {"code": error.code, "message": error.message, "hint": error.hint}}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        said = {"error": {"code": "state", "message": f"the request is damaged: {error}", "hint": None}}
    return json.dumps({"schema": SCHEMA, "node": here.node, **said}).encode() + b"\n"


def _changes(here: Replica, wish: dict[str, Any]) -> dict[str, Any]:
    batches = _batches(here, _known(wish["known"]), wish["buckets"], wish["node"])
    return {"batches": [_told(batch) for batch in batches]}


def _applied(here: Replica, wish: dict[str, Any], now: float) -> dict[str, Any]:
    batches = [_batch(told) for told in wish["batches"]]
    taken = sum(here.apply(batch, now, afresh=bool(wish.get("afresh"))) for batch in batches)
    if wish.get("heard", True):
        here.heard(wish["node"], now)
    return {"taken": taken, "known": [list(one) for one in _of(here, wish["buckets"])]}


def _asked(ask: Ask, wish: dict[str, Any]) -> dict[str, Any]:
    raw = ask(json.dumps({"schema": SCHEMA, **wish}).encode() + b"\n")
    try:
        reply: dict[str, Any] = json.loads(raw)
        refused = reply.get("error")
        if reply["schema"] != SCHEMA:
            raise StateError(f"the far end speaks {reply['schema']!r} and not {SCHEMA!r}", hint="update one of them")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StateError(f"the far end answered something else: {raw[:80]!r}") from error
    if refused:
        kind = NotTheSame if refused["code"] == NotTheSame.code else StateError
        raise kind(f"{reply['node']}: {refused['message']}", hint=refused["hint"])
    return reply


def _of(here: Replica, buckets: Sequence[str]) -> list[Copy]:
    return [copy for bucket in buckets for copy in here.copies(bucket)]


def _others(here: Replica, buckets: Sequence[str], node: str) -> list[Copy]:
    return [copy for copy in _of(here, buckets) if copy.origin != node]


def _batches(here: Replica, known: Known, buckets: Sequence[str], asker: str) -> list[Batch]:
    """What somebody does not know yet of some buckets, in about one request's size."""
    left, found = SIZE, list[Batch]()
    for copy in _others(here, buckets, asker):
        batch = here.changes(copy.bucket, copy.origin, known.get((copy.bucket, copy.origin)), left)
        if batch is not None:
            found.append(batch)
            left -= sum(len(entry.body or b"") + len(entry.key) for entry in batch.entries)
        if left <= 0:
            break
    return found


def _known(told: Sequence[Sequence[Any]]) -> Known:
    return {(copy.bucket, copy.origin): copy for copy in (Copy(*one) for one in told)}


def _told(batch: Batch) -> list[Any]:
    entries = [
        [one.key, None if one.body is None else base64.b64encode(one.body).decode(), one.revision, one.at]
        for one in batch.entries
    ]
    return [*batch[:-1], entries]


def _batch(told: Sequence[Any]) -> Batch:
    bucket, origin, epoch, base, after, upto, rows = told
    entries = [
        Entry(
            str(key), None if body is None else base64.b64decode(body, validate=True), int(revision), float(at), origin
        )
        for key, body, revision, at in rows
    ]
    return Batch(str(bucket), str(origin), str(epoch), int(base), int(after), int(upto), entries)

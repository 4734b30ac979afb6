"""What every engine decides in the same way: bounds, revisions, the order of keys and the ends of messages."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from rem_cli.state import (
    Change,
    ClaimLapsed,
    Drop,
    Entry,
    Line,
    Message,
    MissingKey,
    QueueFull,
    StaleRevision,
    StateError,
    Terms,
    TooBig,
)

BODY_LIMIT = 1 << 20  # bytes
COMMIT_LIMIT = 1000  # changes, or messages
KEY_LIMIT = 1024  # bytes of UTF-8
REMEMBERED = 86400.0  # seconds that the id of a message that is done, or of an addition, is known


def check_bounds(changes: Sequence[Change]) -> None:
    """TooBig for a commit that no engine takes; StateError for a key that is no text."""
    _check_count(len(changes), "changes")
    for change in changes:
        _check_key(change.key, "key")
        if not isinstance(change, Drop):
            _check_body(change.key, change.body)
        if isinstance(change, Line) and "/" in change.topic:
            raise StateError(f"the topic {change.topic!r} has a slash in its name")


def check_messages(messages: Sequence[Message]) -> list[Message]:
    """The messages, each with an id; TooBig or StateError for what no engine takes."""
    _check_count(len(messages), "messages")
    for message in messages:
        _check_key(message.id, "id")
        _check_body(message.id, message.body)
    return [message if message.id else message._replace(id=uuid.uuid4().hex) for message in messages]


def _check_count(count: int, what: str) -> None:
    if count > COMMIT_LIMIT:
        raise TooBig(f"{count} {what} at once are more than {COMMIT_LIMIT}", hint="commit them in parts")


def _check_key(key: str, what: str) -> None:
    try:
        length = len(key.encode())
    except UnicodeEncodeError as error:
        raise StateError(f"the {what} {key!r} is no text") from error
    if length > KEY_LIMIT:
        raise TooBig(f"the {what} {key[:40]!r}… has {length} bytes, more than {KEY_LIMIT}")


def _check_body(key: str, body: bytes) -> None:
    if len(body) > BODY_LIMIT:
        raise TooBig(f"the body of {key!r} has {len(body)} bytes, more than {BODY_LIMIT}")


def body_of(change: Change, present: Entry | None) -> tuple[bool, bytes | None]:
    """Whether a change happens, and the body that the key has then.

    StaleRevision unless the key stands at the revision that the change was made for; MissingKey for a lost drop.
    """
    if isinstance(change, Line):
        return present is None, change.body
    alive = present if present is not None and present.body is not None else None
    revision = alive.revision if alive else 0
    if change.if_revision is not None and change.if_revision != revision:
        stands = f"is at revision {revision}" if alive else "does not exist"
        raise StaleRevision(f"{change.key!r} {stands}, not at revision {change.if_revision}", present=present)
    if isinstance(change, Drop):
        if alive is None:
            raise missing(change.key)
        return True, None
    return True, change.body


def missing(key: str) -> MissingKey:
    return MissingKey(f"there is no key {key!r}")


def no_dead(queue: str, id: str) -> MissingKey:
    return MissingKey(f"{queue} has no dead message {id!r}", hint="rem queue peek --dead shows those that it has")


def lapsed(queue: str, token: str) -> ClaimLapsed:
    return ClaimLapsed(
        f"the claim {token!r} of {queue} is over: its lease ended, or the message was done or given back",
        hint="what it was for may be done twice; a longer lease, or extending it, keeps it",
    )


def full(queue: str, terms: Terms) -> QueueFull:
    return QueueFull(f"{queue} holds {terms.bound} messages, and that is all it may", hint="let a worker take some")


def prefix_end(prefix: str) -> str | None:
    """The first text after all that begin with `prefix`; None when there is none. Texts are ordered by code point."""
    for length in range(len(prefix), 0, -1):
        following = ord(prefix[length - 1]) + 1
        if following == 0xD800:  # surrogates are no text
            following = 0xE000
        if following <= 0x10FFFF:
            return prefix[: length - 1] + chr(following)
    return None

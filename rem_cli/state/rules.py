"""What every engine decides in the same way: bounds, revisions and the order of keys."""

from __future__ import annotations

from collections.abc import Sequence

from rem_cli.state import Change, Drop, Entry, MissingKey, Put, StaleRevision, StateError, TooBig

BODY_LIMIT = 1 << 20  # bytes
COMMIT_LIMIT = 1000  # changes
KEY_LIMIT = 1024  # bytes of UTF-8


def check_bounds(changes: Sequence[Change]) -> None:
    """TooBig for a commit that no engine takes; StateError for a key that is no text."""
    if len(changes) > COMMIT_LIMIT:
        raise TooBig(f"{len(changes)} changes at once are more than {COMMIT_LIMIT}", hint="commit them in parts")
    for change in changes:
        try:
            length = len(change.key.encode())
        except UnicodeEncodeError as error:
            raise StateError(f"the key {change.key!r} is no text") from error
        if length > KEY_LIMIT:
            raise TooBig(f"the key {change.key[:40]!r}… has {length} bytes, more than {KEY_LIMIT}")
        if isinstance(change, Put) and len(change.body) > BODY_LIMIT:
            raise TooBig(f"the body of {change.key!r} has {len(change.body)} bytes, more than {BODY_LIMIT}")


def check_revision(change: Change, present: Entry | None) -> None:
    """StaleRevision unless the key stands at the revision that the change was made for; MissingKey for a lost drop."""
    alive = present if present is not None and present.body is not None else None
    revision = alive.revision if alive else 0
    if change.if_revision is not None and change.if_revision != revision:
        stands = f"is at revision {revision}" if alive else "does not exist"
        raise StaleRevision(f"{change.key!r} {stands}, not at revision {change.if_revision}", present=present)
    if isinstance(change, Drop) and alive is None:
        raise missing(change.key)


def missing(key: str) -> MissingKey:
    return MissingKey(f"there is no key {key!r}")


def prefix_end(prefix: str) -> str | None:
    """The first text after all that begin with `prefix`; None when there is none. Texts are ordered by code point."""
    for length in range(len(prefix), 0, -1):
        following = ord(prefix[length - 1]) + 1
        if following == 0xD800:  # surrogates are no text
            following = 0xE000
        if following <= 0x10FFFF:
            return prefix[: length - 1] + chr(following)
    return None

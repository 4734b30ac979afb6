"""`rem state`: values and messages that packages share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from rem_cli import wire
from rem_cli.cli import app as root
from rem_cli.cli import bodies, options
from rem_cli.cli import show as out
from rem_cli.errors import NoTargetError, UsageError
from rem_cli.language.names import nearest
from rem_cli.state import Entry, Line, MissingKey, topic_prefix
from rem_cli.wire.shared import KEEPING, TOPIC, Values

app = root.group("Values and messages that packages share: read, write, follow, put away.")

Key = Annotated[str, typer.Argument(metavar="KEY", help="A value's name; in a topic, a message's id.")]
IfRevision = Annotated[
    int | None, typer.Option(metavar="N", min=0, help="Only if it still has this revision; 0: if there is none.")
]
From = Annotated[
    str | None, typer.Option("--from", metavar="NODE", help="What another node wrote, as far as it is known here.")
]


@app.callback()
def state() -> None:
    """Values and messages that packages share: read, write, follow, put away."""


@app.command()
def get(
    path: bodies.Path,
    key: Key,
    node: From = None,
    raw: bodies.Raw = False,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Print one value."""
    with wire.open() as rem:
        values, copied, age = rem.shared.copy(path, node) if node else (rem.shared.values(path), None, 0.0)
        entry = _entry(values, key, copied)
    body = entry.body or b""
    if format is not options.Format.JSON and node:
        _note_age(node, age)
    if format is options.Format.JSON:
        out.document("state-value", {"path": values.path, "from": node, "age": age, **_document(values, entry)})
    elif raw:
        out.raw(body)
    else:
        for line in bodies.lines(body):
            out.line(line)


@app.command(name="set")
def set_(
    path: bodies.Path,
    key: Key,
    value: Annotated[str | None, typer.Argument(metavar="VALUE", help="Left out: standard input.")] = None,
    as_json: bodies.AsJson = False,
    if_revision: IfRevision = None,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Write one value, or one more message of a topic; the same message twice is one."""
    body = bodies.typed(value, as_json=as_json)
    with wire.open() as rem:
        values = rem.shared.values(path)
        if values.topic and if_revision is not None:
            raise UsageError(f"{values.path} is a topic: its messages never change", hint="leave --if-revision out")
        if values.topic:
            values.bucket.commit([Line(TOPIC, key, body)])
            revision = values.bucket.get(_stored(values, key)).revision
        else:
            revision = values.bucket.put(key, body, if_revision=if_revision)
        values.sweep(rem.clock.now())
    if format is options.Format.JSON:
        out.document("state-set", {"path": values.path, "key": key, "revision": revision})
    else:
        out.line((key, "bold"), f" of {values.path} is at revision {revision}")


@app.command()
def delete(
    path: bodies.Path, key: Key, if_revision: IfRevision = None, format: options.AsFormat = options.Format.TEXT
) -> None:
    """Take one value away."""
    with wire.open() as rem:
        values = rem.shared.values(path)
        if values.topic:
            raise UsageError(f"{values.path} is a topic: its messages go with time", hint="its field 'keep' says when")
        _entry(values, key)
        revision = values.bucket.drop(key, if_revision=if_revision)
        values.sweep(rem.clock.now())
    if format is options.Format.JSON:
        out.document("state-deleted", {"path": values.path, "key": key, "revision": revision})
    else:
        out.line("deleted ", (key, "bold"), f" of {values.path}")


@app.command(name="list")
def list_(
    path: Annotated[str | None, typer.Argument(metavar="PATH", help="What is under this item; else all items.")] = None,
    after: Annotated[
        int | None, typer.Option(metavar="REVISION", min=0, help="In the order of changes, from this position on.")
    ] = None,
    wait: Annotated[str | None, typer.Option(metavar="TIME", help="With --after: until something comes.")] = None,
    limit: options.Limit = 1000,
    node: From = None,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """List values, or the messages of a topic in their order; without a path, everything that packages share."""
    if (path is None and (after is not None or node)) or (wait and after is None) or (after is not None and node):
        text = "--after and --from go with a path and not with each other, --wait goes with --after"
        raise UsageError(text, hint="rem state list PATH --after 0")
    with wire.open() as rem:
        if path is None:
            _everything(rem, format)
            return
        if node:
            values, found, age = rem.shared.copy(path, node)
        else:
            values, age = rem.shared.values(path), 0.0
            found = _listed(values, after, options.seconds(wait, "--wait") if wait else 0.0)
        entries, now, ours = found[:limit], rem.clock.now(), node or rem.state.node
    if format is options.Format.JSON:
        told = {"path": values.path, "topic": values.topic, "from": node, "age": age, "all": len(found)}
        out.document("state-values", {**told, "values": [_document(values, entry) for entry in entries]})
        return
    if node:
        _note_age(node, age)
    if not entries:
        out.line(f"nothing in {values.path}" + (f" after {after}" if after is not None else ""))
    else:
        rows = [(_key(values, one), _shown(one), one.revision, _when(one, now, ours)) for one in entries]
        out.table(("key", "value", "revision", "written"), rows, ("bold",))
    if len(found) > len(entries):
        out.note(f"and {len(found) - len(entries)} more: --limit {len(found)}")


@app.command()
def archive(
    path: Annotated[str, typer.Argument(metavar="PATH", help="What no active package declares any more.")],
    drop: Annotated[bool, typer.Option("--drop", help="Write no file: it is gone.")] = False,
    yes: options.Yes = False,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Put away what a removed item has left: into a file of JSON lines, then out of the store."""
    with wire.open() as rem:
        if drop and not yes:
            raise UsageError(f"--drop takes all of {path} away for good", hint=f"rem state archive {path} --drop --yes")
        file, count = rem.shared.put_away(path, keep=not drop)
    if format is options.Format.JSON:
        out.document("state-archived", {"path": path, "entries": count, "file": str(file) if file else None})
    else:
        where = f" to {file}" if file else ", and wrote no file"
        out.line("took ", (out.counted(count, "entry", "entries"), "bold"), f" of {path} out of the store{where}")


def _everything(rem: wire.Rem, format: options.Format) -> None:
    held = {one.name: one.size for one in rem.state.holdings()}
    rows = [(item, held.get(item, 0), kind) for kind in KEEPING for item in rem.shared.declared(kind)]
    left = rem.shared.left()
    rows += [(one.name, one.size, "") for one in left]
    if format is options.Format.JSON:
        out.document("state", {"shared": [{"path": p, "entries": n, "declared": k or None} for p, n, k in rows]})
    elif not rows:
        out.line("No package shares anything: rem schema show state")
    else:
        cells = [(item, entries, kind or "no package declares it any more") for item, entries, kind in rows]
        out.table(("path", "entries", "declared in"), cells, ("bold",))
        if left:
            out.hint(f"rem state archive {left[0].name}")


def _listed(values: Values, after: int | None, wait: float) -> list[Entry]:
    prefix = topic_prefix(TOPIC) if values.topic else ""
    if after is None and not values.topic:
        return values.bucket.scan()
    if not wait:
        return values.bucket.since(after or 0, prefix)
    watch = values.bucket.watch(prefix, after=after or 0)
    try:
        return watch.next(wait)
    finally:
        watch.close()


def _entry(values: Values, key: str, copied: Sequence[Entry] | None = None) -> Entry:
    """What stands under a key, or did in a copy; NoTargetError with the nearest."""
    if copied is None:
        try:
            return values.bucket.get(_stored(values, key))
        except MissingKey:
            copied = values.bucket.scan()
    keys = {_key(values, entry): entry for entry in copied}
    if key in keys:
        return keys[key]
    near = nearest(key, keys)
    hint = f"did you mean '{near}'?" if near else f"rem state list {values.path}"
    raise NoTargetError(f"there is no {key!r} in {values.path}", hint=hint)


def _note_age(node: str, age: float) -> None:
    out.note(f"a copy of {node}, heard of {out.age(age)} ago")


def _stored(values: Values, key: str) -> str:
    return Line(TOPIC, key, b"").key if values.topic else key


def _key(values: Values, entry: Entry) -> str:
    return entry.key.removeprefix(topic_prefix(TOPIC)) if values.topic else entry.key


def _shown(entry: Entry) -> str:
    return "deleted" if entry.body is None else bodies.short(entry.body)


def _when(entry: Entry, now: float, node: str) -> str:
    by = f" by {entry.origin}" if entry.origin != node else ""
    return f"{out.age(now - entry.at)} ago{by}"


def _document(values: Values, entry: Entry) -> dict[str, Any]:
    body = {"value": None} if entry.body is None else bodies.document(entry.body)
    key, at = _key(values, entry), out.instant(entry.at)
    deleted = entry.body is None
    return {"key": key, "revision": entry.revision, "at": at, "by": entry.origin, "deleted": deleted, **body}

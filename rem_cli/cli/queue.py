"""`rem queue`: messages that wait for a worker."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from rem_cli import wire
from rem_cli.cli import app as root
from rem_cli.cli import bodies, options
from rem_cli.cli import show as out
from rem_cli.errors import Status, UsageError
from rem_cli.state import Counts, Message

app = root.group("Messages that wait for a worker: put, take, acknowledge.")

Tokens = Annotated[list[str], typer.Argument(metavar="CLAIM", help="As rem queue take printed it.")]
BATCH = 500  # lines in one commit


@app.callback()
def queue() -> None:
    """Messages that wait for a worker: put, take, acknowledge."""


@app.command()
def put(
    path: bodies.Path,
    message: Annotated[str | None, typer.Argument(metavar="MESSAGE", help="Left out: standard input.")] = None,
    id: Annotated[str, typer.Option(metavar="ID", help="The same id is put once.")] = "",
    after: Annotated[str | None, typer.Option(metavar="TIME", help="Not handed out before so long.")] = None,
    lines: Annotated[bool, typer.Option("--lines", help="Each line of standard input is a message.")] = False,
    as_json: bodies.AsJson = False,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Put a message into a queue, or one for each line."""
    if lines and (message is not None or id or as_json):
        raise UsageError("--lines reads messages from standard input", hint="leave MESSAGE, --id and --json out")
    wait = options.seconds(after, "--after") if after else 0.0
    texts = sys.stdin.buffer.read().splitlines() if lines else [bodies.typed(message, as_json=as_json)]
    new = 0
    with wire.open() as rem:
        name, chosen = rem.shared.queue(path)
        due = rem.clock.now() + wait if wait else 0.0
        for at in range(0, len(texts), BATCH):
            new += chosen.put(*[Message(text, id, due) for text in texts[at : at + BATCH]])
    if format is options.Format.JSON:
        out.document("queue-put", {"path": name, "new": new, "known": len(texts) - new})
    else:
        known = f", {len(texts) - new} known already" if new < len(texts) else ""
        out.line("put ", (out.counted(new, "message"), "bold"), f" into {name}{known}")


@app.command()
def peek(
    path: bodies.Path,
    limit: options.Limit = 20,
    dead: Annotated[bool, typer.Option("--dead", help="Those that were tried too often.")] = False,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Look at the first messages of a queue and take none."""
    with wire.open() as rem:
        name, chosen = rem.shared.queue(path)
        items = chosen.peek(limit, dead=dead)
        now = rem.clock.now()
    if format is options.Format.JSON:
        told = [
            {"id": one.id, "put": out.instant(one.put), "due": out.instant(one.due), "tries": one.tries,
             "claimed": one.claimed, **bodies.document(one.body, "message")} for one in items
        ]  # fmt: skip
        out.document("queue-messages", {"path": name, "dead": dead, "messages": told})
    elif not items:
        out.line(f"no {'dead message' if dead else 'message'} in {name}")
    else:
        rows = [(one.id, bodies.short(one.body), out.age(now - one.put), one.tries, _state(one, now)) for one in items]
        out.table(("id", "message", "age", "tries", ""), rows, ("bold",))


@app.command()
def take(
    path: bodies.Path,
    limit: options.Limit = 1,
    lease: Annotated[str | None, typer.Option(metavar="TIME", help="How long it is ours; else as declared.")] = None,
    wait: Annotated[str | None, typer.Option(metavar="TIME", help="Where there is none: until one comes.")] = None,
    format: options.AsFormat = options.Format.TEXT,
) -> int:
    """Take the oldest messages; each is ours until it is acknowledged or its lease is over. Status 9: there is none."""
    with wire.open() as rem:
        name, chosen = rem.shared.queue(path)
        claims = chosen.claim(
            limit,
            lease=options.seconds(lease, "--lease") if lease else None,
            wait=options.seconds(wait, "--wait") if wait else 0.0,
        )
    if format is options.Format.JSON:
        told = [
            {"claim": one.token, "id": one.id, "tries": one.tries, **bodies.document(one.body, "message")}
            for one in claims
        ]
        out.document("queue-taken", {"path": name, "claims": told})
    else:
        for one in claims:
            for number, line in enumerate(bodies.lines(one.body)):
                out.line((one.token if number == 0 else "", "bold"), f"\t{line}")
        if not claims:
            out.note(f"no message in {name} waits for a worker")
    return Status.DONE if claims else Status.NO_TARGET


@app.command()
def ack(path: bodies.Path, claims: Tokens, format: options.AsFormat = options.Format.TEXT) -> None:
    """Say that messages are done; none of them is where one claim is over."""
    with wire.open() as rem:
        name, chosen = rem.shared.queue(path)
        chosen.ack(*claims)
    _changed("queue-acked", name, claims, "done", format)


@app.command()
def nack(
    path: bodies.Path,
    claims: Tokens,
    after: Annotated[str | None, typer.Option(metavar="TIME", help="Not handed out again before so long.")] = None,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Give messages back; what was tried as often as the queue allows is set aside as dead."""
    with wire.open() as rem:
        name, chosen = rem.shared.queue(path)
        for claim in claims:
            chosen.give_back(claim, after=options.seconds(after, "--after") if after else 0.0)
    _changed("queue-nacked", name, claims, "given back", format)


@app.command()
def revive(
    path: bodies.Path,
    id: Annotated[str, typer.Argument(metavar="ID", help="As rem queue peek --dead shows it.")],
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Let a dead message wait again, as if it were new."""
    with wire.open() as rem:
        name, chosen = rem.shared.queue(path)
        chosen.revive(id)
    _changed("queue-revived", name, [id], "waiting again", format)


@app.command(name="list")
def list_(format: options.AsFormat = options.Format.TEXT) -> None:
    """List the queues and how full they are."""
    with wire.open() as rem:
        declared = rem.shared.declared("queues")
        counts = {path: rem.shared.queue(path)[1].counts() for path in declared}
        now = rem.clock.now()
    if format is options.Format.JSON:
        told = [
            {"path": path, "bound": declared[path].fields["bound"], **_document(one)} for path, one in counts.items()
        ]
        out.document("queues", {"queues": told})
    elif not counts:
        out.line("No package has a queue: rem schema show queues")
    else:
        rows = [
            (path, one.waiting, one.claimed, one.dead, one.dropped, out.age(now - one.oldest) if one.oldest else "")
            for path, one in counts.items()
        ]
        out.table(("queue", "waiting", "claimed", "dead", "dropped", "oldest"), rows, ("bold",))


def _changed(schema: str, name: str, what: list[str], said: str, format: options.Format) -> None:
    if format is options.Format.JSON:
        out.document(schema, {"path": name, "messages": what})
    else:
        out.line((out.counted(len(what), "message"), "bold"), f" of {name} {said}")


def _state(item: Any, now: float) -> str:
    if item.claimed:
        return "claimed"
    return f"in {out.age(item.due - now)}" if item.due > now else ""


def _document(counts: Counts) -> dict[str, Any]:
    told = counts._asdict()
    return {**told, "oldest": out.instant(counts.oldest) if counts.oldest is not None else None}

"""`rem lock`: who writes now, and how it is taken away from who hangs."""

from __future__ import annotations

from typing import Annotated

import typer

from rem_cli import wire
from rem_cli.cli import app as root
from rem_cli.cli import options, show
from rem_cli.cli.job import who
from rem_cli.plan import locks
from rem_cli.plan.locks import Held

app = root.group("Who holds which lock.")


@app.callback()
def lock() -> None:
    """Who holds which lock."""


@app.command(name="list")
def list_(format: options.AsFormat = options.Format.TEXT) -> None:
    """List the locks that somebody holds, with who, since when and for what. A holder that died holds nothing."""
    with wire.open() as rem:
        held = locks.held(rem.state_folder)
        now = rem.clock.now()
    if format is options.Format.JSON:
        show.document("locks", {"locks": [_document(one) for one in held]})
        return
    if not held:
        show.line("No lock is held.")
        return
    rows = [
        (
            one.holder.id, one.environment, one.holder.who, str(one.holder.pid),
            f"{show.age(now - one.holder.since)} ago", f"{show.age(now - one.holder.heartbeat)} ago",
            one.holder.command,
        )
        for one in held
    ]  # fmt: skip
    show.table(("lock", "environment", "who", "process", "since", "last sign of life", "command"), rows)


@app.command(name="break")
def break_(
    id: Annotated[str, typer.Argument(metavar="ID", help="As rem lock list shows it.")],
    why: Annotated[str, typer.Option(metavar="TEXT", help="The reason, for rem log.")] = "",
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Take a lock away from a holder that hangs. It changes nothing more: before it does, it sees that it lost it."""
    with wire.open() as rem:
        broken = locks.break_lock(rem.state_folder, id, rem.audit, rem.clock, who=who(), why=why)
    if format is options.Format.JSON:
        show.document("lock-broken", _document(broken))
        return
    show.line(f"{broken.holder.who} no longer holds the lock of {broken.environment}")
    show.hint(f"its process is still there: ps -fp {broken.holder.pid}")


def _document(one: Held) -> dict[str, object]:
    holder = one.holder
    return {
        "lock": holder.id,
        "environment": one.environment,
        "who": holder.who,
        "process": holder.pid,
        "command": holder.command,
        "since": show.instant(holder.since),
        "heartbeat": show.instant(holder.heartbeat),
    }

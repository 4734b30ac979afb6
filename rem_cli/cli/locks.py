"""`rem locks`: who holds what, and since when."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from rem_cli import wire
from rem_cli.cli import app as root
from rem_cli.cli import options, under
from rem_cli.cli import show as out
from rem_cli.cli.person import who
from rem_cli.errors import NoTargetError
from rem_cli.plan import locks as applied
from rem_cli.plan.locks import Held
from rem_cli.state import Holder

app = root.group("What only so many may hold at once: who holds it, and since when.")


@app.callback()
def locks() -> None:
    """What only so many may hold at once: who holds it, and since when."""


@app.command(name="list")
def list_(format: options.AsFormat = options.Format.TEXT) -> None:
    """List the locks that are held: those of jobs and packages, and those of whoever applies. Nothing waits for it."""
    with wire.open() as rem:
        held = rem.state.locks() if rem.state_folder.is_dir() else []
        applying = applied.held(rem.state_folder)
        now = rem.clock.now()
    if format is options.Format.JSON:
        writers = [_writer(one) for one in applying]
        out.document("locks", {"locks": [_document(one) for one in held], "applying": writers})
    elif not held and not applying:
        out.line("No lock is held.")
    else:
        rows = [(one.bucket, one.lock, str(one.fence), one.by, out.age(now - one.since), one.why) for one in held]
        rows += [
            (one.environment, one.holder.id, "", f"{one.holder.who} ({one.holder.pid})",
             out.age(now - one.holder.since), one.holder.command) for one in applying
        ]  # fmt: skip
        out.table(("of", "lock", "fence", "held by", "for", "why"), rows, ("bold",))


@app.command()
def run(
    path: Annotated[str, typer.Argument(metavar="PATH", help="The lock: package/locks/name.")],
    command: Annotated[list[str], typer.Argument(metavar="-- COMMAND", help="What runs while it is held.")],
    wait: Annotated[
        str | None, typer.Option(metavar="TIME", help="Where it is held: how long; else as declared.")
    ] = None,
    why: Annotated[str, typer.Option(metavar="TEXT", help="Told to whoever asks for it meanwhile.")] = "",
) -> int:
    """Run a command while holding a lock, and end as it ends. Status 7: somebody else holds it.

    REM_FENCE tells the command the number of its turn, which rises with every holder. If the lock is lost, because this
    machine slept or somebody broke it, the command is ended.
    """
    with wire.open() as rem:
        seconds = options.seconds(wait, "--wait") if wait else None
        with rem.shared.acquire(path, wait=seconds, why=why or " ".join(command)) as lease:
            return under.run(command, lease)


@app.command(name="break")
def break_(
    path: Annotated[
        str, typer.Argument(metavar="PATH|ID", help="Whose lock, as rem locks list shows it; of an apply: the lock.")
    ],
    fence: Annotated[
        int | None, typer.Argument(metavar="FENCE", help="The number that was shown, so that no other goes.")
    ] = None,
    why: Annotated[str, typer.Option(metavar="TEXT", help="Of an apply: the reason, for rem log.")] = "",
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Free a lock that somebody holds; what they still do under it is refused."""
    with wire.open() as rem:
        if fence is None:
            broken = applied.break_lock(rem.state_folder, path, rem.audit, rem.clock, who=who(), why=why)
            said, told = (f"the lock of {broken.environment}", broken.holder.who), _writer(broken)
        else:
            held = next((one for one in rem.state.locks() if (one.bucket, one.fence) == (path, fence)), None)
            if held is None:
                text = f"nobody holds a lock of {path!r} with fence {fence}; nothing was freed"
                raise NoTargetError(text, hint="rem locks list")
            rem.state.bucket(path).break_lock(held.lock, fence)
            said, told = (f"{held.lock} of {path}", held.by), _document(held)
    if format is options.Format.JSON:
        out.document("lock-broken", told)
    else:
        out.line("freed ", (said[0], "bold"), f", which {said[1]} held")


def _writer(one: Held) -> dict[str, Any]:
    holder = one.holder
    told = {"of": one.environment, "lock": holder.id, "by": holder.who, "process": holder.pid, "why": holder.command}
    return {**told, "since": out.instant(holder.since), "heartbeat": out.instant(holder.heartbeat)}


def _document(held: Holder) -> dict[str, Any]:
    told = {"of": held.bucket, "lock": held.lock, "fence": held.fence, "by": held.by, "why": held.why}
    return {**told, "since": out.instant(held.since), "left": round(held.left, 3)}

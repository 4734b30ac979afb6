"""`rem locks`: who holds what, and since when."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from rem_cli import wire
from rem_cli.cli import app as root
from rem_cli.cli import options
from rem_cli.cli import show as out
from rem_cli.errors import NoTargetError
from rem_cli.state import Holder

app = root.group("What only so many may hold at once: who holds it, and since when.")


@app.callback()
def locks() -> None:
    """What only so many may hold at once: who holds it, and since when."""


@app.command(name="list")
def list_(format: options.AsFormat = options.Format.TEXT) -> None:
    """List the locks that are held."""
    with wire.open() as rem:
        held = rem.state.locks()
        now = rem.clock.now()
    if format is options.Format.JSON:
        out.document("locks", {"locks": [_document(one) for one in held]})
    elif not held:
        out.line("No lock is held.")
    else:
        rows = [(one.bucket, one.lock, one.fence, one.by, out.age(now - one.since), one.why) for one in held]
        out.table(("of", "lock", "fence", "held by", "for", "why"), rows, ("bold",))


@app.command(name="break")
def break_(
    path: Annotated[str, typer.Argument(metavar="PATH", help="Whose lock, as rem locks list shows it.")],
    fence: Annotated[int, typer.Argument(metavar="FENCE", help="The number that was shown, so that no other goes.")],
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Free a lock that somebody holds; what they still write under it is refused."""
    with wire.open() as rem:
        held = next((one for one in rem.state.locks() if (one.bucket, one.fence) == (path, fence)), None)
        if held is None:
            text = f"nobody holds a lock of {path!r} with fence {fence}; nothing was freed"
            raise NoTargetError(text, hint="rem locks list")
        rem.state.bucket(path).break_lock(held.lock, fence)
    if format is options.Format.JSON:
        out.document("lock-broken", _document(held))
    else:
        out.line("freed ", (held.lock, "bold"), f" of {path}, which {held.by} held")


def _document(held: Holder) -> dict[str, Any]:
    told = {"of": held.bucket, "lock": held.lock, "fence": held.fence, "by": held.by, "why": held.why}
    return {**told, "since": out.instant(held.since), "left": round(held.left, 3)}

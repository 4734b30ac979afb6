"""`rem counter`: numbers that several add to at once."""

from __future__ import annotations

from typing import Annotated

import typer

from rem_cli import wire
from rem_cli.cli import app as root
from rem_cli.cli import bodies, options
from rem_cli.cli import show as out
from rem_cli.errors import UsageError
from rem_cli.state import Reading

app = root.group("Numbers that several add to at once.")

DIGITS = 1000  # of one addition


@app.callback()
def counter() -> None:
    """Numbers that several add to at once."""


@app.command()
def get(
    path: Annotated[str | None, typer.Argument(metavar="PATH", help="One counter; else all of them.")] = None,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Print what a counter has come to."""
    with wire.open() as rem:
        paths = [path] if path is not None else [*rem.shared.declared("counters")]
        readings = {name: found.total() for name, found in map(rem.shared.counter, paths)}
    if format is options.Format.JSON:
        out.document("counters", {"counters": [_document(name, one) for name, one in readings.items()]})
    elif path is not None:
        out.line(*[str(one.total) for one in readings.values()])
    elif not readings:
        out.line("No package has a counter: rem schema show counters")
    else:
        out.table(("counter", "total"), [(name, one.total) for name, one in readings.items()], ("bold",))


@app.command()
def add(
    path: bodies.Path,
    n: Annotated[str, typer.Argument(metavar="N", help="A whole number; one below zero after --.")] = "1",
    id: Annotated[str, typer.Option(metavar="ID", help="The same id counts once.")] = "",
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Add to a counter and print what it has come to."""
    if not n.removeprefix("-").isdecimal() or not n.isascii() or len(n) > DIGITS:
        raise UsageError(f"'{n}' is no whole number", hint=f"rem counter add {path} 1")
    with wire.open() as rem:
        name, found = rem.shared.counter(path)
        found.add(int(n), id=id)
        reading = found.total()
    if format is options.Format.JSON:
        out.document("counter", _document(name, reading))
    else:
        out.line(str(reading.total))


def _document(name: str, reading: Reading) -> dict[str, object]:
    return {"path": name, "total": reading.total, "by": dict(reading.by_node)}

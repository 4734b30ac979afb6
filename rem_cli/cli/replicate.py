"""`rem replicate`: carry what packages share to and from another host's REM."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from rem_cli import wire
from rem_cli.cli import app as root
from rem_cli.cli import live, options
from rem_cli.cli import show as out
from rem_cli.errors import NoTargetError
from rem_cli.reach import Stop
from rem_cli.state import replicate as exchange
from rem_cli.state.copies import Copy
from rem_cli.wire.far import Far

app = root.group("Carry what packages share to and from another host's REM, over SSH.")

OtherHost = Annotated[str, typer.Argument(metavar="HOST", help="One host of the active packages.")]
Paths = Annotated[list[str] | None, typer.Argument(metavar="PATH", help="Only these; else all state and counters.")]
At = Annotated[str | None, typer.Option(metavar="DIR", help="Its repository there; else where this one is here.")]
Afresh = Annotated[bool, typer.Option("--afresh", help="Begin copies anew whose store was restored or made anew.")]
Timeout = Annotated[str, typer.Option(metavar="TIME", help="Longest time for one request.")]


@app.callback()
def replicate() -> None:
    """Carry what packages share to and from another host's REM, over SSH."""


@app.command()
def push(
    host: OtherHost, paths: Paths = None, at: At = None, afresh: Afresh = False, timeout: Timeout = "5m",
    format: options.AsFormat = options.Format.TEXT,
) -> None:  # fmt: skip
    """Give the other host what this one has, its copies of third ones too. Cut off, it goes on where it ended."""
    with wire.open() as rem, live.stopping() as stop:
        what, far = rem.shared.carried(paths or []), _far(rem, host, at, timeout, stop)
        moved = exchange.push(rem.replica, far, what, afresh=afresh)
    _told("push", "to", host, moved, format)


@app.command()
def pull(
    host: OtherHost, paths: Paths = None, at: At = None, afresh: Afresh = False, timeout: Timeout = "5m",
    format: options.AsFormat = options.Format.TEXT,
) -> None:  # fmt: skip
    """Fetch what the other host has, its copies of third ones too. Cut off, it goes on where it ended."""
    with wire.open() as rem, live.stopping() as stop:
        what, far = rem.shared.carried(paths or []), _far(rem, host, at, timeout, stop)
        moved = exchange.pull(rem.replica, far, what, rem.clock.now(), afresh=afresh)
    _told("pull", "from", host, moved, format)


@app.command()
def status(
    host: OtherHost, paths: Paths = None, at: At = None, timeout: Timeout = "1m",
    format: options.AsFormat = options.Format.TEXT,
) -> None:  # fmt: skip
    """Say how far each node's part is known here and there. Nothing is carried."""
    with wire.open() as rem, live.stopping() as stop:
        what = rem.shared.carried(paths or [])
        node, ours, theirs = exchange.compare(rem.replica, _far(rem, host, at, timeout, stop), what)
        now = rem.clock.now()
    here, there = ({one[:2]: one for one in found} for found in (ours, theirs))
    parts = sorted({*here, *there})
    if format is options.Format.JSON:
        rows = [
            {"path": path, "node": origin, "here": _position(here.get((path, origin))),
             "there": _position(there.get((path, origin)))} for path, origin in parts
        ]  # fmt: skip
        out.document("replicate-status", {"host": host, "node": node, "parts": rows})
    elif not parts:
        out.line("nothing is kept here or there yet")
    else:
        table = [
            (path, origin, *_both(here.get((path, origin)), there.get((path, origin)), now)) for path, origin in parts
        ]
        out.table(("path", "of", "here", "there", "heard of"), table, ("bold",))


@app.command(hidden=True)
def answer() -> None:
    """Answer the request on standard input; another host's rem calls this."""
    with wire.open() as rem:
        out.raw(exchange.answer(rem.replica, sys.stdin.buffer.read(), rem.clock.now()))


def _far(rem: wire.Rem, name: str, at: str | None, timeout: str, stop: Stop) -> Far:
    hosts = rem.active_source().hosts(name)
    if len(hosts) != 1:
        raise NoTargetError(f"'{name}' means {len(hosts)} hosts, and one is needed", hint="rem host list")
    return Far(rem, hosts[0], at or str(rem.root.resolve()), options.seconds(timeout, "--timeout"), stop)


def _told(verb: str, way: str, host: str, moved: exchange.Moved, format: options.Format) -> None:
    if format is options.Format.JSON:
        told = {"host": host, "node": moved.far, "entries": moved.entries, "requests": moved.requests}
        out.document(f"replicate-{verb}", told)
    else:
        carried = out.counted(moved.entries, "entry", "entries") if moved.entries else "nothing"
        out.line((carried, "bold"), f" carried {way} {host} ({moved.far})")


def _position(copy: Copy | None) -> int | None:
    return copy.position if copy else None


def _both(here: Copy | None, there: Copy | None, now: float) -> tuple[str, str, str]:
    positions = [str(one.position) if one else "-" for one in (here, there)]
    return positions[0], positions[1], f"{out.age(now - here.heard)} ago" if here else ""

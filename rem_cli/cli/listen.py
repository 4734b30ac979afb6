"""`rem series listen`: numbers that other programs send."""

from __future__ import annotations

import math
import sys
from typing import Annotated

import typer

from rem_cli import wire
from rem_cli.cli import live, options, show
from rem_cli.errors import UsageError

_SHOWN = 60  # letters of a line that is no sample


def listen(
    graphite: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Graphite's lines over TCP, as at 127.0.0.1:2003.")
    ] = None,
    statsd: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="statsd's metrics over UDP, as at 127.0.0.1:8125.")
    ] = None,
    ends: Annotated[str | None, typer.Option("--for", metavar="TIME", help="End by itself after so long.")] = None,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Keep what other programs send as series below inbound/, until Ctrl-C.

    A connection is closed only when all that it sent is in the spool. Nobody is asked who they are: listen where only
    those can reach it who may.
    """
    from rem_cli.wire.inbound import LOOK, Inbound

    if not graphite and not statsd:
        raise UsageError("nothing to listen to", hint="rem series listen --graphite 127.0.0.1:2003")
    at = [_address(text, name) if text else None for text, name in ((graphite, "--graphite"), (statsd, "--statsd"))]
    seconds = options.seconds(ends, "--for") if ends else math.inf
    with wire.open() as rem, live.stopping(" ") as stop:
        until = rem.clock.monotonic() + seconds
        inbound = Inbound(rem.intake, rem.clock, lines=at[0], statsd=at[1])
        heard = {"graphite": inbound.lines, "statsd": inbound.datagrams}
        for name, server in heard.items():
            if server and format is options.Format.TEXT:
                show.note((f"{name}:", "bold"), f" {server.address[0]}:{server.address[1]}")
        kept, last = 0, ""
        try:
            while rem.clock.monotonic() < until and not stop.wait(LOOK):
                looked = inbound.look()
                kept += looked.kept
                if looked.strange:
                    first = looked.strange[0][:_SHOWN]
                    show.note(("not kept:", "yellow"), f" {show.counted(len(looked.strange), 'line')} like '{first}'")
                said = looked.problem.message if looked.problem else ""
                if said and said != last:
                    show.note(("waiting:", "yellow"), f" {said}")
                last = said
        finally:
            inbound.close()
    if format is options.Format.JSON:
        show.document("series-listen", {"kept": kept})
    else:
        show.line(f"kept {show.counted(kept, 'sample')}")
    sys.stdout.flush()


def _address(text: str, option: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise UsageError(f"{option}: '{text}' is no address", hint=f"like {option} 127.0.0.1:2003")
    return host.strip("[]"), int(port)

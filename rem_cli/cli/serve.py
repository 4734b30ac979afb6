"""`rem serve`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from rem_cli import wire
from rem_cli.cli import options, show
from rem_cli.errors import UsageError


def serve(
    bind: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where to listen.")] = "127.0.0.1:2001",
    name: Annotated[list[str] | None, typer.Option(metavar="HOST[:PORT]", help="Another name it is asked by.")] = None,
    certificate: Annotated[Path | None, typer.Option(metavar="FILE", help="TLS certificate, PEM.")] = None,
    key: Annotated[Path | None, typer.Option(metavar="FILE", help="Its private key, PEM.")] = None,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Show hosts, jobs, graphs and changes as web pages, and the same facts as JSON at the same addresses.

    It prints a link that lets in whoever opens it. From other machines only users come in: rem user add.
    """
    from rem_cli.web.desk import Desk
    from rem_cli.web.server import Bind, checked, listen
    from rem_cli.web.server import serve as run

    if (certificate is None) != (key is None):
        raise UsageError("--certificate and --key go together")
    host, port = _place(bind)
    with wire.open() as rem:
        desk = Desk(rem.root, rem.state_folder)
    where = Bind(host, port, tuple(name or ()), str(certificate) if certificate else None, str(key) if key else None)
    checked(desk, where)

    def ready(link: str) -> None:
        if format is options.Format.JSON:
            show.document("serve", {"link": link}, row=True)
        else:
            show.line("serving ", (link, "bold"))
        sys.stdout.flush()

    run(desk, where, listen(where), ready)


def _place(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65_535 or not host:
        raise UsageError(f"'{text}' is no address to listen on", hint="--bind 127.0.0.1:2001")
    return host.strip("[]"), int(port)

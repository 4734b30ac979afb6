"""The server: uvicorn with h11, one process."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable
from typing import NamedTuple

from starlette.types import ASGIApp

from rem_cli.errors import UsageError
from rem_cli.web.desk import Desk
from rem_cli.web.signing import Door, people

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Bind(NamedTuple):
    """Where to listen, and by which further names (`host` or `host:port`) people ask."""

    host: str
    port: int
    names: tuple[str, ...] = ()
    certificate: str | None = None  # PEM file; both or none
    key: str | None = None


def checked(desk: Desk, bind: Bind) -> None:
    """UsageError when the server would be open to a network without users, or without TLS."""
    if bind.host in LOOPBACK:
        return
    with desk.open() as rem:
        users = people(rem).names()
    if not users:
        raise UsageError(
            f"{bind.host} can be reached from other machines, and there is no user yet",
            hint="rem user add NAME --role operator; or leave --bind out",
        )
    if not bind.certificate:
        raise UsageError(
            f"{bind.host} can be reached from other machines: passwords would go there in the clear",
            hint="--certificate FILE --key FILE; or leave --bind out, and put a proxy in front",
        )


def listen(bind: Bind) -> socket.socket:
    """UsageError when the address is not ours, or somebody listens there."""
    family = socket.AF_INET6 if ":" in bind.host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((bind.host, bind.port))
        made.listen(1024)
    except OSError as error:
        made.close()
        words = (error.strerror or str(error)).lower()
        raise UsageError(f"{bind.host}:{bind.port} cannot be listened on: {words}", hint="--bind HOST:PORT") from None
    return made


def serve(desk: Desk, bind: Bind, made: socket.socket, ready: Callable[[str], None]) -> None:
    """Answer until SIGINT or SIGTERM. `ready` is told the link that lets its reader in."""
    import uvicorn

    from rem_cli.web.app import application
    from rem_cli.web.guard import names

    port = int(made.getsockname()[1])
    secure = bind.certificate is not None
    token = secrets.token_urlsafe(24) if bind.host in LOOPBACK else ""
    app: ASGIApp = application(desk, Door(desk, token, secure=secure), names(bind.host, port, bind.names))
    config = uvicorn.Config(
        app, http="h11", ws="none", lifespan="off", log_level="error", access_log=False, server_header=False,
        timeout_graceful_shutdown=2, ssl_certfile=bind.certificate, ssl_keyfile=bind.key,
        timeout_keep_alive=30, limit_concurrency=500,
    )  # fmt: skip
    host = f"[{bind.host}]" if ":" in bind.host else bind.host
    where = f"http{'s' if secure else ''}://{host}:{port}/"
    ready(f"{where}sign-in#t={token}" if token else where)
    uvicorn.Server(config).run(sockets=[made])

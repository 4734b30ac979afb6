"""Who is let in at all, before any page is looked for: by the name that was asked for, the method and the origin."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}
READING = ("GET", "HEAD")


class Refusal(NamedTuple):
    status: int
    why: str


def refused(method: str, scheme: str, headers: Iterable[tuple[bytes, bytes]], hosts: frozenset[str]) -> Refusal | None:
    """Why a request is not answered; None when it may go on.

    `hosts` are the names, with their port, that this server is asked by: a page of somebody else's whose name was made
    to lead here asks by another (DNS rebinding). What changes something comes from our own pages (Fetch Metadata, W3C;
    Origin, RFC 6454), or carries a token that no browser adds by itself.
    """
    told: dict[str, list[str]] = {}
    for name, value in headers:
        told.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    asked = told.get("host", [])
    if len(asked) != 1 or asked[0].lower() not in hosts:
        return Refusal(421, "this server is not known by that name; its own names are told where it was started")
    if method in READING:
        return None
    if method != "POST":
        return Refusal(405, f"{method} is not done here")
    if "authorization" in told and "cookie" not in told:
        return None
    site, origin = told.get("sec-fetch-site", []), told.get("origin", [])
    if site == ["same-origin"] or (not site and origin == [f"{scheme}://{asked[0].lower()}"]):
        return None
    return Refusal(403, "that was sent from a page of somebody else's")


class Guard:
    """In front of everything: refuses, and says with each answer what a browser may do with it."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                more = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
                message["headers"] = [*message["headers"], *(one for one in more if one[0] not in given)]
            await send(message)

        refusal = refused(scope["method"], scope["scheme"], scope["headers"], self._hosts)
        if refusal is None:
            await self._app(scope, receive, sending)
            return
        body = f"{refusal.why}\n".encode()
        head = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
        await sending({"type": "http.response.start", "status": refusal.status, "headers": head})
        await sending({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def names(host: str, port: int, also: Iterable[str] = ()) -> frozenset[str]:
    """The values of `Host` that mean a server which listens there."""
    own = {host, "localhost", "127.0.0.1", "[::1]"} if host in ("127.0.0.1", "::1", "localhost") else {host}
    own = {f"[{name}]" if ":" in name and not name.startswith("[") else name for name in own}
    return frozenset(name.lower() for name in {*(f"{name}:{port}" for name in own), *also})

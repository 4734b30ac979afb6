"""Signing in: by the link that `rem serve` printed, or by name and password."""

from __future__ import annotations

from collections import deque
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from rem_cli import wire
from rem_cli.web.desk import Desk
from rem_cli.web.people import BUCKET, LINK, LONGEST, TRIES, People, Person, Role, same
from rem_cli.web.render import document, page, wants_json

LARGEST = 64 << 10  # bytes of a form


class Door:
    """Lets in who has a session. `token`: what the printed link holds; empty when only users come in."""

    def __init__(self, desk: Desk, token: str, *, secure: bool) -> None:
        self._desk = desk
        self._token = token
        self._secure = secure
        self.cookie = "__Host-rem" if secure else "rem"
        self._tries: dict[tuple[str, str], deque[float]] = {}

    def person(self, rem: wire.Rem, request: Request) -> Person | None:
        """Who asks; None for nobody that is known."""
        return people(rem).person(request.cookies.get(self.cookie, ""))

    async def sign_in(self, request: Request) -> Response:
        if request.method != "POST":
            return page("sign-in.html", {"why": "", "next": _own(request.query_params.get("next", "/"))})
        given = await form(request)
        return await run_in_threadpool(self._enter, request, given)

    async def sign_out(self, request: Request) -> Response:
        given = await form(request)

        def leave() -> Response:
            with self._desk.open() as rem:
                person = self.person(rem, request)
                if person and same(person.form, given.get("form", "")):
                    people(rem).end(request.cookies.get(self.cookie, ""))
            answer = RedirectResponse("/sign-in", 303)
            answer.delete_cookie(self.cookie, path="/", secure=self._secure, httponly=True, samesite="strict")
            return answer

        return await run_in_threadpool(leave)

    def _enter(self, request: Request, given: dict[str, str]) -> Response:
        where = _own(given.get("next", "/"))
        with self._desk.open() as rem:
            found = self._let_in(rem, request, given)
            if isinstance(found, str):
                return page("sign-in.html", {"why": found, "next": where}, 403)
            id = people(rem).begin(*found)
        answer = RedirectResponse(where, 303)
        answer.set_cookie(
            self.cookie, id, max_age=int(LONGEST), path="/", secure=self._secure, httponly=True, samesite="strict"
        )
        return answer

    def _let_in(self, rem: wire.Rem, request: Request, given: dict[str, str]) -> tuple[str, Role] | str:
        """Who it is and what they may do, or why they are not let in."""
        if token := given.get("token", "").strip():
            if self._token and same(token.rpartition("#t=")[2], self._token):
                return LINK, Role.EDITOR
            return "that is not the link of this server; it prints a new one at each start"
        name, password = given.get("name", ""), given.get("password", "")
        address = request.client.host if request.client else ""
        if self._too_often(name, address, rem.clock.monotonic()):
            return f"{TRIES} tries a minute are enough; wait a minute"
        role = people(rem).verified(name, password)
        return (name, role) if role else "that name and that password do not belong together"

    def _too_often(self, name: str, address: str, now: float) -> bool:
        for known, tries in list(self._tries.items()):
            while tries and now - tries[0] > 60:
                tries.popleft()
            if not tries:
                del self._tries[known]
        tries = self._tries.setdefault((name, address), deque())
        if len(tries) >= TRIES:
            return True
        tries.append(now)
        return False


def people(rem: wire.Rem) -> People:
    return People(rem.state.bucket(BUCKET), rem.clock.now)


async def form(request: Request) -> dict[str, str]:
    """The fields of a form; HTTPException when it is too large."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST:
            raise HTTPException(413, "that form is too large")
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=200))


def required(request: Request) -> Response:
    """Nobody is let further: a page to sign in, or a plain no for a program."""
    if wants_json(request):
        told: dict[str, Any] = {
            "code": "sign-in",
            "message": "nobody is signed in",
            "hint": "open the link of rem serve",
        }
        return document("error", {"error": told}, 401)
    if request.method == "POST":
        return PlainTextResponse("sign in first\n", 401)
    where = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/sign-in?next={quote(where)}", 303)


def _own(address: str) -> str:
    """An address of this server, and none of anybody else's."""
    parts = urlsplit(address)
    plain = not parts.scheme and not parts.netloc and address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if plain and address.isprintable() and "\\" not in address else "/"

"""The addresses, in one table, and what each is answered with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from rem_cli import wire
from rem_cli.errors import GuardedError, NoTargetError, RemError, UsageError
from rem_cli.plan.catalog import Catalog
from rem_cli.web.desk import Desk
from rem_cli.web.facts.alerts import alert, alerts, leave, take
from rem_cli.web.facts.changes import change, changes
from rem_cli.web.facts.graphs import SPANS, Drawing, below
from rem_cli.web.facts.hosts import host, hosts
from rem_cli.web.facts.jobs import jobs, run
from rem_cli.web.facts.now import now
from rem_cli.web.facts.oncall import oncall
from rem_cli.web.facts.packages import packages, search
from rem_cli.web.facts.shell import shell
from rem_cli.web.guard import Guard
from rem_cli.web.live import stream
from rem_cli.web.people import Person, Role, same
from rem_cli.web.render import HERE, document, page, wants_json
from rem_cli.web.signing import Door, form, required


class Asked(NamedTuple):
    """One question, when it is known who asks."""

    desk: Desk
    rem: wire.Rem
    catalog: Catalog
    request: Request

    def word(self, name: str, default: str = "") -> str:
        """A word of the address's query."""
        return self.request.query_params.get(name, default)

    @property
    def path(self) -> str:
        return str(self.request.path_params["path"])


class Answer(NamedTuple):
    name: str  # of the template and of the JSON document
    facts: Any
    more: Mapping[str, Any] = MappingProxyType({})  # what a page needs beside its facts
    document: Any = None  # where programs are given more than the page shows


def _now(asked: Asked) -> Answer:
    return Answer("now", now(asked.rem, asked.catalog))


def _hosts(asked: Asked) -> Answer:
    return Answer("hosts", hosts(asked.rem, asked.catalog, asked.word("q")))


def _host(asked: Asked) -> Answer:
    facts = host(asked.rem, asked.catalog, asked.path)
    drawing = Drawing(asked.rem, asked.catalog, asked.word("span", "24h"))
    graphs = [(of, [drawing.graph(name) for name in names]) for of, names in facts.measures]
    return Answer("host", facts, {"graphs": graphs, "span": drawing.span, "spans": list(SPANS)})


def _graphs(asked: Asked) -> Answer:
    found, more = below(asked.rem.series.names(), asked.word("q"))
    drawing = Drawing(asked.rem, asked.catalog, asked.word("span", "24h"))
    context = {"span": drawing.span, "spans": list(SPANS), "asked": asked.word("q")}
    if wants_json(asked.request):
        return Answer("graphs", {"series": found, "more": more})
    graphs = [drawing.graph(name) for name in found]
    return Answer("graphs", {"series": found, "more": more}, {**context, "graphs": graphs})


def _graph(asked: Asked) -> Answer:
    drawing = Drawing(asked.rem, asked.catalog, asked.word("span", "24h"))
    facts = drawing.points(asked.path)
    told = {"name": facts.name, "start": facts.start, "step": facts.step, "values": facts.values}
    return Answer("graph", facts, {"span": drawing.span, "spans": list(SPANS)}, told)


def _jobs(asked: Asked) -> Answer:
    return Answer("jobs", jobs(asked.rem, asked.catalog))


def _run(asked: Asked) -> Answer:
    facts, told = run(asked.rem, asked.request.path_params["id"])
    return Answer("run", facts, document=told)


def _alerts(asked: Asked) -> Answer:
    return Answer("alerts", alerts(asked.rem, asked.catalog))


def _alert(asked: Asked) -> Answer:
    return Answer("alert", alert(asked.rem, asked.request.path_params["id"]))


def _oncall(asked: Asked) -> Answer:
    return Answer("oncall", oncall(asked.rem, asked.catalog))


def _changes(asked: Asked) -> Answer:
    return Answer("changes", changes(asked.rem))


def _change(asked: Asked) -> Answer:
    return Answer("change", change(asked.desk, asked.rem, asked.request.path_params["number"]))


def _packages(asked: Asked) -> Answer:
    return Answer("packages", packages(asked.rem, asked.catalog, asked.path))


def _search(asked: Asked) -> Answer:
    return Answer("search", search(asked.catalog, asked.word("q")))


PAGES: tuple[tuple[str, Callable[[Asked], Answer]], ...] = (
    ("/", _now),
    ("/hosts", _hosts),
    ("/hosts/{path:path}", _host),
    ("/graphs", _graphs),
    ("/graphs/{path:path}", _graph),
    ("/jobs", _jobs),
    ("/runs/{id:int}", _run),
    ("/alerts", _alerts),
    ("/alerts/{id}", _alert),
    ("/oncall", _oncall),
    ("/changes", _changes),
    ("/changes/{number:int}", _change),
    ("/packages/{path:path}", _packages),
    ("/search", _search),
)


def application(desk: Desk, door: Door, names: frozenset[str]) -> ASGIApp:
    """Everything, behind the guard. `names`: what this server is asked by, with its port."""
    routes: list[Route | Mount] = [
        Mount("/static", StaticFiles(directory=HERE / "static")),
        Route("/health", _health),
        Route("/sign-in", door.sign_in, methods=["GET", "POST"]),
        Route("/sign-out", door.sign_out, methods=["POST"]),
        Route("/packages", _to_packages),
        Route("/stream", _streaming(desk, door)),
        Route("/alerts/{id}/{what}", _acting(desk, door), methods=["POST"]),
        *(Route(path, _answering(desk, door, facts)) for path, facts in PAGES),
    ]
    app = Starlette(routes=routes, exception_handlers={404: _missing(desk, door), Exception: _broken})
    return Guard(app, names)


def _answering(desk: Desk, door: Door, facts: Callable[[Asked], Answer]) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(_answer, desk, door, facts, request)

    return endpoint


def _answer(desk: Desk, door: Door, facts: Callable[[Asked], Answer], request: Request) -> Response:
    with desk.open() as rem:
        person = door.person(rem, request)
        if person is None:
            return required(request)
        generation = rem.generations.active()
        around = {"shell": shell(rem), "person": person, "here": request.url.path}
        try:
            answer = facts(Asked(desk, rem, desk.catalog(rem, generation), request))
        except RemError as error:
            return _failed(error, request, around)
        if wants_json(request):
            return document(answer.name, answer.facts if answer.document is None else answer.document)
        return page(f"{answer.name}.html", {**around, **answer.more, "facts": answer.facts})


STATUSES = {NoTargetError: 404, UsageError: 400, GuardedError: 403}
ACTS = {"take": take, "leave": leave}


def _acting(desk: Desk, door: Door) -> Callable[[Request], Any]:
    """What an operator does about an episode."""

    def act(request: Request, given: Mapping[str, str]) -> Response:
        id, what = request.path_params["id"], request.path_params["what"]
        with desk.open() as rem:
            person = door.person(rem, request)
            if person is None:
                return required(request)
            around = {"shell": shell(rem), "person": person, "here": request.url.path}
            try:
                if what not in ACTS:
                    raise NoTargetError(f"there is nothing called '{what}' to do", hint="take, or leave")
                if person.role < Role.OPERATOR or not same(person.form, given.get("form", "")):
                    raise GuardedError(f"{person.name} may not do that", hint="operators may")
                ACTS[what](rem, id, person.name)
            except RemError as error:
                return _failed(error, request, around)
        return RedirectResponse(f"/alerts/{quote(id)}", 303)

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(act, request, await form(request))

    return endpoint


def _failed(error: RemError, request: Request, around: dict[str, Any]) -> Response:
    status = next((status for kind, status in STATUSES.items() if isinstance(error, kind)), 500)
    told = {"error": {"code": error.code, "message": error.message, "hint": error.hint}}
    if wants_json(request):
        return document("error", told, status)
    return page("error.html", {**around, "message": error.message, "hint": error.hint, "status": status}, status)


def _missing(desk: Desk, door: Door) -> Callable[[Request, Exception], Any]:
    def missing(asked: Asked) -> Answer:
        raise NoTargetError(f"there is no page at {asked.request.url.path}", hint="the bar above leads to all of them")

    async def endpoint(request: Request, error: Exception) -> Response:
        return await run_in_threadpool(_answer, desk, door, missing, request)

    return endpoint


async def _broken(request: Request, error: Exception) -> Response:
    return PlainTextResponse("a bug in rem: what went wrong is told where it was started\n", 500)


async def _health(request: Request) -> Response:
    return PlainTextResponse("ok\n")


async def _to_packages(request: Request) -> Response:
    return RedirectResponse("/packages/", 301)


def _streaming(desk: Desk, door: Door) -> Callable[[Request], Any]:
    def known(request: Request) -> Person | None:
        with desk.open() as rem:
            return door.person(rem, request)

    async def endpoint(request: Request) -> Response:
        if await run_in_threadpool(known, request) is None:
            return PlainTextResponse("sign in first\n", 401)
        return stream(desk, request)

    return endpoint

"""Facts to an answer: a page for people, one JSON document for programs, at the same address."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from rem_cli.clock import instant
from rem_cli.secrets import known
from rem_cli.web.facts import At, plain
from rem_cli.words import age, counted, span

if TYPE_CHECKING:
    from jinja2 import Environment

HERE = Path(__file__).parent


def wants_json(request: Request) -> bool:
    """Whether a program asks: it says so, or it says nothing that a browser says."""
    return "application/json" in request.headers.get("accept", "")


def document(name: str, facts: Any, status: int = 200) -> Response:
    """One JSON document; a dataclass gives its fields."""
    content = {"schema": f"rem.{name}/1", **plain(facts)}
    return Response(orjson.dumps(known.document(content)), status, media_type="application/json")


def page(template: str, context: dict[str, Any], status: int = 200) -> Response:
    """One page; secrets that this process has read are left out."""
    text = templates().get_template(template).render(**context)
    return Response(known.text(text), status, media_type="text/html")


@cache
def templates() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"ago": _ago, "clock": _clock, "iso": instant, "span": span, "number": number}
    made.globals |= {"counted": counted, "age": age}
    return made


def _ago(at: At, now: float) -> str:
    return age(now - at)


def _clock(at: At, now: float) -> str:
    """A time on the server's wall; with its day where that is not today's."""
    local, today = datetime.fromtimestamp(at).astimezone(), datetime.fromtimestamp(now).astimezone().date()
    return local.strftime("%H:%M" if local.date() == today else "%a %d %b %H:%M")


def number(value: float | None) -> str:
    """`0.327`, `58.4`, `8,880`, `1.47 M`: what fits beside a graph."""
    if value is None:
        return "no data"
    size = abs(value)
    for limit, letter in ((1e9, "G"), (1e6, "M")):
        if size >= limit:
            return f"{value / limit:.3g} {letter}"
    return f"{value:,.0f}" if size >= 1_000 or value == int(value) else f"{value:.3g}"

"""One stream a tab: it says that something became different, and the page asks for itself anew.

Server-Sent Events (WHATWG HTML, section 9.2). A page that has heard nothing for a while knows that it may be old.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import StreamingResponse

from rem_cli.web.desk import Desk

LOOK = 1.0  # seconds between looks at whether something changed
BEAT = 10.0  # seconds between signs of life


def stream(desk: Desk, request: Request) -> StreamingResponse:
    return StreamingResponse(
        _events(desk, request), media_type="text/event-stream", headers={"cache-control": "no-store"}
    )


async def _events(desk: Desk, request: Request) -> AsyncIterator[str]:
    seen = desk.stamp()
    yield "retry: 2000\nevent: beat\ndata:\n\n"
    quiet = 0.0
    while not await request.is_disconnected():
        await asyncio.sleep(LOOK)
        stamp = desk.stamp()
        quiet += LOOK
        if stamp != seen:
            seen, quiet = stamp, 0.0
            yield "event: changed\ndata:\n\n"
        elif quiet >= BEAT:
            quiet = 0.0
            yield "event: beat\ndata:\n\n"

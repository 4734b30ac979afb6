"""What an exporter exposes, scraped: its counters become rates."""

from __future__ import annotations

from rem_cli.collect import Conversation, NoAnswer, Reading, Target
from rem_cli.collect.outputs import exposed
from rem_cli.errors import RemError
from rem_cli.reach.asks import Failed, Fetch, Fetched

ACCEPT = "Accept: text/plain;version=0.0.4"
LARGEST = 16 << 20  # bytes


def collect(target: Target) -> Conversation:
    headers = [ACCEPT, *([f"Authorization: Bearer {target.secret}"] if target.secret else [])]
    to = target.address if target.fields.get("hosts") is not None else ""
    page: Fetched = yield Fetch(target.text("url"), target.timeout, to, headers, limit=LARGEST)
    if page.status != 200:
        return Reading({}, up=False, why=f"status {page.status}")
    try:
        found = exposed(page.body.decode("utf-8", "replace"))
    except RemError as error:
        where = str(error.where or "").replace("standard output", "the page")
        raise NoAnswer(Failed(f"{where}: {error.message}" if where else error.message, hint=error.hint)) from None
    return found._replace(values={"duration": page.seconds, **found.values})

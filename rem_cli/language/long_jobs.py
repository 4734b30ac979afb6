"""What a job that is left running on its hosts must say, and what it cannot keep there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rem_cli.language import Finding
from rem_cli.language.held import Held

_ATTENDED = "somebody would have to watch it from here all the time"
_UNKEPT = {
    "secrets": "whoever fetches its output later does not know them, and could not hide them in it",
    "secret files": "whoever fetches its output later does not know them, and could not hide them in it",
    "idle timeout": _ATTENDED,
    "batch": _ATTENDED,
    "max fail": _ATTENDED,
    "retry": _ATTENDED,
    "locks": _ATTENDED,
    "input": "whoever takes a message must see its program end",
}


def unfit(items: Mapping[str, Held]) -> Iterator[Finding]:
    """What is wrong with the long jobs of one package."""
    for held in items.values():
        if held.item.process == "builtin jobs" and held.item.fields.get("detached") is True:
            yield from _unfit(held)


def _unfit(held: Held) -> Iterator[Finding]:
    name = held.item.key
    if "timeout" not in held.own and "detached" in held.own:
        text = f"'{name}' is left running on its hosts, and does not say for how long"
        yield Finding("REM2701", text, held.own["detached"].key_place, hint="like timeout: 6h, 7d at most")
    for field, why in _UNKEPT.items():
        if field in held.own and held.item.fields.get(field) not in (None, {}):
            text = f"'{name}' is left running on its hosts, which cannot keep its '{field}': {why}"
            yield Finding("REM2702", text, held.own[field].key_place, hint=f"leave out {field}, or detached")

"""How the difference between two catalogs is told: to people, to programs, and in a pull request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from rem_cli.cli import show
from rem_cli.errors import Place
from rem_cli.plan.diff import values
from rem_cli.plan.difference import Difference

MOST = 40  # items that are listed before the rest is counted
_SIGNS = {"added": ("+", "green"), "removed": ("-", "red"), "changed": ("~", "yellow")}


def text(difference: Difference, *, most: int | None = MOST) -> None:
    """For people: a line an item, what it means beside it, its fields below it."""
    rows = list(difference.rows())
    width = min(max((len(path) for _, path, _ in rows), default=0), 48)
    for how, path, meant in rows[:most]:
        sign, color = _SIGNS.get(how, ("·", "dim"))
        beside = ("  " + meant[0],) if meant else ()
        show.line((sign, color), " ", show.clean(path).ljust(width) if beside else path, *beside)
        for more in meant[1:]:
            show.line(" " * (width + 4), more)
        for name, old, new in difference.fields(path) if how == "changed" else ():
            arrow = " → " if old else " "
            show.line("    ", (f"{name}: ", "dim"), (_short(old), "red"), (arrow, "dim"), (_short(new), "green"))
    for path, how in difference.changes.scripts.items():
        show.line(_SIGNS[how], f" {path}", ("  file", "dim"))
    if most is not None and len(rows) > most:
        show.line((f"  and {len(rows) - most} more items: --format json has them all", "dim"))


def document(difference: Difference) -> dict[str, Any]:
    """For programs. The words that `rem apply` always had stay what they were."""
    old, new, changes = difference.old, difference.new, difference.changes
    return {
        "added": list(changes.added),
        "changed": {path: list(names) for path, names in changes.changed.items()},
        "removed": list(changes.removed),
        "scripts": dict(changes.scripts),
        "values": {
            path: {name: {"old": was, "new": now} for name, (was, now) in pairs.items()}
            for path, pairs in values(old, new, changes).items()
        },
        "meaning": [one._asdict() for one in difference.meaning],
    }


def markdown(difference: Difference, title: str) -> Iterator[str]:
    """For a pull request: a table of what it means, and the fields folded away."""
    yield f"### {_cell(title)}"
    yield ""
    if not difference:
        yield "Nothing changes."
        return
    yield f"**{difference.counts()}**"
    yield ""
    yield "| | item | what it means |"
    yield "| --- | --- | --- |"
    for how, path, meant in difference.rows():
        sign, _ = _SIGNS.get(how, ("·", ""))
        yield f"| `{sign}` | {_code(path)} | {'<br>'.join(_cell(one) for one in meant)} |"
    for path, how in difference.changes.scripts.items():
        yield f"| `{_SIGNS[how][0]}` | {_code(path)} | file |"
    details = [(path, *field) for path in difference.changes.changed for field in difference.fields(path)]
    if details:
        yield ""
        yield "<details><summary>fields</summary>"
        yield ""
        yield "| item | field | before | after |"
        yield "| --- | --- | --- | --- |"
        for path, name, before, after in details:
            yield f"| {_code(path)} | {_cell(name)} | {_code(before)} | {_code(after)} |"
        yield ""
        yield "</details>"


def github(difference: Difference, place: Callable[[str, str | None], Place | None]) -> Iterator[str]:
    """For a pull request on GitHub: a workflow command an item, which is shown beside the line of the change.

    `place` is where an item, or a field of it, is written now; None where it is not.
    """
    from rem_cli.cli.reports import command

    for how, path, meant in difference.rows():
        fields = list(difference.fields(path)) if how == "changed" else []
        lines = [f"{path} is {how}", *meant]
        lines += [f"{name}: {_short(old)} → {_short(new)}" if old else f"{name}: {new}" for name, old, new in fields]
        where = next((found for name, *_ in fields if (found := place(path, name))), None) or place(path, None)
        yield command("notice", f"{how}: {path}", lines, where)
    for path, how in difference.changes.scripts.items():
        yield command("notice", f"{how}: {path}", [f"the file {path} is {how}"], place(path, None))


def _short(value: str) -> str:
    one_line = show.clean(value)
    return one_line if len(one_line) <= 80 else f"{one_line[:79]}…"


def _cell(text: str) -> str:
    """Text that is nothing but text in a table of Markdown."""
    clean = show.clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"\\{c}" if c in "\\`*_{}[]()#+!|~" else c for c in clean)


def _code(text: str) -> str:
    """Text as code in a table of Markdown; HTML, since a backtick inside of backticks would end it."""
    clean = show.clean(text)
    escaped = "".join(f"&#{ord(c)};" if c in "&<>|`*_[]\\" else c for c in clean)
    return f"<code>{escaped}</code>" if text else ""

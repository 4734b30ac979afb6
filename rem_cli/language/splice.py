"""Where letters go out and come in for one change of a text; every other letter stays.

Each function gives ways to make the change, the best first. None of them is trusted: `edit` takes the first whose
result, read anew, is the old data with that one change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rem_cli.language.forms import Lines, Typed, literal
from rem_cli.language.layout import Entry, Layout, Part, line_after, line_end, line_start

_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*[ \t]*)*")


class Splice(NamedTuple):
    """These letters of a text give way to others."""

    start: int
    end: int
    text: str


Way = list[Splice]


def apply(text: str, way: Way) -> str:
    """The text with its splices made; they do not overlap."""
    for one in sorted(way, reverse=True):
        text = text[: one.start] + one.text + text[one.end :]
    return text


def brought(way: Way) -> list[tuple[int, int]]:
    """Where in the result the new letters stand."""
    found, shift = [], 0
    for one in sorted(way):
        found.append((one.start + shift, one.start + shift + len(one.text)))
        shift += len(one.text) - (one.end - one.start)
    return found


def outside(comments: Iterable[tuple[int, str]], parts: Sequence[tuple[int, int]]) -> list[str]:
    """The comments that do not stand in these parts of a text."""
    return [said for at, said in comments if not any(start <= at < end for start, end in parts)]


def replaced(layout: Layout, path: Sequence[str | int], new: Typed) -> Iterator[Way]:
    """Another value at a path."""
    found = layout.find(path)
    if len(found) < len(path) or not found:
        return
    entry, old = found[-1], found[-1].value
    flow = layout.root.flow or any(above.value.flow for above in found[:-1])
    if old.kind == "empty":
        sign = "" if entry.mark >= 0 or entry.key is None else ":"
        yield [Splice(max(entry.end, old.end), max(entry.end, old.end), f"{sign} {new.written(flow=flow)}")]
    elif old.style in ("|", ">"):
        yield from _instead_of_block(layout.text, old, new)
    elif old.kind != "scalar" and not old.flow and old.kind != "alias":
        at = _head(layout.text, entry)
        written = new.written(flow=flow)
        if line_end(layout.text, at) < old.body:
            yield [Splice(at, at, f" {written}"), Splice(line_end(layout.text, at), old.end, "")]
        else:
            yield [Splice(old.body, old.end, written)]
    else:
        yield [Splice(old.body, old.end, new.in_style(old.style, flow=flow))]
        yield [Splice(old.body, old.end, new.written(flow=flow))]
    if old.start < old.body:
        yield [Splice(old.start, old.end, new.written(flow=flow))]  # a tag is of the old value


def _instead_of_block(text: str, old: Part, new: Typed) -> Iterator[Way]:
    header = re.compile("[|>][-+0-9]*").match(text, old.body)
    assert header
    first = line_after(text, old.body)
    content = re.compile("[\r\n]*( *)").match(text, first)
    lines = literal(new.data, len(content[1]) if content else 0, ending(text))
    if lines and first < old.end:
        yield [Splice(old.body, header.end(), lines[0]), Splice(first, old.end, lines[1])]
    last = line_end(text, old.body)
    yield [Splice(old.body, header.end(), new.written(flow=False)), Splice(last, max(last, old.end), "")]


def added(
    layout: Layout, path: Sequence[str | int], new: Lines, *, behind: Sequence[str | int] = (), fill: bool = True
) -> Iterator[Way]:
    """Something more in the mapping or list at a path, behind the first of the named entries that is there.

    With `fill` an empty `{}` is filled in its line; without, it gives way to lines.
    """
    found = layout.find(path)
    if len(found) < len(path):
        return
    holder = found[-1].value if found else layout.root
    inline = bool(found) and (layout.root.flow or any(above.value.flow for above in found[:-1]))
    if holder.entries:
        at = _behind(holder, behind)
        if not holder.flow:
            yield _below(layout, holder, at, new)
        elif new.flow is not None:
            yield _into_flow(holder, at, new.flow)
    elif holder.kind in ("mapping", "list") and (fill or inline):
        if new.flow is not None:
            yield [Splice(holder.body + 1, holder.end - 1, new.flow)]
    elif not found:
        yield from _alone(layout, new)
    elif holder.kind == "alias":
        return
    elif not inline:
        yield from _opened(layout, found, new)
    elif new.flow is not None:
        yield [Splice(len(layout.text[: holder.body].rstrip()), holder.end, f" {{{new.flow}}}")]


def _behind(holder: Part, names: Sequence[str | int]) -> int:
    """The number of the entry behind which another goes; -1 before the first."""
    for name in names:
        if isinstance(name, int):
            return name
        for number, entry in enumerate(holder.entries):
            if entry.key and entry.key.value == name:
                return number
    return len(holder.entries) - 1


def _into_flow(holder: Part, at: int, more: str) -> Way:
    if at < 0:
        return [Splice(holder.entries[0].start, holder.entries[0].start, f"{more}, ")]
    end = holder.entries[at].end
    return [Splice(end, end, f", {more}")]


def _below(layout: Layout, holder: Part, at: int, new: Lines) -> Way:
    text, first = layout.text, holder.entries[0]
    lines = new.block(column(text, first.start), step_of(layout))
    place = line_start(text, first.start) if at < 0 else line_after(text, holder.entries[at].end)
    return [_lines(text, place, lines)]


def _opened(layout: Layout, found: Sequence[Entry], new: Lines) -> Iterator[Way]:
    """Lines below a key that has no value yet."""
    text, entry = layout.text, found[-1]
    step = step_of(layout)
    at = _head(text, entry)
    lines = new.block(column(text, entry.start) + step, step)
    old = entry.value
    gone = [] if old.kind == "empty" else [Splice(len(text[: old.body].rstrip(" ")), old.end, "")]
    yield [*gone, _lines(text, line_after(text, max(at, old.end)), lines)]


def _alone(layout: Layout, new: Lines) -> Iterator[Way]:
    """Lines in a text that says nothing yet."""
    text, root = layout.text, layout.root
    if root.kind == "empty":
        yield [_lines(text, len(text), new.block(0, 2))]
    elif root.end <= len(text):
        yield [Splice(root.body, root.end, ending(text).join(new.block(0, 2)))]


def _lines(text: str, at: int, lines: Sequence[str]) -> Splice:
    end = ending(text)
    gap = end if at and at == len(text) and line_start(text, at) < at else ""
    return Splice(at, at, gap + "".join(line + end for line in lines))


def removed(layout: Layout, path: Sequence[str | int], *, along: bool = False) -> Iterator[Way]:
    """Without the entry at a path; `along` with the comments above and below that are its own."""
    found = layout.find(path)
    if len(found) < len(path) or not found:
        return
    entry = found[-1]
    holder = found[-2].value if len(found) > 1 else layout.root
    number = next(n for n, one in enumerate(holder.entries) if one is entry)
    text = layout.text
    if holder.flow:
        yield from _out_of_flow(text, holder, number)
        return
    start, end = span(text, entry, along=along)
    below = found[-2] if len(holder.entries) == 1 and len(found) > 1 else None
    if text[start : entry.start].strip() and not along:  # `- a: 1`
        after = holder.entries[1].start if below is None and len(holder.entries) > 1 else -1
        yield [Splice(entry.start, after, "")] if after > 0 else [Splice(holder.body, holder.end, "{}")]
    elif below is None:
        yield [Splice(start, end, "")]
    else:
        at = _head(text, below)
        yield [Splice(at, at, " []" if holder.kind == "list" else " {}"), Splice(start, end, "")]


def span(text: str, entry: Entry, *, along: bool) -> tuple[int, int]:
    """The lines of an entry of a block; `along` with the comments that stand above it, or deeper and below."""
    start, end = line_start(text, entry.start), line_after(text, entry.end)
    if not along:
        return start, end
    mine = entry.start - start
    while start:
        above = line_start(text, start - 1) if text[start - 2 : start] != "\r\n" else line_start(text, start - 2)
        line = text[above:start].rstrip()
        if not line.lstrip(" ").startswith("#") or len(line) - len(line.lstrip(" ")) != mine or not above:
            break  # the first lines of a file speak of the file
        start = above
    while end < len(text):
        line = text[end : line_end(text, end)]
        if not line.lstrip(" ").startswith("#") or len(line) - len(line.lstrip(" ")) <= mine:
            break
        end = line_after(text, end)
    return start, end


def _out_of_flow(text: str, holder: Part, number: int) -> Iterator[Way]:
    entry = holder.entries[number]
    first = line_start(text, entry.start)
    rest = text[entry.comma + 1 : line_end(text, entry.comma)].strip() if entry.comma >= 0 else "x"
    if len(holder.entries) == 1:
        yield [Splice(holder.body + 1, holder.end - 1, "")]
    elif not text[first : entry.start].strip() and (not rest or rest.startswith("#")):
        yield [Splice(first, line_after(text, entry.comma), "")]
    elif number + 1 < len(holder.entries):
        yield [Splice(entry.start, holder.entries[number + 1].start, "")]
    else:
        before = holder.entries[number - 1]
        if line_end(text, before.end) < entry.start:
            yield [Splice(before.comma, before.comma + 1, ""), Splice(entry.start, entry.end, "")]
        else:
            yield [Splice(before.end, entry.end, "")]


def _head(text: str, entry: Entry) -> int:
    """Behind the `:` or `-` of an entry, and behind an anchor and tag there."""
    start = entry.value.start
    found = _PROPERTIES.match(text, start) if start < entry.value.body or entry.value.kind == "empty" else None
    if not found or not found[0]:
        return entry.mark if entry.mark >= 0 else entry.end
    return start + len(found[0].rstrip())


def column(text: str, at: int) -> int:
    """How many letters stand before a place in its line."""
    return at - line_start(text, at)


def step_of(layout: Layout) -> int:
    """How far this text indents: its first nested block mapping says."""
    part: Part | None = layout.root
    while part and part.kind == "mapping" and part.entries and not part.flow:
        for entry in part.entries:
            inner = entry.value
            if inner.kind == "mapping" and inner.entries and not inner.flow:
                return max(1, column(layout.text, inner.entries[0].start) - column(layout.text, part.entries[0].start))
        part = None
    return 2


def ending(text: str) -> str:
    """How this text ends its lines."""
    return "\r\n" if "\r\n" in text else "\n"

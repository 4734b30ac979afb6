"""Changes to a package's text that keep every other byte: what is there is never written anew.

A change is a splice, proved by reading the result: its data must be the old data with that one change, and no comment
may be lost, else the edit is refused and nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from rem_cli.errors import Place, RemError
from rem_cli.language import forms, splice
from rem_cli.language.forms import Lines, Typed
from rem_cli.language.forms import text as text
from rem_cli.language.forms import value as value
from rem_cli.language.layout import Layout, Part, line_start
from rem_cli.language.source import Source, read
from rem_cli.language.splice import Way

Path = Sequence[str | int]


class CannotEdit(RemError):
    """The text has a form in which a change could not be made without touching more than it should."""

    code = "cannot-edit"


class Step(NamedTuple):
    """One change at one place."""

    verb: str  # "replace", "add", "remove", "remove along"
    path: tuple[str | int, ...]
    new: Typed | None = None


def change(file: str, text: str, path: Path, new: Typed, *, behind: Path = ()) -> str:
    """The text with another value at `path`, which may not be there yet; what is equal in both is not touched.

    A new key goes behind the first of the keys `behind` that is there. CannotEdit when that would touch anything else.
    """
    mark, source = opened(file, text)
    here = len(Layout(source.text).find(path)) == len(path)  # and does not come by a merge
    for step in _steps(_at(source.data, path) if here else Missing, new, tuple(path)):
        source = _stepped(source, step, behind)
    return mark + source.text


def unset(file: str, text: str, path: Path, *, along: bool = False) -> str:
    """The text without the key at `path`, and without the comments in its lines. CannotEdit like `change`.

    `along` takes the comments above it with it, too.
    """
    mark, source = opened(file, text)
    return mark + _stepped(source, Step("remove along" if along else "remove", tuple(path)), ()).text


def insert(file: str, text: str, path: Sequence[str], fields: Mapping[str, str]) -> str:
    """The text with one more mapping at `path`, its fields as typed (`hosts: "@web"`).

    CannotEdit when something is there already, or when the text is one that cannot be spliced safely.
    """
    data = {name: value(given) for name, given in fields.items()}
    return put(file, text, path, lambda rest: forms.fields(rest, fields), data)


def put(file: str, text: str, path: Sequence[str], lines: Callable[[Sequence[str]], Lines], data: Any) -> str:
    """The text with `data` at `path`, written as `lines(rest)` says, where `rest` are the keys that are new.

    CannotEdit like `insert`.
    """
    mark, source = opened(file, text)
    known = _known(source.data, path)
    if known == len(path):
        raise CannotEdit(f"'{'/'.join(path)}' is in {file} already", where=source.key_place(path))
    above, rest = path[:known], path[known:]
    holder = _at(source.data, above)
    if holder is not None and not isinstance(holder, dict):
        raise CannotEdit(f"'{'/'.join(above) or 'this'}' in {file} is no mapping", where=source.place(above))
    layout = Layout(source.text)
    expected = copied(source.data) if source.data is not None else {}
    _put(expected, path, data)
    made = proved(source, splice.added(layout, above, lines(rest), fill=False), expected, layout)
    if made is None:
        why = f"{file} could not be changed without touching its other lines"
        where = source.key_place(above) if above else None
        raise CannotEdit(why, hint="put this in it:", where=where, lines=lines(path).block(0, 2))
    return mark + made.text


def opened(file: str, text: str) -> tuple[str, Source]:
    """A text's byte order mark, and what it says; CannotEdit when it has problems of its own."""
    source = read(file, text.encode())
    if source.findings:
        raise CannotEdit(f"{file} has problems of its own", hint="rem validate")
    return "\ufeff" if text.startswith("\ufeff") else "", source


def proved(source: Source, ways: Iterable[Way], expected: Any, layout: Layout, *, lost: bool = False) -> Source | None:
    """The first result whose data is as expected and that has every comment; `lost` but those that were cut out."""
    for way in ways:
        again = read(source.file, splice.apply(source.text, way).encode())
        if again.findings or not same(again.data, expected):
            continue
        cut = [(one.start, one.end) for one in way if lost and not one.text]
        kept = splice.outside(layout.comments(), cut)
        if kept == splice.outside(Layout(again.text).comments(), splice.brought(way)):
            return again
    return None


def same(one: Any, two: Any) -> bool:
    """Whether two data are equal in kind as well: 1 is neither true nor 1.0."""
    if type(one) is not type(two):
        return False
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(same(inner, two[key]) for key, inner in one.items())
    if isinstance(one, list):
        return len(one) == len(two) and all(map(same, one, two))
    return bool(one == two or (one != one and two != two))


def copied(data: Any) -> Any:
    """A copy in which no two parts are one: what an alias shares must not change with it."""
    if isinstance(data, dict):
        return {key: copied(one) for key, one in data.items()}
    return [copied(one) for one in data] if isinstance(data, list) else data


def _stepped(source: Source, step: Step, behind: Path) -> Source:
    layout, path, new = Layout(source.text), step.path, step.new
    expected = copied(source.data) if source.data is not None else {}
    if new is None:
        ways = splice.removed(layout, path, along=step.verb == "remove along")
        del _at(expected, path[:-1])[path[-1]]
    elif step.verb == "replace":
        ways = splice.replaced(layout, path, new)
        _at(expected, path[:-1])[path[-1]] = new.data
    else:
        ways = _more(layout, path, new, behind)
        holder = _at(expected, path[:-1])
        if holder is None:
            holder = _at(expected, path[:-2])[path[-2]] = {}
        if isinstance(holder, list):
            holder.insert(int(path[-1]), new.data)
        else:
            holder[path[-1]] = new.data
    made = proved(source, ways, expected, layout, lost=step.new is None)
    if made is None:
        raise _refused(source, layout, step)
    return made


def _more(layout: Layout, path: Path, new: Typed, behind: Path) -> Iterator[Way]:
    last = path[-1]
    if isinstance(last, int):
        return splice.added(layout, path[:-1], forms.element(new), behind=[last - 1])
    return splice.added(layout, path[:-1], forms.field(last, new), behind=behind)


def _refused(source: Source, layout: Layout, step: Step) -> CannotEdit:
    """Why a change cannot be made, where, and what to type there by hand."""
    name = step.path[-1]
    found = layout.find(step.path)
    why = f"{source.file} could not be changed here without touching something else"
    where = source.place(step.path)
    alias = next((n for n, entry in enumerate(found) if entry.value.kind == "alias"), None)
    if alias is not None and len(found) < len(step.path):
        why = f"'{step.path[alias]}' is an alias; a change in it would be one at its anchor"
        where = _place(source, found[alias].value)
    elif len(found) < len(step.path) and step.verb != "add":
        why = f"'{name}' comes from a merge or an alias and is not written here"
    elif found and found[-1].value.start < found[-1].value.body and step.verb != "add":
        why = f"'{name}' has an anchor; what its aliases stand for would change with it"
    elif found and step.verb == "replace" and any(found[-1].start <= at < found[-1].end for at, _ in layout.comments()):
        why = f"a comment stands in the value of '{name}' and would be lost"
    doing = f"take out the lines of '{name}'"
    if step.new:
        doing = f"write by hand: {step.new.text if isinstance(name, int) else f'{name}: {step.new.text}'}"
    return CannotEdit(why, where=where, hint=doing)


def _place(source: Source, part: Part) -> Place:
    line = source.text.count("\n", 0, part.start) + 1
    return source.at(line, part.start - line_start(source.text, part.start) + 1, part.end - part.start)


def _steps(old: Any, new: Typed, path: tuple[str | int, ...]) -> Iterator[Step]:
    """The single changes that make a value of another; the old one is Missing where there is none."""
    if old is Missing:
        yield Step("add", path, new)
    elif isinstance(old, dict) and isinstance(new.data, dict) and old and new.data:
        for name, inner in new.children():
            yield from _steps(old.get(name, Missing), inner, (*path, name))
        for name in old:
            if name not in new.data:
                yield Step("remove", (*path, name))
    elif isinstance(old, list) and isinstance(new.data, list) and old and new.data:
        yield from _list_steps(old, new, path)
    elif not (same(old, new.data) and isinstance(old, dict | list)):
        yield Step("replace", path, new)


def _list_steps(old: list[Any], new: Typed, path: tuple[str | int, ...]) -> Iterator[Step]:
    """What is alike at both ends stays; between them element after element."""
    elements = [inner for _, inner in new.children()]
    head = 0
    while head < min(len(old), len(elements)) and _alike(old[head], elements[head].data):
        head += 1
    tail = 0
    while tail < min(len(old), len(elements)) - head and _alike(old[-1 - tail], elements[-1 - tail].data):
        tail += 1
    have, want = len(old) - head - tail, len(elements) - head - tail
    for number in range(head, head + min(have, want)):
        yield from _steps(old[number], elements[number], (*path, number))
    for _ in range(have - want):
        yield Step("remove", (*path, head + want))
    for number in range(head + have, head + want):
        yield Step("add", (*path, number), elements[number])


def _alike(one: Any, two: Any) -> bool:
    return same(one, two) and not isinstance(one, float)  # 1.10 and 1.1 are one number and two texts


class _Missing:
    pass


Missing: Any = _Missing()


def _at(data: Any, path: Path) -> Any:
    for step in path:
        inside = isinstance(data, dict | list) and (
            step in data if isinstance(data, dict) else isinstance(step, int) and step < len(data)
        )
        if not inside:
            return Missing
        data = data[step]
    return data


def _known(data: Any, path: Sequence[str]) -> int:
    """How many keys of a path are there."""
    known = 0
    while known < len(path) and isinstance(data, dict) and path[known] in data:
        data = data[path[known]]
        known += 1
    return known


def _put(data: Any, path: Path, leaf: Any) -> None:
    for key in path[:-1]:
        if data.get(key) is None:
            data[key] = {}
        data = data[key]
    data[path[-1]] = leaf

"""Which hosts a selector means.

`web,!web3,@group,tag=db,site=berlin,~^db\\d+$`: terms between commas, each adds hosts; with `!` it takes hosts away,
whatever the order. Only exclusions means all but those.

- `web01`: a host's key, its name, or the item's full path
- `@berlin`: the value of any of its layers
- `site=berlin`: a field or layer; a list holds it (`tag=db` is `tags=db`)
- `~^db\\d+$`: a pattern that is found in its key, name or path; commas inside of brackets are the pattern's own

`*` and `?` stand for any text and any one character, but in patterns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from rem_cli.errors import NoTargetError, Place, UsageError
from rem_cli.language import Item, Value, pattern
from rem_cli.language.names import nearest, vocabulary

FIELD_WORDS = {"tag": "tags"}

Test = Callable[[Item], bool]


class Term(NamedTuple):
    """One term: what it says of a host."""

    text: str  # as written, without its `!`
    column: int  # where it begins, from 1
    without: bool
    test: Test
    field: str | None = None  # the field it asks for
    exact: str | None = None  # the one host it names


def select(text: str, inventory: Sequence[Item], *, file: str = "hosts") -> list[Item]:
    """The hosts that a selector means, in the inventory's order.

    UsageError points at what cannot be read; NoTargetError when nothing is left, or when a term names one host that
    is not there: run on fewer hosts, or on one that was meant to be left out, is worse than not run at all.
    """
    terms = parse(text, file=file)
    for term in terms:
        _known(term, text, inventory, file)
    chosen = meant(terms, inventory)
    if not chosen:
        raise _nothing(text, terms, inventory, file)
    return chosen


def meant(terms: Sequence[Term], hosts: Sequence[Item]) -> list[Item]:
    """Those of some hosts that the terms mean, in their order."""
    wanted = [term for term in terms if not term.without]
    unwanted = [term for term in terms if term.without]
    chosen = [item for item in hosts if not wanted or any(term.test(item) for term in wanted)]
    return [item for item in chosen if not any(term.test(item) for term in unwanted)]


def parse(text: str, *, file: str = "hosts") -> list[Term]:
    """The terms of a selector; UsageError."""
    terms = [_term(part, column, text, file) for part, column in _parts(text)]
    if not terms:
        raise UsageError("no host is named", hint="`*` means all of them", where=_place(text, 1, 0, file))
    return terms


def _parts(text: str) -> Iterator[tuple[str, int]]:
    """The text between commas, with the column where it begins; in a pattern, commas within brackets stay."""
    start = depth = 0
    escaped = False
    for at, letter in enumerate(text + ","):
        a_pattern = text[start:at].lstrip(" !").startswith("~")
        if letter == "," and (not a_pattern or at == len(text) or not (depth or escaped)):
            part = text[start:at]
            if part.strip():
                yield part.strip(), start + 1 + len(part) - len(part.lstrip())
            start, depth, escaped = at + 1, 0, False
        elif a_pattern and not escaped:
            depth = max(0, depth + (letter in "([{") - (letter in ")]}"))
            escaped = letter == "\\"
        else:
            escaped = False


def _term(part: str, column: int, text: str, file: str) -> Term:
    without = part.startswith("!")
    body = part[1:].lstrip() if without else part
    at = column + len(part) - len(body)
    if not body or body in ("@", "~") or body.startswith("!"):
        raise UsageError(f"'{part}' names no host", where=_place(text, column, len(part), file))
    if body.startswith("~"):
        return Term(body, at, without, _pattern(body[1:], at + 1, text, file))
    if body.startswith("@"):
        layer = _glob(body[1:])
        return Term(body, at, without, lambda item: any(layer(value) for value in item.layers.values()))
    field, equals, value = body.partition("=")
    if equals:
        word = vocabulary(field.strip())
        name = FIELD_WORDS.get(word, word)
        if not name or not value.strip():
            raise UsageError(f"'{part}' needs a field and a value", where=_place(text, column, len(part), file))
        holds = _glob(value.strip())
        return Term(body, at, without, lambda item: any(map(holds, _values(item, name))), field=name)
    matches = _glob(body)
    exact = None if "*" in body or "?" in body else body
    return Term(body, at, without, lambda item: any(map(matches, _names(item))), exact=exact)


def _pattern(text: str, column: int, whole: str, file: str) -> Test:
    try:
        compiled = pattern.compile(text)
    except pattern.PatternError as error:
        raise UsageError(str(error), where=_place(whole, column + error.at, 1, file)) from None
    return lambda item: any(map(compiled.found_in, _names(item)))


def _glob(text: str) -> Callable[[str], bool]:
    """A test for text in which `*` and `?` stand for others. Greedy, so never slower than the product of lengths."""
    if "*" not in text and "?" not in text:
        return text.__eq__

    def matches(name: str) -> bool:
        at = here = 0
        star = mark = -1
        while at < len(name):
            if here < len(text) and text[here] == "*":
                star, mark = here, at
                here += 1
            elif here < len(text) and text[here] in ("?", name[at]):
                here, at = here + 1, at + 1
            elif star >= 0:  # let the last star take one more
                mark += 1
                here, at = star + 1, mark
            else:
                return False
        return not text[here:].strip("*")

    return matches


def _names(item: Item) -> set[str]:
    name = item.fields.get("name")
    return {item.key, item.path, name if isinstance(name, str) else item.key}


def _values(item: Item, field: str) -> list[str]:
    value = item.layers[field] if field in item.layers else item.fields.get(field)
    return [_text(one) for one in (value if isinstance(value, list) else [value]) if one is not None]


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _known(term: Term, text: str, inventory: Sequence[Item], file: str) -> None:
    """Refuse a term that speaks of a field or of one host that is nowhere: it is a slip of the hand."""
    where = _place(text, term.column, len(term.text), file)
    if term.field is not None and inventory:
        fields = {vocabulary(name) for item in inventory for name in (*item.fields, *item.layers)}
        if term.field not in fields:
            hint = _did_you_mean(term.field, fields) or f"fields: {', '.join(sorted(fields))}"
            raise UsageError(f"'{term.field}' is not a field of any host", hint=hint, where=where)
    if term.exact is not None and not any(map(term.test, inventory)):
        said = f"no host is called '{term.exact}'"
        raise NoTargetError(
            said, hint=_did_you_mean(term.exact, _all_names(inventory)) or _how_many(inventory), where=where
        )


def _nothing(text: str, terms: Sequence[Term], inventory: Sequence[Item], file: str) -> NoTargetError:
    hint = None
    for term in terms:
        if any(map(term.test, inventory)) and not term.without:
            hint = "its exclusions take away every host that the rest names"
        elif hint is None and not term.without:
            hint = _did_you_mean(*_asked(term, inventory))
    said = f"no host is '{text}'"
    return NoTargetError(said, hint=hint or _how_many(inventory), where=_place(text, 1, len(text), file))


def _asked(term: Term, inventory: Sequence[Item]) -> tuple[str, set[str]]:
    """What a term looked for, and what it could have found."""
    if term.field is not None:
        return term.text.partition("=")[2].strip(), {value for item in inventory for value in _values(item, term.field)}
    if term.text.startswith("@"):
        return term.text[1:], {value for item in inventory for value in item.layers.values()}
    return term.text, _all_names(inventory)


def _all_names(inventory: Sequence[Item]) -> set[str]:
    return {name for item in inventory for name in _names(item)}


def _did_you_mean(word: str, words: set[str]) -> str | None:
    near = nearest(word, sorted(words))
    return f"did you mean {near}?" if near else None


def _how_many(inventory: Sequence[Item]) -> str:
    if not inventory:
        return "there are no hosts yet: rem new host"
    return f"there are {len(inventory)} hosts: rem host list"


def _place(text: str, column: int, width: int, file: str) -> Place:
    return Place(file, 1, column, width, text)

"""Texts, numbers and choices, and what is made of other values: lists, maps and records."""

from __future__ import annotations

import math
import re

from rem_cli.language import Value
from rem_cli.language.at import At, Misfit
from rem_cli.language.names import nearest, vocabulary
from rem_cli.language.pattern import PatternError
from rem_cli.language.pattern import compile as compile_pattern
from rem_cli.language.types.type import Type, choice_misfit, read_text, within, within_length


def label(raw: At, type: Type) -> str:
    text = read_text(raw, type)
    if not text.strip() or text != text.strip():
        raise Misfit("a label is not empty and has no blanks at its ends")
    if "\n" in text or len(text) > 200:
        raise Misfit("a label is one line of at most 200 characters")
    return text


def number(raw: At, type: Type) -> int | float:
    value = _with_unit(raw, type)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        unit = f"a number, alone or with its unit, like 12 {type.unit}"
        raise Misfit(
            f"'{raw.shown}' is not a number", unit if type.unit else "a number like 12 or 0.5, without quotes or unit"
        )
    if not math.isfinite(value):
        raise Misfit(f"'{raw.shown}' is not a finite number")
    return within(value, type, raw)


_MEASURED = re.compile(r"(-?[0-9]{1,15}(?:\.[0-9]{1,15})?)\s*([^\s0-9].{0,20})").fullmatch


def _with_unit(raw: At, type: Type) -> object:
    """The number of `12 ms` where the type's unit is ms; anything else as it is."""
    found = _MEASURED(raw.data) if type.unit and isinstance(raw.data, str) else None
    if not found:
        return raw.data
    if found[2] != type.unit:
        raise Misfit(f"'{raw.shown}' is in {found[2]}, not in {type.unit}", f"write it in {type.unit}")
    return float(found[1]) if "." in found[1] else int(found[1])


def count(raw: At, type: Type) -> int:
    value = _with_unit(raw, type)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0 or _negative_zero(raw):
        quoted = isinstance(value, str) and value.isascii() and value.isdecimal()
        limits = f"{type.least or 0:g} or more" if type.most is None else f"from {type.least or 0:g} to {type.most:g}"
        hint = f"write {raw.shown} without quotes" if quoted else f"a whole number, {limits}"
        raise Misfit(f"'{raw.shown}' is not a {type.name}", hint)
    if abs(value) > 1 << 53:
        raise Misfit("this count is larger than 9,007,199,254,740,992")
    return int(within(value, type, raw))


def _negative_zero(raw: At) -> bool:
    return raw.data == 0 and (raw.text or "").startswith("-")


def boolean(raw: At, type: Type) -> bool:
    if not isinstance(raw.data, bool):
        hint = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(str(raw.data).lower())
        raise Misfit(f"'{raw.shown}' is not true or false", f"write {hint}" if hint else "write true or false")
    return raw.data


def choice(raw: At, type: Type) -> str:
    text = raw.written()
    if text not in type.choices:
        raise choice_misfit(text, type)
    return text


def pattern(raw: At, type: Type) -> str:
    """A pattern whose cost is bounded by its length times the text's."""
    text = read_text(raw, type)
    try:
        compile_pattern(text)
    except PatternError as error:
        where = f"at character {error.at + 1} of the pattern"
        raise Misfit(f"{error} ({where})", "what REM matches: . [a-z] \\d \\w \\s ( ) | * + ? {2,5} ^ $") from None
    return text


def list_of(raw: At, type: Type) -> Value:
    if not isinstance(raw.data, list):
        like = "write [{word: value}]" if isinstance(raw.data, dict) else "write [a, b]"
        raise Misfit(f"this is {raw.kind}, not a list", f"write [{raw.shown}]" if raw.text else like)
    within_length(len(raw.data), "value", type, "this list")
    parts = _Parts()
    return parts.end([_inner(raw.child(number), type, parts) for number in range(len(raw.data))])


def map_of(raw: At, type: Type) -> Value:
    if not isinstance(raw.data, dict):
        raise Misfit(f"this is {raw.kind}, not a mapping", "write {name: value}")
    within_length(len(raw.data), "value", type, "this mapping")
    parts = _Parts()
    return parts.end({key: None if raw.data[key] is None else _inner(raw.child(key), type, parts) for key in raw.data})


def _inner(raw: At, type: Type, parts: _Parts) -> Value:
    assert type.of is not None
    return parts.read(raw, type.of)


class _Parts:
    """The parts of one value, of which all that are wrong are told at once."""

    def __init__(self) -> None:
        self._wrong: list[Misfit] = []

    def read(self, raw: At, type: Type) -> Value:
        """The value of a part; nothing when it is wrong."""
        try:
            return type.read(raw, type)
        except Misfit as misfit:
            misfit.at = misfit.at or raw
            self.wrong(misfit)
            return None

    def wrong(self, misfit: Misfit) -> None:
        self._wrong.append(misfit)

    def end(self, value: Value) -> Value:
        """The whole value. Misfit, with all of them."""
        if self._wrong:
            first, *rest = self._wrong
            first.further += rest
            raise first
        return value


def record(raw: At, type: Type) -> Value:
    """A mapping whose words the type defines; saved with those that have a value."""
    if not isinstance(raw.data, dict):
        raise Misfit(f"this is {raw.kind}, not a mapping", f"write {{word: value}} with {', '.join(type.fields)}")
    parts = _Parts()
    written, meant = _words(raw, type, parts)
    value: dict[str, Value] = {}
    for name, known in type.fields.items():
        if name in written and written[name].data is not None:
            value[name] = parts.read(written[name], known.type)
        elif known.default is not None:
            value[name] = known.default
        elif known.required and name not in meant:
            parts.wrong(Misfit(f"this {type.name} has no '{name}'", f"add {name}: and a {known.type.title}", "REM1204"))
    for group in type.one_of:
        given = [name for name in group if name in value]
        if len(given) != 1 and not meant & {*group}:
            none = f"this {type.name} has none of {', '.join(group)}"
            text = f"{' and '.join(given)} are here together" if given else none
            parts.wrong(Misfit(text, f"exactly one of {', '.join(group)}", "REM1206"))
    return parts.end(value)


def _words(raw: At, type: Type, parts: _Parts) -> tuple[dict[str, At], set[str]]:
    """The words of a record that stand here, and those that are probably meant by misspelt ones."""
    written: dict[str, At] = {}
    meant: set[str] = set()
    for key, child in raw.children():
        word = vocabulary(key)
        if word in written:
            twice = Misfit(f"'{word}' is here in two spellings", "keep one of them", "REM1207")
            parts.wrong(twice.at_key(child))
        elif word not in type.fields:
            near = nearest(word, type.fields)
            meant |= {near} if near else set()
            hint = f"did you mean '{near}'?" if near else f"one of {', '.join(type.fields)}"
            parts.wrong(Misfit(f"'{key}' is not a word of a {type.name}", hint, "REM1203").at_key(child))
        else:
            written[word] = child
    return written, meant

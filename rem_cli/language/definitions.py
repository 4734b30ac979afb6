"""Types and fields, read from their definitions: what each builds on, and the limits that it adds."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from rem_cli.language import Finding, Severity, Value
from rem_cli.language.at import At, Misfit
from rem_cli.language.findings import SECRET
from rem_cli.language.names import key_problem, nearest, vocabulary
from rem_cli.language.pattern import PatternError
from rem_cli.language.pattern import compile as compile_pattern
from rem_cli.language.types import ANYTHING, CODED, READERS, Field, Matching, Type
from rem_cli.language.words import Report, Vocabulary, groups_of

_LIMITS = ("choices", "range", "length", "pattern", "unit")
_TYPE = ("info", "base", "process", "fields", "one of", *_LIMITS, "file", "widget", "examples")
_FIELD = ("type", "required", "default", *_LIMITS, "info")
_NESTED = 5  # lists of lists of lists …


class Types:
    """The types that can be named: the shipped ones, those of plug-ins, and those that packages bring."""

    def __init__(self, *below: dict[str, Type], codes: Mapping[str, Callable[[At, Type], Value]] | None = None) -> None:
        self.own: dict[str, Type] = {}
        self.known: MutableMapping[str, Type] = ChainMap(self.own, *below)  # no copies: a thousand packages may share
        self._readers = {**READERS, **CODED, **(codes or {})}

    def define_all(self, definitions: Mapping[str, At], report: Report) -> None:
        """Add types that may build on each other, in whatever order they are written."""
        waiting = dict(definitions)
        for first in definitions:
            chain = {first: _built_on(definitions[first])} if first in waiting else {}  # each with what it still needs
            while chain:
                name, needs = next(reversed(chain.items()))
                needed = needs.pop() if needs else None
                if needed in chain:
                    self._circle([*chain][[*chain].index(needed) :], definitions, waiting, report)
                    chain.clear()
                elif needed in waiting:
                    chain[needed] = _built_on(definitions[needed])
                elif needed is None:
                    del chain[name]
                    if waiting.pop(name, None) is not None:
                        self.define(name, definitions[name], report)

    def _circle(self, names: list[str], definitions: Mapping[str, At], waiting: dict[str, At], report: Report) -> None:
        """Types that are built on each other: one finding, and none where they are used."""
        told = " → ".join([*names[:3], *(["…"] if len(names) > 3 else []), names[0]])
        text = f"'{names[0]}' is built on itself: {told}"
        place = definitions[names[0]].key_place
        report(Finding("REM1341", text, place, hint="base one of them on another type"))
        for name in names:
            self.known[name] = ANYTHING
            del waiting[name]

    def define(self, name: str, at: At, report: Report) -> None:
        """Add one type from its definition."""
        self.known[name] = ANYTHING  # until the definition holds: one mistake in it is not one at each of its uses
        words = Vocabulary(at, _TYPE, "a type", report)
        problem = key_problem(name)
        if problem:
            report(Finding("REM1408", problem, at.key_place, hint="give it another name"))
        type = self._basis(name, words, report)
        if type is None:
            return
        if "fields" in words or type.process == "record":
            type = self._record(type, words, report)
        listed = (
            Vocabulary(words.words["examples"], ("good", "bad"), "examples", report) if "examples" in words else None
        )
        examples = {word: listed.get(word, list, [], report) for word in listed.words} if listed else {}
        self.known[name] = narrowed(type, words, report).limited(
            info=words.get("info", str, "", report),
            widget=words.get("widget", str, type.widget, report),
            file=words.get("file", bool, type.file, report),
            good=tuple(examples.get("good", ())),
            bad=tuple(examples.get("bad", ())),
        )

    def _basis(self, name: str, words: Vocabulary, report: Report) -> Type | None:
        """The type that a definition narrows, under its new name."""
        process, base = words.get("process", str, "", report), words.get("base", str, "", report)
        if not process:
            usual = "record" if "fields" in words else "text"
            found = self.parse(base or usual, words.words.get("base", words.at), report)
            return found and found.limited(name=name)
        reader = self._readers.get(process.removeprefix("builtin "))
        if reader is None:
            text = f"'{process}' is not code that REM has; types with code come from installed plug-ins"
            report(Finding("REM1403", text, words.words["process"].place, hint="build it on another with base: text"))
            return None
        return Type(name=name, read=reader, process=process.removeprefix("builtin "))

    def _record(self, type: Type, words: Vocabulary, report: Report) -> Type:
        """A record with the fields that its definition gives it."""
        if type.process != "record":
            text = f"'fields' makes a record, but this builds on {type.process}"
            report(Finding("REM1342", text, words.words["fields"].key_place, hint="take out base, or the fields"))
            return type
        fields = dict(type.fields)
        for key, child in words.words["fields"].children() if "fields" in words else ():
            fields[vocabulary(key)] = read_field(vocabulary(key), child, self, report)
        one_of = groups_of("one of", words, fields, report)
        return type.limited(fields=fields, one_of=type.one_of + one_of)

    def parse(self, text: str, at: At, report: Report) -> Type | None:
        """The type that words like `list of label` or `ref to jobs` name."""
        word = vocabulary(text.strip())
        if word.count(" of ") > _NESTED:
            report(
                Finding("REM1404", "lists of lists of lists … are too deep to edit", at.place, hint="define a section")
            )
            return None
        for prefix in ("list of ", "map of "):
            if word.startswith(prefix):
                inner = self.parse(word[len(prefix) :], at, report)
                return inner and self.known[prefix.strip()].limited(of=inner)
        if word.startswith("ref to "):
            return self.known["ref to"].limited(to=word.removeprefix("ref to "))
        found = self.known.get(word)
        if found is None:
            near = nearest(word, self.known)
            hint = f"did you mean '{near}'?" if near else "rem schema show types lists them"
            report(Finding("REM1404", f"'{text}' is not a type", at.place, hint=hint, see="rem schema show types"))
        elif found.problem:
            told = f"values of '{word}' are not checked: {found.problem}"
            report(Finding("REM1343", told, at.place, hint="rem plugins says more", severity=Severity.WARNING))
        return found


def _built_on(at: At) -> list[str]:
    """The types that a definition names: its base, and those of its fields."""
    if not isinstance(at.data, dict):
        return []
    words = {vocabulary(key): value for key, value in at.data.items()}
    named: list[Any] = [words.get("base")]
    fields = words.get("fields")
    for one in fields.values() if isinstance(fields, dict) else ():
        named.append(one.get("type") if isinstance(one, dict) else None)
    return [_innermost(one) for one in named if isinstance(one, str)]


def _innermost(text: str) -> str:
    word = vocabulary(text.strip())
    while word.startswith(("list of ", "map of ")):
        word = word.partition(" of ")[2]
    return word


_RANGED = {"number", "count", "percent", "duration", "bytes"}
_SIZED = {"text", "label", "pattern", "list of", "map of"}
_CHOSEN = {"choice", "text", "label"}


def narrowed(type: Type, words: Vocabulary, report: Report) -> Type:
    """A type with the limits that a definition adds."""
    written = isinstance(type.read, Matching)  # a text of one form
    fits = {
        "choices": written or type.process in _CHOSEN,
        "range": type.process in _RANGED,
        "length": written or type.process in _SIZED,
        "pattern": written or type.process in ("text", "label"),
        "unit": type.process in ("number", "count"),
    }
    limits: dict[str, Any] = {}
    for word in _LIMITS:
        if word not in words or type is ANYTHING:
            continue
        if not fits[word]:
            text = f"'{word}' is no limit of a {type.title}"
            hint = f"a {type.title} can have {_listed([w for w, fit in fits.items() if fit])}"
            report(Finding("REM1340", text, words.words[word].key_place, hint=hint))
        else:
            limits |= _limit(word, type, words, report)
    return type.limited(**limits) if limits else type


def _listed(words: list[str]) -> str:
    return " or ".join(words) or "none"


def _limit(word: str, type: Type, words: Vocabulary, report: Report) -> dict[str, Any]:
    at = words.words[word]
    if word == "choices":
        return {"choices": tuple(one.written() for one in at.elements() if one.text is not None)
                if words.get(word, list, [], report) else ()}  # fmt: skip
    if word == "unit":
        return {"unit": words.get(word, str, "", report)}
    if word == "pattern":
        try:
            return {"pattern": compile_pattern(words.get(word, str, "", report))}
        except PatternError as error:
            told = f"{error} (at character {error.at + 1} of the pattern)"
            report(
                Finding("REM1344", told, at.place, hint="what REM matches: . [a-z] \\d \\w \\s ( ) | * + ? {2,5} ^ $")
            )
            return {}
    try:
        least, most = (_bound(one, type, word) for one in at.elements())
    except ValueError:  # not two
        least = most = None
        ordered = False
    else:
        ordered = least is None or most is None or least <= most
    if not ordered:
        like = "[1s, 5m]" if type.process == "duration" else "[1, 100]"
        text = f"'{word}' is two numbers, the lesser first, or null for no bound"
        report(Finding("REM1402", text, at.place, hint=f"like {like}"))
        return {}
    return {"least": least, "most": most}


def _bound(at: At, type: Type, word: str) -> float | None:
    """One end of a range, as a number or as the type writes it; ValueError."""
    if at.data is None or (isinstance(at.data, (int, float)) and not isinstance(at.data, bool)):
        return at.data
    if word == "length":
        raise ValueError
    try:
        value = type.read(at, type.limited(least=None, most=None))
    except Misfit:
        raise ValueError from None
    assert isinstance(value, (int, float))
    return value


def read_field(name: str, at: At, types: Types, report: Report, *, later: bool = False) -> Field:
    """A field of a section or record, or a param of a package.

    `later` leaves a default that names other params unread.
    """
    words = Vocabulary(at, _FIELD, "a field", report)
    problem = key_problem(name)
    if problem:
        report(Finding("REM1408", problem, at.key_place, hint="give it another name"))
    named = words.get("type", str, "text", report)
    type = narrowed(types.parse(named, words.words.get("type", at), report) or ANYTHING, words, report)
    if type.process == "choice" and not type.choices:
        report(Finding("REM1409", f"'{name}' is a choice without choices", at.key_place, hint="add choices: [a, b]"))
    default: Value = None
    later = later and "${" in str(words.words["default"].data if "default" in words else "")
    if "default" in words and words.words["default"].data is not None and not later:
        try:
            default = type.read(words.words["default"], type)
        except Misfit as misfit:
            report(
                Finding(
                    SECRET if misfit.id == SECRET else "REM1410",
                    f"the default of '{name}': {misfit.message}",
                    words.words["default"].place,
                    hint=misfit.hint,
                )
            )
    required = words.get("required", bool, False, report)
    return Field(name, type, at, required, default, words.get("info", str, "", report))

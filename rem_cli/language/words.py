"""Mappings whose words are REM's own, as they stand in the definitions of sections, fields and types."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from rem_cli.language import Finding
from rem_cli.language.at import At
from rem_cli.language.names import nearest, vocabulary

Report = Callable[[Finding], None]


class Vocabulary:
    """Reads one mapping whose words are REM's own: known once each, in any spelling."""

    def __init__(self, at: At, words: Iterable[str], what: str, report: Report) -> None:
        self.at = at
        self.words: dict[str, At] = {}
        known = tuple(words)
        if at.data is not None and not isinstance(at.data, dict):
            report(Finding("REM1201", f"{what} is a mapping, not {at.kind}", at.place, hint="write {word: value}"))
        for key, child in at.children():
            word = vocabulary(key)
            if word in self.words:
                report(
                    Finding("REM1207", f"'{word}' is here in two spellings", child.key_place, hint="keep one of them")
                )
            elif word not in known:
                near = nearest(word, known)
                hint = f"did you mean '{near}'?" if near else f"one of {', '.join(known)}"
                report(Finding("REM1401", f"'{key}' is not a word of {what}", child.key_place, hint=hint))
            else:
                self.words[word] = child

    def __contains__(self, word: str) -> bool:
        return word in self.words

    def get(self, word: str, type: type, default: Any, report: Report) -> Any:
        """A word's value when it is of a plain Python type; a finding and the default when it is not."""
        at = self.words.get(word)
        if at is None or at.data is None:
            return default
        if not isinstance(at.data, type) or (type is not bool and isinstance(at.data, bool)):
            kinds = {str: "a text", dict: "a mapping", list: "a list", bool: "true or false"}
            mend = {
                str: "write one text",
                dict: "write {name: value}",
                list: "write [a, b]",
                bool: "write true or false",
            }
            report(Finding("REM1402", f"'{word}' is {kinds[type]}, not {at.kind}", at.place, hint=mend[type]))
            return default
        return at.data


def names_of(listed: At, known: Iterable[str], report: Report, seen: set[str] | None = None) -> tuple[str, ...]:
    """The fields that a list names; each must be known, and stand only once where `seen` is given."""
    if not isinstance(listed.data, list):
        report(
            Finding("REM1411", f"this is {listed.kind}, not a list of fields", listed.place, hint="like [name, title]")
        )
    fields, names = tuple(known), list[str]()
    for at in listed.elements():
        name = vocabulary(at.shown)
        if name not in fields:
            near = nearest(name, fields)
            hint = f"did you mean '{near}'?" if near else f"add {name} to its fields"
            report(Finding("REM1413", f"'{at.shown}' is not a field of this section", at.place, hint=hint))
        elif seen is not None and name in seen:
            report(Finding("REM1412", f"'{name}' is in two field sets", at.place, hint="keep it in one"))
        else:
            names.append(name)
            if seen is not None:
                seen.add(name)
    return tuple(names)


def groups_of(word: str, words: Vocabulary, known: Iterable[str], report: Report) -> tuple[tuple[str, ...], ...]:
    """A list of lists of fields, such as stands under `one of`."""
    if not words.get(word, list, [], report):
        return ()
    fields = tuple(known)
    return tuple(names_of(group, fields, report) for group in words.words[word].elements())

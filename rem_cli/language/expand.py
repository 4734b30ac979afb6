"""`${name}`: what it stands for, and a value with it put in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from rem_cli.language.at import REFERENCE, At, Misfit
from rem_cli.language.composed import Followed, Laid, Put, verbatim
from rem_cli.language.held import Held, named
from rem_cli.language.names import nearest, vocabulary

LONGEST = 65_536  # characters of a text after its references are put in
IN_KEY = ("a key cannot hold a reference", "write the key itself; a value may be a reference")


class Unknown(Exception):
    """Only an instance will tell this value."""


class Params:
    """The params of a package and of what it is made of, each with its value."""

    def __init__(self, whole: bool) -> None:
        self.whole = whole  # False when some of what it is made of could not be read, and with it their names
        self.values: dict[str, At | None] = {}  # None: only an instance will tell

    def find(self, name: str) -> At:
        """The value of a param, empty when it has none. Unknown."""
        found = self.values[name]
        if found is None:
            raise Unknown
        return found


class Scope:
    """What `${name}` means inside of one item; worked out when a value first asks."""

    def __init__(self, collected: Mapping[str, At], parent: Held | None, params: Params) -> None:
        self._collected = collected
        self._parent = parent
        self._params = params
        self._names: dict[str, At] | None = None

    def find(self, name: str) -> At:
        """The value of that name, the nearest one; Misfit when nothing has it, Unknown."""
        if self._names is None:
            self._names = {**(self._parent.scope() if self._parent else {}), **named(self._collected)}
        word = vocabulary(name.strip())
        if word in self._names:
            return self._names[word]
        if word in self._params.values:
            return self._params.find(word)
        if not self._params.whole:
            raise Unknown
        raise nothing(name, {*self._names, *self._params.values})


def nothing(name: str, known: set[str]) -> Misfit:
    """A reference to a name that nothing has."""
    near = nearest(name, sorted(known))
    listed = ", ".join(sorted(known)) or "nothing"
    hint = f"did you mean '${{{near}}}'?" if near else f"known here: {listed}; for the text itself write $${{{name}}}"
    return Misfit(f"'${{{name}}}' names nothing", hint, "REM1515")


def _refers(data: Any) -> bool:
    """Whether there is a reference anywhere in it."""
    if isinstance(data, str):
        return "${" in data
    if isinstance(data, dict):
        return any(map(_refers, data)) or any(map(_refers, data.values()))
    return isinstance(data, list) and any(map(_refers, data))


def _weight(data: Any) -> int:
    """How many values a value counts like: a long text like some."""
    if isinstance(data, str):
        return len(data) // 100
    if isinstance(data, dict):
        return sum(map(_weight, data.values()))
    return sum(map(_weight, data)) if isinstance(data, list) else 0


def _appended(at: Laid, put: Mapping[str | int, At]) -> At:
    """A list with more behind it, where a reference may have brought the list."""
    found: dict[str | int, At] = {}
    for one in put.values():
        listed = one.elements() if isinstance(one, Put) and isinstance(one.data, list) else [one]
        found.update(enumerate(listed, len(found)))
    return Followed(Laid(at.top, put[0], found) if isinstance(at.under.data, str) else at, found)


def expand(at: At, find: Callable[[str], At], spend: Callable[[int, At], None]) -> At:
    """A value with its references put in: alone it keeps its kind, inside of a text it is put in as it is written.

    `spend` is told how many values the result counts like. Misfit, Unknown.
    """
    if not _refers(at.data):
        return at
    if isinstance(at.data, (list, dict)):
        steps = at.data if isinstance(at.data, dict) else range(len(at.data))
        written = {step: at.child(step) for step in steps}
        put = {step: expand(child, find, spend) for step, child in written.items()}
        wrong = next((child for step, child in written.items() if isinstance(step, str) and "${" in step), None)
        if wrong:
            raise Misfit(*IN_KEY, "REM1516").of(wrong)
        if isinstance(at, Laid) and at.together and isinstance(at.data, list):
            return _appended(at, put)
        return Followed(at, put)
    if verbatim(at):
        return at
    whole = REFERENCE.fullmatch(at.data)
    if whole and whole[2] is not None:
        found = find(whole[2])
        spend(_weight(found.data), at)
        return Put(at, found, ((vocabulary(whole[2].strip()), found),))
    left = LONGEST
    used: list[tuple[str, At]] = []

    def text_of(match: re.Match[str]) -> str:
        nonlocal left
        if match[1]:
            return match[1]
        found = find(match[2])
        used.append((vocabulary(match[2].strip()), found))
        if found.data is None:
            hint = "give the param a default, or a value under 'with'"
            raise Misfit(f"'${{{match[2]}}}' has no value", hint, "REM1515")
        text = found.written()
        left -= len(text)
        if left < 0:
            raise Misfit(f"with what it names this text has more than {LONGEST:,} characters")
        return text

    text = REFERENCE.sub(text_of, at.data)
    spend(len(text) // 100, at)  # each counts like some values of its own
    return Put(at, at.put(text, text), tuple(used))

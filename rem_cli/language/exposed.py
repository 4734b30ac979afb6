"""Secrets that seem to stand in a job for all to read: warnings, for only people know what a text is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from rem_cli.language import Finding, Severity
from rem_cli.language.at import At
from rem_cli.language.findings import SEEMING
from rem_cli.language.held import Held
from rem_cli.language.telltale import holds_secret, names_secret

_LOOKED_AT = 2_000  # characters of a text
# A variable in the place of a secret, which is how it should be.
_VARIABLE = re.compile(r"""(?i)(?:authorization:\s{0,3}(?:\w{1,20}\s{1,3})?|\bbearer\s{1,3})?["']?\$""")
_PROGRAMS = ("shell", "command", "arguments")


def exposed(items: Mapping[str, Held]) -> Iterator[Finding]:
    """Warnings about the jobs of one package. No message holds what it warns of."""
    known: dict[str, bool] = {}  # one text may stand in many items
    for held in items.values():
        if held.item.process == "builtin jobs":
            for table in ("env", "params"):
                yield from _table(held, table)
            for name in _PROGRAMS:
                yield from _program(held, name, known)


def _table(held: Held, table: str) -> Iterator[Finding]:
    values = held.item.fields.get(table)
    for name, value in values.items() if isinstance(values, dict) else ():
        if value and names_secret(name) and table in held.own:
            yield _warning(f"'{name}' of {table} seems to be a secret", held.own[table].child(name), name)


def _program(held: Held, name: str, known: dict[str, bool]) -> Iterator[Finding]:
    value = held.item.fields.get(name)
    if not value or name not in held.own:
        return
    text = value if isinstance(value, str) else " ".join(map(str, value)) if isinstance(value, list) else ""
    text = _VARIABLE.sub("$", f" {text[:_LOOKED_AT]}")
    if text not in known:
        known[text] = holds_secret(text)
    if known[text]:
        yield _warning(f"'{name}' seems to hold a secret", held.own[name], "NAME")


def _warning(message: str, at: At, name: str) -> Finding:
    variable = name.upper().replace(" ", "_").replace("-", "_")
    hint = f'write secrets: {{{variable}: "file:/PATH"}}; what stood here is known to all who read this'
    return Finding(SEEMING, message, at.place, hint=hint, severity=Severity.WARNING)

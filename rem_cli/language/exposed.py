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
# Without one of these there is nothing that `holds_secret` finds, and most texts have none.
_SIGNS = (
    *("pass", "pwd", "secret", "token", "credential", "key", "bearer", "authorization"),
    *("://", "mysql", "mariadb", "check_", " -u", " --user"),
)
_TABLES = ("env", "params")
_PROGRAMS = ("shell", "command", "arguments")


def exposed(items: Mapping[str, Held]) -> Iterator[Finding]:
    """Warnings about the jobs of one package. No message holds what it warns of."""
    known: dict[str, bool] = {}  # one text, or one name of a variable, may stand in many items
    for held in items.values():
        if held.item.process == "builtin jobs":
            fields = held.item.fields
            for table in _TABLES:
                if fields.get(table):
                    yield from _table(held, table, known)
            for name in _PROGRAMS:
                if fields.get(name):
                    yield from _program(held, name, known)


def _table(held: Held, table: str, known: dict[str, bool]) -> Iterator[Finding]:
    values = held.item.fields.get(table)
    for name, value in values.items() if isinstance(values, dict) else ():
        if name not in known:
            known[name] = names_secret(name)
        if value and known[name] and table in held.own:
            yield _warning(f"'{name}' of {table} seems to be a secret", held.own[table].child(name), name)


def _program(held: Held, name: str, known: dict[str, bool]) -> Iterator[Finding]:
    value = held.item.fields.get(name)
    if name not in held.own:
        return
    text = value if isinstance(value, str) else " ".join(map(str, value)) if isinstance(value, list) else ""
    text = f" {text[:_LOOKED_AT]}"
    if text not in known:
        small = text.lower()
        known[text] = any(sign in small for sign in _SIGNS) and holds_secret(_VARIABLE.sub("$", text))
    if known[text]:
        yield _warning(f"'{name}' seems to hold a secret", held.own[name], "NAME")


def _warning(message: str, at: At, name: str) -> Finding:
    variable = name.upper().replace(" ", "_").replace("-", "_")
    hint = f'write secrets: {{{variable}: "file:/PATH"}}; what stood here is known to all who read this'
    return Finding(SEEMING, message, at.place, hint=hint, severity=Severity.WARNING)

"""Items to the text of a package, in the form that `rem new` writes; and what the engine says of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rem_cli.errors import RemError
from rem_cli.importers.draft import Draft, Made
from rem_cli.language import Finding, Severity, forms
from rem_cli.language.load import load
from rem_cli.language.packages import Base
from rem_cli.language.schema import Section
from rem_cli.language.source import scalar

_WORD = re.compile(r"(?:[A-Za-z0-9_/]|-[A-Za-z-])[\x20-\x7e]*")
_IN_FLOW = re.compile(r"[\[\]{},*&!|>'\"%#?:]")  # what is one text only outside of brackets
_BREAKS = re.compile(r":(\s|\Z)|\s(#|\Z)")
_KEY = re.compile(r"[A-Za-z0-9_][\w .@()+-]*", re.ASCII)
_ORDER = ("hosts", "jobs", "monitors", "slas", "alerts", "role accounts", "contacts")
_ROUNDS = 50  # what is taken out may leave a reference to it dangling; 2,000 findings are told at once


@dataclass
class Written:
    """The text of a package, and whose each line is."""

    rows: list[str]
    sections: Mapping[str, Section]
    owners: dict[int, tuple[Made, str]] = field(default_factory=dict)  # line -> the item and its field

    def order(self, section: str, name: str) -> int:
        """Where a field stands among those of its section."""
        known = list(self.sections[section].fields) if section in self.sections else []
        return known.index(name) if name in known else len(known)

    @property
    def text(self) -> str:
        return "".join(row + "\n" for row in self.rows)


def settle(draft: Draft, head: str, base: Base) -> str:
    """The package's text, begun by `head`. What the engine refuses is taken out; the ledger says why."""
    for _ in range(_ROUNDS):
        written = write(draft, head, base)
        findings = _findings(f"packages/{draft.package}/package.yaml", written.text, base)
        if not findings:
            return written.text
        for finding in findings:
            _take_out(draft, written.owners.get(finding.place.line), finding)
    raise AssertionError(f"{findings[0].place}: {findings[0].message}")


def _findings(file: str, text: str, base: Base) -> list[Finding]:
    def read_many(paths: Iterable[str]) -> Mapping[str, bytes]:
        return {path: text.encode() for path in paths}

    return [one for one in load({file: "file"}, read_many, base).findings if one.severity is Severity.ERROR]


def _take_out(draft: Draft, owner: tuple[Made, str] | None, finding: Finding) -> None:
    if owner is None:
        text = f"the package would not be readable: {finding.message}"
        raise RemError(text, hint="import the files in several parts, each --into a package of its own")
    made, name = owner
    why = f"{name}: {finding.message}" if name else finding.message
    if name and name not in made.fields:
        return  # a second finding in it
    if name:
        del made.fields[name]
        draft.ledger.withdraw(made.path, [s for s in made.origins.pop(name, ()) if s not in made.spots], why)
        for spot in made.spots:
            draft.ledger.lost(spot, why)
        return
    remove(draft, made, why)


def remove(draft: Draft, made: Made, why: str) -> None:
    """Take an item out of the draft; every line that led to it says why."""
    draft.items.pop((made.section, *made.keys), None)
    for rows in draft.ledger.files.values():
        for line in rows.values():
            if made.path in line.to:
                del line.to[made.path]
                line.lost[why] = None


def write(draft: Draft, head: str, base: Base) -> Written:
    """The draft as text: items in the order in which they were made, grouped by section and layers."""
    written = Written(head.splitlines(), base.sections)
    tree: dict[str, Any] = {}
    for made in draft.items.values():
        node = tree.setdefault(made.section, {})
        for key in made.keys[:-1]:
            node = node.setdefault(key, {})
        node[made.keys[-1]] = made
    for section, content in sorted(tree.items(), key=lambda one: _ORDER.index(one[0])):
        written.rows.append(f"{section}:")
        _content(written, content, 1)
    return written


def _content(written: Written, content: Mapping[str, Any], depth: int) -> None:
    indent = "  " * depth
    for name, below in content.items():
        if not isinstance(below, Made):
            written.rows.append(f"{indent}{key(name)}:")
            _content(written, below, depth + 1)
            continue
        written.rows += [f"{indent}# {_printable(comment)}" for comment in below.comments]
        empty = "" if below.fields else " {}"
        _row(written, below, "", f"{indent}{key(name)}:{empty}")
        for one, value in sorted(below.fields.items(), key=lambda field: written.order(below.section, field[0])):
            for row in _value(one, value, depth + 1):
                _row(written, below, one, row)


def _row(written: Written, made: Made, name: str, row: str) -> None:
    written.rows.append(row)
    written.owners[len(written.rows)] = (made, name)


def _value(name: str, value: Any, depth: int) -> Iterator[str]:
    indent = "  " * depth
    if isinstance(value, dict) and value:
        flow = f"{indent}{key(name)}: {_flow(value)}"
        if len(flow) <= 100 and not any(isinstance(one, dict) for one in value.values()):
            yield flow
            return
        yield f"{indent}{key(name)}:"
        for inner, one in value.items():
            yield from _value(inner, one, depth + 1)
    elif block := forms.literal(_escaped(value) if isinstance(value, str) else value, 2 * depth + 2, "\n"):
        yield f"{indent}{key(name)}: {block[0]}"
        yield from block[1].split("\n")
    else:
        yield f"{indent}{key(name)}: {_flow(value) if isinstance(value, list | dict) else _scalar(value)}"


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key(name)}: {_flow(one)}' for name, one in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    written = _scalar(value)
    if isinstance(value, str) and written == _escaped(value) and _IN_FLOW.search(written):
        return _quoted(written)
    return written


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return text(value)
    return json.dumps(value)


def text(value: str) -> str:
    """A text as a value of a package: quoted where YAML would read something else, `${` as a text of its own."""
    escaped = _escaped(value)
    plain = _WORD.fullmatch(escaped) and "*" not in escaped and not _BREAKS.search(escaped)
    if plain and scalar(escaped) == escaped:
        return escaped
    return _quoted(escaped)


def key(name: str) -> str:
    """A key, quoted where YAML would read something else."""
    return name if _KEY.fullmatch(name) and name == name.strip() else forms.key(name)


def _escaped(value: str) -> str:
    return value.replace("${", "$${")


def _quoted(value: str) -> str:
    """A text in quotes: single ones where the text holds double ones and nothing else that needs an escape."""
    return f"'{value}'" if '"' in value and "'" not in value and value.isprintable() else forms.quoted(value)


def _printable(comment: str) -> str:
    return "".join(sign if sign.isprintable() else "-" for sign in comment)

"""An inventory as INI: `[group]`, `[group:children]`, `[group:vars]`, and hosts with `name=value` behind them."""

from __future__ import annotations

import ast
import re
import shlex
from typing import Any

from rem_cli.importers.ansible_model import GROUP_INLINE, HOST_INLINE, Inventory, TooMany, Variable, expand
from rem_cli.importers.ledger import Spot
from rem_cli.importers.sources import Text
from rem_cli.language.telltale import holds_secret

_HEADING = re.compile(r"\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?\Z")
_LITERAL = 1_000  # characters of a value that is read as Python's literal
_VAULT = "$ANSIBLE_VAULT"


def inventory(text: Text, found: Inventory) -> None:
    group, kind = "ungrouped", "hosts"
    heading: Spot | None = None
    waiting: list[tuple[Spot, str]] = []
    for number, row in enumerate(text.lines, 1):
        spot, line = Spot(text.name, number), row.strip()
        if not line:
            waiting = []
        elif line.startswith(("#", ";")):
            if not holds_secret(line):
                waiting.append((spot, line.lstrip("#;").strip()))
        elif line.startswith("["):
            named = _HEADING.match(line)
            if named is None and not line.endswith("]"):  # the address of a host
                _entry(line, spot, group, kind, found, waiting)
                waiting = []
                continue
            if named is None or named[2] not in (None, "hosts", "children", "vars"):
                found.ledger.lost(spot, "this is no heading: [group], [group:children] or [group:vars]")
                group, kind = "", "nothing"
                continue
            group, kind, heading = named[1], named[2] or "hosts", spot
            found.group(group, heading)
        else:
            _entry(line, spot, group, kind, found, waiting)
            waiting = []


def _entry(line: str, spot: Spot, group: str, kind: str, found: Inventory, waiting: list[tuple[Spot, str]]) -> None:
    if kind == "hosts":
        _hosts(line, spot, group, found, waiting)
    elif kind == "children":
        child = line.split("#")[0].strip()
        found.group(group).children[child] = None
        found.group(child, spot)
    elif kind == "vars":
        name, sign, value = line.partition("=")
        if not sign:
            found.ledger.lost(spot, "a variable of a group is NAME=VALUE")
            return
        found.say(_variable(name.strip(), value.strip(), spot, GROUP_INLINE), found.group(group))
    else:
        found.ledger.lost(spot, "stands under a heading that was not understood")
        found.ledger.hide(spot)


def _hosts(line: str, spot: Spot, group: str, found: Inventory, waiting: list[tuple[Spot, str]]) -> None:
    try:
        words, behind = _words(line)
        names, port = expand(words[0], len(found.hosts))
    except (ValueError, IndexError, TooMany) as problem:
        found.ledger.lost(spot, str(problem) if str(problem) else "no host stands here")
        if holds_secret(line):
            found.ledger.hide(spot)
        return
    variables = [] if port is None else [Variable("ansible_port", port, spot, HOST_INLINE)]
    for word in words[1:]:
        name, sign, value = word.partition("=")
        if not sign:
            found.ledger.lost(spot, f"'{word}' is not NAME=VALUE")
            continue
        variables.append(_variable(name, value, spot, HOST_INLINE))
    for name in names:
        node = found.host(name, group, spot)
        for variable in variables:
            found.say(variable, node)
    _comment(found, names[0], waiting, behind)
    if holds_secret(line):
        found.ledger.hide(spot)


def _comment(found: Inventory, host: str, waiting: list[tuple[Spot, str]], behind: str) -> None:
    """Comments above and behind a host are the host's."""
    node = found.hosts[host]
    node.take(waiting)
    if behind and not holds_secret(behind):
        node.comments.append(behind)


def _words(line: str) -> tuple[list[str], str]:
    """Words as a shell would part them, and the comment behind them. ValueError when a quote does not close."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    try:
        words = list(lexer)
    except ValueError:
        raise ValueError("a quote does not close") from None
    _, _, behind = line.partition(" #")
    return words, behind.strip() if behind and not any("#" in word for word in words) else ""


def _variable(name: str, written: str, spot: Spot, rank: int) -> Variable:
    return Variable(name, _value(written), spot, rank, _VAULT in written)


def _value(written: str) -> Any:
    """A value as Python's literal where it is one, else the text; so Ansible reads INI."""
    if len(written) > _LITERAL or written.count("(") + written.count("[") + written.count("{") > 50:
        return written
    try:
        return ast.literal_eval(written)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return written

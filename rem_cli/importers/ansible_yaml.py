"""An inventory as YAML, and the files of variables beside one."""

from __future__ import annotations

from typing import Any

from rem_cli.importers.ansible_model import (
    GROUP_FILE,
    GROUP_INLINE,
    HOST_FILE,
    HOST_INLINE,
    Inventory,
    TooMany,
    Variable,
    expand,
)  # fmt: skip
from rem_cli.importers.ledger import Spot, is_comment
from rem_cli.importers.sources import Text
from rem_cli.language.at import At
from rem_cli.language.source import Source
from rem_cli.language.source import read as read_yaml
from rem_cli.language.telltale import holds_secret

MAX_GROUPS = 30  # groups in groups
_VAULT = "$ANSIBLE_VAULT"


def inventory(text: Text, found: Inventory) -> None:
    source = _source(text, found)
    if source is None:
        return
    for name, at in At(source, (), source.data).children():
        _group(name, at, found, 0)
    _finish(text, found)


def variables(text: Text, found: Inventory, *, group: bool, name: str) -> None:
    """A file of group_vars/ or host_vars/."""
    if text.content.lstrip().startswith(_VAULT):
        _all_lost(text, found, "the file is vaulted; where REM needs a value of it, give env:NAME or file:PATH")
        for number in range(1, len(text.lines) + 1):
            found.ledger.hide(Spot(text.name, number))
        return
    source = _source(text, found)
    if source is None:
        return
    if not group and name not in found.hosts:
        _all_lost(text, found, f"no host is called '{name}'")
        _hide_all(text, found)
        return
    owner = found.group(name) if group else found.hosts[name]
    rank = GROUP_FILE if group else HOST_FILE
    for key, at in At(source, (), source.data).children():
        _say(key, at, rank, owner, found)
    _finish(text, found)


def _source(text: Text, found: Inventory) -> Source | None:
    """The YAML of a file; None, with the reason in the ledger, when it is no mapping that can be read."""
    source = read_yaml(text.name, text.content.encode())
    wrong = [one for one in source.findings if one.id != "REM1006"]  # a tag; `!vault` and `!unsafe` are among them
    if wrong or not isinstance(source.data, dict):
        why = f"line {wrong[0].place.line}: {wrong[0].message}" if wrong else "the file is no mapping"
        _all_lost(text, found, f"the file could not be read; {why}")
        _hide_all(text, found)
        return None
    return source


def _all_lost(text: Text, found: Inventory, why: str) -> None:
    for number in range(1, len(text.lines) + 1):
        found.ledger.lost(Spot(text.name, number), why)


def _hide_all(text: Text, found: Inventory) -> None:
    """Where it was not understood, nobody knows which line holds a secret; only the names stay."""
    for number, row in enumerate(text.lines, 1):
        _, sign, value = row.partition(":")
        if sign and value.strip():
            found.ledger.hide(Spot(text.name, number), value.strip())
        elif not sign:
            found.ledger.hide(Spot(text.name, number))


def _group(name: str, at: At, found: Inventory, depth: int) -> None:
    spot = _spot(at)
    group = found.group(name, spot)
    if depth > MAX_GROUPS:
        found.ledger.lost(spot, f"more than {MAX_GROUPS} groups stand in one another")
        return
    if at.data is None:
        return
    if not isinstance(at.data, dict):
        found.ledger.lost(spot, "a group is a mapping of hosts, children and vars")
        return
    for word, below in at.children():
        if word == "hosts":
            for pattern, host in _entries(below, found):
                _hosts(pattern, host, name, found)
        elif word == "children":
            for child, inner in _entries(below, found):
                if name != "all":
                    group.children[child] = None
                _group(child, inner, found, depth + 1)
        elif word == "vars":
            for key, value in _entries(below, found):
                _say(key, value, GROUP_INLINE, group, found)
        else:
            found.ledger.lost(_spot(below), f"'{word}' is not hosts, children or vars")
            continue
        group.spots.append(_spot(below))


def _entries(at: At, found: Inventory) -> list[tuple[str, At]]:
    if at.data is not None and not isinstance(at.data, dict):
        found.ledger.lost(_spot(at), "Ansible wants a mapping here")
    return list(at.children())


def _hosts(pattern: str, at: At, group: str, found: Inventory) -> None:
    spot = _spot(at)
    try:
        names, port = expand(pattern, len(found.hosts))
    except (ValueError, TooMany) as problem:
        found.ledger.lost(spot, str(problem))
        return
    for name in names:
        node = found.host(name, group, spot)
        if port is not None:
            found.say(Variable("ansible_port", port, spot, HOST_INLINE), node)
        for key, value in at.children():
            _say(key, value, HOST_INLINE, node, found)


def _say(name: str, at: At, rank: int, owner: Any, found: Inventory) -> None:
    spot = _spot(at)
    value = at.text if isinstance(at.data, float) else at.data
    vaulted = isinstance(value, str) and value.lstrip().startswith(_VAULT)
    found.say(Variable(name, value, spot, rank, vaulted), owner)
    if vaulted or isinstance(value, dict | list):
        for number in range(spot.line + 1, _end(at) + 1):
            found.ledger.hide(Spot(spot.file, number))


def _spot(at: At) -> Spot:
    place = at.key_place
    return Spot(place.file, place.line)


def _end(at: At) -> int:
    """The last line of a value that began on a line of its own or goes over several."""
    rows = at.source.text.split("\n")
    place = at.key_place
    indent, line = place.column - 1, place.line
    while line < len(rows) and (not rows[line].strip() or len(rows[line]) - len(rows[line].lstrip()) > indent):
        line += 1
    return line


def _finish(text: Text, found: Inventory) -> None:
    """`---` is no content; comments above a host are the host's."""
    nodes = {node.spots[0]: node for node in reversed(found.hosts.values())}
    waiting: list[tuple[Spot, str]] = []
    for number, row in enumerate(text.lines, 1):
        spot = Spot(text.name, number)
        if is_comment(row) and not holds_secret(row):
            waiting.append((spot, row.strip().lstrip("#").strip()))
            continue
        if spot in nodes:
            nodes[spot].take(waiting)
        waiting = []
        if row.strip() in ("---", "...") and not found.ledger.spoken_for(spot):
            found.ledger.lost(spot, "YAML's mark of a document's begin or end")

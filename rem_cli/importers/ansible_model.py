"""An inventory as Ansible understands it: hosts, groups in groups, and which variable wins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import Any

from rem_cli.importers.ledger import Ledger, Spot
from rem_cli.language.telltale import names_secret

MAX_HOSTS = 10_000  # of one import, ranges expanded
_RANGE = re.compile(r"\[([0-9]{1,9}|[A-Za-z]):([0-9]{1,9}|[A-Za-z])(?::([0-9]{1,9}))?\]")
_ADDRESS = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::([0-9]{1,8}))?\Z")

# Later ones win: a group's variables of the inventory, of group_vars/, a host's of the inventory, of host_vars/.
GROUP_INLINE, GROUP_FILE, HOST_INLINE, HOST_FILE = range(4)


@dataclass(frozen=True)
class Variable:
    name: str
    value: Any
    spot: Spot
    rank: int
    vaulted: bool = False


@dataclass
class Group:
    spots: list[Spot] = field(default_factory=list)  # the lines that name it
    children: dict[str, None] = field(default_factory=dict)
    hosts: dict[str, None] = field(default_factory=dict)
    variables: list[Variable] = field(default_factory=list)


@dataclass
class Node:
    """A host."""

    spots: list[Spot] = field(default_factory=list)
    groups: dict[str, None] = field(default_factory=dict)  # those that name it
    variables: list[Variable] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    comment_spots: list[Spot] = field(default_factory=list)

    def take(self, comments: list[tuple[Spot, str]]) -> None:
        """Comments that stand beside this host; lines of dashes say nothing."""
        said = [(spot, text) for spot, text in comments if text.strip("#=-*~ ")]
        self.comments += [text for _, text in said]
        self.comment_spots += [spot for spot, _ in said]


class Inventory:
    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.hosts: dict[str, Node] = {}
        self.groups: dict[str, Group] = {"all": Group(), "ungrouped": Group()}
        self.said: list[Variable] = []

    def group(self, name: str, spot: Spot | None = None) -> Group:
        group = self.groups.setdefault(name, Group())
        if spot is not None and spot not in group.spots:
            group.spots.append(spot)
        return group

    def host(self, name: str, group: str, spot: Spot) -> Node:
        node = self.hosts.setdefault(name, Node())
        if spot not in node.spots:
            node.spots.append(spot)
        node.groups[group] = None
        self.group(group).hosts[name] = None
        return node

    def say(self, variable: Variable, owner: Group | Node) -> None:
        """Note a variable of a group or of a host; a secret is hidden from here on."""
        owner.variables.append(variable)
        self.said.append(variable)
        secret = variable.vaulted or names_secret(variable.name)
        if secret and variable.value not in (None, ""):
            self.ledger.hide(variable.spot, str(variable.value))

    def groups_of(self, host: str) -> list[str]:
        """Every group that a host belongs to, the nearest first; `all` is left out."""
        found = dict.fromkeys(self.hosts[host].groups)
        waiting = list(found)
        while waiting:
            for parent in self._parents.get(waiting.pop(0), ()):
                if parent not in found:
                    found[parent] = None
                    waiting.append(parent)
        return [group for group in found if group != "all"]

    def variables_of(self, host: str) -> dict[str, Variable]:
        """The variables of a host, each with the value that wins; the deeper group wins, then the later name."""
        groups = ["all", *sorted(self.groups_of(host), key=lambda group: (self._depths.get(group, 1), group))]
        said = [variable for group in groups for variable in self.groups[group].variables]
        said.sort(key=lambda variable: variable.rank)  # stable: among equals the order of groups stays
        said += sorted(self.hosts[host].variables, key=lambda variable: variable.rank)
        return {variable.name: variable for variable in said}

    @cached_property
    def _parents(self) -> dict[str, list[str]]:
        parents: dict[str, list[str]] = {}
        for name, group in self.groups.items():
            for child in group.children:
                parents.setdefault(child, []).append(name)
        return parents

    @cached_property
    def _depths(self) -> dict[str, int]:
        """How far below `all` each group stands, by its longest way. Circles end at 50."""
        depths = dict.fromkeys(self.groups, 1)
        for _ in range(min(len(self.groups), 50)):
            changed = False
            for name, group in self.groups.items():
                for child in group.children:
                    if child in depths and depths[child] < depths[name] + 1 <= 50:
                        depths[child], changed = depths[name] + 1, True
            if not changed:
                break
        return depths


class TooMany(Exception):
    """A pattern stands for more hosts than an import takes."""


def expand(pattern: str, known: int) -> tuple[list[str], int | None]:
    """The hosts of `web[01:50].example.org` or `[2001:db8::1]:22`, and a port. ValueError, TooMany.

    `known` hosts are there already; the count is checked before a name is made.
    """
    address = _ADDRESS.match(pattern)
    if address and address[1].count(":") > 1:
        return [address[1]], int(address[2]) if address[2] else None
    port = None
    if any("[" in part or "]" in part for part in _RANGE.split(pattern)[:: _RANGE.groups + 1]):
        raise ValueError(f"'{pattern}' holds a range that Ansible does not know either")
    if pattern.count(":") - sum(found[0].count(":") for found in _RANGE.finditer(pattern)) == 1:
        pattern, _, after = pattern.rpartition(":")
        if not (after.isascii() and after.isdecimal() and len(after) < 9):
            raise ValueError(f"'{after}' is no port")
        port = int(after)
    fixed = _RANGE.sub("\0", pattern).split("\0")
    steps = [_steps(*found.groups()) for found in _RANGE.finditer(pattern)]
    count = 1
    for numbers, _ in steps:
        count *= len(numbers)
        if count + known > MAX_HOSTS:
            raise TooMany(f"'{pattern}' makes more than {MAX_HOSTS:,} hosts")
    return list(_names(fixed, [[form(number) for number in numbers] for numbers, form in steps])), port


def _steps(first: str, last: str, step: str | None) -> tuple[range, Any]:
    by = int(step or 1)
    if by < 1:
        raise ValueError("the step of a range is 1 or more")
    if first.isdecimal() != last.isdecimal() or (first.isalpha() and first.isupper() != last.isupper()):
        raise ValueError(f"[{first}:{last}] mixes two kinds of ends")
    if first.isdecimal():
        width = len(first) if first.startswith("0") and len(first) > 1 else 0
        if width and len(last) != width:
            raise ValueError(f"[{first}:{last}] has ends of unlike length")
        ends, form = (int(first), int(last)), (lambda number: str(number).zfill(width))
    else:
        ends, form = (ord(first), ord(last)), chr
    if ends[1] < ends[0]:
        raise ValueError(f"[{first}:{last}] ends before it begins")
    return range(ends[0], ends[1] + 1, by), form


def _names(fixed: list[str], parts: list[list[str]]) -> Iterator[str]:
    for chosen in product(*parts):
        yield "".join(text + part for text, part in zip(fixed, [*chosen, ""], strict=True))

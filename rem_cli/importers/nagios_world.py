"""Everything of one Nagios configuration by its name, and who is in which hostgroup."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass, field

from rem_cli.importers.draft import Comments, Draft, Made
from rem_cli.importers.keys import as_hostname
from rem_cli.importers.nagios_config import Config, Definition
from rem_cli.importers.nagios_objects import Object

ALONE = "nagios"  # the group of hosts that are in none


@dataclass
class World:
    """Everything of one configuration by its name."""

    config: Config
    draft: Draft
    all: list[Object]
    hosts: dict[str, Object] = field(default_factory=dict)
    groups: dict[str, dict[str, None]] = field(default_factory=dict)  # hostgroup -> hosts
    of: dict[str, list[str]] = field(default_factory=dict)  # host -> hostgroups
    named: dict[str, Object] = field(default_factory=dict)  # hostgroups
    commands: dict[str, Object] = field(default_factory=dict)
    made: dict[int, list[Made]] = field(default_factory=dict)  # by the id of a definition

    def credit(self, made: Made, one: Object, *names: str) -> None:
        """The lines of these directives, and those that begin and end the object, are in an item."""
        for spot in [spot for name in names for spot in one.spots(name)]:
            self.draft.ledger.carried(spot, made.path)
        for definition in (one.definition, *one.templates):
            self.made.setdefault(id(definition), []).append(made)

    def lose(self, one: Object, name: str, why: str) -> None:
        for spot in one.spots(name) or [one.definition.spot]:
            self.draft.ledger.lost(spot, why)


def find_groups(world: World) -> None:
    """Who is in which hostgroup: said by the group, by the host, or by a group in the group."""
    named = world.named = {one.name: one for one in world.all if one.type == "hostgroup"}
    for name, group in named.items():
        world.groups[name] = matching(group.list("members"), list(world.hosts))
    for host, one in world.hosts.items():
        for name in one.list("hostgroups"):
            world.groups.setdefault(name, {})[host] = None
    for _ in range(min(len(named), 20)):  # groups in groups
        for name, group in named.items():
            for inner in group.list("hostgroup_members"):
                world.groups[name] |= world.groups.get(inner, {})
    for name, members in world.groups.items():
        for host in members:
            world.of.setdefault(host, []).append(name)


def matching(patterns: list[str], among: list[str]) -> dict[str, None]:
    """The names that a list of names, `*` and `!name` means."""
    found: dict[str, None] = {}
    for pattern in patterns:
        if not pattern.startswith("!"):
            found |= dict.fromkeys(one for one in among if fnmatch.fnmatchcase(one, pattern))
    for pattern in patterns:
        if pattern.startswith("!"):
            found = {one: None for one in found if not fnmatch.fnmatchcase(one, pattern[1:])}
    return found


def key_of(host: str, world: World) -> str:
    """The name by which selectors know a host."""
    groups = world.of.get(host, [ALONE])
    return world.draft.item("hosts", (groups[0], as_hostname(host))).keys[-1]


def give_comments(definition: Definition, made: Made, world: World) -> None:
    comments = Comments(world.draft)
    for spot, text in definition.comments:
        comments.add(spot, f"# {text}")
    comments.give(made)

"""Nagios and Icinga 1: hosts with their groups, and services as checks.

A check that one of REM's own can do becomes that one; any other becomes a job that runs the plug-in as Nagios would,
with its arguments as a list, and a check of that job.
"""

from __future__ import annotations

import re

from rem_cli.importers.draft import Draft, Made
from rem_cli.importers.keys import as_hostname, as_key
from rem_cli.importers.ledger import Spot
from rem_cli.importers.nagios_checks import check_hosts, check_service
from rem_cli.importers.nagios_config import Definition, read_config
from rem_cli.importers.nagios_objects import Object, objects
from rem_cli.importers.nagios_people import People
from rem_cli.importers.nagios_world import ALONE, World, find_groups, give_comments
from rem_cli.importers.sources import Sources

_WHY = {
    "max_check_attempts": "how often it may fail is said by a service level",
    "retry_interval": "REM checks at one interval",
    "check_period": "REM checks at all times",
    "parents": "what depends on what is said by an alert",
    "contacts": "who is told is said by an alert and its role account",
    "contact_groups": "who is told is said by an alert and its role account",
    "event_handler": "an answer to an alert is said by a service level",
    "servicegroups": "REM's checks have no groups besides their place",
    "notes": "REM's checks have no notes",
}
_WHYS = (
    (r"notification|notifications|first_notif|stalking|flap|is_volatile", "who is told, and when, is said by alerts"),
    (r"icon|statusmap|vrml|2d_coords|3d_coords|_url$|display_name", "how Nagios draws it"),
    (r"^_", "a variable of Nagios that nothing here uses"),
    (r"", "how Nagios itself keeps or runs it"),
)


def read(sources: Sources, draft: Draft) -> None:
    """Read main files, object files, or both."""
    config = read_config(sources, draft)
    world = World(config, draft, objects(config.definitions))
    for one in world.all:
        if one.type == "host":
            world.hosts.setdefault(one.name, one)
        elif one.type == "command":
            world.commands.setdefault(one.name, one)
    find_groups(world)
    for name, host in world.hosts.items():
        _host(name, host, world)
    people = People(world.all, config.interval, world.credit, world.lose, draft)
    people.make()
    check_hosts(world, people)
    for one in world.all:
        if one.type == "service":
            for made in check_service(one, world):
                role = people.told(one)
                if role is not None:
                    people.promise(made, one, role)
    for definition in config.definitions:
        _rest(definition, world)
    draft.notes.append("Plug-ins run where REM runs, as they ran where Nagios did.")


def _host(name: str, host: Object, world: World) -> None:
    groups = world.of.get(name, [])
    clean = as_hostname(name)
    made = world.draft.item("hosts", (groups[0] if groups else ALONE, clean), *host.definition.spots)
    give_comments(host.definition, made, world)
    alias = host.text("alias")
    if made.keys[-1] != name:
        world.lose(host, "host_name", f"'{name}' is no host name; it is called '{made.keys[-1]}' here")
    if alias or made.keys[-1] != name:
        made.set("title", alias or name, *host.spots("alias"))
    if host.text("address"):
        made.set("address", host.text("address"), *host.spots("address"))
    if groups[1:]:
        made.set("tags", [as_key(group) for group in groups[1:]], *host.spots("hostgroups"))
    world.credit(made, host, "host_name", "alias", "address", "hostgroups")
    for group in groups:
        if group in world.named:
            world.credit(made, world.named[group], "hostgroup_name", "members", "hostgroup_members")
    for missing in host.missing:
        world.lose(host, "use", f"there is no template '{missing}'")


def _rest(definition: Definition, world: World) -> None:
    """What nobody has spoken for yet, and the lines that begin and end a definition."""
    ledger, made = world.draft.ledger, world.made.get(id(definition), [])
    why = _of(definition)
    for name, value in definition.values.items():
        if ledger.spoken_for(value.spot):
            continue
        if name in ("name", "use", "register") and made:
            for one in made:
                ledger.carried(value.spot, one.path)
            continue
        ledger.lost(value.spot, _reason(name) if made else why)
    for spot in definition.spots:
        _carry(spot, made, world)
        if not ledger.spoken_for(spot):
            ledger.lost(spot, why)


def _carry(spot: Spot, made: list[Made], world: World) -> None:
    for one in made:
        if (one.section, *one.keys) in world.draft.items:
            world.draft.ledger.carried(spot, one.path)


def _of(definition: Definition) -> str:
    told = {
        "timeperiod": "REM checks at all times; shifts and calendars say who is on call when",
        "servicegroup": "REM's checks have no groups besides their place",
        "servicedependency": "what depends on what is said by an alert",
        "hostdependency": "what depends on what is said by an alert",
        "serviceescalation": "escalation is said by a role account",
        "hostescalation": "escalation is said by a role account",
        "hostgroup": "no host of it is here",
        "service": "its check was not carried",
        "host": "it was not carried",
        "command": "no check that was carried uses it",
    }
    if definition.text("register") == "0":
        return "a template of which nothing was used"
    return told.get(definition.type, f"REM has no {definition.type} like this")


def _reason(name: str) -> str:
    return _WHY.get(name) or next(why for pattern, why in _WHYS if re.search(pattern, name))

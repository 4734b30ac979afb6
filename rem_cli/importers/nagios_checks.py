"""Nagios' checks of hosts and services as checks of REM, and as jobs that run a plug-in."""

from __future__ import annotations

import re

from rem_cli.importers.draft import Made
from rem_cli.importers.nagios_commands import HoldsSecret, NoProgram, argv, own_check, split_check, uses_host
from rem_cli.importers.nagios_objects import Object
from rem_cli.importers.nagios_people import People
from rem_cli.importers.nagios_world import World, give_comments, key_of, matching
from rem_cli.language.shown import duration

LIMIT = "60s"  # Nagios' own service_check_timeout

_SELECTOR = 900  # characters of a selector; its type takes a thousand


def check_hosts(world: World, people: People) -> None:
    """The checks of hosts themselves: one for all that are checked alike."""
    alike: dict[tuple[str, str | None, str], list[str]] = {}
    for name, host in world.hosts.items():
        if not host.text("check_command"):
            continue
        command, arguments = split_check(host.text("check_command"))
        words = _words(command, arguments, host, None, world)
        if isinstance(words, str):
            world.lose(host, "check_command", words)
        elif own_check(words[0], host.text("address") or name) == {"kind": "ping"}:
            how = (_every(host, world), people.told(host), host.text("max_check_attempts"))
            alike.setdefault(how, []).append(name)
        else:
            world.lose(host, "check_command", "only a ping of a host is taken over; write a check for anything else")
    for (every, role, _), names in alike.items():
        for some in _selectors(names, world):
            made = world.draft.fresh("monitors", ("hosts", "alive"))
            made.set("kind", "ping")
            made.set("hosts", ",".join(key_of(name, world) for name in some))
            made.set("every", every)
            for name in some:
                made.spots += [spot for spot in world.hosts[name].spots("check_command") if spot not in made.spots]
                world.credit(made, world.hosts[name], "check_command", "check_interval", "normal_check_interval")
                _credit_command(made, world.hosts[name], world)
                if role is not None:
                    people.promise(made, world.hosts[name], role)


def check_service(service: Object, world: World) -> list[Made]:
    """The checks that a service became."""
    made: list[Made] = []
    hosts = matching(service.list("host_name"), list(world.hosts))
    for group in matching(service.list("hostgroup_name"), list(world.groups)):
        hosts |= dict.fromkeys(host for host in world.groups[group] if host in world.hosts)
    hosts = {host: None for host in hosts if f"!{host}" not in service.list("host_name")}
    if not hosts:
        world.lose(service, "service_description", "no host of it is here")
        return made
    command, arguments = split_check(service.text("check_command"))
    line = world.commands[command].text("command_line") if command in world.commands else ""
    shared: dict[str, dict[str, str | int]] = {}
    for host in hosts:
        words = _words(command, arguments, world.hosts[host], service, world)
        if isinstance(words, str):
            world.lose(service, "check_command", words)
            continue
        own = own_check(words[0], world.hosts[host].text("address") or host)
        if own is not None and "url" not in own:
            shared[host] = own
        elif own is not None:
            made.append(_own(service, own, [host], (host, service.name), world))
        else:
            alone = not uses_host(line, arguments)
            place = ("services" if alone and len(hosts) > 1 else host, service.name)
            made.append(_plugin(service, words, place, world))
            if alone:
                if len(hosts) > 1:
                    world.lose(service, "host_name", "the plug-in asks no host: this is one check, not one a host")
                break
    for some in _selectors(list(shared), world):
        place = ("services" if len(hosts) > 1 else some[0], service.name)
        made.append(_own(service, shared[some[0]], some, place, world))
    return made


def _own(service: Object, own: dict[str, str | int], hosts: list[str], place: tuple[str, str], world: World) -> Made:
    """A check that REM does by itself."""
    made = world.draft.fresh("monitors", place, *service.definition.spots)
    made.set("kind", own["kind"], *service.spots("check_command"))
    if "url" not in own:
        made.set("hosts", ",".join(key_of(host, world) for host in hosts), *service.spots("host_name"))
    for name in ("url", "port"):
        if name in own:
            made.set(name, own[name], *service.spots("check_command"))
    _finish(made, service, world)
    if re.search(r"\s-[wc]\b|![0-9.]+,[0-9.]+%", f" {service.text('check_command')}"):
        world.lose(service, "check_command", "its limits are said by a service level")
    return made


def _plugin(service: Object, words: tuple[list[str], list[str]], place: tuple[str, str], world: World) -> Made:
    """A job that runs a plug-in, and the check of that job."""
    job = world.draft.fresh("jobs", place, *service.definition.spots)
    job.set("command", words[0], *service.spots("check_command"))
    job.set("result", "nagios")
    job.set("timeout", LIMIT)
    made = world.draft.fresh("monitors", place, *service.definition.spots)
    made.set("kind", "job", *service.spots("check_command"))
    made.set("job", "/".join(("jobs", *job.keys)), *service.spots("check_command"))
    for note in words[1]:
        world.lose(service, "check_command", note)
    for one in (job, made):
        world.credit(one, service, "check_command")
        _credit_command(one, service, world)
    _finish(made, service, world)
    return made


def _finish(made: Made, service: Object, world: World) -> None:
    give_comments(service.definition, made, world)
    made.set("every", _every(service, world), *service.spots("check_interval"))
    world.credit(made, service, "service_description", "host_name", "hostgroup_name", "check_command")
    world.credit(made, service, "check_interval", "normal_check_interval")
    _credit_command(made, service, world)
    for missing in service.missing:
        world.lose(service, "use", f"there is no template '{missing}'")


def _credit_command(made: Made, one: Object, world: World) -> None:
    command = world.commands.get(split_check(one.text("check_command"))[0])
    if command is not None:
        world.credit(made, command, "command_name", "command_line")


def _words(
    command: str, arguments: list[str], host: Object, service: Object | None, world: World
) -> tuple[list[str], list[str]] | str:
    """The plug-in's words with its notes, or why there are none."""
    if not command:
        return "it has no check_command"
    if command not in world.commands:
        return f"there is no command '{command}'"
    macros = {
        "HOSTNAME": host.name,
        "HOSTADDRESS": host.text("address") or host.name,
        "HOSTALIAS": host.text("alias") or host.name,
        "HOSTDISPLAYNAME": host.text("display_name") or host.name,
        **{f"_HOST{name[1:].upper()}": text for name, (text, _) in host.values.items() if name.startswith("_")},
    }
    if service is not None:
        own = {name: text for name, (text, _) in service.values.items() if name.startswith("_")}
        macros |= {"SERVICEDESC": service.name, **{f"_SERVICE{name[1:].upper()}": own[name] for name in own}}
    try:
        return argv(world.commands[command].text("command_line"), arguments, macros)
    except HoldsSecret as secret:
        for spot in (service or host).spots("check_command") + world.commands[command].spots("command_line"):
            world.draft.ledger.hide(spot, "")
        return str(secret)
    except NoProgram as no:
        return str(no)


def _every(one: Object, world: World) -> str:
    """The interval of its checks; Nagios' own is 5 units."""
    text = one.text("check_interval") or one.text("normal_check_interval")
    units = float(text) if re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3})?", text) and float(text) else 5.0
    return duration(min(max(1, round(units * world.config.interval)), 604_800))


def _selectors(names: list[str], world: World) -> list[list[str]]:
    """Hosts in lots whose selector is not too long."""
    lots: list[list[str]] = []
    length = 0
    for name in names:
        size = len(key_of(name, world)) + 1
        if not lots or length + size > _SELECTOR:
            lots.append([])
            length = 0
        lots[-1].append(name)
        length += size
    return lots

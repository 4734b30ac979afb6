"""The files of hosts: what packages want there, what is there, and taking over what was there before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from rem_cli.errors import RemError

if TYPE_CHECKING:
    from rem_cli.language import Item
    from rem_cli.plan.content import Compiled
    from rem_cli.plan.footprint import Machine
    from rem_cli.plan.footprint.adopt import Adopted
    from rem_cli.plan.footprint.environment import Footprint
    from rem_cli.plan.footprint.hosts import Hosts
    from rem_cli.plan.footprint.plans import Plan
    from rem_cli.plan.footprint.rollout import Pace
    from rem_cli.reach import Transport
    from rem_cli.tree.git import GitRepository
    from rem_cli.wire import Rem


def footprint(rem: Rem, commit: str | None, pace: Pace, repository: GitRepository | None = None) -> Footprint:
    """What the packages of a commit (full id), or of the work tree, want on hosts."""
    from rem_cli.jobs.job import Host
    from rem_cli.jobs.locally import Place, payload
    from rem_cli.jobs.select import select
    from rem_cli.plan.footprint import Machine, files
    from rem_cli.plan.footprint.environment import Footprint
    from rem_cli.plan.footprint.hosts import Hosts
    from rem_cli.reach import Target
    from rem_cli.wire.reaching import transports

    there = repository or rem.repository

    def machine(item: Item) -> Machine:
        host = Host.read(item)
        return Machine(Target(host.name, host.address, host.port, host.user), host.local, item)

    @contextmanager
    def fresh() -> Iterator[Mapping[str, Transport]]:
        with ExitStack() as stack:
            yield transports(rem.settings, rem.clock, stack)

    def hosts() -> Hosts:
        identity = there.identity(commit or there.resolve().id)
        return Hosts(rem.transports, identity, rem.settings.environment, fresh)

    def place(item: Item, name: str) -> Place:
        return Place.read(item, name, there.identity(commit or there.resolve().id), rem.settings.environment)

    return Footprint([files.KIND, payload.kind(place)], select, machine, cache(hosts), rem.generations, rem.clock, pace)


def begun(rem: Rem) -> str:
    """The commit that was applied last, also when that did not come to its end; RemError when there is none."""
    from rem_cli.plan.footprint import record

    active = rem.generations.active()
    commit = record.read(rem.generations).commit or (active.commit if active else "")
    if not commit:
        raise RemError("nothing was applied yet, so there is nothing to go on with", hint="rem apply")
    return commit


def on_hosts(rem: Rem, new: Compiled, *, refresh: bool) -> list[Plan]:
    """What would be done on hosts; without `refresh` by what the last apply left there, and no host is asked."""
    from rem_cli.plan.footprint.rollout import Pace

    there = footprint(rem, new.catalog.commit, Pace())
    found = there.plan(new.catalog, new, refresh=refresh)
    return there.checked(found) if refresh else found


def drift(rem: Rem) -> list[Plan]:
    """How hosts differ from what is active; nothing is written anywhere. RemError when nothing is active."""
    from rem_cli.plan.content import Stored
    from rem_cli.plan.footprint.rollout import Pace

    active = rem.generations.active()
    if active is None:
        raise RemError("nothing is active yet", hint="commit, then: rem apply")
    catalog = rem.generations.catalog(active)
    return footprint(rem, active.commit, Pace()).plan(catalog, Stored(catalog, rem.generations), refresh=True)


def adopt(rem: Rem, head: Compiled, host: str, path: str, *, who: str, why: str) -> Adopted:
    """Take over a file of a host that `head` wants; NoTargetError, GuardedError, HeldError."""
    from rem_cli.plan.activate import activating
    from rem_cli.plan.audit import Record
    from rem_cli.plan.footprint.adopt import find, take
    from rem_cli.plan.footprint.rollout import Pace

    there = footprint(rem, head.catalog.commit, Pace())
    with activating(rem.generations, who, rem.clock) as writer:
        found = find(there, there.plan(head.catalog, head, refresh=True), host, path)
        take(there, found, writer.next())
        said = Record("adopt", f"{path} on {host}", who, head.catalog.commit or "", why=why)
        rem.audit.add(replace(said, environment=rem.settings.environment))
    return found

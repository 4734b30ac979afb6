"""What rem validate says of jobs that hosts are to start by themselves, before any host is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rem_cli.errors import RemError
from rem_cli.jobs.job import Host
from rem_cli.jobs.locally import Place
from rem_cli.jobs.locally.payload import unkept
from rem_cli.jobs.select import meant, parse
from rem_cli.language import Item
from rem_cli.language.across import Unkept


def keeping(job: Item, hosts: Sequence[Item]) -> Iterator[Unkept]:
    """Each thing that such hosts cannot keep, once, with those of them that are alike; a selector that cannot be read
    means none."""
    alike: dict[tuple[str, str], list[Item]] = {}
    for host in _chosen(str(job.fields.get("hosts")), hosts):
        place = Place.read(host, "", "", "")
        alike.setdefault((place.scheduler, place.zone), []).append(host)
    said: dict[tuple[str, str], Unkept] = {}
    for some in alike.values():
        names = [Host.read(host).name for host in some]
        try:
            for one in unkept(job, Place.read(some[0], "", "", "")):
                found = Unkept(one.finding, one.field, one.message, one.hint, names)
                before = said.setdefault((one.finding, one.message), found)
                if before is not found:
                    said[one.finding, one.message] = found._replace(hosts=[*before.hosts, *names])
        except RemError:
            continue  # something else is wrong with it, which is said elsewhere
    yield from said.values()


def _chosen(text: str, hosts: Sequence[Item]) -> list[Item]:
    try:
        return meant(parse(text), hosts)
    except RemError:
        return []

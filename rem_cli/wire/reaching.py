"""How hosts are reached, and what is known of them before anybody logs in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from rem_cli.clock import Clock
from rem_cli.jobs.job import Host, Job
from rem_cli.settings import Settings

if TYPE_CHECKING:
    from rem_cli.jobs import Run
    from rem_cli.jobs.events import Listen
    from rem_cli.language import Value
    from rem_cli.reach import Stop, Transport
    from rem_cli.reach.ssh import HostKey
    from rem_cli.wire import Rem
    from rem_cli.wire.source import Source


def transports(chosen: Settings, clock: Clock, stack: ExitStack) -> Mapping[str, Transport]:
    """By the word in the `reach` field of hosts; `stack` closes them."""
    from rem_cli.reach.local import LocalTransport
    from rem_cli.reach.ssh import SshTransport

    local = LocalTransport(clock)
    ssh = SshTransport(
        clock,
        known_hosts=_known_hosts(chosen),
        config=_ssh_config(chosen),
        identities=chosen.identities,
        allow_proxy_command=chosen.allow_proxy_command,
        allow_match_exec=chosen.allow_match_exec,
        engine=chosen.engine,
    )
    for transport in (local, ssh):
        stack.callback(transport.close)
    return {"local": local, "ssh": ssh}


def _known_hosts(chosen: Settings) -> Sequence[Path]:
    return [chosen.known_hosts] if chosen.known_hosts else []


def _ssh_config(chosen: Settings) -> Sequence[Path] | None:
    return [chosen.ssh_config] if chosen.ssh_config else None


def host_key(rem: Rem, host: Host) -> HostKey:
    """The key that a host shows now; nobody logs in. ReachError."""
    from rem_cli.reach import Target
    from rem_cli.reach.ssh import fetch_host_key

    target = Target(host.name, host.address, host.port, host.user)
    chosen = rem.settings
    return fetch_host_key(target, rem.clock, config=_ssh_config(chosen), known_hosts=_known_hosts(chosen))


def trust(rem: Rem, key: HostKey) -> None:
    """Write a host's key to REM's own known_hosts."""
    from rem_cli.reach.ssh import append_host_key

    assert rem.settings.known_hosts is not None
    append_host_key(rem.settings.known_hosts, key)


def check(rem: Rem, source: Source, hosts: Sequence[Host], *, stop: Stop, listen: Listen, who: str) -> Run:
    """Log in on hosts and run nothing but `true`."""
    from rem_cli.language import Item

    fields: dict[str, Value] = {"command": ["true"], "timeout": 10, "result": "none"}
    job = Job.read(Item("host check", "", "jobs", "builtin jobs", "check", {}, fields))
    return rem.run(source, job, hosts, [], stop=stop, listen=listen, who=who)

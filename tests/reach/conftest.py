"""Every transport, over the same twelve hosts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rem_cli.clock import SystemClock
from rem_cli.reach import Target, Transport
from rem_cli.reach.local import LocalTransport
from rem_cli.reach.loopback import Fleet
from rem_cli.reach.ssh import SshTransport

MakeSsh = Callable[..., SshTransport]


@pytest.fixture
def targets(fleet: Fleet) -> list[Target]:
    return [Target(f"host{number}", address) for number, address in enumerate(fleet.hosts)]


@pytest.fixture(params=["loop", "threads"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def make_ssh(fleet: Fleet, engine: str) -> Iterator[MakeSsh]:
    """Makes SSH transports to the fleet, with `**settings` in place of the usual ones."""
    made: list[SshTransport] = []

    def make(**settings: object) -> SshTransport:
        arguments: dict[str, object] = {"config": [fleet.ssh_config], "engine": engine, **settings}
        made.append(SshTransport(SystemClock(), **arguments))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for transport in made:
        transport.close()


@pytest.fixture
def ssh(make_ssh: MakeSsh) -> SshTransport:
    return make_ssh()


@pytest.fixture(params=["local", "loop", "threads"])
def transport(
    request: pytest.FixtureRequest, fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Transport]:
    if request.param == "local":
        monkeypatch.setenv("HOME", str(tmp_path))
        yield LocalTransport(SystemClock())
        return
    over_ssh = SshTransport(SystemClock(), config=[fleet.ssh_config], engine=request.param)
    yield over_ssh
    over_ssh.close()


@pytest.fixture
def unique(tmp_path: Path) -> str:
    """A word that stands in no other process's command line."""
    return f"unique-{abs(hash(tmp_path)):x}"

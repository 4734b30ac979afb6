"""Files over SSH, on real hosts: many at once, one that is down, and one that puts all back after the link was cut."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rem_cli.clock import SystemClock
from rem_cli.language import Item
from rem_cli.plan.footprint.environment import HostsFailedError
from rem_cli.plan.footprint.rollout import Pace
from rem_cli.reach.loopback import Fleet
from rem_cli.reach.ssh import SshTransport
from tests.fakes.transport import PlayTransport
from tests.plan.footprint.test_confirm import CUT_OFF, reached_by, until
from tests.plan.footprint.yard import Estate, ends, file, host
from tests.plan.shop import Shop


@pytest.fixture
def ssh(fleet: Fleet) -> Iterator[SshTransport]:
    transport = SshTransport(SystemClock(), config=[fleet.ssh_config])
    yield transport
    transport.close()


@pytest.fixture
def far(shop: Shop, ssh: SshTransport) -> Estate:
    return Estate(shop, {"ssh": ssh}, SystemClock())


def each(fleet: Fleet, folder: Path, count: int, content: str = "hello\n") -> list[Item]:
    """Hosts with a file of their own each: all of them are this machine."""
    cron = {"schedule folder": str(folder)}
    hosts = [host(f"web{n}", address=address, reach="ssh", **cron) for n, address in enumerate(fleet.hosts[:count])]
    return [*hosts, *(file(f"f{n}", folder / f"web{n}", f"web{n}", content=content) for n in range(count))]


def test_many_hosts_at_once_and_one_that_is_down(far: Estate, fleet: Fleet, tmp_path: Path) -> None:
    items = each(fleet, tmp_path, 6)
    fleet.break_host(fleet.hosts[3])
    try:
        applied = far.apply(*items)
    finally:
        fleet.heal_host(fleet.hosts[3])
    assert ends(applied) == {f"web{n}": "unreachable" if n == 3 else "ok" for n in range(6)}
    assert ends(far.apply(*items, pace=Pace(resume=True)))["web3"] == "ok"
    assert {path.read_text() for path in tmp_path.glob("web*")} == {"hello\n"}


def test_a_host_puts_all_back_when_it_cannot_be_reached_anew(
    far: Estate, fleet: Fleet, ssh: SshTransport, tmp_path: Path
) -> None:
    far.apply(*each(fleet, tmp_path, 1))
    reached_by(far, {"ssh": PlayTransport({"web0": CUT_OFF})})
    with pytest.raises(HostsFailedError):
        far.apply(*each(fleet, tmp_path, 1, "new\n"), pace=Pace(confirm_within=1))
    ssh.close()  # the link by which it was changed is gone, too
    until(lambda: (tmp_path / "web0").read_text() == "hello\n")

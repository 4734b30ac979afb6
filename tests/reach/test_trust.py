"""A host's key is fetched without logging in, and written down once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rem_cli.clock import SystemClock
from rem_cli.reach import Deadlines, Outcome, ReachError, Target, Task
from rem_cli.reach.loopback import Fleet
from rem_cli.reach.ssh import HostKey, SshTransport, append_host_key, fetch_host_key
from rem_cli.reach.ssh.known_hosts import fingerprint
from tests.fakes.fleet import FaultyHosts
from tests.fakes.listener import run_one

KEY = HostKey("web01", "ssh-ed25519", b"a key")


def test_the_key_that_a_host_shows_is_fetched(fleet: Fleet, targets: list[Target]) -> None:
    key = fetch_host_key(targets[0], SystemClock(), config=[fleet.ssh_config])
    assert (key.line, key.fingerprint) == (fleet.known_hosts.read_text().splitlines()[0], fingerprint(key.blob))


def test_a_host_whose_key_was_written_down_is_trusted(fleet: Fleet, targets: list[Target], tmp_path: Path) -> None:
    config, ours = tmp_path / "config", tmp_path / "ours"
    config.write_text(fleet.ssh_config.read_text().replace(str(fleet.known_hosts), str(tmp_path / "none")))
    append_host_key(ours, fetch_host_key(targets[0], SystemClock(), config=[config]))
    transport = SshTransport(SystemClock(), config=[config], known_hosts=[ours])
    end = run_one(transport, targets[0], Task(argv=("true",))).end
    transport.close()
    assert end.outcome is Outcome.OK


def test_a_host_that_shows_no_key_is_an_error(faulty: FaultyHosts, tmp_path: Path) -> None:
    with pytest.raises(ReachError, match=r"refused did not show its host key: .*connection refused"):
        fetch_host_key(faulty.refused(), SystemClock(), config=[], deadlines=Deadlines(connect=1))


def test_a_key_is_written_once_into_a_private_file(tmp_path: Path) -> None:
    file = tmp_path / "new/known_hosts"
    written = [append_host_key(file, KEY), append_host_key(file, KEY)]
    assert (written, file.read_text(), file.stat().st_mode & 0o777) == ([True, False], f"{KEY.line}\n", 0o600)


def test_a_last_line_without_an_end_is_not_spoiled(tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    file.write_text("old line")
    append_host_key(file, KEY)
    assert file.read_text() == f"old line\n{KEY.line}\n"


def test_many_who_write_at_once_write_one_line(tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    with ThreadPoolExecutor(8) as pool:
        written = list(pool.map(lambda _: append_host_key(file, KEY), range(40)))
    assert (sum(written), file.read_text()) == (1, f"{KEY.line}\n")


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "known_hosts").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ReachError, match="cannot write the host key"):
        append_host_key(tmp_path / "known_hosts", KEY)

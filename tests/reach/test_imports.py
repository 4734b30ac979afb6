"""What importing and using the room loads."""

from __future__ import annotations

import subprocess
import sys

import pytest

from rem_cli.reach.loopback import Fleet

HEAVY = "paramiko cryptography invoke bcrypt"


def loaded(program: str) -> list[str]:
    program = f"{program}\nimport sys; print(*sorted(set('{HEAVY}'.split()) & set(sys.modules)))"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.parametrize("name", ["reach", "reach.ssh", "reach.local", "reach.loopback"])
def test_importing_loads_nothing_heavy(name: str) -> None:
    assert loaded(f"import rem_cli.{name}") == []


def test_making_a_transport_loads_nothing_heavy() -> None:
    assert loaded("import rem_cli.clock as c, rem_cli.reach.ssh as s; s.SshTransport(c.SystemClock()).close()") == []


def test_a_run_over_ssh_does_without_invoke(fleet: Fleet) -> None:
    program = (
        "from pathlib import Path; import rem_cli.clock as c, rem_cli.reach.ssh as s, rem_cli.reach as r\n"
        "from tests.fakes.listener import run_one\n"
        f"transport = s.SshTransport(c.SystemClock(), config=[Path({str(fleet.ssh_config)!r})])\n"
        f"end = run_one(transport, r.Target('a', {fleet.hosts[0]!r}), r.Task(argv=('true',))).end\n"
        "assert end.outcome == 'ok', end\n"
        "transport.close()"
    )
    assert "invoke" not in loaded(program)

"""The tutorial is true: each of its commands is run, on real SSH hosts, and prints what the page says.

To write the page anew after a change: python -m tests.transcripts.test_tutorial
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from rem_cli.reach.loopback import Fleet
from tests.transcripts import session

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"


def environment(home: Path, fleet: Fleet) -> dict[str, str]:
    """What a newcomer's shell has."""
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {
        "PATH": programs,
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "COLUMNS": "100",
        "USER": "ana",
        "LOGNAME": "ana",
        "REM_SSH_CONFIG": str(fleet.ssh_config),
    }


def test_the_tutorial_prints_what_it_says(fleet: Fleet, tmp_path: Path) -> None:
    commands = session.read(PAGE)

    printed = session.run(commands, tmp_path, environment(tmp_path, fleet))

    assert len(printed) == len(commands) > 15
    for command, (output, status) in zip(commands, printed, strict=True):
        where = f"{PAGE.name}:{command.line}: $ {command.text}"
        assert (where, session.form(output), status) == (where, session.form(command.output), command.status)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch, Fleet(Path(scratch, "hosts"), 3) as hosts:
        work = Path(scratch, "work")
        work.mkdir()
        PAGE.write_text(session.rewritten(PAGE, work, environment(work, hosts)))

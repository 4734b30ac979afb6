"""The pages that hold sessions are true: each command is run, on real SSH hosts, and prints what the page says.

To write them anew after a change: python -m tests.transcripts.test_pages
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import pytest

from rem_cli.reach.loopback import Fleet
from tests.transcripts import session

DOCS = Path(__file__).parents[2] / "docs"
NAMES = (
    *("tutorial.md", "gitops.md", "state.md", "secrets.md", "footprint.md", "procedures.md", "oncall.md"),
    *("long-jobs.md", "results.md", "workers.md", "series.md", "collecting.md", "slas.md", "alerts.md"),
    "daemon.md",
)
PAGES = [DOCS / name for name in NAMES]


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
        "GIT_AUTHOR_NAME": "ana",
        "GIT_AUTHOR_EMAIL": "ana@shop.example",
        "GIT_COMMITTER_NAME": "ana",
        "GIT_COMMITTER_EMAIL": "ana@shop.example",
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_prints_what_it_says(page: Path, fleet: Fleet, tmp_path: Path) -> None:
    commands = session.read(page)

    printed = session.run(commands, tmp_path, environment(tmp_path, fleet))

    assert len(printed) == len(commands) > 10
    for command, (output, status) in zip(commands, printed, strict=True):
        where = f"{page.name}:{command.line}: $ {command.text}"
        assert (where, session.form(output), status) == (where, session.form(command.output), command.status)


if __name__ == "__main__":
    for one in PAGES:
        with tempfile.TemporaryDirectory() as scratch, Fleet(Path(scratch, "hosts"), 3) as hosts:
            work = Path(scratch, "work")
            work.mkdir()
            one.write_text(session.rewritten(one, work, environment(work, hosts)))

"""How long a command takes to begin: rem beside a bare Python and `import typer`, in turn.

    python -m benchmarks.startup            21 rounds, a few seconds
    python -m benchmarks.startup --write    and put the table into docs/performance.md

Run it with the Python that REM is installed for; the first round, which fills the caches, does not count.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Row, compiled, machine, measure, publish, table
from benchmarks.rem_peer import make_repository

BASE = "python -c 'import typer'"
REM = Path(sys.executable).with_name("rem")
PACKAGE = {
    "package": "shop",
    "hosts": {"web": {f"web{number:02}": {"address": f"127.1.0.{number}"} for number in range(1, 20)}},
    "jobs": {"web": {"kernel": {"command": ["uname", "-r"], "hosts": "@web"}}},
}
TAB = 'source "$0" && COMP_WORDS=(rem job run "") COMP_CWORD=3 && _rem && test "${COMPREPLY[0]}" = shop/jobs/web/kernel'


def contenders(completion: Path) -> dict[str, list[str]]:
    """What is started, by its name in the table."""
    return {
        "python -c pass": [sys.executable, "-c", "pass"],
        BASE: [sys.executable, "-c", "import typer"],
        "rem --version": [str(REM), "--version"],
        "a TAB after `rem job run`": ["bash", "--norc", "-c", TAB, str(completion)],
        "rem --help": [str(REM), "--help"],
        "rem validate (20 items)": [str(REM), "validate"],
        "rem show (one item)": [str(REM), "show", "shop/jobs/web/kernel"],
        "rem job list --jobs": [str(REM), "job", "list", "--jobs"],
    }


def main() -> None:
    parse = argparse.ArgumentParser(prog="python -m benchmarks.startup", description=str(__doc__).partition("\n")[0])
    parse.add_argument("--rounds", type=int, default=21)
    parse.add_argument("--write", action="store_true", help="into docs/performance.md")
    given = parse.parse_args()
    compiled()
    with tempfile.TemporaryDirectory(prefix="rem-bench-") as name:
        repository, completion = Path(name, "repository"), Path(name, "rem.bash")
        make_repository(REM, repository, PACKAGE, dict(os.environ))
        with completion.open("w") as file:
            subprocess.run([str(REM), "completion", "bash"], stdout=file, check=True)
        words = contenders(completion)
        rows = {label: Row(label) for label in words}
        for number in range(given.rounds + 1):
            for label, row in rows.items():
                sample = measure(words[label], env=dict(os.environ), cwd=repository)
                if sample.status:
                    sys.exit(f"{label} ended with {sample.status}: {sample.output}")
                if number:
                    row.samples.append(sample)
    head = f"Measured on {machine()}; median of {given.rounds} rounds."
    lines = [head, "", *table(list(rows.values()), BASE, unit="ms"), "", "Again: `python -m benchmarks.startup`"]
    publish("startup", lines, write=given.write)


if __name__ == "__main__":
    main()

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

from benchmarks.measure import Row, machine, measure, publish, table

BASE = "python -c 'import typer'"


def contenders(repository: Path) -> dict[str, list[str]]:
    """What is started, by its name in the table."""
    rem = str(Path(sys.executable).with_name("rem"))
    here = [rem, "-C", str(repository)]
    return {
        "python -c pass": [sys.executable, "-c", "pass"],
        BASE: [sys.executable, "-c", "import typer"],
        "rem --version": [rem, "--version"],
        "rem --help": [rem, "--help"],
        "rem job run --help": [rem, "job", "run", "--help"],
        "rem validate (one package)": [*here, "validate"],
        "rem show (one item)": [*here, "show", "shop/hosts/web/web01"],
    }


def make(repository: Path) -> None:
    """A repository as `rem init` makes it, with one host."""
    rem = str(Path(sys.executable).with_name("rem"))
    for words in (
        [rem, "init", str(repository)],
        [rem, "-C", str(repository), "new", "host", "shop/hosts/web/web01", "--set", "address=127.0.0.1"],
    ):
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{' '.join(words)} ended with {done.returncode}: {done.stdout}{done.stderr}")


def main() -> None:
    parse = argparse.ArgumentParser(prog="python -m benchmarks.startup", description=str(__doc__).partition("\n")[0])
    parse.add_argument("--rounds", type=int, default=21)
    parse.add_argument("--write", action="store_true", help="into docs/performance.md")
    given = parse.parse_args()
    with tempfile.TemporaryDirectory(prefix="rem-bench-") as name:
        repository = Path(name, "shop")
        make(repository)
        words = contenders(repository)
        rows = {label: Row(label) for label in words}
        for number in range(given.rounds + 1):
            for label, row in rows.items():
                sample = measure(words[label], env=dict(os.environ), cwd=Path(name))
                if sample.status:
                    sys.exit(f"{label} ended with {sample.status}: {sample.output}")
                if number:
                    row.samples.append(sample)
    head = f"Measured on {machine()}; median of {given.rounds} rounds."
    lines = [head, "", *table(list(rows.values()), BASE, unit="ms"), "", "Again: `python -m benchmarks.startup`"]
    publish("startup", lines, write=given.write)


if __name__ == "__main__":
    main()

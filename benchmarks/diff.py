"""What a change of one host costs to be told in 2,000 packages: `rem diff` and `rem show` beside `git diff --stat`.

    python -m benchmarks.diff                     three rounds; a minute
    python -m benchmarks.diff --packages 400 --rounds 9
    python -m benchmarks.diff --write             and put the table into docs/performance.md

The last commit changes the address of one host. git compares texts; REM says what both commits mean, item by item. In
each round every contender has its turn before any has the next.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import corpus
from benchmarks.measure import compiled, machine, publish, table
from benchmarks.validate import REM, Turn, repository, run

GIT = "git diff --stat"


def one_more_commit(root: Path, number: int) -> None:
    """Another address for one host."""
    path = sorted(root.glob("packages/*/hosts.yaml"))[number]
    before, _, after = path.read_text().partition("address: 10.")
    path.write_text(f"{before}address: 172.16.{after.partition('.')[2]}")
    git = ["git", "-C", str(root), "-c", "user.name=bench", "-c", "user.email=bench@example.org"]
    subprocess.run([*git, "commit", "--quiet", "--all", "--message", "another address"], check=True)


def turns(root: Path) -> dict[str, Turn]:
    """What each contender does in `root`, whose last commit changes one host."""
    diff = [str(REM), "diff", "HEAD", "--against", "HEAD~1"]
    cache = root / ".rem" / "cache"
    item = subprocess.run([str(REM), "show", corpus.name(0)], cwd=root, check=True, capture_output=True, text=True)
    path = next(line for line in item.stdout.splitlines() if line.startswith(f"{corpus.name(0)}/hosts/"))

    shown = [str(REM), "show", path]

    def known(words: list[str] = diff) -> None:
        subprocess.run(words, cwd=root, check=True, capture_output=True)

    def forgotten() -> None:
        """As when a commit was just made."""
        known()
        head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, check=True, capture_output=True, text=True)
        for kept in cache.glob(f"*-{head.stdout.strip()}"):
            kept.unlink()

    def turn(words: list[str], before: Callable[[], None] = known) -> Turn:
        return Turn(words, root, before)

    return {
        GIT: turn(["git", "diff", "--stat", "HEAD~1", "HEAD"]),
        "rem diff, both commits known": turn(diff),
        "rem diff, one commit new": turn(diff, forgotten),
        "rem diff, cold": turn(diff, lambda: shutil.rmtree(cache, ignore_errors=True)),
        "rem show (one item)": turn(shown, lambda: known(shown)),
    }


def main() -> None:
    parse = argparse.ArgumentParser(prog="python -m benchmarks.diff", description=str(__doc__).partition("\n")[0])
    parse.add_argument("--packages", type=int, default=corpus.PACKAGES)
    parse.add_argument("--rounds", type=int, default=3)
    parse.add_argument("--write", action="store_true", help="into docs/performance.md")
    given = parse.parse_args()
    compiled()
    with tempfile.TemporaryDirectory(prefix="rem-bench-") as name:
        root = repository(Path(name, "large"), given.packages)
        one_more_commit(root, given.packages // 2)
        rows = run(turns(root), given.rounds, {0})
    about = f"{given.packages:,} packages, {5 * given.packages:,} files"
    lines = [f"Measured on {machine()}; median of {given.rounds} rounds; {about}.", ""]
    publish("diff", [*lines, *table(rows, GIT, unit="ms"), "", "Again: `python -m benchmarks.diff`"], write=given.write)


if __name__ == "__main__":
    main()

"""Validating 2,000 packages and 20 files: REM and the tools that look at YAML, in one run.

    python -m benchmarks.validate                     five rounds; takes some minutes
    python -m benchmarks.validate --peers rem,ryl --rounds 9
    python -m benchmarks.validate --write             and put the tables into docs/performance.md

Every contender reads the same files, all of them right. The others look at YAML alone: that it can be read, that no key
stands twice. REM resolves every item, types every value and follows every reference as well. In each round every
contender has its turn before any has the next.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import corpus
from benchmarks.measure import Row, compiled, machine, measure, publish, table
from benchmarks.peers import CACHE, Peer, version, where_is

REM = Path(sys.executable).with_name("rem")
COLD, SAME, EDITED, KNOWN, STATUS = (
    "rem, cold",
    "rem, nothing changed",
    "rem, one file changed",
    "rem, a known commit",
    "git status",
)
TYPER, SMALL, SMALL_AGAIN = "python -c 'import typer'", "rem, cold", "rem, nothing changed"
FEW = "200 files"
SLOW = ("yamllint", "check-jsonschema")  # minutes for all of them


@dataclass(frozen=True)
class Turn:
    """What one contender is given to do; `before` is done first and is not measured."""

    words: list[str]
    cwd: Path
    before: Callable[[], None] = lambda: None


def _nothing(stage: object, where: Path) -> list[str]:
    return []


PEERS = [Peer(name, (name,), name, _nothing) for name in ("ryl", "yamlruff", "yamllint", "check-jsonschema")]


def peer_words(peer: Peer, where: Path, root: Path, schema: Path) -> list[str]:
    program = str(where / peer.program)
    if peer.name == "ryl":
        return [program, "check", "--no-cache", "--enable", "key-duplicates,anchors", "packages"]
    if peer.name == "yamlruff":
        return [program, "lint", "packages"]
    jobs = [str(path) for path in sorted(root.glob("packages/*/jobs.yaml"))[:200]]
    if peer.name == "yamllint":
        return [program, "--no-warnings", "-d", "{extends: relaxed, rules: {line-length: disable}}", *jobs]
    return [program, "--schemafile", str(schema), *jobs]


def repository(root: Path, packages: int) -> Path:
    """A committed tree with a folder for REM's state."""
    corpus.write(root, corpus.texts(packages))
    (root / ".gitignore").write_text(".rem/\n")
    git = ["git", "-C", str(root), "-c", "user.name=bench", "-c", "user.email=bench@example.org"]
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "bench"]):
        subprocess.run([*git, *words], check=True)
    (root / ".rem").mkdir(mode=0o700)
    return root


def edits(path: Path) -> Callable[[], None]:
    """Another comment at the end of a file, each time."""
    text = path.read_text()
    count = iter(range(1, 1_000_000))
    return lambda: [path.write_text(f"{text}# {next(count)}\n"), None][1]


def own_turns(root: Path) -> dict[str, Turn]:
    validate = [str(REM), "validate"]
    known = [*validate, "--rev", "HEAD"]
    cache = root / ".rem" / "cache"
    edited = next(iter(sorted(root.glob("packages/*/jobs.yaml"))))
    return {
        COLD: Turn(validate, root, lambda: shutil.rmtree(cache, ignore_errors=True)),
        SAME: Turn(validate, root),
        EDITED: Turn(validate, root, edits(edited)),
        KNOWN: Turn(known, root, lambda: [subprocess.run(known, cwd=root, check=True, capture_output=True), None][1]),
        STATUS: Turn(["git", "status", "--short"], root),
    }


def run(turns: dict[str, Turn], rounds: int, accept: set[int]) -> list[Row]:
    """Every round, the first of which does not count."""
    rows = {name: Row(name) for name in turns}
    for number in range(rounds + 1):
        print(f"round {number} of {rounds}", file=sys.stderr)
        for name, turn in turns.items():
            if rows[name].trouble:
                continue
            turn.before()
            sample = measure(turn.words, env=dict(os.environ), cwd=turn.cwd, limit=400.0)
            if sample.status not in accept:
                rows[name].trouble = f"ended with {sample.status}: {sample.output[-200:]!r}"
            elif number:
                rows[name].samples.append(sample)
    return list(rows.values())


def main() -> None:
    parse = argparse.ArgumentParser(prog="python -m benchmarks.validate", description=str(__doc__).partition("\n")[0])
    parse.add_argument("--packages", type=int, default=corpus.PACKAGES)
    parse.add_argument("--peers", default=",".join(["rem", *(peer.name for peer in PEERS)]))
    parse.add_argument("--rounds", type=int, default=5)
    parse.add_argument("--write", action="store_true", help="into docs/performance.md")
    given = parse.parse_args()
    compiled()
    CACHE.mkdir(parents=True, exist_ok=True)
    peers = {peer: where_is(peer) for peer in PEERS if peer.name in given.peers.split(",")}
    measured = {peer: where for peer, where in peers.items() if isinstance(where, Path)}
    with tempfile.TemporaryDirectory(prefix="rem-bench-") as name:
        folder = Path(name)
        large, small = repository(folder / "large", given.packages), repository(folder / "small", 4)
        schema = folder / "schema.json"
        schema.write_text('{"type": "object"}')
        turns = own_turns(large)
        for peer, where in measured.items():
            label = f"{peer.name}, {FEW}" if peer.name in SLOW else peer.name
            turns[label] = Turn(peer_words(peer, where, large, schema), large)
        big = run(turns, given.rounds, {0, 1, 2} if given.peers else {0})
        own = own_turns(small)
        small_turns = {TYPER: Turn([sys.executable, "-c", "import typer"], small), COLD: own[COLD], SAME: own[SAME]}
        little = run(small_turns, given.rounds, {0})
    versions = ", ".join(f"{peer.name} {version(peer, where)}" for peer, where in measured.items())
    lines = [f"Measured on {machine()}; median of {given.rounds} rounds.", f"With {versions}.", ""]
    lines += [f"**{given.packages:,} packages, {5 * given.packages:,} files**", "", *table(big, STATUS, unit="ms"), ""]
    lines += ["**4 packages, 20 files**", "", *table(little, TYPER, unit="ms"), ""]
    publish("validate", [*lines, "Again: `python -m benchmarks.validate`"], write=given.write)


if __name__ == "__main__":
    main()

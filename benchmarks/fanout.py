"""One command, ten commands and a file, on many hosts at once: REM and the tools that do the same, in one run.

    python -m benchmarks.fanout                     10, 100 and 300 loopback hosts, three rounds; takes half an hour
    python -m benchmarks.fanout --hosts 10 --peers rem,clush --rounds 5
    python -m benchmarks.fanout --write             and put the tables into docs/performance.md

The hosts are addresses of 127.0.0.0/8 on one real sshd, so the server's work and the client's compete for the same
processors: wall time has a floor that no client can pass, and CPU time, which counts the client alone, tells more.
In each round every tool has its turn before any has the next. What a tool printed is counted: a host that did not
answer is a failure, and a failure has no time.
"""

from __future__ import annotations

import argparse
import os
import platform
import shlex
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Row, Sample, machine, measure, publish, table
from benchmarks.peers import CACHE, PEERS, Peer, Stage, Words, version, where_is
from benchmarks.rem_peer import REM, prepare
from rem_cli.reach.loopback import Fleet

PAYLOAD = 1_000_000  # bytes


@dataclass(frozen=True)
class Work:
    """What is to be done; `answers` is how many times a host says its kernel's release, 0 for a file."""

    title: str
    mode: str  # one, ten, push: the peer's words for it
    hosts: int
    answers: int

    def words(self, peer: Peer) -> Words | None:
        return None if self.mode == "one" and self.hosts > peer.one_limit else getattr(peer, self.mode)


def works(counts: list[int], many: int, modes: list[str]) -> list[Work]:
    cold = [Work(f"One command on {count} hosts, cold", "one", count, 1) for count in counts]
    more = [
        Work(f"Ten commands, one after the other, on {many} hosts", "ten", many, 10),
        Work(f"A file of 1 MB to {many} hosts", "push", many, 0),
    ]
    return [work for work in [*cold, *more] if work.mode in modes]


def fault(work: Work, stage: Stage, peer: Peer, sample: Sample) -> str:
    """Why this sample does not count; "" when every host did its work."""
    if sample.status is None:
        return "did not end in time"
    if sample.status != 0:
        lines = sample.output.strip().splitlines() or [""]
        return f"ended with {sample.status}: {lines[-1][:100]}"
    if work.answers:
        says = (work.mode == "ten" and peer.ten_says) or platform.release()
        answers = sample.output.count(says)
        wanted = 1 if work.mode == "one" and peer.folds else work.answers * work.hosts
        return "" if answers >= wanted else f"{answers} of {wanted} answers"
    sent = [path for path in (stage.folder / "sent").iterdir() if path.stat().st_size == PAYLOAD]
    # Some tools give every host another name for the file, the others send to one; both prove what they did by status.
    return "" if len(sent) in (1, work.hosts) else f"{len(sent)} of {work.hosts} files"


def turn(work: Work, stage: Stage, peer: Peer, where: Path, row: Row) -> None:
    """One tool's turn in a round."""
    words = work.words(peer)
    if words is None or row.trouble:
        return
    for name in ("sent", "cp", "home"):  # nothing of the turn before: no kept links, no files, no caches
        shutil.rmtree(stage.folder / name, ignore_errors=True)
        (stage.folder / name).mkdir(mode=0o700)
    stage.payload.write_bytes(os.urandom(PAYLOAD))
    sample = measure(words(stage, where), env=stage.env(), cwd=stage.folder)
    row.trouble = fault(work, stage, peer, sample)
    if row.trouble:
        row.samples.clear()
        print(f"  {peer.name}: {row.trouble}", file=sys.stderr)
    else:
        row.samples.append(sample)


def run(work: Work, peers: dict[Peer, Path | str], rounds: int) -> list[Row]:
    """All rounds of one piece of work, on a fresh fleet."""
    rows = {peer: Row(peer.name) for peer in peers if work.words(peer)}
    with tempfile.TemporaryDirectory(prefix="rem-bench-") as name:
        folder = Path(name)
        with Fleet(folder / "fleet", work.hosts) as fleet:
            stage = Stage(fleet, folder, folder / "payload")
            stage.write()
            if REM in rows:
                prepare(stage, peers[REM])
            for number in range(rounds):
                print(f"{work.title}: round {number + 1} of {rounds}", file=sys.stderr)
                for peer, row in rows.items():
                    place = peers[peer]
                    if isinstance(place, Path):
                        turn(work, stage, peer, place, row)
                    else:
                        row.trouble = place
    return list(rows.values())


def report(results: dict[Work, list[Row]], peers: dict[Peer, Path | str], options: str, rounds: int) -> list[str]:
    measured = {peer.install or peer.name: peer for peer, place in peers.items() if isinstance(place, Path)}
    versions = [f"{peer.name} {version(peer, Path(peers[peer]))}" for peer in measured.values()]
    lines = [f"Measured on {machine()}; median of {rounds} rounds.", f"With {', '.join(versions)}.", ""]
    for work, rows in results.items():
        lines += [f"**{work.title}**", "", *table(rows, REM.name), ""]
    return [*lines, f"Again: `python -m benchmarks.fanout{options}`"]


def main() -> None:
    parse = argparse.ArgumentParser(prog="python -m benchmarks.fanout", description=str(__doc__).partition("\n")[0])
    parse.add_argument("--hosts", default="10,100,300", help="how many, comma between")
    parse.add_argument("--many", type=int, default=100, help="hosts for ten commands, and for a file")
    parse.add_argument("--work", default="one,ten,push")
    parse.add_argument("--peers", default=",".join(peer.name for peer in [REM, *PEERS]))
    parse.add_argument("--rounds", type=int, default=3)
    parse.add_argument("--write", action="store_true", help="into docs/performance.md")
    given = parse.parse_args()
    wanted = given.peers.split(",")
    CACHE.mkdir(parents=True, exist_ok=True)
    peers = {peer: where_is(peer) for peer in [REM, *PEERS] if peer.name in wanted}
    todo = works([int(count) for count in given.hosts.split(",")], given.many, given.work.split(","))
    results = {work: run(work, peers, given.rounds) for work in todo}
    options = "".join(f" {shlex.quote(word)}" for word in sys.argv[1:])
    publish("fanout", report(results, peers, options, given.rounds), write=given.write)


if __name__ == "__main__":
    main()

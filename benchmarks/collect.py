"""A turn of monitoring as a whole cron process: an echo and ten objects of SNMP of each host, kept as series.

    python -m benchmarks.collect               1,000 hosts of 127.0.0.0/8, 7 rounds
    python -m benchmarks.collect --write       and put the table into docs/performance.md

All agents are one snmpd on all of those addresses, whose processor time does not count. fping and the readers of SNMP
keep nothing; REM decides what is due, makes rates of counters, and has every number safe on disk when it ends. Many
numbers go into their files at every fifth turn: that one is a row of its own, and writes those of two turns. Needs
snmpd, snmp and fping, and downloads gufo-snmp, the fastest client that is known here, into an environment of its own.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Row, compiled, machine, measure, publish, table
from benchmarks.peers import CACHE, DRIVERS, Peer, where_is
from benchmarks.rem_peer import make_repository
from tests.reach.snmp.daemon import Daemon

OIDS = [f"1.3.6.1.2.1.2.2.1.{column}.1" for column in (10, 11, 13, 14, 16, 17, 19, 20)]
OIDS += [f"1.3.6.1.2.1.31.1.1.1.{column}.1" for column in (6, 10)]
OWN = "rem collect"
REM = Path(sys.executable).with_name("rem")
GUFO = Peer("gufo-snmp", ("gufo-snmp",), "python", lambda stage, where: [])
TURN = {"every": "1s", "timeout": "2s", "retention": "60s:1h"}


def package(hosts: list[str], port: int) -> dict[str, object]:
    named = {f"host{number:04}": {"address": host} for number, host in enumerate(hosts)}
    snmp = {"kind": "snmp", "port": port, "oids": {f"object {at}": oid for at, oid in enumerate(OIDS)}}
    checks = {"echo": {"kind": "ping", "packets": 1}, "objects": snmp}
    monitors = {name: {**check, **TURN, "hosts": "@all"} for name, check in checks.items()}
    return {"package": "bench", "hosts": {"all": named}, "monitors": {"all": monitors}}


def contenders(repository: Path, hosts: list[str], port: int, gufo: Path | str) -> dict[str, list[str] | str]:
    """What is run, by its name in the table; text for one that is not there."""
    fping = ["fping", "-C1", "-q", "-i0", "-t2000", *hosts]
    ask = f"snmpget -v2c -cpublic -On {{}}:{port} {' '.join(OIDS)}"
    snmpget = ["sh", "-c", f"printf '%s\\n' \"$@\" | xargs -P 4 -I {{}} {ask}", "sh", *hosts]
    found: dict[str, list[str] | str] = {OWN: [str(REM), "-C", str(repository), "collect", "--quiet"]}
    now = 'sed -i \'s/"drained":[0-9.]*/"drained":0/\' .rem/collect/memory.json'
    files = f"cd {shlex.quote(str(repository))} && {now} && {shlex.quote(str(REM))} collect --quiet"
    found["rem collect, the turn that writes files"] = ["sh", "-c", files]
    found["fping"] = fping if shutil.which("fping") else "apt-get install fping"
    found["snmpget, four at once"] = snmpget if shutil.which("snmpget") else "apt-get install snmp"
    if isinstance(gufo, Path):
        read = [str(gufo / "python"), str(DRIVERS / "gufo_collect.py"), str(port), ",".join(OIDS), *hosts]
        found["gufo-snmp"] = read
        both = f"{shlex.join(fping)}; {shlex.join(read)}"
        found["fping, then gufo-snmp"] = ["sh", "-c", both]
    else:
        found["gufo-snmp"] = gufo
    return found


def main() -> None:
    parse = argparse.ArgumentParser(prog="python -m benchmarks.collect", description=str(__doc__).partition("\n")[0])
    parse.add_argument("--hosts", type=int, default=1000)
    parse.add_argument("--rounds", type=int, default=7)
    parse.add_argument("--write", action="store_true", help="into docs/performance.md")
    given = parse.parse_args()
    hosts = [f"127.0.{number // 250 + 1}.{number % 250 + 1}" for number in range(given.hosts)]
    compiled()
    CACHE.mkdir(parents=True, exist_ok=True)
    gufo = where_is(GUFO)
    with tempfile.TemporaryDirectory(prefix="rem-bench-") as name, Daemon(Path(name), everywhere=True) as agent:
        repository = Path(name, "repository")
        make_repository(REM, repository, package(hosts, agent.port), dict(os.environ))
        words = contenders(repository, hosts, agent.port, gufo)
        rows = {label: Row(label, trouble=what if isinstance(what, str) else "") for label, what in words.items()}
        for number in range(given.rounds + 1):
            for label, row in rows.items():
                what = words[label]
                if isinstance(what, str):
                    continue
                sample = measure(what, env=dict(os.environ), cwd=Path(name))
                if sample.status:
                    sys.exit(f"{label} ended with {sample.status}: {sample.output[-500:]}")
                if number:
                    row.samples.append(sample)
    head = f"Measured on {machine()}; {given.hosts} hosts; median of {given.rounds} rounds."
    lines = [head, "", *table(list(rows.values()), OWN, unit="ms"), "", "Again: `python -m benchmarks.collect`"]
    publish("collect", lines, write=given.write)


if __name__ == "__main__":
    main()

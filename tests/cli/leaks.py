"""A repository with a secret of each kind, a job that prints them in every form, and a search for what stayed."""

from __future__ import annotations

import base64
import json
import os
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pyrage

from rem_cli.reach.loopback import Fleet
from tests.fakes.checkout import Checkout

# Told apart by worker, since a canary sees the processes of all.
ENV, FILE, AGE, KEY = (f'{kind}\'s tr0ub4dor/{os.getpid()}+"ü"' for kind in ("variable", "file", "age", "key"))
VARIABLE = "THE_SECRET_OF_THE_OPERATOR"

PACKAGE = """\
package: shop
title: A shop
hosts:
  web:
    here: {reach: local}
    web01: {address: ADDRESS, port: PORT}
jobs:
  try:
    tell:
      script: scripts/tell.py
      params: {canary: "", status: "0"}
      hosts: "@web"
      secrets: {FROM_ENV: "env:VARIABLE", FROM_FILE: "file:OPERATOR/db", FROM_AGE: "age:secrets/db.age"}
      secret files: {AS_FILE: "file:OPERATOR/key"}
      graph: [load]
      retention: 1s:1h
    missing: {command: [w], secrets: {FROM_ENV: "env:VARIABLE", GONE: "file:OPERATOR/gone"}}
    others: {command: [env], hosts: here}
state: {facts: {}}
queues: {orders: {}}
counters: {hits: {}}
locks: {deploy: {}}
procedures:
  ops:
    tell: {start: told, states: {told: {task: jobs/try/tell, next: wait}, wait: {signal: built, timeout: 1h}}}
    fail: {start: told, states: {told: {task: jobs/try/missing}}}
role accounts:
  on call: {shifts: {always: {contacts: [bo]}}, last resort: [bo]}
contacts:
  bo: {channels: [{webhook: "env:VARIABLE"}]}
"""

# It looks at all processes while it runs: what they were called with, and what they were given.
SCRIPT = """\
#!/usr/bin/env python3
import base64, json, os, shlex, sys
from urllib.parse import quote

values = [os.environ[name] for name in ("FROM_ENV", "FROM_FILE", "FROM_AGE")]
values.append(open(os.environ["AS_FILE"], encoding="utf-8").read().rstrip("\\n"))
seen = []
for pid in filter(str.isdigit, os.listdir("/proc")):
    for what in ("cmdline", "environ"):
        try:
            with open(f"/proc/{pid}/{what}", "rb") as file:
                seen.append([int(pid), what, file.read().decode(errors="replace")])
        except OSError:
            pass
if os.environ["REM_PARAM_CANARY"]:
    with open(os.environ["REM_PARAM_CANARY"] + os.environ["REM_HOST"], "w") as file:
        json.dump([one for one in seen if one[0] != os.getpid()], file)
for stream in (sys.stdout, sys.stderr):
    for value in values:
        data = value.encode()
        ways = [value, value[::-1], data.hex(), data.hex().upper(), quote(value, safe=""), quote(value), repr(value)]
        ways += [base64.b64encode(b"a" * n + data + b"\\n").decode() for n in range(3)]
        ways += [json.dumps({"pw": value}), json.dumps(value, ensure_ascii=False), shlex.quote(value)]
        for way in ways:
            print("say", way, file=stream)
            print("\\n".join(way[at : at + 5] for at in range(0, len(way), 5)), file=stream)
        for sign in value:
            stream.write(sign)
            stream.flush()
        stream.write("\\n")
with open(os.environ["REM_RESULT"], "w") as file:
    json.dump({"load": 3, values[0]: {"value": 4, "unit": values[1]}, "said": [values[2], {values[3]: None}]}, file)
if os.environ["REM_PARAM_STATUS"] == "raise":
    raise ValueError(values)
sys.exit(int(os.environ["REM_PARAM_STATUS"]))
"""


def needles() -> dict[bytes, str]:
    """What is searched for: the values, and what each looks like elsewhere."""
    found: dict[bytes, str] = {}
    for value in (ENV, FILE, AGE, KEY):
        data = value.encode()
        ways = [value, value[::-1], data.hex(), data.hex().upper(), quote(value, safe=""), quote(value)]
        ways += [json.dumps(value)[1:-1], json.dumps(json.dumps(value)[1:-1])[1:-1], shlex.quote(value)[1:-1]]
        # Of base64 the middle, which is the same whatever stands at the ends.
        ways += [base64.b64encode(b"a" * n + data).decode()[4:-8] for n in range(3)]
        found |= {way.encode(): value.partition("'")[0] for way in ways}
    return found


@dataclass(frozen=True)
class Operator:
    """What belongs to whoever runs REM, outside of the repository."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> Operator:
        folder.mkdir(mode=0o700)
        key = pyrage.x25519.Identity.generate()
        for name, content in {"db": f"{FILE}\n", "key": f"{KEY}\n", "age.txt": f"{key}\n"}.items():
            (folder / name).write_text(content)
            (folder / name).chmod(0o600)
        (folder / "db.age").write_bytes(pyrage.encrypt(AGE.encode(), [key.to_public()]))
        (folder / "config.toml").write_text(f'age_identities = ["{folder}/age.txt"]\n')
        return cls(folder)

    def environment(self, fleet: Fleet, temp: Path) -> dict[str, str]:
        return {
            VARIABLE: ENV, "REM_CONFIG": f"{self.folder}/config.toml", "REM_SSH_CONFIG": str(fleet.ssh_config),
            "TMPDIR": str(temp),
        }  # fmt: skip


def commit(checkout: Checkout, operator: Operator, fleet: Fleet) -> None:
    """The package with its secrets, committed."""
    words = {"OPERATOR": str(operator.folder), "VARIABLE": VARIABLE, "ADDRESS": fleet.hosts[0], "PORT": str(fleet.port)}
    text = PACKAGE
    for word, meant in words.items():
        text = text.replace(word, meant)
    (checkout.root / "packages/shop/scripts").mkdir(parents=True, exist_ok=True)
    (checkout.root / "packages/shop/scripts/tell.py").write_text(SCRIPT)
    (checkout.root / "packages/shop/scripts/tell.py").chmod(0o755)
    checkout.commit(
        {"packages/shop/package.yaml": text, "packages/shop/secrets/db.age": (operator.folder / "db.age").read_bytes()}
    )


def leaks(text: str | bytes) -> list[str]:
    """Which secrets a text holds, in any form."""
    data = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    bare = data.translate(None, b"\r\n")
    return sorted({name for needle, name in needles().items() if needle in data or needle in bare})


def leaking_files(folders: Sequence[Path]) -> list[str]:
    """Every file below some folders that holds a secret."""
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return [f"{path}: {found}" for path in files if (found := leaks(path.read_bytes()))]


def leaking_processes(canary: Path) -> Iterator[tuple[int, str]]:
    """Which processes had a secret among their words or in their environment when the job ran."""
    for pid, what, text in json.loads(canary.read_text()):
        if leaks(text):
            yield pid, what

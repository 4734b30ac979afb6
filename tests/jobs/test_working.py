"""`rem job work` on hosts of a real sshd, killed with SIGKILL in the middle of a message."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from rem_cli.reach.loopback import Fleet
from tests.fakes.checkout import Checkout

PACKAGE = """\
package: shop
hosts:
  web:
    web01: {address: 127.1.0.1}
    web02: {address: 127.1.0.2}
queues:
  orders: {lease: 2s}
jobs:
  a:
    pack:
      script: pack.sh
      hosts: "@web"
      workers: 2
      input: queues/orders
      idempotent: true
      grace: 500ms
"""
# Each message is a folder while it is handled: a second one at the same time would say so.
PACK = """\
#!/bin/sh
order=$(cat)
cd "$REM_PARAM_AT"
mkdir "at-$order" || { echo "twice $order" >>log; exit 1; }
trap 'rmdir "at-$order"' EXIT
trap 'exit 1' TERM
echo "begun $order" >>log
[ ! -e wait ] || { sleep 60 & wait; }
echo "done $order" >>log
"""


class Shop:
    def __init__(self, folder: Path, fleet: Fleet) -> None:
        self.folder = folder
        self._environment = {**os.environ, "REM_SSH_CONFIG": str(fleet.ssh_config)}
        tree = Checkout(folder / "shop")
        params = f"      params: {{at: {folder}}}\n"
        files = {"packages/shop/package.yaml": PACKAGE + params, "packages/shop/pack.sh": PACK}
        tree.commit({**files, ".gitignore": ".rem/\n"})
        self.rem("apply")

    def start(self, *words: str) -> subprocess.Popen[str]:
        program = [sys.executable, "-m", "rem_cli", "-C", str(self.folder / "shop"), *words]
        return subprocess.Popen(program, env=self._environment, stdout=subprocess.PIPE, text=True)

    def rem(self, *words: str) -> str:
        started = self.start(*words)
        out, _ = started.communicate(timeout=120)
        assert started.returncode == 0, out
        return out

    def log(self) -> Counter[str]:
        file = self.folder / "log"
        return Counter(file.read_text().splitlines() if file.exists() else [])


@pytest.fixture
def shop(tmp_path: Path, fleet: Fleet) -> Shop:
    return Shop(tmp_path, fleet)


def test_a_worker_that_is_killed_loses_no_message_and_none_is_handled_twice_at_once(shop: Shop) -> None:
    for number in range(6):
        shop.rem("queue", "put", "shop/queues/orders", str(number))
    (shop.folder / "wait").touch()
    killed = shop.start("job", "work", "shop/jobs/a/pack")
    while len(shop.log()) < 4:  # so many workers have begun a message
        assert killed.poll() is None
    killed.kill()
    killed.communicate()
    (shop.folder / "wait").unlink()
    shop.rem("job", "work", "shop/jobs/a/pack", "--max", "6")
    log = shop.log()
    assert {line: count for line, count in log.items() if line.startswith("done")} == {
        f"done {number}": 1 for number in range(6)
    }
    assert not [line for line in log if line.startswith("twice")]
    assert sum(log[f"begun {number}"] for number in range(6)) == 10  # four began twice, one after the other
    assert "shop/queues/orders  0        0        0" in shop.rem("queue", "list")

"""A shop that something happened in, served; made once for all tests that only look."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.checkout import Checkout
from tests.web.served import Served

PACKAGE = """\
package: shop
title: A shop
version: 1.0.0
hosts:
  web:
    web01: {reach: local}
    web02: {reach: local}
  db:
    db01: {address: 192.0.2.1}
jobs:
  ops:
    load:
      title: Load of the machine
      shell: 'echo "{\\"load\\": 3.25}" >"$REM_RESULT"; echo "<b>done</b>"'
      hosts: "@web"
      graph: [load]
      every: 5m
    disk: {shell: 'echo full >&2; test "$REM_HOST" != web02', hosts: "@web", cron: "0 3 * * *"}
    odd: {title: "<script>alert(1)</script>", command: ["true"]}
monitors:
  reach:
    closed: {kind: tcp, address: 127.0.0.1, port: 1, every: 60s}
slas:
  web:
    closed: {of: monitors/reach/closed, field: up, out of tolerance: "< 1", for: 0s, alert: nobody listens}
alerts:
  nobody listens: {severity: page, role account: shop on call}
role accounts:
  shop on call: {shifts: {always: {contacts: [ana, ben]}}, last resort: [ben]}
contacts:
  ana: {channels: [{email: ana@example.org}]}
  ben: {channels: [{email: ben@example.org}]}
series:
  load: {of: jobs/ops/load, field: load, title: "Load, 1 minute", unit: x, limit: 3}
"""


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Nobody's: no configuration of whoever runs the tests."""
    home = tmp_path_factory.mktemp("home")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("REM_", "GIT_", "XDG_", "LC_"))}
    return {**kept, "HOME": str(home), "LANG": "C.UTF-8", "TZ": "UTC", "USER": "ana", "NO_COLOR": "1"}


class Shop(Checkout):
    """A repository that is served."""

    def __init__(self, root: Path, machine: dict[str, str]) -> None:
        self.machine = machine
        self.rem("init", str(root), at=root.parent)
        super().__init__(root)

    def rem(self, *words: str, at: Path | None = None, given: str = "") -> str:
        """The real program; what it printed."""
        done = self.status(*words, at=at, given=given)
        assert done.returncode in (0, 5), done.stderr
        return done.stdout

    def status(self, *words: str, at: Path | None = None, given: str = "") -> subprocess.CompletedProcess[str]:
        """The same, however it ends."""
        return subprocess.run(
            [sys.executable, "-m", "rem_cli", *words], cwd=at or self.root, env=self.machine, capture_output=True,
            text=True, input=given,
        )  # fmt: skip


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory, machine: dict[str, str]) -> Shop:
    """Applied twice, with three runs, one of which failed on a host, and two users."""
    made = Shop(tmp_path_factory.mktemp("served") / "shop", machine)
    made.commit({"packages/shop/package.yaml": PACKAGE}, message="A shop")
    made.rem("apply")
    made.rem("job", "run", "shop/jobs/ops/load")
    made.rem("job", "run", "shop/jobs/ops/disk")
    made.commit({"packages/shop/package.yaml": PACKAGE.replace("limit: 3", "limit: 2")}, message="Lower the limit")
    made.rem("apply")
    made.rem("collect")
    made.rem("sla", "check")
    made.rem("user", "add", "bo", "--role", "viewer", given="a long password\n")
    return made


@pytest.fixture(scope="session")
def served(shop: Shop) -> Iterator[Served]:
    patch = pytest.MonkeyPatch()
    for name in set(os.environ) - set(shop.machine):
        patch.delenv(name)
    for name, value in shop.machine.items():
        patch.setenv(name, value)
    server = Served(shop.root)
    patch.undo()
    yield server
    status, err = server.stop()
    assert (status, err) == (143, "")  # ended by SIGTERM, without a word


@pytest.fixture(scope="session")
def cookie(served: Served) -> str:
    """A session of whoever opened the link."""
    return served.enter()

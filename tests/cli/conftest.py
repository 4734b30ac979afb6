"""A scratch repository, and two ways to type a command in it: in this process, and as the real program."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rem_cli import settings
from rem_cli.main import main
from tests.fakes.checkout import Checkout
from tests.fakes.upstream import Upstream, upstream

PACKAGE = """\
package: shop
title: A shop
version: 0.1.0
hosts:
  web:
    web01: {reach: local}
    web02: {reach: local}
jobs:
  try:
    good: {command: [echo, hello], hosts: "@web"}
    half: {shell: 'test "$REM_HOST" = web01', hosts: "@web"}
    bad: {command: ["false"], hosts: "@web"}
    slow: {command: [sleep, "60"], hosts: "@web", grace: 1s, timeout: 50s}
    numbers:
      shell: 'echo "{\\"load\\": 3}" >"$REM_RESULT"'
      hosts: "@web"
      graph: [load]
      retention: 1s:1h
"""
PROCEDURES = """\
jobs:
  ops:
    good: {command: ["true"]}
    bad: {command: ["false"]}
    handle: {command: ["true"], input: queues/todo, idempotent: true}
queues: {todo: {}}
role accounts:
  ops:
    shifts: {day: {start: "08:00", end: "20:00", contacts: [ana]}, otherwise: {contacts: [bo]}}
    last resort: [ana]
contacts: {ana: {channels: [{email: ana@shop.example}]}, bo: {channels: [{email: bo@shop.example}]}}
procedures:
  ops:
    ask: {start: a, states: {a: {approve: {role account: ops, two person: false}}}}
    wait: {start: a, states: {a: {signal: built, timeout: 1h}}}
    bad: {start: a, states: {a: {task: jobs/ops/bad}}}
    short: {start: a, states: {a: {task: jobs/ops/good}}}
scenarios:
  goes well: {of: procedures/ops/short, path: [a]}
alerts: {loud: {severity: page, role account: ops}}
slas: {ops: {light: {of: shop/jobs/try/numbers, field: load, out of tolerance: "> 1", alert: loud}}}
"""


@dataclass(frozen=True)
class Done:
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on standard output."""
        return json.loads(self.out)


class Repository(Checkout):
    """A git repository that REM knows, and commands typed in it."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        super().__init__(root)
        self._capsys = capsys

    @property
    def package(self) -> Path:
        return self.root / "packages/shop/package.yaml"

    @property
    def state(self) -> Path:
        return self.root / ".rem"

    def rem(self, *words: str) -> Done:
        """Type a command; it runs in this process."""
        self._capsys.readouterr()
        status = main(["-C", str(self.root), *words])
        return Done(status, *self._capsys.readouterr())

    def program(self, *words: str, **environment: str) -> Done:
        """Type a command; it runs as the real program."""
        done = self.started(*words, **environment)
        out, err = done.communicate(timeout=60)
        return Done(done.returncode, out, err)

    def started(self, *words: str, **environment: str) -> subprocess.Popen[str]:
        """The real program, running."""
        return subprocess.Popen(
            [sys.executable, "-m", "rem_cli", *words], cwd=self.root, env={**os.environ, **environment}, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def applied(self, files: dict[str, str | bytes] | None = None) -> Repository:
        """Commit everything and make it active."""
        self.commit(files)
        assert self.rem("apply").status == 0
        return self


@pytest.fixture(autouse=True)
def nobodys_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No configuration, key, colour wish or terminal of whoever runs the tests; signals as they were afterwards."""
    wishes = {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "CI", "GITHUB_ACTIONS", "TF_BUILD"}
    for name in list(os.environ):
        if name.startswith(("REM_", "GIT_", "SSH_", "XDG_", "LC_")) or name in wishes:
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    for name, value in {"HOME": str(home), "TERM": "xterm", "LANG": "C.UTF-8", "TZ": "UTC", "USER": "ana"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    monkeypatch.setattr(settings, "_current", None)
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def empty(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Repository:
    """A git repository after `rem init`, nothing committed."""
    made = Repository(tmp_path / "shop", capsys)
    assert main(["init", str(made.root)]) == 0
    return made


@pytest.fixture
def shop(empty: Repository) -> Repository:
    """The empty repository with two hosts of this machine and some jobs; nothing committed."""
    empty.package.write_text(PACKAGE)
    return empty


@pytest.fixture
def active(shop: Repository) -> Repository:
    """The shop, committed and active."""
    return shop.applied()


@pytest.fixture
def outside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Type a command in a folder that is no repository."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()

    def typed(*words: str) -> Done:
        capsys.readouterr()
        status = main(["-C", str(folder), *words])
        return Done(status, *capsys.readouterr())

    return typed


@pytest.fixture
def there(tmp_path: Path) -> Upstream:
    return upstream(tmp_path / "there")


@pytest.fixture
def needing(empty: Repository, there: Upstream) -> Repository:
    """A repository that requires `portal` from there; nothing is locked."""
    config = Path.home() / ".config/rem/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("allow_file_urls = true\n")
    from tests.cli.requiring import require

    require(empty, there, ">=1,<2")
    return empty


@pytest.fixture
def locked(needing: Repository) -> Repository:
    assert needing.rem("package", "lock").status == 0
    return needing

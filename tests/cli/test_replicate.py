"""`rem replicate` between two repositories, the other one behind a real sshd."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from rem_cli.reach.loopback import Fleet
from tests.cli.conftest import Done, Repository

FACTS, HITS = "shop/state/facts", "shop/counters/hits"
PACKAGE = """\
package: shop
hosts:
  all:
    far: {{address: {host}, port: {port}, user: {user}}}
    off: {{address: 127.9.9.9, port: 1}}
state: {{facts: {{}}}}
counters: {{hits: {{}}}}
"""


class Pair:
    """This REM, `here`, and the one on a host, `there`."""

    def __init__(self, here: Repository, at: Path) -> None:
        self.here, self.at = here, at

    def rem(self, *words: str) -> Done:
        return self.here.rem(*words)

    def there(self, *words: str) -> str:
        program = [sys.executable, "-m", "rem_cli", "-C", str(self.at), *words]
        return subprocess.run(program, env=_there(), capture_output=True, text=True, check=True).stdout

    def carry(self, verb: str) -> tuple[int, str]:
        done = self.rem("replicate", verb, "far", "--at", str(self.at))
        return done.status, done.out + done.err


def _there() -> dict[str, str]:
    return {"REM_NODE": "there", "PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[2])}


def install(home: Path) -> None:
    """Put `rem` where a user has it, as the node `there`."""
    program = home / ".local/bin/rem"
    program.parent.mkdir(parents=True, exist_ok=True)
    words = " ".join(f"{name}={shlex.quote(value)}" for name, value in _there().items())
    program.write_text(f'#!/bin/sh\nexec env {words} {sys.executable} -m rem_cli "$@"\n')
    program.chmod(0o755)


@pytest.fixture
def pair(empty: Repository, fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pair:
    monkeypatch.setenv("REM_SSH_CONFIG", str(fleet.ssh_config))
    monkeypatch.setenv("REM_NODE", "here")
    host = fleet.hosts[3]
    empty.applied({"packages/shop/package.yaml": PACKAGE.format(host=host, port=fleet.port, user=fleet.user)})
    at = tmp_path / "far away"
    subprocess.run(["git", "clone", "-q", empty.root, at], check=True)
    install(fleet.home(host))
    made = Pair(empty, at)
    made.there("apply")
    return made


def test_117_each_has_what_both_wrote_and_a_second_run_carries_nothing(pair: Pair) -> None:
    pair.rem("state", "set", FACTS, "owner", "ana")
    pair.rem("counter", "add", HITS, "2")
    pair.there("counter", "add", HITS, "40")
    assert pair.carry("push") == (0, "2 entries carried to far (there)\n")
    assert pair.carry("pull") == (0, "1 entry carried from far (there)\n")
    assert pair.rem("counter", "get", HITS).out == pair.there("counter", "get", HITS) == "42\n"
    assert pair.carry("push") == (0, "nothing carried to far (there)\n")
    assert pair.carry("pull") == (0, "nothing carried from far (there)\n")


def test_118_what_another_wrote_is_read_by_its_name_with_its_age(pair: Pair) -> None:
    pair.there("state", "set", FACTS, "owner", "ben")
    assert pair.rem("state", "get", FACTS, "owner", "--from", "there").status == 9
    pair.carry("pull")
    assert pair.rem("state", "get", FACTS, "owner").status == 9
    read = pair.rem("state", "get", FACTS, "owner", "--from", "there")
    assert (read.status, read.out) == (0, "ben\n")
    assert re.fullmatch(r"a copy of there, heard of \d+ s ago\n", read.err)
    document = pair.rem("state", "list", FACTS, "--from", "there", "--format", "json").document
    assert [(one["key"], one["value"], one["by"]) for one in document["values"]] == [("owner", "ben", "there")]
    assert document["from"] == "there"
    assert document["age"] >= 0


def test_how_far_each_is_known_is_told_and_nothing_carried(pair: Pair) -> None:
    assert pair.carry("status") == (0, "nothing is kept here or there yet\n")
    pair.rem("state", "set", FACTS, "owner", "ana")
    words = ("replicate", "status", "far", "--at", str(pair.at), "--format", "json")
    for _ in range(2):
        assert pair.rem(*words).document["parts"] == [{"path": FACTS, "node": "here", "here": 1, "there": None}]
    pair.carry("push")
    assert pair.rem(*words).document["parts"] == [{"path": FACTS, "node": "here", "here": 1, "there": 1}]


def test_a_host_without_that_repository_says_so(pair: Pair) -> None:
    done = pair.rem("replicate", "pull", "far", "--at", "/nowhere at all")
    assert (done.status, "far did not answer" in done.err, "--at DIR" in done.err) == (1, True, True)


def test_a_host_that_does_not_answer_is_told_as_everywhere(pair: Pair) -> None:
    done = pair.rem("replicate", "push", "off", "--format", "json")
    assert (done.status, done.document["error"]["code"]) == (1, "reach")


def test_a_selector_of_several_hosts_is_no_host(pair: Pair) -> None:
    assert pair.rem("replicate", "push", "@all").status == 9


def test_what_answers_says_one_document_also_to_nonsense(pair: Pair) -> None:
    program = [sys.executable, "-m", "rem_cli", "-C", str(pair.at), "replicate", "answer"]
    done = subprocess.run(program, env=_there(), input=b"nonsense", capture_output=True, check=True)
    assert json.loads(done.stdout)["error"]["code"] == "state"

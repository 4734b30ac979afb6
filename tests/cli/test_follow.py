"""`rem apply --follow`: what nobody looks at is signed, and never leaves behind what is active."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.cli.conftest import PACKAGE, Repository
from tests.fakes.signers import SshKey


@pytest.fixture
def ana(tmp_path: Path) -> SshKey:
    return SshKey(tmp_path, "ana")


@pytest.fixture
def signed(shop: Repository, ana: SshKey, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Repository:
    """A repository whose first commit is the operator's introduction, and lists Ana."""
    introduction = shop.commit({"signers/allowed_signers": ana.line()})
    config = tmp_path / "config.toml"
    config.write_text(f'introduction = "{introduction}"\n')
    monkeypatch.setenv("REM_CONFIG", str(config))
    return shop


MORE = {"packages/more.yaml": "hosts: {db: {db01: {reach: local}}}"}


def test_without_an_introduction_it_says_what_to_do(active: Repository) -> None:
    told = active.rem("apply", "--follow", "main")
    assert (told.status, "so its commits must be signed" in told.err) == (2, True)
    assert "introduction" in told.err


def test_a12_what_is_signed_is_applied(signed: Repository, ana: SshKey) -> None:
    assert "generation 1" in signed.rem("apply", "--follow", "main").out
    ana.commit(signed, MORE)
    assert "generation 2" in signed.rem("apply", "--follow", "main").out
    last = signed.rem("log", "--format", "json").document["records"][0]
    assert last["signer"].startswith("ana@shop.example (SHA256:")
    assert "    signed by ana@shop.example (SHA256:" in signed.rem("log").out


def test_a12_what_is_not_signed_is_refused_and_told_once_in_the_audit(signed: Repository) -> None:
    signed.rem("apply", "--follow", "main")
    signed.commit(MORE)
    told = [signed.rem("apply", "--follow", "main") for _ in range(3)]
    assert [one.status for one in told] == [10, 10, 10]
    assert "it is not signed; nothing was applied" in told[0].err
    assert len(signed.rem("log", "--format", "json").document["records"]) == 2


def test_a12_a_person_is_held_to_signatures_as_well(signed: Repository) -> None:
    signed.commit(MORE)
    assert signed.rem("apply").status == 10


def test_25_an_older_signed_commit_needs_a_person(signed: Repository, ana: SshKey) -> None:
    signed.rem("apply", "--follow", "main")
    first = signed.git("rev-parse", "HEAD")
    ana.commit(signed, MORE)
    signed.rem("apply", "--follow", "main")
    signed.git("reset", "-q", "--hard", first)
    told = signed.rem("apply", "--follow", "main")
    assert (told.status, "does not contain" in told.err) == (10, True)
    assert signed.rem("apply", "main").status == 0


def test_a8_it_does_not_return_to_what_was_rolled_back(signed: Repository, ana: SshKey) -> None:
    signed.rem("apply", "--follow", "main")
    ana.commit(signed, MORE)
    signed.rem("apply", "--follow", "main")
    assert signed.rem("rollback").status == 0
    assert signed.rem("apply", "--follow", "main").status == 11
    ana.commit(signed, {"packages/more.yaml": "hosts: {db: {db02: {reach: local}}}"})
    assert signed.rem("apply", "--follow", "main").status == 0


def test_a_broken_commit_leaves_the_old_one_and_the_next_is_applied(signed: Repository, ana: SshKey) -> None:
    """Case a13."""
    signed.rem("apply", "--follow", "main")
    ana.commit(signed, {"packages/shop/package.yaml": PACKAGE + "nonsense: 1\n"})
    assert signed.rem("apply", "--follow", "main").status == 4
    assert signed.rem("status", "--format", "json").document["active"]["generation"] == 1
    ana.commit(signed, {"packages/shop/package.yaml": PACKAGE, **MORE})
    assert signed.rem("apply", "--follow", "main").status == 0


@pytest.mark.parametrize("name", ["active", "00000001/catalog.json"])
def test_what_is_damaged_is_mended_by_the_next_look(name: str, signed: Repository) -> None:
    signed.rem("apply", "--follow", "main")
    (signed.state / "generations/production" / name).write_bytes(b"\0damaged")
    assert signed.rem("apply", "--follow", "main").status == 0
    assert signed.rem("job", "list", "--jobs").status == 0


def test_it_looks_again_until_it_is_ended(signed: Repository, ana: SshKey) -> None:
    words = ("apply", "--follow", "main", "--every", "50ms", "--format", "json")
    with signed.started(*words) as following:
        assert following.stdout
        assert json.loads(following.stdout.readline())["generation"] == 1
        ana.commit(signed, MORE)
        assert json.loads(following.stdout.readline())["generation"] == 2
        signed.commit({"packages/more.yaml": "hosts: {db: {db03: {reach: local}}}"})
        assert "it is not signed" in json.loads(following.stdout.readline())["error"]["message"]
        following.send_signal(signal.SIGINT)
        assert following.wait(timeout=30) == 130


def test_every_goes_with_follow(active: Repository) -> None:
    assert active.rem("apply", "--every", "1m").status == 2

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


@pytest.fixture
def far(signed: Repository, tmp_path: Path) -> Repository:
    """The signed repository, which follows a remote of its own: a bare repository that others push to."""
    signed.git("clone", "--quiet", "--bare", str(signed.root), str(tmp_path / "far.git"))
    signed.git("remote", "add", "far", str(tmp_path / "far.git"))
    with (tmp_path / "config.toml").open("a") as config:
        config.write(f'remote = "file://{tmp_path}/far.git"\nallow_file_urls = true\n')
    return signed


def elsewhere(far: Repository, ana: SshKey, files: dict[str, str]) -> str:
    """Commit and push, and leave the branch here as it was."""
    before = far.git("rev-parse", "HEAD")
    commit = ana.commit(far, files)
    far.git("push", "--quiet", "--force", "far", "main")
    far.git("reset", "-q", "--hard", before)
    return commit


def test_it_fetches_from_the_remote_that_the_operator_names(far: Repository, ana: SshKey) -> None:
    assert "generation 1" in far.rem("apply", "--follow", "main").out
    commit = elsewhere(far, ana, MORE)
    refs = far.git("for-each-ref")
    told = far.rem("apply", "--follow", "main", "--format", "json").document
    assert (told["generation"], told["commit"]) == (2, commit)
    assert far.git("for-each-ref") == refs
    assert far.rem("log", "--format", "json").document["records"][0]["signer"].startswith("ana@shop.example")


def test_25_a_forced_push_to_something_older_is_refused(far: Repository, ana: SshKey) -> None:
    elsewhere(far, ana, MORE)
    assert far.rem("apply", "--follow", "main").status == 0
    elsewhere(far, ana, {"packages/more.yaml": "hosts: {db: {db07: {reach: local}}}"})
    told = far.rem("apply", "--follow", "main")
    assert (told.status, "does not contain" in told.err) == (10, True)


def test_a_remote_that_does_not_answer_is_told_once_and_asked_again(
    far: Repository, ana: SshKey, tmp_path: Path
) -> None:
    words = ("apply", "--follow", "main", "--every", "50ms", "--format", "json")
    with far.started(*words) as following:
        assert following.stdout
        assert json.loads(following.stdout.readline())["generation"] == 1
        (tmp_path / "far.git").rename(tmp_path / "away.git")
        assert json.loads(following.stdout.readline())["error"]["message"].startswith("could not read file://")
        (tmp_path / "away.git").rename(tmp_path / "far.git")
        assert json.loads(following.stdout.readline())["new"] is False
        elsewhere(far, ana, MORE)
        assert json.loads(following.stdout.readline())["generation"] == 2
        following.send_signal(signal.SIGINT)


@pytest.mark.parametrize("branch", ["--upload-pack=x", "a:b", "a*", "main@{1}", "../x", "a.lock", ""])
def test_24_what_is_no_branch_is_not_asked_for(far: Repository, branch: str) -> None:
    told = far.rem("apply", f"--follow={branch}")
    assert (told.status, told.err) == (
        2, f"rem: {branch!r} is no name of a branch\nhint: rem apply --follow main\n",
    )  # fmt: skip


@pytest.mark.parametrize("remote", ["ext::sh -c x", "-oProxyCommand=x", "https://ana:secret@shop.example/x"])
def test_23_what_is_no_address_is_not_asked(signed: Repository, tmp_path: Path, remote: str) -> None:
    with (tmp_path / "config.toml").open("a") as config:
        config.write(f'remote = "{remote}"\n')
    told = signed.rem("apply", "--follow", "main")
    assert (told.status, told.err.startswith(f"rem: remote from {tmp_path}/config.toml: an address of git")) == (
        2,
        True,
    )


def test_p9_no_package_of_an_unsigned_commit_is_read(signed: Repository) -> None:
    """What is wrong in one would be told otherwise."""
    signed.rem("apply", "--follow", "main")
    signed.commit({"packages/bad.yaml": "{[" * 500, "rem.lock": "nonsense"})
    for words in (["apply", "--follow", "main"], ["apply"]):
        told = signed.rem(*words)
        assert (told.status, "it is not signed" in told.err) == (10, True)

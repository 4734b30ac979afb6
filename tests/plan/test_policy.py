"""Attack 26 and its neighbours: who may make the next commit, by what the commit before it says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rem_cli.errors import RemError, UntrustedError
from rem_cli.plan.policy import check, check_no_downgrade
from rem_cli.tree.git import GitRepository
from tests.fakes.checkout import Checkout
from tests.fakes.signers import PgpKey, SshKey

ALLOWED = "signers/allowed_signers"


class Team:
    """A repository whose first commit lists Ana; Bo and Eve have keys as well."""

    def __init__(self, folder: Path) -> None:
        self.ana, self.bo, self.eve = (SshKey(folder, who) for who in ("ana", "bo", "eve"))
        self.checkout = Checkout(folder / "shop")
        self.introduction = self.checkout.commit({ALLOWED: self.ana.line(), "packages/shop.yaml": "package: shop\n"})
        self.history = GitRepository(self.checkout.root)

    def check(self, target: str, trusted: str | None = None) -> str:
        return check(self.history, self.introduction, target, trusted=trusted)

    def refused(self, target: str) -> str:
        with pytest.raises(UntrustedError) as refused:
            self.check(target)
        return refused.value.message


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team(tmp_path)


def test_26_a_commit_of_a_listed_key_is_trusted(team: Team) -> None:
    team.ana.commit(team.checkout, {"a": "1"})
    assert team.check(team.ana.commit(team.checkout)).startswith("ana@shop.example (SHA256:")


def test_the_introduction_is_trusted_as_it_is(team: Team) -> None:
    assert team.check(team.introduction) == "the introduction"


def test_26_nobody_signed(team: Team) -> None:
    target = team.checkout.commit({"a": "1"})
    assert team.refused(target) == f"{target[:7]} is not to be trusted: it is not signed; nothing was applied"


def test_26_one_unsigned_commit_below_a_signed_one(team: Team) -> None:
    below = team.checkout.commit({"a": "1"})
    assert below[:7] in team.refused(team.ana.commit(team.checkout))


def test_26_a_good_signature_of_a_key_that_is_not_listed(team: Team) -> None:
    assert "by an SSH key that is not listed" in team.refused(team.eve.commit(team.checkout))


def test_26_a_commit_cannot_let_its_own_signer_in(team: Team) -> None:
    target = team.eve.commit(team.checkout, {ALLOWED: team.ana.line() + team.eve.line()})
    assert "by an SSH key that is not listed" in team.refused(target)


def test_26_who_was_let_in_may_sign_the_next_one(team: Team) -> None:
    team.ana.commit(team.checkout, {ALLOWED: team.ana.line() + team.bo.line()})
    assert team.check(team.bo.commit(team.checkout, {"b": "1"})).startswith("bo@shop.example")


def test_26_who_was_taken_out_may_not(team: Team) -> None:
    team.ana.commit(team.checkout, {ALLOWED: team.bo.line()})
    assert "not listed" in team.refused(team.ana.commit(team.checkout, {"b": "1"}))


def test_26_a_key_is_good_for_its_time(team: Team) -> None:
    ended = team.ana.line('valid-before="20231001Z"')
    team.ana.commit(team.checkout, {ALLOWED: ended})
    assert "not valid at its time" in team.refused(team.ana.commit(team.checkout))


def test_26_a_revoked_key(team: Team) -> None:
    team.ana.commit(team.checkout, {"signers/revoked_keys": team.ana.public + "\n"})
    assert "is by a key of ana@shop.example that was revoked" in team.refused(team.ana.commit(team.checkout))


def test_26_a_key_that_may_sign_other_things_only(team: Team) -> None:
    team.ana.commit(team.checkout, {ALLOWED: team.ana.line('namespaces="file"')})
    assert "is not to be trusted" in team.refused(team.ana.commit(team.checkout))


def test_26_a_changed_commit_has_another_signature(team: Team) -> None:
    target = team.ana.commit(team.checkout, {"a": "1"})
    raw = team.checkout.git("cat-file", "commit", target).replace("signed", "forged") + "\n"
    (team.checkout.root / "raw").write_text(raw)
    forged = team.checkout.git("hash-object", "-t", "commit", "-w", "raw")
    assert "its SSH signature by ana@shop.example is not good" in team.refused(forged)


def test_26_a_merge_is_signed_by_whom_both_sides_list(team: Team) -> None:
    team.checkout.git("checkout", "-q", "-b", "side")
    team.ana.commit(team.checkout, {ALLOWED: team.ana.line() + team.bo.line()})
    team.checkout.git("checkout", "-q", "main")
    team.ana.commit(team.checkout, {"b": "1"})
    words = ["-c", "gpg.format=ssh", "-c", f"user.signingkey={team.bo.path}"]
    team.checkout.git(*words, "merge", "-q", "--no-ff", "-S", "-m", "both", "side")
    assert "not listed" in team.refused(team.checkout.git("rev-parse", "HEAD"))
    team.checkout.git("reset", "-q", "--hard", "HEAD~1")
    words = ["-c", "gpg.format=ssh", "-c", f"user.signingkey={team.ana.path}"]
    team.checkout.git(*words, "merge", "-q", "--no-ff", "-S", "-m", "both", "side")
    assert team.check(team.checkout.git("rev-parse", "HEAD")).startswith("ana@")


def test_26_an_unsigned_merge_of_signed_parents(team: Team) -> None:
    team.checkout.git("checkout", "-q", "-b", "side")
    team.ana.commit(team.checkout, {"a": "1"})
    team.checkout.git("checkout", "-q", "main")
    team.ana.commit(team.checkout, {"b": "1"})
    team.checkout.git("merge", "-q", "--no-ff", "-m", "both", "side")
    assert "it is not signed" in team.refused(team.checkout.git("rev-parse", "HEAD"))


def test_a_branch_without_the_introduction(team: Team) -> None:
    team.checkout.git("checkout", "-q", "--orphan", "other")
    target = team.ana.commit(team.checkout, {"a": "1"})
    assert "does not descend from" in team.refused(target)


def test_history_from_elsewhere_cannot_be_taken_in(team: Team) -> None:
    team.checkout.git("checkout", "-q", "--orphan", "other")
    team.ana.commit(team.checkout, {"c": "1", ALLOWED: team.ana.line()})
    team.checkout.git("checkout", "-q", "main")
    words = ["-c", "gpg.format=ssh", "-c", f"user.signingkey={team.ana.path}"]
    team.checkout.git(*words, "merge", "-q", "-S", "--allow-unrelated-histories", "-m", "both", "other")
    assert "takes in" in team.refused(team.checkout.git("rev-parse", "HEAD"))


def test_what_was_checked_before_is_not_checked_again(team: Team) -> None:
    unsigned = team.checkout.commit({"a": "1"})
    target = team.ana.commit(team.checkout)
    assert team.check(target, trusted=unsigned).startswith("ana@")


def test_25_a_signed_commit_that_leaves_the_active_one_behind(team: Team) -> None:
    active = team.ana.commit(team.checkout, {"a": "1"})
    team.checkout.git("checkout", "-q", "-b", "older", team.introduction)
    target = team.ana.commit(team.checkout, {"b": "1"})
    assert team.check(target).startswith("ana@")
    with pytest.raises(UntrustedError, match="does not contain"):
        check_no_downgrade(team.history, active, target)
    check_no_downgrade(team.history, team.introduction, target)
    check_no_downgrade(team.history, None, target)


def test_29_a_shallow_clone_has_not_the_history_to_tell(team: Team, tmp_path: Path) -> None:
    team.ana.commit(team.checkout)
    target = team.ana.commit(team.checkout)
    team.checkout.git("clone", "-q", "--depth", "1", f"file://{team.checkout.root}", str(tmp_path / "shallow"))
    with pytest.raises(RemError) as refused:
        check(GitRepository(tmp_path / "shallow"), team.introduction, target)
    assert refused.value.hint == "git fetch --unshallow"


@pytest.fixture
def pgp(tmp_path: Path) -> Iterator[PgpKey]:
    key = PgpKey(tmp_path, "cy")
    yield key
    key.end()


def test_26_a_listed_openpgp_key(team: Team, pgp: PgpKey) -> None:
    team.ana.commit(team.checkout, {"signers/cy.asc": pgp.public})
    assert team.check(pgp.commit(team.checkout, {"a": "1"})).startswith("cy@shop.example (")


def test_26_an_openpgp_key_that_is_not_listed(team: Team, pgp: PgpKey) -> None:
    assert "no OpenPGP key is listed" in team.refused(pgp.commit(team.checkout, {"a": "1"}))


def test_26_a_revoked_openpgp_key(team: Team, pgp: PgpKey) -> None:
    team.ana.commit(team.checkout, {"signers/cy.asc": pgp.revoked()})
    assert "by an OpenPGP key that was revoked" in team.refused(pgp.commit(team.checkout, {"a": "1"}))


def test_26_an_expired_openpgp_key(team: Team, tmp_path: Path) -> None:
    key = PgpKey(tmp_path, "di", lasts="2023-12-31")
    try:
        team.ana.commit(team.checkout, {"signers/di.asc": key.public})
        assert "has expired" in team.refused(key.commit(team.checkout, {"a": "1"}))
    finally:
        key.end()

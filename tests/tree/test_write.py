"""New repositories, commits of the demonstration, and files that are whole or not there."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from rem_cli.tree import TreeError
from rem_cli.tree.git import GitRepository
from rem_cli.tree.write import commit_all, init, write_atomically
from tests.fakes.checkout import Checkout

AUTHOR = "Ana <ana@example.org>"


def test_a_new_repository_takes_a_commit_on_main(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    init(root)
    (root / ".gitignore").write_text(".rem/\n")
    (root / "packages/bin").mkdir(parents=True)
    (root / "packages/bin/run.sh").write_text("#!/bin/sh\n")
    (root / "packages/bin/run.sh").chmod(0o755)
    (root / ".rem").mkdir()
    (root / ".rem/state").write_text("not for git")

    made = commit_all(root, "First packages", AUTHOR)

    repository = GitRepository(root)
    commit = repository.resolve("main")
    assert (commit.id, commit.author, commit.subject) == (made, AUTHOR, "First packages")
    assert list(repository.at(commit).entries("")) == [".gitignore", "packages/bin/run.sh"]
    assert repository.changed(commit) == []


def test_a_second_commit_takes_away_what_is_gone(tmp_path: Path) -> None:
    init(tmp_path)
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages/a.yaml").write_text("a")
    commit_all(tmp_path, "one", AUTHOR)
    (tmp_path / "packages/a.yaml").rename(tmp_path / "packages/b.yaml")
    commit_all(tmp_path, "two", AUTHOR)
    repository = GitRepository(tmp_path)
    assert list(repository.at(repository.resolve()).entries()) == ["packages/b.yaml"]


def test_init_leaves_an_existing_repository_alone(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    commit = checkout.commit({"a": "a"})
    init(tmp_path)
    assert checkout.git("rev-parse", "HEAD") == commit


def test_27_init_makes_its_own_repository_whatever_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    init(tmp_path / "shop")
    assert (tmp_path / "shop/.git/HEAD").exists()
    assert not (tmp_path / "elsewhere").exists()
    assert os.environ["GIT_DIR"] == str(tmp_path / "elsewhere")


@pytest.mark.parametrize("name", ["-rf", "--template=x", "$HOME", "ext::sh"])
def test_a_folder_named_like_an_option_is_a_folder(tmp_path: Path, name: str) -> None:
    init(tmp_path / name)
    assert (tmp_path / name / ".git/HEAD").exists()


def test_21_a_commit_runs_no_hook(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path / "shop")
    mark = tmp_path / "mark"
    for name in ("pre-commit", "commit-msg", "post-commit", "post-index-change"):
        checkout.write({f".git/hooks/{name}": f"#!/bin/sh\ntouch {mark}\n"})
        (checkout.root / f".git/hooks/{name}").chmod(0o755)
    checkout.write({"packages/a.yaml": "a"})
    commit_all(checkout.root, "one", AUTHOR)
    assert not mark.exists()


def test_a_file_is_replaced_whole_and_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("old")
    path.chmod(0o640)
    write_atomically(path, b"new")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o640)
    assert list(tmp_path.iterdir()) == [path]


def test_57_a_link_or_a_folder_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("old")
    (tmp_path / "link").symlink_to("target")
    (tmp_path / "folder").mkdir()
    for name in ("link", "folder"):
        with pytest.raises(TreeError, match="is no regular file"):
            write_atomically(tmp_path / name, b"new")
    assert (tmp_path / "target").read_text() == "old"


def test_53_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("old")

    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TreeError, match="no space left on device"):
        write_atomically(path, b"new")
    assert (path.read_text(), list(tmp_path.iterdir())) == ("old", [path])

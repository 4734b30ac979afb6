"""Commits and their files, from real repositories."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rem_cli.tree import Kind, TreeError
from rem_cli.tree.git import GitRepository
from rem_cli.tree.worktree import find_root
from tests.fakes.checkout import Checkout


def test_the_root_is_found_from_a_folder_below_it(checkout: Checkout) -> None:
    checkout.commit({"packages/shop/package.yaml": "package: shop\n"})
    assert find_root(checkout.root / "packages" / "shop") == checkout.root


def test_outside_of_a_repository_the_hint_is_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(TreeError, match="is not in a git repository") as refused:
        find_root(tmp_path)
    assert refused.value.hint == "rem init"


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_files_at_a_commit_are_what_was_committed(tmp_path: Path, object_format: str) -> None:
    checkout = Checkout(tmp_path / "shop", object_format=object_format)
    files = {"packages/a.yaml": b"a: 1\r\n", "packages/empty": b"", "packages/bin": bytes(range(256)), "README": b"no"}
    checkout.commit(files)
    checkout.write({"packages/a.yaml": "changed since"})
    repository = GitRepository(checkout.root)

    tree = repository.at(repository.resolve("HEAD"))

    contents = tree.read_many(tree.entries())
    assert contents == {name: content for name, content in files.items() if name != "README"}


def test_an_entry_tells_size_and_executable_bit(checkout: Checkout) -> None:
    checkout.write({"packages/run.sh": "#!/bin/sh\n", "packages/a.yaml": "a"})
    (checkout.root / "packages/run.sh").chmod(0o755)
    checkout.commit()
    repository = GitRepository(checkout.root)
    for tree in (repository.at(repository.resolve()), repository.worktree()):
        entries = tree.entries()
        assert [(e.path, e.size, e.executable) for e in entries.values()] == [
            ("packages/a.yaml", 1, False),
            ("packages/run.sh", 10, True),
        ]


@pytest.mark.parametrize("name", ["packages/ein Bär.yaml", "packages/:(top)x", "packages/-rf", "packages/a\nb"])
def test_any_file_name_that_git_keeps_can_be_read(checkout: Checkout, name: str) -> None:
    checkout.commit({name: "content"})
    repository = GitRepository(checkout.root)
    for tree in (repository.at(repository.resolve()), repository.worktree()):
        assert tree.read(name) == b"content"


def test_a_file_name_that_is_no_utf_8_survives(checkout: Checkout) -> None:
    (checkout.root / "packages").mkdir()
    (checkout.root / os.fsdecode(b"packages/b\xff")).write_text("x")
    checkout.commit()
    repository = GitRepository(checkout.root)
    tree = repository.at(repository.resolve())
    assert tree.entries().keys() == repository.worktree().entries().keys()
    assert tree.read(next(iter(tree.entries()))) == b"x"


def test_a_commit_tells_who_when_and_what(checkout: Checkout) -> None:
    first = checkout.commit({"packages/a.yaml": "a"}, "Open the shop\n\nwith details")
    second = checkout.commit({"packages/a.yaml": "b"}, "Schließen")
    commit = GitRepository(checkout.root).resolve("main")
    assert (commit.id, commit.parents, commit.author) == (second, (first,), "Ana <ana@example.org>")
    assert (commit.at, commit.subject) == (1700000000.0, "Schließen")


def test_the_log_lists_commits_that_touch_packages_newest_first(checkout: Checkout) -> None:
    checkout.commit({"packages/a.yaml": "a"}, "one")
    checkout.commit({"README": "r"}, "elsewhere")
    checkout.commit({"packages/a.yaml": "b"}, "two")
    assert [commit.subject for commit in GitRepository(checkout.root).log(10)] == ["two", "one"]


def test_a_repository_with_no_commit_says_what_to_type(checkout: Checkout) -> None:
    with pytest.raises(TreeError, match="has no commit yet") as refused:
        GitRepository(checkout.root).resolve()
    assert "git commit" in (refused.value.hint or "")


def test_a_missing_file_is_named(checkout: Checkout) -> None:
    checkout.commit({"packages/a.yaml": "a"})
    repository = GitRepository(checkout.root)
    for tree in (repository.at(repository.resolve()), repository.worktree()):
        with pytest.raises(TreeError, match=r"there is no file 'packages/b\.yaml'"):
            tree.read("packages/b.yaml")


def test_a_repository_without_packages_lists_nothing(checkout: Checkout) -> None:
    checkout.commit({"README": "r"})
    repository = GitRepository(checkout.root)
    assert repository.at(repository.resolve()).entries() == repository.worktree().entries() == {}


def test_ancestors_are_told_from_strangers(checkout: Checkout) -> None:
    old = checkout.commit({"packages/a": "1"})
    new = checkout.commit({"packages/a": "2"})
    repository = GitRepository(checkout.root)
    assert (repository.is_ancestor(old, new), repository.is_ancestor(new, old)) == (True, False)


def test_changed_lists_what_differs_and_is_not_ignored(checkout: Checkout) -> None:
    names = ["same", "edited", "same size", "gone", "tool"]
    checkout.commit({".gitignore": "*.pyc\n", **{f"packages/{name}": "text" for name in names}})
    checkout.write({"packages/edited": "longer text", "packages/same size": "TEXT", "packages/new": "n"})
    checkout.write({"packages/x.pyc": "ignored", "README": "elsewhere"})
    (checkout.root / "packages/gone").unlink()
    (checkout.root / "packages/tool").chmod(0o755)
    repository = GitRepository(checkout.root)
    assert repository.changed(repository.resolve()) == [
        f"packages/{name}" for name in ["edited", "gone", "new", "same size", "tool"]
    ]


def test_a_damaged_object_is_an_error_and_never_other_content(checkout: Checkout) -> None:
    checkout.commit({"packages/a.yaml": "honest"})
    forged = checkout.git("hash-object", "-w", "packages/a.yaml")
    checkout.write({"other": "forged"})
    other = checkout.git("hash-object", "-w", "other")
    objects = checkout.root / ".git/objects"
    (objects / forged[:2] / forged[2:]).chmod(0o644)
    (objects / forged[:2] / forged[2:]).write_bytes((objects / other[:2] / other[2:]).read_bytes())
    repository = GitRepository(checkout.root)
    with pytest.raises(TreeError):
        repository.at(repository.resolve()).read("packages/a.yaml")


def test_a_linked_work_tree_is_a_repository_too(checkout: Checkout, tmp_path: Path) -> None:
    checkout.commit({"packages/a.yaml": "a"})
    checkout.git("worktree", "add", "--quiet", str(tmp_path / "second"))
    repository = GitRepository(find_root(tmp_path / "second" / "packages"))
    assert repository.at(repository.resolve()).entries()["packages/a.yaml"].kind is Kind.FILE

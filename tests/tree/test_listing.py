"""A listing that rests on an earlier one is the one that a walk would make, whatever happened in between."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from rem_cli.tree import Kind
from rem_cli.tree.worktree import WorkTree

NAMES = ("a", "b", "c.yaml")
PATHS = [f"packages/{one}" for one in (*NAMES, *(f"{above}/{name}" for above in NAMES[:2] for name in NAMES))]
PATHS += [f"packages/a/b/{name}" for name in NAMES]
CHANGES = some.tuples(
    some.sampled_from(["write", "folder", "remove", "link", "module", "executable", "swap", "rename"]),
    some.sampled_from(PATHS),
    some.sampled_from(PATHS),
)


def change(root: Path, what: str, path: Path, other: Path) -> None:
    """Do one thing to a tree, where it can be done."""
    if what == "remove" and path.exists() and not path.is_symlink() and path.is_dir():
        shutil.rmtree(path)
    elif what == "remove":
        path.unlink()
    elif what == "write":
        path.write_bytes(os.urandom(5))
    elif what == "folder":
        path.mkdir()
    elif what == "link":
        path.symlink_to("nowhere")
    elif what == "module":
        (path / ".git").mkdir()
    elif what == "executable":
        path.chmod(0o755)
    elif what == "rename":
        path.rename(other)
    elif what == "swap":  # a folder for a link to it
        path.rename(root / "aside")
        path.symlink_to(root / "aside")


@settings(max_examples=150, deadline=None, derandomize=True)
@given(some.lists(CHANGES, min_size=1, max_size=12), some.integers(1, 4))
def test_a_listing_that_rests_on_another_is_the_same(changes: list[tuple[str, str, str]], together: int) -> None:
    with TemporaryDirectory() as name:
        root = Path(name)
        (root / "packages").mkdir()
        tree = WorkTree(root)
        before = tree.listing()
        for number, (what, path, other) in enumerate(changes):
            try:
                change(root, what, root / path, root / other)
            except OSError:
                continue  # not with this tree
            if number % together == 0:
                now = tree.listing()
                assert tree.listing(before) == now
                before = now
        assert tree.listing(before) == tree.listing()


@pytest.fixture
def tree(tmp_path: Path) -> WorkTree:
    for path in ("a/package.yaml", "a/jobs/web.yaml", "b.yaml"):
        (tmp_path / "packages" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "packages" / path).write_text("a: b\n")
    return WorkTree(tmp_path)


def test_folders_with_their_old_stamp_are_not_listed_again(
    tree: WorkTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree.listing()
    (tmp_path / "packages/a/jobs/web.yaml").write_text("changed in its place\n")
    (tmp_path / "packages/a/new.yaml").write_text("")
    listed: list[str] = []
    names = os.listdir

    def counted(folder: int) -> list[str]:
        listed.append(os.readlink(f"/proc/self/fd/{folder}"))
        return names(folder)

    monkeypatch.setattr("os.listdir", counted)
    now = tree.listing(before)
    assert listed == [str(tmp_path / "packages/a")]
    assert [path for path in now.files if now.files[path] != before.files.get(path)] == [
        "packages/a/jobs/web.yaml",
        "packages/a/new.yaml",
    ]


def test_a_folder_that_becomes_a_repository_is_a_submodule(tree: WorkTree, tmp_path: Path) -> None:
    before = tree.listing()
    (tmp_path / "packages/a/.git").write_text("gitdir: elsewhere\n")
    now = tree.listing(before)
    assert now == tree.listing()
    kinds = {path: entry.kind for path, entry in now.entries().items()}
    assert kinds == {"packages/a": Kind.MODULE, "packages/b.yaml": Kind.FILE}

"""The work tree, with everything in it that is no plain file."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from rem_cli.tree import Kind, TreeError
from rem_cli.tree import limits as tree_limits
from rem_cli.tree.worktree import WorkTree


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret.yaml").write_text("secret")
    folder = tmp_path / "root/packages"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def tree(packages: Path) -> WorkTree:
    return WorkTree(packages.parent)


def test_15_links_fifos_and_sockets_are_listed_and_never_read(packages: Path, tree: WorkTree) -> None:
    (packages / "link.yaml").symlink_to("../../outside/secret.yaml")
    (packages / "folder").symlink_to("../../outside")
    os.mkfifo(packages / "fifo.yaml")
    entries = tree.entries()
    assert {path: entry.kind for path, entry in entries.items()} == {
        "packages/fifo.yaml": Kind.OTHER,
        "packages/folder": Kind.LINK,
        "packages/link.yaml": Kind.LINK,
    }
    for path in (*entries, "packages/folder/secret.yaml"):
        with pytest.raises(TreeError) as refused:
            tree.read(path)
        assert "secret" not in refused.value.message.replace("secret.yaml", "")  # 19: nothing of the content


@pytest.mark.parametrize(
    "path", ["../outside/secret.yaml", "/etc/passwd", "packages/../../x", ".git/config", "", "a\0b"]
)
def test_14_paths_that_lead_away_are_refused(tree: WorkTree, path: str) -> None:
    with pytest.raises(TreeError, match="is not a path inside the repository"):
        tree.read(path)


def test_15_packages_that_are_a_link_as_a_whole_are_not_entered(packages: Path, tree: WorkTree) -> None:
    packages.rmdir()
    packages.symlink_to("../outside")
    assert {path: entry.kind for path, entry in tree.entries().items()} == {"packages": Kind.LINK}


def test_15_a_folder_swapped_for_a_link_while_reading_never_gives_what_is_outside(
    packages: Path, tree: WorkTree, tmp_path: Path
) -> None:
    (packages / "shop").mkdir()
    (packages / "shop/secret.yaml").write_text("inside")
    (tmp_path / "link").symlink_to(tmp_path / "outside")
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            os.rename(packages / "shop", tmp_path / "aside")
            os.rename(tmp_path / "link", packages / "shop")
            os.rename(packages / "shop", tmp_path / "link")
            os.rename(tmp_path / "aside", packages / "shop")

    swapping = threading.Thread(target=swap)
    swapping.start()
    try:
        for _ in range(2000):
            try:
                assert tree.read("packages/shop/secret.yaml") == b"inside"
            except TreeError:
                continue
    finally:
        stop.set()
        swapping.join()


def test_files_over_the_limit_are_refused_by_name(packages: Path, tree: WorkTree) -> None:
    with (packages / "huge.yaml").open("wb") as file:
        file.truncate(tree_limits.FILE_LIMIT + 1)
    with pytest.raises(TreeError, match=r"'packages/huge\.yaml' has 64 MiB, more than 64"):
        tree.read("packages/huge.yaml")


def test_many_files_that_are_too_much_together_are_refused(
    packages: Path, tree: WorkTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree_limits, "READ_LIMIT", 5 << 20)
    for name in ("a.yaml", "b.yaml"):
        (packages / name).write_bytes(bytes(3 << 20))
    with pytest.raises(TreeError, match="more than 5 MiB together"):
        tree.read_many(["packages/a.yaml", "packages/b.yaml"])


def test_folders_nested_without_end_are_refused(packages: Path, tree: WorkTree) -> None:
    (packages / "/".join(["d"] * 80)).mkdir(parents=True)
    with pytest.raises(TreeError, match="too many files or folders"):
        tree.entries()

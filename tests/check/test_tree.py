"""What is read, written and started for an answer, on real files."""

from __future__ import annotations

import marshal
import os
import signal
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from benchmarks import corpus
from rem_cli import shipped
from rem_cli.check import Asked, spread
from rem_cli.check.cache import Cache
from rem_cli.check.whole import resolve
from rem_cli.check.work import load_all
from rem_cli.errors import StaleError
from rem_cli.tree.worktree import WorkTree
from tests.language.tree import BASE

SECOND = 1_000_000_000  # ns


class Counted(WorkTree):
    """A work tree that says which files were read."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.read_paths: list[str] = []

    def read_many(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        wanted = list(paths)
        self.read_paths += wanted
        return super().read_many(wanted)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    corpus.write(tmp_path, corpus.texts(20, errors=2))
    (tmp_path / ".rem").mkdir(mode=0o700)
    return tmp_path


def asked(root: Path, processors: int = 1) -> tuple[Asked, Counted]:
    tree = Counted(root)
    newest = max(max(entry.stamp[:2]) for entry in tree.entries().values())
    cache = Cache(root / ".rem", [shipped.folder("packages") / "base"])
    return Asked(tree, lambda: BASE, cache, newest + 3 * SECOND, processors), tree


def test_an_unchanged_tree_is_not_read(root: Path) -> None:
    first, tree = asked(root)
    findings = resolve(first).findings
    assert len(findings) == 2
    assert len(tree.read_paths) >= 100
    second, tree = asked(root)
    again = resolve(second)
    assert again.findings == findings
    assert tree.read_paths == []
    assert len(again.items) == len(load_all(tree, BASE).items)


def test_of_a_changed_tree_only_what_changed_is_read(root: Path) -> None:
    resolve(asked(root)[0])
    path = root / "packages" / corpus.name(7) / "hosts.yaml"
    path.write_text(path.read_text() + "more: {a b: {}}\n")
    second, tree = asked(root)
    assert str(path.relative_to(root)) in [finding.place.file for finding in resolve(second).findings]
    packages = {path.split("/")[1] for path in tree.read_paths}
    broken = {corpus.name(0), corpus.name(10)}  # of these nothing is kept
    assert corpus.name(7) in packages <= {corpus.name(7), *broken}


def test_of_packages_that_did_not_change_nothing_is_unpacked(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither their items nor what they name: but of those who name an item of what changed."""
    corpus.write(root, corpus.texts(20))  # without mistakes
    assert resolve(asked(root)[0]).findings == ()
    path = root / "packages" / corpus.name(7) / "hosts.yaml"
    path.write_text(path.read_text() + "# changed\n")
    unpacked: list[str] = []

    def plain(body: Any) -> Any:
        unpacked.append(body._name)
        return marshal.loads(body._packed)

    monkeypatch.setattr("rem_cli.check.packed._Body._plain", property(plain))
    assert resolve(asked(root)[0]).findings == ()
    before, after = corpus.name(6), corpus.name(8)  # the one that it names a job of, and the one that names its own
    assert set(unpacked) == {before, after}


def test_a_young_file_is_read_although_its_stamp_is_known(root: Path) -> None:
    first, tree = asked(root)
    resolve(first)
    path = root / "packages" / corpus.name(7) / "hosts.yaml"
    young = Asked(tree, lambda: BASE, first.cache, path.stat().st_ctime_ns, 1)
    (root / ".rem" / "cache" / "packages-tree").unlink()
    resolve(young)  # nothing is kept of files that could change without another stamp
    assert not list((root / ".rem" / "cache").glob("verdict-*"))[1:]
    tree.read_paths.clear()
    resolve(Asked(tree, lambda: BASE, first.cache, path.stat().st_ctime_ns + 1, 1))
    assert str(path.relative_to(root)) in tree.read_paths


def test_items_of_a_tree_that_changes_meanwhile_are_refused(root: Path) -> None:
    resolve(asked(root)[0])
    answer = resolve(asked(root)[0])
    path = root / "packages" / corpus.name(7) / "jobs.yaml"
    path.write_text("nightly: {a: {command: w}}\n")
    with pytest.raises(StaleError, match="the work tree changed while it was read"):
        list(answer.items)


def test_a_child_that_breaks_costs_nothing_but_time(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spread, "WORTH", 0)
    plain = load_all(WorkTree(root), BASE)
    parent, find = os.getpid(), spread._find

    def broken(*given: object) -> object:
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return find(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(spread, "_find", broken)
    answer = resolve(asked(root, processors=3)[0])
    assert list(answer.findings) == list(plain.findings)
    assert dict(answer.items) == dict(plain.items)


def test_no_child_is_left(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the question is taken back: Ctrl-C, SIGTERM."""
    monkeypatch.setattr(spread, "WORTH", 0)
    parent, find = os.getpid(), spread._find

    def interrupted(*given: object) -> object:
        if os.getpid() == parent:
            raise KeyboardInterrupt
        return find(*given)  # type: ignore[arg-type]

    def children() -> set[str]:
        return {one for task in Path("/proc/self/task").iterdir() for one in (task / "children").read_text().split()}

    monkeypatch.setattr(spread, "_find", interrupted)
    before = children()  # servers that other tests have started
    with pytest.raises(KeyboardInterrupt):
        resolve(asked(root, processors=3)[0])
    assert children() <= before

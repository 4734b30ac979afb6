"""Kept or not, spread over processors or not: a tree has one resolution."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some

from rem_cli import shipped
from rem_cli.check import Asked, spread, work
from rem_cli.check.cache import Cache
from rem_cli.check.whole import resolve
from rem_cli.check.work import load_all
from rem_cli.language import Resolution
from rem_cli.tree import Kind, Tree
from tests.check.trees import EDITS, ENSURE, HOSTS, JOBS, Memory
from tests.language.tree import BASE

LATER = 1 << 62  # ns; every stamp is settled


def asked(tree: Tree, folder: Path, processors: int = 1) -> Asked:
    return Asked(tree, lambda: BASE, Cache(folder, [shipped.folder("packages") / "base"]), LATER, processors)


def same(one: Resolution, two: Resolution) -> None:
    assert list(one.findings) == list(two.findings)
    assert (len(one.items), one.files, one.scripts) == (len(two.items), two.files, two.scripts)
    assert dict(one.items) == dict(two.items)


@pytest.fixture(params=[(0, 0), (3, 1), (3, 1000)], ids=["all is kept anew", "some of it", "the first is kept"])
def how(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """However small the tree is, its packages are kept; after every change, after more than one, or only once."""
    worth, few = request.param
    monkeypatch.setattr(spread, "WORTH", worth)
    monkeypatch.setattr(work, "FEW", few)


def test_the_first_tree_is_sound() -> None:
    assert load_all(Memory(), BASE).findings == ()


@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(some.lists(EDITS, min_size=10, max_size=30))
def test_every_state_of_a_tree_is_resolved_alike(how: None, edits: list[tuple[str, str | Kind | None]]) -> None:
    tree = Memory()
    with tempfile.TemporaryDirectory() as name:
        resolve(asked(tree, Path(name)))
        for number, (path, content) in enumerate(edits):
            tree.write(path, content)
            if number % 2:  # several edits at once, as between two saves
                same(resolve(asked(tree, Path(name))), load_all(tree, BASE))
        plain = load_all(tree, BASE)
        same(resolve(asked(tree, Path(name))), plain)
        same(resolve(asked(tree, Path(name))), plain)  # from the verdict
        same(resolve(asked(tree, Path("/nowhere"), processors=3)), plain)


def test_what_packages_say_of_each_other_is_found_when_only_one_of_them_changes(how: None, tmp_path: Path) -> None:
    tree = Memory()
    tree.write("packages/a/ensure.yaml", ENSURE[0])
    tree.write("packages/b/ensure.yaml", ENSURE[1])
    tree.write("packages/b/jobs.yaml", JOBS[-1])
    before = resolve(asked(tree, tmp_path))
    same(before, load_all(tree, BASE))
    tree.write("packages/b/ensure.yaml", ENSURE[2])
    tree.write("packages/a/hosts.yaml", HOSTS[-1])
    found = resolve(asked(tree, tmp_path)).findings
    assert {one.id for one in found if one not in before.findings} == {"REM1901", "REM1902", "REM1905"}
    assert list(found) == list(load_all(tree, BASE).findings)

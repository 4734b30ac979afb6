"""A catalog that is unpacked package by package is the one that is compiled of the whole tree, whatever was kept."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some

from rem_cli import shipped
from rem_cli.check import Asked, spread, work
from rem_cli.check.cache import Cache
from rem_cli.check.contents import Contents, contents
from rem_cli.check.work import load_all
from rem_cli.jobs.meaning import meaning
from rem_cli.jobs.schedule.moved import moved
from rem_cli.plan.catalog import NOTHING, Catalog, compile_catalog, from_json
from rem_cli.plan.diff import changes, values
from rem_cli.plan.parted import compiled
from tests.check.trees import EDITS, Committed, Memory
from tests.language.tree import BASE

# A specification and its instance, a file that one package merges from another, and a section that one has of another:
# what packages say changes here while their own texts stay.
SPECIFICATION = """\
specification: true
params: {{slow: {{type: duration, default: {0}m}}}}
jobs: {{web: {{probe: {{command: [probe], timeout: "${{slow}}"}}, more: {{command: [w{0}]}}}}}}
"""
SECTION = """\
links: {{jobs/web/a: {{merge: ../a/templates/more.yaml}}}}
sections:
  rooms:
    grouped indexes: [{{index: null, key field: name}}]
    fields: {{name: {{type: label}}, size: {{type: count, default: {0}}}}}
"""
FIRST = {
    "packages/a/templates/more.yaml": "timeout: 1m\n",
    "packages/b/jobs.yaml": "web: {a: {command: [w]}}\n",
    "packages/b/package.yaml": SECTION.format(1),
    "packages/c/monitors.yaml": None,
    "packages/c/package.yaml": SPECIFICATION.format(1),
    "packages/d/package.yaml": "require: {b: '>=0'}\nof: c\nrooms: {hall: {}}\n",
    "packages/e.yaml": "require: {b: '>=0'}\nrooms: {hall: {}}\n",
}
OTHERS = some.integers(1, 3).flatmap(
    lambda number: some.sampled_from([
        ("packages/a/templates/more.yaml", f"timeout: {number}m\n"),
        ("packages/b/package.yaml", SECTION.format(number)),
        ("packages/c/package.yaml", SPECIFICATION.format(number)),
    ])
)  # fmt: skip
LATER = 1 << 62  # ns; every stamp is settled
WRECKED = some.sampled_from(["", "", "", "torn", "gone", "other", "none"])


@pytest.fixture(autouse=True)
def however_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every tree is taken package by package, and written down after each change."""
    monkeypatch.setattr(spread, "WORTH", 0)
    monkeypatch.setattr(work, "FEW", 0)


def wreck(folder: Path, how: str, number: int) -> None:
    """Damage one file of a cache, or all of it."""
    files = sorted((folder / "cache").glob("*")) if how else []
    for file in files if how == "none" else files[number % len(files) :][:1] if files else ():
        whole = file.read_bytes()
        if how == "torn":
            file.write_bytes(whole[: len(whole) // 2])
        elif how == "other":
            file.write_bytes(whole[:20] + bytes([whole[20] ^ 1]) + whole[21:])
        else:
            file.unlink()


def both(tree: Memory | Committed, folder: Path, whole: bool) -> Iterator[Catalog]:
    """A tree's catalog, the plain way and the other; none where something is wrong in it."""
    plain = load_all(tree, BASE)
    cache = Cache(folder, [shipped.folder("packages") / "base"])
    said = contents(Asked(tree, lambda: BASE, cache, LATER, 1, parts=whole))
    assert list(said.findings) == list(plain.findings)
    if not plain.findings:
        assert isinstance(said, Contents)
        yield compile_catalog(plain, tree)[0]
        yield compiled(said, tree).catalog


def same(old: tuple[Catalog, Catalog], new: tuple[Catalog, Catalog]) -> None:
    plain, parted = (changes(one, other) for one, other in zip(old, new, strict=True))
    assert plain == parted
    assert values(old[0], new[0], plain) == values(old[1], new[1], parted)
    assert meaning(old[0], new[0], plain) == meaning(old[1], new[1], parted)
    assert moved(old[0], new[0], plain, 0) == moved(old[1], new[1], parted, 0)


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    some.lists(
        some.tuples(some.booleans().flatmap(lambda these: OTHERS if these else EDITS), WRECKED, some.booleans()),
        min_size=10,
        max_size=30,
    ),
    some.integers(0, 99),
)
def test_both_say_the_same_of_any_two_trees(edits: list[tuple[tuple[str, str], str, bool]], seed: int) -> None:
    tree = Memory()
    for path, content in FIRST.items():
        tree.write(path, content)
    assert load_all(tree, BASE).findings == ()
    with tempfile.TemporaryDirectory() as name:
        known = [tuple(both(tree, Path(name), whole=False))]
        for number, ((path, content), how, committed) in enumerate(edits, seed):
            before = dict(tree.files)
            tree.write(path, content)
            wreck(Path(name), how, number)
            found = tuple(both(tree.committed() if committed else tree, Path(name), whole=number % 3 == 0))
            if not found:
                tree.files = before  # there is nothing to compare in a tree with a mistake
            else:
                same(known[number % len(known)], found)
                same((NOTHING, NOTHING), found)
                same(found, known[-1])
                if number % 2:
                    assert found[0].to_json() == found[1].to_json()
                    assert from_json(found[1].to_json()).items == dict(found[1].items)
                known.append(found)

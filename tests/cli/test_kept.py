"""`rem diff`, `apply` and `show` answer alike whatever `.rem/cache` holds: what is known is not read again."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

import pytest

from benchmarks import corpus
from rem_cli.check import spread
from tests.cli.conftest import Repository

FORMS = ("text", "json", "markdown", "github")
CHANGES = (  # of texts of a package: its file, what is found there, what is put in its place; None: the file goes
    ("hosts", r"address: 10\.(\d+)", r"address: 11.\1"),
    ("hosts", r"    address", "    user: other\n    address"),
    ("jobs", r'hosts: "[^"]*"', 'hosts: "*00.*"'),
    ("jobs", r"timeout: 10m", "timeout: 9m"),
    ("jobs", r"graph: \[duration", "graph: [load, duration"),
    ("monitors", r"(?s).*", None),
    ("series", r"limit: \d+", "limit: 7"),
    ("series", r"  of:", "  retention: 60s:1h\n  of:"),
    ("hosts", r"(?s)\A(\w+:\n  .*?\n)(?=  \S)(.*)", r"\1"),
)  # fmt: skip


@pytest.fixture
def large(empty: Repository) -> Repository:
    """As many texts as are worth keeping."""
    shutil.rmtree(empty.root / "packages")
    empty.commit(corpus.texts(13))
    return empty


def change(repository: Repository, chosen: random.Random) -> None:
    """Change one text, or the script of a package, and commit it."""
    name, pattern, new = chosen.choice(CHANGES)
    path = repository.root / f"packages/{corpus.name(chosen.randrange(13))}/{name}.yaml"
    if new is None:
        path.unlink(missing_ok=True)
    elif path.is_file():
        text = path.read_text()
        path.write_text(re.sub(pattern, new, text, count=1))
    script = repository.root / f"packages/{corpus.name(5)}/scripts/check.sh"
    script.write_text(script.read_text() + "# more\n" * chosen.randrange(2))
    repository.commit()


def damage(cache: Path, chosen: random.Random) -> None:
    """A file that a full disk tore, or that somebody took away."""
    file = chosen.choice(sorted(cache.iterdir()))
    file.write_bytes(file.read_bytes()[: chosen.randrange(2) * 99]) if chosen.random() < 0.5 else file.unlink()


def told(repository: Repository, *words: str) -> list[tuple[int, str, str]]:
    """What a command says in every form."""
    answers = [repository.rem(*words, "--format", form) for form in FORMS]
    return [(one.status, one.out, one.err) for one in answers]


def plain(repository: Repository, monkeypatch: pytest.MonkeyPatch, *words: str) -> list[tuple[int, str, str]]:
    """The same of a REM that keeps nothing, and resolves whole trees."""
    with monkeypatch.context() as only:
        only.setattr(spread, "WORTH", 1 << 30)
        return told(repository, "--state", str(repository.root / "nowhere"), *words)


@pytest.mark.parametrize("seed", [1, 2])
def test_any_two_commits_differ_as_they_do_without_a_cache(
    large: Repository, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chosen = random.Random(seed)
    for number in range(2):
        change(large, chosen)
        words = ("diff", "HEAD", "--against", "HEAD~1" if number % 2 else f"HEAD~{number // 2 + 1}")
        wanted = plain(large, monkeypatch, *words)
        assert told(large, *words) == wanted
        damage(large.state / "cache", chosen)
        assert told(large, *words) == wanted


def test_what_is_applied_is_what_is_applied_without_a_cache(large: Repository) -> None:
    chosen, states = random.Random(4), (large.state, large.root / "other")
    for _ in range(3):
        change(large, chosen)
        assert [large.rem("--state", str(state), "apply").status for state in states] == [0, 0]
        shutil.rmtree(large.root / "other/cache", ignore_errors=True)
    made = [sorted((state / "generations/production").glob("0*/catalog.json")) for state in states]
    kept, anew = ([path.read_bytes() for path in paths] for paths in made)
    assert len(kept) == 3
    assert kept == anew


def test_what_is_active_is_compared_without_a_look_at_the_rest_of_it(
    large: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert large.rem("apply").status == 0
    change(large, random.Random(5))
    wanted = told(large, "diff", "HEAD")
    monkeypatch.setattr("rem_cli.plan.generations.from_json", lambda text: pytest.fail("all of it was read"))
    assert told(large, "diff", "HEAD") == wanted
    assert "1 changed" in wanted[0][1]


def test_an_item_is_shown_without_a_look_at_other_packages(large: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    package = corpus.name(5)
    listed = large.rem("show", package).out.split("\n")
    paths = [path for path in listed if path.startswith(f"{package}/")][::9]
    words = [("show", path, *more) for path in paths for more in ((), ("--origin",), ("--origin", "--format", "json"))]
    words += [("show", f"{paths[0]}x"), ("show", f"{package}/hosts"), ("show", f"{package}/series/measure-0")]

    def answers() -> list[tuple[int, str, str]]:
        told = [large.rem(*one) for one in words]
        return [(one.status, one.out, one.err) for one in told]

    known = answers()
    assert len(words) > 9
    with monkeypatch.context() as only:
        only.setattr(spread, "WORTH", 1 << 30)
        shutil.rmtree(large.state / "cache")
        assert answers() == known
    large.rem("validate")
    monkeypatch.setattr("rem_cli.check.work.load", lambda *given, **more: pytest.fail("all of it was resolved"))
    assert [large.rem(*one).status for one in words[:-3]] == [0] * (len(words) - 3)

"""Every place of every text, also half typed, has an answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rem_cli import wire
from rem_cli.check import spread, work
from rem_cli.lsp.complete import complete
from rem_cli.lsp.hover import hover
from rem_cli.lsp.places import definition
from rem_cli.lsp.repository import Repository
from rem_cli.lsp.symbols import symbols
from rem_cli.lsp.text import Text
from tests.fakes.checkout import Checkout
from tests.lsp.conftest import FILES

PACKAGES = [path for path in FILES if path.endswith(".yaml")]


@pytest.fixture
def shown(repository: Checkout) -> Iterator[Repository]:
    with wire.open(repository.root) as rem:
        known = Repository(rem)
        known.open = {path: str(FILES[path]) for path in PACKAGES}
        yield known


@pytest.mark.parametrize("path", PACKAGES)
def test_a_text_that_is_being_typed_gets_proposals_all_the_way(path: str, shown: Repository) -> None:
    seen = shown.look(shown.open)
    whole = str(FILES[path])
    proposed = 0
    for end in range(len(whole) + 1):
        shown.open[path] = whole[:end]
        place = Text(whole[:end]).position(end)
        proposed += bool(complete(shown, seen, path, place, snippets=True))
        symbols(shown, seen, path)
    assert proposed > 10


@pytest.mark.parametrize("path", PACKAGES)
def test_every_word_of_a_text_is_explained_or_not(path: str, shown: Repository) -> None:
    seen = shown.look(shown.open)
    text = Text(str(FILES[path]))
    places = [text.position(offset) for offset in range(len(text.text))]
    said = [hover(shown, seen, path, place) for place in places]
    led = [definition(shown, seen, path, place) for place in places]
    assert sum(one is not None for one in said) > 5
    assert all(Path(one.uri.removeprefix("file://").replace("%20", " ")).is_file() for one in led if one)


@pytest.mark.parametrize("path", PACKAGES)
def test_a_text_cut_anywhere_can_be_looked_at(path: str, shown: Repository) -> None:
    whole = str(FILES[path])
    items = {item for item in shown.look(shown.open).items if item.startswith(path.split("/")[1].removesuffix(".yaml"))}
    for end in range(0, len(whole), 7):
        shown.open[path] = whole[:end]
        seen = shown.look(shown.open)
        places = [(one.place.line, one.place.column) for one in seen.resolution.findings]
        assert all(line >= 1 and column >= 1 for line, column in places)
        told = [one for found in shown.check(shown.open).values() for one in found]
        assert sorted(map(repr, told)) == sorted(map(repr, seen.resolution.findings))
    shown.open[path] = whole
    assert items <= shown.look(shown.open).items.keys()


def test_findings_are_known_before_any_item_is_resolved(shown: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a tree that was checked before: with a key more, it is one package that is read."""
    state = shown.root / ".rem"
    state.mkdir(mode=0o700, exist_ok=True)
    monkeypatch.setattr(spread, "WORTH", 0)
    shown.open.clear()
    assert shown.check(shown.open) == {}
    path = PACKAGES[0]
    shown.open[path] = str(FILES[path]) + "\nnmae: 1\n"
    monkeypatch.setattr(work, "load_all", None)  # what resolves all packages
    assert [[one.id for one in found] for found in shown.check(shown.open).values()] == [["REM1102"]]

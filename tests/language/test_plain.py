"""The good path reads an item as the careful one does, or leaves it to that."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some

from benchmarks import corpus
from rem_cli.language.plain import PlainItems
from tests.check.trees import EDITS, Memory
from tests.language.tree import resolve


def both(files: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    fast = resolve(files)
    with monkeypatch.context() as patch:
        patch.setattr(PlainItems, "read", lambda *given: None)
        slow = resolve(files)
    assert fast.findings == slow.findings
    assert fast.items == slow.items
    assert [list(item.fields) for item in fast.items.values()] == [list(item.fields) for item in slow.items.values()]
    for path in fast.items:
        assert fast.origins(path) == slow.origins(path)
        assert fast.texts(path) == slow.texts(path)


def test_a_large_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    both(corpus.texts(15, errors=5), monkeypatch)


SCALARS = """1 0 -0 +5 1.0 1.50 -0.0 true True false null ~ '' a 5m 10% w* '@web' '${name}' '$${' '${nothing}'
    "\\x24{name}" 99999999999999999999 1e3 .inf 60s:7d [] [a] [1,2.0,a] ['${name}'] {} {"a":null} {'${name}':b} *x
    {"a":b} !unset"""


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=some.data())
def test_every_kind_of_value_in_every_field(data: some.DataObject, monkeypatch: pytest.MonkeyPatch) -> None:
    fields = "name title script command shell arguments workers params env timeout max_fail batch graph retention nmae"
    lines = "".join(
        f"    {name}: {{{', '.join(f'{f}: {data.draw(some.sampled_from(SCALARS.split()))}' for f in chosen)}}}\n"
        for name in ("j", "k k", "-l", "7", "${x}")
        for chosen in (data.draw(some.lists(some.sampled_from(fields.split()), max_size=5, unique=True)),)
    )
    both({"packages/a.yaml": f"version: &x 1.0\njobs:\n  web:\n{lines}"}, monkeypatch)


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(edits=some.lists(EDITS, max_size=12))
def test_trees_with_mistakes(edits: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    tree = Memory()
    for path, content in edits:
        tree.write(path, content)
    files = {path: content for path, (content, _) in tree.files.items() if isinstance(content, bytes)}
    both({path: content.decode() for path, content in files.items()}, monkeypatch)

"""Edits and layout over many texts: everything shipped, every case of the tests, and texts that nobody would write."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as some
from ruamel.yaml import YAML

from rem_cli.language.edit import CannotEdit, change, copied, same, unset
from rem_cli.language.forms import as_text, typed
from rem_cli.language.layout import Entry, Layout
from rem_cli.language.source import read
from rem_cli.language.tidy import tidy

ROOT = Path(__file__).parents[2]
Path_ = tuple[str | int, ...]


def real() -> Iterator[tuple[str, str]]:
    """Texts that people wrote: shipped packages, and the packages inside of this project's cases."""
    for file in [*sorted((ROOT / "packages").rglob("*.yaml")), *sorted((ROOT / "tests").rglob("*.yaml"))]:
        text = file.read_text()
        source = read("p.yaml", text.encode())
        if source.findings:
            continue
        name = file.relative_to(ROOT).as_posix()
        yield name, text
        yield from ((f"{name}:{n}", inner) for n, inner in enumerate(_packages(source.data)))


def _packages(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        for key, inner in data.items():
            if isinstance(inner, str) and str(key).endswith((".yaml", ".yml")):
                if not read("p.yaml", inner.encode()).findings:
                    yield inner
            else:
                yield from _packages(inner)
    elif isinstance(data, list):
        for inner in data:
            yield from _packages(inner)


REAL = dict(real())


def paths(data: Any, above: Path_ = ()) -> Iterator[Path_]:
    """The way to every value of a text."""
    steps = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, inner in steps:
        yield (*above, step)
        yield from paths(inner, (*above, step))


def at(data: Any, path: Path_) -> Any:
    for step in path:
        data = data[step]
    return data


def with_one(data: Any, path: Path_, value: Any) -> Any:
    made = copied(data)
    at(made, path[:-1])[path[-1]] = value
    return made


def between(old: str, new: str) -> tuple[str, str]:
    """What gave way to what, with all that is the same before and behind taken off."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return old[head : len(old) - tail], new[head : len(new) - tail]


def is_confined(old: str, new: str, entry: Entry) -> bool:
    """Whether every letter outside of an entry stayed."""
    return new.startswith(old[: entry.start]) and new.endswith(old[entry.end :])


def comments(text: str) -> list[str]:
    return [said.rstrip() for _, said in Layout(text).comments()]


def spread(paths_: list[Path_], count: int) -> list[Path_]:
    """Some of many, the same ones each time, from all over."""
    return paths_[:: max(1, len(paths_) // count)]


@pytest.mark.parametrize("name", REAL)
def test_a_value_of_a_real_text_changes_alone(name: str) -> None:
    text = REAL[name]
    data = read("p.yaml", text.encode()).data
    done = 0
    for path in spread([one for one in paths(data) if isinstance(one[-1], str)], 6):
        try:
            new = change("p.yaml", text, path, as_text("another: one"))
        except CannotEdit as refused:
            assert refused.where and refused.hint
            continue
        assert same(read("p.yaml", new.encode()).data, with_one(data, path, "another: one"))
        gone, came = between(text, new)
        found = Layout(text).find(path)
        if len(found) < len(path):  # it comes by a merge, and gets a value of its own
            assert (gone, came.strip(" ,\n")) == ("", f'{path[-1]}: "another: one"')
        else:
            assert is_confined(text, new, found[-1])
            assert len(re.sub(" *#.*", "", came)) <= len(": 'another: one'") + 1  # a comment behind a `|` stays
        done += 1
    assert done or not isinstance(data, dict) or not data


@pytest.mark.parametrize("name", REAL)
def test_a_field_of_a_real_text_goes_alone(name: str) -> None:
    text = REAL[name]
    data = read("p.yaml", text.encode()).data
    for path in spread([one for one in paths(data) if isinstance(one[-1], str)], 6):
        try:
            new = unset("p.yaml", text, path)
        except CannotEdit as refused:
            assert refused.where and refused.hint
            continue
        expected = copied(data)
        del at(expected, path[:-1])[path[-1]]
        assert same(read("p.yaml", new.encode()).data, expected)
        kept = difflib.SequenceMatcher(None, text.splitlines(), new.splitlines(), autojunk=False)
        assert all(tag in ("equal", "delete", "replace") for tag, *_ in kept.get_opcodes())


@pytest.mark.parametrize("name", REAL)
def test_a_real_text_is_laid_out_once_and_says_the_same(name: str) -> None:
    text = REAL[name]
    new = tidy("p.yaml", text).text
    assert same(read("p.yaml", new.encode()).data, read("p.yaml", text.encode()).data)
    assert [said.rstrip() for _, said in Layout(new).comments()] == [
        said.rstrip() for _, said in Layout(text).comments()
    ]
    assert tidy("p.yaml", new).text == new


def test_what_is_shipped_is_laid_out() -> None:
    shipped = {name: text for name, text in REAL.items() if name.startswith("packages/")}
    assert [name for name, text in shipped.items() if tidy(name, text).text != text] == []


# Texts that nobody would write.
KEYS = some.sampled_from(["a", "b", "c d", "'e'", '"f\\tg"', "&k h", "1", "~x", "été"])
SCALARS = some.sampled_from(
    ["", "1", "1.10", "~", "true", "x y", "'it''s'", '"a\\nb"', "&x 5", "*x", "!!str 7", "'*'", "x # c", "'x'  # c",
     "|\n{pad}one\n\n{pad}  two\n", "|-  # c\n{pad}one\n", ">+\n{pad}one\n\n", "x\n{pad}y", '"x\n\n{pad}y"',
     "[]", "{}", "[a, 'b' , c]", "{a: 1,b: {c: [1, 2]} }", "[\n{pad}a,  # one\n{pad}b\n{pad}]", "{a, b: }", "&m {q: 1}"]
)  # fmt: skip
TRIVIA = some.sampled_from(["", "", "", "# c\n", "\n", "      # deep\n", "  \n", "{pad}# here\n"])


def mappings(inner: Any) -> Any:
    rows = some.lists(some.tuples(KEYS, inner, TRIVIA), min_size=1, max_size=4, unique_by=lambda one: one[0])
    return some.tuples(some.just("map"), rows)


def lists(inner: Any) -> Any:
    return some.tuples(some.just("list"), some.lists(some.tuples(inner, TRIVIA), min_size=1, max_size=3))


def written(tree: Any, indent: int, step: int) -> str:
    pad = " " * indent
    if isinstance(tree, str):
        inner = tree.replace("{pad}", pad + " ")
        return f" {inner}".rstrip(" ").removesuffix("\n") + "\n"
    kind, rows = tree
    if kind == "list":
        made = [f"{before.replace('{pad}', pad)}{pad}-{written(inner, indent + step, step)}" for inner, before in rows]
    else:
        made = [
            f"{before.replace('{pad}', pad)}{pad}{key}:{written(inner, indent + step, step)}"
            for key, inner, before in rows
        ]
    return ("\n" if indent else "") + "".join(made)


def whole(tree: Any, step: int, ending: str, first: str, last: str) -> str:
    return first + (written(tree, 0, step).removesuffix("\n") + last).replace("\n", ending)


TEXTS = some.builds(
    whole,
    mappings(some.recursive(SCALARS, lambda inner: some.one_of(mappings(inner), lists(inner)), max_leaves=10)),
    some.integers(1, 5), some.sampled_from(["\n", "\n", "\r\n"]),
    some.sampled_from(["", "", "\ufeff", "---\n", "# top\n"]),
    some.sampled_from(["\n", "", "\n\n", "\n# end", "  \n"]),
)  # fmt: skip
TYPED = some.sampled_from(
    ["1", "1.10", "x", "it's", 'say "x"', "a: b", "# c", "&a b", "*a", "true", "null", "''", "[a, {b: 'c, d'}]", "[]",
     "{k: [1, 1.10], l: }", "two\nlines", "two\nlines\n", "\ttab", "\x85", "\u2028", "- a", "é" * 3, "[x, y, z]", "{}"]
)  # fmt: skip
bounded = settings(derandomize=True, deadline=None, max_examples=300)


@bounded
@given(TEXTS, TYPED, some.integers(0, 40), some.booleans())
def test_any_text_changes_alone_or_not_at_all(text: str, value: str, number: int, more: bool) -> None:
    source = read("p.yaml", text.encode())
    assume(not source.findings)
    ways = [one for one in paths(source.data) if more or isinstance(one[-1], str)]
    path = ways[number % len(ways)]
    if more and isinstance(at(source.data, path), dict):
        path = (*path, "new")
    new = typed(value)
    try:
        changed = change("p.yaml", text, path, new)
    except CannotEdit as refused:
        assert refused.where and refused.hint
        return
    assert same(read("p.yaml", changed.encode()).data, with_one(source.data, path, new.data))
    assert changed.startswith("\ufeff") == text.startswith("\ufeff")
    if isinstance(new.data, dict | list):
        return  # element after element: several places
    gone, came = between(text, changed)
    found = Layout(source.text).find(path)
    if len(found) == len(path):
        assert is_confined(source.text, changed.removeprefix("\ufeff"), found[-1])
    else:
        assert re.sub(r"\s|~|null|[{}]", "", gone) == ""
    ends = 1 if text.endswith("\n") else 2  # a last line without its end gets one
    assert came.count("\n") <= str(new.data).count("\n") + ends
    assert ("\r\n" in text) or "\r\n" not in changed


@bounded
@given(TEXTS, some.integers(0, 40))
def test_any_field_goes_alone_or_not_at_all(text: str, number: int) -> None:
    source = read("p.yaml", text.encode())
    assume(not source.findings)
    ways = [one for one in paths(source.data) if isinstance(one[-1], str)]
    path = ways[number % len(ways)]
    try:
        changed = unset("p.yaml", text, path)
    except CannotEdit as refused:
        assert refused.where and refused.hint
        return
    expected = copied(source.data)
    del at(expected, path[:-1])[path[-1]]
    assert same(read("p.yaml", changed.encode()).data, expected)
    rest = iter(text)
    assert all(letter in rest for letter in re.sub(r"[{}\[\]]| ", "", changed)), "nothing but {} or [] comes in"


@bounded
@given(TEXTS)
def test_any_text_is_laid_out_once_and_says_the_same(text: str) -> None:
    before = read("p.yaml", text.encode())
    assume(not before.findings)
    new = tidy("p.yaml", text)
    after = read("p.yaml", new.text.encode())
    assert same(before.data, after.data)
    assert re.sub(r"\s", "", new.text) == re.sub(r"\s", "", text)
    assert tidy("p.yaml", new.text).text == new.text


@bounded
@given(some.text(max_size=40), some.booleans())
def test_a_written_text_is_read_as_it_was(content: str, flow: bool) -> None:
    try:
        content.encode()
    except UnicodeEncodeError:
        return
    for one in (as_text(content), typed(content)):
        line = one.written(flow=flow)
        source = read("p.yaml", (f"[{line}]" if flow else f"k: {line}").encode())
        assert (source.findings, source.data) == ([], [one.data] if flow else {"k": one.data})
    assert as_text(content).data == content


@bounded
@given(TEXTS)
def test_a_text_means_what_a_second_reader_says_or_is_refused(text: str) -> None:
    source = read("p.yaml", text.encode())
    if source.findings:
        return
    theirs = YAML(typ="safe", pure=True).load(text.removeprefix("\ufeff"))
    assert {str(key): one for key, one in (theirs or {}).items()}.keys() == source.data.keys()
    assert _plain(source.data) == _plain(theirs)


def _plain(data: Any) -> Any:
    if isinstance(data, dict):
        return {str(key): _plain(inner) for key, inner in data.items()}
    return [_plain(inner) for inner in data] if isinstance(data, list) else data

"""`insert` adds lines to a package and leaves every other one as it is, or refuses and changes nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from rem_cli.errors import RemError
from rem_cli.language.edit import CannotEdit, insert, value
from rem_cli.language.source import read

PATH = ("hosts", "web", "web02")
FIELDS = {"address": "192.0.2.12", "tags": "[a, b]"}


def data(text: str) -> Any:
    source = read("p.yaml", text.encode())
    assert not source.findings, source.findings
    return source.data


def lines(text: str) -> list[str]:
    return re.split(r"(?<=\n)", text)


def is_kept(old: str, new: str) -> bool:
    """Whether every line of the old text is in the new one, in order, byte for byte but a last line's missing end."""
    rest = iter(lines(new))
    wanted = [line for line in lines(old) if line]
    return all(any(line in (found, found.rstrip("\r\n")) for found in rest) for line in wanted)


BLOCK = """\
package: shop
title: A shop
hosts:
  web:
    web01:
      address: 192.0.2.11
"""
# What is special about it, the text, and the lines that come in; None where it is refused.
FORMS: dict[str, tuple[str, str]] = {
    "a block": (BLOCK, BLOCK + "    web02:\n      address: 192.0.2.12\n      tags: [a, b]\n"),
    "no final newline": (
        BLOCK.rstrip("\n"), BLOCK + "    web02:\n      address: 192.0.2.12\n      tags: [a, b]\n"
    ),
    "windows line ends": (
        BLOCK.replace("\n", "\r\n"),
        (BLOCK + "    web02:\n      address: 192.0.2.12\n      tags: [a, b]\n").replace("\n", "\r\n"),
    ),
    "no text at all": ("", "hosts:\n  web:\n    web02:\n      address: 192.0.2.12\n      tags: [a, b]\n"),
    "only comments": (
        "# ours\n", "# ours\nhosts:\n  web:\n    web02:\n      address: 192.0.2.12\n      tags: [a, b]\n"
    ),
    "a comment behind the last host and one before the next section": (
        "hosts:\n  web:\n    web01: {}  # old\n    # about web01\n\n# jobs\njobs: {}\n",
        "hosts:\n  web:\n    web01: {}  # old\n    web02:\n      address: 192.0.2.12\n      tags: [a, b]\n"
        "    # about web01\n\n# jobs\njobs: {}\n",
    ),
    "a section without a value": (
        "hosts:\njobs: {}\n",
        "hosts:\n  web:\n    web02:\n      address: 192.0.2.12\n      tags: [a, b]\njobs: {}\n",
    ),
    "a section without a value, with a comment behind it": (
        "hosts:  # machines\njobs: {}\n",
        "hosts:  # machines\n  web:\n    web02:\n      address: 192.0.2.12\n      tags: [a, b]\njobs: {}\n",
    ),
    "a section without a value at the end": (
        "package: shop\nhosts:",
        "package: shop\nhosts:\n  web:\n    web02:\n      address: 192.0.2.12\n      tags: [a, b]\n",
    ),
    "a group without a value": (
        "hosts:\n  web:\njobs: {}\n",
        "hosts:\n  web:\n    web02:\n      address: 192.0.2.12\n      tags: [a, b]\njobs: {}\n",
    ),
    "deep indents": (
        "hosts:\n        web:\n                web01: {}\n",
        "hosts:\n        web:\n                web01: {}\n"
        "                web02:\n                        address: 192.0.2.12\n                        tags: [a, b]\n",
    ),
    "quoted keys": (
        "\"hosts\":\n  'web':\n    \"web01\": {}\n",
        "\"hosts\":\n  'web':\n    \"web01\": {}\n    web02:\n      address: 192.0.2.12\n      tags: [a, b]\n",
    ),
    "a block scalar before it": (
        "hosts:\n  web:\n    web01:\n      title: |\n        two\n\n        lines\n\njobs: {}\n",
        "hosts:\n  web:\n    web01:\n      title: |\n        two\n\n        lines\n"
        "    web02:\n      address: 192.0.2.12\n      tags: [a, b]\n\njobs: {}\n",
    ),
    "a kept block scalar at the end": (
        "hosts:\n  web:\n    web01:\n      title: |+\n        two\n\n",
        "hosts:\n  web:\n    web01:\n      title: |+\n        two\n\n"
        "    web02:\n      address: 192.0.2.12\n      tags: [a, b]\n",
    ),
    "tabs in values": (
        "hosts:\n  web:\n    web01: {title:\t'a\tb'}\t# c\n",
        "hosts:\n  web:\n    web01: {title:\t'a\tb'}\t# c\n"
        "    web02:\n      address: 192.0.2.12\n      tags: [a, b]\n",
    ),
    "another section after it": (
        "hosts:\n  web:\n    web01: {}\njobs:\n  a: {b: {command: [x]}}\n",
        "hosts:\n  web:\n    web01: {}\n    web02:\n      address: 192.0.2.12\n      tags: [a, b]\n"
        "jobs:\n  a: {b: {command: [x]}}\n",
    ),
    "a document mark at the start": (
        "---\nhosts:\n  web: {}\n" .replace("  web: {}\n", "  web:\n    web01: {}\n"),
        "---\nhosts:\n  web:\n    web01: {}\n    web02:\n      address: 192.0.2.12\n      tags: [a, b]\n",
    ),
    "an anchor on what is before it": (
        "hosts:\n  web:\n    web01: &one {address: 192.0.2.11}\n    web03: *one\n",
        "hosts:\n  web:\n    web01: &one {address: 192.0.2.11}\n    web03: *one\n"
        "    web02:\n      address: 192.0.2.12\n      tags: [a, b]\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_only_lines_are_added_to(form: str) -> None:
    old, new = FORMS[form]
    assert insert("p.yaml", old, PATH, FIELDS) == new


MORE = "web02: {address: 192.0.2.12, tags: [a, b]}"
IN_LINE: dict[str, tuple[str, str]] = {
    "a flow section": ("hosts: {web: {web01: {}}}\n", f"hosts: {{web: {{web01: {{}}, {MORE}}}}}\n"),
    "a flow group": ("hosts:\n  web: {web01: {}}  # c\n", f"hosts:\n  web: {{web01: {{}}, {MORE}}}  # c\n"),
    "another flow group": ("hosts: {db: {}}\n", f"hosts: {{db: {{}}, web: {{{MORE}}}}}\n"),
    "an empty group in a flow section": ("hosts: {web: {}, db: {}}\n", f"hosts: {{web: {{{MORE}}}, db: {{}}}}\n"),
    "a flow group over several lines": (
        "hosts:\n  web: {\n    web01: {},  # one\n    web03: {},  # three\n  }\n",
        f"hosts:\n  web: {{\n    web01: {{}},  # one\n    web03: {{}}, {MORE},  # three\n  }}\n",
    ),
    "a flow mapping that is all": ("{package: shop, hosts: {}}", f"{{package: shop, hosts: {{web: {{{MORE}}}}}}}"),
    "an alias at its end": (
        "x: &a {}\nhosts: {web: {web01: *a }}\n", f"x: &a {{}}\nhosts: {{web: {{web01: *a, {MORE} }}}}\n"
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", IN_LINE)
def test_a_mapping_in_one_line_grows_in_that_line(form: str) -> None:
    old, new = IN_LINE[form]
    assert insert("p.yaml", old, PATH, FIELDS) == new


EMPTY = [
    "hosts: {}  # c\njobs: {}\n",
    "hosts: null  # c\njobs: {}\n",
    "hosts: ~ # c\njobs: {}\n",
    "hosts: # c\njobs: {}\n",
]


@pytest.mark.parametrize("old", EMPTY)
def test_an_empty_section_opens_and_keeps_its_comment(old: str) -> None:
    first, *added, last = insert("p.yaml", old, PATH, FIELDS).splitlines()
    assert (first.split(), last) == (["hosts:", "#", "c"], "jobs: {}")
    assert added == ["  web:", "    web02:", "      address: 192.0.2.12", "      tags: [a, b]"]


def test_a_byte_order_mark_stays() -> None:
    assert insert("p.yaml", "\ufeff" + BLOCK, PATH, FIELDS) == "\ufeff" + FORMS["a block"][1]


REFUSED = {
    "there already": "hosts: {web: {web02: {}}}\n",
    "a text where the section stands": "hosts: none\n",
    "a zero where the section stands": "hosts: 0\n",
    "an empty text where the section stands": "hosts: ''\n",
    "an empty list where the section stands": "hosts: []\n",
    "a list where the group stands": "hosts: {web: [web01]}\n",
    "a group that two places share": "x: &a {web: {}}\nhosts: *a\n",
    "a group that comes by a merge": "x: &a {web: {web01: {}}}\nhosts:\n  <<: *a\n",
    "a problem elsewhere": "hosts: {web: {}}\njobs: [\n",
    "the same key twice": "hosts: {web: {}}\nhosts: {db: {}}\n",
    "two documents": "hosts: {}\n---\nhosts: {}\n",
    "no mapping at all": "- hosts\n",
}


@pytest.mark.parametrize("form", REFUSED)
def test_it_refuses(form: str) -> None:
    with pytest.raises(CannotEdit):
        insert("p.yaml", REFUSED[form], PATH, FIELDS)


def test_a_refusal_says_what_to_put_where() -> None:
    with pytest.raises(CannotEdit) as refused:
        insert("p.yaml", "x: &a {web: {}}\nhosts: *a\n", PATH, FIELDS)
    assert refused.value.hint == "put this in it:"
    assert refused.value.lines == (
        "hosts:", "  web:", "    web02:", "      address: 192.0.2.12", "      tags: [a, b]",
    )  # fmt: skip


# As typed on a command line, and what it is.
TYPED = {
    "3": 3, "true": True, "null": None, "90s": "90s", "0644": "0644", "[a, 'b c']": ["a", "b c"], "{a: 1}": {"a": 1},
    "": "", " ": " ", "@web": "@web", "*": "*", "a: b": "a: b", "Fix # 3": "Fix # 3", "#3": "#3",
    "&a b": "&a b", "&a": "&a", "&a 3": "&a 3", "3 # three": "3 # three",
    "- a": "- a", "? a": "? a", "!!int 3": "!!int 3", "| x": "| x", ">": ">", "a, b": "a, b", "]": "]",
    "{{x}}": "{{x}}",
    "it's": "it's", '"quoted"': "quoted", "'quoted'": "quoted", 'say "a"': 'say "a"', "back\\slash": "back\\slash",
    "two\nlines": "two\nlines", "tab\there": "tab\there", "\x1b[31m": "\x1b[31m", "\x7f": "\x7f", "%d": "%d",
    "`id`": "`id`", "$(id); id": "$(id); id", "a:": "a:", ": a": ": a", "-": "-", "--": "--", "---": "---",
}  # fmt: skip


@pytest.mark.parametrize("flow", [False, True], ids=["block", "flow"])
@pytest.mark.parametrize("typed", TYPED)
def test_a_typed_value_is_what_was_typed(typed: str, flow: bool) -> None:
    """Attack 30: no value becomes a comment, an anchor, a tag or another key."""
    old = "hosts: {web: {web01: {}}}\n" if flow else BLOCK
    new = insert("p.yaml", old, PATH, {"title": typed, "port": "1"})
    assert data(new)["hosts"]["web"]["web02"] == {"title": TYPED[typed], "port": 1}
    assert value(typed) == TYPED[typed]


KEYS = [
    "web 02",
    "no",
    "12",
    "1.5",
    "null",
    "it's",
    'say "a"',
    "a: b",
    "a #b",
    "#a",
    "&a",
    "*a",
    "a,b",
    "{a}",
    "[a]",
    "é",
    "a\\b",
]


@pytest.mark.parametrize("flow", [False, True], ids=["block", "flow"])
@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_what_was_typed(key: str, flow: bool) -> None:
    old = "hosts: {web: {web01: {}}}\n" if flow else BLOCK
    assert list(data(insert("p.yaml", old, ("hosts", "web", key), FIELDS))["hosts"]["web"]) == ["web01", key]


keys = some.sampled_from(["hosts", "jobs", "web", "db", "a b", "01", "'q'"])
scalars = some.sampled_from(
    [
        "",
        "1",
        "text # c",
        "'a: b'",
        '"x\\ty"',
        "[a, {b: c}]",
        "{}",
        "{a: {}}",
        "{a: 1 , }",
        "|\n{pad}a\n\n{pad}b\n",
        ">-\n{pad}a\n\n",
    ]
)
trivia = some.sampled_from(["", "", "", "# a comment\n", "\n", "    # indented\n", "\n\n# two\n"])


def mappings(inner: Any) -> Any:
    return some.lists(some.tuples(keys, inner, trivia), min_size=1, max_size=3, unique_by=lambda one: one[0])


trees = some.recursive(scalars, mappings, max_leaves=12)


def written(tree: Any, indent: int, step: int) -> str:
    if isinstance(tree, str):
        return f" {tree}".replace("{pad}", " " * (indent + step)).rstrip(" ").removesuffix("\n") + "\n"
    rows = [f"{before}{' ' * indent}{key}:{written(inner, indent + step, step)}" for key, inner, before in tree]
    return ("\n" if indent else "") + "".join(rows)


packages = some.builds(
    lambda tree, step, ending, last: (written(tree, 0, step).removesuffix("\n") + last).replace("\n", ending),
    mappings(trees),
    some.integers(1, 5), some.sampled_from(["\n", "\n", "\r\n"]), some.sampled_from(["\n", "", "\n\n", "\n# end"]),
)  # fmt: skip


def letters_are_kept(old: str, new: str) -> bool:
    """Whether the old text is in the new one, letter by letter in order, less what stood for nothing."""
    rest = iter(new)
    return all(letter in rest for letter in re.sub(r"\{\}|\s", "", old))


@settings(derandomize=True, deadline=None, max_examples=400)
@given(packages, some.lists(keys.filter(lambda key: "'" not in key), min_size=1, max_size=3))
def test_any_package_is_kept_or_refused(old: str, path: list[str]) -> None:
    try:
        new = insert("p.yaml", old, path, FIELDS)
    except CannotEdit:
        return
    assert is_kept(old, new) or letters_are_kept(old, new)
    assert re.findall("#.*", old) == [one for one in re.findall("#.*", new) if one]


@settings(derandomize=True, deadline=None, max_examples=200)
@given(some.text(max_size=60), some.text(max_size=20), some.text(min_size=1, max_size=20))
def test_any_text_ends_in_a_package_or_a_refusal(old: str, typed: str, key: str) -> None:
    try:
        old.encode(), typed.encode(), key.encode()
        new = insert("p.yaml", old, ("hosts", key), {"title": typed})
    except (RemError, UnicodeEncodeError):
        return
    assert data(new)["hosts"][key] == {"title": value(typed)}

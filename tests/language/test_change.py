"""`change` and `unset` touch one value of a text and keep every other byte, or refuse and say what to type."""

from __future__ import annotations

import pytest

from rem_cli.language.edit import CannotEdit, change, unset
from rem_cli.language.forms import typed
from rem_cli.language.source import read

PATH = ("hosts", "web01", "port")
# What is special about it: the text with ‹old› where the value stands, the typed value, and what stands there then.
VALUES: dict[str, tuple[str, str, str]] = {
    "a number": ("hosts:\n  web01:\n    port: ‹22›  # c\n", "23", "23"),
    "what is there already": ("hosts:\n  web01:\n    port: ‹22›  # c\n", "22", "22"),
    "one number in another spelling": ("hosts:\n  web01:\n    port: ‹1.10›\n", "1.1", "1.1"),
    "single quotes": ("hosts:\n  web01:\n    port: ‹'a'›\n", "it is", "'it is'"),
    "a quote in single quotes": ("hosts:\n  web01:\n    port: ‹'a'›\n", "it's", "'it''s'"),
    "double quotes": ('hosts:\n  web01: {port: ‹"a"›}\n', "b", '"b"'),
    "a number instead of a quoted one": ("hosts:\n  web01:\n    port: ‹'22'›\n", "23", "23"),
    "a text that needs quotes": ("hosts:\n  web01:\n    port: ‹22›\n", "a: b", '"a: b"'),
    "a text that needs them in flow": ("hosts: {web01: {port: ‹22›}}\n", "a, b", '"a, b"'),
    "odd blanks": ("hosts:\n     web01:\n         port   :    ‹22›    # c\n", "23", "23"),
    "a flow mapping": ("hosts: { web01: {a: 1,port: ‹22›,b: 2} }\n", "23", "23"),
    "flow without blanks": ('hosts: {"web01": {"port":‹22›,"b":2}}\n', "23", "23"),
    "a text over two lines": ("hosts:\n  web01:\n    port: ‹a\n      b›\n    c: 1\n", "x", "x"),
    "a quoted text over two lines": ('hosts:\n  web01:\n    port: ‹"a\n      b"›\n    c: 1\n', "x", '"x"'),
    "windows lines": ("hosts:\r\n  web01:\r\n    port: ‹22›\r\n    a: 1\r\n", "23", "23"),
    "a byte order mark": ("\ufeffhosts: {web01: {port: ‹22›}}\n", "23", "23"),
    "no final newline": ("hosts: {web01: {port: ‹22›}}", "23", "23"),
    "an anchor that nobody uses": ("hosts: {web01: {port: &p ‹22›}}\n", "23", "23"),
    "a tag that fits": ("hosts: {web01: {port: !!str ‹22›}}\n", "'23'", "'23'"),
    "a tag that does not": ("hosts: {web01: {port: ‹!!str 22›}}\n", "23", "23"),
    "an alias": ("x: &p 22\nhosts: {web01: {port: ‹*p›}}\n", "23", "23"),
    "nothing": ("hosts:\n  web01:\n    port:‹›\n    a: 1\n", "23", " 23"),
    "nothing and a comment": ("hosts:\n  web01:\n    port:‹›  # c\n", "23", " 23"),
    "nothing in flow": ("hosts: {web01: {port:‹› , a: 1}}\n", "23", " 23"),
    "a key alone in flow": ("hosts: {web01: {port‹›, a: 1}}\n", "23", ": 23"),
    "a list in flow": ("hosts: {web01: {port: ‹[a, b]›}}\n", "23", "23"),
    "a list instead of a text": ("hosts: {web01: {port: ‹a›}}\n", "[a,  'b']", "[a,  'b']"),
    "one element of a list": ("hosts:\n  web01:\n    port: [a,  ‹b› ,c]  # c\n", "[a, x, c]", "x"),
    "one more element": ("hosts:\n  web01:\n    port: [ a,  b‹› ]  # c\n", "[a, b, c]", ", c"),
    "one more in front": ("hosts:\n  web01:\n    port: [ ‹›a,  b ]  # c\n", "[c, a, b]", "c, "),
    "one element less": ("hosts:\n  web01:\n    port: [ a‹,  b› ]\n", "[a]", ""),
    "the first element less": ("hosts:\n  web01:\n    port: [ ‹a,  ›b ]\n", "[b]", ""),
    "one element of lines": ("hosts:\n  web01:\n    port:\n    - a  # 1\n    - ‹b›  # 2\n", "[a, x]", "x"),
    "one more line": (
        "hosts:\n  web01:\n    port:\n      # all\n      - a  # 1\n‹›    x: 1\n", "[a, b]", "      - b\n"
    ),
    "one more line in front": ("hosts:\n  web01:\n    port:\n‹›    - a  # 1\n", "[b, a]", "    - b\n"),
    "one line less": ("hosts:\n  web01:\n    port:\n    - a  # 1\n‹    - b  # 2\n›    x: 1\n", "[a]", ""),
    "a list of lines gives way": ("hosts:\n  web01:\n    port:‹\n    - a\n    - b›\n    x: 1\n", "c", " c"),
    "a mapping of lines gives way": ("hosts:\n  web01:\n    port:‹\n      a: 1›\n    x: 1\n", "c", " c"),
    "one value of a mapping": ("hosts:\n  web01:\n    port:\n      a: ‹1›  # c\n      b: 2\n", "{a: 3, b: 2}", "3"),
    "one more value of it": ("hosts: {web01: {port: {a: 1‹›}}}\n", "{a: 1, b: 2}", ", b: 2"),
    "a literal text becomes a line": ("hosts:\n  web01:\n    port: ‹|\n      a\n      b›\n    x: 1\n", "c", "c"),
    "a literal text becomes another": (
        "hosts:\n  web01:\n    port: ‹|  # c\n      a\n      b›\n\n    x: 1\n", "c\n\nd\n",
        "|  # c\n      c\n\n      d",
    ),
    "a literal text without its end": (
        "hosts:\n  web01:\n    port: ‹|\n      a\n      b›\n\n    x: 1\n", "c\nd", "|-\n      c\n      d",
    ),
    "a folded text becomes a literal one": (
        "hosts:\r\n  web01:\r\n    port: ‹>-\r\n      a\r\n      b›\r\n", "c\nd\n", "|\r\n      c\r\n      d",
    ),
    "a new field": ("hosts:\n  web01:\n    a: 1  # c\n‹›\n# x\n", "23", "    port: 23\n"),
    "a new field where lines are windows'": ("hosts:\r\n  web01:\r\n    a: 1\r\n‹›x: 1\r\n", "23", "    port: 23\r\n"),
    "a new field in flow": ("hosts: {web01: {a: 1‹› }}\n", "23", ", port: 23"),
    "a new field in an empty item": ("hosts: {web01: {‹›}}\n", "23", "port: 23"),
    "a new field in an item of nothing": ("hosts:\n  web01:  # c\n‹›  web02:\n", "23", "    port: 23\n"),
    "a field that a merge brings": ("x: &x {port: 22}\nhosts:\n  web01:\n    <<: *x\n‹›", "23", "    port: 23\n"),
}  # fmt: skip


@pytest.mark.parametrize("case", VALUES)
def test_one_value_becomes_another(case: str) -> None:
    text, value, there = VALUES[case]
    before, rest = text.split("‹")
    old, after = rest.split("›")
    changed = change("p.yaml", before + old + after, PATH, typed(value))
    assert changed == before + there + after
    assert read("p.yaml", changed.encode()).data["hosts"]["web01"]["port"] == typed(value).data


def test_a_new_field_goes_behind_the_one_it_is_told() -> None:
    text = "hosts:\n  web01:\n    a: 1\n    b: 2\n    monitors: {}\n"
    changed = change("p.yaml", text, PATH, typed("23"), behind=["c", "a", "b"])
    assert changed == "hosts:\n  web01:\n    a: 1\n    port: 23\n    b: 2\n    monitors: {}\n"


# The text with what goes out between the signs, and what comes in there.
GONE: dict[str, tuple[str, str]] = {
    "a line": ("hosts:\n  web01:\n    # a\n    a: 1\n‹    port: 22  # c\n›    b: 2\n", ""),
    "the last line": ("hosts:\n  web01:\n    a: 1\n‹    port: 22›", ""),
    "several lines": ("hosts:\n  web01:\n    a: 1\n‹    port:\n      # c\n      - 1\n›  # d\n", ""),
    "a literal text": ("hosts:\n  web01:\n    a: 1\n‹    port: |\n      x\n\n      y\n›\n    b: 1\n", ""),
    "the first of a flow mapping": ("hosts: {web01: { ‹port: 22, ›b: 2}}\n", ""),
    "the last of a flow mapping": ("hosts: {web01: {b: 2‹, port: 22› }}\n", ""),
    "all of a flow mapping": ("hosts: {web01: {‹port: 22›}}\n", ""),
    "a line of a flow mapping": ("hosts: {web01: {\n  a: 1,  # a\n‹  port: 22,  # p\n›  b: 2,\n}}\n", ""),
    "a key alone": ("hosts: {web01: {a: 1‹, port›}}\n", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", GONE)
def test_a_field_goes_out(case: str) -> None:
    text, there = GONE[case]
    before, rest = text.split("‹")
    old, after = rest.split("›")
    assert unset("p.yaml", before + old + after, PATH) == before + there + after


def test_an_item_without_its_last_field_is_empty() -> None:
    text = "hosts:\n  web01:  # c\n    # d\n    port: 22\n  web02: {}\n"
    assert unset("p.yaml", text, PATH) == "hosts:\n  web01: {}  # c\n    # d\n  web02: {}\n"


REFUSED: dict[str, tuple[str, str, str, str]] = {
    "an anchor that is used": (
        "hosts: {web01: {port: &p 22}, web02: {port: *p}}\n", "23",
        "'port' has an anchor; what its aliases stand for would change with it", "p.yaml:1:23",
    ),
    "an item behind an alias": (
        "x: &x {port: 22}\nhosts: {web01: *x}\n", "23",
        "'web01' is an alias; a change in it would be one at its anchor", "p.yaml:2:16",
    ),
    "a comment in the value": (
        "hosts:\n  web01:\n    port:\n      - a  # c\n      - b\n", "c",
        "a comment stands in the value of 'port' and would be lost", "p.yaml:4:7",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_it_refuses_and_says_what_to_type(case: str) -> None:
    text, value, why, where = REFUSED[case]
    with pytest.raises(CannotEdit) as refused:
        change("p.yaml", text, PATH, typed(value))
    assert (refused.value.message, str(refused.value.where)) == (why, where)
    assert refused.value.hint == f"write by hand: port: {value}"


def test_what_a_merge_brings_cannot_go_out_here() -> None:
    with pytest.raises(CannotEdit, match="comes from a merge"):
        unset("p.yaml", "x: &x {port: 22}\nhosts: {web01: {<<: *x}}\n", PATH)

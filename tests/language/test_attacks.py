"""Hostile texts: none raises, none hangs, each gives a finding with a place. Numbers are those of the attack cases."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.language.attacks import FILE, HEAVY
from tests.language.tree import resolve, told

ROOT = Path(__file__).parents[2]
MEMORY = 2 << 30  # bytes of address space; a tree of ordinary size needs a tenth
CPU = 60  # seconds; the slowest takes about 5 on an idle machine

JOB = "jobs: {{w: {{a: {{command: [w], {}}}}}}}"
LIGHT: dict[str, tuple[str | bytes, list[str]]] = {
    "5 recursive anchor": ("jobs: &a {web: *a}\n", ["1:7 REM1008"]),
    "5 recursive anchor in a list": ("title: &a [*a]\n", ["1:8 REM1008"]),
    "6 python tag": ("title: !!python/object/apply:os.system [touch x]\n", ["1:8 REM1006"]),
    "6 tags of one's own": ("title: !foo x\ninfo: !<tag:x> y\n", ["1:8 REM1006", "2:7 REM1006"]),
    "7 a key with quotes and one without": ('hosts:\n  w:\n    a:\n    "a":\n', ["4:5 REM1004"]),
    "9 an integer of 5,000 digits": (JOB.format("workers: " + "9" * 5000), ["1:39 REM1301"]),
    "9 infinity as a count": (JOB.format("workers: .inf"), ["1:39 REM1301"]),
    "9 no number as a duration": (JOB.format("timeout: .nan"), ["1:39 REM1301"]),
    "9 negative zero as a count": (JOB.format("workers: -0"), ["1:39 REM1301"]),
    "9 a number beyond all floats": ("series: {a: {of: jobs/w/a, field: x, limit: 1e999}}\n"
                                     + JOB.format("workers: 1"), ["1:45 REM1301"]),
    "9 a duration of 400 digits": (JOB.format("timeout: " + "9" * 400 + "y"), ["1:39 REM1301"]),
    "10 NUL": ("a: \0b", ["1:1 REM1001"]),
    "10 NUL in an escape": (JOB.format('title: "a\\0"'), ["1:37 REM1301"]),
    "10 UTF-16": ("jobs:".encode("utf-16"), ["1:1 REM1001"]),
    "10 UTF-16 without a mark": ("jobs:".encode("utf-16-le"), ["1:1 REM1001"]),
    "10 half of a surrogate pair": (b"title: x\ninfo: \xed\xa0\x80", ["2:1 REM1001"]),
    "10 half of a surrogate pair in an escape": ('title: "\\ud800"', ["1:11 REM1002"]),
    "10 a control character": ("title: x\ninfo: a\x1b[2J", ["2:8 REM1002"]),
    "10 bidirectional marks in a name": ('queues: {"a\\u202eb": }', ["1:10 REM1107"]),
    "10 an invisible mark in a name": ('queues: {"\\ufeffa": }', ["1:10 REM1107"]),
    "10 letters that look alike": ("queues: {р\u0430y: }", ["1:10 REM1107"]),
    "11 no as a host selector is a text": (JOB.format("hosts: no"), []),
    "11 a word is not true": ("sections: {t: {grouped indexes: [{index: null}], fields: {f: {type: boolean}}}}\n"
                              "t: {a: {f: no}}", ["2:12 REM1301"]),
    "11 an underscore in a number": (JOB.format("workers: 1_000"), ["1:39 REM1301"]),
    "11 a time is not a number": ("queues: {a: {bound: 22:22}}", ["1:21 REM1301"]),
    "12 a pattern in a type": ("types: {a: {base: text, pattern: (a+)+$}}", ["1:25 REM1401"]),
    "13 a package that requires itself": ("require: {a: '>=1'}", ["1:11 REM1104"]),
    "13 a range without a solution": ("require: {b: '>2,<1'}", ["1:14 REM1106"]),
    "13 types that build on each other": ("types: {a: {base: b}, b: {base: a}}", ["1:19 REM1404"]),
    "18 names that differ by case": ("queues: {Mails: , mails: }", ["1:19 REM1108"]),
    "18 names that differ by Unicode form": ("queues: {caf\u00e9: , cafe\u0301: }", ["1:18 REM1108"]),
    "20 names that leave their folder": ("queues: {../x: , .git: , -rf: , ..: , a/b: }",
                                         [f"1:{column} REM1107" for column in (10, 18, 26, 33, 39)]),
    "20 names with line ends and blanks": ('queues: {"a\\nb": , " a": , "": }',
                                           ["1:10 REM1107", "1:20 REM1107", "1:28 REM1107"]),
    "20 a name of 300 bytes": ("queues: {" + "x" * 300 + ": }", ["1:10 REM1107"]),
}  # fmt: skip


@pytest.mark.parametrize("name", LIGHT)
def test_a_hostile_text_gives_findings(name: str) -> None:
    text, expected = LIGHT[name]
    found = resolve({FILE: text, "packages/b.yaml": "version: 1.5\n"}).findings
    assert [" ".join(told(one).split()[:2]).removeprefix(f"{FILE}:") for one in found] == expected


@pytest.mark.parametrize("name", HEAVY)
def test_a_hostile_text_takes_little_time_and_memory(name: str) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU))

    child = [sys.executable, "-W", "error", "-m", "tests.language.attacks", name]
    done = subprocess.run(child, cwd=ROOT, capture_output=True, text=True, preexec_fn=limit)
    assert (done.returncode, done.stderr) == (0, "")
    assert HEAVY[name][1] in (done.stdout.splitlines() or [""])[0]


@pytest.mark.parametrize(
    "name",
    ["-rf", ".git", "a\nb", "x" * 250, "..", "a\u202eb", " a", "base", "BASE"],
    ids=lambda name: ascii(name)[:12],
)
def test_20_a_package_cannot_have_a_name_that_is_dangerous_elsewhere(name: str) -> None:
    found = resolve({f"packages/{name}.yaml": "jobs: {w: {a: {command: [w]}}}"})
    assert [(one.id, one.place.line) for one in found.findings] in ([("REM1107", 1)], [("REM1109", 1)])


def test_18_packages_that_differ_by_case_are_refused() -> None:
    found = resolve({"packages/Shop.yaml": "", "packages/shop/package.yaml": ""}).findings
    assert [told(one) for one in found] == [
        "packages/shop/package.yaml:1:1 REM1108 package 'shop' is too much like 'Shop' | names differ by more than case"
    ]


GOOD = (Path(__file__).parents[1] / "cli" / "forty-mistakes.yaml").read_text()


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.data())
def test_no_text_makes_it_raise_and_every_finding_has_its_place(data: st.DataObject) -> None:
    """A text with pieces cut out, doubled and put elsewhere; libyaml ends lines at more than a line feed."""
    text = GOOD
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(text)))
        piece = text[start : start + data.draw(st.integers(0, 40))]
        at = data.draw(st.integers(0, len(text)))
        put = data.draw(st.one_of(st.just(piece), st.text("[]{}:-?*&!<#|>'\"%@`, \n\t\\$~\u2028\x85é", max_size=6)))
        text = text[:at] + put + text[at + data.draw(st.integers(0, 10)) :]
    found = resolve({FILE: text}).findings
    lines = re.split("\r\n|[\n\r\x85\u2028\u2029]", text)
    assert [one for one in found if one.place.text and one.place.text != lines[one.place.line - 1]] == []
    assert [one for one in found if one.place.column > len(one.place.text) + 1] == []

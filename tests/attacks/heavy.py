"""Packages whose size is the attack, by what is special about them; numbers are those of the attack cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rem_cli.language.source import MAX_BYTES

FILE = "packages/a.yaml"
Files = Mapping[str, str | bytes]


def _chain(count: int, link: str) -> str:
    return "a0: &a0 {x: 1}\n" + "".join(f"a{n}: &a{n} {link.format(n - 1)}\n" for n in range(1, count))


def _nine(start: str, level: str) -> str:
    """Nine levels of nine aliases each: a few hundred bytes that stand for 387,420,489 values."""
    lines = [f"a0: &a0 {start}\n"]
    lines += [f"a{n}: &a{n} {level.format(','.join([f'*a{n - 1}'] * 9))}\n" for n in range(1, 10)]
    return "".join(lines)


def _section(fields: str, inner: str = "") -> str:
    shape = "grouped indexes: [{index: null, key field: n}]"
    return f"sections:\n  t:\n    {shape}\n    fields: {{n: {{type: label}}, {fields}}}\n{inner}"


def _amplified(value: str) -> str:
    inner = "    sections:\n      u:\n        grouped indexes: [{index: null, key field: m}]\n"
    inner += "        fields: {m: {type: label}, x: {type: text}}\n"
    items = "".join(f"      i{n}: {{x: {value}}}\n" for n in range(30_000))
    return _section("big: {type: text}", inner) + f"t:\n  a:\n    big: {'x' * 60_000}\n    u:\n{items}"


def _each(count: int, line: str) -> str:
    return "".join(line.format(n) for n in range(count))


# name -> what it holds, and what its first finding begins with
HEAVY: dict[str, tuple[Callable[[], Files | str | bytes], str]] = {
    "1 alias bomb": (lambda: _nine("[x,x,x,x,x,x,x,x,x]", "[{}]"), "1:1 REM1005"),
    "2 merge list bomb": (lambda: _nine("{x: 1}", "{{<<: [{}]}}"), "1:1 REM1005"),
    "3 merge chain 5,000 deep": (lambda: _chain(5_000, "{{<<: *a{}}}"), "2002:1 REM1005"),
    "3 merge chain within the budget": (lambda: _chain(400, "{{<<: *a{}}}"), "1:1 REM1102"),
    "4 a million brackets": (lambda: "a: " + "[" * 1_000_000, "1:1 REM1005"),
    "4 a million braces": (lambda: "a: " + "{a: " * 1_000_000, "1:1 REM1005"),
    "4 lists in lists": (lambda: "- " * 100_000, "1:1 REM1005"),
    "4 keys in keys": (lambda: "? " * 100_000, "1:1 REM1005"),
    "4 indented 3,000 times": (lambda: "".join(" " * n + "a:\n" for n in range(3_000)), "101:1 REM1005"),
    "7 30,000 keys twice": (lambda: "jobs:\n  web:\n" + _each(30_000, "    k{0}:\n    k{0}:\n"), "1:1 REM1005"),
    "8 a file of 60 MB": (lambda: "a: " + "x" * (60 << 20), "1:1 REM1001 the file has 62,914,563 bytes"),
    "8 one scalar of 4 MB": (lambda: "queues: {a: {lease: " + "5" * (4 << 20) + "}}", "1:21 REM1301"),
    "8 one key of 4 MB": (lambda: "? " + "x" * (4 << 20) + "\n: 1\n", "1:3 REM1102"),
    "8 a million documents": (lambda: "---\n" * 1_000_000, "2:1 REM1007"),
    "8 values up to the size of a file": (lambda: "a: [" + "1," * (MAX_BYTES // 2 - 4) + "]", "1:1 REM1005"),
    "8 values in many files": (
        lambda: {f"packages/p{n}.yaml": "info: [" + "1," * 100_000 + "1]" for n in range(25)}, "1:1 REM1005"),
    "8 fields times items": (
        lambda: _section(_each(20_000, "f{0}: {{default: x}}, ")) + "t:\n" + _each(50_000, "  i{0}:\n"),
        "255:3 REM1005"),
    "8 a long text put into many": (lambda: _amplified('"${big}"'), "REM1005"),
    "8 a long text put into many others": (lambda: _amplified('"a ${big}"'), "REM1005"),
    "8 10,000 mistakes of syntax": (lambda: _each(10_000, "k{0}:\n\ta: 1\n"), "2:1 REM1003"),
    "8 10,000 quotes that do not close": (lambda: _each(9_999, "k{0}: 'a\n"), "REM1002"),
    "8 60,000 unknown words in one line": (
        lambda: "jobs: {w: {a: {" + _each(60_000, "nmae{0}: 1, ") + "}}}", "1:16 REM1203"),
    "8 10,000 dangling references": (
        lambda: "jobs:\n w:\n" + _each(5_000, "  a-job-of-a-long-name-{0}: {{command: [w]}}\n") + "monitors:\n w:\n"
        + _each(3_000, "  m{0}: {{kind: job, job: jobs/w/a-jbo-of-a-long-name-{0}}}\n"), "5005:24 REM1330"),
    "8 a line of blanks": (lambda: "a: b" + " " * 2_000_000 + ": c", "1:4 REM1002"),
    "12 a host name that backtracks": (lambda: "hosts: {w: {a: {address: '" + "a." * 200_000 + "!'}}}", "1:26 REM1301"),
    "12 a retention of 100,000 archives": (
        lambda: "jobs: {w: {a: {command: [w], retention: '" + "1s:2s," * 100_000 + "'}}}", "1:41 REM1301"),
    "13 10,000 packages that require each other": (
        lambda: {f"packages/p{n}.yaml": f"require: {{p{(n + 1) % 10_000}: '>=2'}}\nversion: 1" for n in range(10_000)},
        "1:15 REM1106"),
    "13 20,000 types that build on each other": (
        lambda: "types:\n" + "".join(f"  t{n}: {{base: t{n + 1}}}\n" for n in range(20_000)), "20001:18 REM1404"),
    "13 a type of lists of lists": (lambda: _section("f: {type: " + "list of " * 20_000 + "text}"), "4:42 REM1404"),
}  # fmt: skip


def files(name: str) -> Files:
    given: Any = HEAVY[name][0]()
    return given if isinstance(given, dict) else {FILE: given}

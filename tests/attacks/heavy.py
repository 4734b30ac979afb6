"""Packages whose size is the attack, by what is special about them; numbers are those of the attack cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rem_cli.language.budget import MAX_BYTES

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


def _made(count: int) -> dict[str, str | bytes]:
    """Packages that are made from the next one each, and the last from the first."""
    text = "specification: true\nof: p{:05}\njobs: {{w: {{a: {{command: [w]}}}}}}"
    return {f"packages/p{n:05}.yaml": text.format((n + 1) % count) for n in range(count)}


def _falling(count: int) -> dict[str, str | bytes]:
    """Packages that fall back on the next one each, and the last on the first."""
    types = "types: {" + _each(20, "t{0}: {{base: text}}, ") + "}\n"
    return {f"packages/p{n:05}.yaml": f"fall back: [p{(n + 1) % count:05}]\n{types}" for n in range(count)}


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
    "13 10,000 instances of 10,000 items": (
        lambda: {"packages/a.yaml": "specification: true\nhosts:\n w:\n" + _each(10_000, "  h{0}: {{}}\n"),
                 **{f"packages/p{n}.yaml": "of: a" for n in range(10_000)}}, "1:1 REM1005"),
    "13 10,000 instances with each a mistake of its specification": (
        lambda: {"packages/a.yaml": "specification: true\nparams: {x: {type: text, required: true}}\n"
                 "hosts: {w: {h: {port: '${x}'}}}",
                 **{f"packages/p{n}.yaml": "of: a\nwith: {x: y}" for n in range(10_000)}},
        "3:23 REM1301 'y' is not a port, in instances 'p0', 'p1', 'p10' and 9997 more"),
    "13 10,000 packages made from each other in a circle": (
        lambda: _made(10_000), "2:5 REM1507"),
    "13 10,000 params that name each other": (
        lambda: "params:\n" + "".join(f" p{n}: {{type: text, default: '${{p{n + 1}}}'}}\n" for n in range(10_000)),
        "REM1515"),
    "13 params that double each other": (
        lambda: "params:\n p0: {type: text, default: xxxxxxxxxx}\n"
        + "".join(f" p{n}: {{type: text, default: '${{p{n - 1}}}${{p{n - 1}}}'}}\n" for n in range(1, 19)),
        "15:29 REM1301 with what it names this text has more than 65,536 characters"),
    "13 5,000 packages that fall back on each other in a circle": (
        lambda: _falling(5_000), "1:13 REM1552"),
    "16 a file that lies under itself a thousand times": (
        lambda: {"packages/a/package.yaml": "links: {hosts/w: {merge: [" + "templates/x.yaml, " * 1_000 + "]}}",
                 "packages/a/templates/x.yaml": _each(20_000, "h{0}: {{}}\n")}, "1:1 REM1005"),
    "16 a long text that is 10,000 keys": (
        lambda: {"packages/a/package.yaml": "links:\n" + _each(10_000, "  queues/q{0}/title: {{embed: templates/x}}\n"),
                 "packages/a/templates/x": "x" * (256 << 10)}, "1:1 REM1005"),
    "16 a text of 60 MB": (
        lambda: {"packages/a/package.yaml": "links: {queues/q/title: {embed: templates/x}}",
                 "packages/a/templates/x": b"x" * (60 << 20)},
        "1:1 REM1001 the file has 62,914,560 bytes, more than 5 MiB"),
    "13 a type of lists of lists": (lambda: _section("f: {type: " + "list of " * 20_000 + "text}"), "4:42 REM1404"),
}  # fmt: skip


def files(name: str) -> Files:
    given: Any = HEAVY[name][0]()
    return given if isinstance(given, dict) else {FILE: given}

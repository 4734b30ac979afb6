"""The collectors that REM ships with: their cases, what they say of themselves, and that packages can use them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rem_cli import shipped, wire
from rem_cli.language import Severity
from rem_cli.language.load import load
from rem_cli.wire import collectors
from rem_cli.wire.collectors import Shipped
from tests.house import Module, collectors_know_two_rooms

ALL = collectors.collectors()
PROGRAMS = [one for one in ALL if not one.built_in]
BUILT_IN = {"dns", "http", "local", "ping", "prometheus", "script", "snmp", "tcp", "tls"}


@pytest.fixture(scope="module")
def rem() -> Iterator[wire.Rem]:
    with wire.open() as one:
        yield one


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_every_case_gives_the_numbers_it_should(one: Shipped, rem: wire.Rem) -> None:
    cases = collectors.tested(rem, one)
    assert cases
    assert {case.name: case.wrong for case in cases if case.wrong} == {}


def test_a_case_that_is_wrong_is_seen(tmp_path: Path, rem: wire.Rem) -> None:
    one = next(one for one in ALL if one.name == "ping")
    cases = tmp_path / "ping/cases"
    cases.mkdir(parents=True)
    (tmp_path / "ping/ping.py").write_bytes(one.program.read_bytes())
    told = {"answers": [{"echoes": {"times": [0.001]}}], "reading": {"values": {"rtt ms": 2}}}
    (cases / "off.json").write_text(json.dumps(told))
    (cases / "torn.json").write_text("{")
    (cases / "more.json").write_text(json.dumps({**told, "answers": []}))
    wrong = {case.name: case.wrong for case in collectors.tested(rem, one._replace(folder=tmp_path / "ping"))}
    assert wrong["off"] == "values: rtt ms is 1, not 2"
    assert wrong["torn"].startswith("the case cannot be read: JSONDecodeError")
    assert wrong["more"] == "it asks more than the case answers"


def test_the_built_in_ones_are_the_kinds_of_checks_that_are_made() -> None:
    assert {one.name for one in ALL if one.built_in} == BUILT_IN


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_a_manifest_says_what_people_ask(one: Shipped) -> None:
    assert {"title", "info", "every", "timeout", "cost", "measures"} <= one.says.keys()
    assert one.program.is_file()


@pytest.mark.parametrize("one", PROGRAMS, ids=lambda one: one.name)
def test_a_copied_folder_is_a_collector_of_the_package(one: Shipped, rem: wire.Rem) -> None:
    package = b"package: shop\nversion: 0.1.0\nmonitors: {a: {b: {kind: collector, collector: collectors/NAME}}}\n"
    files = {"packages/shop/package.yaml": package.replace(b"NAME", one.name.encode())}
    for path in one.folder.rglob("*"):
        if path.is_file():
            files[f"packages/shop/collectors/{path.relative_to(one.folder.parent).as_posix()}"] = path.read_bytes()
    found = load(dict.fromkeys(files, "file"), lambda paths: {path: files[path] for path in paths}, rem.base)
    assert [finding.message for finding in found.findings if finding.severity is Severity.ERROR] == []
    assert f"shop/collectors/{one.name}" in found.items


def test_a_collector_knows_two_rooms_of_ours() -> None:
    modules = [Module(path.as_posix(), path.read_text()) for path in shipped.folder("collectors").glob("*/*.py")]
    assert [said for module in modules for said in collectors_know_two_rooms(module)] == []
    wrong = Module(
        "collectors/x/x.py", "from rem_cli.collect import Reading\nimport rem_cli.reach.tcp\nimport requests\n"
    )
    assert [said.partition(": ")[0] for said in collectors_know_two_rooms(wrong)] == [
        "collectors/x/x.py:2",
        "collectors/x/x.py:3",
    ]

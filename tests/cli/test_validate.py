"""`rem validate`, whole: each file in mistakes/ is a tree with one everyday mistake and the text a person reads."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from rem_cli.main import main
from tests.fakes.checkout import Checkout

MISTAKES = sorted((Path(__file__).parent / "mistakes").glob("*.yaml"))


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "shop")


def _timeless(text: str) -> str:
    """The text without how long it took."""
    return re.sub(r", [0-9.]+ s\b", ", TIME", text)


@pytest.mark.parametrize("file", MISTAKES, ids=lambda file: file.stem)
def test_an_everyday_mistake_is_told_so_that_a_newcomer_can_mend_it(
    file: Path, checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    case: dict[str, Any] = yaml.safe_load(file.read_text())
    checkout.write(case["files"])
    status = main(["-C", str(checkout.root), "validate"])
    told = capsys.readouterr()
    assert (status, _timeless(told.out + told.err)) == (4, case["prints"])


def test_a_package_with_forty_mistakes_is_told_all_of_them_in_one_run(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (Path(__file__).parent / "forty-mistakes.yaml").read_text()
    named = [(n, id) for n, line in enumerate(text.splitlines(), 1) for id in re.findall(r"REM[0-9]{4}", line)]
    checkout.write({"packages/shop.yaml": text})
    status = main(["-C", str(checkout.root), "validate", "--format", "json"])
    found = [(one["line"], one["id"]) for one in json.loads(capsys.readouterr().out)["findings"]]
    assert (status, len(found), found) == (4, 40, named)


def test_every_finding_says_what_to_write_or_do(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    checkout.write({"packages/shop.yaml": (Path(__file__).parent / "forty-mistakes.yaml").read_text()})
    main(["-C", str(checkout.root), "validate", "--format", "json"])
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert [one["message"] for one in findings if not one["hint"]] == []


def test_a_tree_without_problems_is_told_in_one_line(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    checkout.write({"packages/shop.yaml": "jobs: {web: {status: {command: [uptime]}}}"})
    status = main(["-C", str(checkout.root), "validate"])
    assert (status, _timeless(capsys.readouterr().out)) == (0, "1 item in 1 file in the work tree, TIME: no problem\n")


def test_a_package_called_base_is_refused(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    checkout.write({"packages/base/package.yaml": "package: base\njobs: {web: {a: {command: [w]}}}\n"})
    main(["-C", str(checkout.root), "validate"])
    assert capsys.readouterr().out.splitlines()[:3] == [
        "packages/base/package.yaml:1:1: error a package cannot be called 'base': "
        "that is the one with REM's own sections REM1109",
        "   1 │ package: base",
        "     │ ^ rename its file or folder",
    ]


@pytest.mark.parametrize("format", ["text", "json"])
def test_bytes_of_a_package_reach_no_terminal(
    format: str, checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    """43 of the attack cases: names and values with escape sequences, in every part of a message."""
    evil = "\\e]52;c;aGk=\\a\\r\\e[2J\\u202e"
    shop = f'"{evil}": 1\njobs: {{web: {{"{evil}": {{}}, a: {{"{evil}": 1, timeout: "{evil}"}}}}}}\n'
    checkout.write(
        {
            "packages/shop.yaml": shop,
            b"packages/\xff\x1b[2J.yaml".decode("utf-8", "surrogateescape"): "x: 1",
            "packages/raw.yaml": "title: \u202e\x9b2J\n",
        }
    )
    assert main(["-C", str(checkout.root), "validate", "--format", format]) == 4
    told = capsys.readouterr().out
    assert [c for c in told if not c.isprintable() and c != "\n" and format == "text"] == []
    assert not {"\x1b", "\x07", "\r", "\x9b"} & set(told)


def test_show_prints_values_as_they_are_written(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    checkout.write({"packages/shop.yaml": "jobs: {web: {status: {command: [uptime, -p], graph: [up]}}}"})
    main(["-C", str(checkout.root), "show", "shop/jobs/web/status"])
    lines = {
        line.split(":", 1)[0].strip(): line.split(":", 1)[1].strip()
        for line in capsys.readouterr().out.splitlines()[1:]
    }
    wanted = {"timeout": "5m", "retention": "60s:7d, 5m:90d, 1h:5y", "command": "[uptime, -p]", "grace": "5s"}
    assert {name: lines[name] for name in wanted} == wanted


def test_show_says_who_set_each_value(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    checkout.write({"packages/shop.yaml": "jobs:\n  web:\n    status: {command: [uptime], timeout: 1m}\n"})
    main(["-C", str(checkout.root), "show", "shop/jobs/web/status", "--origin"])
    told = re.sub(r":[0-9:]+ of rem's base", ":LINE of rem's base", capsys.readouterr().out)
    lines = [" ".join(line.split()) for line in told.splitlines()]
    assert {line for line in lines if line.split(":")[0] in ("group", "name", "timeout", "grace")} == {
        "group: web collected, packages/shop.yaml:2:3",
        "name: status key, packages/shop.yaml:3:5",
        "timeout: 60s own, packages/shop.yaml:3:42; not default, jobs.yaml:LINE of rem's base",
        "grace: 5s default, jobs.yaml:LINE of rem's base",
    }


def test_json_keeps_saved_values(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    checkout.write({"packages/shop.yaml": "jobs: {web: {status: {command: [uptime]}}}"})
    main(["-C", str(checkout.root), "show", "shop/jobs/web/status", "--format", "json", "--origin"])
    document = json.loads(capsys.readouterr().out)
    assert document["fields"]["timeout"] == 300
    assert re.fullmatch(r"jobs.yaml:[0-9]+:[0-9]+ of rem's base", document["origins"]["timeout"]["where"])


def test_schema_show_prints_defaults_and_limits_as_they_are_written(capsys: pytest.CaptureFixture[str]) -> None:
    main(["schema", "show", "jobs"])
    told = capsys.readouterr().out
    assert "duration from 100ms to 7d; default 5m" in told
    assert "retention; default 60s:7d, 5m:90d, 1h:5y" in told


def test_all_eight_everyday_mistakes_are_here() -> None:
    names = {file.stem for file in MISTAKES}
    eight = "wrong-type misspelt-key missing-field duplicate-key bad-cron dangling-reference indentation tab"
    assert set(eight.split()) <= names

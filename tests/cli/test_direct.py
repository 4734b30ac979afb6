"""What is read without Typer means the same to Typer, and all else is left to it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as rules
from hypothesis import strategies as some

from rem_cli import settings
from rem_cli.cli import app, direct, findings, turns
from rem_cli.errors import RemError
from tests.cli.conftest import Repository

UNDERSTOOD = [
    "validate",
    "validate --rev HEAD",
    "validate --rev=v1.0 --base main",
    "validate --base=a=b --fail-on never --format=sarif",
    "-C there validate --format json",
    "--repository=there --state kept -E test --color never validate --fail-on=warning",
    "collect",
    "collect --quiet",
    "-C there collect --quiet --spread 5s --format json",
    "--color purple validate",  # the settings refuse it, in the same words
]
LEFT = [
    "",
    "--help",
    "validate -h",
    "validate --help",
    "validate --rev",
    "validate --rev=",
    "validate --rev --base",
    "validate --rev a --rev b",
    "validate --format xml",
    "validate --format JSON",
    "validate more",
    "validate -- more",
    "validate --",
    "validate --form json",
    "--debug validate",
    "-C a --repository b validate",
    "-Cthere validate",
    "--colour never validate",
    "show a/b",
    "valdiate",
    "collect -q",
    "collect --quiet --quiet",
    "collect --quiet=yes",
    "collect --spread --quiet",
    "collect --explain web01",
    "collect --print-cron",
    "validate --color never",
]
WORDS = [
    *("validate", "show", "a", "json", "error", "--rev", "--base", "--fail-on", "--format", "--rev=a", "--format=text"),
    *("--fail-on=", "-C", "-C=a", "-Ca", "--repository", "--state=a=b", "-E", "--color", "always", "--debug", "--"),
    *("-", "--help", "-h", "", "--ver", "--color=auto", "never"),
]


@contextlib.contextmanager
def recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The calls of the command itself, with the settings that it would see."""
    calls: list[Any] = []

    def validate(rev: str | None = None, base: str | None = None, fail_on: str = "error", format: str = "text") -> int:
        given = {"rev": rev, "base": base, "fail_on": str(fail_on), "format": str(format)}
        calls.append((given, settings.current()))
        return 0

    def collect(spread: str | None = None, quiet: bool | str = False, format: str = "text") -> int:
        calls.append(({"spread": spread, "quiet": bool(quiet), "format": str(format)}, settings.current()))
        return 0

    with monkeypatch.context() as patch:
        patch.setattr(findings, "validate", validate)
        patch.setattr(turns, "collect", collect)
        yield calls


def meant(run: Any, argv: list[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """What a way of reading makes of a line: the call, or the error."""
    with recorded(monkeypatch) as calls:
        try:
            status = run(argv)
        except RemError as error:
            return error.message, error.hint
    return (status, *calls)


@pytest.mark.parametrize("line", UNDERSTOOD)
def test_a_plain_line_is_read_without_typer_and_means_the_same(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    argv = line.split()
    assert direct.read(argv) is not None
    assert meant(direct.run, argv, monkeypatch) == meant(app.call, argv, monkeypatch)


@pytest.mark.parametrize("line", LEFT)
def test_any_other_line_is_left_to_typer(line: str) -> None:
    assert direct.run(line.split(" ") if line else []) is None


@rules(max_examples=600, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(some.sampled_from(WORDS), max_size=4), some.lists(some.sampled_from(WORDS), max_size=5))
def test_no_line_is_read_in_two_ways(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], before: list[str], after: list[str]
) -> None:
    argv = [*before, "validate", *after]
    if direct.read(argv) is not None:
        assert meant(direct.run, argv, monkeypatch) == meant(app.call, argv, monkeypatch)


def test_the_choices_are_those_of_the_command() -> None:
    known = direct.COMMANDS["validate"].options
    assert known["--format"] == tuple(findings.Form)
    assert known["--fail-on"] == tuple(findings.FailOn)


@pytest.mark.parametrize(
    "words", [(), ("--format", "json"), ("--rev", "nowhere"), ("--base", "HEAD"), ("--fail-on", "never", "--rev=HEAD")]
)
@pytest.mark.parametrize("wrong", [False, True])
def test_the_answer_is_the_same_to_the_byte(words: tuple[str, ...], wrong: bool, active: Repository) -> None:
    if wrong:
        (active.root / "packages/more.yaml").write_text("package: more\njosb: {}\n")
    answers = []
    for way in ("", "direct.COMMANDS.clear(); "):
        program = (
            "import sys, time; time.perf_counter = lambda: 0.0; from rem_cli.cli import direct; "
            f"{way}from rem_cli.main import main; sys.exit(main(sys.argv[1:]))"
        )
        argv = [sys.executable, "-c", program, "validate", *words]
        answers.append(subprocess.run(argv, cwd=active.root, capture_output=True, env=dict(os.environ), check=False))
    first, second = answers
    assert (first.returncode, first.stdout, first.stderr) == (second.returncode, second.stdout, second.stderr)
    assert first.stdout or first.returncode


def test_an_unchanged_tree_is_answered_without_typer_and_without_yaml(active: Repository) -> None:
    program = (
        "import sys; from rem_cli.main import main; status = main(['validate']); "
        "sys.stderr.write(' '.join(sorted(sys.modules))); sys.exit(status)"
    )
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=active.root, capture_output=True, text=True, check=True
        )
    loaded = set(done.stderr.split())
    assert not loaded & {"typer", "rich", "yaml", "dataclasses", "json", "rem_cli.language", "rem_cli.cli.app"}
    assert Path(active.root / ".rem" / "cache" / "verdict-tree").exists()

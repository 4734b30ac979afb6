"""The product, its tests and its benchmarks keep the rules of the house; and every rule can fail.

`BROKEN` holds a text against each rule, so that a rule which stopped seeing is seen.
"""

from __future__ import annotations

import re
import statistics
from pathlib import Path

import pytest

from tests.house import (
    FILE_LINES,
    FUNCTION_LINES,
    MEDIAN_LINES,
    RULES,
    Module,
    Rule,
    cycles,
    faces_keep_apart,
    files_stay_small,
    functions_stay_small,
    heavy_imports_stay_home,
    loaded_at_start,
    names_say_what_a_thing_is,
    nothing_prints_below_the_faces,
    only_wire_names_engines,
    pure_rooms_touch_nothing,
    rooms_in_order,
    statuses_are_raised,
    terminal_libraries_stay_in_faces,
)

ROOT = Path(__file__).parent.parent
EVERYWHERE: list[Rule] = [names_say_what_a_thing_is, files_stay_small, functions_stay_small]


def read(folder: str) -> list[Module]:
    files = sorted((ROOT / folder).rglob("*.py"))
    return [Module(file.relative_to(ROOT).as_posix(), file.read_text()) for file in files]


PRODUCT = read("rem_cli")
BY_NAME = {module.name: module for module in PRODUCT if not module.path.endswith("__main__.py")}


def complaints(rule: Rule, modules: list[Module]) -> str:
    """What a rule has to say, one complaint a line of code."""
    said = {complaint.partition(": ")[0]: complaint for module in modules for complaint in rule(module)}
    return "\n".join(said.values())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_product_keeps(rule: Rule) -> None:
    assert complaints(rule, PRODUCT) == ""


@pytest.mark.parametrize("rule", EVERYWHERE, ids=lambda rule: rule.__name__)
def test_tests_and_benchmarks_keep(rule: Rule) -> None:
    assert complaints(rule, [*read("tests"), *read("benchmarks")]) == ""


def test_no_module_imports_itself_round_a_corner() -> None:
    assert list(cycles(BY_NAME)) == []


def test_starting_rem_loads_nothing_slow() -> None:
    assert list(loaded_at_start(BY_NAME, "main")) == []


def test_half_of_the_files_are_short() -> None:
    lines = {module.path: module.text.count("\n") for module in PRODUCT if not module.is_init}
    longest = sorted(lines, key=lambda path: -lines[path])[:5]
    assert statistics.median(lines.values()) < MEDIAN_LINES, f"cut one of {longest}"


BROKEN: list[tuple[Rule, str, str]] = [
    (rooms_in_order, "rem_cli/reach/ssh.py", "from rem_cli.jobs import job"),
    (rooms_in_order, "rem_cli/reach/ssh.py", "def late():\n    import rem_cli.wire"),
    (rooms_in_order, "rem_cli/state/__init__.py", "from rem_cli import cli"),
    (rooms_in_order, "rem_cli/cellar/wine.py", ""),
    (only_wire_names_engines, "rem_cli/jobs/run.py", "from rem_cli.reach.ssh import Ssh"),
    (only_wire_names_engines, "rem_cli/cli/jobs.py", "def run():\n    from rem_cli.state import sqlite"),
    (pure_rooms_touch_nothing, "rem_cli/language/types.py", "import yaml"),
    (pure_rooms_touch_nothing, "rem_cli/jobs/schedule.py", "from time import time"),
    (pure_rooms_touch_nothing, "rem_cli/plan/diff.py", "import os.path"),
    (terminal_libraries_stay_in_faces, "rem_cli/jobs/run.py", "from rich.text import Text"),
    (terminal_libraries_stay_in_faces, "rem_cli/cli/app.py", "import click"),
    (faces_keep_apart, "rem_cli/web/app.py", "def late():\n    from rem_cli.tui import watch"),
    (faces_keep_apart, "rem_cli/cli/serve.py", "from rem_cli.web import app"),
    (heavy_imports_stay_home, "rem_cli/cli/show.py", "import numpy as np"),
    (heavy_imports_stay_home, "rem_cli/reach/__init__.py", "try:\n    import paramiko\nexcept ImportError:\n    pass"),
    (nothing_prints_below_the_faces, "rem_cli/jobs/run.py", "print('x')"),
    (nothing_prints_below_the_faces, "rem_cli/jobs/run.py", "import sys\nsys.stderr.write('x')"),
    (statuses_are_raised, "rem_cli/cli/app.py", "raise SystemExit(3)"),
    (statuses_are_raised, "rem_cli/cli/app.py", "def run():\n    return typer.Exit(3)"),
    (names_say_what_a_thing_is, "rem_cli/jobs/utils.py", ""),
    (names_say_what_a_thing_is, "rem_cli/jobs/run.py", "class RunManager: ..."),
    (files_stay_small, "rem_cli/jobs/run.py", "\n" * (FILE_LINES + 1)),
    (functions_stay_small, "rem_cli/jobs/run.py", "def run():\n" + "    pass\n" * FUNCTION_LINES),
]


@pytest.mark.parametrize(("rule", "path", "text"), BROKEN, ids=lambda part: getattr(part, "__name__", None))
def test_a_rule_sees_what_breaks_it(rule: Rule, path: str, text: str) -> None:
    assert re.match(rf"{path}:\d+: ", complaints(rule, [Module(path, text)]))


def test_every_rule_has_a_text_that_breaks_it() -> None:
    assert {rule for rule, _, _ in BROKEN} == set(RULES)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("rem_cli/wire/__init__.py", "def ssh():\n    from rem_cli.reach.ssh import Ssh"),
        ("rem_cli/reach/jump.py", "from rem_cli.reach import ssh"),
        ("rem_cli/reach/ssh/__init__.py", "import paramiko"),
        ("rem_cli/language/source.py", "import yaml"),
        ("rem_cli/language/__init__.py", "from rem_cli.errors import Place"),
        ("rem_cli/cli/show.py", "from rem_cli import __version__\ndef table():\n    import rich.table"),
        ("rem_cli/jobs/run.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import numpy"),
    ],
)
def test_what_is_allowed_passes_every_rule(path: str, text: str) -> None:
    assert [complaints(rule, [Module(path, text)]) for rule in RULES] == [""] * len(RULES)


def test_a_cycle_is_named_along_its_way() -> None:
    texts = {"a.x": "def late():\n    from rem_cli.b import y", "b": "", "b.y": "import rem_cli.a.x"}
    modules = {name: Module(f"rem_cli/{name.replace('.', '/')}.py", text) for name, text in texts.items()}
    assert list(cycles(modules)) == ["a.x -> b.y -> a.x"]


def test_a_slow_start_is_named_along_its_way() -> None:
    texts = {"main": "from rem_cli.series import whisper", "series": "import numpy", "series.whisper": ""}
    modules = {name: Module(f"rem_cli/{name.replace('.', '/')}.py", text) for name, text in texts.items()}
    assert list(loaded_at_start(modules, "main")) == ["main -> series -> numpy (line 1)"]

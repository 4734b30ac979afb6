"""Attacks 67 to 70: whatever stands in the files of an import, only the package is written and nothing else happens."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.attacks.stage import Command, Stage
from tests.attacks.test_attacks import nothing_else_happened
from tests.importers.cases import CASES, ROOT

# Sources whose size is the attack, and what is said of them.
HEAVY = {
    "67 a hundred million hosts": ("ansible-inventory", "a\nweb[a:z][1:10000000]\n", 0),
    "67 ranges without an end": ("ansible-inventory", "a\n" + "x[1:9]" * 5_000 + "\n", 0),
    "67 groups in a circle": ("ansible-inventory", "a\n[a:children]\nb\n[b:children]\na\n", 0),
    "67 values of many brackets": ("ansible-inventory", f"a ansible_port={'(' * 40_000}\n", 0),
    "68 templates in a circle": ("nagios", "".join(
        f"define host {{\n name t{n}\n use t{(n + 1) % 900}\n host_name h{n}\n}}\n" for n in range(900)), 0),
    "68 a command that makes commands": ("nagios", "define command {\n command_name c\n command_line $ARG1$\n}\n"
        "define host {\n host_name a\n check_command c!$ARG1$$ARG1$!x\n}\n", 0),
    "69 variables times jobs": (
        "crontab", "".join(f"V{n}=x\n" for n in range(5_000)) + "* * * * * true\n" * 500, 0),
    "70 aliases of aliases": ("prometheus-rules", "a0: &a0 [x]\n" + "".join(
        f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)), 1),
    "a line of 5 MB": ("ssh-config", "Host " + "a" * (5 << 20), 1),
    "a file of 60 MB": ("crontab", "# a\n" * (15 << 20), 1),
}  # fmt: skip


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    made = Stage(tmp_path)
    made.checkout.commit({"packages/shop.yaml": "title: a shop\n"})
    return made


def test_no_case_does_anything_but_write_its_package(stage: Stage) -> None:
    """The cases of the importers hold scripts, commands and links that would leave a mark."""
    shutil.copytree(ROOT, stage.area / "outside/sources", symlinks=True)
    commands = []
    for number, case in enumerate(CASES):
        given = stage.area / "outside/sources" / case.name / "given"
        files = [str(given / name) for name in case.files]
        commands.append(Command(["import", case.format, *files, "--into", f"p{number}"], [f"shop/packages/p{number}"]))
    answers = stage.play(commands)
    nothing_else_happened(stage, answers)
    assert [one["status"] for one in answers] == [int(case.error is not None) for case in CASES]


@pytest.mark.parametrize("name", HEAVY)
def test_time_and_memory_are_bounded(name: str, stage: Stage) -> None:
    format, text, status = HEAVY[name]
    source = stage.area / "outside/source"
    source.write_text(text)
    (answer,) = stage.play([Command(["import", format, str(source), "--into", "p"], ["shop/packages/p"])])
    nothing_else_happened(stage, [answer])
    assert answer["status"] == status

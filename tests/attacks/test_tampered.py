"""Plans and records that somebody changed: each is refused, and what is active stays so.

A file in tampered/ is one attack. Generation 2 is active, a plan for the commit after it is made, and `first` is typed.
Then in `file`, words are `replace`d, or its `lines` are left in that order; `command` ends with `status` and says it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.attacks.stage import ROOT, Command, Stage

HERE = Path(__file__).parent
CASES = sorted((HERE / "tampered").glob("*.yaml"))
ELSEWHERE = yaml.safe_load((HERE / "elsewhere.yaml").read_text())


def package(timeout: str) -> dict[str, str]:
    return {"packages/shop.yaml": f"package: shop\njobs: {{w: {{a: {{command: [w], timeout: {timeout}}}}}}}\n"}


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_what_was_tampered_with_is_refused_and_changes_nothing(file: Path, tmp_path: Path) -> None:
    case: dict[str, Any] = yaml.safe_load(file.read_text())
    stage = Stage(tmp_path)
    for timeout in ("3s", "5s", "9s"):
        stage.checkout.commit({**package(timeout), ".gitignore": ".rem/\n"})
    applied = [Command(["apply", rev], ["shop/.rem"]) for rev in ("HEAD~2", "HEAD~1")]
    plan = Command(["diff", "HEAD", "--out", "change.plan"], ["shop/change.plan", "shop/.rem"])
    first = [Command(case["first"], ["shop/.rem"])] if "first" in case else []
    made = stage.play([*applied, plan, *first])
    assert {one["status"] for one in made} == {0}, made
    if "file" in case:
        tamper(stage.area / case["file"], case)
    (answer,) = stage.play([Command(case["command"], ["shop/.rem"])])
    assert answer["status"] == case["status"], answer
    assert case["says"] in answer["err"]
    assert (stage.checkout.root / ".rem/generations/production/active").read_text() == f"{case.get('active', 2)}\n"
    assert not stage.mark.exists()


def tamper(path: Path, case: dict[str, Any]) -> None:
    text = path.read_text()
    for old, new in case.get("replace", {}).items():
        assert old in text, text
        text = text.replace(old, new)
    lines = text.splitlines(keepends=True)
    path.write_text("".join(lines[number] for number in case.get("lines", range(len(lines)))))


@pytest.mark.parametrize(("number", "named"), [(number, one) for number, all in ELSEWHERE.items() for one in all])
def test_an_attack_that_is_held_off_elsewhere_has_its_test_there(number: int, named: str) -> None:
    path, _, name = named.partition("::")
    assert re.search(rf"^def {name}\(", (ROOT / path).read_text(), re.MULTILINE)
    assert f"_{number}_" in name

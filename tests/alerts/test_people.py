"""Each file in tests/cases/alerts/people/ is a package with people, and what is said of it at a time: findings, and
what a change of `before` means. Its name begins with its number in the semantics."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from rem_cli.alerts.oncall.findings import timely
from rem_cli.alerts.oncall.moved import moved
from rem_cli.language.findings import Findings
from rem_cli.plan.catalog import Catalog
from rem_cli.plan.diff import changes
from tests.language.tree import resolve, told

CASES = sorted((Path(__file__).parents[1] / "cases/alerts/people").glob("*.yaml"))


def catalog(text: str) -> Catalog:
    return Catalog(resolve({"packages/shop.yaml": text}).items, {}, None, "", b"")


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_what_is_said_of_people(file: Path) -> None:
    case: dict[str, Any] = yaml.safe_load(file.read_text())
    now = int(datetime.fromisoformat(case["now"]).timestamp())
    tree, findings = resolve({"packages/shop.yaml": case["package"]}), Findings()
    for one in (*tree.findings, *timely(tree.timed(), now)):
        findings.report(one)
    said = {"findings": [told(one) for one in findings.sorted()], "moved": []}
    if "before" in case:
        old, new = catalog(case["before"]), catalog(case["package"])
        said["moved"] = [f"{one.path}: {one.text}" for one in moved(old, new, changes(old, new), now)]

    assert {name: said[name] for name in said if name in case} == {n: case[n] for n in said if n in case}

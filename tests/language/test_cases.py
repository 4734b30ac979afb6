"""Each file in cases/ is a small tree: what it gives, and what the language makes of it.

`files` are texts by path, `others` what is no file. `findings` is complete; `items`, when there, too. `show` and
`origins` name the fields that the case is about; lines of REM's own base are left out. `environment` is whose they are.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from rem_cli.language import Origin
from tests.language.tree import resolve, told

CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))


def _told(origin: Origin) -> str:
    parts = "".join(f"; with {one.name or 'this'}: {_told(one)}" for one in origin.parts)
    beaten = "".join(f"; not {one.source}, {one.where}" for one in origin.beaten)
    unset = "".join(f"; unset in {one.unset}" for one in origin.beaten if one.unset)
    told = f"{origin.source}, {origin.where}{parts}{beaten}{unset}"
    return re.sub(r":[0-9:]+ of rem's base", " of rem's base", told)


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_a_tree_is_resolved(file: Path) -> None:
    case: dict[str, Any] = yaml.safe_load(file.read_text())
    found = resolve(case["files"], case.get("others"), environment=case.get("environment"))
    shown = {path: found.items[path].fields for path in case.get("show", {})}
    origins = {path: found.origins(path) for path in case.get("origins", {})}
    assert {
        "findings": [told(finding) for finding in found.findings],
        "items": list(found.items) if "items" in case else None,
        "show": {path: {name: shown[path].get(name) for name in case["show"][path]} for path in shown},
        "origins": {path: {n: _told(origins[path][n]) for n in case["origins"][path]} for path in origins},
    } == {
        "findings": case.get("findings", []),
        "items": case.get("items"),
        "show": case.get("show", {}),
        "origins": case.get("origins", {}),
    }


def test_every_case_is_about_something() -> None:
    about = {"findings", "items", "show", "origins"}
    assert [file.name for file in CASES if not about & set(yaml.safe_load(file.read_text()))] == []

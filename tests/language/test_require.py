"""Requirements on packages from elsewhere, each file in required/ a small tree with its rem.lock.

`locked` is what rem.lock says of a package (git and version); `held` names those whose files are among `files`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from rem_cli.language.lock import Locked, read_lock, render
from rem_cli.language.require import Elsewhere
from rem_cli.language.versions import parse_version
from tests.language.tree import resolve, told

CASES = sorted((Path(__file__).parent / "required").glob("*.yaml"))


def locked(name: str, git: str, version: str, by: tuple[str, ...] = ("shop",)) -> Locked:
    found = parse_version(version)
    assert found is not None
    return Locked(name, git, found, "a" * 40, "sha256:" + "b" * 64, by)


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_a_tree_is_held_against_its_lock(file: Path) -> None:
    case: dict[str, Any] = yaml.safe_load(file.read_text())
    text = render(locked(name, *about) for name, about in case.get("locked", {}).items())
    packages = read_lock(text.encode(), lambda finding: pytest.fail(told(finding)))
    held = frozenset(case.get("held", packages))
    found = resolve(case["files"], elsewhere=Elsewhere(packages, held, case.get("allow files", False)))
    assert [told(finding) for finding in found.findings] == case.get("findings", [])

"""What is shipped: a wheel with all that REM needs and nothing else, and a reason for each dependency."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import rem_cli
from tests.house import Module

ROOT = Path(__file__).parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
# Where each folder of the checkout goes in the wheel; `share` lands in the environment's own share/ folder.
SHARE = f"rem_cli-{rem_cli.__version__}.data/data/share/"
COMPLETIONS = {
    "rem.bash": "bash-completion/completions/rem",
    "_rem": "zsh/site-functions/_rem",
    "rem.fish": "fish/vendor_completions.d/rem.fish",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as opened:
        yield opened


def files(folder: str) -> list[str]:
    below = (path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return sorted(path.relative_to(ROOT / folder).as_posix() for path in below)


@pytest.mark.parametrize("folder", ["packages", "collectors", "docs/findings"])
def test_everything_that_rem_ships_with_is_in_the_wheel_as_it_stands(wheel: zipfile.ZipFile, folder: str) -> None:
    home = f"rem_cli/_shipped/{folder.removeprefix('docs/')}"
    shipped = {name: wheel.read(f"{home}/{name}") for name in files(folder)}
    assert shipped == {name: (ROOT / folder / name).read_bytes() for name in files(folder)}


def test_every_man_page_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    assert {f"{SHARE}man/man1/{name}" for name in files("man")} <= set(wheel.namelist())


def test_every_completion_is_where_its_shell_looks(wheel: zipfile.ZipFile) -> None:
    assert {SHARE + COMPLETIONS[name] for name in files("completions")} <= set(wheel.namelist())


def test_the_wheel_holds_the_licence_and_says_that_it_is_typed(wheel: zipfile.ZipFile) -> None:
    assert {"rem_cli/py.typed", f"rem_cli-{rem_cli.__version__}.dist-info/licenses/LICENSE"} <= set(wheel.namelist())


def test_the_wheel_holds_nothing_but_the_product(wheel: zipfile.ZipFile) -> None:
    tops = {name.partition("/")[0].removeprefix(f"rem_cli-{rem_cli.__version__}") for name in wheel.namelist()}
    strays = [name for name in wheel.namelist() if re.search(r"test_|conftest|\.pyc$|benchmark", name)]
    assert (tops, strays) == ({"rem_cli", ".data", ".dist-info"}, [])


def test_no_path_of_this_machine_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    here = [f"{path}/".encode() for path in (ROOT, Path.home(), Path(sys.prefix)) if path != Path("/")]
    assert [name for name in wheel.namelist() if any(path in wheel.read(name) for path in here)] == []


def test_the_version_stands_in_one_place(wheel: zipfile.ZipFile) -> None:
    metadata = wheel.read(f"rem_cli-{rem_cli.__version__}.dist-info/METADATA").decode()
    elsewhere = [
        path.relative_to(ROOT).as_posix()
        for path in [ROOT / "pyproject.toml", *(ROOT / "rem_cli").rglob("*.py")]
        if re.search(rf"['\"]{re.escape(rem_cli.__version__)}['\"]", path.read_text())
    ]
    assert f"\nVersion: {rem_cli.__version__}\n" in metadata
    protocol = "rem_cli/series/sinks/remote_write.py"  # which has a version of its own
    assert [path for path in elsewhere if path != protocol] == ["rem_cli/__init__.py"]


def test_every_dependency_says_why_it_is_there() -> None:
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    extras = PROJECT["project"]["optional-dependencies"].values()
    wanted = [*PROJECT["project"]["dependencies"], *(name for extra in extras for name in extra)]
    bare = []
    for name in wanted:
        number = next(number for number, line in enumerate(lines) if f'"{name}"' in line)
        if "#" not in lines[number] and not lines[number - 1].strip().startswith("#"):
            bare.append(name)
    assert bare == []


def test_whatever_the_product_imports_is_declared() -> None:
    declared = _names(PROJECT["project"]["dependencies"])
    extras = {room: _names(names) for room, names in PROJECT["project"]["optional-dependencies"].items()}
    providers = importlib.metadata.packages_distributions()
    undeclared = []
    for path in sorted((ROOT / "rem_cli").rglob("*.py")):
        module = Module(path.relative_to(ROOT).as_posix(), path.read_text())
        # An extra is for the room or the module of its name.
        usable = declared.union(*(extras.get(part, set()) for part in module.name.split(".")))
        for found in module.imports:
            ours = found.ours is not None or found.top in sys.stdlib_module_names
            if not ours and not usable & {_plain(name) for name in providers.get(found.top, [])}:
                undeclared.append(f"{path.relative_to(ROOT)}:{found.line}: {found.name}")
    assert undeclared == []


def _names(requirements: list[str]) -> set[str]:
    return {_plain(re.split(r"[^\w.-]", one)[0]) for one in requirements}


def _plain(name: str) -> str:
    """A distribution's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()

"""The cases of tests/cases/importers/FORMAT/WHAT-IS-SPECIAL/: `given/`, and what an import makes of it.

`case.yaml` lists the files that are typed (left out: all files of `given/`), or the error that is expected. After a
change that is meant, `python -m tests.importers.cases` writes the expected files anew; read the difference.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from rem_cli.errors import RemError
from rem_cli.importers.files import open_sources
from rem_cli.importers.result import Imported, make
from tests.language.tree import BASE

ROOT = Path(__file__).parents[1] / "cases/importers"
PACKAGE = "legacy"


@dataclass(frozen=True)
class Case:
    folder: Path

    @property
    def name(self) -> str:
        return self.folder.relative_to(ROOT).as_posix()

    @property
    def format(self) -> str:
        return self.folder.parent.name

    @property
    def files(self) -> list[str]:
        given = self.folder / "given"
        return list(self._said.get("files") or sorted(one.name for one in given.iterdir() if one.is_file()))

    @property
    def error(self) -> str | None:
        return self._said.get("error")

    @property
    def _said(self) -> dict[str, str]:
        said = self.folder / "case.yaml"
        return dict(yaml.safe_load(said.read_text())) if said.is_file() else {}

    @property
    def expected(self) -> dict[str, str]:
        names = ("package.yaml", "IMPORT.md")
        return {f"packages/{PACKAGE}/{name}": (self.folder / name).read_text() for name in names}

    def run(self) -> Imported:
        """Import what is given, typed in its folder."""
        with _in(self.folder / "given"):
            return make(self.format, open_sources(self.files), PACKAGE, BASE)


CASES = [Case(folder) for folder in sorted(ROOT.glob("*/*")) if folder.is_dir()]


@contextmanager
def _in(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def write_expected() -> None:
    for case in CASES:
        files = case._said.get("files")
        said = {"files": files} if files else {}
        try:
            made = case.run()
        except RemError as error:
            where = f"{error.where}: " if error.where else ""
            said["error"] = f"{where}{error.message}"
        else:
            for name, content in made.files.items():
                (case.folder / Path(name).name).write_text(content)
        if said:
            (case.folder / "case.yaml").write_text(yaml.safe_dump(said, sort_keys=False, width=110))


if __name__ == "__main__":
    write_expected()

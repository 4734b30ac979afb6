"""Where REM's own packages, collectors and pages lie: beside the code in a checkout, inside of it when installed."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

_HERE = Path(__file__).parent


class Page(NamedTuple):
    """What `rem explain` says of a finding."""

    id: str  # REM1203
    title: str  # what is wrong, generic
    text: str  # Markdown without the title: paragraphs, then examples


def folder(name: str) -> Path:
    """`packages`, `collectors` or `docs/findings`, as shipped."""
    installed = _HERE / "_shipped" / name.removeprefix("docs/")
    return installed if installed.is_dir() else _HERE.parent / name


def base_files() -> dict[str, bytes]:
    """The texts of the base package, by the path that a repository would give them."""
    root = folder("packages")
    return {
        f"packages/{path.relative_to(root).as_posix()}": path.read_bytes()
        for path in sorted(root.glob("base/**/*.yaml"))
    }


def finding_pages() -> dict[str, Page]:
    """The page of every finding, by its id and in the order of ids."""
    pages: dict[str, Page] = {}
    for path in sorted(folder("docs/findings").glob("REM*.md")):
        title, _, text = path.read_text(encoding="utf-8").partition("\n")
        pages[path.stem] = Page(path.stem, title.removeprefix("# "), text.strip())
    return pages

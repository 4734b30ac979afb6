"""Where REM's own packages and collectors lie: beside the code in a checkout, inside of it when installed."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent


def folder(name: str) -> Path:
    """`packages` or `collectors`, as shipped."""
    installed = _HERE / "_shipped" / name
    return installed if installed.is_dir() else _HERE.parent / name


def base_files() -> dict[str, bytes]:
    """The texts of the base package, by the path that a repository would give them."""
    root = folder("packages")
    return {
        f"packages/{path.relative_to(root).as_posix()}": path.read_bytes()
        for path in sorted(root.glob("base/**/*.yaml"))
    }

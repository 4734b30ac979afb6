"""Installs a distribution into a folder, as pip would: its module, and what its metadata says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def install(folder: Path, name: str, source: str, brings: Mapping[str, str], version: str = "1.2") -> None:
    """`brings` names what each type of the entry points `rem.types` is in the module, which is called like `name`."""
    module = name.replace("-", "_")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{module}.py").write_text(source)
    metadata = folder / f"{module}-{version}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    points = "".join(f"{type} = {module}:{value}\n" for type, value in brings.items())
    (metadata / "entry_points.txt").write_text(f"[rem.types]\n{points}")

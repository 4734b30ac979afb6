"""Collectors by kind, each from the one source file of its folder."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from rem_cli.collect import CollectError, Collector


class Collectors:
    """The collectors below a folder, loaded when they are first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._loaded: dict[str, Collector] = {}

    def of(self, kind: str) -> Collector:
        """What makes a check of a kind; CollectError."""
        if kind not in self._loaded:
            self._loaded[kind] = self._load(kind)
        return self._loaded[kind]

    def has(self, kind: str) -> bool:
        """Whether there is a source file for a kind."""
        return kind in self._loaded or (self.folder / kind / f"{kind}.py").is_file()

    def _load(self, kind: str) -> Collector:
        path = self.folder / kind / f"{kind}.py"
        spec = spec_from_file_location(f"rem_collectors.{kind}", path)
        if not path.is_file() or spec is None or spec.loader is None:
            raise CollectError(f"no collector makes checks of kind {kind}", hint="rem collector list")
        module = module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        collect: Collector = module.collect
        return collect

"""Files that items name, by their path from the repository's root."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field

from rem_cli.language import Value
from rem_cli.plan.catalog import Catalog
from rem_cli.plan.footprint.render import Renderer, TemplateError
from rem_cli.plan.generations import GenerationError, Generations


@dataclass(frozen=True)
class _Rendering(ABC):
    renderer: Renderer = field(default_factory=Renderer, kw_only=True)

    @abstractmethod
    def file(self, path: str) -> bytes:
        """A file that an item names."""

    def render(self, path: str, values: Mapping[str, Value]) -> bytes:
        """A template of the repository with its values; TemplateError."""
        try:
            text = self.file(path).decode()
        except UnicodeDecodeError:
            raise TemplateError("a template is text in UTF-8", where=path) from None
        return self.renderer.render(path, text, values).encode()

    def close(self) -> None:
        """End the child that renders, where one was begun."""
        self.renderer.close()


@dataclass(frozen=True)
class Compiled(_Rendering):
    """The files of a commit that was just compiled."""

    catalog: Catalog
    scripts: Mapping[str, bytes]  # by sha256

    def file(self, path: str) -> bytes:
        return self.scripts[self.catalog.scripts[path].sha256]


@dataclass(frozen=True)
class Stored(_Rendering):
    """The files of a generation, as they were stored."""

    catalog: Catalog
    generations: Generations

    def file(self, path: str) -> bytes:
        if path not in self.catalog.scripts:
            raise GenerationError(f"the catalog has no {path}", hint="rem apply")
        return self.generations.script(self.catalog.scripts[path].sha256)

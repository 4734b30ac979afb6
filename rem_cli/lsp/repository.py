"""The repository as its editor shows it: the work tree with the open texts over it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rem_cli import shipped, wire
from rem_cli.language import Finding, Item, Resolution
from rem_cli.language.export import schemas
from rem_cli.language.files import ROOT, is_text
from rem_cli.language.modeline import PACKAGE
from rem_cli.language.names import vocabulary
from rem_cli.language.schema import Section
from rem_cli.lsp.meaning import File, Meaning, meaning
from rem_cli.lsp.outline import Entry, outline
from rem_cli.lsp.outline import Path as Keys
from rem_cli.tree import Tree, TreeError

TORN = ("REM100", "REM1010")  # how the ids begin of what keeps a part of a text from being read


@dataclass(frozen=True)
class Seen:
    """What the engine made of the repository at one moment."""

    resolution: Resolution
    items: Mapping[str, Item]  # where a text cannot be read right now, as they were before
    sections: Mapping[str, Mapping[str, Section]]  # of the packages that are open, by name: the same
    schema: Mapping[str, Any] = field(repr=False)  # the words of a package and of definitions
    tree: Tree = field(repr=False)

    def meaning(self, file: File, path: Keys) -> Meaning | None:
        """What stands at a path of a file."""
        sections = self.sections.get(file.package) or self.resolution.sections(file.package)
        return meaning((*file.part, *path), file.package, sections, self.schema)


class Repository:
    """One repository. `open` holds the texts that its editor shows, by path from the root."""

    def __init__(self, rem: wire.Rem) -> None:
        self._rem = rem
        self._schema = schemas({}, rem.base.types.known)[PACKAGE]
        self.root = rem.root.resolve()
        self.open: dict[str, str] = {}
        self.seen: Seen | None = None

    def check(self, texts: Mapping[str, str]) -> Mapping[str, list[Finding]]:
        """What is wrong in the packages under these open texts, by file; known long before `look` is. RemError."""
        found: dict[str, list[Finding]] = {}
        for finding in self._rem.verdict(self._tree(texts)).findings:
            found.setdefault(finding.place.file, []).append(finding)
        return found

    def look(self, texts: Mapping[str, str]) -> Seen:
        """Resolve all packages under these open texts, and keep what is seen. RemError."""
        tree = self._tree(texts)
        now = self._rem.resolve(tree)
        seen = Seen(now, now.items, {}, self._schema, tree)
        before = self.seen or seen
        torn = {File.of(one.place.file).package for one in now.findings if one.id.startswith(TORN)}
        kept = {path: item for path, item in before.items.items() if item.package in torn}
        packages = {File.of(path).package for path in texts}
        sections = {name: {**before.sections.get(name, {}), **now.sections(name)} for name in packages}
        self.seen = replace(seen, items={**kept, **now.items}, sections=sections)
        return self.seen

    def _tree(self, texts: Mapping[str, str]) -> Tree:
        return self._rem.overlay({path: text.encode("utf-8", "replace") for path, text in texts.items()})

    def text(self, path: str) -> str:
        """A file as it is shown, or as it lies in the work tree; empty when it is gone."""
        if path in self.open:
            return self.open[path]
        try:
            return self._rem.tree().read(path).decode("utf-8", "replace")
        except TreeError:
            return ""

    def texts(self, package: str | None = None) -> list[str]:
        """The paths of all texts, or of one package's."""
        paths = {**self._rem.tree().entries(), **dict.fromkeys(self.open)}
        return [path for path in paths if is_text(path) and package in (None, File.of(path).package)]

    def file(self, path: str) -> Path:
        """Where a path lies on disk; REM's own definitions lie beside its code."""
        own = path.startswith(f"{ROOT}/base/")
        return shipped.folder(ROOT) / path.removeprefix(f"{ROOT}/") if own else self.root / path

    def source(self, path: str) -> str:
        """A text as it is shown; also one of REM's own definitions."""
        own = shipped.base_files().get(path)
        return own.decode() if own is not None else self.text(path)

    def path(self, file: Path) -> str | None:
        """The path from the root of a text of a package; None for any other file."""
        resolved = file.resolve()
        path = resolved.relative_to(self.root).as_posix() if resolved.is_relative_to(self.root) else ""
        return path if is_text(path) else None

    def find(self, item: str) -> tuple[str, Entry] | None:
        """The file that holds an item, a group or a section, and its key there."""
        package, *keys = item.split("/")
        wanted = [vocabulary(key) for key in keys]
        for path in self.texts(package):
            part = File.of(path).part
            for entry in outline(self.text(path)).entries:
                if entry.start < entry.end and [vocabulary(str(step)) for step in (*part, *entry.path)] == wanted:
                    return path, entry
        return None


def opened(folder: Path, stack: ExitStack) -> Repository:
    """The repository that a folder is in, until the stack is closed. TreeError."""
    return Repository(stack.enter_context(wire.open(folder)))
